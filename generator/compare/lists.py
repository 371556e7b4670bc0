"""Pairs the items of two lists: by Kubernetes' merge keys where they have one, by place where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.compare.changes import ABSENT

# What identifies an item of a list of maps, the first that fits; several fields identify it together.
_PORTS: Sequence[Sequence[str]] = (("containerPort", "protocol"), ("port", "protocol"))
_KEYS: Sequence[Sequence[str]] = (
    ("mountPath",),
    ("devicePath",),
    ("name",),
    ("topologyKey",),
    ("ip",),
    ("key",),
)
# A field that may be left out, and what it then is.
_DEFAULTS = {"protocol": "TCP"}
# Their items run, or match, one after the other: another order is another meaning, also of named items.
_ORDERED = frozenset(("initContainers", "http", "tcp", "tls", "rules"))

Pair = tuple[str, Any, Any]


def pairs(field: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Pair]:
    """(label, old item, new item) for all items of the list at `field` that may differ.

    ABSENT stands where one side has no such item.
    """
    for key in (*_PORTS, *_KEYS) if field == "ports" else _KEYS:
        named = _named(old, key)
        others = _named(new, key)
        if named is not None and others is not None:
            for label in dict.fromkeys((*named, *others)):
                yield label, named.get(label, ABSENT), others.get(label, ABSENT)
            return
    yield from _by_place(old, new)


def order(field: str, old: Sequence[Any], new: Sequence[Any]) -> tuple[Sequence[str], Sequence[str]] | None:
    """The names of both lists where they are the same in another order, and the order means something."""
    if field not in _ORDERED:
        return None
    names = [list(_named(items, ("name",)) or ()) for items in (old, new)]
    return (names[0], names[1]) if names[0] != names[1] and sorted(names[0]) == sorted(names[1]) else None


def _named(items: Sequence[Any], key: Sequence[str]) -> dict[str, Any] | None:
    """The items by their label, or None where `key` does not tell them all apart."""
    named: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, dict) or key[0] not in item:
            return None
        values = [item.get(field, _DEFAULTS.get(field)) for field in key]
        if any(isinstance(value, (dict, list)) or value is None for value in values):
            return None
        label = "/".join(str(value) for value in values)
        if label in named:
            return None
        named[label] = item
    return named


def _by_place(old: Sequence[Any], new: Sequence[Any]) -> Iterator[Pair]:
    """Pairs by index, after the items that are the same at both ends: an insertion is one item, not many."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and same(old[start], new[start]):
        start += 1
    end = 0
    while end < shorter - start and same(old[-1 - end], new[-1 - end]):
        end += 1
    for index in range(start, max(len(old), len(new)) - end):
        yield (
            str(index),
            old[index] if index < len(old) - end else ABSENT,
            new[index] if index < len(new) - end else ABSENT,
        )


def same(old: Any, new: Any) -> bool:
    """Whether two values are equal as JSON: 1 is 1.0, and true is not 1. Any depth is fine."""
    waiting = [(old, new)]
    while waiting:
        left, right = waiting.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            waiting.extend((left[key], right[key]) for key in left)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            waiting.extend(zip(left, right, strict=True))
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True
