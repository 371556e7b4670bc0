"""Publishers at the same time, interrupted ones, and the locks that killed ones leave."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.project_tree import environment
from tests.publish.manifests import GIT, Fleet, git, kept_waiting
from tests.publish.server import serving
from tests.publish.test_guards import clone
from tests.publish.test_remote import http_fleet, with_password

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


@pytest.mark.parametrize("first", ["older", "newer", "same"])
def test_who_comes_second_to_a_path_sees_who_came_first(tmp_path: Path, first: str) -> None:
    """One publisher is held in the hook of the repository, with its commit made, until another has landed."""
    fleet = Fleet(tmp_path)
    other = clone(fleet)
    fleet.published("prod-east")
    before = fleet.head("environment/prod-east")
    held, winner = (other, fleet) if first == "newer" else (fleet, other)
    held.colour("rot")
    git(winner.project.root, "pull", "--quiet", str(held.project.root), "main")
    if first == "newer":
        winner.colour("blau")
        git(held.project.root, "fetch", "--quiet", str(winner.project.root), "main")
    elif first == "older":
        git(winner.project.root, "reset", "--quiet", "--hard", "HEAD^")
        winner.project.write({"config/prod-east.yaml": "labels: {held: 'no'}\n"})
    os.mkfifo(tmp_path / "wait")
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    hook = fleet.manifests / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\nmkdir {tmp_path}/held 2>/dev/null || exit 0\ncat {tmp_path}/wait\n")
    hook.chmod(0o755)
    where = ("--repository", fleet.manifests.as_uri())
    process = started(held, "prod-east", *where)
    with kept_waiting(tmp_path / "wait", process):
        winner.published("prod-east", *where)
        landed = fleet.head("environment/prod-east")
        assert git(fleet.manifests, "rev-parse", f"{landed}^") == before
    errors = process.communicate()[1].decode()
    head = fleet.head("environment/prod-east")
    if first == "newer":
        assert process.returncode == 3
        assert "is older than" in errors
        assert head == landed
    elif first == "same":
        assert process.returncode == 0, errors
        assert "prod-east: unchanged" in errors
        assert head == landed
    else:
        assert process.returncode == 0, errors
        assert git(fleet.manifests, "rev-parse", f"{head}^") == landed
        assert "rot" in fleet.files("environment/prod-east")["settings/settings.yaml"]
        assert "held" not in fleet.files("environment/prod-east")["settings/settings.yaml"]
    fleet.sound()


def test_a_race_that_is_lost_every_time_ends_with_4(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.colour("rot")
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    hook = fleet.manifests / "hooks/pre-receive"
    # Somebody is always faster by a commit. The variables say that what is pushed may still be refused.
    hook.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        "ref=refs/heads/environment/prod-east\n"
        'git update-ref $ref "$(git commit-tree -p $ref -m faster $ref^{tree})"\n'
        f"echo >> {tmp_path}/lost\n"
    )
    hook.chmod(0o755)
    run = fleet.run("prod-east")
    assert run.code == 4, run.err
    assert "could not be moved in 30 attempts" in run.err
    assert len((tmp_path / "lost").read_text().splitlines()) == 30
    assert fleet.message("environment/prod-east") == "faster"
    hook.unlink()
    fleet.published("prod-east")
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


@pytest.mark.parametrize(
    ("how", "name", "content"),
    [
        ("here", "refs/heads/environment/prod-east.lock", ""),
        ("here", "refs/heads/environment/prod-east.lock", "2" * 40 + "\n"),
        ("here", "HEAD.lock", ""),
        ("file", "refs/heads/environment/prod-east.lock", ""),
        ("http", "HEAD.lock", ""),
    ],
)
def test_the_lock_of_another_git_ends_with_4_and_is_named(
    tmp_path: Path, how: str, name: str, content: str
) -> None:
    fleet = http_fleet(tmp_path)
    fleet.published("prod-east")
    git(fleet.manifests, "symbolic-ref", "HEAD", "refs/heads/environment/prod-east")
    lock = fleet.manifests / name
    lock.write_text(content)
    ref = "refs/heads/environment/prod-east"
    (fleet.manifests / "weft-publish.json").write_text(json.dumps({ref: "1" * 40}))
    fleet.colour("rot")
    with serving(tmp_path) as server:
        there = {"file": fleet.manifests.as_uri(), "http": with_password(server)}
        where = ("--repository", there[how]) if how in there else ()
        message = fleet.refused("prod-east", *where, code=4)
        assert str(lock) in message
        assert "delete the file" in message
        # Whether it is the same lock all the time can be seen on this machine only.
        assert len([path for path in server.requests if path.endswith("/git-receive-pack")]) in (0, 12)
        assert lock.read_text() == content
        lock.unlink()
        fleet.published("prod-east", *where)
    fleet.sound()


def test_a_lock_on_the_notes_is_named_and_the_branch_is_published(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.colour("rot")
    lock = fleet.manifests / "refs/notes/hydrator.metadata.lock"
    lock.write_text("")
    run = fleet.published("prod-east")
    assert f"the note for GitOps Promoter was not written: {lock}" in run.err
    lock.unlink()
    fleet.published("prod-east")
    assert fleet.note("environment/prod-east")


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
    with kept_waiting(tmp_path / "wait", process):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130, errors.decode()
    assert list(kept.iterdir()) == []
