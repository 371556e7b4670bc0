"""Every command that README and docs show is run, in a copy of the example, and prints what they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks, name, pages
from tests.project_tree import environment

DEFINITION = ("component.yaml", "environments", "generated", "infrastructure", "service-chart", "services")
SHELLS = ("console", "sh", "bash", "shell")

# Commands that no test can run here, and why.
NOT_RUN = {
    "make generate": "installs from PyPI; CI runs `make test`, which installs in the same way",
    "make test": "it is what runs this test",
    "pipx install": "goes to the network, and changes the user's own programs",
}


def is_not_run(command: str) -> bool:
    return any(f"{command} ".startswith(f"{known} ") for known in NOT_RUN)


@dataclass(frozen=True)
class Step:
    """A command and the lines that the page shows below it; empty where it shows none."""

    command: str
    shown: str
    line: int


def steps(block: Block) -> Iterator[Step]:
    lines = block.text.splitlines()
    starts = [index for index, text in enumerate(lines) if text.startswith("$ ")]
    assert starts[:1] == [0] or not lines, f"line {block.line}: a block of commands begins with `$ `"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        after = start + 1
        while lines[after - 1].endswith("\\"):
            after += 1
        command = "\n".join(lines[start:after])[2:]
        yield Step(command, "\n".join(lines[after:end]), block.line + 1 + start)


def checkout(folder: Path, page: Path) -> dict[str, str]:
    """Makes `folder` a copy of the example in a git repository; returns the environment for its commands.

    Where the page stands beside a definition of its own, it is a copy of that one.
    """
    if (page.parent / "component.yaml").exists() and page.parent != ROOT:
        shutil.copytree(page.parent, folder, dirs_exist_ok=True)
    else:
        for part in DEFINITION:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
    programs = folder.parent / "bin"
    programs.mkdir()
    for program, call in (("weft", "main"), ("generate", "generate")):
        script = programs / program
        code = f"from generator.cli import {call}; {call}()"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
        script.chmod(0o755)
    found = environment(
        {
            "HOME": str(folder.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "weft" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
    )
    found["PATH"] = os.pathsep.join([str(programs), found["PATH"]])
    for command in ("init --quiet --initial-branch=main", "add --all", "commit --quiet --message=example"):
        subprocess.run(["git", *command.split()], cwd=folder, env=found, check=True)
    return found


def matches(shown: str, said: str) -> bool:
    """Whether a command said what the page shows; a line `...` stands for any lines, else it is any words."""
    parts = [
        re.escape(part.strip("\n")).replace(re.escape(" ... "), r" [^\n]+ ")
        for part in re.split(r"(?m)^\.\.\.$", shown)
    ]
    pattern = r"(?:.*\n|)".join(f"{part}\n?" if part else "" for part in parts)
    return re.fullmatch(pattern, said, re.S) is not None


# On Python 3.10 there is no CEL library; tests/policies looks at what is said then.
RUN = [page for page in pages() if sys.version_info >= (3, 11) or page.name != "policies.md"]


@pytest.mark.parametrize("page", RUN, ids=name)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    found = [block for block in blocks(page) if block.language in SHELLS or "file" in block.attributes]
    if not found:
        return
    folder = tmp_path / "weft"
    folder.mkdir()
    variables = checkout(folder, page)
    for block in found:
        if "file" in block.attributes:
            write(folder, block)
            continue
        for step in steps(block):
            if not is_not_run(step.command):
                run(step, folder, variables, int(block.attributes.get("exit", "0")), name(page))


def write(folder: Path, block: Block) -> None:
    path = block.attributes["file"]
    assert f"`{path}`" in block.before, f"line {block.line}: the text above does not name {path}"
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(block.text, encoding="utf-8")


def run(step: Step, folder: Path, variables: dict[str, str], code: int, page: str) -> None:
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = done.stdout.decode()
    where = f"{page}:{step.line}: {step.command}\n{said}"
    assert done.returncode == code, where
    assert not step.shown or matches(step.shown, said), where


def test_the_commands_that_are_not_run_are_shown_somewhere() -> None:
    shown = {
        step.command
        for page in pages()
        for block in blocks(page)
        if block.language in SHELLS
        for step in steps(block)
    }
    assert {
        known for known in NOT_RUN if not any(f"{one} ".startswith(f"{known} ") for one in shown)
    } == set()
