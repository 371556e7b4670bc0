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
