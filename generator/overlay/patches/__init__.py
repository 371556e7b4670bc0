"""Lays patches over objects: strategic merge, JSON 6902 and JSON merge; pure, inputs stay as they are.

`lay(items, patches)` gives the objects with every patch laid in its turn, the errors of those that could not,
and the patches that met no object: a patch of a parent speaks for the objects of many units, so who calls
decides when it has met none of all. `nothing_met(patch, items)` is the error for that. The
same holds for what a patch would remove from a list: `idle_in_all` says what nobody had.
`apply(items, patches)` does all of it where the objects are all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from generator.errors import Several, WeftError
from generator.model.document import Path
from generator.model.manifest import Manifest
from generator.model.patches import PlacedPatch
from generator.model.record import record
from generator.overlay.patches.laying import idle, laid
from generator.overlay.patches.target import Matches, matcher, nothing_met

__all__ = ["Idle", "Laid", "PlacedPatch", "apply", "idle_in_all", "lay", "nothing_met"]

# The words of a patch that removed nothing, by their paths in it, with the error for each.
Idle = Mapping[Path, WeftError]


@record(frozen=True)
class Laid:
    """Objects with patches laid over them; what could not be laid; the patches that met no object.

    `idle` are the patches that met some, and those of their words that removed nothing from any of them.
    """

    objects: Sequence[Manifest]
    errors: Sequence[WeftError] = ()
    unmet: Sequence[PlacedPatch] = ()
    idle: Mapping[PlacedPatch, Idle] = field(default_factory=dict)


def idle_in_all(found: Iterable[Idle]) -> Idle:
    """The words that removed nothing in each of `found`."""
    first, *others = found
    return {path: error for path, error in first.items() if all(path in other for other in others)}


def apply(items: Sequence[Manifest], patches: Sequence[PlacedPatch]) -> Sequence[Manifest]:
    """The objects with the patches laid over them, in the order of `patches`, weakest first.

    An object that a patch deletes is left out. Raises Several for what cannot be laid, a patch that meets no
    object among it, and one that would remove what is in none of them.
    """
    laid = lay(items, patches)
    errors = [*laid.errors, *(nothing_met(patch, items) for patch in laid.unmet)]
    errors += [error for found in laid.idle.values() for error in found.values()]
    if errors:
        raise Several(errors)
    return laid.objects


def lay(items: Sequence[Manifest], patches: Sequence[PlacedPatch]) -> Laid:
    """As `apply`, but raises nothing: errors, and patches that met no object, are data.

    An object that a patch does not fit goes on without it.
    """
    objects = list(items)
    errors: list[WeftError] = []
    unmet = []
    unused: dict[PlacedPatch, Idle] = {}
    for patch in patches:
        try:
            matches = matcher(patch)
        except WeftError as error:
            errors.append(error)
            continue
        met = [item for item in objects if matches(item)]
        if not met:
            unmet.append(patch)
            continue
        unused[patch] = idle_in_all(idle(item, patch) for item in met)
        objects = [new for item in objects if (new := _tried(item, patch, matches, errors)) is not None]
    untouched = set(map(id, items))
    return Laid(
        [item if id(item) in untouched else _tidied(item) for item in objects],
        errors,
        unmet,
        unused,
    )


def _tidied(item: Manifest) -> Manifest:
    """Without annotations that are an empty map, as kustomize has it; it is not one patch's work.

    Labels that are one stay, there as well.
    """
    if item.metadata.get("annotations") != {}:
        return item
    metadata = {key: value for key, value in item.metadata.items() if key != "annotations"}
    return item.with_data({**item.data, "metadata": metadata})


def _tried(item: Manifest, patch: PlacedPatch, matches: Matches, errors: list[WeftError]) -> Manifest | None:
    if not matches(item):
        return item
    try:
        return laid(item, patch)
    except WeftError as error:
        errors.append(error)
        return item
