"""What the YAML reader remembers while it puts a document together: open collections and anchors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.yamlio.marks import Tree


class Anchor:
    """What an anchor names: `done` is false until the end of the collection has been read."""

    __slots__ = ("branch", "done", "height", "size", "text", "value")

    def __init__(self, value: Any, branch: Tree | None, text: str | None = None) -> None:
        self.value = value
        self.branch = branch
        self.text = text
        self.done = text is not None
        self.size = 1
        self.height = 0


class Frame:
    """A collection that is being read; `key` waits for its value, `at` is where the key stands."""

    __slots__ = ("anchor", "at", "box", "height", "key", "keyed", "nodes", "tree")

    def __init__(self, box: Any, keyed: bool, tree: Tree | None, nodes: int, anchor: Anchor | None) -> None:
        self.box = box
        self.keyed = keyed
        self.tree = tree
        self.nodes = nodes
        self.anchor = anchor
        self.key: Any = None
        self.at = (0, 0)
        self.height = 1


def copy(value: Any) -> Any:
    """A deep copy of mappings and lists, without recursion."""
    result: list[Any] = [value]
    pending: list[tuple[Any, Any]] = [(result, 0)]
    while pending:
        box, key = pending.pop()
        value = box[key]
        copied = value.copy()
        if isinstance(value, dict):
            places: Iterable[tuple[Any, Any]] = value.items()
        else:
            places = enumerate(value)
        pending.extend((copied, place) for place, item in places if isinstance(item, (dict, list)))
        box[key] = copied
    return result[0]
