"""The project as a whole: what it declares, what it installs, and what its two commands rest on."""

from __future__ import annotations

import ast
import configparser
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "generator"


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirements(section: str, key: str) -> list[Requirement]:
    return [Requirement(line) for line in setup_cfg()[section][key].splitlines() if line.strip()]


DEPENDENCIES = requirements("options", "install_requires")


def modules_of(requirement: Requirement) -> set[str]:
    """The top-level names that the distribution installs."""
    files = metadata.files(requirement.name) or []
    names = {file.parts[0].split(".")[0] for file in files if file.suffix in {".py", ".so"}}
    return {name for name in names if name.isidentifier()}


def imports(node: ast.AST) -> Iterator[str]:
    """What running `node` may import; what only a type checker reads is not run."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from imports(child)


@pytest.mark.parametrize("dependency", DEPENDENCIES, ids=lambda dependency: dependency.name)
def test_a_dependency_is_installed_within_its_bounds_and_imports(dependency: Requirement) -> None:
    operators = {part.operator for part in dependency.specifier}
    assert operators == {">=", "<"}, "a lower and an upper bound"
    assert dependency.specifier.contains(metadata.version(dependency.name))
    modules = modules_of(dependency)
    assert modules
    for module in modules:
        importlib.import_module(module)


def test_the_package_imports_only_what_it_declares() -> None:
    declared = {module for dependency in DEPENDENCIES for module in modules_of(dependency)}
    # What an extra brings may not be there: it has no build for every Python that weft runs on.
    extra = {
        item.name.replace("-", "_")
        for name in ("policies", "dask")
        for item in requirements("options.extras_require", name)
    }
    known = declared | extra | set(sys.stdlib_module_names) | {"generator"}
    undeclared = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in PACKAGE.rglob("*.py")
        for name in imports(ast.parse(file.read_text(encoding="utf-8")))
        if name.split(".")[0] not in known
    }
    assert undeclared == set()


@pytest.mark.parametrize("extra", ["helm", "test", "bench", "npm"])
def test_an_extra_is_pinned_to_one_version(extra: str) -> None:
    for requirement in requirements("options.extras_require", extra):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement


def test_pyproject_holds_only_what_setup_cfg_cannot() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tables = re.findall(r"^\[+([^\]]+)\]+", text, flags=re.MULTILINE)
    assert [name for name in tables if not re.fullmatch(r"build-system|tool\.ruff(\..+)?", name)] == []


def test_the_lock_names_digests_and_no_registry() -> None:
    lock = json.loads((ROOT / "tools" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_ci_runs_what_a_contributor_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")


def test_the_console_scripts_are_installed() -> None:
    for name in ("weft", "generate"):
        (script,) = metadata.entry_points(group="console_scripts", name=name)
        assert callable(script.load())
        assert shutil.which(name) is not None


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    # A copy: building leaves folders behind in the tree it builds.
    source = tmp_path / "source"
    shutil.copytree(PACKAGE, source / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet"]
    command += ["--no-index", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(tmp_path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("weft-*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("generator/")}
    files = {str(file.relative_to(source)) for file in (source / "generator").rglob("*") if file.is_file()}
    assert packed == files
