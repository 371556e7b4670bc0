"""Explains a field of an output object: the line that wrote it, and the values behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

from generator import render
from generator.errors import UsageError, suggestion
from generator.explain.annotate import Annotated
from generator.explain.behind import Trials
from generator.explain.cascade import Cascade
from generator.explain.changes import Leaf
from generator.explain.keys import Keys
from generator.explain.leaves import leaves
from generator.explain.paths import known, leaf_paths, lookup, matches, parsed
from generator.explain.places import stated
from generator.explain.record import ABSENT, HIDDEN, Behind, Candidate, Explanation, FieldExplanation
from generator.explain.scene import Scene, secret_texts
from generator.explain.sources import SHARED, Sources
from generator.explain.stage import Stage, Target, stage, target
from generator.model.document import Path, Places, Position, dotted
from generator.model.secrets import names_secret
from generator.model.unit import Unit

_ORDER = ("value", "computed", "presence")
_SECRET = ("data", "stringData")


def explain_object(scene: Scene, name: str) -> Annotated:
    """The object that `name` means with the line that wrote each of its fields; raises UsageError."""
    staged = stage(scene)
    found = target(staged, name)
    unit = staged.unit(found.item)
    places = _places(scene, unit, found)
    value = _shown(scene, unit, found, dict(found.item.data))
    keys = Keys(scene, scene.grounds(unit.path))
    fields = {}
    for path in leaf_paths(value):
        place, laid = _place(staged, unit, found, places, path)
        fields[path] = (_laid_by(keys, path) if laid else None) or place
    title = f"{found.words} in {scene.environment.name}, {found.file}"
    return Annotated(title, value, fields)


def explain_field(scene: Scene, name: str, field: str) -> FieldExplanation:
    """The explanation of a field such as `spec.template.spec.containers[app].image`; raises UsageError."""
    staged = stage(scene)
    found = target(staged, name)
    steps = parsed(field)
    path = next(matches(steps, found.item.data), None)
    if path is None:
        fields = [dotted(one) for one in known(found.item.data)]
        raise UsageError(f"{found.words} has no field `{field}`", hint=suggestion(field, fields))
    unit = staged.unit(found.item)
    place, laid = _place(staged, unit, found, _places(scene, unit, found), path)
    trials = Trials(scene, staged, found.item, path, steps)
    hits = sorted(trials.behind(leaves(scene, unit)), key=lambda hit: _ORDER.index(hit[0]))
    # Several places may name one item of a list; it is explained once.
    unique = {
        (leaf.kind, leaf.component, leaf.weft, leaf.key): (relation, leaf) for relation, leaf in hits[::-1]
    }
    behind = [Behind(relation, _explained(scene, leaf)) for relation, leaf in list(unique.values())[::-1]]
    if laid:
        place = _laid_by(Keys(scene, scene.grounds(unit.path)), path) or _laid_place(behind) or place
    secret = any(names_secret(step) for _, leaf in hits for step in leaf.key if isinstance(step, str))
    value = (
        HIDDEN
        if secret and not scene.secrets
        else _shown(scene, unit, found, lookup(found.item.data, path), path)
    )
    return FieldExplanation(
        environment=scene.environment.name,
        object=found.words,
        component=unit.component.label,
        file=found.file,
        field=dotted(path),
        value=value,
        place=place,
        line=None if laid else _line(scene, place, hidden=value == HIDDEN),
        behind=behind,
        notes=(*_notes(unit, found, laid, behind, trials), *_broken(scene, staged)),
    )


def _places(scene: Scene, unit: Unit, found: Target) -> Places | None:
    index = found.item.index
    return None if index is None else render.locate(unit, scene.run)[index]


def _place(
    staged: Stage, unit: Unit, found: Target, places: Places | None, path: Path
) -> tuple[Position, bool]:
    """Where the field stands, and whether weft itself laid it over what was rendered."""
    if places is None or found.item.index is None:
        return (unit.route.place if unit.route else unit.component.place), True
    rendered = staged.rendered[unit.path].objects[found.item.index].data
    if lookup(rendered, path, ABSENT) != lookup(found.item.data, path):
        routed = unit.service.route.place if unit.service and path[0] == "spec" else None
        return routed or unit.component.place, True
    return places.where(*path), False


def _laid_by(keys: Keys, path: Path) -> Position | None:
    """Where the namespace, label or annotation stands that weft lays on all objects of a component."""
    if path == ("metadata", "namespace"):
        key: Path = ("namespace",)
    elif path[:1] == ("metadata",) and path[1:2] in (("labels",), ("annotations",)):
        key = path[1:]
    else:
        return None
    config, _ = keys.winner(key)
    return config.where(*key) if config else None


def _laid_place(behind: Sequence[Behind]) -> Position | None:
    winner = behind[0].explanation.winner if behind else None
    return winner.place if winner else None


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
            else Candidate("won", place, scene.shown(value, leaf.key), "an environment file")
            for number, (place, value) in enumerate(stated(scene.environment, leaf.at))
        ],
    )


def _shown(scene: Scene, unit: Unit, found: Target, value: Any, path: Path = ()) -> Any:
    """A part of an object as it may be shown: nothing of a Secret's data."""
    if scene.secrets:
        return value
    if found.item.kind == "Secret" and not found.item.group:
        if path[:1] and path[0] in _SECRET:
            return HIDDEN
        if not path:
            value = {name: HIDDEN if name in _SECRET else item for name, item in value.items()}
    return scene.shown(value, path, secret_texts(unit.values))


def _line(scene: Scene, place: Position, *, hidden: bool) -> str | None:
    """The text of the line at `place`; None where nobody knows the line, or it may hold a secret."""
    if place.line is None or hidden:
        return None
    try:
        text = FilePath(scene.definition.root, place.file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    lines = text.splitlines()
    return lines[place.line - 1].strip() if place.line <= len(lines) else None


def _broken(scene: Scene, staged: Stage) -> Iterator[str]:
    if staged.errors:
        yield f"{scene.environment.name} is not generated as it is, so not all that is behind it may be found"


def _notes(unit: Unit, found: Target, laid: bool, behind: Sequence[Behind], trials: Trials) -> Iterator[str]:
    kind = unit.component.type
    if found.item.index is None:
        yield f"weft makes this object from the routing of `{unit.component.label}`"
    elif laid:
        yield "weft lays this over what was rendered"
    elif kind == "static":
        yield "it is written there as it is"
    elif kind == "kustomize":
        yield "kustomize makes it; from which of its files, weft cannot tell"
    elif not behind:
        yield "no value was found behind it: the template computes it, or writes it as it is"
    if kind == "helm" and not laid:
        yield "helm does not say which line of the template writes it"
    if trials.exhausted:
        yield "there are more values than were tried; others may be behind it too"
