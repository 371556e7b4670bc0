"""The directives of strategic merge patches: keys beginning with `$` that say how to merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import suggestion
from generator.model.document import Path
from generator.overlay.patches.fault import Fault

DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
DELETE = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
_WORDS = ("merge", "replace", "delete")


def is_list_directive(item: Any) -> bool:
    """Whether an item of a list is nothing but a word on the list itself: `- $patch: replace`."""
    return isinstance(item, dict) and list(item) == [DIRECTIVE]


def taken(patch: dict[str, Any], path: Path) -> str:
    """What `$patch` says of a map, `merge` by default; it is taken out of `patch`."""
    word = patch.pop(DIRECTIVE, "merge")
    if word not in _WORDS:
        raise Fault(
            f"`$patch: {word}` means nothing",
            (*path, DIRECTIVE),
            hint=suggestion(str(word), _WORDS),
        )
    return str(word)


def taken_from_list(patch: list[Any], path: Path) -> str:
    """What an item `- $patch: …` says of its list, `merge` by default; it is taken out of `patch`."""
    for index, item in enumerate(patch):
        if is_list_directive(item):
            del patch[index]
            return taken(dict(item), (*path, index))
    return "merge"


def refuse_replaced_item(patch: dict[str, Any], path: Path) -> None:
    """Refuses `$patch: replace` in an item: kustomize passes over it, or loses what the item says."""
    if patch.get(DIRECTIVE) == "replace":
        raise Fault(
            "`$patch: replace` in an item of a list that merges by keys",
            (*path, DIRECTIVE),
            hint="remove single fields with null; or replace the list with an item `- $patch: replace`",
        )


def refuse_order(patch: dict[str, Any], path: Path) -> None:
    """Refuses `$setElementOrder`, which kustomize leaves in its output."""
    for key in patch:
        if key.startswith(_ORDER):
            raise Fault(
                "`$setElementOrder` is what kubectl sends to a server, and no part of a patch in a file",
                (*path, key),
                hint="remove it; items of a patch come before the items that it does not name",
            )


def refuse_inside(value: Any, path: Path) -> None:
    """Refuses a directive in what replaces whole, where it would be left in the output."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            refuse_inside(item, (*path, index))
    elif isinstance(value, dict):
        refuse_order(value, path)
        for key, below in value.items():
            if key in (DIRECTIVE, _RETAIN) or key.startswith(DELETE):
                raise Fault(
                    f"`{key}` in a list that is replaced whole",
                    (*path, key),
                    hint="write the list as it should be, without the directive; or use JSON 6902 operations",
                )
            refuse_inside(below, (*path, key))


def removed_from_lists(dest: dict[str, Any], patch: dict[str, Any], path: Path) -> None:
    """Does what `$deleteFromPrimitiveList/<field>` says, and takes it out of `patch`."""
    for key in [key for key in patch if key.startswith(DELETE)]:
        values, name = patch.pop(key), key.removeprefix(DELETE)
        if not isinstance(values, list):
            raise Fault(f"`{key}` expects a list", (*path, key))
        there = dest.get(name)
        if isinstance(there, list):
            dest[name] = [item for item in there if item not in values]


def retained(dest: dict[str, Any], patch: dict[str, Any], path: Path) -> None:
    """Removes what `$retainKeys` does not list, and takes it out of `patch`."""
    if _RETAIN not in patch:
        return
    keys = patch.pop(_RETAIN)
    if not isinstance(keys, list):
        raise Fault(f"`{_RETAIN}` expects a list", (*path, _RETAIN))
    for key in _not_listed(patch, keys):
        if patch[key] is not None:
            raise Fault(f"`{key}` is set here, but `{_RETAIN}` does not list it", (*path, key))
    for key in _not_listed(dest, keys):
        if dest is not patch:
            del dest[key]


def _not_listed(data: dict[str, Any], keys: list[Any]) -> Sequence[str]:
    return [key for key in data if key not in keys]
