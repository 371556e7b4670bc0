"""The values that a unit's rendering may depend on, each in the one place where changing it has an effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.explain.changes import MARK, Leaf
from generator.explain.keys import Keys
from generator.explain.paths import lookup
from generator.explain.scene import Scene
from generator.explain.sources import Source, Sources
from generator.explain.tags import origins
from generator.model.definition import ComponentPath, Config
from generator.model.document import Path
from generator.model.formats import ByKey
from generator.model.unit import Unit

# They decide which objects there are, and how lists merge; no value of theirs stands in a field.
# What is laid over objects is known without a trial.
_STRUCTURE = ("namespaces", "disabled", "merge", "select", "source", "images", "replicas", "patches")


def leaves(scene: Scene, unit: Unit, more: Sequence[ComponentPath] = ()) -> Sequence[Leaf]:
    """Every value that the unit, its service and `more` have, and what the environment says of itself."""
    found: dict[tuple[object, ...], Leaf] = {}
    for path in dict.fromkeys((unit.path, *((unit.service.path,) if unit.service else ()), *more)):
        for leaf in _of_component(scene, path):
            place = (leaf.kind, id(leaf.config), leaf.at, leaf.component if leaf.config is None else ())
            found.setdefault(place, leaf)
    for leaf in _of_environment(scene, unit.path):
        found.setdefault((leaf.kind, leaf.at), leaf)
    return list(found.values())


def _of_component(scene: Scene, path: ComponentPath) -> Iterator[Leaf]:
    grounds = scene.grounds(path)
    sources = Sources(scene, grounds)
    for key, origin in origins(sources.tree):
        if origin is not None:
            yield _leaf(path, sources.all[origin.source], origin.path, key)
        elif key:
            yield from _unmarked(path, sources, key)
    if not scene.fabrikate:
        yield from _names(path, sources)
    if grounds[-1].component.type == "helm":
        yield from _of_helm(path, sources)
    yield from _of_keys(path, Keys(scene, grounds))


def _of_keys(path: ComponentPath, keys: Keys) -> Iterator[Leaf]:
    for key in keys.paths():
        config, value = keys.winner(key)
        if config is None or key[0] in _STRUCTURE:
            continue
        if key == ("routing", "split"):
            yield from _weights(path, config, value)
        elif key in (("routing", "hosts"), ("routing", "gateways")):
            yield from _texts(path, config, key, value)
        elif key == ("routing", "provider"):
            other = "istio" if value == "gateway-api" else "gateway-api"
            tries = [(key, other, other)]
            yield Leaf("config", key, value, path, key, weft=True, config=config, tries=tries)
        else:
            yield Leaf("config", key, value, path, key, weft=True, config=config)


def _texts(path: ComponentPath, config: Config, key: Path, texts: Sequence[str]) -> Iterator[Leaf]:
    """The items of a list of names; of a name with a namespace either half may stand in a field."""
    for index, text in enumerate(texts):
        at = (*key, index)
        head, slash, name = text.partition("/")
        others = [f"{text}{MARK}", *([f"{head}{MARK}/{name}"] if slash else [])]
        tries = [(at, other, other) for other in others]
        yield Leaf("config", at, text, path, at, weft=True, config=config, tries=tries)


def _weights(path: ComponentPath, config: Config, split: Mapping[str, Any]) -> Iterator[Leaf]:
    """The weights of a split, each changed at the cost of another, since they sum to 100."""
    for name in split:
        weight = split[name] or 0
        others = sorted((other for other in split if other != name), key=lambda other: -(split[other] or 0))
        tries = []
        for other in others:
            for step in (1, -1):
                theirs = (split[other] or 0) - step
                if 0 <= weight + step <= 100 and 0 <= theirs <= 100:
                    changed = {**split, name: weight + step, other: theirs}
                    tries.append((("routing", "split"), changed, weight + step))
        key = ("routing", "split", name)
        yield Leaf("config", key, weight, path, key, weft=True, config=config, tries=tries)


def _leaf(path: ComponentPath, source: Source, at: Path, key: Path) -> Leaf:
    value = lookup(source.values, at)
    if source.config is None:
        return Leaf("chart", at, value, path, key)
    return Leaf("config", ("config", *at), value, path, key, config=source.config)


def _unmarked(path: ComponentPath, sources: Sources, key: Path) -> Iterator[Leaf]:
    """An empty map or list, which stands where the strongest source has one."""
    for source in sources.all:
        value = lookup(source.values, key)
        if value in ({}, []):
            yield _leaf(path, source, key, key)
        if value is not None:
            return


def _names(path: ComponentPath, sources: Sources) -> Iterator[Leaf]:
    """What identifies the items of lists that merge by a key: a weaker file's word decides too."""
    rules = sources.ground.stack.rules().paths or {}
    for name, rule in rules.items():
        if not isinstance(rule, ByKey):
            continue
        at, by = tuple(name.split(".")), rule.by or "name"
        merged = lookup(sources.tree, at)
        known = {item.get(by): index for index, item in enumerate(merged or ()) if isinstance(item, dict)}
        for source in sources.all:
            items = lookup(source.values, at)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                value = item.get(by) if isinstance(item, dict) else None
                if value in known:
                    yield _leaf(path, source, (*at, index, by), (*at, known[value], by))


def _of_helm(path: ComponentPath, sources: Sources) -> Iterator[Leaf]:
    """The defaults of a Helm chart that config leaves as they are."""
    chart = sources.all[-1] if sources.all and sources.all[-1].kind == "chart" else None
    for key, origin in origins(chart.values if chart else {}):
        assert origin is None
        if key and _silent(sources.tree, key):
            assert chart is not None
            # The list that it is in: who changes an item of it gives helm all of it.
            end = next(
                (end for end in range(len(key)) if isinstance(lookup(chart.values, key[:end]), list)), 0
            )
            under = (key[:end], lookup(chart.values, key[:end])) if end else None
            yield Leaf("helm", key, lookup(chart.values, key), path, key, under=under)


def _silent(values: Any, path: Path) -> bool:
    """Whether `values` leave `path` to the defaults; a list or a scalar around it covers them."""
    for step in path:
        if not isinstance(values, Mapping):
            return False
        if step not in values:
            return True
        values = values[step]
    return False


def _of_environment(scene: Scene, path: ComponentPath) -> Iterator[Leaf]:
    environment = scene.environment
    for label, value in environment.labels.items():
        yield Leaf("environment", ("labels", label), value, path, ("environment", "labels", label), weft=True)
    version = environment.kubernetes.version
    if version:
        at = ("kubernetes", "version")
        yield Leaf("environment", at, version, path, ("environment", *at), weft=True)
