"""Turns the model into units with their values for one environment; reads no file."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from generator.errors import DefinitionError, Several, WeftError
from generator.model.definition import (
    Chart,
    Component,
    ComponentPath,
    Config,
    Definition,
    Environment,
    Failure,
)
from generator.model.formats import DNS_LABEL
from generator.model.interpolate import Interpolation
from generator.model.layers import NO_LAYERS, Layers
from generator.model.namespaces import Namespaces
from generator.model.record import record
from generator.model.stack import Stack, stack
from generator.model.unit import Service, Unit
from generator.resolve import routing, values_schema
from generator.resolve.choose import chosen, component_path, environment, part
from generator.resolve.layers import layers
from generator.resolve.namespaces import Mappings, applied
from generator.resolve.placement import Placements, Spread
from generator.resolve.select import selected
from generator.resolve.values import GLOBAL, Origins, ValuesMerger, inherited_global

_NAMESPACE = re.compile(DNS_LABEL)


@record(frozen=True)
class _Above:
    """What a component has from its ancestors."""

    namespace: str | None = None
    override: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    layers: Layers = NO_LAYERS
    shared: Sequence[Config] = ()
    service: Service | None = None


@record(frozen=True)
class Ground:
    """What the values of one component stand on; `inherited` hand down their `global`, strongest first."""

    component: Component
    environment: Environment
    stack: Stack
    inherited: Sequence[Config]
    chart: Chart | None
    # Before `${…}` is filled in.
    merged: Mapping[str, Any]

    @property
    def origins(self) -> Origins:
        """Where the values stand."""
        return Origins(self.stack.configs, self.chart, self.inherited)

    @property
    def fill(self) -> Interpolation:
        """What `${…}` refers to."""
        return Interpolation(self.environment, self.merged.get(GLOBAL) or {}, self.origins.of)

    @property
    def shared(self) -> Sequence[Config]:
        """The configs whose `global` the components below inherit."""
        return (*self.inherited, *inherited_global(self.stack))


Near = Callable[[ComponentPath], bool]


def _everywhere(path: ComponentPath) -> bool:
    return True


class Resolver:
    """Resolves environments of one definition; equal stacks are merged once for all of them."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.values = ValuesMerger()
        self._mappings = Mappings(definition, lambda cluster, path: self.grounds(cluster, path)[-1].fill)
        self.placements = Placements(definition, self._absent)
        self._others: dict[int, Resolver] = {}

    def seen_by(self, environment: Environment) -> Resolver:
        """The resolver of the definition as `environment` sees it; values of both are merged once."""
        seen = self._definition.seen_by(environment.name)
        if seen is self._definition:
            return self
        if id(seen) not in self._others:
            self._others[id(seen)] = Resolver(seen)
            self._others[id(seen)].values = self.values
            self._others[id(seen)].placements = self.placements
        return self._others[id(seen)]

    def units(
        self, environment: Environment, namespaces: Namespaces | None = None, near: Near = _everywhere
    ) -> Sequence[Unit]:
        """The enabled components as units, parents first; raises Several with every error.

        Where `namespaces` are given, they are the environment's mappings, whatever the definition says.
        What `near` is false of is passed over, with all below it.
        """
        units: list[Unit] = []
        errors: list[WeftError] = []
        self._walk(self._definition.tree, environment, _Above(), units, errors, near)
        if errors:
            raise Several(errors)
        return applied(units, self._mappings.of(environment, units) if namespaces is None else namespaces)

    def grounds(self, environment: Environment, path: ComponentPath) -> Sequence[Ground]:
        """What the component at `path`, disabled or not, and each above it stand on, the root first.

        Raises WeftError where a file of theirs is broken or their values do not merge.
        """
        found: list[Ground] = []
        for depth in range(len(path) + 1):
            component = self._definition.tree.find(path[:depth])
            assert component is not None
            own = stack(self._definition, environment, component)
            found.append(self._ground(component, environment, own, found[-1].shared if found else ()))
        return found

    def _ground(
        self, component: Component, environment: Environment, own: Stack, inherited: Sequence[Config]
    ) -> Ground:
        if self._definition.dialect == "fabrikate":
            return Ground(component, environment, own, (), None, self.values.fabrikate(component, own))
        chart = self._chart(component)
        merged = self.values.weft(component, own, inherited, chart)
        return Ground(component, environment, own, inherited, chart, merged)

    def _walk(
        self,
        component: Component,
        environment: Environment,
        above: _Above,
        units: list[Unit],
        errors: list[WeftError],
        near: Near,
    ) -> None:
        try:
            if not self.placements.holds(component, environment):
                return
            own = stack(self._definition, environment, component)
            if self._disabled(component, own):
                return
            self.placements.check(component)
            if self._definition.dialect == "fabrikate":
                unit, below = self._fabrikate(component, environment, own), above
            else:
                unit, below = self._weft(component, environment, own, above)
            children = self._children(component, own)
            units.append(unit)
        except WeftError as error:
            errors.append(error)
            return
        except RecursionError:
            message = f"the config of `{component.label}` nests deeper than weft can follow"
            errors.append(DefinitionError.at(component.place, message))
            return
        for child in children:
            if near(child.path):
                self._walk(child, environment, below, units, errors, near)

    def _children(self, component: Component, own: Stack) -> Sequence[Component]:
        return component.children if self._definition.dialect == "fabrikate" else selected(component, own)

    def _disabled(self, component: Component, own: Stack) -> bool:
        if self._definition.dialect == "fabrikate":
            # The first layer that mentions the subcomponent at all decides; it cannot disable itself.
            return bool(own.handed and own.handed[0].keys.disabled)
        return bool(own.said("disabled").first(lambda keys: keys.disabled))

    def _fabrikate(self, component: Component, environment: Environment, own: Stack) -> Unit:
        named = own.source(lambda keys: keys.namespace or None)
        keys: Any = named.keys if named else None
        return Unit(
            component=component,
            environment=environment,
            values=self.values.fabrikate(component, own),
            namespace=keys.namespace if keys else None,
            inject_namespace=bool(keys and keys.inject_namespace),
        )

    def _weft(
        self, component: Component, environment: Environment, own: Stack, above: _Above
    ) -> tuple[Unit, _Above]:
        ground = self._ground(component, environment, own, above.shared)
        fill = ground.fill
        namespace = self._namespace(own, fill, above)
        override = own.said("overrideNamespace").first(lambda keys: keys.override_namespace)
        below = replace(
            above,
            namespace=namespace,
            override=above.override if override is None else override,
            labels={**_laid(own, fill, "labels"), **above.labels},
            annotations={**_laid(own, fill, "annotations"), **above.annotations},
            layers=layers(self._definition, component, own, fill, above.layers),
            shared=ground.shared,
        )
        values = fill.fill(ground.merged)
        if ground.chart is not None:
            values_schema.check(values, ground.chart, component, environment, ground.origins)
        enabled = functools.partial(self._enabled, environment, component, own)
        route = routing.route(component, own.said("routing"), enabled, namespace, fill)
        if route is not None:
            service = Service(component.name, component.path, namespace, values, route)
            below = replace(below, service=service)
        spread = self.placements.spread(component.path)
        replicas = spread.replicas.get(environment.name) if spread else None
        unit = Unit(
            component=component,
            environment=environment,
            values=values,
            namespace=namespace,
            override_namespace=below.override,
            labels=below.labels,
            annotations=below.annotations,
            layers=below.layers,
            replicas=replicas,
            replicas_place=spread.rule.place if spread and spread.rule and replicas is not None else None,
            workloads=spread is None or environment.name not in spread.idle,
            route=route,
            service=below.service,
        )
        return unit, below

    def _enabled(self, environment: Environment, component: Component, own: Stack) -> Sequence[str]:
        return [
            child.name
            for child in self._children(component, own)
            if self.placements.holds(child, environment)
            and not self._disabled(child, stack(self._definition, environment, child))
        ]

    def _absent(self, path: ComponentPath, environment: Environment) -> bool:
        """Whether the environment is without the component at `path`, by other keys than placement."""
        definition = self._definition.seen_by(environment.name)
        component = definition.tree.find(path)
        if component is None:
            return True
        parent = definition.tree.find(path[:-1]) if path else None
        if parent is not None and component not in self._children(
            parent, stack(definition, environment, parent)
        ):
            return True
        return self._disabled(component, stack(definition, environment, component))

    def _chart(self, component: Component) -> Chart | None:
        found = self._definition.charts.get(component.source or "") if component.type == "jinja" else None
        if isinstance(found, Failure):
            raise found.error
        return found

    def _namespace(self, own: Stack, fill: Interpolation, above: _Above) -> str | None:
        source = own.said("namespace").source(lambda keys: keys.namespace or None)
        if source is None:
            return above.namespace
        namespace = str(fill.at(source.where("namespace")).fill(source.keys.namespace))
        if not _NAMESPACE.fullmatch(namespace):
            raise DefinitionError.at(
                source.where("namespace"), f"`{namespace}` is no name for a namespace", "use a DNS label"
            )
        return namespace


def _laid(own: Stack, fill: Interpolation, name: str) -> Mapping[str, str]:
    """Labels or annotations of a component's own configs, the strongest word on each."""
    laid: dict[str, str] = {}
    for config in reversed(own.configs):
        for key, value in (getattr(config.keys, name) or {}).items():
            if value is None:
                laid.pop(key, None)
                continue
            place = config.where(name, key)
            filled = fill.at(place).fill(value)
            if not isinstance(filled, str):
                raise DefinitionError.at(place, f"`{key}` is not a string", "quote it")
            laid[key] = filled
    return laid


__all__ = ["Ground", "Resolver", "Spread", "chosen", "component_path", "environment", "part"]
