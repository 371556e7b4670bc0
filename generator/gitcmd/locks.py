"""One publisher at a time pushes to a repository on this machine, and clears what a killed one left there."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from generator.errors import SurroundingsError

_FILE = "weft-publish.json"
# A push takes less; what holds the lock longer is a program that a hook left running.
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def pushing(git_dir: str, updates: Mapping[str, str], waiting: Callable[[], None]) -> Iterator[Sequence[int]]:
    """Holds the lock on pushing `updates` (ref: new commit) to the repository at `git_dir`.

    Yields the file descriptors that git has to inherit: the lock then lasts as long as the last of the
    two, so whoever gets it next knows that nobody works on what is written in its file. What a killed
    publisher left is cleared first where the file proves it. To push is safe without the lock too, so
    one that is held for long is passed by. Raises SurroundingsError where the repository cannot be written.
    """
    path = Path(git_dir) / _FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SurroundingsError(f"cannot be written: {error.strerror}", file=str(path)) from None
    try:
        if not _taken(descriptor, waiting):
            yield ()
            return
        _clear(Path(git_dir), os.pread(descriptor, 1 << 20, 0))
        _record(descriptor, updates, path)
        yield (descriptor,)
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, waiting: Callable[[], None]) -> bool:
    end = time.monotonic() + _PATIENCE_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
        if not told and time.monotonic() > end - _PATIENCE_SECONDS + 1:
            told = True
            waiting()
        time.sleep(_PAUSE_SECONDS)


def _record(descriptor: int, updates: Mapping[str, str], path: Path) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(dict(updates)).encode(), 0)
    except OSError as error:
        raise SurroundingsError(f"cannot be written: {error.strerror}", file=str(path)) from None


def _clear(git_dir: Path, left: bytes) -> None:
    """Removes the locks of the refs that a killed publisher was about to move, where they hold its commits.

    git writes the new commit into the lock of a ref before it renames the lock into place. A lock
    with anything else in it may be somebody else's.
    """
    try:
        updates = json.loads(left) if left else {}
    except ValueError:
        return
    for ref, new in updates.items() if isinstance(updates, dict) else ():
        lock = git_dir / f"{ref}.lock"
        with contextlib.suppress(OSError):
            if new and lock.read_text().strip() == new:
                lock.unlink()
