"""Which images, replicas and patches made the fields of one object of the output what they are."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator import overlay
from generator.explain.paths import lookup
from generator.explain.stage import Stage, Target
from generator.model.document import Path, Position
from generator.model.layers import ImageRule, ReplicaRule
from generator.model.patches import PlacedPatch

if TYPE_CHECKING:
    from generator.overlay.trail import Trail


class Layered:
    """What was laid over one object of a stage."""

    def __init__(self, staged: Stage, found: Target) -> None:
        self._stage = staged
        self._item = found.item
        self._unit = staged.unit(found.item)

    def place(self, path: Path) -> Position | None:
        """Where the rule stands that made the field what it is; None where none did."""
        return self._trail.place(path, lookup(self._item.data, path)) if self._trail else None

    def notes(self, path: Path) -> Iterator[str]:
        """What was laid over the field and what is below it, in order, each place once."""
        rules = self._trail.rules(path) if self._trail else ()
        yield from dict.fromkeys(f"{rule.place} lays {_kind(rule)} over what was rendered" for rule in rules)

    @functools.cached_property
    def _trail(self) -> Trail | None:
        if self._item.index is None or not self._unit.layers:
            return None
        beneath = overlay.beneath([*self._stage.units.values()], self._stage.rendered, self._stage.scopes)
        return overlay.trail_of(beneath[self._unit.path][self._item.index], self._unit.layers)


def _kind(rule: ImageRule | ReplicaRule | PlacedPatch) -> str:
    if isinstance(rule, PlacedPatch):
        return "a patch"
    return (
        f"the image `{rule.image}`" if isinstance(rule, ImageRule) else f"the replicas of `{rule.workload}`"
    )
