"""Explains placement: which line puts a component where, and what falls to each environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from generator import overlay
from generator.explain.record import place_json
from generator.explain.scene import Scene
from generator.model.definition import ComponentPath, Config
from generator.model.document import Path, Position
from generator.model.manifest import Manifest
from generator.model.record import record
from generator.model.unit import Unit
from generator.resolve import Spread

State = Literal["placed", "without workloads", "without replicas", "disabled", "not placed"]
_WORDS: Mapping[State, str] = {
    "placed": "",
    "without workloads": "everything but workloads",
    "without replicas": "left out: no replica falls to it",
    "disabled": "disabled or not selected",
    "not placed": "not placed",
}
_REPLICAS: Path = ("spec", "replicas")


@record(frozen=True)
class Share:
    """What one environment gets of a component; `replicas` is None where placement says nothing of them."""

    environment: str
    state: State
    replicas: int | None = None


@record(frozen=True)
class PlacementExplanation:
    """Where a component goes: the placements at and above it, the root's first, and every environment."""

    component: str
    places: Sequence[Position]
    rule: Position | None
    replicas: str
    shares: Sequence[Share]
    error: str | None = None

    def lines(self) -> Iterator[str]:
        """The explanation as text."""
        if not self.places:
            yield f"placement of {self.component}: none, so it goes to every environment"
        else:
            yield f"placement of {self.component}: {', '.join(map(str, self.places))}"
        if self.rule is not None:
            yield f"  {self.replicas}: {self.rule}"
        if self.error is not None:
            yield f"  refused: {self.error}"
        width = max((len(share.environment) for share in self.shares), default=0)
        width = max(width, len("ENVIRONMENT"))
        yield ""
        yield f"{'ENVIRONMENT':<{width}}  REPLICAS"
        for share in self.shares:
            count = "-" if share.replicas is None else str(share.replicas)
            yield f"{share.environment:<{width}}  {count:<8}  {_WORDS[share.state]}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The explanation as `-o json` has it."""
        return {
            "component": self.component,
            "placements": [place_json(place) for place in self.places],
            **({"replicas": place_json(self.rule)} if self.rule else {}),
            **({"error": self.error} if self.error else {}),
            "environments": [
                {
                    "environment": share.environment,
                    "state": share.state,
                    **({} if share.replicas is None else {"replicas": share.replicas}),
                }
                for share in self.shares
            ],
        }


def explain_placement(scene: Scene, path: ComponentPath) -> PlacementExplanation:
    """Where the component at `path` goes, and why."""
    placements = scene.resolver.placements
    spread = placements.spread(path)
    rule = spread.rule if spread else None
    return PlacementExplanation(
        component=scene.component(path).label,
        places=[config.where("placement") for _, config in _configs(scene, path)],
        rule=rule.place if rule else None,
        replicas=rule.words if rule else "",
        shares=[_share(name, spread) for name in scene.definition.environments],
        error=spread.error.told("") if spread and spread.error else None,
    )


def placement_notes(scene: Scene, path: ComponentPath) -> Iterator[str]:
    """What placement makes of the component in the scene's environment, in sentences."""
    name = scene.environment.name
    for above, config in _configs(scene, path):
        spread = scene.resolver.placements.spread(above)
        place = config.where("placement")
        if spread is None or name in spread.names:
            continue
        if name in spread.empty and spread.rule is not None:
            yield f"it is left out here, since no replica falls to {name}: {spread.rule.place}"
        else:
            yield f"it is not placed here: {place} says where it goes"
        return
    spread = scene.resolver.placements.spread(path)
    if spread is None:
        return
    if spread.error is not None:
        yield spread.error.told("")
    elif name in spread.idle:
        where = "nowhere" if spread.names == spread.idle else "elsewhere"
        yield f"its workloads run {where}, and it has everything else here"
    elif spread.rule is not None and name in spread.replicas:
        yield f"{spread.rule.words}, here {spread.replicas[name]}: {spread.rule.place}"


def is_placed(unit: Unit, item: Manifest, path: Path) -> bool:
    """Whether placement gives the field its value: the replicas of a workload."""
    return path == _REPLICAS and unit.replicas is not None and overlay.is_scaled(item)


def replicas_note(scene: Scene, unit: Unit) -> str:
    """What placement says of the unit's replicas, in a sentence; empty where it says nothing."""
    spread = scene.resolver.placements.spread(unit.path)
    return f"placement says {spread.rule.words}" if spread and spread.rule else ""


def place_of_replicas(scene: Scene, unit: Unit, item: Manifest, path: Path) -> Position | None:
    """Where the placement stands that says the replicas which the field is; None for other fields."""
    spread = scene.resolver.placements.spread(unit.path)
    if spread is None or spread.rule is None or not is_placed(unit, item, path):
        return None
    return spread.rule.place


def _configs(scene: Scene, path: ComponentPath) -> Sequence[tuple[ComponentPath, Config]]:
    """The placements that count for the component, the root's first, each with whose it is."""
    components = (scene.component(path[:depth]) for depth in range(len(path) + 1))
    return [(found.path, found.placed) for found in components if found.placed is not None]


def _share(name: str, spread: Spread | None) -> Share:
    if spread is None or spread.error is not None:
        return Share(name, "placed" if spread is None or name in spread.names else "not placed")
    if name in spread.idle:
        return Share(name, "without workloads")
    if name in spread.names:
        disabled = spread.rule is not None and name not in spread.replicas
        return Share(name, "disabled" if disabled else "placed", spread.replicas.get(name))
    return Share(name, "without replicas" if name in spread.empty else "not placed")
