"""Every command that makes manifests validates them, and nothing that is refused is written or published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.publish.manifests import GIT, bare, git
from tests.shop import OLD, shop

BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: 80}\n"
WARNED = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n"


def project_of(root: Path, text: str, **more: str) -> Project:
    """A definition whose one static component is `text`."""
    files = {"app/component.yaml": "type: static\npath: ./manifests\n", "app/manifests/a.yaml": text}
    return shop(root, {**files, **more})


def test_generate_refuses_and_writes_nothing_and_no_validate_writes_all_the_same(tmp_path: Path) -> None:
    project = project_of(tmp_path, BROKEN, **OLD)
    before = project.tree()
    for arguments in ((), ("--check",), ("--stdout",)):
        run = project.generate("prod", *arguments)
        assert (run.code, run.out) == (3, "")
        assert "error: app/manifests/a.yaml:4:8: `data.port` is 80, expected text" in run.err
        assert "prod: refused, left as it was" in run.err
        assert project.tree() == before
    run = project.generate("prod", "--no-validate")
    assert run.code == 0, run.err
    assert "error" not in run.err
    assert b"port: 80" in project.tree()["prod/app/app.yaml"]


def test_one_environment_that_is_refused_leaves_the_others_alone(tmp_path: Path) -> None:
    files = {
        "chart/templates/seen.yaml.j2": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
        "data: {port: {{ values.port }}}\n",
        "app/config/common.yaml": "config: {port: '\"80\"'}\n",
        "app/config/prod.yaml": "config: {port: 80}\n",
        "environments/dev.yaml": "",
    }
    project = shop(tmp_path, files)
    run = project.generate("--all")
    assert run.code == 3
    assert "  environments: prod\n" in run.err
    assert {path.split("/")[0] for path in project.tree()} == {"dev"}


def test_warnings_do_not_refuse_unless_strict(tmp_path: Path) -> None:
    project = project_of(tmp_path, WARNED)
    run = project.generate("prod", "--strict")
    assert run.code == 3
    assert "error: app/manifests/a.yaml:4:1: Secret a holds its content in plain sight" in run.err
    assert project.tree() == {}
    run = project.generate("prod")
    assert run.code == 0
    assert "warning: app/manifests/a.yaml:4:1: Secret a holds its content in plain sight" in run.err
    assert "prod/app/app.yaml" in project.tree()
    assert project.weft("validate").code == 0
    assert project.weft("validate", "--strict").code == 3
    assert "hunter2" not in run.err


def test_of_many_warnings_generate_tells_twenty_and_validate_all(tmp_path: Path) -> None:
    text = "---\n".join(WARNED.replace("name: a", f"name: a{number}") for number in range(25))
    project = project_of(tmp_path, text)
    run = project.generate("prod")
    assert run.code == 0
    assert run.err.count("warning: ") == 20
    assert "note: 5 more warnings; `weft validate` shows all of them" in run.err
    assert project.weft("validate").err.count("warning: ") == 25
    strict = project.generate("prod", "--strict")
    assert strict.err.count("error: ") == 25


def test_notes_are_counted(tmp_path: Path) -> None:
    text = "---\n".join(
        f"apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: a{i}}}\n" for i in "xyz"
    )
    run = project_of(tmp_path, text).weft("validate")
    assert run.code == 0
    notes = [line for line in run.err.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "Widget" in notes[0]
    assert notes[0].endswith("(3 objects)")
    assert "prod: 3 objects, nothing is wrong" in run.err


def test_a_part_is_validated_with_what_an_earlier_run_left_beside_it(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
    files = {
        "component.yaml": "subcomponents:\n"
        "  - {name: app, type: static, path: ./app}\n  - {name: shared, type: static, path: ./shared}\n",
        "app/component.yaml": None,
        "app/a.yaml": f"{pod}  - {{name: a, image: a, envFrom: [{{configMapRef: {{name: c}}}}]}}\n",
        "shared/a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\n---\n{WARNED}",
    }
    project = shop(tmp_path, files)
    assert "missing-object" in project.generate("prod", "--component", "app").err
    assert project.generate("prod").code == 0
    run = project.generate("prod", "--component", "app", "--strict")
    assert run.code == 0, run.err
    # What was beside it before has findings of its own, which its own run tells.
    assert "warning" not in run.err
    project.write({"app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n"})
    before = project.tree()
    run = project.generate("prod", "--component", "app")
    assert run.code == 3
    assert "app/b.yaml:1:1: ConfigMap c is there twice" in run.err
    assert project.tree() == before


@pytest.mark.parametrize("text", [BROKEN, WARNED], ids=["error", "strict"])
def test_plan_and_publish_refuse_what_generate_refuses(tmp_path: Path, text: str) -> None:
    manifests = bare(tmp_path / "manifests.git")
    publish = f"publish: {{repository: '{manifests}', branch: '{{environment}}'}}\n"
    project = project_of(tmp_path / "work", text, **{"environments/prod.yaml": publish})
    git(project.root, "init", "--quiet")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "-m", "first")
    strict = () if text == BROKEN else ("--strict",)
    run = project.weft("plan", "prod", *strict, env=GIT)
    assert run.code == 3, run.err
    assert "error: app/manifests/a.yaml:4:" in run.err
    run = project.weft("publish", "prod", *strict, env=GIT)
    assert run.code == 3, run.err
    assert "error: app/manifests/a.yaml:4:" in run.err
    assert git(manifests, "branch", "--list") == ""
    if text == BROKEN:
        run = project.weft("plan", "prod", "--no-validate", env=GIT)
        assert run.code in (0, 1), run.err
        assert "app/manifests/a.yaml" not in run.err
        assert project.weft("publish", "prod", "--no-validate").code == 2
    else:
        assert project.weft("publish", "prod", env=GIT).code == 0
        assert git(manifests, "branch", "--list") == "prod"


DIALECT = {
    "component.yaml": "dialect: fabrikate\nsubcomponents:\n  - {name: app, type: static, path: ./app}\n",
    "app/a.yaml": BROKEN + "---\n" + WARNED,
}


def test_a_fabrikate_definition_goes_on_generating_with_warnings(tmp_path: Path) -> None:
    project = Project(tmp_path).write(DIALECT)
    run = project.generate("--layer", "prod")
    assert run.code == 0, run.err
    assert "warning: app/a.yaml:4:8: `data.port` is 80, expected text" in run.err
    assert project.tree()
    run = project.weft("validate", "--layer", "prod", "-o", "json")
    assert run.code == 0, run.err
    [result] = json.loads(run.out)["environments"]
    assert {finding["severity"] for finding in result["findings"]} == {"warning"}
    assert project.weft("validate", "--layer", "prod", "--strict").code == 3
    before = project.tree()
    assert project.generate("--layer", "prod", "--strict").code == 3
    assert project.tree() == before


def test_of_two_objects_that_are_one_a_fabrikate_definition_may_not_lose_one_either(tmp_path: Path) -> None:
    project = Project(tmp_path).write({**DIALECT, "app/b.yaml": BROKEN})
    run = project.generate("--layer", "prod")
    assert run.code == 3
    assert "[duplicate-object]" in run.err
    assert run.err.count("error: ") == 1
    assert project.tree() == {}
