"""What programs printed, in files: for the other processes of a run, and for the runs after it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator

from generator.render.programs import Finished

_SUFFIX = ".printed"


class Shelf:
    """Files by key in `folder`, which lasts; without one nothing is kept but what `shared` processes need.

    A key says all that the program's output depends on. A file that is damaged, or cannot be written, counts
    as one that is not there.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._turns: str | None = None

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Within it, processes that are forked take turns: what one of them runs, no other does."""
        kept = self._folder
        with tempfile.TemporaryDirectory(prefix="weft-") as turns:
            self._turns, self._folder = turns, kept or turns
            try:
                yield
            finally:
                self._turns, self._folder = None, kept

    @property
    def is_shared(self) -> bool:
        """Whether there may be other processes that run the same."""
        return self._turns is not None

    @property
    def keeps(self) -> bool:
        """Whether what is put here is there for anybody."""
        return self._folder is not None

    def get(self, key: str, start: Callable[[], Finished]) -> Finished:
        """What `start` returns, now or when somebody asked before. What fails is kept for nobody.

        Raises what `start` raises.
        """
        found = self._load(key)
        if found is None:
            with self._turn(key, wait=True):
                # Who had the turn before has it ready now.
                found = self._load(key) or self._kept(key, start())
        return found

    def begin(self, key: str, start: Callable[[], Finished]) -> None:
        """Has ready what `get` will ask for, unless another process is at it. Raises what `start` raises."""
        if self._load(key) is None:
            with self._turn(key, wait=False) as mine:
                if mine and self._load(key) is None:
                    self._kept(key, start())

    @contextlib.contextmanager
    def _turn(self, key: str, *, wait: bool) -> Iterator[bool]:
        if self._turns is None:
            yield True
            return
        # Processes share a shelf only where they are forked, and there it is.
        import fcntl

        handle = os.open(f"{self._turns}/{key}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(handle)

    def _load(self, key: str) -> Finished | None:
        if self._folder is None:
            return None
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                sealed, _, body = file.read().partition(b"\n")
            if sealed != _seal(body):
                return None
            said, _, out = body.partition(b"\n")
            found = Finished(0, out, json.loads(said))
        except (OSError, ValueError):
            return None
        # What was used last is the last to go.
        with contextlib.suppress(OSError):
            os.utime(path)
        return found

    def _kept(self, key: str, done: Finished) -> Finished:
        if self._folder is None or done.code:
            return done
        body = json.dumps(done.err).encode() + b"\n" + done.out
        with contextlib.suppress(OSError):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_seal(body) + b"\n" + body)
                os.replace(name, self._path(key))
            except BaseException:
                os.unlink(name)
                raise
        return done

    def _path(self, key: str) -> str:
        return f"{self._folder}/{key}{_SUFFIX}"


def _seal(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
