"""Lays patches over objects: strategic merge, JSON 6902 and JSON merge; pure, inputs stay as they are.

`lay(items, patches)` gives the objects with every patch laid in its turn, the errors of those that could not,
and the patches that met no object: a patch of a parent speaks for the objects of many units, so who calls
decides when it has met none of all. `nothing_met(patch, items)` is the error for that.
`apply(items, patches)` does all of it where the objects are all there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import Several, WeftError
from generator.model.manifest import Manifest
from generator.model.patches import PlacedPatch
from generator.overlay.patches.laying import laid
from generator.overlay.patches.target import Matches, matcher, nothing_met

__all__ = ["Laid", "PlacedPatch", "apply", "lay", "nothing_met"]


@dataclass(frozen=True)
class Laid:
    """Objects with patches laid over them; what could not be laid; the patches that met no object."""

    objects: Sequence[Manifest]
    errors: Sequence[WeftError] = ()
    unmet: Sequence[PlacedPatch] = ()


def apply(items: Sequence[Manifest], patches: Sequence[PlacedPatch]) -> Sequence[Manifest]:
    """The objects with the patches laid over them, in the order of `patches`, weakest first.

    An object that a patch deletes is left out. Raises Several for what cannot be laid, a patch that meets no
    object among it.
    """
    laid = lay(items, patches)
    errors = [*laid.errors, *(nothing_met(patch, items) for patch in laid.unmet)]
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
    for patch in patches:
        try:
            matches = matcher(patch)
        except WeftError as error:
            errors.append(error)
            continue
        if not any(map(matches, objects)):
            unmet.append(patch)
            continue
        objects = [new for item in objects if (new := _tried(item, patch, matches, errors)) is not None]
    return Laid(objects, errors, unmet)


def _tried(item: Manifest, patch: PlacedPatch, matches: Matches, errors: list[WeftError]) -> Manifest | None:
    if not matches(item):
        return item
    try:
        return laid(item, patch)
    except WeftError as error:
        errors.append(error)
        return item
