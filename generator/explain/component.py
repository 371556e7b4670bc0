"""Explains a key of a component, or all of its config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.errors import UsageError, nearest
from generator.explain.annotate import Annotated
from generator.explain.cascade import Cascade
from generator.explain.keys import FABRIKATE_KEYS, KEYS, Keys, disabling, single
from generator.explain.paths import known, lookup, matches, parsed
from generator.explain.placed import placement_notes
from generator.explain.record import ABSENT, Explanation
from generator.explain.scene import Scene, secret_texts
from generator.explain.sources import Sources
from generator.model.definition import ComponentPath
from generator.model.document import Path, Position, dotted


def explain_key(scene: Scene, path: ComponentPath, text: str) -> Sequence[Explanation]:
    """The explanations of the key that `text` names: of config, and of weft's own where both have it.

    `config.` in front is understood. Raises UsageError for a key that nobody speaks of, with the nearest.
    """
    grounds = scene.grounds(path)
    cascade, keys = Cascade(Sources(scene, grounds)), Keys(scene, grounds)
    everything, own = cascade.everything(), keys.everything()
    steps = parsed(text)
    found = next(matches(steps, everything), None)
    if found is None and steps[0] == ("config", False) and len(steps) > 1:
        found = next(matches(steps[1:], everything), None)
    explanations = [cascade.explain(found)] if found is not None else []
    explanations += [keys.explain(one) for one in _own(steps, own, keys)]
    if not explanations:
        raise _unknown(scene, path, text, everything, own)
    return explanations


def _own(steps: Sequence[tuple[str, bool]], own: Mapping[str, Any], keys: Keys) -> Sequence[Path]:
    """The paths of weft's keys that the steps mean: each key below where they merge key by key."""
    found = next(matches(steps, own), None)
    if found is None:
        # Nobody says anything of it, and it is a key all the same.
        return [(steps[0][0],)] if len(steps) == 1 and steps[0][0] in keys.names else []
    return list(single(found, lookup(own, found)))


def _unknown(scene: Scene, path: ComponentPath, text: str, everything: Any, own: Any) -> UsageError:
    label, name = scene.component(path).label, scene.environment.name
    candidates = [dotted(found) for value in (everything, own) for found in known(value)]
    candidates += FABRIKATE_KEYS if scene.fabrikate else KEYS
    last = text.rpartition(".")[2]
    same = [found for found in candidates if found.rpartition(".")[2] == last]
    near = same[0] if same else nearest(text, candidates)
    tops = ", ".join(dict.fromkeys((*everything, *own)))
    hint = f"did you mean '{near}'?" if near else f"known: {tops}" if tops else None
    silent = "nothing says anything"
    if scene.component(path).type == "helm":
        # What subcharts have of their own is helm's business, and may be there all the same.
        silent = "neither config nor the chart's values.yaml says anything"
    return UsageError(f"{silent} of `{text}` for `{label}` in {name}", hint=hint)


def explain_component(scene: Scene, path: ComponentPath) -> Annotated:
    """All that the component has, as a config file would say it, with the place of each leaf."""
    grounds = scene.grounds(path)
    cascade, keys = Cascade(Sources(scene, grounds)), Keys(scene, grounds)
    value: dict[str, Any] = {}
    places: dict[Path, Position] = {}
    for one in keys.paths():
        explanation = keys.explain(one)
        if explanation.value is not ABSENT and any(one.fate != "lost" for one in explanation.candidates):
            _put(value, one, explanation.value)
            places.update({one + below: place for below, place in explanation.leaves.items()})
    used = cascade.used()
    if used:
        value["config"] = scene.shown(used, (), secret_texts(used))
        places.update({("config", *below): place for below, place in cascade.places(used).items()})
    absences = [*keys.explain(("disabled",)).notes]
    disabled = disabling(grounds[-1], fabrikate=scene.fabrikate)
    if disabled is not None:
        absences.append(f"it is disabled here, at {disabled.where('disabled')}")
    title = f"{scene.component(path).label} in {scene.environment.name}"
    if absences or not scene.resolver.placements.holds(scene.component(path), scene.environment):
        # Notes are not where the values are, and those alone read as if they were used.
        title += ", where it is left out"
    return Annotated(title, value, places, (*placement_notes(scene, path), *absences))


def _put(target: dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        target = target.setdefault(str(step), {})
    target[str(path[-1])] = value
