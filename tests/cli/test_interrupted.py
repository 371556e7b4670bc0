"""Runs that are cut short: Ctrl-C, and readers that go away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.fleet import generated_fleet, helm_units
from tests.project_tree import Project, environment


def slow_helm(folder: Path) -> dict[str, str]:
    """A PATH whose helm says in the pipe `folder/started` that it runs, and takes an hour the first time."""
    folder.mkdir()
    os.mkfifo(folder / "started")
    helm = folder / "helm"
    helm.write_text(
        f"#!/bin/sh\n"
        f"if mkdir '{folder}/first' 2>/dev/null; then echo > '{folder}/started'; exec sleep 3600; fi\n"
        f'exec {shutil.which("helm")} "$@"\n'
    )
    helm.chmod(0o755)
    return {"PATH": f"{folder}:{environment()['PATH']}"}


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_ctrl_c_ends_a_run_and_leaves_the_old_output(tmp_path: Path, jobs: str) -> None:
    project = helm_units(tmp_path / "many", 6)
    assert project.generate("prod").code == 0
    before = project.tree()
    project.write({"chart/templates/more.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: more}\n"})
    process = subprocess.Popen(
        project.command("generate", "prod", "--jobs", jobs),
        cwd=project.root,
        env=environment(slow_helm(tmp_path / "bin")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A terminal sends the signal to the whole group: weft and the helm it waits for.
        start_new_session=True,
    )
    (tmp_path / "bin" / "started").read_text()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")
    assert project.tree() == before
    assert sorted(path.name for path in project.generated.iterdir()) == ["prod"]


class TestBrokenPipe:
    """Whoever reads the output stops reading, as `head` does: no traceback, and an exit code that says so."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Project:
        return generated_fleet(tmp_path)

    @pytest.mark.parametrize(
        "args",
        [["--all", "--stdout"], ["--all", "-o", "json"], ["--all", "--check", "--output", "other"]],
        ids=" ".join,
    )
    def test_on_stdout(self, project: Project, args: list[str]) -> None:
        reads, writes = os.pipe()
        os.close(reads)
        done = subprocess.run(
            project.command("generate", *args),
            cwd=project.root,
            env=environment(),
            stdout=writes,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(writes)
        assert done.returncode == 4
        for word in ("Traceback", "BrokenPipe", "Exception", "itself failed"):
            assert word not in done.stderr

    def test_on_stderr(self, project: Project) -> None:
        reads, writes = os.pipe()
        os.close(reads)
        done = subprocess.run(
            project.command("generate", "--all"),
            cwd=project.root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=writes,
            check=False,
        )
        os.close(writes)
        assert (done.returncode, done.stdout) == (4, b"")

    @pytest.mark.parametrize("args", [["--stdout"], ["-o", "json"]], ids=" ".join)
    def test_a_full_disk_behind_stdout_is_an_error_with_a_reason(
        self, project: Project, args: list[str]
    ) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                project.command("generate", "--all", *args),
                cwd=project.root,
                env=environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 4
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr
