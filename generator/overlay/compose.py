"""Composes the objects of each output file from what the units rendered: overlay, routing, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import Several, WeftError
from generator.model.definition import ComponentPath, Definition, exists_outside
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.output import NAMESPACES
from generator.model.unit import Route, Unit
from generator.overlay import namespaces
from generator.overlay.fields import lay_over, ordered
from generator.overlay.placement import scaled, without_workloads
from generator.overlay.routing import routed

Objects = Mapping[ComponentPath, Sequence[Manifest]]
Services = Mapping[tuple[str, str], Manifest]


def compose(
    units: Sequence[Unit],
    rendered: Mapping[ComponentPath, Rendered],
    paths: Mapping[ComponentPath, str],
    scopes: Scopes,
    definition: Definition,
    beside: Sequence[Manifest] = (),
) -> tuple[Mapping[str, Sequence[Manifest]], Sequence[WeftError], Sequence[str]]:
    """The objects of each output file that has any, the errors of all that could not be laid, and notes.

    `beside` are objects of the environment that this run does not make: a Service may be among them.
    """
    dialect = definition.dialect
    # Namespace, labels, annotations, placement.
    objects = beneath(units, rendered, scopes, dialect)
    unlaid: Sequence[WeftError] = ()
    notes: Sequence[str] = ()
    if any(unit.layers for unit in units):
        # Imported by who has some: they come with all that patches can do.
        from generator.overlay.layers import with_layers

        # Images, replicas by name, patches.
        objects, unlaid, notes = with_layers(units, objects)
    # Namespaces, in all that is laid so far.
    external = (*definition.external, *(units[0].environment.external if units else ()))
    objects, spaces, unmapped = namespaces.mapped(units, objects, scopes, external, beside)
    # Routing.
    objects, unrouted = _with_routes(units, objects, scopes, definition, beside)
    # At the end, since patches and routes are about workloads, too.
    objects = {unit.path: without_workloads(objects[unit.path], unit) for unit in units}
    errors = [*unlaid, *unmapped, *unrouted]
    files = {
        paths[unit.path]: objects[unit.path] if dialect == "fabrikate" else ordered(objects[unit.path])
        for unit in units
        if objects[unit.path]
    }
    if spaces:
        files = {NAMESPACES: ordered(spaces), **files}
    return files, Several(errors).errors, notes


def beneath(
    units: Sequence[Unit],
    rendered: Mapping[ComponentPath, Rendered],
    scopes: Scopes,
    dialect: str = "weft",
) -> Objects:
    """The objects of each unit as its images, replicas and patches find them, in the order of rendering."""
    objects: Objects = {
        unit.path: lay_over(rendered[unit.path].objects, unit, scopes, dialect=dialect) for unit in units
    }
    objects = namespaces.as_defined(units, objects)
    # The replicas of placement; explicit ones win over them.
    return {unit.path: scaled(objects[unit.path], unit) for unit in units}


def _with_routes(
    units: Sequence[Unit],
    objects: Objects,
    scopes: Scopes,
    definition: Definition,
    beside: Sequence[Manifest],
) -> tuple[Objects, Sequence[WeftError]]:
    routes = {unit.path: unit.route for unit in units if unit.route is not None}
    everything = [*beside, *(item for found in objects.values() for item in found)]
    services = {
        (item.namespace, item.name): item for item in everything if item.kind == "Service" and not item.group
    }
    below, deployments = _below(routes, objects)
    changed: dict[ComponentPath, Sequence[Manifest]] = dict(objects)
    errors: list[WeftError] = []
    for unit in units:
        route = routes.get(unit.path)
        if route is None:
            continue
        external = unit.namespaces.external((*definition.external, *unit.environment.external))
        known = exists_outside(external, "Service", route.namespace, route.service)
        own = [(path, index) for path in below[unit.path] for index in range(len(changed[path]))]
        try:
            made = _laid(route, own, changed, deployments[unit.path], services, known)
            changed[unit.path] = (*changed[unit.path], *lay_over(made, unit, scopes))
        except WeftError as error:
            errors.append(error)
    return changed, errors


def _laid(
    route: Route,
    own: Sequence[tuple[ComponentPath, int]],
    changed: dict[ComponentPath, Sequence[Manifest]],
    deployments: Mapping[str, Sequence[Manifest]],
    services: Services,
    known: bool,
) -> Sequence[Manifest]:
    """Lays the split into the objects at `own`, back where each came from; returns what was made for it."""
    before = [changed[path][index] for path, index in own]
    after, made = routed(route, before, deployments, services, service_known=known)
    for (path, index), old, new in zip(own, before, after, strict=True):
        if new is not old:
            changed[path] = (*changed[path][:index], new, *changed[path][index + 1 :])
    return made


def _below(
    routes: Mapping[ComponentPath, Route], objects: Objects
) -> tuple[
    Mapping[ComponentPath, Sequence[ComponentPath]],
    Mapping[ComponentPath, Mapping[str, Sequence[Manifest]]],
]:
    """The components at and below each service, and the objects of each of its deployments."""
    below: dict[ComponentPath, list[ComponentPath]] = {path: [] for path in routes}
    deployments: dict[ComponentPath, dict[str, list[Manifest]]] = {
        path: {name: [] for name in route.split} for path, route in routes.items()
    }
    for path, items in objects.items():
        for depth in range(len(path) + 1):
            service = path[:depth]
            if service not in routes:
                continue
            below[service].append(path)
            if depth < len(path) and path[depth] in deployments[service]:
                deployments[service][path[depth]].extend(items)
    return below, deployments
