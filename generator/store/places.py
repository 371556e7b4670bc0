"""The store: a folder for each content, named by its digest; written whole, verified when read."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError, SurroundingsError
from generator.model.record import record
from generator.model.source import STATE, STORE, Locked
from generator.store.digest import digest, strip

_NEW = "new-"
# File systems date changes by ticks: what changed so shortly ago may change once more within the same tick.
_TICK_NS = 50_000_000
# The note of a run that was killed while it wrote it.
_LEFT_AFTER_SECONDS = 3600


@record(frozen=True)
class Store:
    """The store of the definition in `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where the contents are."""
        return self.root / STORE

    def path(self, locked: Locked) -> Path:
        """Where the content of an entry is, or would be."""
        return self.folder / locked.folder

    def lend(self, root: Path) -> None:
        """Lets another copy of the definition, in `root`, keep and find its sources here.

        Contents go by their digests, so nothing of one is in the way of the other. Raises SurroundingsError.
        """
        if os.path.lexists(root / STORE):
            return
        try:
            self._prepared()
            os.symlink(os.path.realpath(self.folder), root / STORE)
        except OSError as error:
            raise _unwritable(error) from None

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the store's file system, gone at the end.

        What killed runs left is removed first. Raises SurroundingsError where nothing can be written.
        """
        try:
            state = self._prepared()
            _remove_left(state)
            made, held = _held_folder(state)
        except OSError as error:
            raise _unwritable(error) from None
        try:
            yield Path(made)
        finally:
            os.close(held)
            _remove(made)

    def sealed(self, content: Path) -> str:
        """Brings the folder `content` into the form that is kept, and returns its digest.

        Raises DefinitionError for content that leads out of itself, SurroundingsError where the disk fails.
        """
        try:
            strip(content)
            _plain_modes(content)
            return digest(content)
        except OSError as error:
            raise _unwritable(error) from None

    def add(self, content: Path, sha256: str) -> None:
        """Moves the staged folder `content`, which was sealed with that digest, into the store.

        Whoever adds the same at the same time adds the same: one of them is kept. Raises SurroundingsError.
        """
        target = self.folder / sha256
        try:
            if target.is_dir() and not self.verified(target, sha256):
                # Somebody edited it, or the disk lost some of it.
                with contextlib.suppress(FileNotFoundError):
                    os.rename(target, _folder(self.root / STATE))
            try:
                os.rename(content, target)
            except OSError:
                if not target.is_dir():
                    raise
        except OSError as error:
            raise _unwritable(error) from None

    def holds(self, locked: Locked) -> bool:
        """Whether the content is here, as the lock has it."""
        return self.verified(self.path(locked), locked.sha256)

    def verified(self, folder: Path, sha256: str) -> bool:
        """Whether `folder` has that content.

        It is read once; after that its files' stat data tell. What cannot be read has another content.
        """
        if not folder.is_dir():
            return False
        try:
            if self._known(folder, sha256):
                return True
            same = digest(folder) == sha256
        except (OSError, ValueError, DefinitionError):
            return False
        if same:
            self._remember(folder, sha256)
        return same

    # What was verified before.

    def _note(self, folder: Path, sha256: str) -> Path:
        place = zlib.crc32(os.fsencode(os.path.realpath(folder)))
        return self.root / STATE / f"{sha256}-{place:08x}.json"

    def _known(self, folder: Path, sha256: str) -> bool:
        try:
            known = json.loads(self._note(folder, sha256).read_text())
        except (OSError, ValueError):
            return False
        return bool(known == _states(folder))

    def _remember(self, folder: Path, sha256: str) -> None:
        """Notes the stat data of verified content. A store that cannot be written is read again each time."""
        with contextlib.suppress(OSError):
            states = _states(folder)
            if any(max(row[1], row[2]) > time.time_ns() - _TICK_NS for row in states):
                return
            _replace(self._prepared(), self._note(folder, sha256), json.dumps(states))

    def _prepared(self) -> Path:
        """The folder beside the contents; nothing in the store belongs into a commit."""
        state = self.root / STATE
        state.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            _replace(state, ignore, "*\n")
        return state


def _replace(state: Path, target: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    import tempfile

    handle, name = tempfile.mkstemp(prefix=".", dir=state)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(name, target)


def _states(folder: Path) -> list[list[Any]]:
    """Every file below `folder`: path, dates in nanoseconds, size, inode, mode; in a stable order."""
    found: list[list[Any]] = []
    pending = [""]
    while pending:
        below = pending.pop()
        for entry in os.scandir(folder / below):
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
                continue
            state = entry.stat(follow_symlinks=False)
            found.append(
                [path, state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino, state.st_mode]
            )
    return sorted(found)


def _plain_modes(content: Path) -> None:
    """Gives files and folders the modes that everybody's store has."""
    for directory, _, names in os.walk(content):
        os.chmod(directory, 0o755)
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.lstat(path).st_mode & 0o100 else 0o644)


def _folder(state: Path) -> str:
    # Imported late: who only reads the store needs neither this nor what it imports.
    import tempfile

    return tempfile.mkdtemp(prefix=_NEW, dir=state)


def _remove(path: str) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def _held_folder(state: Path) -> tuple[str, int]:
    """A new folder with the lock on it, which says that whoever made it is alive; and its descriptor."""
    while True:
        made = _folder(state)
        with contextlib.suppress(FileNotFoundError):
            held = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(held, fcntl.LOCK_EX)
            if os.path.isdir(made):
                return made, held
            # Another run cleared it away in the moment before the lock.
            os.close(held)


def _remove_left(state: Path) -> None:
    """Removes what runs left that were killed; one that goes on holds a lock on its folder."""
    for entry in os.scandir(state):
        if not entry.name.startswith((_NEW, ".")):
            continue
        with contextlib.suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                _remove_if_left(entry.path)
            elif entry.stat().st_mtime < time.time() - _LEFT_AFTER_SECONDS:
                os.unlink(entry.path)


def _remove_if_left(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(path)
    finally:
        os.close(descriptor)


def _unwritable(error: OSError) -> SurroundingsError:
    return SurroundingsError(
        f"the store cannot be written: {error.strerror or error}",
        file=STORE,
        hint="is the disk full, or read-only?",
    )
