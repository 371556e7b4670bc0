"""`weft validate FILE`: manifests from anywhere, in files, folders and stdin, and what is no manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import report

BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {port: 80}\n"
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {port: '80'}\n"


def findings(project: Project, *args: str, stdin: str = "", code: int = 3) -> list[dict[str, Any]]:
    """The findings on files; `code` is how the run must end."""
    [result] = report(project, *args, stdin=stdin, code=code)["environments"]
    assert result["environment"] == ""
    assert result["errors"] == []
    found: list[dict[str, Any]] = result["findings"]
    return found


def places(found: list[dict[str, Any]]) -> list[str]:
    return [f"{item['file']}:{item['line']}:{item['column']}" for item in found]


def test_folders_are_searched_and_objects_counted_without_a_definition(tmp_path: Path) -> None:
    files = {
        "m/a.yaml": BROKEN % "a",
        "m/deep/er/b.yml": BROKEN % "b" + "---\n# nothing\n---\n" + GOOD % "c" + "---\n",
        "m/c.json": json.dumps(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}, "data": {"p": 1}}
        ),
        "m/readme.md": "kind: none",
        "m/.hidden.yaml": "nothing: here",
        "m/.git/x.yaml": "nothing: here",
        "m/kustomization.yaml": "resources: [a.yaml]\n",
        "m/inventory.json": "[]",
        "other/z.yaml": BROKEN % "z",
    }
    project = Project(tmp_path).write(files)
    assert places(findings(project, "m")) == ["m/a.yaml:4:8", "m/c.json:1:79", "m/deep/er/b.yml:4:8"]
    assert places(findings(project, "other", "m/a.yaml")) == ["m/a.yaml:4:8", "other/z.yaml:4:8"]
    run = project.weft("validate", "m")
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith(
        "error: m/a.yaml:4:8: `data.port` is 80, expected text (ConfigMap a) [schema]\n"
    )
    assert run.err.endswith("4 objects, 3 errors\n")
    assert "environment" not in run.err


def test_lists_are_opened_and_their_items_have_their_own_places(tmp_path: Path) -> None:
    text = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {port: 80}}
- apiVersion: v1
  kind: ConfigMapList
  items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {port: 80}}
"""
    project = Project(tmp_path).write({"a.yaml": text})
    assert places(findings(project, "a.yaml")) == ["a.yaml:4:65", "a.yaml:8:67"]


def test_stdin_is_read_and_mixes_with_files(tmp_path: Path) -> None:
    project = Project(tmp_path).write({"a.yaml": GOOD % "a"})
    [found] = findings(project, "-", "a.yaml", stdin=BROKEN % "b")
    assert places([found]) == ["stdin:4:8"]
    [twice] = findings(project, "a.yaml", "-", stdin=GOOD % "a")
    assert twice["message"] == "ConfigMap a is there twice: at a.yaml:1:1 and at stdin:1:1"
    assert findings(project, "-", "a.yaml", stdin="", code=0) == []
    assert findings(project, "-", stdin='{"apiVersion": "v1", "kind": "Pod"}') != []


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    project = Project(tmp_path).write({"m/a.yaml": GOOD % "a"})
    assert findings(project, "m", "m/a.yaml", "./m/a.yaml", code=0) == []


def test_kubectls_own_output_is_looked_at(tmp_path: Path) -> None:
    live = {
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {"resourceVersion": ""},
        "items": [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a", "uid": "x", "creationTimestamp": "2025-01-01T00:00:00Z"},
            }
        ],
    }
    assert findings(Project(tmp_path), "-", stdin=json.dumps(live), code=0) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "a.yaml:1:1: this has no `apiVersion`, so it is no Kubernetes object"),
        ("apiVersion: v1\n", "a.yaml:1:1: this has no `kind`, so it is no Kubernetes object"),
        ("apiVersion: v1\nkind: 3\n", "a.yaml:1:1: `kind` is 3, expected a string"),
        ("- 1\n", "a.yaml:1:1: found a list, expected a Kubernetes object"),
        (
            "apiVersion: v1\nkind: List\nitems: [1]\n",
            "a.yaml:3:9: found a single value, expected a Kubernetes object",
        ),
        ("kind: [\n", "a.yaml:"),
        ("{{ .Values.a }}\n", "a.yaml:1:"),
        ("\x00", "a.yaml:1:"),
        ("[" * 5000, "a.yaml:"),
    ],
)
def test_what_is_no_object_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    project = Project(tmp_path).write({"a.yaml": text})
    run = project.weft("validate", "a.yaml")
    assert (run.code, run.out) == (3, ""), run.err
    assert run.err.startswith(f"error: {message}")
    assert "Traceback" not in run.err


def test_everything_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    files = {
        "m/a.yaml": "a: 1\n",
        "m/b.yaml": "b: [\n",
        "m/c.json": "{",
        "m/d.yaml": b"\xff\xfe\xff",
        "m/e.yaml": "",
    }
    project = Project(tmp_path).write(files)
    (tmp_path / "m/f.yaml").symlink_to("nowhere")
    run = project.weft("validate", "m")
    assert run.code == 4
    broken = [f"m/{name}" for name in ("a.yaml", "b.yaml", "c.json", "d.yaml", "f.yaml")]
    lines = [line for line in run.err.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in lines] == broken
    assert "error: m/f.yaml: cannot be read: No such file or directory" in run.err
    data = report(project, "m", code=4)
    [result] = data["environments"]
    assert [error["file"] for error in result["errors"]] == [
        "m/a.yaml",
        "m/b.yaml",
        "m/c.json",
        "m/d.yaml",
        "m/f.yaml",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("gone.yaml",), "there is no file `gone.yaml`"),
        (("manifests/gone",), "there is no file `manifests/gone`"),
        (("prd",), "no environment `prd`"),
        (("a.yaml", "prod"), "`a.yaml` is a file, and `prod` is an environment"),
        (("a.yaml", "gone"), "`a.yaml` is a file, and `gone` is neither a file nor an environment"),
        (("-", "prod"), "`-` is a file, and `prod` is an environment"),
        (("a.yaml", "--all"), "--all is about environments, and `a.yaml` is a file"),
        (("a.yaml", "-l", "a=b"), "--selector is about environments"),
        (("a.yaml", "--component", "app"), "--component is about environments"),
        (("a.yaml", "--write-baseline"), "--write-baseline is about environments"),
        (("a.yaml", "--layer", "x"), "--layer is about environments"),
        (("a.yaml", "--dialect", "weft"), "--dialect is about environments"),
        (("prod", "--kubernetes-version", "1.30"), "--kubernetes-version is for files"),
        (("a.yaml", "--kubernetes-version", "newest"), "`newest` is no Kubernetes version"),
        (("prod", "--component", "ap"), "there is no component `ap`"),
        (("a.yaml", "-o", "xml"), "xml"),
    ],
)
def test_what_does_not_go_together_is_a_mistake_in_the_command(
    tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    run = shop(tmp_path, {"a.yaml": GOOD % "a"}).weft("validate", *args)
    assert (run.code, run.out) == (2, ""), run.err
    assert message in run.err
    assert "Traceback" not in run.err


def test_an_environment_goes_before_a_folder_of_its_name_and_a_path_is_the_folder(tmp_path: Path) -> None:
    project = shop(tmp_path, {"prod/a.yaml": BROKEN % "a", "common/a.yaml": BROKEN % "b"})
    [result] = report(project, "prod", code=0)["environments"]
    assert result["environment"] == "prod"
    for path in ("./prod", "prod/", "common", str(tmp_path / "prod")):
        assert len(findings(project, path)) == 1


def test_the_version_decides_what_is_right(tmp_path: Path) -> None:
    text = "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}\n"
    project = Project(tmp_path).write({"a.yaml": text})
    for version, code, expected in (("1.24", 0, "deprecated-api"), ("v1.25.3", 3, "removed-api")):
        found = findings(project, "a.yaml", "--kubernetes-version", version, code=code)
        assert expected in [item["code"] for item in found]
    newest = [item["code"] for item in findings(project, "a.yaml")]
    assert newest == ["removed-api"]


def test_strict_makes_warnings_errors(tmp_path: Path) -> None:
    text = "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {b: hunter2}}\n"
    project = Project(tmp_path).write({"a.yaml": text})
    assert [item["severity"] for item in findings(project, "a.yaml", code=0)] == ["warning"]
    assert [item["severity"] for item in findings(project, "a.yaml", "--strict")] == ["error"]


def test_what_weft_generates_validates_as_files_too(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert project.generate("prod").code == 0
    assert findings(project, "generated", code=0) == []


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "---\n---\n", "apiVersion: v1\nkind: List\nitems: []\n"]
)
def test_nothing_to_look_at_is_refused(tmp_path: Path, text: str) -> None:
    run = Project(tmp_path).weft("validate", "-", stdin=text)
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("error: stdin: found no manifest")
    [result] = report(Project(tmp_path), "-", stdin=text, code=3)["environments"]
    assert [error["message"] for error in result["errors"]] == ["found no manifest"]


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    project = Project(tmp_path).write({"made/README.md": "none\n"})
    run = project.weft("validate", "made")
    assert run.code == 3
    assert run.err.startswith("error: made: found no manifest")
    project.write({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    assert project.weft("validate", "made", "a.yaml").code == 0
