"""Hooks around install: those of the user's own files, and those of fetched ones the lock already knows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.fetch.origin import Origin
from tests.project_tree import Project

HOOKS = "hooks:\n  before-install: ['echo %s >> {log}']\n  after-install: ['echo %s >> {log}']\n"
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def hooks(log: Path, name: str) -> str:
    return (HOOKS % (f"before-{name}", f"after-{name}")).format(log=log)


def made(tmp_path: Path, log: Path) -> Project:
    """A component of the user's own, and one from git, both with hooks."""
    origin = Origin(
        tmp_path / "origin",
        {"component.yaml": "type: static\npath: m\n" + hooks(log, "remote"), "m/a.yaml": MANIFEST},
    )
    return Project(tmp_path / "root").write(
        {
            "component.yaml": "name: root\nsubcomponents:\n- {name: own, source: ./own}\n"
            f"- {{name: far, method: git, source: '{origin.url}'}}\n",
            "own/component.yaml": "type: static\npath: m\n" + hooks(log, "own"),
            "own/m/a.yaml": MANIFEST.replace("name: a", "name: b"),
            "environments/prod.yaml": "",
        }
    )


def test_without_leave_none_runs(tmp_path: Path, log: Path) -> None:
    run = made(tmp_path, log).weft("install")
    assert run.code == 0, run.err
    assert "before-install of `own` is not run; --allow-hooks runs it" in run.err
    assert not log.exists()


def test_those_of_a_fetched_component_run_once_its_digest_was_in_the_lock(tmp_path: Path, log: Path) -> None:
    project = made(tmp_path, log)
    first = project.weft("install", "--allow-hooks")
    assert first.code == 0, first.err
    assert log.read_text().split() == ["before-own", "after-own"]
    assert "after-install of `far` is not run: weft.lock did not have git " in first.err
    log.unlink()
    assert project.weft("install", "--allow-hooks").code == 0
    assert log.read_text().split() == ["before-own", "before-remote", "after-own", "after-remote"]


def test_a_hook_that_fails_before_keeps_anything_from_being_fetched(tmp_path: Path, log: Path) -> None:
    project = made(tmp_path, log).write(
        {"own/component.yaml": "type: static\npath: m\nhooks: {before-install: ['echo no >&2; exit 1']}\n"}
    )
    run = project.weft("install", "--allow-hooks")
    assert run.code == 3
    assert "component.yaml:3:3: before-install `echo no >&2; exit 1` failed with exit code 1: no" in run.err
    assert not (project.root / "weft.lock").exists()


def test_the_file_that_asks_for_a_source_may_have_hooks_for_it(tmp_path: Path, log: Path) -> None:
    origin = Origin(tmp_path / "origin", {"component.yaml": "type: static\npath: m\n", "m/a.yaml": MANIFEST})
    project = Project(tmp_path / "root").write(
        {
            "component.yaml": "name: root\nsubcomponents:\n- name: far\n"
            f"  source: {origin.url}\n  method: git\n"
            f"  hooks:\n    before-install: ['echo before >> {log}']\n"
            f"    after-install: ['echo after >> {log}']\n",
        }
    )
    run = project.weft("install", "--allow-hooks")
    assert run.code == 0, run.err
    assert log.read_text().split() == ["before", "after"]


def test_a_chart_that_a_hook_fetches_is_generated_from(tmp_path: Path) -> None:
    # As definitions for Fabrikate do for charts that are in release archives only.
    release = tmp_path / "release"
    Project(release).write(
        {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/templates/a.yaml": MANIFEST}
    )
    subprocess.run(["tar", "-czf", "release.tar.gz", "c"], cwd=release, check=True)
    project = Project(tmp_path / "root").write(
        {
            "component.yaml": "name: istio\ngenerator: helm\npath: ./tmp/c\n"
            "hooks:\n  before-install:\n"
            f"  - cp {release}/release.tar.gz .\n  - mkdir -p tmp\n  - tar -xf release.tar.gz -C tmp\n"
            "  after-install: [rm release.tar.gz]\n",
        }
    )
    run = project.weft("install", "--dialect", "fabrikate", "--allow-hooks")
    assert run.code == 0, run.err
    assert not (project.root / "release.tar.gz").exists()
    run = project.generate("--dialect", "fabrikate")
    assert run.code == 0, run.err
    assert "common/istio.yaml" in project.tree()
    # The hooks of install are no business of generate.
    assert "hooks" not in run.err
