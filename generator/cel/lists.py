"""Kubernetes' functions on lists in CEL: `isSorted`, `sum`, `min`, `indexOf` and the like; and sets."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

from generator.cel.values import NO_OVERLOAD, ordered, same

# As large as an expression may iterate over.
_MAX_RANGE = 10_000

_KEY = functools.cmp_to_key(ordered)


def is_sorted(items: list[Any]) -> bool:
    """Whether each item is at least as large as the one before."""
    return all(ordered(a, b) <= 0 for a, b in itertools.pairwise(items))


def total(items: list[Any]) -> Any:
    """The sum of numbers; 0 of none."""
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in items):
        raise ValueError(NO_OVERLOAD)
    if len({type(item) for item in items}) > 1:
        raise ValueError(NO_OVERLOAD)
    result = sum(items)
    if isinstance(result, int) and not -(2**63) <= result < 2**64:
        raise ValueError("integer overflow")
    return result


def extreme(name: str, items: list[Any]) -> Any:
    """The `min` or `max` of the items. Raises ValueError for an empty list."""
    if not items:
        raise ValueError(f"{name} called on empty list")
    choose: Callable[..., Any] = min if name == "min" else max
    return choose(items, key=_KEY)


def index(items: list[Any], wanted: Any) -> int:
    """The first place of `wanted`, or -1."""
    return next((place for place, item in enumerate(items) if same(item, wanted)), -1)


def last_index(items: list[Any], wanted: Any) -> int:
    """The last place of `wanted`, or -1."""
    return next((place for place in range(len(items) - 1, -1, -1) if same(items[place], wanted)), -1)


def part(items: list[Any], start: int, end: int) -> list[Any]:
    """The items from `start` up to, and without, `end`."""
    if not 0 <= start <= end <= len(items):
        raise ValueError(f"cannot slice({start}, {end}) a list of {len(items)}")
    return items[start:end]


def flattened(items: list[Any], depth: int = 1) -> list[Any]:
    """The items, with those of lists in it in their place, `depth` levels deep."""
    if depth < 0:
        raise ValueError("level must be non-negative")
    flat: list[Any] = []
    for item in items:
        if isinstance(item, list) and depth:
            flat.extend(flattened(item, depth - 1))
        else:
            flat.append(item)
    return flat


def distinct(items: list[Any]) -> list[Any]:
    """Each item once, in the order of the first."""
    seen: list[Any] = []
    for item in items:
        if index(seen, item) < 0:
            seen.append(item)
    return seen


def sort(items: list[Any]) -> list[Any]:
    """The items in ascending order."""
    return sorted(items, key=_KEY)


def numbers(count: int) -> list[int]:
    """The numbers from 0 to below `count`."""
    if not 0 <= count <= _MAX_RANGE:
        raise ValueError(f"lists.range goes up to {_MAX_RANGE}")
    return list(range(count))


def contains(items: list[Any], wanted: list[Any]) -> bool:
    """Whether every item of `wanted` is among `items`."""
    return all(index(items, item) >= 0 for item in wanted)


def equivalent(left: list[Any], right: list[Any]) -> bool:
    """Whether two lists hold the same items, however often."""
    return contains(left, right) and contains(right, left)


def intersects(left: list[Any], right: list[Any]) -> bool:
    """Whether two lists have an item in common."""
    return any(index(left, item) >= 0 for item in right)
