"""Two runs on one output folder take turns."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fixtures.fleet import ENVIRONMENTS, PATHS, fleet, generated_fleet
from tests.project_tree import Project, environment


def started(project: Project, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        project.command("generate", *args),
        cwd=project.root,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the output folder as a run does that is writing."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def test_a_run_waits_for_the_one_before_it(tmp_path: Path) -> None:
    project = generated_fleet(tmp_path)
    before = project.tree()
    project.write({"environments/edge-1.yaml": "subcomponents: {queue: {disabled: true}}\n"})
    with held(project.generated):
        process = started(project, "edge-1")
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting for another run to finish writing\n"
        assert process.poll() is None
        assert project.tree() == before
    out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert err == "edge-1: 3 objects in 5 files: 2 changed, 1 removed\n"


def test_a_check_and_a_print_do_not_wait(tmp_path: Path) -> None:
    project = generated_fleet(tmp_path)
    with held(project.generated):
        assert project.generate("edge-1", "--check").code == 0
        assert project.generate("edge-1", "--stdout").code == 0
        assert project.generate("edge-1", "--output", "elsewhere").code == 0


def test_a_run_that_waited_for_a_folder_that_is_gone_makes_its_own(tmp_path: Path) -> None:
    # The run before it had made the folder, wrote nothing, and took it away again.
    project = fleet(tmp_path)
    project.generated.mkdir()
    with held(project.generated):
        process = started(project, "edge-1")
        assert process.stderr is not None
        assert "waiting" in process.stderr.readline()
        project.generated.rmdir()
    process.communicate()
    assert process.returncode == 0
    assert sorted(project.tree()) == [f"edge-1/{path}" for path in PATHS]


def test_runs_at_once_come_to_what_one_run_comes_to(tmp_path: Path) -> None:
    project = fleet(tmp_path / "fleet")
    runs = [started(project, *args) for args in (["--all"], ["edge-1"], ["prod-east", "edge-1"], ["--all"])]
    for process in runs:
        _, err = process.communicate()
        assert process.returncode == 0, err
    assert project.tree() == generated_fleet(tmp_path / "one").tree()
    assert sorted(path.name for path in project.generated.iterdir()) == list(ENVIRONMENTS)
