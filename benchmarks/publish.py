"""Publishing 10,000 files against what git alone needs: python benchmarks/publish.py [FILES] [ROUNDS].

Prints, for each round, the seconds of `git fast-import`, of the same with the settings that weft gives it (no
fsync, light compression, no deltas), and of a publication of the same files; then of an unchanged publication
and of hashing the files into a tree; then the two factors that the project holds itself to (1.5 times a
fast-import with git's own settings, and 3), each the median of all rounds. Exits with 1 where one is missed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from generator import gitcmd
from generator.gitcmd.trees import FILE
from generator.model.output import INVENTORY, Output, inventory_bytes
from generator.publish import Options, Publisher, Target


def manifests(count: int) -> Mapping[str, bytes]:
    """Deployments of about 2 KB each, fifty to a folder."""
    files = {}
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        variables = "".join(
            f"            - name: VALUE_{i}\n              value: {digest[i:]}\n" for i in range(18)
        )
        files[f"services/s{number // 50:03}/d{number % 50:02}/d{number % 50:02}.yaml"] = (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: n{number}\n  namespace: shop\nspec:\n"
            f"  template:\n    spec:\n      containers:\n        - name: app\n          env:\n{variables}"
        ).encode()
    files[INVENTORY] = inventory_bytes([*files, INVENTORY])
    return files


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare(folder: Path) -> Path:
    """An empty bare repository."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


# As generator/gitcmd/scratch.py has them.
SETTINGS = ("-c", "core.fsync=none", "-c", "pack.compression=1")


def fast_import(folder: Path, files: Mapping[str, bytes], *, like_weft: bool = False) -> None:
    """What git alone does, with its own settings or with those of weft."""
    stream = [b"commit refs/heads/main\ncommitter a <a@example.org> 1 +0000\ndata 0\n"]
    for path, content in files.items():
        stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
    settings, options = (SETTINGS, ["--depth=0"]) if like_weft else ((), [])
    command = ["git", *settings, "-C", str(folder), "fast-import", "--quiet", *options]
    subprocess.run(command, input=b"".join(stream), check=True)


def publish(folder: Path, files: Mapping[str, bytes], source: gitcmd.Source) -> str:
    """A publication; returns its status."""
    target = Target("prod", gitcmd.address(str(folder), "."), "prod", "", "prod", ("prod", ""))
    with Publisher(source, Options(author="A <a@example.org>")) as publisher:
        result = publisher.publish(Output("prod", files=files, objects=len(files)), target)
    assert not result.errors, result.errors
    return result.status


def main() -> int:
    """Measures and prints; returns the exit code."""
    count, rounds = (int(text) for text in (*sys.argv[1:], *("10000", "3")[len(sys.argv) - 1 :]))
    files = manifests(count)
    first, alike, again = [], [], []
    for number in range(rounds):
        with tempfile.TemporaryDirectory(prefix="weft-benchmark-") as folder:
            root = Path(folder)
            source = gitcmd.Source(folder=folder)
            plain = seconds(lambda root=root: fast_import(bare(root / "plain.git"), files))  # type: ignore[misc]
            light = seconds(
                lambda root=root: fast_import(bare(root / "light.git"), files, like_weft=True)  # type: ignore[misc]
            )
            store = bare(root / "weft.git")
            ours = seconds(lambda store=store, source=source: publish(store, files, source))  # type: ignore[misc]
            same = seconds(lambda store=store, source=source: publish(store, files, source))  # type: ignore[misc]
            hashed = seconds(
                lambda: gitcmd.tree_id(
                    {path: gitcmd.Entry(FILE, gitcmd.blob_id(content)) for path, content in files.items()}
                )
            )
        print(
            f"{number}: fast-import {plain:.2f} with weft's settings {light:.2f} publish {ours:.2f}"
            f" hash {hashed:.3f} unchanged {same:.3f}"
        )
        first.append(ours / plain)
        alike.append(ours / light)
        again.append(same / hashed)
    print(
        f"{count} files: {median(first):.2f} times fast-import (at most 1.5),"
        f" {median(alike):.2f} times with weft's settings;"
        f" unchanged {median(again):.2f} times a hash of the tree (at most 3)"
    )
    return 0 if median(first) <= 1.5 and median(again) <= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
