"""What a terminal shows: colour and progress there, neither elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fixtures.fleet import fleet, helm_units
from tests.project_tree import Project, Run, environment

ESCAPE = "\x1b["
UNITS = 40
# How far it is: units that are done, and all; the group at the root is one more.
SHOWN = rf"\d+/{UNITS + 1}"


def on_terminal(project: Project, *args: str, env: Mapping[str, str] | None = None) -> Run:
    """A run whose stderr is a terminal; stdout is a pipe, as for whoever reads data from it."""
    ours, theirs = os.openpty()
    variables = {"TERM": "xterm", "COLUMNS": "100", "LINES": "30", **(env or {})}
    process = subprocess.Popen(
        project.command(*args),
        cwd=project.root,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            # Linux tells the end of a terminal by an error.
            chunk = b""
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    out, _ = process.communicate()
    return Run(process.returncode, out.decode(), shown.decode())


class TestColour:
    """Errors are coloured where a terminal shows it and NO_COLOR does not forbid it."""

    def test_a_terminal_gets_colour(self, tmp_path: Path) -> None:
        run = on_terminal(fleet(tmp_path), "generate", "nowhere")
        assert run.code == 2
        assert f"{ESCAPE}31m" in run.err
        assert "error:" in run.err

    def test_no_color_is_honoured(self, tmp_path: Path) -> None:
        run = on_terminal(fleet(tmp_path), "generate", "nowhere", env={"NO_COLOR": "1"})
        assert run.code == 2
        assert ESCAPE not in run.err
        assert "error: there is no environment `nowhere`" in run.err

    def test_an_empty_no_color_is_none(self, tmp_path: Path) -> None:
        assert ESCAPE in on_terminal(fleet(tmp_path), "generate", "nowhere", env={"NO_COLOR": ""}).err

    def test_a_pipe_gets_none(self, tmp_path: Path) -> None:
        assert ESCAPE not in fleet(tmp_path).generate("nowhere", env={"TERM": "xterm"}).err


class TestProgress:
    """A long run shows how far it is, on a terminal and nowhere else."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Project:
        # One helm after the other: far longer than the patience of a user, on any machine.
        return helm_units(tmp_path, UNITS)

    def test_on_a_terminal_it_is_shown_and_gone_at_the_end(self, project: Project) -> None:
        run = on_terminal(project, "generate", "prod", "--jobs", "1", "--check", "-o", "json")
        assert run.code == 1
        assert re.search(SHOWN, run.err)
        assert "prod unit-" in run.err
        # The last thing that is drawn is the erased line.
        assert re.search(r"\x1b\[1A\x1b\[2K\s*$", run.err) or run.err.rstrip().endswith(f"{ESCAPE}2K")
        assert json.loads(run.out)["environments"][0]["objects"] == UNITS

    def test_without_colour_too(self, project: Project) -> None:
        run = on_terminal(project, "generate", "prod", "--jobs", "1", "--check", env={"NO_COLOR": "1"})
        assert run.code == 1
        assert re.search(SHOWN, run.err)
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", run.err)

    def test_elsewhere_it_is_not(self, project: Project) -> None:
        run = project.generate("prod", "--jobs", "1", "--check", env={"TERM": "xterm"})
        assert run.code == 1
        assert run.err == f"prod: {UNITS} objects in {UNITS + 2} files: would be {UNITS + 2} added\n"

    def test_a_short_run_shows_none(self, tmp_path: Path) -> None:
        run = on_terminal(fleet(tmp_path), "generate", "edge-1")
        assert (run.code, run.err) == (0, "edge-1: 4 objects in 6 files: 6 added\r\n")
