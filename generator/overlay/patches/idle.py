"""Finds what a strategic merge patch would remove from lists and is not there; kustomize lets it pass.

A patch may be for many objects of which few have what it removes: it is told of each, and judged for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.errors import suggestion
from generator.model.document import Path
from generator.overlay.patches.associative import present, text
from generator.overlay.patches.directives import DELETE, DIRECTIVE, is_list_directive
from generator.overlay.patches.fault import Fault
from generator.overlay.patches.strategic import object_type
from generator.schema import mergekeys


def removes(patch: Any) -> bool:
    """Whether some word of the patch removes an item of a list."""
    if isinstance(patch, list):
        return any(_is_deletion(item) or removes(item) for item in patch)
    if isinstance(patch, dict):
        return any(key.startswith(DELETE) or removes(value) for key, value in patch.items())
    return False


def idle(data: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[Fault]:
    """A fault for each word of a patch that removes nothing from the lists of the object `data`."""
    yield from _in_map(data, patch, None, ())


def _in_map(dest: Any, patch: Mapping[str, Any], type_name: str | None, path: Path) -> Iterator[Fault]:
    word = patch.get(DIRECTIVE)
    if word == "delete":
        return
    there = dest if isinstance(dest, dict) and word != "replace" else {}
    type_name = type_name or object_type(there, patch)
    for key, value in patch.items():
        if key.startswith(DELETE):
            yield from _unlisted(there.get(key.removeprefix(DELETE)), value, key, path)
            continue
        field = mergekeys.field(type_name, key)
        if isinstance(value, dict):
            yield from _in_map(there.get(key), value, field.type if field else None, (*path, key))
        elif isinstance(value, list) and field is not None and field.keys:
            yield from _in_list(there.get(key), value, field, (*path, key))


def _unlisted(there: Any, values: Any, key: str, path: Path) -> Iterator[Fault]:
    """The values of a list of scalars that should go and are not in it."""
    name = key.removeprefix(DELETE)
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(there, list) or value not in there:
            # What else is there stays out of the message: it may be anything.
            yield Fault(f"`{value}` is to be removed from `{name}`, and is not in it", (*path, key, index))


def _in_list(dest: Any, patch: Sequence[Any], field: mergekeys.Field, path: Path) -> Iterator[Fault]:
    keys = field.keys or ()
    # What a list replaces whole is gone in any case.
    replaced = any(is_list_directive(item) for item in patch)
    known = dest if isinstance(dest, list) and not replaced else []
    there = [item for item in known if present(item, keys[0])]
    for index, item in enumerate(patch):
        if not present(item, keys[0]):
            continue
        like = next((one for one in there if _alike(one, item, keys)), None)
        if not _is_deletion(item):
            yield from _in_map(like, item, field.type, (*path, index))
        elif like is None:
            names = [text(one[keys[0]]) for one in there]
            yield Fault(
                f"no item has the `{keys[0]}` {text(item[keys[0]])}, so there is nothing to remove",
                (*path, index),
                hint=suggestion(text(item[keys[0]]), names) if names else "the list is empty, or not there",
            )


def _alike(one: Mapping[str, Any], other: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether no key says that they are two: what only one of them states counts for both."""
    return all(
        text(one[key]) == text(other[key]) for key in keys if present(one, key) and present(other, key)
    )


def _is_deletion(item: Any) -> bool:
    return isinstance(item, dict) and len(item) > 1 and item.get(DIRECTIVE) == "delete"
