"""Positions of all paths of a document, kept as a tree so that aliases and deep paths cost no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.model.document import Path

# A tree maps each key or index to (line, column, tree of what stands there or None).
Tree = dict[Any, tuple[int, int, Any]]


class LazyMarks(Mapping[Path, tuple[int, int]]):
    """Marks that `found` gives when one of them is asked for; `first` is that of `()`."""

    __slots__ = ("_first", "_found", "_marks")

    def __init__(self, first: tuple[int, int], found: Callable[[], Mapping[Path, tuple[int, int]]]) -> None:
        self._first = first
        self._found = found
        self._marks: Mapping[Path, tuple[int, int]] | None = None

    @property
    def unread(self) -> bool:
        """Whether nobody has asked yet for any mark but the first."""
        return self._marks is None

    def _all(self) -> Mapping[Path, tuple[int, int]]:
        if self._marks is None:
            self._marks = self._found()
        return self._marks

    def __getitem__(self, path: Path) -> tuple[int, int]:
        return self._all()[path] if path else self._first

    def __iter__(self) -> Iterator[Path]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class Marks(Mapping[Path, tuple[int, int]]):
    """A mapping from paths to (line, column); parts of an alias have the marks of what it stands for."""

    __slots__ = ("_root",)

    def __init__(self, line: int, column: int, tree: Tree | None) -> None:
        self._root = (line, column, tree)

    def __getitem__(self, path: Path) -> tuple[int, int]:
        node: tuple[int, int, Tree | None] = self._root
        for step in path:
            if node[2] is None:
                raise KeyError(path)
            node = node[2][step]
        return node[0], node[1]

    def __iter__(self) -> Iterator[Path]:
        stack: list[tuple[Path, Tree | None]] = [((), self._root[2])]
        yield ()
        while stack:
            path, tree = stack.pop()
            for step, (_, _, branch) in (tree or {}).items():
                yield (*path, step)
                if branch:
                    stack.append(((*path, step), branch))

    def __len__(self) -> int:
        return sum(1 for _ in self)
