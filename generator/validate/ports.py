"""Checks the names by which Services and probes ask for ports of containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.errors import nearest
from generator.model.document import Path
from generator.model.finding import Code, Finding, Severity
from generator.model.manifest import Placed, items, mapping, maps
from generator.model.sops import hides
from generator.validate.refused import containers
from generator.validate.view import Pods, View, pod_path

_SERVED = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: %s}]
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec:
  containers:
  - name: shop
    image: shop:1.0
    ports: [{name: http, containerPort: 8080}]
    readinessProbe: {httpGet: {port: %s}}
"""

TARGET = Code(
    name="target-port",
    severity="warning",
    otherwise="a route sends traffic to the port",
    title="A Service sends traffic to a port that no container names",
    meaning="""\
`targetPort` of the Service is a name, and no container of the pods that it selects has a port of
that name and protocol. The port has no endpoints: whoever calls it gets a refused connection.""",
    example=_SERVED % ("web", "http"),
    mended=_SERVED % ("http", "http"),
    mend="Name a port from `ports` of the container, or write its number.",
)
PROBE = Code(
    name="probe-port",
    severity="error",
    title="A probe asks for a port that its container does not name",
    meaning="""\
The port of a probe or of a lifecycle handler is a name, and the container has no port of that name.
The probe fails each time: the container never gets ready, or is restarted.""",
    example=_SERVED % ("http", "web"),
    mended=_SERVED % ("http", "http"),
    mend="Name a port from `ports` of the same container, or write its number.",
)

CODES = (TARGET, PROBE)

_ASKING = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
# Containers that a mesh adds to pods have these.
_ADDED = ("http-envoy-prom", "linkerd-proxy", "linkerd-admin")


def check(view: View) -> Iterator[Finding]:
    """A finding for each name of a port that no container has."""
    for several in view.pods.values():
        for pods in several:
            yield from _probes(view, pods)
    if view.partial:
        # The pods that have the name may be those that are missing.
        return
    for placed in view.kinds.get(("", "Service"), ()):
        yield from _targets(view, placed)


def _probes(view: View, pods: Pods) -> Iterator[Finding]:
    for at, container in containers(pods.spec):
        known = [str(port.get("name")) for port in maps(container, "ports") if port.get("name")]
        if hides(pods.owner.item.data, known):
            continue
        for steps in _ASKING:
            if steps[0] not in container:
                continue
            handler: Mapping[str, Any] = container
            for step in steps:
                handler = mapping(handler, step)
            for action in ("httpGet", "tcpSocket"):
                name = mapping(handler, action).get("port")
                if isinstance(name, str) and not name.isdecimal() and name not in known:
                    if hides(pods.owner.item.data, name):
                        continue
                    message = f"`{'.'.join(steps)}` of container `{container.get('name')}` of "
                    message += f"{pods.owner.item.identity} asks for port `{name}`, and its ports are: "
                    message += ", ".join(known) or "none with a name"
                    path: Path = (*pod_path(pods.owner.item.kind), *at, *steps, action, "port")
                    hint = _near(name, known)
                    yield view.finding(PROBE, pods.owner, message, path=path, hint=hint, about=name)


def _targets(view: View, placed: Placed) -> Iterator[Finding]:
    spec = mapping(placed.item.data, "spec")
    selector = mapping(spec, "selector")
    if not selector or view.external_has("Service", placed.item.namespace, placed.item.name):
        return
    pods = view.selected(placed.item.namespace, selector)
    known = {port for each in pods for port in _named(each)}
    for index, port in enumerate(items(spec, "ports")):
        name = port.get("targetPort") if isinstance(port, dict) else None
        if not pods or not isinstance(name, str) or name in _ADDED or name.isdecimal():
            continue
        if hides(placed.item.data, port) or any(map(_unknown, pods)):
            continue
        if (name, port.get("protocol") or "TCP") in known:
            continue
        names = sorted({other for other, _ in known})
        message = f"{placed.item.identity} sends port {port.get('port')} to `{name}`, and the ports of its "
        message += f"pods are: {', '.join(names) or 'none with a name'}"
        severity: Severity | None = "error" if _routed(view, placed, port) else None
        yield view.finding(
            TARGET,
            placed,
            message,
            path=("spec", "ports", index, "targetPort"),
            hint=_near(name, names),
            severity=severity,
            about=f"{name}{', routed' if severity else ''}",
        )


def _near(name: str, names: Sequence[str]) -> str | None:
    # The message lists them all.
    near = nearest(name, names)
    return f"did you mean '{near}'?" if near else None


def _unknown(pods: Pods) -> bool:
    """Whether SOPS encrypted what the pods' ports are, or whether they are selected."""
    ports = [container.get("ports") for _, container in containers(pods.spec)]
    return hides(pods.owner.item.data, pods.labels, ports)


def _named(pods: Pods) -> Iterator[tuple[str, str]]:
    """Name and protocol of each port that the pods' containers name."""
    for _, container in containers(pods.spec):
        for port in maps(container, "ports"):
            if isinstance(port.get("name"), str):
                yield port["name"], str(port.get("protocol") or "TCP")


def _routed(view: View, service: Placed, port: Mapping[str, Any]) -> bool:
    """Whether a route sends traffic to that port of the Service."""
    own = (service.item.namespace, service.item.name)
    asked = (None, port.get("port"), port.get("name"))
    return own in view.routed and any(
        (found.namespace, found.name) == own and found.port in asked for _, found in view.routes
    )
