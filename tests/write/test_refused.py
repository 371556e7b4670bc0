"""Runs that must leave the old output as it was: bad definitions, things in the way, a disk that refuses."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.fleet import ENVIRONMENTS, chosen, fleet, generated_fleet
from tests.project_tree import Project, Run, environment, read_tree, unmeasured
from tests.shop import generated, shop

QUEUE = "apps/queue/manifests/queue.yaml"
OTHER_QUEUE = "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fleet whose queue has changed since it was generated."""
    return generated_fleet(tmp_path / "fleet").write({QUEUE: OTHER_QUEUE})


def restricted(project: Project, *args: str, before: Callable[[], None]) -> Run:
    """A run in a process that calls `before` first, to take something from itself."""
    done = subprocess.run(
        project.command("generate", *args),
        cwd=project.root,
        env=unmeasured(environment({"PYTHONDONTWRITEBYTECODE": "1"})),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )
    return Run(done.returncode, done.stdout, done.stderr)


class TestDefinition:
    """The environment is the unit of failure."""

    def test_an_error_that_all_share_changes_nothing(self, project: Project) -> None:
        before = project.tree()
        project.write({"config/common.yaml": "subcomponents: {setings: {}}\n"})
        run = project.generate("--all")
        assert run.code == 3
        assert "config/common.yaml:1:" in run.err
        assert "settings" in run.err
        assert project.tree() == before

    @pytest.mark.parametrize(
        ("files", "place"),
        [
            ({"environments/edge-1.yaml": "labels: [\n"}, "environments/edge-1.yaml:"),
            ({"config/edge-1.yaml": "subcomponents: {setings: {}}\n"}, "config/edge-1.yaml:1:"),
            ({"config/edge-1.yaml": "config:\n\ta: 1\n"}, "config/edge-1.yaml:2:"),
            (
                {"environments/edge-1.yaml": "subcomponents: {settings: {config: {colour: null}}}\n"},
                "apps/settings/chart/templates/settings.yaml.j2:6:",
            ),
        ],
        ids=["environment file", "config", "tab", "template"],
    )
    def test_an_error_that_one_reaches_leaves_that_folder(
        self, project: Project, files: dict[str, str], place: str
    ) -> None:
        before = project.tree()
        run = project.write(files).generate("--all")
        assert run.code == 3
        assert place.rstrip("0123456789:") in run.err
        assert "Traceback" not in run.err
        after = project.tree()
        edge = [path for path in before if path.startswith("edge-1/")]
        assert {path: after.get(path) for path in edge} == {path: before[path] for path in edge}
        for name in ("prod-east", "prod-west"):
            assert b"kind: Service" in after[f"{name}/queue/queue.yaml"]

    def test_the_exit_code_is_the_highest_of_all(self, project: Project, tmp_path: Path) -> None:
        # prod-east is refused (3) and prod-west needs a helm that is not there (4).
        before = project.tree()
        project.write(
            {
                "apps/charted/component.yaml": "name: charted\ntype: helm\nsource: ./chart\n",
                "apps/charted/chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
                "apps/charted/chart/templates/a.yaml": OTHER_QUEUE.replace("queue", "a"),
                "environments/edge-1.yaml": "subcomponents: {charted: {disabled: true}}\n",
                "environments/prod-east.yaml": "labels: 1\n",
            }
        )
        helm = tmp_path / "bin" / "helm"
        helm.parent.mkdir()
        helm.write_text("#!/bin/sh\nkill -9 $$\n")
        helm.chmod(0o755)
        path = f"{helm.parent}:{os.environ['PATH']}"
        run = project.generate("--all", env={"PATH": path})
        assert run.code == 4
        assert "environments/prod-east.yaml" in run.err
        assert "helm" in run.err
        after = project.tree()
        assert b"kind: Service" in after["edge-1/queue/queue.yaml"]
        for name in ("prod-east", "prod-west"):
            assert after[f"{name}/queue/queue.yaml"] == before[f"{name}/queue/queue.yaml"]
        assert project.generate("prod-east", "edge-1", env={"PATH": path}).code == 3


class TestInTheWay:
    """What stands where weft wants to write."""

    def test_nothing_is_written_through_a_link(self, project: Project, tmp_path: Path) -> None:
        before = project.tree()
        outside = tmp_path / "outside"
        shutil.move(project.generated / "edge-1/queue", outside)
        (project.generated / "edge-1/queue").symlink_to(outside)
        kept = read_tree(outside)
        run = project.generate("edge-1")
        assert run.code == 3
        assert "generated/edge-1/queue: is a symbolic link" in run.err
        assert read_tree(outside) == kept
        assert (project.generated / "edge-1/queue").is_symlink()
        assert project.generate("edge-1", "--adopt").code == 3
        assert read_tree(outside) == kept
        assert {path: before[path] for path in before if path.startswith("prod-")}.items() <= (
            project.tree().items()
        )

    @pytest.mark.parametrize(
        "path",
        ["edge-1", "edge-1/inventory.json", "edge-1/kustomization.yaml", "edge-1/queue/queue.yaml"],
    )
    @pytest.mark.parametrize("adopt", [[], ["--adopt"]], ids=["", "adopt"])
    def test_a_link_in_any_place_is_refused(
        self, project: Project, tmp_path: Path, path: str, adopt: list[str]
    ) -> None:
        outside = tmp_path / "outside"
        shutil.move(project.generated / path, outside)
        (project.generated / path).symlink_to(outside)
        kept = read_tree(tmp_path / "outside") if outside.is_dir() else outside.read_bytes()
        run = project.generate("--all", *adopt)
        assert run.code == 3
        assert f"generated/{path}: is a symbolic link" in run.err
        assert (read_tree(outside) if outside.is_dir() else outside.read_bytes()) == kept
        assert b"kind: Service" in project.tree()["prod-east/queue/queue.yaml"]

    def test_what_is_to_be_removed_is_not_removed_through_a_link(
        self, project: Project, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        shutil.move(project.generated / "edge-1/queue", outside)
        (project.generated / "edge-1/queue").symlink_to(outside)
        project.write({"environments/edge-1.yaml": "subcomponents: {queue: {disabled: true}}\n"})
        assert project.generate("edge-1").code == 3
        assert (outside / "queue.yaml").exists()

    def test_a_link_in_place_of_the_journal_is_refused(self, project: Project, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "journal.json").write_text(
            json.dumps({"writes": [], "removes": ["edge-1/queue/queue.yaml"]})
        )
        before = project.tree()
        (project.generated / ".weft-journal").symlink_to(outside)
        assert project.generate("edge-1").code == 3
        assert [path.name for path in outside.iterdir()] == ["journal.json"]
        assert project.tree().items() >= before.items()

    def test_a_folder_where_a_file_is_to_be(self, project: Project) -> None:
        target = project.generated / "edge-1/queue/queue.yaml"
        target.unlink()
        target.mkdir()
        before = project.tree()
        for adopt in ([], ["--adopt"]):
            run = project.generate("edge-1", *adopt)
            assert run.code == 3
            assert "generated/edge-1/queue/queue.yaml: is a folder where a file is to be" in run.err
        assert target.is_dir()
        assert project.tree() == before

    @pytest.mark.parametrize("path", ["edge-1", "edge-1/queue"])
    def test_a_file_where_a_folder_is_to_be(self, project: Project, path: str) -> None:
        shutil.rmtree(project.generated / path)
        project.write({f"generated/{path}": "mine\n"})
        before = project.tree()
        run = project.generate("edge-1")
        assert run.code == 3
        assert f"generated/{path}: is a file where a folder is to be" in run.err
        assert project.tree() == before


class TestInventory:
    """An inventory that weft did not write says nothing of what it owns."""

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"not JSON",
            b"\xff\xfe",
            b"{}",
            b'"queue/queue.yaml"',
            b"[1]",
            b"[]",
            b'["queue/queue.yaml"]',
            b'["../../component.yaml", "inventory.json"]',
            b'["queue/../../../component.yaml", "inventory.json"]',
            b'["/etc/hostname", "inventory.json"]',
            b'["", "inventory.json"]',
            b'[".", "inventory.json"]',
            b'["queue//queue.yaml", "inventory.json"]',
            b'["queue", "inventory.json"]',
            b'["a\\u0000b", "inventory.json"]',
            b'["\\ud800", "inventory.json"]',
            b"[" * 200_000,
        ],
        ids=lambda text: text[:30].decode("latin-1"),
    )
    def test_it_is_refused_and_nothing_is_touched(self, project: Project, text: bytes) -> None:
        project.write({"generated/edge-1/inventory.json": text})
        before, root = project.tree(), (project.root / "component.yaml").read_bytes()
        for args in (["--adopt"], ["--check"]):
            run = project.generate("edge-1", *args)
            assert run.code == 3, run.err
            assert "generated/edge-1/" in run.err
            assert "Traceback" not in run.err
        assert project.tree() == before
        assert (project.root / "component.yaml").read_bytes() == root

    def test_one_of_an_environment_that_is_gone_too(self, project: Project) -> None:
        (project.root / "environments/edge-1.yaml").unlink()
        listed = json.dumps(["../../component.yaml", "inventory.json", "kustomization.yaml"])
        project.write({"generated/edge-1/inventory.json": listed})
        edge = read_tree(project.generated / "edge-1")
        assert project.generate("--all").code == 3
        assert (project.root / "component.yaml").exists()
        assert read_tree(project.generated / "edge-1") == edge
        assert b"kind: Service" in project.tree()["prod-east/queue/queue.yaml"]


class TestDisk:
    """A disk that is full or may not be written: exit code 4, and the old output."""

    @pytest.mark.parametrize("limit", [0, 40, 300, 700])
    def test_a_full_disk(self, tmp_path: Path, limit: int) -> None:
        # At 700 bytes every file fits, and the list of what is to be done does not.
        project = generated_fleet(tmp_path / "fleet")
        before = project.tree()
        project.write(
            {"config/common.yaml": f"subcomponents: {{settings: {{config: {{colour: {'r' * 300}}}}}}}\n"}
        )
        project.write({f"environments/new-{number}.yaml": "{}\n" for number in range(8)})

        def fill() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        run = restricted(project, "--all", "-o", "json", before=fill)
        assert (run.code, run.err) == (4, "")
        report = json.loads(run.out)
        assert report["environments"] == []
        assert "generated: cannot be written: File too large" in (
            "{file}: {message}".format_map(report["errors"][0])
        )
        assert project.tree() == before
        assert project.generate("--all").code == 0
        assert project.generate("--all", "--check").code == 0

    def test_a_folder_that_may_not_be_written(self, project: Project) -> None:
        before = project.tree()
        project.generated.chmod(0o555)
        try:
            run = restricted(project, "--all", before=_obey_permissions)
        finally:
            project.generated.chmod(0o755)
        assert run.code == 4
        assert "generated: cannot be written: Permission denied" in run.err
        assert project.tree() == before

    def test_an_environment_that_may_not_be_written_is_completed_later(self, project: Project) -> None:
        folder = project.generated / "prod-east/queue"
        folder.chmod(0o555)
        try:
            run = restricted(project, "--all", before=_obey_permissions)
        finally:
            folder.chmod(0o755)
        assert run.code == 4
        assert "cannot be written" in run.err
        assert project.generate("--all").code == 0
        assert project.tree() == fleet_output(project)

    def test_a_new_output_folder_that_was_not_written_is_not_left(self, tmp_path: Path) -> None:
        project = fleet(tmp_path / "fleet").write({"environments/edge-1.yaml": "labels: 1\n"})
        assert project.generate("edge-1").code == 3
        assert not project.generated.exists()

    def test_an_output_below_a_file(self, project: Project) -> None:
        run = project.generate("edge-1", "--output", "component.yaml/out")
        assert run.code == 4
        assert "component.yaml/out: cannot be written: Not a directory" in run.err


def fleet_output(project: Project) -> dict[str, bytes]:
    """What the project's files come to where nothing was there before."""
    run = project.generate("--all", "--output", "fresh")
    assert run.code == 0, run.err
    assert chosen(project) == set(ENVIRONMENTS)
    return read_tree(project.root / "fresh")


def _obey_permissions() -> None:
    """Makes root as bound by permissions as everybody else, in this process and what it starts."""
    if os.geteuid() == 0 and sys.platform == "linux":
        drop_from_bounding_set, override_permissions = 24, 1
        ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


def test_a_shared_error_takes_no_old_environment_away(tmp_path: Path) -> None:
    project = shop(tmp_path, {"environments/east.yaml": "labels: {a: b}\n"})
    generated(project, "--all")
    before = project.tree()
    (tmp_path / "environments/east.yaml").unlink()
    project.write({"config/common.yaml": "bad: 1\n"})
    assert project.generate("--all").code == 3
    assert project.tree() == before
    project.write({"config/common.yaml": "{}\n"})
    assert "east: no longer an environment, 3 files removed" in generated(project, "--all").err


def test_a_pipe_in_the_way_is_refused_and_waited_for_by_nobody(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    assert project.weft("generate", "prod-east", "--no-cache").code == 0
    file = project.root / "generated/prod-east/queue/queue.yaml"
    file.unlink()
    os.mkfifo(file)
    (project.root / "generated/prod-east/inventory.json").unlink()
    run = project.weft("generate", "prod-east", "--no-cache")
    assert run.code == 3
    assert "generated/prod-east/queue/queue.yaml: is in the way" in run.err
