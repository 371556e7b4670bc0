"""Definitions of custom resources: where they are found, and what is said where they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import codes, told

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}
"""
WIDGET = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nsize: big\n"
TREE = {"app/component.yaml": "type: static\npath: ./manifests\n", "app/manifests/w.yaml": WIDGET}
BESIDE = {
    "the output": {"app/manifests/crd.yaml": DEFINITION},
    "a static component that is disabled": {
        "component.yaml": "subcomponents:\n  - {name: app, source: ./app}\n"
        "  - {name: crds, type: static, path: ./widgets, disabled: true}\n",
        "widgets/crd.yaml": DEFINITION,
    },
    "the folder crds of a Helm chart": {
        "component.yaml": "subcomponents:\n  - {name: app, source: ./app}\n"
        "  - {name: operator, type: helm, path: ./operator}\n",
        "operator/Chart.yaml": "apiVersion: v2\nname: operator\nversion: 0.1.0\n",
        "operator/crds/crd.yaml": DEFINITION,
        "operator/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    },
    "the folder that the root names": {
        "component.yaml": "subcomponents:\n  - {name: app, source: ./app}\n"
        "validation: {crds: ./clusters/crds}\n",
        "clusters/crds/deep/crd.yaml": f"{WIDGET}---\n{DEFINITION}",
    },
}


@pytest.mark.parametrize("files", BESIDE.values(), ids=BESIDE)
def test_definitions_are_found_in(tmp_path: Path, files: dict[str, str]) -> None:
    [finding] = told(shop(tmp_path, {**TREE, **files}), code=3)
    assert (finding["code"], finding["field"], finding["line"]) == ("schema", "size", 4)
    assert finding["file"] == "app/manifests/w.yaml"


def test_without_one_the_kind_is_counted(tmp_path: Path) -> None:
    [finding] = told(shop(tmp_path, TREE), code=0)
    assert (finding["code"], finding["severity"]) == ("unknown-kind", "note")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "component.yaml:3:14: there is no folder crds for `validation.crds`"),
        ({"crds/a.yaml": "a: [\n"}, "crds/a.yaml:2:1: "),
        ({"crds/a.yaml": "a: b\n", "crds/b.yaml": DEFINITION}, "crds/a.yaml:1: found no CustomResourceDef"),
        ({"crds/a.yaml": "", "app/manifests/w.yaml": None}, "crds/a.yaml:1: found no CustomResourceDef"),
        ({"crds/a.yaml": "kind: CustomResourceDefinition\nspec: [\n"}, "crds/a.yaml:"),
        ({"crds/a.json": '{"kind": "CustomResourceDefinition"'}, "crds/a.json:"),
    ],
)
def test_a_folder_that_the_root_names_must_be_readable(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    root = "subcomponents:\n  - {name: app, source: ./app}\nvalidation: {crds: crds}\n"
    run = shop(tmp_path, {**TREE, "component.yaml": root, **files}).weft("validate")
    assert run.code == 3
    assert f"error: {message}" in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize("schema", ["1", "[]", "{type: nonsense}", "{properties: [1]}"])
def test_a_definition_that_is_broken_is_a_finding_and_ends_nothing(schema: str) -> None:
    broken = DEFINITION.replace("{type: object, properties: {size: {type: integer}}}", schema)
    assert set(codes(broken, WIDGET)) & {"schema", "unknown-kind"}


def test_the_root_component_has_findings_too(tmp_path: Path) -> None:
    files = {
        "component.yaml": "type: static\npath: ./manifests\n"
        "validation: {ignore: [{field: size, reason: ours}]}\n",
        "manifests/crd.yaml": DEFINITION,
        "manifests/w.yaml": WIDGET.replace("big", "big\nwide: 1"),
        "environments/prod.yaml": "",
    }
    found = told(Project(tmp_path).write(files), code=3)
    assert [(item["field"], item["line"], item.get("accepted")) for item in found] == [
        ("size", 4, "ours"),
        ("wide", 5, None),
    ]
