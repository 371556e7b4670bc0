"""A parsed document and where in which file each of its parts stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[\w$-]+")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


class _Later(Position):
    """A place whose line is looked up when somebody asks: most places are only for errors that never come."""

    __slots__ = ("_document", "_path")

    def __init__(self, document: Document, path: Path) -> None:
        object.__setattr__(self, "file", document.file)
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_path", path)

    def __getattr__(self, name: str) -> Any:
        # Only what has no value yet comes here.
        if name not in ("line", "column"):
            raise AttributeError(name)
        found = self._document.found(self._path)
        object.__setattr__(self, "line", found.line)
        object.__setattr__(self, "column", found.column)
        return getattr(found, name)

    def _known(self) -> Position:
        return Position(self.file, self.line, self.column)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Position) and _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash(self._known())

    def __lt__(self, other: Position) -> bool:
        return _key(self) < _key(other)

    def __le__(self, other: Position) -> bool:
        return _key(self) <= _key(other)

    def __gt__(self, other: Position) -> bool:
        return _key(self) > _key(other)

    def __ge__(self, other: Position) -> bool:
        return _key(self) >= _key(other)

    def __reduce__(self) -> tuple[Any, ...]:
        return Position, _key(self)


def _key(place: Position) -> tuple[Any, ...]:
    return place.file, place.line, place.column


class Places(Protocol):
    """Knows where the parts of something stand, such as the fields of an object."""

    def where(self, *path: str | int) -> Position:
        """The position of the part at `path`, or of the nearest part around it that has one."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML or JSON document: plain Python data, and a mark (line, column) for each path.

    The mark of a mapping entry is that of its key, the mark of a list item that of the item, and
    the mark of `()` is where the document's content begins.
    """

    file: str
    value: Any
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict, repr=False)

    def where(self, *path: str | int) -> Position:
        """The position of `path`, or of its nearest ancestor that has a mark."""
        return _Later(self, path) if path and getattr(self.marks, "unread", False) else self.found(path)

    def found(self, path: Path) -> Position:
        """What `where` says, looked up at once."""
        for end in range(len(path), -1, -1):
            mark = self.marks.get(path[:end])
            if mark is not None:
                return Position(self.file, *mark)
        return Position(self.file)


def dotted(path: Path) -> str:
    """A path as users write it: `spec.ports[0].name`, `metadata.labels[app.kubernetes.io/name]`."""
    text = ""
    for step in path:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text
