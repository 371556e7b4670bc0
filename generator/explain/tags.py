"""Scalars that remember where they come from, so that the real merge itself tells which one won."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.model.document import Path


class Origin(NamedTuple):
    """The number of a source, and the path there."""

    source: int
    path: Path


class _Text(str):
    origin: Origin

    def replace(self, *args: Any) -> str:
        """The same text: what a chart's `${` is escaped to does not matter for where it comes from."""
        return self


class _Whole(int):
    origin: Origin


class _Real(float):
    origin: Origin


def tagged(value: Any, source: int, path: Path = ()) -> Any:
    """A copy of `value` whose scalars know that they stand at `path` of the source; null stays null."""
    if isinstance(value, dict):
        return {name: tagged(item, source, (*path, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [tagged(item, source, (*path, index)) for index, item in enumerate(value)]
    if value is None:
        return None
    kind = _Text if isinstance(value, str) else _Real if isinstance(value, float) else _Whole
    scalar = kind(value)
    scalar.origin = Origin(source, path)
    return scalar


def origins(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Origin | None]]:
    """Each leaf of a merged tree with its origin; None for null and for an empty map or list."""
    if isinstance(tree, dict) and tree:
        for name, item in tree.items():
            yield from origins(item, (*path, name))
    elif isinstance(tree, list) and tree:
        for index, item in enumerate(tree):
            yield from origins(item, (*path, index))
    else:
        yield path, getattr(tree, "origin", None)
