"""The cascade of one component in one environment: every file that speaks for it, strongest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from generator.model.definition import Component, Config, Definition, Environment, Failure
from generator.model.formats import Merge
from generator.model.record import record

T = TypeVar("T")


@record(frozen=True)
class Stack:
    """The configs of one component, strongest first; `handed` are those of levels above its own."""

    configs: Sequence[Config]
    handed: Sequence[Config]

    @property
    def own(self) -> Sequence[Config]:
        """The configs of the component's own level, and what is said where it is referred to."""
        above = set(map(id, self.handed))
        return [config for config in self.configs if id(config) not in above]

    def said(self, key: str) -> Stack:
        """The configs above the first that sets `key` to null, which takes away what weaker ones say."""
        end = next((index for index, config in enumerate(self.configs) if config.takes_away(key)), None)
        return self if end is None else replace(self, configs=self.configs[:end])

    def first(self, pick: Callable[[Any], T | None]) -> T | None:
        """The strongest value that `pick` finds in a config's keys."""
        return next(
            (value for value in map(pick, (config.keys for config in self.configs)) if value is not None),
            None,
        )

    def source(self, pick: Callable[[Any], Any]) -> Config | None:
        """The strongest config in whose keys `pick` finds a value."""
        return next((config for config in self.configs if pick(config.keys) is not None), None)

    def rules(self) -> Merge:
        """How lists merge for the component: the strongest word on each."""
        paths: dict[str, Any] = {}
        for config in reversed(self.configs):
            if config.keys.merge is not None:
                paths.update(config.keys.merge.paths or {})
        return Merge(lists=self.first(lambda keys: keys.merge and keys.merge.lists), paths=paths)


def stack(definition: Definition, environment: Environment, component: Component) -> Stack:
    """The stack of `component` in `environment`; raises WeftError where a file of it is broken."""
    handed: list[Config] = []
    own: list[Config] = []
    for found in environment.configs:
        if component.path in found.nodes:
            handed.append(found.nodes[component.path])
    for depth in range(len(component.path) + 1):
        level = component.path[:depth]
        for config in _level(definition, environment, level, component.path[depth:]):
            (own if depth == len(component.path) else handed).append(config)
    return Stack((*handed, *own, *component.inline), handed)


def _level(
    definition: Definition, environment: Environment, level: tuple[str, ...], below: tuple[str, ...]
) -> Iterator[Config]:
    sets = definition.configs.get(level, {})
    for stem in stems(environment):
        found = sets.get(stem)
        if isinstance(found, Failure):
            raise found.error
        if found is not None and below in found.nodes:
            yield found.nodes[below]


def stems(environment: Environment) -> Sequence[str]:
    """The names of the config files that count at each level, strongest first."""
    own = () if environment.is_pass else (environment.name,)
    return (*own, *environment.layers, "common")
