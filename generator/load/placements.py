"""Checks what components say of their placement, as far as no cluster need be counted for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.errors import DefinitionError, UsageError, suggestion
from generator.model import selector
from generator.model.definition import Component, Config, Environment, Failure
from generator.model.document import Path
from generator.model.formats import Placement, Replicas
from generator.model.placement import Matcher

_OF_SPLIT = ("max_skew", "weights", "min", "max")
_SPELLED = {"max_skew": "maxSkew"}


def check(tree: Component, environments: Collection[str]) -> Sequence[DefinitionError]:
    """The mistakes in the placements of `tree`, where `environments` are those that there are; in order."""
    found: list[DefinitionError] = []
    for config in _configs(tree):
        placement = _placement(config)
        errors = [
            *_selectors(config, placement),
            *_names(config, placement, environments),
            *_pods(config, placement),
            *(_replicas(config, placement.replicas) if placement.replicas else ()),
        ]
        found += sorted(errors, key=lambda error: (error.line or 0, error.column or 0))
    return found


def check_others(tree: Component, others: Iterable[Component]) -> Iterator[DefinitionError]:
    """An error for each placement that only the sources of some environments have; `others` are their trees.

    It would count for all environments, since a share depends on every other.
    """
    known = {component.path: component for component in tree.walk()}
    for component in {id(one): one for other in others for one in other.walk()}.values():
        own = known.get(component.path)
        if component.placed is None or component is own:
            continue
        if own is None or own.placed is None or _placement(own.placed) != _placement(component.placed):
            message = (
                f"the placement of `{component.label}` counts in all environments, and this is the source"
            )
            yield _error(
                component.placed, (), f"{message} of some", "write it at the reference, or in both alike"
            )


def nowhere(tree: Component, environments: Mapping[str, Environment | Failure]) -> Iterator[str]:
    """A note for each placement that chooses no environment: the component is in no output."""
    matcher = Matcher({name: found.labels for name, found in environments.items()})
    for config in _configs(tree):
        placement = _placement(config)
        if not matcher.members(placement) and not matcher.unknown(placement):
            place = config.where("placement")
            yield f"{place}: this placement chooses no environment, so its component is left out everywhere"


def splits(tree: Component) -> bool:
    """Whether a share of some component depends on other environments than its own."""
    rules = [_placement(config).replicas for config in _configs(tree)]
    return any(rule is not None and rule.split is not None for rule in rules)


def _configs(tree: Component) -> Iterator[Config]:
    """The placements of the tree, each once; one at a glob is that of all its components."""
    found = {id(item.placed): item.placed for item in tree.walk() if item.placed is not None}
    yield from found.values()


def _placement(config: Config) -> Placement:
    keys: Any = config.keys
    placement: Placement = keys.placement
    return placement


def _error(config: Config, path: Path, message: str, hint: str | None = None) -> DefinitionError:
    return DefinitionError.at(config.where("placement", *path), message, hint)


def _selectors(config: Config, placement: Placement) -> Iterator[DefinitionError]:
    for index, text in enumerate(selector.texts(placement.selector)):
        try:
            selector.parse([text])
        except UsageError as error:
            path: Path = ("selector",) if isinstance(placement.selector, str) else ("selector", index)
            yield _error(config, path, error.message, error.hint)


def _names(config: Config, placement: Placement, environments: Collection[str]) -> Iterator[DefinitionError]:
    named: list[tuple[Path, str]] = [
        ((key, index), name)
        for key in ("environments", "exclude")
        for index, name in enumerate(getattr(placement, key) or ())
    ]
    named += [(("origin",), placement.origin)] if placement.origin is not None else []
    weights = placement.replicas.weights if placement.replicas else None
    named += [(("replicas", "weights", name), name) for name in weights or ()]
    for path, name in named:
        if name not in environments:
            yield _error(
                config,
                path,
                f"there is no environment `{name}`: no environments/{name}.yaml",
                suggestion(name, environments),
            )


def _pods(config: Config, placement: Placement) -> Iterator[DefinitionError]:
    if placement.pods not in ("remote", "local"):
        return
    if placement.origin is None:
        yield _error(
            config,
            ("pods",),
            f"`pods: {placement.pods}` needs an `origin`",
            "name the environment that the others are remote to: origin: <environment>",
        )
    elif placement.pods == "local" and placement.origin in (placement.exclude or ()):
        yield _error(
            config,
            ("exclude", (placement.exclude or ()).index(placement.origin)),
            f"`pods: local` runs pods on `{placement.origin}` only, and here it is taken out",
            "leave one of them out",
        )


def _replicas(config: Config, rule: Replicas) -> Iterator[DefinitionError]:
    if rule.each is not None and rule.split is not None:
        yield _error(
            config,
            ("replicas",),
            "`each` and `split` are both given, and they contradict each other",
            "`each` is the number in every environment, `split` the number in all of them together",
        )
    elif rule.each is None and rule.split is None:
        yield _error(
            config, ("replicas",), "found neither `each` nor `split`", "write one: replicas: {each: 1}"
        )
    elif rule.each is not None:
        for name in _OF_SPLIT:
            if getattr(rule, name) is not None:
                spelled = _SPELLED.get(name, name)
                message = f"`{spelled}` says how to split, and `each` splits nothing"
                hint = f"write `split`, or leave `{spelled}` out"
                yield _error(config, ("replicas", spelled), message, hint)
    if rule.min is not None and rule.max is not None and rule.min > rule.max:
        message = f"`min` {rule.min} is more than `max` {rule.max}"
        yield _error(config, ("replicas", "min"), message, None)
