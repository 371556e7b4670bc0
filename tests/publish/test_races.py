"""Publishers at the same time, killed at any moment, on a full disk, and the locks that killed ones leave."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from tests.project_tree import environment, unmeasured
from tests.publish.manifests import GIT, Fleet, git

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"


def started(fleet: Fleet, *arguments: str, alone: bool = False) -> subprocess.Popen[bytes]:
    temporary = fleet.root / "temporary"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        fleet.project.command("publish", *arguments),
        cwd=fleet.project.root,
        env=environment({**GIT, "TMPDIR": str(temporary)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=alone,
    )


@pytest.mark.parametrize("remote", [False, True])
def test_eight_publishers_of_eight_paths_of_one_branch_all_land(tmp_path: Path, remote: bool) -> None:
    fleet = Fleet(tmp_path, PATH)
    names = [f"cluster-{number}" for number in range(8)]
    fleet.commit("eight", {f"environments/{name}.yaml": "labels: {tier: edge}\n" for name in names})
    where = ("--repository", fleet.manifests.as_uri()) if remote else ()
    running = [started(fleet, name, *where) for name in names]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
    files = git(fleet.manifests, "ls-tree", "-r", "--name-only", "main").splitlines()
    for name in names:
        assert f"clusters/{name}/kustomization.yaml" in files
    assert git(fleet.manifests, "rev-list", "--count", "main") == "8"
    noted = git(fleet.manifests, "notes", "--ref=hydrator.metadata", "list").splitlines()
    assert len(noted) == 8
    fleet.sound()


def test_of_two_publishers_of_one_path_the_later_sees_the_earlier(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    running = [started(fleet, "prod-east") for _ in range(4)]
    told = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], told
    assert all("prod-east: published" in text or "prod-east: unchanged" in text for text in told)
    assert git(fleet.manifests, "rev-list", "--count", "environment/prod-east") == "1"


def _old_or_new(fleet: Fleet, before: dict[str, str]) -> None:
    """Each branch is where it was, or holds the whole of a publication."""
    for name, head in before.items():
        now = fleet.head(f"environment/{name}")
        if now != head:
            files = fleet.files(f"environment/{name}")
            listed = json.loads(files["inventory.json"])
            assert set(listed) <= set(files)
            assert git(fleet.manifests, "rev-parse", f"{now}^") == head


@pytest.mark.parametrize("everything", [False, True], ids=["weft", "weft-and-git"])
def test_killed_at_any_moment_each_branch_is_old_or_new_and_the_next_run_completes(
    tmp_path: Path, everything: bool
) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    chance = random.Random(7)
    names = ("edge-1", "prod-east", "prod-west")
    for turn in range(6):
        before = {name: fleet.head(f"environment/{name}") for name in names}
        fleet.colour(f"'{turn}'")
        process = started(fleet, "--all", alone=True)
        assert process.stderr is not None
        # The run itself is the clock: some environments are done, and the next is somewhere on its way.
        for _ in range(chance.randrange(4)):
            process.stderr.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0, 0.3))
        with contextlib.suppress(ProcessLookupError):
            if everything:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.communicate()
        _old_or_new(fleet, before)
        git(fleet.manifests, "fsck", "--strict", "--no-dangling")
        fleet.published("--all")
        for name in names:
            assert f"'{turn}'" in fleet.files(f"environment/{name}")["settings/settings.yaml"].replace(
                '"', "'"
            )
    fleet.sound()


def test_a_lock_that_is_provably_a_killed_publishers_is_cleared(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    ref, new = "refs/heads/environment/prod-east", "1" * 40
    (fleet.manifests / f"{ref}.lock").write_text(f"{new}\n")
    (fleet.manifests / "weft-publish.json").write_text(json.dumps({ref: new}))
    fleet.colour("rot")
    fleet.published("prod-east")
    fleet.sound()


@pytest.mark.parametrize("content", ["", "2" * 40 + "\n"])
def test_the_lock_of_another_git_ends_with_4_and_is_named(tmp_path: Path, content: str) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    ref = "refs/heads/environment/prod-east"
    lock = fleet.manifests / f"{ref}.lock"
    lock.write_text(content)
    (fleet.manifests / "weft-publish.json").write_text(json.dumps({ref: "1" * 40}))
    fleet.colour("rot")
    message = fleet.refused("prod-east", code=4)
    assert str(lock) in message
    assert lock.read_text() == content
    lock.unlink()
    fleet.published("prod-east")


@pytest.mark.parametrize("limit", [200, 2_000, 20_000])
def test_a_full_disk_leaves_the_branch_and_the_next_run_completes(tmp_path: Path, limit: int) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    head = fleet.head("environment/prod-east")
    noise = "".join(f"  k{number}: {random.Random(number).random()}\n" for number in range(2000))
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: queue}}\ndata:\n{noise.replace(': ', ': x')}"
    fleet.commit("big", {"apps/queue/manifests/queue.yaml": text})
    done = subprocess.run(
        fleet.project.command("publish", "prod-east"),
        cwd=fleet.project.root,
        env=unmeasured(environment({**GIT, "PYTHONDONTWRITEBYTECODE": "1"})),
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 4, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert fleet.head("environment/prod-east") == head
    git(fleet.manifests, "fsck", "--strict", "--no-dangling")
    fleet.published("prod-east")
    fleet.sound()


def test_what_killed_runs_left_in_the_temporary_folder_is_removed_and_no_more(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    kept = tmp_path / "kept"
    names = ("weft-publish-left", "weft-publish-new", "weft-publish-used", "somebodys")
    for name in names:
        (kept / name / "objects").mkdir(parents=True)
        if name != "weft-publish-new":
            os.utime(kept / name, (0, 0))
    used = os.open(kept / "weft-publish-used", os.O_RDONLY)
    fcntl.flock(used, fcntl.LOCK_EX)
    fleet.published("prod-east", env={"TMPDIR": str(kept)})
    os.close(used)
    assert {entry.name for entry in kept.iterdir()} == set(names[1:])


def test_an_interrupt_ends_with_130_and_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    kept = tmp_path / "kept"
    kept.mkdir()
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    hook = fleet.manifests / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/reached\ncat >/dev/null\ncat {tmp_path}/wait\n")
    hook.chmod(0o755)
    os.mkfifo(tmp_path / "wait")
    process = subprocess.Popen(
        fleet.project.command("publish", "prod-east"),
        cwd=fleet.project.root,
        env=environment({**GIT, "TMPDIR": str(kept)}),
        stderr=subprocess.PIPE,
    )
    # Opening the pipe returns when the hook reads it: weft is pushing.
    with open(tmp_path / "wait", "w"):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130, errors.decode()
    assert list(kept.iterdir()) == []
