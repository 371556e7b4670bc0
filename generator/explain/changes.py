"""Changes of single values in a definition, to see what follows from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from generator.explain.paths import leaf_paths, lookup
from generator.model.definition import (
    Chart,
    Component,
    ComponentPath,
    Config,
    ConfigSet,
    Definition,
    Environment,
    Failure,
)
from generator.model.document import Path
from generator.model.record import record
from generator.model.unit import Unit

# No value holds it by chance, and it may stand in a name, a label or an image.
MARK = "w7x"
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")


@record(frozen=True)
class Leaf:
    """A value that may be behind a field: where it is changed, and how it is explained.

    `at` is its path in a config's keys, in the chart's values, in what the environment says of itself,
    or in the values that helm gets. `component` and `key` say what an explanation is asked for.
    """

    kind: Literal["config", "chart", "environment", "helm"]
    at: Path
    value: Any
    component: ComponentPath
    key: Path
    weft: bool = False
    config: Config | None = None
    # What to set, to what, and what then stands in its place: a weight, say, cannot change alone.
    tries: Sequence[tuple[Path, Any, Any]] | None = None
    # A list of a Helm chart's defaults that the value is in, with its path.
    under: tuple[Path, Any] | None = None

    @property
    def weight(self) -> bool:
        """Whether it is a weight of a split, which changes at the cost of another."""
        return self.weft and self.key[:2] == ("routing", "split")

    def variants(self) -> Sequence[tuple[Path, Any, Any]]:
        """Each change to try: where, to what, and what then stands in the place of the value."""
        return self.tries or tuple((self.at, other, other) for other in other_values(self.value))


def other_values(value: Any) -> Sequence[Any]:
    """Values to try in the place of `value`, none equal to it, the most telling first."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, (int, float)):
        return tuple(dict.fromkeys(other for other in (value + 1, 0, value + 100) if other != value))
    if isinstance(value, str):
        flipped = {"true": ("false",), "false": ("true",)}.get(value, ())
        number = (str(int(value) + 1),) if value.isascii() and value.isdigit() and len(value) < 18 else ()
        version = re.sub(r"(\d+)$", lambda found: str(int(found[1]) + 1), value)
        more = (version,) if version != value and len(value) < 18 else ()
        return tuple(dict.fromkeys((*flipped, f"{value}{MARK}", *number, *more, *((" ",) if value else ()))))
    if isinstance(value, dict) and not value:
        return ({MARK: MARK},)
    return ([MARK],) if value == [] else ()


def told_apart(old: Any, new: Any, before: Any, after: Any) -> bool:
    """Whether a field that went from `before` to `after` holds the value that went from `old` to `new`."""
    if isinstance(before, (dict, list)) and isinstance(after, (dict, list)):
        pairs = ((lookup(before, path), lookup(after, path)) for path in leaf_paths(before))
        return any(one != other and told_apart(old, new, one, other) for one, other in pairs)
    if isinstance(new, str) and MARK in new:
        # What the value refers to may be filled in before the mark.
        return MARK in _text(after) and MARK not in _text(before)
    left, right, whole = _text(old), _text(new), _text(before)
    if isinstance(before, (int, float)):
        return (left, right) == (whole, _text(after))
    # The digits of a number are no part of a longer one.
    edges = (r"(?<!\d)" if left[:1].isdigit() else "", r"(?!\d)" if left[-1:].isdigit() else "")
    found = list(re.finditer(re.escape(left).join(edges), whole)) if left else []
    ways = [whole[: one.start()] + right + whole[one.end() :] for one in found]
    every = re.sub(re.escape(left).join(edges), lambda _: right, whole)
    return _text(after) in (*ways, every) if ways else False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@record(frozen=True)
class Changed:
    """A definition with other values: what to resolve, and what to lay over the values of units."""

    definition: Definition
    environment: Environment
    laid: Sequence[tuple[Leaf, Any]] = ()

    def unit(self, unit: Unit) -> Unit:
        """A unit with the values that helm would find in the chart."""
        for leaf, value in self.laid:
            if leaf.component == unit.path:
                values = dict(unit.values)
                if leaf.under is not None and lookup(values, leaf.under[0], self) is self:
                    values = with_value(values, *leaf.under)
                unit = replace(unit, values=with_value(values, leaf.at, value))
        return unit


def changed(
    definition: Definition, environment: Environment, changes: Iterable[tuple[Leaf, Path, Any]]
) -> Changed:
    """`definition` in `environment` with other values in the places of leaves."""
    swaps: dict[int, Config] = {}
    charts = dict(definition.charts)
    laid: list[tuple[Leaf, Any]] = []
    for leaf, at, value in changes:
        if leaf.kind == "config":
            assert leaf.config is not None
            config = swaps.get(id(leaf.config), leaf.config)
            swaps[id(leaf.config)] = replace(config, keys=_with_key(config.keys, at, value))
        elif leaf.kind == "chart":
            folder = _component(definition, leaf.component).source or ""
            chart = charts[folder]
            assert isinstance(chart, Chart)
            values = with_value(chart.values.value, at, value)
            charts[folder] = replace(chart, values=replace(chart.values, value=values))
        elif leaf.kind == "environment":
            environment = _with_statement(environment, at, value)
        else:
            laid.append((leaf, value))
    environment = replace(environment, configs=[_swapped(found, swaps) for found in environment.configs])
    levels = {path: _levels(sets, swaps) for path, sets in definition.configs.items()}
    tree = _inlined(definition.tree, swaps)
    return Changed(replace(definition, configs=levels, charts=charts, tree=tree), environment, laid)


def pruned(definition: Definition, path: ComponentPath) -> Definition:
    """The definition with no more in it than the component at `path`, those above it and those below."""
    levels = {level: sets for level, sets in definition.configs.items() if _related(level, path)}
    return replace(definition, tree=_pruned(definition.tree, path), configs=levels)


def _related(level: ComponentPath, path: ComponentPath) -> bool:
    short = min(len(level), len(path))
    return level[:short] == path[:short]


def _pruned(component: Component, path: ComponentPath) -> Component:
    if len(component.path) >= len(path):
        return component
    name = path[len(component.path)]
    children = tuple(_pruned(child, path) for child in component.children if child.name == name)
    return replace(component, children=children, pruned=True)


def _component(definition: Definition, path: ComponentPath) -> Component:
    found = definition.tree.find(path)
    assert found is not None
    return found


def _levels(
    sets: Mapping[str, ConfigSet | Failure], swaps: Mapping[int, Config]
) -> Mapping[str, ConfigSet | Failure]:
    return {
        stem: _swapped(found, swaps) if isinstance(found, ConfigSet) else found
        for stem, found in sets.items()
    }


def _swapped(found: ConfigSet, swaps: Mapping[int, Config]) -> ConfigSet:
    if not any(id(config) in swaps for config in found.nodes.values()):
        return found
    return ConfigSet(
        found.file, {path: swaps.get(id(config), config) for path, config in found.nodes.items()}
    )


def _inlined(component: Component, swaps: Mapping[int, Config]) -> Component:
    return replace(
        component,
        inline=tuple(swaps.get(id(config), config) for config in component.inline),
        children=tuple(_inlined(child, swaps) for child in component.children),
    )


def _with_key(keys: Any, path: Path, value: Any) -> Any:
    """Config keys with `value` at a path as files have it."""
    name = _SNAKE.sub("_", str(path[0])).lower()
    if len(path) == 1:
        return replace(keys, **{name: value})
    inner = getattr(keys, name)
    if name == "routing":
        return replace(keys, routing=_with_key(inner, path[1:], value))
    return replace(keys, **{name: with_value(inner, path[1:], value)})


def _with_statement(environment: Environment, path: Path, value: Any) -> Environment:
    if path[0] == "labels":
        return replace(environment, labels={**environment.labels, str(path[1]): value})
    return replace(environment, kubernetes=replace(environment.kubernetes, version=value))


def with_value(container: Any, path: Path, value: Any) -> Any:
    """A copy of `container` with `value` at `path`; what does not lie on the way is shared."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(container, list):
        items = list(container)
        items[int(step)] = with_value(items[int(step)], rest, value)
        return items
    if isinstance(container, tuple):
        return tuple(with_value(list(container), path, value))
    known = container if isinstance(container, Mapping) else {}
    return {**known, step: with_value(known.get(step), rest, value)}
