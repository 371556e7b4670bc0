"""The inventory: which files below an environment's folder weft owns."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from generator.errors import DefinitionError, SurroundingsError
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
        paths = json.loads(text)
    except ValueError as error:
        raise _damaged(file, str(error)) from None
    if not isinstance(paths, list) or not all(isinstance(item, str) and inside(item) for item in paths):
        raise _damaged(file, "expected a list of paths below this folder")
    return frozenset(paths)


def inside(path: str) -> bool:
    """Whether a path stays below the folder it is relative to."""
    pure = PurePosixPath(path)
    return (
        bool(path)
        and "\0" not in path
        and not pure.is_absolute()
        and ".." not in pure.parts
        and path == str(pure)
    )


def _damaged(file: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"is damaged: {why}",
        file=file,
        hint="restore it from git, or delete it and run with --adopt",
    )
