"""Finds and reads the definition's own files: one document each, parsed into a format, errors with places."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from generator import yamlio
from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Document
from generator.schema import check

SUFFIXES = (".yaml", ".json")

T = TypeVar("T")

_PLACEMENT = "`placement` belongs into component.yaml or to a reference there: it counts in all environments"


_instead: ContextVar[Mapping[str, bytes]] = ContextVar("instead", default=MappingProxyType({}))


@contextlib.contextmanager
def instead(texts: Mapping[str, bytes]) -> Iterator[None]:
    """Reads these texts, by path below the root, as if they stood in their files already.

    So an edit is known to load before it is made.
    """
    token = _instead.set(texts)
    try:
        yield
    finally:
        _instead.reset(token)


class Known:
    """What files hold: `before`, as another run read them, and `read`, as this one does.

    By file, its content: (line and column of where it begins, value).
    """

    def __init__(self, before: Mapping[str, tuple[int, int, Any]]) -> None:
        self.before = before
        self.read: dict[str, tuple[int, int, Any]] = {}


_known: ContextVar[Known | None] = ContextVar("known", default=None)


@contextlib.contextmanager
def recalling(known: Known) -> Iterator[None]:
    """Reads no file that is in `known.before`, and fills `known.read`."""
    token = _known.set(known)
    try:
        yield
    finally:
        _known.reset(token)


def find(root: Path, folder: str, stem: str) -> str | None:
    """The path (relative to `root`) of `stem`.yaml or `stem`.json in `folder`, or None.

    Raises DefinitionError where both are there, or where only a `.yml` is.
    """
    found = [
        name for name in (f"{stem}{suffix}" for suffix in SUFFIXES) if _is_file(root, join(folder, name))
    ]
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


def _is_file(root: Path, file: str) -> bool:
    return file in _instead.get() or os.path.isfile(os.path.join(root, file))


def join(*parts: str | None) -> str:
    """Relative folders joined and made plain; `.` for the root."""
    return posixpath.normpath(posixpath.join(*(part for part in parts if part))) if any(parts) else "."


def read(root: Path, file: str) -> Document:
    """The one document of `file`, a mapping. Raises WeftError with a place."""
    text = _instead.get().get(file)
    document = _read(root, file) if text is None else yamlio.read_text(text, file)
    if not isinstance(document.value, dict):
        place = document.where()
        raise DefinitionError(
            f"found a {type(document.value).__name__}, expected a map of keys",
            file=file,
            line=place.line,
            column=place.column,
        )
    return document


def _read(root: Path, file: str) -> Document:
    known = _known.get()
    if known is None:
        return yamlio.read_file(root / file, file)
    if file in known.before:
        line, column, value = known.read[file] = known.before[file]
        return yamlio.recalled(root / file, file, (line, column), value)
    document = yamlio.read_file(root / file, file)
    known.read[file] = (*document.marks[()], document.value)
    return document


def find_chart(root: Path, folder: str) -> Document | None:
    """The Chart.yaml in `folder`, or None. Raises WeftError with a place."""
    return read(root, join(folder, "Chart.yaml")) if (root / folder / "Chart.yaml").is_file() else None


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
    coming = {posixpath.basename(file) for file in _instead.get() if posixpath.dirname(file) == folder}
    try:
        names = sorted({*os.listdir(os.path.join(root, folder)), *coming})
    except (FileNotFoundError, NotADirectoryError):
        names = sorted(coming)
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror}", file=folder) from error
    found: dict[str, str] = {}
    for name in names:
        if name.startswith((".", "README")):
            continue
        stem, suffix = posixpath.splitext(name)
        file = join(folder, name)
        if suffix not in SUFFIXES or not _is_file(root, file):
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
