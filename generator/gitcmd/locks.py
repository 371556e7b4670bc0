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
# git takes a fifth of a second to write a ref even on a slow disk; a lock that so many pushes in a row meet
# was left behind. On another machine, nobody here can tell whether it is the same one.
_MOST_MET = 8
_MOST_MET_ELSEWHERE = 12
# git makes the locks of a ref and of HEAD one after the other; a slow disk is between them.
_TOGETHER_SECONDS = 5.0


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


class Watch:
    """Counts the pushes in a row that meet the same lock in a repository, until it is plain that it stays.

    `near`: its files can be seen from here. `shown` is how messages name it.
    """

    def __init__(self, shown: str, *, near: bool) -> None:
        self._where = "" if near else f" in {shown}"
        self._near = near
        self._last: tuple[object, ...] = ()
        self._count = 0

    def met(self, lock: str | None) -> SurroundingsError | None:
        """The error that ends the attempts, where the push met `lock` once too often; None for no lock."""
        found: tuple[object, ...] = (lock,)
        if lock and self._near:
            with contextlib.suppress(OSError):
                told = os.stat(lock)
                found = (lock, told.st_ino, told.st_mtime_ns)
        self._count = self._count + 1 if found == self._last else 1
        self._last = found
        if lock is None or self._count < (_MOST_MET if self._near else _MOST_MET_ELSEWHERE):
            return None
        return SurroundingsError(
            f"the lock of another git is in the way{self._where}",
            file=os.path.normpath(lock),
            hint="if no git is at work in that repository, one was killed there: delete the file",
        )


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
    """Removes the locks that a killed publisher left on the refs that it was about to move.

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
            # A lock that was already renamed is the ref itself; its time stays.
            held = lock if lock.exists() else git_dir / ref
            if new and held.read_text().strip() == new:
                _clear_head(git_dir, ref, held.stat().st_mtime)
                if held == lock:
                    lock.unlink()


def _clear_head(git_dir: Path, ref: str, moment: float) -> None:
    """Removes the empty lock that git puts on HEAD while it moves the ref that HEAD points to.

    Whoever else moves that ref would hold its lock too, and that was the dead publisher's; who changes HEAD
    alone writes into the lock at once. So one that was made together with the ref's, and is still
    empty a while later, is the dead publisher's as well.
    """
    lock = git_dir / "HEAD.lock"
    if (git_dir / "HEAD").read_text().strip() != f"ref: {ref}" or not lock.exists():
        return
    found = lock.stat()
    if found.st_size or abs(found.st_mtime - moment) > _TOGETHER_SECONDS:
        return
    time.sleep(max(0.0, min(1.0, found.st_mtime + 1 - time.time())))
    now = lock.stat()
    if (now.st_ino, now.st_size, now.st_mtime_ns) == (found.st_ino, 0, found.st_mtime_ns):
        lock.unlink()
