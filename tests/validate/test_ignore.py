"""Findings that the definition accepts with a reason: where, which, and what may not be said so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project
from tests.shop import refused, shop
from tests.validate.found import told

MANIFESTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {port: 80}
---
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - {name: shop, image: shop:1.0, nope: 1}
  - {name: side, image: side:1.0, nope: 1}
"""
ROOT = """\
name: shop
subcomponents:
  - name: first
    type: static
    path: ./manifests
  - name: second
    source: ./second
"""
TREE = {
    "component.yaml": ROOT,
    "second/component.yaml": "subcomponents:\n  - {name: inner, type: static, path: ../manifests}\n",
    "manifests/a.yaml": MANIFESTS.replace("metadata: {", "metadata: {namespace: default, "),
}
# In a namespace of its own, so that the two do not make the same objects.
SPACES = {
    "config/common.yaml": "subcomponents: {second: {namespace: kube-system, overrideNamespace: true}}\n"
}
FIELDS = {"data.port", "spec.containers[0].nope", "spec.containers[1].nope"}
EVERY = {(name, field) for name in ("first", "second/inner") for field in FIELDS}


def ignoring(root: Path, rule: str, place: str = "component.yaml") -> Project:
    """The definition with one rule at the end of `place`."""
    files = {**TREE, **SPACES, "app/component.yaml": None}
    files[place] = f"{files[place]}validation:\n  ignore:\n    - {rule}\n"
    return shop(root, files)


def left(project: Project) -> set[tuple[str, str]]:
    """Component and field of the findings that are not accepted."""
    findings: list[dict[str, Any]] = told(project)
    assert len(findings) == len(EVERY)
    for finding in findings:
        assert finding.get("accepted") in (None, "known")
    return {(item["component"], item["field"]) for item in findings if "accepted" not in item}


def test_without_a_rule_everything_counts(tmp_path: Path) -> None:
    project = shop(tmp_path, {**TREE, **SPACES, "app/component.yaml": None})
    assert {(item["component"], item["field"]) for item in told(project, code=3)} == EVERY


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [
        ("code: schema", FIELDS),
        ("code: plain-secret", set()),
        ("code: sch*", FIELDS),
        ("object: ConfigMap/settings", {"data.port"}),
        ("object: Pod/kube-system/shop", None),
        ("object: Pod/*", FIELDS - {"data.port"}),
        ("object: Deployment/*", set()),
        ("field: 'spec.containers[1].nope'", {"spec.containers[1].nope"}),
        ("field: 'spec.containers[*].nope'", FIELDS - {"data.port"}),
        ("field: spec.*", FIELDS - {"data.port"}),
        ("path: manifests/a.yaml", FIELDS),
        ("path: first/*", None),
        ("code: schema, object: 'ConfigMap/*', field: spec.*", set()),
    ],
)
def test_every_key_that_is_given_must_fit(tmp_path: Path, rule: str, accepted: set[str] | None) -> None:
    project = ignoring(tmp_path, f"{{{rule}, reason: known}}")
    expected = {
        # None: what is written to one of the two folders, or lives in one of the two namespaces.
        "object: Pod/kube-system/shop": {("second/inner", field) for field in FIELDS if field != "data.port"},
        "path: first/*": {("first", field) for field in FIELDS},
    }.get(rule, {(component, field) for component, field in EVERY if field in (accepted or ())})
    assert left(project) == EVERY - expected


def test_a_component_accepts_for_itself_and_below(tmp_path: Path) -> None:
    project = ignoring(tmp_path, "{code: schema, reason: known}", "second/component.yaml")
    assert left(project) == {("first", field) for field in FIELDS}
    run = project.weft("validate")
    assert "note: 3 findings accepted: 3 by `ignore`" in run.err
    assert "second/inner" not in run.err


def test_a_reference_accepts_for_the_component_that_it_brings_in(tmp_path: Path) -> None:
    rule = "    validation: {ignore: [{code: schema, reason: known}]}\n"
    files = {**TREE, **SPACES, "app/component.yaml": None, "component.yaml": ROOT + rule}
    assert left(shop(tmp_path, files)) == {("first", field) for field in FIELDS}
    files["component.yaml"] = ROOT.replace("    path: ./manifests\n", f"    path: ./manifests\n{rule}")
    assert left(shop(tmp_path, files)) == {("second/inner", field) for field in FIELDS}


def test_accepted_errors_refuse_nothing_and_strict_counts_them_neither(tmp_path: Path) -> None:
    project = ignoring(tmp_path, "{code: schema, reason: known}")
    run = project.generate("prod", "--strict")
    assert run.code == 0, run.err
    assert "note: 6 findings accepted: 6 by `ignore`" in run.err
    assert project.tree()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{code: schema}", "component.yaml:10:7: "),
        ("{code: schema, reason: ''}", "component.yaml:10:"),
        ("{code: scheme, reason: a}", "component.yaml:10:7: there is no finding with the code `scheme`"),
        ("{code: 'rout-*', reason: a}", "component.yaml:10:7: no finding has a code like `rout-*`"),
        ("{reason: a}", "component.yaml:10:7: this ignores every finding"),
        ("{codes: schema, reason: a}", "component.yaml:10:8: "),
        ("{code: [schema], reason: a}", "component.yaml:10:8: "),
    ],
)
def test_a_rule_that_says_too_little_or_nothing_is_refused(tmp_path: Path, rule: str, message: str) -> None:
    files = {**TREE, "component.yaml": f"{ROOT}validation:\n  ignore:\n    - {rule}\n"}
    said = refused(tmp_path, {"app/component.yaml": None, **files}, message)
    if "reason" not in rule:
        assert "reason" in said
    if "scheme" in rule:
        assert "did you mean 'schema'?" in said


@pytest.mark.parametrize("key", ["crds: crds", "baseline: old.json"])
@pytest.mark.parametrize("place", ["file", "reference"])
def test_keys_of_the_root_are_refused_below_it(tmp_path: Path, key: str, place: str) -> None:
    files: dict[str, str | None] = {**TREE, "app/component.yaml": None}
    name = key.partition(":")[0]
    if place == "file":
        files["second/component.yaml"] = f"{TREE['second/component.yaml']}validation: {{{key}}}\n"
        where = "second/component.yaml:3:14"
    else:
        files["component.yaml"] = f"{ROOT}    validation: {{{key}}}\n"
        where = "component.yaml:8:18"
    refused(tmp_path, files, f"{where}: `{name}` belongs into the root component file only")


def test_a_rule_that_fits_nothing_is_told_of_where_all_is_looked_at(tmp_path: Path) -> None:
    project = ignoring(
        tmp_path, "{code: schema, reason: known}\n    - {code: policy, reason: gone}", "component.yaml"
    )
    said = [line for line in project.weft("validate").err.splitlines() if "fits no finding" in line]
    assert len(said) == 1
    assert re.fullmatch(
        r"note: component.yaml:\d+:\d+: this `ignore` fits no finding of any environment", said[0]
    )
    assert "fits no finding" not in project.weft("validate", "prod").err
    assert "fits no finding" not in project.weft("validate", "--component", "first").err
