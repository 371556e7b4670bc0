"""Lays a service's traffic split into the objects: those of Istio or the Gateway API, made or merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.errors import DefinitionError
from generator.model.document import Position
from generator.model.manifest import Manifest, mapping, pod_template
from generator.model.unit import Route
from generator.overlay import gateway, istio
from generator.overlay.shares import Backend


def routed(
    route: Route,
    own: Sequence[Manifest],
    deployments: Mapping[str, Sequence[Manifest]],
    *,
    service_known: bool,
) -> tuple[Sequence[Manifest], Sequence[Manifest]]:
    """The service's own objects with the split laid in, and the objects made for it.

    `deployments` are the objects of each enabled deployment by name. `service_known` says that the
    Service exists although it is not in the output. Raises DefinitionError with the route's place.
    """
    everything = [*own, *(item for objects in deployments.values() for item in objects)]
    service = _service(route, everything)
    if service is None and not service_known:
        raise refused(
            route,
            f"there is no Service `{route.service}` in the output of `{'/'.join(route.component)}`",
            _services(everything),
        )
    backends = _backends(route, service, deployments)
    if route.provider == "gateway-api":
        return gateway.lay(route, service, backends, own)
    return istio.lay(route, backends, own)


def refused(route: Route, message: str, hint: str | None = None) -> DefinitionError:
    """An error at the place of the route."""
    place: Position = route.place
    return DefinitionError.at(place, message, hint=hint)


def _service(route: Route, objects: Sequence[Manifest]) -> Manifest | None:
    return next((item for item in objects if _is_service(item) and item.name == route.service), None)


def _is_service(item: Manifest) -> bool:
    return item.kind == "Service" and item.group == ""


def _services(objects: Sequence[Manifest]) -> str | None:
    names = sorted({item.name for item in objects if _is_service(item)})
    return f"Services there: {', '.join(names)}" if names else "add a Service over the deployments' pods"


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
            raise refused(
                route,
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
            raise refused(route, f"`{name}` has weight {weight} and renders no pods")
        return None
    versions: dict[str, Manifest] = {}
    for item, labels in selected:
        if not isinstance(labels.get("version"), str) or not labels["version"]:
            raise refused(
                route,
                f"the pods of {item.identity} of deployment `{name}` have no `version` label ({item.source})",
                "label the pod template, for example `version: {{ component.name }}`",
            )
        versions.setdefault(labels["version"], item)
    if len(versions) > 1:
        raise refused(
            route, f"the pods of deployment `{name}` carry several `version` labels: {', '.join(versions)}"
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
