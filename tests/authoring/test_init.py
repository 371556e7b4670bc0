"""`weft init` makes a repository that generates, and overwrites nothing."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.project_tree import Project, read_tree


def test_a_new_repository_generates_at_once_and_nothing_is_wrong_with_it(tmp_path: Path) -> None:
    start = Project(tmp_path)
    made = start.weft("init", "shop")
    assert made.code == 0, made.err
    assert made.out.split() == sorted(f"shop/{path}" for path in read_tree(tmp_path / "shop"))
    shop = Project(tmp_path / "shop")
    assert shop.generate("--all").code == 0
    validated = shop.weft("validate", "--strict")
    assert (validated.code, "nothing is wrong" in validated.err) == (0, True)
    prod, staging = (shop.tree()[f"{name}/hello/hello.yaml"].decode() for name in ("prod", "staging"))
    assert "replicas: 3" in prod
    assert "replicas: 1" in staging
    assert "namespace: shop" in prod


def test_the_commands_that_it_names_next_work(tmp_path: Path) -> None:
    start = Project(tmp_path)
    steps = [
        re.split(" {2,}", line.strip())[0].split()
        for line in start.weft("init", "shop").err.partition("next:\n")[2].splitlines()
    ]
    assert steps[0] == ["cd", "shop"]
    for step in steps[1:]:
        run = Project(tmp_path / "shop").weft(*step[1:])
        assert run.code == 0, (step, run.err)


def test_git_sees_the_files_and_not_what_install_fetches(tmp_path: Path) -> None:
    project = Project(tmp_path / "shop")
    assert project.weft("init").code == 0
    project.write({".weft/store/x": "fetched\n"})
    subprocess.run(["git", "init", "--quiet"], cwd=project.root, check=True)
    shown = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=project.root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "component.yaml" in shown
    assert ".weft" not in shown


def test_a_gitignore_that_is_there_gets_a_line_and_only_once(tmp_path: Path) -> None:
    project = Project(tmp_path / "shop").write({".gitignore": "*.log"})
    assert project.weft("init").code == 0
    text = (project.root / ".gitignore").read_text()
    assert text.startswith("*.log\n")
    assert text.splitlines().count(".weft/") == 1


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ("component.yaml", "component.yaml: there is a definition here already"),
        ("component.json", "component.json: there is a definition here already"),
        ("services/hello/component.yaml", "services/hello/component.yaml: is here already"),
        ("environments/prod.yaml", "environments/prod.yaml: is here already"),
    ],
)
def test_nothing_is_overwritten(tmp_path: Path, there: str, message: str) -> None:
    project = Project(tmp_path / "shop").write({there: "mine\n"})
    run = project.weft("init")
    assert run.code == 3
    assert message in run.err
    assert read_tree(project.root) == {there: b"mine\n"}


@pytest.mark.parametrize("name", ["Shop_1", "common", "a.b"])
def test_a_name_that_no_component_may_have_is_refused(tmp_path: Path, name: str) -> None:
    run = Project(tmp_path).weft("init", name)
    assert run.code == 2
    assert f"`{name}` is no name for a definition" in run.err
    assert not read_tree(tmp_path)


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    # A file where a folder has to be.
    project = Project(tmp_path / "shop").write({"charts": "mine\n"})
    run = project.weft("init")
    assert run.code in (3, 4)
    assert "charts" in run.err
    assert read_tree(project.root) == {"charts": b"mine\n"}
    assert os.listdir(project.root) == ["charts"]
