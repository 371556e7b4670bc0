"""weft and all of its gits killed at any moment, here and over HTTP; what they leave is no obstacle."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.fixtures.fleet import ENVIRONMENTS
from tests.project_tree import environment
from tests.publish.manifests import GIT, Fleet, git, kept_waiting
from tests.publish.server import Server, serving
from tests.publish.test_remote import http_fleet, with_password

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"
MARKER = "KILLED_TOGETHER"


class Victim:
    """A run of weft that can be killed with every program it has started, receiving gits and hooks too.

    git tells each of its steps into a pipe, so the run itself is the clock by which it is killed. With
    `told=False` it does not: a pipe that nobody reads is full at some length of the paths in it.
    """

    def __init__(self, fleet: Fleet, *arguments: str, told: bool = True) -> None:
        self.mark = f"{MARKER}={uuid.uuid4()}"
        name, _, value = self.mark.partition("=")
        temporary = fleet.root / "temporary"
        temporary.mkdir(exist_ok=True)
        steps = fleet.root / "steps"
        if not steps.exists():
            os.mkfifo(steps)
        # Open for both, so that opening waits for nobody and the end comes when the run is over.
        self._steps = open(os.open(steps, os.O_RDWR), "rb", buffering=0)  # noqa: SIM115
        variables = {**GIT, "TMPDIR": str(temporary), name: value}
        if told:
            variables["GIT_TRACE2_EVENT"] = str(steps)
        self.process = subprocess.Popen(
            fleet.project.command("publish", *arguments),
            cwd=fleet.project.root,
            env=environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._steps_fd = self._steps.fileno()
        threading.Thread(target=self._end).start()

    def _end(self) -> None:
        self.process.wait()
        with contextlib.suppress(OSError):
            os.write(self._steps_fd, b"END\n")

    def step(self, number: int) -> int:
        """Waits until git has told `number` steps, or the run is over; returns how many there were."""
        seen = 0
        rest = b""
        while seen < number:
            rest += os.read(self._steps_fd, 65536)
            *lines, rest = rest.split(b"\n")
            seen += len(lines)
            if b"END" in lines:
                return seen - 1
        return seen

    def kill(self) -> None:
        """Kills all of it: first nobody goes on, then nobody is."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            known: set[int] = set()
            while found := set(self._alive()) - known:
                known |= found
                for pid in found:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
        self.process.wait()
        while list(self._alive()):
            os.sched_yield()
        self._steps.close()

    def _alive(self) -> Iterator[int]:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if self.mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                        yield int(entry.name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def places(publish: str) -> Mapping[str, tuple[str, str]]:
    """Branch and path of each environment."""
    if publish == PATH:
        return {name: ("main", f"clusters/{name}") for name in ENVIRONMENTS}
    return {name: (f"environment/{name}", "") for name in ENVIRONMENTS}


def whole(fleet: Fleet, publish: str, before: Mapping[str, str], old: str, new: str) -> int:
    """Each branch is at its old commit or at a whole publication after it; returns how many are new."""
    done = 0
    for branch, head in before.items():
        if fleet.head(branch) != head:
            git(fleet.manifests, "merge-base", "--is-ancestor", head, branch)
    for branch, path in places(publish).values():
        files = fleet.files(branch, path)
        assert set(json.loads(files["inventory.json"])) <= set(files)
        text = files["settings/settings.yaml"]
        assert (old in text) != (new in text)
        done += new in text
    return done


def completes(fleet: Fleet, *where: str) -> None:
    """The next run publishes the rest. An empty lock may be anybody's, so that one is named for a person."""
    run = fleet.run("--all", *where)
    left = [path for path in fleet.manifests.rglob("*.lock") if path.stat().st_size == 0]
    if run.code == 4 and left:
        assert all(str(path) in run.err for path in left)
        for path in left:
            path.unlink()
        run = fleet.run("--all", *where)
    assert run.code == 0, run.err


@pytest.mark.parametrize(
    ("publish", "remote"),
    [(PATH, False), ("{repository: ../manifests.git}", True)],
    ids=["path-here", "branch-over-http"],
)
def test_killed_at_any_moment_each_branch_is_old_or_new_and_the_next_run_completes(
    tmp_path: Path, server: Server, publish: str, remote: bool
) -> None:
    fleet = http_fleet(tmp_path, publish)
    where = ("--repository", with_password(server)) if remote else ()
    fleet.published("--all", *where)
    fleet.colour("colour-0")
    first = Victim(fleet, "--all", *where)
    steps = first.step(10**9)
    first.kill()
    assert first.process.returncode == 0
    chance = random.Random(f"{publish} {remote}")
    branches = {branch for branch, _ in places(publish).values()}
    turns = [chance.uniform(turn / 5, (turn + 1) / 5) for turn in range(5)]
    for turn, share in enumerate(turns, 1):
        before = {branch: fleet.head(branch) for branch in branches}
        old, new = f"colour-{turn - 1}", f"colour-{turn}"
        fleet.colour(new)
        victim = Victim(fleet, "--all", *where)
        victim.step(int(steps * share))
        victim.kill()
        assert victim.process.returncode == -signal.SIGKILL
        server.wait_until_idle()
        whole(fleet, publish, before, old, new)
        git(fleet.manifests, "fsck", "--strict", "--no-dangling")
        completes(fleet, *where)
        assert whole(fleet, publish, before, old, new) == len(ENVIRONMENTS)
    fleet.sound()


@pytest.mark.parametrize("publish", [PATH, "{repository: ../manifests.git}"], ids=["head", "branch"])
def test_locks_of_a_publisher_killed_while_it_held_them_are_cleared(tmp_path: Path, publish: str) -> None:
    fleet = Fleet(tmp_path, publish)
    fleet.published("prod-east")
    fleet.colour("rot")
    branch = places(publish)["prod-east"][0]
    head = fleet.head(branch)
    os.mkfifo(tmp_path / "wait")
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    hook = fleet.manifests / "hooks/reference-transaction"
    hook.write_text(f'#!/bin/sh\ntest "$1" = prepared || exit 0\ncat {tmp_path}/wait\n')
    hook.chmod(0o755)
    victim = Victim(fleet, "prod-east", told=False)
    # Opening the pipe returns when the hook reads it: git holds the locks, and has moved nothing.
    with kept_waiting(tmp_path / "wait", victim.process):
        victim.kill()
    hook.unlink()
    locks = {path.relative_to(fleet.manifests).as_posix() for path in fleet.manifests.rglob("*.lock")}
    assert locks == {f"refs/heads/{branch}.lock", *(["HEAD.lock"] if branch == "main" else [])}
    assert fleet.head(branch) == head
    fleet.published("prod-east")
    assert "rot" in fleet.files(*places(publish)["prod-east"])["settings/settings.yaml"]
    fleet.sound()
