"""Notices config that nothing will ever read, so that a user need not wonder why it does nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator.model.definition import Component, ComponentPath, Config, ConfigSet, Environment, Failure

# Templates read `config`; these have none.
_DEAF = {
    "static": "static manifests are written as they are",
    "kustomize": "a kustomization is built as it is",
    "component": "a component that groups others renders nothing",
}


def without_effect(
    tree: Component,
    levels: Mapping[ComponentPath, Mapping[str, ConfigSet | Failure]],
    environments: Iterable[Environment | Failure],
) -> Iterator[str]:
    """A note for each place with config that has no effect; what is `global`, or a service's, has."""
    told: dict[str, None] = {}
    everything = list(_all(tree, levels, environments))
    # The deployments of a service may read its values as `service.values`.
    services = {component.path for component, config in everything if config.keys.routing is not None}
    for component, config in everything:
        reason = _DEAF.get(component.type)
        dead = [key for key in config.keys.config or {} if key != "global"]
        if reason is None or not dead or component.path in services:
            continue
        names = ", ".join(f"`{key}`" for key in dead[:3])
        told[f"{config.where('config', dead[0])}: {names} of `{component.label}` has no effect: {reason}"] = (
            None
        )
    yield from told


def _all(
    tree: Component,
    levels: Mapping[ComponentPath, Mapping[str, ConfigSet | Failure]],
    environments: Iterable[Environment | Failure],
) -> Iterator[tuple[Component, Config]]:
    sets: list[tuple[ComponentPath, ConfigSet | Failure]] = [
        ((), found)
        for environment in environments
        if isinstance(environment, Environment)
        for found in environment.configs
    ]
    sets += [(level, found) for level, by_stem in levels.items() for found in by_stem.values()]
    components = {component.path: component for component in tree.walk()}
    for level, found in sets:
        for below, config in found.nodes.items() if isinstance(found, ConfigSet) else ():
            component = components.get((*level, *below))
            if component is not None:
                yield component, config
    for component in components.values():
        yield from ((component, config) for config in component.inline)
