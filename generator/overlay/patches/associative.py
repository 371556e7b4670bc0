"""Lists whose items are the same by one or several keys, merged step by step as kustomize's kyaml does.

The steps, and what comes of items with some of the keys only, are those of `associative_sequence.go` and
`ElementSetter` in sigs.k8s.io/kustomize/kyaml 0.13.6, copyright the Kubernetes authors, Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

# The values of an item's keys, as text; empty where it has none.
Row = Sequence[str]
Merge = Callable[[Any, Any], Any]


def text(value: Any) -> str:
    """A scalar as YAML writes it, by which keys are compared: 80 and `"80"` are the same."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def present(item: Any, key: str) -> bool:
    """Whether an item is a map that has the key."""
    return isinstance(item, dict) and item.get(key) not in (None, "", [], {})


def combined(dest: list[Any], patch: list[Any], keys: list[str], merge: Merge) -> list[Any]:
    """The items of both, each merged with its like: those of the patch first, then those it does not name.

    `merge` takes an item of `dest` and one of `patch`, either None where there is none, and gives None where
    the item is deleted. Items have the first key. `dest` and `patch` may be the same list.
    """
    rows = _rows(dest, patch, keys)
    if not rows:
        return dest
    used = [index for index in range(len(keys)) if any(row[index] for row in rows)]
    names = [keys[index] for index in used]
    made: list[Any] = []
    for row in rows:
        values = [row[index] for index in used]
        item = merge(_like(dest, names, values), _like(patch, names, values))
        if not item:
            _remove(dest, names, values)
            continue
        for name, value in zip(names, values, strict=True):
            if value and name not in item:
                item[name] = value
        _set(made, item, names, values)
    return _appended(made, dest, names)


def _rows(dest: list[Any], patch: list[Any], keys: Sequence[str]) -> list[Row]:
    rows: dict[Row, None] = {}
    for item in [*patch, *dest]:
        rows.setdefault(tuple(text(item[key]) if present(item, key) else "" for key in keys))
    found = list(rows)
    if len(keys) > 1:
        _fill(found)
    return list(dict.fromkeys(found))


def _fill(rows: list[Row]) -> None:
    """Items that differ only in what one of them leaves out are the same item."""
    for first, one in enumerate(rows):
        for second, other in enumerate(rows):
            both = _matched(one, other)
            if both is not None:
                rows[first] = rows[second] = both


def _matched(one: Row, other: Row) -> Row | None:
    pairs = list(zip(one, other, strict=True))
    if any(left and right and left != right for left, right in pairs):
        return None
    same = any(left == right for left, right in pairs)
    return tuple(left or right for left, right in pairs) if same else None


def _like(items: list[Any], keys: Sequence[str], values: Sequence[str]) -> Any:
    """The first item with these values; a key without one says nothing."""
    wanted = [(key, value) for key, value in zip(keys, values, strict=True) if value]
    return next((item for item in items if all(_has(item, key, value) for key, value in wanted)), None)


def _has(item: Any, key: str, value: str) -> bool:
    return key in item and (not value or text(item[key]) == value)


def _remove(items: list[Any], keys: Sequence[str], values: Sequence[str]) -> None:
    items[:] = [item for item in items if not all(map(_has, [item] * len(keys), keys, values))]


def _set(items: list[Any], item: Any, keys: Sequence[str], values: Sequence[str]) -> None:
    """Puts an item in the place of those with these values, or at the end."""
    alike = [index for index, old in enumerate(items) if all(map(_has, [old] * len(keys), keys, values))]
    for index in alike:
        items[index] = item
    if not alike:
        items.append(item)


def _appended(made: list[Any], dest: list[Any], keys: Sequence[str]) -> list[Any]:
    for item in dest:
        values = [text(item[key]) for key in keys if key in item]
        if len(keys) > 1:
            _remove(made, keys[: len(values)], values)
        _set(made, item, keys[: len(values)], values)
    return made
