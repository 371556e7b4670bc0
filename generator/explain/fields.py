"""Explains a field of an output object: the line that wrote it, and the values behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from generator import render
from generator.errors import UsageError, WeftError, suggestion
from generator.explain.annotate import Annotated
from generator.explain.behind import Trials
from generator.explain.cascade import Cascade
from generator.explain.changes import Leaf, with_value
from generator.explain.contents import contents
from generator.explain.keys import Keys
from generator.explain.laid import Laid
from generator.explain.leaves import leaves
from generator.explain.mapped import makes_namespace
from generator.explain.masked import MaskedObject
from generator.explain.paths import known, leaf_paths, lookup, matches, named, parsed
from generator.explain.placed import is_placed
from generator.explain.places import stated
from generator.explain.record import (
    ABSENT,
    HIDDEN,
    Behind,
    Candidate,
    Explanation,
    FieldExplanation,
    Relation,
)
from generator.explain.scene import Scene
from generator.explain.sources import SHARED, Sources
from generator.explain.stage import Stage, Target, speaks_of_kind, stage, target
from generator.model.document import Path, Places, Position, dotted
from generator.model.unit import Unit

_ORDER = ("value", "computed", "presence")


def is_object(scene: Scene, name: str) -> bool:
    """Whether `name` is one of the objects of the environment; False too where they do not resolve.

    Raises UsageError with the nearest object where `name` begins with a kind, and with no component.
    """
    try:
        staged = stage(scene)
        target(staged, name)
    except UsageError:
        if scene.definition.tree.find((name.partition("/")[0],)) is None and speaks_of_kind(staged, name):
            raise
        return False
    except WeftError:
        return False
    return True


def explain_object(scene: Scene, name: str) -> Annotated:
    """The object that `name` means with the line that wrote each of its fields; raises UsageError."""
    staged = stage(scene)
    found = target(staged, name)
    scene = _wary(scene, staged)
    unit = staged.unit(found.item)
    value = MaskedObject(scene, found.item, unit.values).value()
    written = _places(scene, unit, found)
    fields = {path: _written(staged, unit, found, written, path) for path in leaf_paths(value)}
    laid = [path for path, place in fields.items() if place is None]
    places = {**fields, **Laid(scene, staged, found).places(laid)} if laid else fields
    return Annotated(f"{found.words} in {scene.environment.name}, {found.file}", value, places)


def explain_field(scene: Scene, name: str, field: str) -> FieldExplanation:
    """The explanation of a field such as `spec.template.spec.containers[app].image`; raises UsageError."""
    staged = stage(scene)
    found = target(staged, name)
    scene = _wary(scene, staged)
    steps = parsed(field)
    path = next(matches(steps, found.item.data), None)
    if path is None:
        fields = [named(one, found.item.data) for one in known(found.item.data)]
        raise UsageError(f"{found.words} has no field `{field}`", hint=suggestion(field, fields))
    unit = staged.unit(found.item)
    written = _places(scene, unit, found)
    place = _written(staged, unit, found, written, path)
    laid = None if place else Laid(scene, staged, found)
    trials = Trials(scene, staged, found.item, path, steps)
    more = laid.components(path) if laid else ()
    values = [] if makes_namespace(found) else leaves(scene, unit, more)
    hits = _unique(sorted(trials.behind(values), key=lambda hit: _ORDER.index(hit[0])))
    behind = [Behind(relation, _explained(scene, leaf)) for relation, leaf in hits]
    if laid:
        place = laid.places([path])[path]
    secret = [leaf for (_, leaf), item in zip(hits, behind, strict=True) if item.explanation.value == HIDDEN]
    masked = MaskedObject(scene, found.item, unit.values)
    value = _without(masked.value(path), path, secret, trials)
    hidden = laid is not None or bool(secret or masked.hidden(path))
    return FieldExplanation(
        environment=scene.environment.name,
        object=found.words,
        component=unit.component.label,
        file=found.file,
        field=dotted(path),
        value=value,
        place=place,
        line=None if place is None or hidden else _line(scene, place, masked, written),
        behind=masked.behind(path, behind),
        notes=(*_notes(unit, found, laid, path, behind, trials), *_broken(scene, staged)),
    )


def _wary(scene: Scene, staged: Stage) -> Scene:
    """The scene that shows nothing of what the environment's Secrets hold."""
    return replace(scene, contents=contents(item for items in staged.files.values() for item in items))


def _unique(hits: Sequence[tuple[Relation, Leaf]]) -> Sequence[tuple[Relation, Leaf]]:
    """Several places may name one item of a list; it is explained once, as the first says."""
    found: dict[tuple[object, ...], tuple[Relation, Leaf]] = {}
    for relation, leaf in hits:
        found.setdefault((leaf.component, leaf.weft, leaf.key), (relation, leaf))
    return list(found.values())


def _without(value: Any, path: Path, secret: Sequence[Leaf], trials: Trials) -> Any:
    """The field's value without what the leaves with secret names are behind."""
    if not secret:
        return value
    if not isinstance(value, (dict, list)):
        return HIDDEN
    below = [path + one for one in leaf_paths(value)]
    for one in trials.each(secret, below):
        value = with_value(value, one[len(path) :], HIDDEN)
    return value


def _places(scene: Scene, unit: Unit, found: Target) -> Places | None:
    index = found.item.index
    return None if index is None else render.locate(unit, scene.run)[index]


def _written(staged: Stage, unit: Unit, found: Target, places: Places | None, path: Path) -> Position | None:
    """Where the field stands; None where weft itself made it, or laid it over what was rendered."""
    if places is None or found.item.index is None or is_placed(unit, found.item, path):
        return None
    rendered = lookup(staged.rendered[unit.path].objects[found.item.index].data, path, ABSENT)
    value = lookup(found.item.data, path)
    # A map or list that weft adds to stands where it is written all the same.
    kept = isinstance(value, (dict, list)) and type(rendered) is type(value)
    return places.where(*path) if kept or rendered == value else None


def _explained(scene: Scene, leaf: Leaf) -> Explanation:
    if leaf.kind == "environment":
        return _of_environment(scene, leaf)
    grounds = scene.grounds(leaf.component)
    if leaf.weft:
        return Keys(scene, grounds).explain(leaf.key)
    return Cascade(Sources(scene, grounds)).explain(leaf.key)


def _of_environment(scene: Scene, leaf: Leaf) -> Explanation:
    return Explanation(
        environment=scene.environment.name,
        component=scene.component(leaf.component).label,
        key=dotted(leaf.key),
        weft=True,
        value=scene.shown(leaf.value, leaf.key),
        candidates=[
            Candidate("lost", place, scene.shown(value, leaf.key), SHARED, "the environment's own file wins")
            if number
            else Candidate("won", place, scene.shown(value, leaf.key), "the environment's file")
            for number, (place, value) in enumerate(stated(scene.environment, leaf.at))
        ],
    )


def _line(scene: Scene, place: Position, masked: MaskedObject, places: Places | None) -> str | None:
    """The text of the line at `place`; None where nobody knows the line, or it may hold a secret."""
    if place.line is None:
        return None
    try:
        text = FilePath(scene.definition.root, place.file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    lines = text.splitlines()
    line = lines[place.line - 1].strip() if place.line <= len(lines) else None
    return None if line is None else masked.line(line, place, places)


def _broken(scene: Scene, staged: Stage) -> Iterator[str]:
    if staged.errors:
        yield f"{scene.environment.name} is not generated as it is, so not all that is behind it may be found"


def _notes(
    unit: Unit, found: Target, laid: Laid | None, path: Path, behind: Sequence[Behind], trials: Trials
) -> Iterator[str]:
    kind = unit.component.type
    layered = [*laid.layered.notes(path)] if laid else []
    mapping = laid.mapping(path) if laid else None
    if mapping is not None:
        yield f"namespace `{mapping.namespace}` is `{mapping.name}` in this environment: {mapping.place}"
    elif found.item.index is None:
        yield f"weft makes this object from the routing of `{unit.component.label}`"
    elif layered:
        yield from layered
    elif laid:
        yield laid.placement(path) or "weft lays this over what was rendered"
    elif kind == "static":
        yield "it is written there as it is"
    elif kind == "kustomize":
        yield "kustomize makes it; from which of its files, weft cannot tell"
    elif not behind:
        yield (
            "no value was found behind it: the template writes it as it is, computes it, "
            "or asks only whether a value is there"
            + ("; values of subcharts are not tried" if kind == "helm" else "")
        )
    if kind == "helm" and not laid:
        yield "helm does not say which line of the template writes it"
    if trials.exhausted:
        yield "there are more values than were tried; others may be behind it too"
