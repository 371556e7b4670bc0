"""Lays images, replicas and patches over the objects of an environment, and finds what meets nothing."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.errors import DefinitionError, WeftError, suggestion
from generator.model.definition import ComponentPath, Environment
from generator.model.document import Position
from generator.model.layers import ImageRule, Layers, ReplicaRule, Scoped
from generator.model.manifest import Manifest
from generator.model.unit import Unit
from generator.overlay import images, patches, replicas

# The kinds of what weft makes for routing.
_ROUTES = ("VirtualService", "DestinationRule", "HTTPRoute")

Objects = Mapping[ComponentPath, Sequence[Manifest]]


@dataclass
class _Met:
    """The rules that met an object, and of patches the words that removed nothing: once for each unit."""

    rules: set[Scoped[Any]] = field(default_factory=set)
    idle: dict[Scoped[Any], list[patches.Idle]] = field(default_factory=dict)


def with_layers(
    units: Sequence[Unit], objects: Objects
) -> tuple[Objects, Sequence[WeftError], Sequence[str]]:
    """The objects of each unit under its layers: images, then replicas, then patches, each weakest first.

    The errors are those of patches that cannot be laid, and of whatever met no object in all of its
    component. What is said for several environments may be about a component that is not in this
    one: then it is no error, and a note tells it.
    """
    layered = [unit for unit in units if unit.layers]
    laid = dict(objects)
    errors: list[WeftError] = []
    met = _Met()
    for unit in layered:
        laid[unit.path], faults = _laid(laid[unit.path], unit.layers, met)
        for fault in faults:
            fault.within(unit.component.label, unit.environment.name)
        errors += faults
    notes = []
    for scoped, error in _unmet(layered, objects, laid, met):
        absent = _absent(scoped, units)
        if absent and not _said_by(scoped.rule.place, units[0].environment):
            here = f"{', '.join(absent[:3])}{f' and {len(absent) - 3} more' if len(absent) > 3 else ''}"
            verb = "is" if len(absent) == 1 else "are"
            notes.append(f"{error.place}: {error.message}; {here} {verb} not in this environment")
        else:
            errors.append(error)
    return laid, errors, notes


def _absent(scoped: Scoped[Any], units: Sequence[Unit]) -> Sequence[str]:
    """The components that a rule may be about and that are not here: disabled, not selected, not placed."""
    here = {unit.path: unit for unit in units}
    everything = here[scoped.component].component.walk()
    return [one.label for one in everything if one.path not in here and one.type != "component"]


def _said_by(place: Position, environment: Environment) -> bool:
    """Whether a rule stands in a file of that environment alone."""
    return posixpath.splitext(posixpath.basename(place.file))[0] == environment.name


def steps(item: Manifest, layers: Layers) -> Iterator[tuple[Scoped[Any], Manifest | None]]:
    """The object after each rule that changes it, in the order in which they are laid; None once deleted."""
    for kind in ("images", "replicas", "patches"):
        rules: Sequence[Scoped[Any]] = getattr(layers, kind)
        for end, scoped in enumerate(rules, 1):
            part = Layers(**{kind: rules[:end] if kind == "images" else (scoped,)})
            laid, _ = _laid([item], part, _Met())
            if not laid:
                yield scoped, None
                return
            if laid[0].data != item.data:
                yield scoped, laid[0]
                item = laid[0] if kind != "images" else item
        if kind == "images" and rules:
            item = _laid([item], Layers(images=rules), _Met())[0][0]


def _laid(
    items: Sequence[Manifest], layers: Layers, met: _Met
) -> tuple[Sequence[Manifest], Sequence[WeftError]]:
    if layers.images:
        items, names = images.with_images(items, [scoped.rule for scoped in layers.images])
        met.rules.update(scoped for scoped in layers.images if scoped.rule.image in names)
    if layers.replicas:
        items, names = replicas.with_replicas(items, [scoped.rule for scoped in layers.replicas])
        met.rules.update(scoped for scoped in layers.replicas if scoped.rule.workload in names)
    if not layers.patches:
        return items, ()
    found = patches.lay(items, [scoped.rule for scoped in layers.patches])
    unmet = set(found.unmet)
    for scoped in layers.patches:
        if scoped.rule not in unmet:
            met.rules.add(scoped)
        if scoped.rule in found.idle:
            met.idle.setdefault(scoped, []).append(found.idle[scoped.rule])
    return found.objects, found.errors


def _unmet(
    units: Sequence[Unit], before: Objects, after: Objects, met: _Met
) -> Iterator[tuple[Scoped[Any], WeftError]]:
    here = {unit.path: unit for unit in units}
    rules = dict.fromkeys(scoped for unit in units for scoped in _all(unit.layers))
    for scoped in rules:
        # Where the run is limited to a part below its component, nobody knows what it meets elsewhere.
        if scoped in met.rules or scoped.component not in here:
            continue
        unit = here[scoped.component]
        below = [path for path in here if path[: len(scoped.component)] == scoped.component]
        error = _nothing_met(scoped, below, before, after)
        absent = _absent(scoped, units)
        if absent and (error.hint is None or not any(before[path] for path in below)):
            # Then the rule may be meant for it.
            error.hint = f"`{absent[0]}` is not in this environment: where the rule is for it, say it there"
        error.within(unit.component.label, unit.environment.name)
        yield scoped, error
    for scoped, found in met.idle.items():
        # The same: others may have what is to be removed.
        if scoped.component in here:
            for unused in patches.idle_in_all(found).values():
                unused.within(here[scoped.component].component.label, units[0].environment.name)
                yield scoped, unused


def _all(layers: Layers) -> Iterable[Scoped[Any]]:
    return (*layers.images, *layers.replicas, *layers.patches)


def _nothing_met(
    scoped: Scoped[Any], below: Sequence[ComponentPath], before: Objects, after: Objects
) -> DefinitionError:
    rule = scoped.rule
    rendered = [item for path in below for item in before[path]]
    if isinstance(rule, ImageRule):
        message = f"no container has the image `{rule.image}`"
        return DefinitionError.at(rule.place, message, suggestion(rule.image, images.names(rendered)))
    if isinstance(rule, ReplicaRule):
        message = f"there is no workload `{rule.workload}` whose replicas could be set"
        return DefinitionError.at(rule.place, message, suggestion(rule.workload, replicas.names(rendered)))
    laid = [item for path in below for item in after[path]]
    error = patches.nothing_met(rule, laid)
    kind = rule.described.get("kind")
    if kind in _ROUTES and all(item.kind != kind for item in laid):
        error.hint = "what weft makes for routing is laid after patches"
    return error
