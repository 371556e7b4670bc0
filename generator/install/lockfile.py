"""Writes weft.lock: sorted, so that a change is a few lines, and replaced whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import SurroundingsError
from generator.model.source import LOCK, Lock

_HEAD = "# Written by weft install. Commit it: generate reads what it names, and nothing else.\n"


def text(lock: Lock) -> str:
    """The lock as a file."""
    entries = []
    for entry in sorted(lock.sources, key=lambda entry: entry.key):
        row = {
            "method": entry.method,
            "url": entry.url,
            "path": entry.path,
            "version": entry.version,
            "branch": entry.branch,
            "resolved": entry.resolved or None,
            "sha256": entry.sha256,
        }
        entries.append({name: value for name, value in row.items() if value is not None})
    whole: dict[str, Any] = {"version": 1}
    if lock.vendor is not None:
        whole["vendor"] = lock.vendor
    return _HEAD + yamlio.emit({**whole, "sources": entries})


def write(root: Path, lock: Lock) -> None:
    """Replaces the lock of the definition in `root`. Raises SurroundingsError where that fails."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{LOCK}-", dir=root)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text(lock))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, root / LOCK)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
    except OSError as error:
        raise SurroundingsError(f"cannot be written: {error.strerror or error}", file=LOCK) from None
