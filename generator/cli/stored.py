"""Says of an error in what was fetched which source that is: its file is named by a digest alone."""

from __future__ import annotations

import contextlib
from pathlib import Path

from generator.errors import WeftError
from generator.load import lock


def name_source(error: WeftError) -> None:
    """Adds the source as the lock has it, where that can be read."""
    with contextlib.suppress(WeftError, OSError):
        lock.name_source(error, lock.read(Path(".")).sources)
