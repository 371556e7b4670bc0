"""Runs a program once for all who want the same of it, and keeps what it printed up to some total size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from generator.render.programs import Finished

MOST = 64 * 2**20
# What an entry takes beside what was printed: the key, and the objects around both.
_ENTRY = 1024


class Once:
    """What programs printed, by all that it depends on. Threads share it; least recently used, first out."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, Finished] = OrderedDict()
        self._running: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, start: Callable[[], Finished]) -> Finished:
        """What `start` returns, from an earlier call with the same `key` where there was one.

        A second thread waits for the first. What fails (`start` raises, or the exit code is not 0) is kept
        for nobody: whoever waited runs it again, since an error names its own environment.
        """
        with self._lock:
            found = self._found(key)
            ended = self._running.get(key)
            leads = found is None and ended is None
            if leads:
                self._running[key] = threading.Event()
        if found is not None:
            return found
        if leads:
            return self._lead(key, start)
        if ended is not None:
            ended.wait()
        with self._lock:
            found = self._found(key)
        return start() if found is None else found

    def keep(self, key: Hashable, done: Finished) -> None:
        """Keeps `done` for those who ask for `key` from now on."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = done
            self._size += _weight(done)
            while self._size > self._most:
                _, dropped = self._kept.popitem(last=False)
                self._size -= _weight(dropped)

    def __contains__(self, key: Hashable) -> bool:
        """Whether something is kept for `key`."""
        with self._lock:
            return key in self._kept

    def _lead(self, key: Hashable, start: Callable[[], Finished]) -> Finished:
        try:
            done = start()
            if not done.code:
                self.keep(key, done)
            return done
        finally:
            with self._lock:
                self._running.pop(key).set()

    def _found(self, key: Hashable) -> Finished | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found


def _weight(done: Finished) -> int:
    return len(done.out) + len(done.err) + _ENTRY
