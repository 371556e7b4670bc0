"""Reads the inventory of an environment's folder on disk."""

from __future__ import annotations

from pathlib import Path

from generator.errors import DefinitionError, SurroundingsError
from generator.model import inventory
from generator.model.output import INVENTORY


def read(folder: Path, shown: str) -> frozenset[str] | None:
    """The paths that the inventory in `folder` owns, or None where there is no inventory.

    `shown` is the folder as messages name it. Raises DefinitionError where it was damaged: what weft
    owns is then unknown, and nothing may be overwritten or removed on a guess.
    """
    file = f"{shown}/{INVENTORY}"
    path = folder / INVENTORY
    if path.is_symlink():
        raise DefinitionError("is a symbolic link, expected a file", file=file)
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror}", file=file) from error
    try:
        return inventory.paths(text)
    except ValueError as error:
        raise _damaged(file, str(error)) from None


def _damaged(file: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"is damaged: {why}",
        file=file,
        hint="restore it from git, or delete it and run with --adopt",
    )
