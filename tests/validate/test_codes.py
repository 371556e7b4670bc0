"""Every code that validation has: the example on its page has the finding, and the mended one has none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.model.finding import Code
from generator.validate import CODES
from tests.project_tree import Project
from tests.validate.found import codes, report, told

# Told of an environment's version, by policies and mappings of the definition, and by rules, for which
# there is tests/schema.
_NO_FILE_HAS = ("schema-version", "policy", "unmapped-namespace", "schema-rule", "rules-not-evaluated")
_OF_FILES = [code for name, code in CODES.items() if name not in _NO_FILE_HAS]


@pytest.mark.parametrize("code", _OF_FILES, ids=lambda code: code.name)
def test_the_example_has_the_finding_alone_and_the_mended_one_nothing(tmp_path: Path, code: Code) -> None:
    project = Project(tmp_path).write({"example.yaml": code.example})
    [result] = report(project, "example.yaml", code=3 if code.severity == "error" else 0)["environments"]
    [finding] = result["findings"]
    assert (finding["code"], finding["severity"]) == (code.name, code.severity)
    assert finding["file"] == "example.yaml"
    assert None not in (finding["line"], finding["column"])
    # ExternalSecrets are no kind whose fields weft knows.
    assert codes(code.mended) == (["unknown-kind"] if code.name == "plain-secret" else [])


@pytest.mark.parametrize("name", ["policy", "unmapped-namespace"])
def test_the_examples_that_need_a_definition_are_told_apart_by_it(tmp_path: Path, name: str) -> None:
    code = CODES[name]
    tree = {
        "component.yaml": "type: static\npath: ./manifests\n",
        "environments/prod.yaml": "",
        **code.beside,
    }
    project = Project(tmp_path).write({**tree, "manifests/a.yaml": code.example})
    [finding] = told(project, code=3 if code.severity == "error" else 0)
    assert (finding["code"], finding["severity"]) == (name, code.severity)
    assert None not in (finding["line"], finding["column"])
    project.write({"manifests/a.yaml": code.mended})
    assert told(project, code=0) == []


def test_a_version_that_is_not_bundled_is_told_of_and_the_nearest_one_used(tmp_path: Path) -> None:
    text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, daata: {}}"
    project = Project(tmp_path).write({"a.yaml": text})
    [result] = report(project, "a.yaml", "--kubernetes-version", "1.20", code=3)["environments"]
    assert [(item["code"], item["severity"]) for item in result["findings"]] == [
        ("schema", "error"),
        ("schema-version", "note"),
    ]
    assert "1.20" in result["findings"][1]["message"]


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_a_code_has_every_part_of_its_page(code: Code) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", code.title)
    assert code.meaning.endswith(".")
    assert code.mend.endswith(".")
