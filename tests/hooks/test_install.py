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


TOKEN = "bot:s3cret-of-the-hooks"


def test_what_access_yaml_names_is_hidden_in_what_a_hook_prints(tmp_path: Path) -> None:
    say = "'echo $MYTOK; echo ${MYTOK#*:} >&2; echo told $PLAIN'"
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: root\nsubcomponents:\n- {name: own, source: ./own}\n",
            "own/component.yaml": f"type: static\npath: m\nhooks: {{before-install: [{say}],"
            f" after-install: [{say}], before-generate: [{say}]}}\n",
            "own/m/a.yaml": MANIFEST,
            "environments/prod.yaml": "",
            "access.yaml": "https://git.example.com: MYTOK\n",
        }
    )
    env = {"MYTOK": TOKEN, "PLAIN": "something-plain"}
    for command in (("install",), ("generate", "--all")):
        run = project.weft(*command, "--allow-hooks", env=env)
        assert run.code == 0, run.err
        assert "***" in run.err
        assert "told something-plain" in run.err
        assert TOKEN.partition(":")[2] not in run.out + run.err


@pytest.mark.parametrize("moment", ["after-install", "before-install"])
def test_a_hook_that_writes_into_what_was_fetched_is_refused(tmp_path: Path, moment: str) -> None:
    # What install reports as done, generate would refuse, and send back to install, for ever.
    origin = Origin(tmp_path / "origin", {"component.yaml": "type: static\npath: m\n", "m/a.yaml": MANIFEST})
    # A hook runs in its component's folder.
    write = "echo x > m/b.yaml"
    project = Project(tmp_path / "root").write(
        {
            "component.yaml": "name: root\nsubcomponents:\n- name: far\n"
            f"  source: {origin.url}\n  method: git\n  hooks:\n    {moment}: ['{write}']\n",
            "environments/prod.yaml": "",
        }
    )
    first = project.weft("install")
    assert first.code == 0, first.err
    before = (project.root / "weft.lock").read_bytes()
    run = project.weft("install", "--allow-hooks")
    assert (project.root / "weft.lock").read_bytes() == before
    if moment == "before-install":
        # Nothing is lost: what was changed is fetched again.
        assert run.code == 0, run.err
        return
    assert run.code == 3
    assert "component.yaml:3:" in run.err
    assert "after-install `echo x > m/b.yaml` has changed" in run.err
    assert f"has changed the content of git {origin.url}" in run.err
    again = project.weft("install")
    assert again.code == 0, again.err
    generated = project.generate("--all")
    assert generated.code == 0, generated.err
