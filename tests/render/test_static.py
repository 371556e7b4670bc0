"""Static components: which files of a folder are read, how Lists are opened, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.shop import documents, generated, refused, shop

STATIC = {"app/component.yaml": "type: static\npath: ./m\n", "app/m/ok.yaml": ""}
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def names(tmp_path: Path, files: dict[str, str]) -> list[str]:
    project = shop(tmp_path, {**STATIC, **files})
    generated(project)
    return [item["metadata"]["name"] for item in documents(project, "prod/app/app.yaml")]


def test_yaml_and_json_of_the_folder_and_its_sub_folders_are_read(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        {
            "app/m/a.yaml": MAP % "a",
            "app/m/b.yml": MAP % "b",
            "app/m/sub/deep/c.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
            "app/m/notes.txt": "not a manifest: [",
            "app/m/.hidden.yaml": "not: [",
            "app/m/.git/x.yaml": "not: [",
        },
    )
    assert found == ["a", "b", "c"]


def test_a_single_file_will_do(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        {"app/component.yaml": "type: static\nsource: ./m/one.yaml\n", "app/m/one.yaml": MAP % "one"},
    )
    assert found == ["one"]


def test_several_documents_empty_ones_and_lists_are_read(tmp_path: Path) -> None:
    inner = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}"
    found = names(
        tmp_path,
        {
            "app/m/a.yaml": f"---\n{MAP % 'a'}---\n---\n# nothing\n---\n{MAP % 'b'}",
            "app/m/list.yaml": "apiVersion: v1\nkind: List\nitems:\n"
            f"  - {inner % 'c'}\n  - {{apiVersion: v1, kind: List, items: [{inner % 'd'}]}}\n",
            "app/m/typed.yaml": f"apiVersion: v1\nkind: ConfigMapList\nitems: [{inner % 'e'}]\n",
            "app/m/none.yaml": "apiVersion: v1\nkind: List\nitems: []\n",
        },
    )
    assert found == ["a", "b", "c", "d", "e"]


def test_what_is_written_is_what_was_read(tmp_path: Path) -> None:
    # A custom resource nobody knows: ConfigMaps take no key such as the last one.
    text = (
        "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\n"
        + "data:\n  yes: 'on'\n  n: '1e3'\n  d: '2020-01-01'\n  long: |\n    a\n\n    b\n  é: '\U0001f600'\n"
    )
    project = shop(tmp_path, {**STATIC, "app/m/a.yaml": text})
    generated(project)
    found = documents(project, "prod/app/app.yaml")
    assert found[0]["data"]["long"] == "a\n\nb\n"
    assert found == [{**yaml.safe_load(text), "data": {**found[0]["data"]}}]
    assert found[0]["data"]["n"] == "1e3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n---\n" + MAP % "a", "app/m/bad.yaml:1:1: this document has no `kind`"),
        (
            MAP % "a" + "---\nkind: Pod\nmetadata: {name: x}\n",
            "app/m/bad.yaml:5:1: this document has no `apiVersion`",
        ),
        ("apiVersion: v1\nkind: Pod\n", "app/m/bad.yaml:1:1: Pod has no `metadata.name`"),
        ("- a\n", "app/m/bad.yaml:1:1: found a list, expected a Kubernetes object"),
        ("text\n", "app/m/bad.yaml:1:1: found a str"),
        ("apiVersion: v1\nkind: List\nitems:\n  - a: 1\n", "app/m/bad.yaml:4:5: this document has no `kind`"),
        ("apiVersion: v1\nkind: List\nitems:\n  - null\n", "app/m/bad.yaml:4:5: this document has no `kind`"),
        ("a: [\n", "app/m/bad.yaml:"),
        ("a: 1\na: 2\n", "app/m/bad.yaml:2:1"),
    ],
)
def test_a_manifest_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    error = refused(tmp_path, {**STATIC, "app/m/bad.yaml": text}, message)
    assert "component app, environment prod" in error


def test_json_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    refused(tmp_path, {**STATIC, "app/m/bad.json": '{\n  "a": 1,\n}'}, "app/m/bad.json:3:1")


def test_a_folder_that_is_missing_fails_the_environments_that_reach_it_alone(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./gone\n",
            "environments/east.yaml": "subcomponents: {app: {disabled: true}}\n",
        },
    )
    run = project.generate("--all")
    assert run.code == 3
    assert "component.yaml:3:5: there is no folder app/gone" in run.err
    assert "component app, environment prod" in run.err
    assert {path.partition("/")[0] for path in project.tree()} == {"east"}


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, {**STATIC, "app/m/ok.yaml": None, "app/m/readme.txt": "x"}, "app/m holds no manifest")


def test_values_are_not_filled_into_static_manifests(tmp_path: Path) -> None:
    project = shop(
        tmp_path, {**STATIC, "app/m/a.yaml": MAP % "a" + "data: {x: '${environment.name} {{ y }}'}\n"}
    )
    generated(project)
    assert documents(project, "prod/app/app.yaml")[0]["data"] == {"x": "${environment.name} {{ y }}"}


def test_a_manifest_as_deep_as_a_file_may_be_is_no_crash(tmp_path: Path) -> None:
    deep = "{a: " * 900 + "1" + "}" * 900
    project = shop(tmp_path, {**STATIC, "app/m/a.yaml": f"{MAP % 'a'}data: {deep}\n"})
    for args in (["prod"], ["prod", "--no-validate"]):
        run = project.generate(*args)
        assert run.code in (0, 3)
        assert "weft itself failed" not in run.err
