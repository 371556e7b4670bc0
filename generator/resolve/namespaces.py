"""Resolves what an environment calls the namespaces of the definition, and gives units the names it has."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from generator.errors import DefinitionError, Several, WeftError
from generator.model.definition import ComponentPath, Config, ConfigSet, Definition, Environment
from generator.model.document import Position
from generator.model.formats import DNS_LABEL, NamespaceMapping
from generator.model.interpolate import Interpolation
from generator.model.namespaces import NONE, Mapped, Namespaces, renaming
from generator.model.references import renamed
from generator.model.stack import stack
from generator.model.unit import Route, Unit

_LABEL = re.compile(DNS_LABEL)


class Mappings:
    """Resolves the mappings of one definition; `fill` gives what `${…}` refers to at a component."""

    def __init__(
        self, definition: Definition, fill: Callable[[Environment, ComponentPath], Interpolation]
    ) -> None:
        self._definition = definition
        self._fill = fill
        self._named: dict[ComponentPath, str | None] = {}

    @functools.cached_property
    def _speaking(self) -> frozenset[ComponentPath]:
        # Most components say nothing, and then their stacks need not be looked at.
        return frozenset(_speaking(self._definition))

    def of(self, environment: Environment, units: Sequence[Unit]) -> Namespaces:
        """The mappings of an environment with these units, parents first; raises Several with every error.

        One holds for its namespace in all of the environment. A component's word beats those below it.
        """
        own = {path for found in environment.configs for path in _paths(found, ())} | self._speaking
        speaking = [unit for unit in units if unit.path in own] if own else []
        if not speaking:
            return NONE
        found: dict[str, tuple[Unit, Mapped]] = {}
        errors: list[WeftError] = []
        for unit in speaking:
            for namespace, config in self._said(unit):
                try:
                    mapped = self._mapped(unit, namespace, config, units)
                    _add(found, unit, mapped)
                except WeftError as error:
                    errors.append(error)
        if errors:
            raise Several(errors)
        top = next((unit for unit in units if not unit.path), None)
        return Namespaces(
            {namespace: mapped for namespace, (_, mapped) in sorted(found.items())},
            labels=top.labels if top else {},
            annotations=top.annotations if top else {},
        )

    def _said(self, unit: Unit) -> Iterator[tuple[str, Config]]:
        """Each namespace that the component's configs speak of, with the strongest of them."""
        own = stack(self._definition, unit.environment, unit.component).said("namespaces")
        found: dict[str, Config | None] = {}
        for config in own.configs:
            keys: Any = config.keys
            for namespace, said in (keys.namespaces or {}).items():
                # null takes away what weaker files say.
                found.setdefault(namespace, config if said is not None else None)
        yield from ((namespace, config) for namespace, config in found.items() if config is not None)

    def _mapped(self, unit: Unit, namespace: str, config: Config, units: Sequence[Unit]) -> Mapped:
        keys: Any = config.keys
        place = config.where("namespaces", namespace)
        said = _checked(_valid(namespace, place), keys.namespaces[namespace], config)
        mapped = Mapped(namespace, namespace, place, unit.component.label)
        if said.mapping == "same":
            return mapped
        origins = self._origins(unit, namespace, units)
        environment = unit.environment.name
        own_word = said.mapping == "selected" and PurePosixPath(config.document.file).stem == environment
        if origins == [environment] and not own_word:
            return mapped
        if said.mapping == "selected":
            at = config.where("namespaces", namespace, "name")
            name = self._fill(unit.environment, unit.path).at(at).fill(said.name)
            return replace(mapped, name=_valid(str(name), at))
        if len(origins) != 1:
            found = f"there are several: {', '.join(origins)}" if origins else "no placement names one"
            return replace(mapped, name=None, fault=found)
        return replace(mapped, name=_valid(f"{namespace}-{origins[0]}", place))

    def _origins(self, unit: Unit, namespace: str, units: Sequence[Unit]) -> Sequence[str]:
        """The origin that who maps the namespace has, else those of who is in it, else all."""
        own = self._origin(unit.path)
        if own is not None:
            return [own]
        found = {self._origin(other.path) for other in units if other.namespace == namespace}
        if found <= {None}:
            # Who states it in manifests alone may be anybody.
            found = {self._origin(other.path) for other in units}
        return sorted(origin for origin in found if origin is not None)

    def _origin(self, path: ComponentPath) -> str | None:
        """The origin that the nearest placement names, from the component at `path` upwards."""
        if path not in self._named:
            component = self._definition.tree.find(path)
            keys: Any = component.placed.keys if component and component.placed else None
            own = keys.placement.origin if keys else None
            self._named[path] = own or (self._origin(path[:-1]) if path else None)
        return self._named[path]


def _speaking(definition: Definition) -> Iterator[ComponentPath]:
    """The components that some file of the definition gives mappings to."""
    for component in definition.tree.walk():
        if any(getattr(config.keys, "namespaces", None) for config in component.inline):
            yield component.path
    for level, sets in definition.configs.items():
        for found in sets.values():
            if isinstance(found, ConfigSet):
                yield from _paths(found, level)


def _paths(found: ConfigSet, level: ComponentPath) -> Iterator[ComponentPath]:
    for path, config in found.nodes.items():
        if getattr(config.keys, "namespaces", None):
            yield (*level, *path)


def _checked(namespace: str, said: NamespaceMapping, config: Config) -> NamespaceMapping:
    """What a file says of the namespace, if it is whole; raises DefinitionError."""
    place = config.where("namespaces", namespace)
    if said.mapping is None:
        raise DefinitionError.at(
            place,
            f"found no `mapping` for namespace `{namespace}`",
            "write mapping: same, default or selected",
        )
    if said.mapping == "selected" and said.name is None:
        raise DefinitionError.at(
            place,
            f"`mapping: selected` of namespace `{namespace}` needs a `name`",
            "write the name it has there",
        )
    if said.mapping != "selected" and said.name is not None:
        raise DefinitionError.at(
            config.where("namespaces", namespace, "name"),
            f"`mapping: {said.mapping}` of namespace `{namespace}` takes no `name`",
            "write mapping: selected, or leave the name out",
        )
    return said


def _valid(name: str, place: Position) -> str:
    if not _LABEL.fullmatch(name):
        hint = (
            "it is longer than 63 characters: select a shorter one" if len(name) > 63 else "use a DNS label"
        )
        raise DefinitionError.at(place, f"`{name}` is no name for a namespace", hint)
    return name


def _add(found: dict[str, tuple[Unit, Mapped]], unit: Unit, mapped: Mapped) -> None:
    """Adds a mapping, unless a component above has said something else; raises DefinitionError."""
    if mapped.namespace not in found:
        found[mapped.namespace] = (unit, mapped)
        return
    other, known = found[mapped.namespace]
    if unit.path[: len(other.path)] != other.path and known.name != mapped.name:
        raise DefinitionError.at(
            mapped.place,
            f"namespace `{mapped.namespace}` is to be {_told(mapped)} here,"
            f" and {_told(known)} at {known.place}",
            "it can have one name in an environment: say it once, at a component above both",
        )


def _told(mapped: Mapped) -> str:
    return f"`{mapped.name}`" if mapped.name else "one with another origin"


def applied(units: Sequence[Unit], namespaces: Namespaces) -> Sequence[Unit]:
    """The units with the mappings of their environment, and the namespace that each has there."""
    return [_laid(unit, namespaces) for unit in units] if namespaces else units


def _laid(unit: Unit, namespaces: Namespaces) -> Unit:
    service, names = unit.service, namespaces.names
    if service is not None:
        at = names.get(service.namespace or "", service.namespace)
        service = replace(service, namespace=at, route=_route(service.route, namespaces))
    moved = unit.namespace is not None and unit.namespace in names
    return replace(
        unit,
        namespaces=namespaces,
        namespace=names[unit.namespace] if moved and unit.namespace else unit.namespace,
        mapped_from=unit.namespace if moved else None,
        route=_route(unit.route, namespaces) if unit.route else None,
        service=service,
    )


def _route(route: Route, namespaces: Namespaces) -> Route:
    """The route with the namespaces that its objects will have, also in hosts and gateways."""
    names = namespaces.names
    if not names:
        return route
    own = frozenset([(route.namespace or "", route.service)])
    data = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"namespace": route.namespace or ""},
        "spec": {"hosts": list(route.hosts), "gateways": list(route.gateways)},
    }
    spec = renamed(data, renaming(names, own, frozenset()))["spec"]
    return replace(
        route,
        namespace=names.get(route.namespace or "", route.namespace),
        hosts=tuple(spec["hosts"]),
        gateways=tuple(spec["gateways"]),
    )
