"""Finds and reads the definition's own files: one document each, parsed into a format, errors with places."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from generator import yamlio
from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Document
from generator.schema import check

SUFFIXES = (".yaml", ".json")

T = TypeVar("T")

_PLACEMENT = "`placement` belongs into component.yaml or to a reference there: it counts in all environments"


def find(root: Path, folder: str, stem: str) -> str | None:
    """The path (relative to `root`) of `stem`.yaml or `stem`.json in `folder`, or None.

    Raises DefinitionError where both are there, or where only a `.yml` is.
    """
    found = [name for name in (f"{stem}{suffix}" for suffix in SUFFIXES) if (root / folder / name).is_file()]
    if len(found) > 1:
        raise DefinitionError(
            f"{found[0]} is here beside {found[1]}, so it is not clear which counts",
            file=join(folder, found[0]),
            hint="delete one of them",
        )
    if not found:
        if (root / folder / f"{stem}.yml").is_file():
            raise DefinitionError(
                f"{stem}.yml is not read", file=join(folder, f"{stem}.yml"), hint=f"rename it to {stem}.yaml"
            )
        return None
    return join(folder, found[0])


def join(*parts: str | None) -> str:
    """Relative folders joined and made plain; `.` for the root."""
    return posixpath.normpath(posixpath.join(*(part for part in parts if part))) if any(parts) else "."


def read(root: Path, file: str) -> Document:
    """The one document of `file`, a mapping. Raises WeftError with a place."""
    document = yamlio.read_file(root / file, file)
    if not isinstance(document.value, dict):
        place = document.where()
        raise DefinitionError(
            f"found a {type(document.value).__name__}, expected a map of keys",
            file=file,
            line=place.line,
            column=place.column,
        )
    return document


def parse(cls: type[T], document: Document, hints: Mapping[str, str] | None = None) -> T:
    """`document` as a `cls`; raises Several with every finding."""
    try:
        parsed: Any = check.parse(cls, document, hints={"placement": _PLACEMENT, **(hints or {})})
    except RecursionError:
        raise DefinitionError("nests deeper than weft can follow", file=document.file) from None
    return parsed  # type: ignore[no-any-return]


def stems(root: Path, folder: str) -> Sequence[tuple[str, str]]:
    """The definition files of `folder` as (stem, path), sorted; empty where there is no such folder.

    Raises DefinitionError for a file that weft would pass over in silence.
    """
    try:
        names = sorted(entry.name for entry in (root / folder).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror}", file=folder) from error
    found: dict[str, str] = {}
    for name in names:
        if name.startswith((".", "README")):
            continue
        stem, suffix = posixpath.splitext(name)
        file = join(folder, name)
        if suffix not in SUFFIXES or not (root / file).is_file():
            raise DefinitionError(
                f"{name} is not read: only .yaml and .json files belong into {folder}/",
                file=file,
                hint=f"rename it to {stem}.yaml" if suffix == ".yml" else "move it elsewhere",
            )
        if stem in found:
            raise DefinitionError(
                f"{name} is here beside {posixpath.basename(found[stem])}, so it is not clear which counts",
                file=file,
                hint="delete one of them",
            )
        found[stem] = file
    return tuple(found.items())
