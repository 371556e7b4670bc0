"""Istio's objects for a split: a VirtualService and a DestinationRule with a subset for each deployment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import DefinitionError
from generator.model.manifest import JSON, Manifest, items, mapping, maps, names
from generator.model.unit import Route
from generator.overlay.shares import Backend, names_host, shares, taken

GROUP = "networking.istio.io"
_API_VERSION = f"{GROUP}/v1"


def lay(
    route: Route, backends: Sequence[Backend], own: Sequence[Manifest]
) -> tuple[Sequence[Manifest], Sequence[Manifest]]:
    """The service's objects with the split laid into its own routes, and the objects that it lacks."""
    virtual = [item for item in own if _is(item, "VirtualService") and _ours(item, route)]
    rules = [item for item in own if _is(item, "DestinationRule") and _names(item.data, route)]
    laid = [
        _laid(item, route, backends)
        if item in virtual
        else _subsets(item, backends)
        if item in rules
        else item
        for item in own
    ]
    made = []
    if not virtual:
        made.append(_object(route, "VirtualService", _new_route(route, backends)))
    if not rules and backends:
        made.append(
            _object(route, "DestinationRule", {"host": route.service, "subsets": _as_subsets(backends)})
        )
    return laid, made


def _is(item: Manifest, kind: str) -> bool:
    return item.group == GROUP and item.kind == kind


def _names(data: JSON, route: Route) -> bool:
    return names_host(mapping(data, "spec").get("host"), route.service, route.namespace)


def _ours(item: Manifest, route: Route) -> bool:
    """Whether a VirtualService speaks for one of the route's hosts, or sends traffic to its Service."""
    spec = mapping(item.data, "spec")
    hosts = names(spec, "hosts")
    if any(host in route.hosts or names_host(host, route.service, route.namespace) for host in hosts):
        return True
    return any(_to_us(entry, route) for http in maps(spec, "http") for entry in maps(http, "route"))


def _to_us(entry: Any, route: Route) -> bool:
    return names_host(mapping(entry, "destination").get("host"), route.service, route.namespace)


def _laid(item: Manifest, route: Route, backends: Sequence[Backend]) -> Manifest:
    spec = mapping(item.data, "spec")
    https = [
        {**http, "route": _destinations(item, items(http, "route"), route, backends)}
        if any(_to_us(entry, route) for entry in maps(http, "route"))
        else http
        for http in items(spec, "http")
    ]
    if not any(_to_us(entry, route) for http in https for entry in maps(http, "route")):
        raise DefinitionError.at(
            item.source,
            f"{item.identity} speaks for `{route.service}` and has no http route to it to lay the split into",
            hint="give it a route with the Service as destination, or leave the VirtualService to weft",
        )
    return item.with_data({**item.data, "spec": {**spec, "http": https}})


def _destinations(
    item: Manifest, entries: Sequence[Any], route: Route, backends: Sequence[Backend]
) -> list[Any]:
    ours = [entry for entry in entries if _to_us(entry, route)]
    others = [entry for entry in entries if not _to_us(entry, route)]
    # A single destination without weight takes everything; among several it takes nothing.
    theirs = taken(others, 0)
    if theirs is None:
        raise DefinitionError.at(
            item.source, f"{item.identity}: the weights of destinations of other hosts are not within 100"
        )
    if not backends:
        return list(entries)
    laid = []
    for backend, weight in shares(backends, route.primary, theirs):
        model = next((e for e in ours if e["destination"].get("subset") == backend.name), ours[0])
        destination = {**model["destination"], "subset": backend.name}
        laid.append({**model, "destination": destination, "weight": weight})
    return [*laid, *others]


def _subsets(item: Manifest, backends: Sequence[Backend]) -> Manifest:
    spec = mapping(item.data, "spec")
    ours = [backend.name for backend in backends]
    theirs = {entry["name"]: entry for entry in maps(spec, "subsets") if entry.get("name") in ours}
    merged = [{**theirs.get(entry["name"], {}), **entry} for entry in _as_subsets(backends)]
    kept = [
        entry
        for entry in items(spec, "subsets")
        if not (isinstance(entry, dict) and entry.get("name") in ours)
    ]
    return item.with_data({**item.data, "spec": {**spec, "subsets": [*merged, *kept]}})


def _as_subsets(backends: Sequence[Backend]) -> list[dict[str, Any]]:
    return [{"name": item.name, "labels": {"version": item.version}} for item in backends]


def _new_route(route: Route, backends: Sequence[Backend]) -> dict[str, Any]:
    def destination(subset: str | None) -> dict[str, Any]:
        port = {"port": {"number": route.port}} if route.port else {}
        return {"host": route.service, **({"subset": subset} if subset else {}), **port}

    entries: list[dict[str, Any]] = [
        {"destination": destination(backend.name), "weight": weight}
        for backend, weight in shares(backends, route.primary, 0)
    ]
    spec: dict[str, Any] = {"hosts": list(route.hosts)}
    if route.gateways:
        spec["gateways"] = list(route.gateways)
    spec["http"] = [{"route": entries or [{"destination": destination(None)}]}]
    return spec


def _object(route: Route, kind: str, spec: dict[str, Any]) -> Manifest:
    metadata = {"name": route.component[-1] if route.component else route.service}
    data = {"apiVersion": _API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
    return Manifest(data, route.place, "/".join(route.component))
