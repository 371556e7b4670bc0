"""Checks that routes send traffic to somewhere: VirtualServices and the routes of the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.errors import suggestion
from generator.model.document import Path
from generator.model.finding import Code, Finding
from generator.model.manifest import JSON, Placed, items, mapping, maps
from generator.model.references import Found
from generator.model.references.rule import Form
from generator.model.sops import LATER, hides
from generator.validate import builtin
from generator.validate.hosts import declared, entries, external
from generator.validate.view import GATEWAY, ISTIO, View, completed

_VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop]
  http:
  - route:
    - destination: {host: %s, port: {number: %s}%s}
      weight: %s
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec:
  containers: [{name: shop, image: shop:1.0}]
"""

HOST = Code(
    name="route-host",
    severity="error",
    title="A route sends traffic to a Service that does not exist",
    meaning="""\
The destination of a VirtualService, or the backend of a Gateway API route, names a Service that is
not in the environment's output. Requests that take the route are answered with an error.""",
    example=_VIRTUAL_SERVICE % ("store", "80", "", "100"),
    mended=_VIRTUAL_SERVICE % ("shop", "80", "", "100"),
    mend="""\
Correct the name, or its namespace: a short host is looked up in the namespace of the route. Istio
completes only names without a dot: the Service of another namespace is
`shop.store.svc.cluster.local`, and neither `shop.store` nor `shop.store.svc`. A
Service that is not part of the output is declared as `external`; a host outside the cluster needs a
ServiceEntry.""",
)

PORT = Code(
    name="route-port",
    severity="error",
    title="A route sends traffic to a port that the Service does not have",
    meaning="""\
The Service, or the ServiceEntry of a host outside the cluster, is there, but has no port of that
number: requests that take the route get an error. The API server refuses a Gateway API route that
names a Service without a port.""",
    example=_VIRTUAL_SERVICE % ("shop", "8080", "", "100"),
    mended=_VIRTUAL_SERVICE % ("shop", "80", "", "100"),
    mend="""\
Name a number from the Service's `spec.ports[].port`; the container's own port does not count here.""",
)

SUBSET = Code(
    name="route-subset",
    severity="error",
    title="A route sends traffic to a subset that does not exist",
    meaning="""\
A destination of a VirtualService names a `subset` that no DestinationRule for its host defines, or
whose labels none of the Service's pods has. Requests that take the route are answered with an
error.""",
    example=_VIRTUAL_SERVICE % ("shop", "80", ", subset: stable", "100"),
    mended=_VIRTUAL_SERVICE % ("shop", "80", ", subset: stable", "100")
    + """\
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop}
spec:
  host: shop
  subsets: [{name: stable, labels: {app: shop}}]
""",
    mend="""\
Define the subset in the DestinationRule of the host, with labels that pods of the Service have, or
leave `subset` out.""",
)

WEIGHT = Code(
    name="route-weight",
    severity="error",
    title="The weights of a route do not sum to 100",
    meaning="""\
The weights of a VirtualService's destinations are percentages. Some versions of Istio refuse
another sum, others share the traffic in proportion, which is seldom what was meant; where all are
0, traffic goes nowhere. The backends of a Gateway API route are shared in proportion, so only a sum
of 0 is wrong there.""",
    example=_VIRTUAL_SERVICE % ("shop", "80", "", "100")
    + """\
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: split}
spec:
  hosts: [shop.example.com]
  http:
  - route:
    - {destination: {host: shop}, weight: 80}
    - {destination: {host: shop}, weight: 10}
""",
    mended=_VIRTUAL_SERVICE % ("shop", "80", "", "100"),
    mend="Make them sum to 100; a service with `routing.split` has it checked before anything is rendered.",
)

CODES = (HOST, PORT, SUBSET, WEIGHT)

# As the port's name it stands for an action that an annotation of the Ingress describes, and no Service.
_ANNOTATED = "use-annotation"
# Istio gives endpoints these labels by where they run and how.
_OF_THE_PLACE = (
    "topology.istio.io/",
    "topology.kubernetes.io/",
    "kubernetes.io/hostname",
    "security.istio.io/",
    "service.istio.io/",
    "istio.io/",
)


def check(view: View) -> Iterator[Finding]:
    """Findings on every destination and backend of a route, and on their weights."""
    for placed, found in view.routes:
        yield from _target(view, placed, found)
    known = {(id(placed.item), found.path) for placed, found in view.routes}
    for placed in view.kinds.get((ISTIO, "VirtualService"), ()):
        for path, route in _istio_routes(placed):
            for at, host in _hosts(path, route):
                if hides(placed.item.data, host):
                    continue
                if (id(placed.item), at) not in known:
                    yield from _public(view, placed, at, host)
            yield from _istio_weights(view, placed, path, maps(route, "route"))
    for (group, _), routes in view.kinds.items():
        for placed in routes if group == GATEWAY else ():
            for index, rule in enumerate(maps(mapping(placed.item.data, "spec"), "rules")):
                path = ("spec", "rules", index, "backendRefs")
                yield from _gateway_weights(view, placed, path, maps(rule, "backendRefs"))


def _target(view: View, placed: Placed, found: Found) -> Iterator[Finding]:
    namespace, port = found.namespace or "", found.port
    if port == _ANNOTATED and placed.item.kind == "Ingress":
        return
    if port is None and placed.item.group == GATEWAY:
        message = f"{placed.item.identity} sends traffic to Service `{found.name}` and states no port"
        hint = "the API server refuses a backend that is a Service without `port`"
        yield view.finding(PORT, placed, message, path=found.path, hint=hint)
    service = view.find("", "Service", namespace, found.name)
    known = service is not None or _elsewhere(view, namespace, found.name)
    if known and found.rule.form is Form.HOST and not completed(found.value):
        yield from _public(view, placed, found.path, found.value, f"{found.name}.{namespace}")
        return
    if service is None:
        if entries(view, found.value):
            yield from _entry_port(view, placed, found.path, found.value, port)
        elif not known and not declared(view, found.value):
            where = f" in namespace {namespace}" if namespace else ""
            message = f"{placed.item.identity} sends traffic to `{found.value}`, "
            message += f"and there is no Service `{found.name}`{where}"
            hint = _near_service(view, namespace, found.name)
            yield view.finding(HOST, placed, message, path=found.path, hint=hint, about=found.value)
        return
    if port is not None and LATER not in str(port):
        yield from _port(view, placed, found, port, service)
    subset = found.subset
    if subset is not None:
        yield from _subset(view, placed, found, subset, service)


def _elsewhere(view: View, namespace: str, name: str) -> bool:
    """Whether a Service is there that is not part of the output."""
    return builtin.has("Service", namespace, name) or view.external_has("Service", namespace, name)


def _port(view: View, placed: Placed, found: Found, asked: int | str, service: Placed) -> Iterator[Finding]:
    spec = mapping(service.item.data, "spec")
    ports = maps(spec, "ports")
    if any(asked == port.get("port") or asked == port.get("name") for port in ports):
        return
    if hides(service.item.data, ports) or (not ports and spec.get("type") == "ExternalName"):
        # An ExternalName is only a name: it may go without ports, and then has all of them.
        return
    shown = ", ".join(str(port["port"]) for port in ports if port.get("port") is not None) or "none"
    message = f"{placed.item.identity} sends traffic to port {asked} of {service.item.identity}, "
    message += f"whose ports are: {shown}"
    path = _beside(placed, found, found.rule.ports_at)
    yield view.finding(PORT, placed, message, path=path, about=f"{found.value}:{asked}")


def _beside(placed: Placed, found: Found, fields: Sequence[Path]) -> Path:
    """The path of the first of `fields` that stands beside the reference."""
    holder: Any = placed.item.data
    for step in found.holder_path:
        holder = holder[step]
    for field in fields:
        value = holder
        for step in field:
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None:
            return (*found.holder_path, *field)
    return found.path


def _public(view: View, placed: Placed, path: Path, host: str, meant: str = "") -> Iterator[Finding]:
    """A finding for a destination that is no Service's name and that the mesh does not know either.

    `meant` is the name and namespace of the Service that it looks like.
    """
    if entries(view, host):
        holder: Any = placed.item.data
        for step in path[:-1]:
            holder = holder[step]
        port = mapping(holder, "port").get("number")
        yield from _entry_port(view, placed, path, host, port if isinstance(port, int) else None)
    elif not declared(view, host):
        message = (
            f"{placed.item.identity} sends traffic to `{host}`, which is no Service and in no ServiceEntry"
        )
        hint = "add a ServiceEntry, or declare it as `external` with kind ServiceEntry"
        if meant:
            message += ": Istio completes only names without a dot"
            hint = f"write `{meant}.svc.cluster.local`"
        yield view.finding(HOST, placed, message, path=path, hint=hint, about=host)


def _entry_port(
    view: View, placed: Placed, path: Path, host: str, port: int | str | None
) -> Iterator[Finding]:
    """A finding where no ServiceEntry of the host has the port."""
    ports = [
        entry.get("number")
        for item in entries(view, host)
        for entry in maps(mapping(item.data, "spec"), "ports")
    ]
    if isinstance(port, int) and ports and port not in ports and not external(view, host):
        message = (
            f"{placed.item.identity} sends traffic to port {port} of `{host}`, and its ServiceEntry has "
        )
        message += ", ".join(map(str, dict.fromkeys(ports)))
        yield view.finding(PORT, placed, message, path=path, about=f"{host}:{port}")


def _near_service(view: View, namespace: str, name: str) -> str:
    services = [placed.item for placed in view.kinds.get(("", "Service"), ())]
    other = next((item for item in services if item.name == name and item.namespace != namespace), None)
    if other is not None:
        return f"there is one in namespace {other.namespace or '(none)'}"
    near = suggestion(name, [item.name for item in services if item.namespace == namespace])
    return builtin.or_declare(near, "it is not part of the output")


def _subset(view: View, placed: Placed, found: Found, subset: str, service: Placed) -> Iterator[Finding]:
    if view.external_has("DestinationRule", found.namespace, found.name):
        return
    rules = view.rules.get((found.namespace, found.name), ())
    if any(hides(rule.item.data, mapping(rule.item.data, "spec").get("subsets")) for rule in rules):
        return
    subsets = [entry for rule in rules for entry in maps(mapping(rule.item.data, "spec"), "subsets")]
    defined = [str(entry.get("name")) for entry in subsets]
    wanted = mapping(subsets[defined.index(subset)], "labels") if subset in defined else None
    if wanted is not None and _populated(view, service, wanted):
        return
    message = f"{placed.item.identity} sends traffic to subset `{subset}` of `{found.value}`, "
    if wanted is None:
        message += "which no DestinationRule defines"
        hint = suggestion(subset, defined) if defined else "add a DestinationRule for the host"
        for mistaken in view.mistaken_rules.get((found.namespace, found.name), ()) if not defined else ():
            host = mapping(mistaken.item.data, "spec").get("host")
            hint = f"{mistaken.item.identity} names `{host}`, which Istio does not complete: write "
            hint += f"`{found.name}.{found.namespace}.svc.cluster.local`"
    else:
        labels = ", ".join(f"{key}={value}" for key, value in wanted.items())
        message += f"and none of its pods has the labels of the subset: {labels}"
        hint = "compare the subset's labels with those of the pods that the Service selects"
    path = _beside(placed, found, [found.rule.subset_at])
    yield view.finding(SUBSET, placed, message, path=path, hint=hint, about=f"{found.value} {subset}")


def _populated(view: View, service: Placed, labels: Mapping[str, Any]) -> bool:
    """Whether a pod of the Service has the labels, as far as that can be known."""
    selector = mapping(mapping(service.item.data, "spec"), "selector")
    own = {key: value for key, value in labels.items() if not key.startswith(_OF_THE_PLACE)}
    pods = view.selected(service.item.namespace, selector) if selector else ()
    if hides(service.item.data, selector):
        return True
    if not pods or any((ISTIO, kind) in view.kinds for kind in ("WorkloadEntry", "WorkloadGroup")):
        # A Service that selects nothing has a finding of its own.
        return True
    if view.external_has("Service", service.item.namespace, service.item.name):
        return True
    both = {**selector, **own}
    return bool(view.selected(service.item.namespace, both)) and all(
        both[key] == value for key, value in selector.items()
    )


def _istio_routes(placed: Placed) -> Iterator[tuple[Path, JSON]]:
    """The path and content of each route of a VirtualService."""
    spec = mapping(placed.item.data, "spec")
    for protocol in ("http", "tls", "tcp"):
        for index, route in enumerate(items(spec, protocol)):
            yield ("spec", protocol, index, "route"), route


def _hosts(path: Path, route: JSON) -> Iterator[tuple[Path, str]]:
    """The path and text of the host of each destination; those that are still to be filled in left out."""
    for index, entry in enumerate(items(route, "route")):
        host = mapping(entry, "destination").get("host")
        if isinstance(host, str) and host and not {"$", "*"} & set(host):
            yield (*path, index, "destination", "host"), host


def _istio_weights(
    view: View, placed: Placed, path: Path, destinations: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    weights = [entry.get("weight") for entry in destinations]
    if len(weights) == 1 or hides(placed.item.data, weights):
        # A single destination receives all, whatever its weight.
        return
    numbers = [weight if isinstance(weight, int) else 0 for weight in weights]
    if destinations and sum(numbers) != 100:
        message = f"the weights of {placed.item.identity} are {', '.join(map(str, numbers))}: "
        message += f"they sum to {sum(numbers)}, expected 100"
        yield view.finding(WEIGHT, placed, message, path=path)


def _gateway_weights(
    view: View, placed: Placed, path: Path, backends: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    weights = [entry.get("weight", 1) for entry in backends]
    if weights and all(weight == 0 for weight in weights):
        message = f"all backends of {placed.item.identity} have weight 0: its requests go nowhere"
        yield view.finding(WEIGHT, placed, message, path=path, hint="give one of them weight")
