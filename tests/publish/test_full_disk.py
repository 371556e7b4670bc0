"""A disk that is full: in the repository that is published to, and where weft makes its commits."""

from __future__ import annotations

import os
import random
import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.project_tree import environment, unmeasured
from tests.publish.manifests import GIT, Fleet, git

BRANCH = "environment/prod-east"
# A disk of 4 MB at $1 that holds what is there now and has $2 KB left: runs the command, frees the disk, and
# runs it again; what became of it is left in $3.
SMALL_DISK = """
set -e
disk=$1 free=$2 out=$3; shift 3
cp -a "$disk" "$out/copy"
mount -t tmpfs -o size=4m none "$disk"
cp -a "$out/copy/." "$disk/"
dd if=/dev/zero of="$disk/filler" bs=4096 2>"$out/dd" || true
truncate -s "-${free}K" "$disk/filler"
code=0; "$@" >"$out/first" 2>&1 || code=$?; echo $code >"$out/first.code"
rm "$disk/filler"
cp -a "$disk" "$out/after-first"
code=0; "$@" >"$out/second" 2>&1 || code=$?; echo $code >"$out/second.code"
cp -a "$disk" "$out/after-second"
"""
# Where nobody may mount anything, files stop growing at $2 KB instead: writes fail there all the same.
SMALL_FILES = """
disk=$1 free=$2 out=$3; shift 3
code=0; (ulimit -f "$free"; "$@") >"$out/first" 2>&1 || code=$?; echo $code >"$out/first.code"
cp -a "$disk" "$out/after-first"
code=0; "$@" >"$out/second" 2>&1 || code=$?; echo $code >"$out/second.code"
cp -a "$disk" "$out/after-second"
"""


def on_a_full_disk(disk: Path, free: int, out: Path, command: Sequence[str], **keywords: object) -> None:
    """Runs `command` twice: first where the disk has `free` KB left, then where it has enough."""
    out.mkdir()
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    probe = [*namespace, "mount", "-t", "tmpfs", "none", str(out)]
    mounts = _code(probe) == 0
    script = [*namespace, "sh", "-c", SMALL_DISK] if mounts else ["sh", "-c", SMALL_FILES]
    subprocess.run([*script, "sh", str(disk), str(free), str(out), *command], check=True, **keywords)  # type: ignore[call-overload]


def _code(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode
    except FileNotFoundError:
        return 127


def big(fleet: Fleet) -> None:
    """Commits an object of 60 KB that nothing compresses to nothing."""
    chance = random.Random(7)
    noise = "".join(f"  k{number}: x{chance.random()}\n" for number in range(2000))
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: queue}}\ndata:\n{noise}"
    fleet.commit("big", {"apps/queue/manifests/queue.yaml": text})


# Where the temporary folder takes nothing at all, Python finds another.
@pytest.mark.parametrize(
    ("where", "free"), [("repository", 0), ("repository", 4), ("repository", 16), ("temporary", 8)]
)
def test_a_full_disk_leaves_the_branch_and_the_next_run_completes(
    tmp_path: Path, where: str, free: int
) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    head = fleet.head(BRANCH)
    big(fleet)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    variables = {**GIT, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(temporary)}
    out = tmp_path / "out"
    disk = fleet.manifests if where == "repository" else temporary
    on_a_full_disk(
        disk,
        free,
        out,
        fleet.project.command("publish", "prod-east"),
        cwd=fleet.project.root,
        env=unmeasured(environment(variables)),
    )
    said = (out / "first").read_text()
    assert (out / "first.code").read_text() == "4\n", said
    assert "Traceback" not in said
    assert "weft itself failed" not in said
    assert (out / "second.code").read_text() == "0\n", (out / "second").read_text()
    if where == "repository":
        first, second = out / "after-first", out / "after-second"
        assert git(first, "rev-parse", BRANCH) == head
        git(first, "fsck", "--strict", "--no-dangling")
        fleet.sound(second)
    else:
        second = fleet.manifests
        assert os.listdir(out / "after-second") == []
        fleet.sound()
    assert git(second, "rev-parse", f"{BRANCH}^") == head


@pytest.mark.parametrize("limit", [200, 2_000, 20_000])
def test_files_that_may_not_grow_leave_the_branch_and_the_next_run_completes(
    tmp_path: Path, limit: int
) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    head = fleet.head(BRANCH)
    big(fleet)
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
    assert fleet.head(BRANCH) == head
    git(fleet.manifests, "fsck", "--strict", "--no-dangling")
    fleet.published("prod-east")
    fleet.sound()
