"""The Gateway API's objects for a split: an HTTPRoute, and a Service for each deployment behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import DefinitionError
from generator.model.manifest import Manifest, items, mapping, maps, names
from generator.model.unit import Route
from generator.overlay.shares import Backend, ports, shares, taken

GROUP = "gateway.networking.k8s.io"


def lay(
    route: Route, service: Manifest | None, backends: Sequence[Backend], own: Sequence[Manifest]
) -> tuple[Sequence[Manifest], Sequence[Manifest]]:
    """The service's objects with the split laid into its own HTTPRoutes, and the objects that it lacks."""
    if service is None:
        raise DefinitionError.at(
            route.place,
            f"the Gateway API needs the Service `{route.service}` itself in the output",
            "weft copies its ports and selector for each deployment",
        )
    made = [_service(route, service, backend) for backend in backends]
    mine = [item for item in own if item.group == GROUP and item.kind == "HTTPRoute" and _ours(item, route)]
    laid = [_laid(item, route, backends) if item in mine else item for item in own]
    if not mine:
        made.append(_http_route(route, service, backends))
    return laid, made


def _port(route: Route, service: Manifest) -> int:
    numbers = [number for port in ports(service) if isinstance(number := port.get("port"), int)]
    if route.port is not None:
        return route.port
    if len(numbers) != 1:
        raise DefinitionError.at(
            route.place, f"Service `{route.service}` has {len(numbers)} ports; `routing.port` says which one"
        )
    return numbers[0]


def _backend_name(route: Route, backend: Backend) -> str:
    name = f"{route.service}-{backend.name}"
    if len(name) > 63:
        raise DefinitionError.at(
            route.place, f"the Service `{name}` for `{backend.name}` would have more than 63 characters"
        )
    return name


def _service(route: Route, service: Manifest, backend: Backend) -> Manifest:
    spec = mapping(service.data, "spec")
    kept = {key: value for key, value in spec.items() if key in ("ipFamilies", "ipFamilyPolicy")}
    copied = [{key: value for key, value in port.items() if key != "nodePort"} for port in ports(service)]
    selector = {**mapping(spec, "selector"), "version": backend.version}
    metadata: dict[str, Any] = {"name": _backend_name(route, backend)}
    if labels := mapping(service.metadata, "labels"):
        metadata["labels"] = dict(labels)
    if service.namespace:
        metadata["namespace"] = service.namespace
    data = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {**kept, "ports": copied, "selector": selector},
    }
    return Manifest(data, route.place, "/".join(route.component))


def _ours(item: Manifest, route: Route) -> bool:
    """Whether an HTTPRoute speaks for a host of ours, hangs on our Service, or sends traffic to it."""
    spec = mapping(item.data, "spec")
    if route.explicit_hosts and any(host in route.hosts for host in names(spec, "hostnames")):
        return True
    if any(
        ref.get("kind") == "Service" and ref.get("name") == route.service for ref in maps(spec, "parentRefs")
    ):
        return True
    return any(_to_us(ref, route, ()) for rule in maps(spec, "rules") for ref in maps(rule, "backendRefs"))


def _to_us(ref: Any, route: Route, backends: Sequence[Backend]) -> bool:
    if not isinstance(ref, dict) or ref.get("kind", "Service") != "Service" or ref.get("group", "") != "":
        return False
    if ref.get("namespace") not in (None, route.namespace):
        return False
    return ref.get("name") in (route.service, *(_backend_name(route, backend) for backend in backends))


def _laid(item: Manifest, route: Route, backends: Sequence[Backend]) -> Manifest:
    spec = mapping(item.data, "spec")
    rules = [
        {**rule, "backendRefs": _refs(item, items(rule, "backendRefs"), route, backends)}
        if any(_to_us(ref, route, backends) for ref in maps(rule, "backendRefs"))
        else rule
        for rule in items(spec, "rules")
    ]
    if not any(_to_us(ref, route, backends) for rule in rules for ref in maps(rule, "backendRefs")):
        raise DefinitionError.at(
            item.source,
            f"{item.identity} speaks for `{route.service}` and has no rule to it to lay the split into",
            hint="give it a rule with the Service as backend, or leave the HTTPRoute to weft",
        )
    return item.with_data({**item.data, "spec": {**spec, "rules": rules}})


def _refs(item: Manifest, refs: Sequence[Any], route: Route, backends: Sequence[Backend]) -> list[Any]:
    ours = [ref for ref in refs if _to_us(ref, route, backends)]
    others = [ref for ref in refs if not _to_us(ref, route, backends)]
    theirs = taken(others, 1)
    if theirs is None:
        raise DefinitionError.at(
            item.source, f"{item.identity}: the weights of backends that are not ours are not within 100"
        )
    if not backends:
        return list(refs)
    laid = []
    for backend, weight in shares(backends, route.primary, theirs):
        name = _backend_name(route, backend)
        model = next((ref for ref in ours if ref.get("name") == name), ours[0])
        laid.append({**model, "name": name, "weight": weight})
    return [*laid, *others]


def _http_route(route: Route, service: Manifest, backends: Sequence[Backend]) -> Manifest:
    port = _port(route, service)
    refs = [
        {"name": _backend_name(route, backend), "port": port, "weight": weight}
        for backend, weight in shares(backends, route.primary, 0)
    ]
    spec: dict[str, Any] = {"parentRefs": _parents(route, port)}
    if route.explicit_hosts:
        spec["hostnames"] = list(route.hosts)
    spec["rules"] = [{"backendRefs": refs or [{"name": route.service, "port": port}]}]
    metadata = {"name": route.component[-1] if route.component else route.service}
    data = {"apiVersion": f"{GROUP}/v1", "kind": "HTTPRoute", "metadata": metadata, "spec": spec}
    return Manifest(data, route.place, "/".join(route.component))


def _parents(route: Route, port: int) -> list[dict[str, Any]]:
    if not route.gateways:
        return [{"group": "", "kind": "Service", "name": route.service, "port": port}]
    parents = []
    for gateway in route.gateways:
        namespace, _, name = gateway.rpartition("/")
        parents.append({"name": name, **({"namespace": namespace} if namespace else {})})
    return parents
