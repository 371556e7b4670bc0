"""What says that a file is as it was: stat data, as git trusts them, else its content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

# Beyond it, looking at every file would cost what a cache is to save.
MOST_FILES = 200_000
# File systems date changes by ticks: what changed so shortly before it was looked at may change once more
# within the same tick.
_TICK = 50_000_000


class Seen(NamedTuple):
    """A file as it was seen: modification and status change in nanoseconds, size, inode and mode."""

    modified: int
    changed: int
    size: int
    inode: int
    mode: int

    def settled(self, now: int) -> bool:
        """Whether a later change would show, by the file system's clock; `now` is in nanoseconds."""
        return max(self.modified, self.changed) < now - _TICK


Tree = Mapping[str, Seen]


def seen(path: str) -> Seen | None:
    """A file, or what a link to one leads to; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return _seen(found)


def _seen(found: os.stat_result) -> Seen:
    return Seen(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode)


def tree(top: str, without: Collection[str] = ()) -> Tree | None:
    """Every file below `top` by its path there, but for the folders `without`; a folder counts by its names.

    None where that does not say all: too many files, a link to a folder, something that is no file.
    """
    found: dict[str, Seen] = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = list(os.scandir(f"{top}/{folder}" if folder else top))
        except OSError:
            return None
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if path in without:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                    # An empty folder may be what an error speaks of.
                    found[f"{path}/"] = Seen(0, 0, 0, 0, 0)
                    continue
                state = _seen(entry.stat())
            except OSError:
                return None
            if not stat.S_ISREG(state.mode) or len(found) > MOST_FILES:
                return None
            found[path] = state
    return found


def digest(path: str, state: Seen) -> str | None:
    """The content of a file that is still in `state`, before and after, as its SHA-256 and whether its owner
    may execute it, of which the digest of what was fetched speaks, too; None where it is not, or is gone.
    """
    try:
        with open(path, "rb") as file:
            if _seen(os.fstat(file.fileno())) != state:
                return None
            hashed = hashlib.sha256(file.read()).hexdigest() + ("x" if state.mode & stat.S_IXUSR else "")
            return hashed if _seen(os.fstat(file.fileno())) == state else None
    except OSError:
        return None


def packages(paths: Collection[str]) -> Iterator[tuple[str, Seen | None]]:
    """The folders of installed packages: installing or removing one changes the folder's own date."""
    for path in paths:
        if path.endswith("-packages"):
            yield path, seen(path)
