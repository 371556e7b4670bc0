"""Lays a service's traffic split into the objects: those of Istio or the Gateway API, made or merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.errors import DefinitionError, suggestion
from generator.model.manifest import Manifest, mapping, pod_template
from generator.model.unit import Route
from generator.overlay import gateway, istio
from generator.overlay.shares import Backend, ports


def routed(
    route: Route,
    own: Sequence[Manifest],
    deployments: Mapping[str, Sequence[Manifest]],
    services: Mapping[tuple[str, str], Manifest],
    *,
    service_known: bool,
) -> tuple[Sequence[Manifest], Sequence[Manifest]]:
    """The objects at and below the service with the split laid in, one for one, and those made for it.

    `deployments` are the objects of each enabled deployment by name, `services` the Services of the
    environment by namespace and name. `service_known` says that the Service exists although it is not
    in the output. Raises DefinitionError with the route's place.
    """
    service = services.get((route.namespace or "", route.service))
    if service is None and not service_known:
        where = f" in namespace `{route.namespace}`" if route.namespace else ""
        hint = _elsewhere(route, services)
        raise DefinitionError.at(
            route.place, f"there is no Service `{route.service}`{where} in the output", hint
        )
    _check_port(route, service)
    backends = _backends(route, service, deployments)
    if route.provider == "gateway-api":
        return gateway.lay(route, service, backends, own)
    return istio.lay(route, backends, own)


def _check_port(route: Route, service: Manifest | None) -> None:
    numbers = [port.get("port") for port in ports(service)] if service else []
    if service is not None and route.port is not None and route.port not in numbers:
        known = ", ".join(map(str, numbers)) or "none"
        raise DefinitionError.at(
            route.place, f"Service `{route.service}` has no port {route.port}", f"its ports: {known}"
        )


def _elsewhere(route: Route, services: Mapping[tuple[str, str], Manifest]) -> str:
    spaces = sorted(namespace or "(none)" for namespace, name in services if name == route.service)
    if spaces:
        return f"there is one in namespace {', '.join(spaces)}; give both the same namespace"
    near = sorted(name for namespace, name in services if namespace == (route.namespace or ""))
    return (
        suggestion(route.service, near)
        or "add a Service over the deployments' pods, or name it as `external` where it exists already"
    )


def _backends(
    route: Route, service: Manifest | None, deployments: Mapping[str, Sequence[Manifest]]
) -> Sequence[Backend]:
    backends: list[Backend] = []
    taken: dict[str, str] = {}
    for name, weight in route.split.items():
        version = _version(route, name, weight, deployments.get(name, ()), service)
        if version is None:
            continue
        if version in taken:
            raise DefinitionError.at(
                route.place,
                f"deployments `{taken[version]}` and `{name}` both label their pods "
                f"`version: {version}`, so no split can tell them apart",
            )
        taken[version] = name
        backends.append(Backend(name, version, weight))
    return backends


def _version(
    route: Route, name: str, weight: int, objects: Sequence[Manifest], service: Manifest | None
) -> str | None:
    """The `version` label of a deployment's pods; None for a subcomponent that is no deployment."""
    pods = [
        (item, _labels(template)) for item in objects if (template := pod_template(item.data)) is not None
    ]
    selected = [pair for pair in pods if weight or _selects(service, pair[1])]
    if not selected:
        if weight:
            raise DefinitionError.at(route.place, f"`{name}` has weight {weight} and renders no pods")
        return None
    versions: dict[str, Manifest] = {}
    for item, labels in selected:
        version = labels.get("version")
        if not isinstance(version, str) or not version:
            found = (
                f"a `version` label that is {version!r}, not a string" if version else "no `version` label"
            )
            raise DefinitionError.at(
                route.place,
                f"the pods of {item.identity} of deployment `{name}` have {found} ({item.source})",
                "label the pod template, for example `version: {{ component.name }}`",
            )
        versions.setdefault(version, item)
    if len(versions) > 1:
        raise DefinitionError.at(
            route.place,
            f"the pods of deployment `{name}` carry several `version` labels: {', '.join(versions)}",
        )
    return next(iter(versions))


def _labels(template: Any) -> Mapping[str, Any]:
    return mapping(mapping(template, "metadata"), "labels")


def _selects(service: Manifest | None, labels: Mapping[str, Any]) -> bool:
    spec = service.data.get("spec") if service else None
    selector = spec.get("selector") if isinstance(spec, dict) else None
    return (
        bool(selector) and isinstance(selector, dict) and all(labels.get(k) == v for k, v in selector.items())
    )
