"""Which mapping of a namespace gave a field of an object its name."""

from __future__ import annotations

from generator.explain.paths import lookup
from generator.explain.record import ABSENT
from generator.explain.stage import Stage, Target
from generator.model.document import Path
from generator.model.namespaces import ANNOTATION, Mapped

_LAID = (("metadata", "labels"), ("metadata", "annotations"))


def mapping_behind(staged: Stage, found: Target, path: Path) -> Mapped | None:
    """The mapping that the field has a namespace's name from; None where it is as it was rendered."""
    item, unit = found.item, staged.unit(found.item)
    if makes_namespace(found):
        if path[:2] in _LAID and path[2:] != (ANNOTATION,):
            return None
        return next((one for one in unit.namespaces.mapped.values() if one.name == item.name), None)
    value = lookup(item.data, path)
    if not isinstance(value, str):
        return None
    before = (
        lookup(staged.rendered[unit.path].objects[item.index].data, path, ABSENT)
        if item.index is not None
        else ABSENT
    )
    if before == value:
        return None
    for one in unit.namespaces.mapped.values():
        if not one.moved or str(one.name) not in value:
            continue
        if path == ("metadata", "namespace"):
            return one
        # What routing makes is not rendered, and names no namespace but the route's.
        if item.index is None or before is ABSENT or one.namespace in str(before):
            return one
    return None


def makes_namespace(found: Target) -> bool:
    """Whether it is a Namespace that weft makes, since a mapping speaks of it and nobody renders it."""
    item = found.item
    return item.index is None and item.kind == "Namespace" and not item.group
