"""The values of one component: its stack merged, `global` inherited, the chart's values underneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.errors import DefinitionError
from generator.model.definition import Chart, Component, Config
from generator.model.document import Position
from generator.model.formats import Merge
from generator.model.record import record
from generator.model.stack import Stack
from generator.resolve.merge import FabrikateMerge, WeftMerge, copied

GLOBAL = "global"


@dataclass
class ValuesMerger:
    """Merges stacks, equal ones once: units of many environments share what they do not differ in."""

    merged: dict[tuple[Any, ...], Mapping[str, Any]] = field(default_factory=dict)
    counted: int = 0

    def weft(
        self, component: Component, stack: Stack, inherited: Sequence[Config], chart: Chart | None
    ) -> Mapping[str, Any]:
        """Values by weft's rule. `inherited` are the configs whose `global` the ancestors hand down."""
        configs = [config for config in stack.configs if config.keys.config]
        rules = stack.rules()
        shape = (rules.lists, tuple(sorted((path, str(rule)) for path, rule in (rules.paths or {}).items())))
        sources = (tuple(map(id, configs)), tuple(map(id, inherited)))
        key = (component.type == "helm", chart.folder if chart else None, shape, sources)
        if key not in self.merged:
            self.counted += 1
            self.merged[key] = _merge(component, configs, inherited, chart, rules)
        return self.merged[key]

    def fabrikate(self, component: Component, stack: Stack) -> Mapping[str, Any]:
        """Values by Fabrikate's rule."""
        origins = Origins([config for config in stack.configs if config.keys.config is not None], None)

        def conflict(path: tuple[str, ...], collected: Any, weaker: Any) -> Any:
            raise origins.conflict(path, collected, weaker, component)

        merge = FabrikateMerge(conflict)
        # For the root Fabrikate begins with an empty map, in which a null makes no key; below it, with the
        # first map it finds, nulls and all.
        collected: Any = {} if not component.path else None
        for config in origins.configs:
            values = config.keys.config
            collected = copied(values) if collected is None else merge.under(collected, values)
        return collected or {}


def inherited_global(stack: Stack) -> Sequence[Config]:
    """The configs of `stack` that say something global."""
    return [config for config in stack.configs if (config.keys.config or {}).get(GLOBAL) is not None]


def _merge(
    component: Component,
    configs: Sequence[Config],
    inherited: Sequence[Config],
    chart: Chart | None,
    rules: Merge,
) -> Mapping[str, Any]:
    origins = Origins(configs, chart)
    helm = component.type == "helm"

    def conflict(path: tuple[str, ...], weaker: Any, stronger: Any) -> Any:
        raise origins.conflict(path, stronger, weaker, component)

    merge = WeftMerge(rules, conflict, keep_nulls=helm)
    values: Any = _literal(chart.values.value) if chart else {}
    for config in reversed(configs):
        values = merge.over(values, config.keys.config)
    if inherited:
        above = Origins(configs, chart, inherited)

        def clash(path: tuple[str, ...], weaker: Any, stronger: Any) -> Any:
            raise above.conflict((GLOBAL, *path), stronger, weaker, component)

        shared = WeftMerge(Merge(), clash, keep_nulls=helm)
        for config in reversed(inherited):
            values[GLOBAL] = shared.over(values.get(GLOBAL) or {}, config.keys.config[GLOBAL])  # type: ignore[index]
    return values  # type: ignore[no-any-return]


def _literal(value: Any) -> Any:
    """A chart's values, in which `${` is text: only config refers to environments."""
    if isinstance(value, dict):
        return {name: _literal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


@record(frozen=True)
class Origins:
    """Finds where values of a merged stack stand."""

    configs: Sequence[Config]
    chart: Chart | None
    inherited: Sequence[Config] = ()

    def of(self, path: Sequence[str | int]) -> Position | None:
        """Where the strongest value at `path` stands, the chart's values last."""
        return next((position for position, _ in self.all(path)), None)

    def nearest(self, path: Sequence[str | int]) -> Position | None:
        """Where the value at `path` stands, or the nearest map around it that stands somewhere."""
        return next((found for end in range(len(path), 0, -1) if (found := self.of(path[:end]))), None)

    def all(self, path: Sequence[str | int]) -> list[tuple[Position, Any]]:
        """Every place that gives a value at `path`, strongest first, with the value."""
        found = []
        above = self.inherited if path and path[0] == GLOBAL else ()
        for config in (*above, *self.configs):
            value = _lookup(config.keys.config, path)
            if value is not None:
                found.append((config.where("config", *path), value))
        if self.chart is not None:
            value = _lookup(self.chart.values.value, path)
            if value is not None:
                found.append((self.chart.values.where(*path), value))
        return found

    def conflict(
        self, path: Sequence[str], stronger: Any, weaker: Any, component: Component
    ) -> DefinitionError:
        """The error for a map against something else; it names both places."""
        places = self.all(path)
        kinds = (_kind(stronger), _kind(weaker))
        first = next((place for place, value in places if _kind(value) == kinds[0]), None)
        second = next((place for place, value in reversed(places) if _kind(value) == kinds[1]), None)
        where = first or second
        return DefinitionError(
            f"`{'.'.join(path)}` of `{component.label}` is {kinds[0]} here and {kinds[1]} at {second}",
            file=where.file if where else None,
            line=where.line if where else None,
            column=where.column if where else None,
            hint="give both the same shape, or set the weaker one to null",
        )


def _lookup(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    return "a list" if isinstance(value, list) else "a scalar"
