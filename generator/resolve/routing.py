"""Resolves a service's routing: which deployments there are, and each one's weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.errors import DefinitionError, suggestion
from generator.model.definition import Component, Config
from generator.model.document import Position
from generator.model.interpolate import Interpolation
from generator.model.stack import Stack
from generator.model.unit import Route

# The deployment that keeps the remainder of rounding, and a destination even at weight 0.
_PRIMARY_NAMES = ("stable", "primary")


def route(
    component: Component,
    stack: Stack,
    enabled: Callable[[], Sequence[str]],
    namespace: str | None,
    fill: Interpolation,
) -> Route | None:
    """The route of `component`, or None where nothing gives it routing; raises DefinitionError.

    `enabled` finds the enabled deployments; only a service asks, since each has a stack of its own.
    """
    source = stack.source(lambda keys: keys.routing)
    if source is None:
        return None

    def strongest(name: str) -> Any:
        return stack.first(lambda keys: getattr(keys.routing, name) if keys.routing else None)

    split_at = stack.source(lambda keys: keys.routing.split if keys.routing else None)
    place = split_at.where("routing", "split") if split_at else source.where("routing")
    hosts = strongest("hosts")
    fill = fill.at(source.where("routing"))
    service = fill.fill(strongest("service")) or component.name
    split = _split(component, strongest("split"), split_at, enabled(), place)
    primary = _primary(split)
    return Route(
        component=component.path,
        service=service,
        namespace=namespace,
        port=strongest("port"),
        hosts=_texts(fill.fill(list(hosts or (service,))), "hosts", source),
        gateways=_texts(fill.fill(list(strongest("gateways") or ())), "gateways", source),
        provider=strongest("provider") or "istio",
        split={name: split[name] for name in sorted(split, key=lambda name: name != primary)},
        primary=primary,
        place=place,
        explicit_hosts=hosts is not None,
    )


def _texts(values: Sequence[Any], key: str, source: Config) -> Sequence[str]:
    for value in values:
        if not isinstance(value, str) or not value:
            raise DefinitionError.at(
                source.where("routing", key), f"{value!r} in `{key}` is no name of a host"
            )
    return tuple(values)


def _split(
    component: Component,
    split: Mapping[str, int] | None,
    config: Any,
    enabled: Sequence[str],
    place: Position,
) -> dict[str, int]:
    if split is None:
        if len(enabled) > 1:
            raise DefinitionError.at(
                place,
                f"`{component.label}` has {len(enabled)} deployments and no `split`: {', '.join(enabled)}",
                "give each its weight: `split: {stable: 90, canary: 10}`",
            )
        return dict.fromkeys(enabled, 100)
    names = [child.name for child in component.children]
    for name, given in split.items():
        weight = given or 0
        where = config.where("routing", "split", name)
        if name not in names:
            raise DefinitionError.at(
                where, f"`{name}` is no deployment of `{component.label}`", suggestion(name, names)
            )
        if not 0 <= weight <= 100:
            raise DefinitionError.at(where, f"weight {weight} of `{name}` is not between 0 and 100")
        if weight and name not in enabled:
            raise DefinitionError.at(
                where,
                f"`{name}` has weight {weight}, but it is disabled here, not selected, or not placed",
                "give its weight to another deployment, or enable it",
            )
    total = sum(weight or 0 for weight in split.values())
    if total != 100:
        raise DefinitionError.at(place, f"the weights of `{component.label}` sum to {total}, not to 100")
    named = {name: weight or 0 for name, weight in split.items() if name in enabled}
    return {**named, **{name: 0 for name in enabled if name not in named}}


def _primary(split: Mapping[str, int]) -> str | None:
    return next((name for name in _PRIMARY_NAMES if name in split), next(iter(split), None))
