"""Resolves placement once for all environments: where each component goes, and its replicas there."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.errors import DefinitionError, WeftError
from generator.model.definition import Component, ComponentPath, Config, Definition, Environment, Failure
from generator.model.document import Position
from generator.model.formats import Placement, Replicas
from generator.model.placement import Matcher, ordered, shares
from generator.model.record import record

Absent = Callable[[ComponentPath, Environment], bool]
_MOST_NAMED = 5


@record(frozen=True)
class Rule:
    """What a placement says of replicas; `owner` is the component whose placement it is."""

    keys: Replicas
    config: Config
    owner: str

    @property
    def place(self) -> Position:
        """Where the number of replicas stands."""
        return self.config.where("placement", "replicas", "each" if self.keys.split is None else "split")

    @property
    def words(self) -> str:
        """The number of replicas in words."""
        count = self.keys.each if self.keys.split is None else self.keys.split
        noun = "replica" if count == 1 else "replicas"
        said = "in each environment" if self.keys.split is None else "divided over its environments"
        return f"{count} {noun} {said}"


@record(frozen=True)
class Spread:
    """Where one component goes: the environments that have it, by the placements at and above it."""

    names: frozenset[str]
    # Those of them that get everything but workloads.
    idle: frozenset[str] = frozenset()
    rule: Rule | None = None
    # The replicas of each environment that the rule speaks of.
    replicas: Mapping[str, int] = field(default_factory=dict)
    # The environments that the placements chose, and that no replica falls to.
    empty: frozenset[str] = frozenset()
    # Where the placement stands that leaves no environment to its pods, should it have any.
    podless: Position | None = None
    # Why nobody can say what falls to whom; every environment that has the component is refused.
    error: DefinitionError | None = None


class Placements:
    """The spread of every component of a definition; `absent` says whether config leaves one out."""

    def __init__(self, definition: Definition, absent: Absent) -> None:
        self._definition = definition
        self._absent = absent
        self.matcher = Matcher({name: found.labels for name, found in definition.environments.items()})

    def spread(self, path: ComponentPath) -> Spread | None:
        """Where the component at `path` goes; None where no placement limits it."""
        return self._spreads.get(path)

    def holds(self, component: Component, environment: Environment) -> bool:
        """Whether placement lets `component` into `environment`."""
        spread = self.spread(component.path)
        return spread is None or environment.name in spread.names

    def check(self, component: Component) -> None:
        """Raises DefinitionError where nobody can say what falls to the environments of the component."""
        spread = self.spread(component.path)
        if spread is not None and spread.error is not None:
            # A copy, since each environment is written on what refuses it.
            raise copy.copy(spread.error)

    def left_out(self, environment: Environment) -> Sequence[str]:
        """A note for each component of which `environment` has no replica, or nobody any pod."""
        return self._notes.get(environment.name, ())

    @functools.cached_property
    def _spreads(self) -> Mapping[ComponentPath, Spread]:
        found: dict[ComponentPath, Spread] = {}
        if any(component.placed is not None for component in self._components):
            self._walk(list(self._definition.trees), None, frozenset(), found)
        return found

    @functools.cached_property
    def _components(self) -> Sequence[Component]:
        """The components of every environment's tree."""
        return list(self._definition.components())

    @functools.cached_property
    def _notes(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path, spread in self._spreads.items():
            label = "/".join(path) or self._definition.tree.name
            note, names = "", spread.empty
            if spread.podless is not None:
                note, names = f"{_nowhere(label, spread.names)} ({spread.podless})", spread.names
            elif spread.rule is not None and spread.empty:
                note = _note(label, spread.rule)
            for name in names:
                found.setdefault(name, []).append(note)
        return found

    def _walk(
        self,
        same: Sequence[Component],
        above: Spread | None,
        absent: frozenset[str],
        found: dict[ComponentPath, Spread],
    ) -> None:
        """Notes the spread of a component, which may be in several trees, and of all below it."""
        component = next((one for one in same if one.placed is not None), same[0])
        absent |= self._absences(component.path)
        # What is said of the one above is said there.
        said = above is not None and (above.empty or above.podless)
        spread = dataclasses.replace(above, empty=frozenset(), podless=None) if above and said else above
        if component.placed is not None:
            spread = self._placed(component.placed, component, spread)
        if spread is not None and spread.rule is not None and spread.error is None:
            spread = _counted(component, spread, spread.rule, absent)
        if spread is not None:
            found[component.path] = spread
        children: dict[str, dict[int, Component]] = {}
        for child in (child for one in same for child in one.children):
            children.setdefault(child.name, {})[id(child)] = child
        for named in children.values():
            self._walk(list(named.values()), spread, absent, found)

    def _placed(self, config: Config, component: Component, above: Spread | None) -> Spread:
        """The environments that a placement chooses, of those that the ones above left."""
        placement = _placement(config)
        names = self.matcher.members(placement)
        idle = frozenset[str]()
        if placement.pods == "remote":
            idle = names & {str(placement.origin)}
        elif placement.pods == "local":
            idle = names - {str(placement.origin)}
        spread = above or Spread(names)
        rule = Rule(placement.replicas, config, component.label) if placement.replicas else spread.rule
        names &= spread.names
        idle = (idle | spread.idle) & names
        spread = Spread(names, idle, rule, error=spread.error)
        split = rule is not None and rule.keys.split is not None
        if spread.error is None and split:
            spread = dataclasses.replace(spread, error=self._unknown(config))
        if spread.error is None and names and names == idle and not self.matcher.unknown(placement):
            return _podless(component, config, spread)
        if spread.error is None and rule is not None and split:
            return dataclasses.replace(spread, error=_stray(component, spread, rule))
        return spread

    def _unknown(self, config: Config) -> DefinitionError | None:
        """The error for an environment of which nobody can say whether a share falls to it."""
        unknown = self.matcher.unknown(_placement(config))
        if not unknown:
            return None
        return DefinitionError.at(
            config.where("placement"),
            f"nobody can say whether a share falls to `{unknown[0]}`, since its file is refused",
            "mend that file, or take the environment out with `exclude`",
        )

    def _absences(self, path: ComponentPath) -> frozenset[str]:
        """The environments in which config leaves the component out."""
        if path not in self._switched:
            return frozenset()
        return frozenset(
            name
            for name, environment in self._definition.environments.items()
            if isinstance(environment, Environment) and self._leaves_out(path, environment)
        )

    def _leaves_out(self, path: ComponentPath, environment: Environment) -> bool:
        try:
            return self._absent(path, environment)
        except WeftError:
            # That environment is refused for it; until it is mended its share waits for it.
            return False

    @functools.cached_property
    def _switched(self) -> frozenset[ComponentPath]:
        """The components that are not everywhere, for another reason; none where no share depends on it."""
        rules = [_placement(item.placed).replicas for item in self._components if item.placed is not None]
        if not any(rule is not None and rule.split is not None for rule in rules):
            return frozenset()
        found = set[ComponentPath]()
        for path, config in self._said():
            if config.keys.disabled:
                found.add(path)
            if getattr(config.keys, "select", None) is not None:
                found |= {item.path for item in self._components if item.path[:-1] == path and item.path}
        paths = [{item.path for item in tree.walk()} for tree in self._definition.trees]
        return frozenset(found).union(*paths) - frozenset(paths[0]).intersection(*paths) | found

    def _said(self) -> Iterator[tuple[ComponentPath, Config]]:
        """Every config, with the component that it speaks of."""
        for component in self._components:
            yield from ((component.path, config) for config in component.inline)
        for seen in (self._definition, *self._definition.variants.values()):
            for level, by_stem in seen.configs.items():
                for found in by_stem.values():
                    if not isinstance(found, Failure):
                        yield from (((*level, *below), config) for below, config in found.nodes.items())
        for environment in self._definition.environments.values():
            if isinstance(environment, Environment):
                for one in environment.configs:
                    yield from one.nodes.items()


def _placement(config: Config) -> Placement:
    keys: Any = config.keys
    placement: Placement = keys.placement
    return placement


def _counted(component: Component, spread: Spread, rule: Rule, absent: frozenset[str]) -> Spread:
    """The spread with the replicas that fall to each environment; where none do, the component is not."""
    running = spread.names - spread.idle
    if rule.keys.each is not None:
        return dataclasses.replace(spread, replicas=dict.fromkeys(running, rule.keys.each))
    running -= absent
    if running == spread.replicas.keys():
        return spread
    divided = shares(rule.keys, ordered(running, rule.owner))
    if divided is None:
        return dataclasses.replace(spread, error=_impossible(component, rule, running))
    empty = frozenset(name for name, share in divided.items() if share == 0)
    counts = {name: share for name, share in divided.items() if share}
    return dataclasses.replace(spread, names=spread.names - empty, replicas=counts, empty=empty)


def _podless(component: Component, config: Config, spread: Spread) -> Spread:
    """The spread of a component that no environment is left to run, refused where it is to have pods."""
    placement = _placement(config)
    split = spread.rule is not None and spread.rule.keys.split is not None
    if placement.pods is None and placement.replicas is None and not split:
        return dataclasses.replace(spread, podless=config.where("placement"))
    path = ("placement", "pods") if placement.pods in ("remote", "local") else ("placement",)
    hint = "place it on more environments, or change `pods`, here or in a placement above"
    message = _nowhere(component.label, spread.names)
    return dataclasses.replace(spread, error=DefinitionError.at(config.where(*path), message, hint))


def _nowhere(label: str, names: Iterable[str]) -> str:
    only = f"it goes to {_some(names)} only"
    return f"the pods of `{label}` run nowhere: {only}, and placement lets none run there"


def _stray(component: Component, spread: Spread, rule: Rule) -> DefinitionError | None:
    """The error for a weight of an environment that the component does not go to."""
    if component.placed is not rule.config:
        return None
    excluded = _placement(rule.config).exclude or ()
    running = spread.names - spread.idle
    for name in rule.keys.weights or ():
        if name not in running and name not in excluded:
            place = rule.config.where("placement", "replicas", "weights", name)
            why = "which runs none of its pods" if name in spread.names else "which it is not placed on"
            message = f"`{component.label}` has a weight for `{name}`, {why}"
            return DefinitionError.at(place, message, _placed_on(running))
    return None


def _impossible(component: Component, rule: Rule, running: frozenset[str]) -> DefinitionError:
    said = {"min": rule.keys.min, "max": rule.keys.max, "maxSkew": rule.keys.max_skew}
    limits = [f"`{name}: {value}`" for name, value in said.items() if value is not None]
    limits += ["these weights"] if rule.keys.weights else []
    where = "1 environment" if len(running) == 1 else f"{len(running)} environments"
    message = f"{rule.keys.split} replicas of `{component.label}` cannot be divided over {where}"
    return DefinitionError.at(rule.place, f"{message} with {' and '.join(limits)}", _placed_on(running))


def _placed_on(names: Iterable[str]) -> str:
    known = _some(names)
    return f"its pods run on: {known}" if known else "its pods run nowhere"


def _some(names: Iterable[str]) -> str:
    known = sorted(names)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"{', '.join(known[:_MOST_NAMED])}{more}"


def _note(label: str, rule: Rule) -> str:
    said = "its one replica goes" if rule.keys.split == 1 else f"its {rule.keys.split} replicas go"
    return f"`{label}` is left out: {said} to other environments ({rule.place})"
