"""Copies what the lock names into a folder that can be committed, and removes older copies."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generator.errors import SurroundingsError
from generator.model.source import Lock
from generator.store import Store

_INVENTORY = "inventory.json"
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
