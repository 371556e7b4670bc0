"""Strategic merge, as kustomize does it: maps merge, lists of Kubernetes' own kinds merge by their keys.

What a patch does not name stays as it is. A part of the object and the part of the patch for it are walked
together; a part that only the patch has is walked with itself, which takes nulls and directives out of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.model.document import Path
from generator.overlay.patches import directives
from generator.overlay.patches.associative import combined, present, text
from generator.overlay.patches.fault import Fault, copied
from generator.schema import mergekeys

# Of a part that is not there, which is other than one that is null.
_ABSENT: Any = object()


def merged(data: Mapping[str, Any], patch: Mapping[str, Any]) -> Any:
    """`data` with the patch laid over it, or None where the patch deletes it; both stay as they are.

    Raises Fault for a patch that does not fit the object, or that kustomize would leave in its output.
    """
    if patch.get(directives.DIRECTIVE) == "replace":
        # Kustomize passes over it in silence.
        raise Fault(
            "a patch that replaces its whole object",
            (directives.DIRECTIVE,),
            hint="put `$patch: replace` into the map that it should replace, such as `spec`",
        )
    return _walk(copied(data), copied(patch), object_type(data, patch), None, ())


def _walk(dest: Any, patch: Any, type_name: str | None, field: mergekeys.Field | None, path: Path) -> Any:
    """What comes of both; None where nothing is left. `field` is known where a list may stand."""
    if patch is None:
        return None
    if dest is _ABSENT or dest is None:
        dest = patch
    if _kind(dest) != _kind(patch):
        raise Fault(f"expected {_kind(dest)}, as the object has there, found {_kind(patch)}", path)
    if isinstance(patch, dict):
        return _map(dest, patch, type_name or object_type(dest, patch), path)
    if not isinstance(patch, list):
        return patch
    if field is None or field.keys is None:
        directives.refuse_inside(patch, path)
        return patch
    return _list(dest, patch, field, path)


def _map(dest: dict[str, Any], patch: dict[str, Any], type_name: str | None, path: Path) -> Any:
    word = directives.taken(patch, path)
    if word == "delete":
        return None
    if word == "replace":
        dest = patch
    directives.refuse_order(patch, path)
    directives.retained(dest, patch, path)
    directives.removed_from_lists(dest, patch, path)
    for key in sorted(patch):
        field = mergekeys.field(type_name, key)
        below = field.type if field else None
        value = _walk(dest.get(key, _ABSENT), patch[key], below, field, (*path, key))
        if value is None:
            dest.pop(key, None)
        else:
            dest[key] = value
    return dest


def _list(dest: list[Any], patch: list[Any], field: mergekeys.Field, path: Path) -> Any:
    places = {id(item): (*path, index) for index, item in enumerate(patch)}
    word = directives.taken_from_list(patch, path)
    if word == "delete":
        return None
    if word == "replace":
        dest = patch
    keys = list(field.keys or ())
    if not keys:
        return list({text(item): item for item in [*patch, *dest]}.values())
    for item in patch:
        _refuse_keyless(item, keys[0], places[id(item)])
    # Kustomize loses such items, or all others; the server refuses the object in any case.
    odd = [item for item in dest if not present(item, keys[0])]
    even = [item for item in dest if present(item, keys[0])] if odd else dest
    return [*_keyed(even, patch, keys, field, places, path), *odd]


def _keyed(
    dest: list[Any],
    patch: list[Any],
    keys: list[str],
    field: mergekeys.Field,
    places: Mapping[int, Path],
    path: Path,
) -> list[Any]:
    """The items of both; raises Fault where one would be lost on the way, which kustomize does not tell."""
    before, given = list(dest), list(patch)
    results: dict[int, Any] = {}
    merged_into: set[int] = set()

    def merge(of_dest: Any, of_patch: Any) -> Any:
        if of_patch is None:
            return of_dest
        place = places[id(of_patch)]
        directives.refuse_replaced_item(of_patch, place)
        result = _walk(_ABSENT if of_dest is None else of_dest, of_patch, field.type, None, place)
        results[id(of_patch)] = result
        merged_into.add(id(of_dest))
        return result

    items = combined(dest, patch, keys, merge)
    there = {id(item) for item in items}
    for item in given:
        result = results.get(id(item), _ABSENT)
        if result is not None and id(result) not in there:
            raise _passed_over(keys, places[id(item)])
    # Of items with one key the last counts, as it does to the server.
    if len(keys) > 1 and not all(id(item) in there or id(item) in merged_into for item in before):
        raise Fault(
            f"an item of the object would be lost: some state {_words(keys)}, and others not all of them",
            path,
            hint="state them in every item; or write the whole list, with an item `- $patch: replace`",
        )
    return items


def _passed_over(keys: Sequence[str], path: Path) -> Fault:
    if len(keys) == 1:
        return Fault(f"an item before this one has the same `{keys[0]}`", path, hint="write it once")
    return Fault(
        f"this item would be passed over: items of this list are the same by {_words(keys)}, and another "
        "item states other ones of them than this",
        path,
        hint=f"state of {_words(keys)} here what the object states",
    )


def _words(keys: Sequence[str]) -> str:
    return " and ".join(f"`{key}`" for key in keys)


def _refuse_keyless(item: Any, key: str, path: Path) -> None:
    if not present(item, key):
        found = "without it" if isinstance(item, dict) else f"that is {_kind(item)}"
        raise Fault(f"items of this list merge by `{key}`, and here is one {found}", path)


def object_type(dest: Any, patch: Any) -> str | None:
    """The type of an object by its own words or the patch's; None where it has no list that merges."""
    for data in (dest, patch):
        if isinstance(data, dict) and data.get("kind") and data.get("apiVersion"):
            return mergekeys.type_of(data["apiVersion"], data["kind"])
    return None


def _kind(value: Any) -> str:
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a scalar"
