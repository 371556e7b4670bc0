"""Composes the objects of each output file from what the units rendered: routing, overlay, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import Several, WeftError
from generator.model.definition import ComponentPath, Definition, exists_outside
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.unit import Route, Unit
from generator.overlay.fields import lay_over, ordered
from generator.overlay.routing import routed

Objects = Mapping[ComponentPath, Sequence[Manifest]]


def compose(
    units: Sequence[Unit],
    rendered: Mapping[ComponentPath, Rendered],
    paths: Mapping[ComponentPath, str],
    scopes: Scopes,
    definition: Definition,
) -> Mapping[str, Sequence[Manifest]]:
    """The objects of each output file that has any; raises Several with every refused route."""
    objects = dict(
        _with_routes(units, {path: result.objects for path, result in rendered.items()}, definition)
    )
    files: dict[str, Sequence[Manifest]] = {}
    for unit in units:
        laid = lay_over(objects[unit.path], unit, scopes, dialect=definition.dialect)
        if laid:
            files[paths[unit.path]] = laid if definition.dialect == "fabrikate" else ordered(laid)
    return files


def _with_routes(units: Sequence[Unit], objects: Objects, definition: Definition) -> Objects:
    routes = {unit.path: unit.route for unit in units if unit.route is not None}
    deployments = _deployments(routes, objects)
    changed = dict(objects)
    errors: list[WeftError] = []
    for unit in units:
        route = routes.get(unit.path)
        if route is None:
            continue
        external = (*definition.external, *unit.environment.external)
        known = exists_outside(external, "Service", route.namespace, route.service)
        try:
            own, made = routed(route, objects[unit.path], deployments[unit.path], service_known=known)
            changed[unit.path] = (*own, *made)
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return changed


def _deployments(
    routes: Mapping[ComponentPath, Route], objects: Objects
) -> Mapping[ComponentPath, Mapping[str, Sequence[Manifest]]]:
    """The objects of each service's deployments, those of components below a deployment included."""
    found: dict[ComponentPath, dict[str, list[Manifest]]] = {
        path: {name: [] for name in route.split} for path, route in routes.items()
    }
    for path, items in objects.items():
        for depth in range(len(path)):
            service = found.get(path[:depth])
            if service is not None and path[depth] in service:
                service[path[depth]].extend(items)
    return found
