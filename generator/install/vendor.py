"""Copies what the lock names into a folder that can be committed, and removes older copies."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.errors import SurroundingsError, UsageError
from generator.model.definition import Component
from generator.model.source import STORE, Lock
from generator.store import Store

_INVENTORY = "inventory.json"
_HINT = "name a new one below the root: weft vendor third_party"
# What a user's settings would do to files: other line ends, or leave them out of a commit.
_ATTRIBUTES = "* -text -ident -filter -diff linguist-vendored\n"
_IGNORE = "!*\n"


def write(root: Path, folder: str, lock: Lock) -> Sequence[str]:
    """Brings `folder` below `root` up to date with the lock; the names of the copies.

    Raises SurroundingsError where it cannot be written.
    """
    store = Store(root)
    top = root / folder
    names = sorted({entry.vendored for entry in lock.sources})
    try:
        top.mkdir(parents=True, exist_ok=True)
        old = _inventory(top)
        for entry in lock.sources:
            if not store.verified(top / entry.vendored, entry.sha256):
                kept = root / (lock.vendor or "") / entry.vendored
                _copy(store.path(entry) if store.holds(entry) else kept, top, entry.vendored)
        for name in old:
            if name not in names and os.sep not in name and name not in (".", ".."):
                shutil.rmtree(top / name, ignore_errors=True)
        (top / ".gitattributes").write_text(_ATTRIBUTES)
        (top / ".gitignore").write_text(_IGNORE)
        (top / _INVENTORY).write_text(json.dumps(names, indent=2) + "\n")
    except OSError as error:
        raise SurroundingsError(f"cannot be written: {error.strerror or error}", file=folder) from None
    return names


def check(root: Path, folder: str, shown: str, tree: Component) -> None:
    """Raises UsageError where `folder`, a plain path below the root, is not free for copies alone."""
    for taken, what in _taken(tree):
        if f"{folder}/".startswith(f"{taken}/"):
            raise UsageError(f"`{shown}` is no folder to keep copies in: {taken}/ {what}", hint=_HINT)
    top = root / folder
    if top.is_dir() and not (top / _INVENTORY).is_file() and any(top.iterdir()):
        raise UsageError(
            f"`{shown}` is no folder to keep copies in: it holds what weft vendor did not write", hint=_HINT
        )
    if top.exists() and not top.is_dir():
        raise UsageError(f"`{shown}` is no folder to keep copies in: it is a file", hint=_HINT)


def _taken(tree: Component) -> Iterator[tuple[str, str]]:
    """The folders below the root that weft itself reads or writes, and what for."""
    for name in (STORE, ".git"):
        yield name, "is not committed"
    yield "environments", "holds the clusters"
    yield "generated", "holds the output"
    for component in tree.walk():
        if component.origin is None:
            yield posixpath.normpath(f"{component.folder}/config"), "holds config"
        if component.locked is None and component.source not in (None, "."):
            yield component.source or "", f"is what `{component.label}` is made of"


def remove(root: Path, folder: str) -> None:
    """Removes the copies in a folder that the lock no longer names, and the folder where that empties it."""
    top = root / folder
    if not (top / _INVENTORY).is_file():
        return
    for name in _inventory(top):
        if os.sep not in name and name not in (".", ".."):
            shutil.rmtree(top / name, ignore_errors=True)
    with contextlib.suppress(OSError):
        for name in (_INVENTORY, ".gitattributes", ".gitignore"):
            (top / name).unlink(missing_ok=True)
        top.rmdir()


def _inventory(top: Path) -> Sequence[str]:
    try:
        found = json.loads((top / _INVENTORY).read_text())
    except (OSError, ValueError):
        return ()
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else ()


def _copy(source: Path, top: Path, name: str) -> None:
    made = tempfile.mkdtemp(prefix=".new-", dir=top)
    try:
        shutil.copytree(source, f"{made}/content", symlinks=True)
        if (top / name).is_dir():
            os.rename(top / name, f"{made}/old")
        os.rename(f"{made}/content", top / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)
