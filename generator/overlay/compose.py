"""Composes the objects of each output file from what the units rendered: routing, overlay, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import Several, WeftError
from generator.model.definition import ComponentPath, Definition, exists_outside
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.unit import Unit
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
    changed = dict(objects)
    errors: list[WeftError] = []
    for unit in units:
        try:
            if unit.route is not None:
                changed[unit.path] = _routed(unit, objects, definition)
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return changed


def _routed(unit: Unit, objects: Objects, definition: Definition) -> Sequence[Manifest]:
    route = unit.route
    assert route is not None
    depth = len(unit.path)
    deployments: dict[str, list[Manifest]] = {name: [] for name in route.split}
    for path, found in objects.items():
        if path[:depth] == unit.path and len(path) > depth and path[depth] in deployments:
            deployments[path[depth]].extend(found)
    external = (*definition.external, *unit.environment.external)
    known = exists_outside(external, "Service", route.namespace, route.service)
    own, made = routed(route, objects[unit.path], deployments, service_known=known)
    return (*own, *made)
