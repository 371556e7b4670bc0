"""The places that speak for a component's config, strongest first, and which of them the real merge takes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Literal, NamedTuple

from generator import yamlio
from generator.errors import WeftError
from generator.explain.scene import Scene
from generator.explain.tags import tagged
from generator.model.definition import Component, ComponentPath, Config
from generator.model.document import Document, Path, Places, Position
from generator.model.record import record
from generator.model.stack import stems
from generator.resolve import Ground
from generator.resolve.values import GLOBAL, ValuesMerger

SHARED = "what all environments share"

Kind = Literal["environment", "config", "component", "chart"]


@record(frozen=True)
class Source:
    """One place that speaks: the values it gives, where they stand, and its rank in the cascade."""

    values: Any
    places: Places
    prefix: Path
    kind: Kind
    # What a message calls it.
    words: str
    # Of files in config/: the component whose folder it is in, and the file's stem.
    level: ComponentPath | None = None
    stem: str | None = None
    # The component whose `global` this is, where a component below inherits it.
    owner: Component | None = None
    config: Config | None = None

    def where(self, *path: str | int) -> Position:
        """The position of the value at `path`."""
        return self.places.where(*self.prefix, *path)


class Word(NamedTuple):
    """What a source says at a path: a value there, or null (or something else that is no map) above it."""

    value: Any
    # How much of the path leads to what it says.
    depth: int


def word(values: Any, path: Path) -> Word | None:
    """What `values` say of `path`; None where they are silent."""
    for depth, step in enumerate(path):
        if values is None:
            return Word(None, depth)
        if isinstance(values, dict):
            if step not in values:
                return None
            values = values[step]
        elif isinstance(values, list) and isinstance(step, int):
            if step >= len(values):
                return None
            values = values[step]
        else:
            return Word(values, depth)
    return Word(values, len(path))


class Sources:
    """All that speaks for the config of one component in one environment."""

    def __init__(self, scene: Scene, grounds: Sequence[Ground]) -> None:
        self.scene = scene
        self.ground = grounds[-1]
        self._grounds = grounds
        self._found = {id(config): source for config, source in self._configs()}

    @functools.cached_property
    def all(self) -> Sequence[Source]:
        """Every source, strongest first; those of inherited `global` say nothing else."""
        found = [
            replace(self.of(config), values={GLOBAL: (config.keys.config or {}).get(GLOBAL)})
            for config in self.ground.inherited
        ]
        found += [self.of(config) for config in self.ground.stack.configs if config.keys.config is not None]
        chart = self._chart()
        return (*found, chart) if chart else tuple(found)

    @functools.cached_property
    def tree(self) -> Mapping[str, Any]:
        """The merged values, made by the real merge; each scalar knows its origin, a number of `all`."""
        ground, merger = self.ground, ValuesMerger()
        numbers = {id(source.config): number for number, source in enumerate(self.all) if source.config}

        def marked(config: Config) -> Config:
            values = tagged(config.keys.config, numbers.get(id(config), -1))
            return replace(config, keys=replace(config.keys, config=values))

        stack = replace(ground.stack, configs=[marked(config) for config in ground.stack.configs])
        if self.scene.fabrikate:
            return merger.fabrikate(ground.component, stack)
        chart = ground.chart
        if chart is not None:
            values = tagged(chart.values.value, len(self.all) - 1)
            chart = replace(chart, values=replace(chart.values, value=values))
        inherited = [marked(config) for config in ground.inherited]
        return merger.weft(ground.component, stack, inherited, chart)

    def of(self, config: Config) -> Source:
        """The source that a config of the component, or of one above it, is."""
        return self._found[id(config)]

    def _configs(self) -> Iterator[tuple[Config, Source]]:
        levels = self._levels()
        for ground in self._grounds:
            component = ground.component
            owner = component if component.path != self.ground.component.path else None
            for config in ground.stack.configs:
                kind, words, level, stem = levels.get(id(config), (None, "", None, None))
                if kind is None:
                    kind, words = "component", _inline_words(component, config)
                yield (
                    config,
                    Source(
                        values=config.keys.config,
                        places=config.document,
                        prefix=(*config.prefix, "config"),
                        kind=kind,
                        words=words,
                        level=level,
                        stem=stem,
                        owner=owner,
                        config=config,
                    ),
                )

    def _levels(self) -> dict[int, tuple[Kind, str, ComponentPath | None, str | None]]:
        """For each config of environment and config/ files its kind, words, level and stem."""
        found: dict[int, tuple[Kind, str, ComponentPath | None, str | None]] = {}
        for configs in self.scene.environment.configs:
            for config in configs.nodes.values():
                found[id(config)] = ("environment", "the environment's file", None, None)
                if config.document.file.rpartition("/")[2].startswith("common."):
                    found[id(config)] = ("environment", SHARED, None, "common")
        path = self.ground.component.path
        for depth in range(len(path) + 1):
            level = path[:depth]
            sets = self.scene.definition.configs.get(level, {})
            label = self.scene.component(level).label if level else "the root"
            for stem in stems(self.scene.environment):
                nodes = getattr(sets.get(stem), "nodes", {})
                for config in nodes.values():
                    found[id(config)] = ("config", f"config/{stem} of {label}", level, stem)
        return found

    def _chart(self) -> Source | None:
        """The chart's defaults; helm itself lays those of a Helm chart under, where they can be read."""
        component, chart = self.ground.component, self.ground.chart
        if chart is not None:
            return Source(chart.values.value, chart.values, (), "chart", "the chart's values")
        if component.type != "helm" or component.source is None:
            return None
        file = f"{component.source}/values.yaml"
        path = FilePath(self.scene.definition.root, file)
        try:
            document = yamlio.read_file(path, file) if path.is_file() else Document(file, {})
        except WeftError:
            # Helm reads YAML that weft refuses; what cannot be read is not explained.
            return None
        return Source(document.value, document, (), "chart", "the Helm chart's values")


def _inline_words(component: Component, config: Config) -> str:
    at = "reference to" if config.prefix else "component file of"
    return f"{at} {component.label}" if component.path else "the root's component file"


def why_weaker(winner: Source, loser: Source) -> str:
    """Why `loser` is weaker than `winner`, in a few words."""
    if loser.kind == "chart":
        return "a chart's values are the weakest"
    if winner.owner is not None and loser.owner is None:
        return f"the `global` of {winner.owner.label}, a component above, wins"
    if winner.owner is not None and loser.owner is not None and winner.owner.path != loser.owner.path:
        return f"the `global` of {winner.owner.label} is that of a component further up"
    if winner.kind == "environment":
        return f"{winner.words} {'win' if winner.words.startswith('what') else 'wins'} over files of the tree"
    if loser.kind == "component":
        if winner.kind == "component":
            return "a reference wins over the file that it loads"
        return "files in config/ win over component files"
    if winner.level != loser.level:
        return f"a file further up the tree wins, and {winner.words} is further up"
    return f"config/{winner.stem} wins over config/{loser.stem} of the same folder"


def trap(winner: Source, loser: Source) -> bool:
    """Whether a file further up, for all environments, hides one further down that is for some."""
    return (
        winner.stem == "common"
        and loser.kind == "config"
        and loser.stem != "common"
        and (winner.kind == "environment" or loser.level != winner.level)
    )
