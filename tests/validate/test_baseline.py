"""The baseline: old findings are recorded, new ones refused, mended ones told of and taken out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import told

FILE = "weft-baseline.json"
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {port: 80}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData: {password: hunter2}\n"
NOTED = "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n"


def fleet(root: Path) -> Project:
    """Two components with an old error and an old warning each, in two environments."""
    files: dict[str, str | None] = {
        "component.yaml": "subcomponents:\n"
        "  - {name: first, type: static, path: ./first}\n  - {name: second, type: static, path: ./second}\n",
        "environments/dev.yaml": "",
        "app/component.yaml": None,
    }
    for name in ("first", "second"):
        files[f"{name}/a.yaml"] = f"{BROKEN % name}---\n{SECRET % name}---\n{NOTED.replace('w}', name + '}')}"
    return shop(root, files)


def entries(project: Project, file: str = FILE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((project.root / file).read_text())["findings"]
    return found


def summary(project: Project, file: str = FILE) -> set[tuple[str, str, str]]:
    """Code, component and environments of what is recorded."""
    return {
        (entry["code"], entry["component"], " ".join(entry["environments"]))
        for entry in entries(project, file)
    }


ALL = {(code, name, "dev prod") for code in ("schema", "plain-secret") for name in ("first", "second")}


def written(project: Project, *args: str) -> str:
    """What weft says when it writes the baseline."""
    run = project.weft("validate", *args, "--write-baseline")
    assert run.code == 0, run.err
    assert run.out == ""
    return run.err


def test_old_findings_are_recorded_without_notes_and_then_pass(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    assert project.weft("validate").code == 3
    assert "weft-baseline.json: 8 findings, 8 new, 0 gone" in written(project)
    assert summary(project) == ALL
    assert entries(project)[0] == {
        "code": "plain-secret",
        "component": "first",
        "object": "Secret first",
        "field": "stringData",
        "environments": ["dev", "prod"],
    }
    assert "hunter2" not in (tmp_path / FILE).read_text()
    for arguments in (("validate",), ("validate", "--strict"), ("generate", "--all", "--strict")):
        run = project.weft(*arguments)
        assert run.code == 0, run.err
        assert "note: 8 findings accepted: 8 by the baseline, over 2 environments" in run.err
    assert {item.get("accepted") for item in told(project)} == {"in the baseline", None}


def test_new_findings_are_refused_and_moved_ones_are_not(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    project.write({"first/a.yaml": f"# moved down\n\n{(tmp_path / 'first/a.yaml').read_text()}"})
    assert project.weft("validate").code == 0
    project.write({"second/b.yaml": BROKEN % "new"})
    run = project.weft("validate")
    assert run.code == 3
    assert run.err.count("error: ") == 1
    assert "error: second/b.yaml:4:8: " in run.err
    assert project.generate("--all").code == 3
    assert project.tree() == {}


def test_a_finding_of_an_environment_is_none_of_another(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project, "dev")
    assert {environments for _, _, environments in summary(project)} == {"dev"}
    run = project.weft("validate")
    assert run.code == 3
    assert "dev: 6 objects, nothing is wrong" in run.err
    assert "prod: 6 objects, 2 errors and 2 warnings" in run.err


def test_mended_findings_are_told_of_and_taken_out_by_the_next_writing(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    project.write({"first/a.yaml": SECRET % "first"})
    run = project.weft("validate")
    assert run.code == 0
    assert "note: weft-baseline.json: 2 findings of it are gone; `weft validate --write-baseline`" in run.err
    assert "weft-baseline.json: 6 findings, 0 new, 2 gone" in written(project)
    assert summary(project) == ALL - {("schema", "first", "dev prod")}
    assert "gone" not in project.weft("validate").err
    # What came back is new.
    project.write({"first/a.yaml": BROKEN % "first"})
    assert project.weft("validate").code == 3


def test_partial_runs_leave_the_rest_recorded_and_tell_nothing_of_it(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    before = (tmp_path / FILE).read_bytes()
    for arguments in (("dev",), ("--component", "first"), ("dev", "--component", "second"), ()):
        written(project, *arguments)
        assert (tmp_path / FILE).read_bytes() == before
        assert "gone" not in project.weft("validate", *arguments).err
    project.write({"first/a.yaml": SECRET % "first"})
    assert "gone" not in project.weft("validate", "--component", "second").err
    written(project, "--component", "second")
    assert summary(project) == ALL
    written(project, "dev", "--component", "first/")
    assert summary(project) == ALL - {("schema", "first", "dev prod")} | {("schema", "first", "prod")}


def test_an_environment_that_is_gone_leaves_the_baseline_with_the_next_whole_writing(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    (tmp_path / "environments/dev.yaml").unlink()
    written(project, "prod")
    assert summary(project) == ALL
    written(project)
    assert {environments for _, _, environments in summary(project)} == {"prod"}


def test_what_is_ignored_is_not_recorded(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    rule = "validation: {ignore: [{code: plain-secret, reason: known}]}\n"
    project.write({"component.yaml": (tmp_path / "component.yaml").read_text() + rule})
    assert project.weft("validate", "--strict").code == 0
    written(project)
    assert {code for code, _, _ in summary(project)} == {"schema"}


def test_the_root_names_the_file(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    rule = "validation: {baseline: old.json}\n"
    project.write({"component.yaml": (tmp_path / "component.yaml").read_text() + rule})
    assert project.weft("validate").code == 3
    assert "old.json: 8 findings, 8 new, 0 gone" in written(project)
    assert summary(project, "old.json") == ALL
    assert not (tmp_path / FILE).exists()
    assert project.weft("validate").code == 0
    project.write({"component.yaml": (tmp_path / "component.yaml").read_text().replace("old.", "ci/old.")})
    run = project.weft("validate", "--write-baseline")
    assert (run.code, run.out) == (4, "")
    assert run.err.startswith("error: ci/old.json: cannot be written: No such file or directory")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]\n",
        "{}\n",
        "{\n",
        '{"findings": {}}\n',
        '{"findings": [1]}\n',
        '{"findings": [{"code": "schema"}]}\n',
        '{"findings": [{"code": "a", "component": "", "object": "", "field": "", "environments": "a"}]}\n',
        "\x00",
    ],
)
def test_a_damaged_baseline_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    project = fleet(tmp_path)
    project.write({FILE: text})
    run = project.weft(*(("generate", "--all") if text == "[]\n" else ("validate", "--write-baseline")))
    assert run.code == 3, run.err
    assert run.err.startswith(f"error: {FILE}:")
    assert "hint: remove it, and let weft write it anew" in run.err
    assert "Traceback" not in run.err
    assert (tmp_path / FILE).read_text() == text
    assert project.tree() == {}


def test_nothing_is_recorded_where_not_everything_could_be_looked_at(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    written(project)
    before = (tmp_path / FILE).read_bytes()
    project.write({"first/b.yaml": "kind: ["})
    run = project.weft("validate", "--write-baseline")
    assert run.code == 3
    assert "the baseline stays as it is" in run.err
    assert (tmp_path / FILE).read_bytes() == before
    run = project.weft("validate")
    assert run.code == 3
    assert "gone" not in run.err


def test_writing_it_gives_no_report(tmp_path: Path) -> None:
    run = fleet(tmp_path).weft("validate", "--write-baseline", "-o", "json")
    assert (run.code, run.out) == (2, "")
    assert "--write-baseline" in run.err
    assert not (tmp_path / FILE).exists()
