"""Whether the namespaces that a definition maps are used in any environment: a misspelt one maps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator import load, render, resolve
from generator.errors import DefinitionError, Several, WeftError, suggestion
from generator.model.definition import Config, ConfigSet, Definition, Environment
from generator.model.document import Position
from generator.model.request import Request


def check_mapped(definition: Definition, request: Request, names: Iterable[str]) -> None:
    """Raises Several for each mapping of a namespace that no environment uses; `names` are looked at first.

    Most namespaces are some component's `namespace`. For another one environments are rendered until one
    has objects in it; where one does not render, nobody knows, and nothing is refused.
    """
    mapped, stated = _said(definition)
    if not mapped.keys() - stated:
        return
    # For a few environments only their own config was read.
    everything = load.load(request.root, dialect=request.dialect, layers=request.layers, judged=False)
    mapped, stated = _said(everything)
    unused = mapped.keys() - stated
    known = set(stated)
    try:
        for name in dict.fromkeys((*names, *everything.environments)):
            if not unused:
                return
            living = set(_living(everything, request, name))
            known |= living
            unused -= living
    except WeftError:
        return
    if unused:
        raise Several(
            DefinitionError.at(
                mapped[namespace],
                f"no environment has an object in namespace `{namespace}`, so there is nothing to map",
                suggestion(namespace, sorted(known)),
            )
            for namespace in sorted(unused)
        )


def _said(definition: Definition) -> tuple[Mapping[str, Position], set[str]]:
    """Where each mapped namespace is mapped first, and the namespaces that components are said to be in."""
    mapped: dict[str, Position] = {}
    stated: set[str] = set()
    for config in _configs(definition):
        for namespace, said in (getattr(config.keys, "namespaces", None) or {}).items():
            if said is not None:
                mapped.setdefault(namespace, config.where("namespaces", namespace))
        # References of the dialect have no such key.
        namespace = getattr(config.keys, "namespace", None)
        if namespace:
            stated.add(namespace)
    return mapped, stated


def _configs(definition: Definition) -> Iterator[Config]:
    for component in definition.components():
        yield from component.inline
    seen = (definition, *definition.variants.values())
    sets = [found for one in seen for level in one.configs.values() for found in level.values()]
    for environment in definition.environments.values():
        if isinstance(environment, Environment):
            sets += environment.configs
    for found in sets:
        if isinstance(found, ConfigSet):
            yield from found.nodes.values()


def _living(definition: Definition, request: Request, name: str) -> Iterator[str]:
    """The namespaces, as the definition calls them, that an environment has objects in; raises WeftError."""
    run = render.Run(definition.root, definition.dialect, definition.requires)
    environment = resolve.environment(definition, request, name)
    for unit in resolve.Resolver(definition).seen_by(environment).units(environment):
        objects = render.render(unit, run).objects
        if objects and unit.namespace is not None:
            yield unit.mapped_from or unit.namespace
        yield from (unit.namespaces.defined.get(item.namespace, item.namespace) for item in objects)
