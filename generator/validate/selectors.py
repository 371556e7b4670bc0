"""Checks whom selectors select: a workload its own pods, a Service some workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.model.finding import Code, Finding
from generator.model.manifest import Placed, items, mapping, maps, pod_template
from generator.model.sops import hides
from generator.schema import removed
from generator.validate.view import View

WORKLOAD = Code(
    name="workload-selector",
    severity="error",
    title="A workload does not select its own pods",
    meaning="""\
The API server refuses a Deployment, StatefulSet, DaemonSet or ReplicaSet without `spec.selector`,
or with one that does not match the labels of its own pod template. An Argo Rollout and a
ReplicationController have to match theirs, too.""",
    example="""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: shop, image: shop:1.0}]}
""",
    mended="""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: shop:1.0}]}
""",
    mend="""\
Take both from one value, so that they cannot part: the labels of the template contain the
selector's.""",
)

SERVICE = Code(
    name="service-selects-nothing",
    severity="warning",
    otherwise="a route sends traffic to the Service",
    title="A Service selects no pods",
    meaning="""\
No workload of the environment has pods with all the labels of the Service's selector, in the
Service's namespace: it has no endpoints, and whoever calls it gets a refused connection.""",
    example="""\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80}]
""",
    mended="""\
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
  containers: [{name: shop, image: shop:1.0, ports: [{containerPort: 80}]}]
""",
    mend="""\
Compare the selector with the labels in `spec.template.metadata` of the workload, and their
namespaces. A Service whose pods come from elsewhere is declared as `external`, with kind `Service`
and its name.""",
)

CODES = (WORKLOAD, SERVICE)

_SELECTING = frozenset(
    (
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
        ("", "ReplicationController"),
        ("argoproj.io", "Rollout"),
    )
)
# Of these groups Kubernetes has served workloads that chose a selector by themselves.
_OLD = frozenset(("extensions", kind) for kind in ("Deployment", "DaemonSet", "ReplicaSet"))
_TERMS = ("matchLabels", "matchExpressions")


def check(view: View) -> Iterator[Finding]:
    """Findings on workloads that do not select their pods, and on Services that select none."""
    for key in _SELECTING | _OLD:
        for placed in view.kinds.get(key, ()):
            yield from _workload(view, placed)
    for placed in () if view.partial else view.kinds.get(("", "Service"), ()):
        yield from _service(view, placed)


def _workload(view: View, placed: Placed) -> Iterator[Finding]:
    data = placed.item.data
    spec = mapping(data, "spec")
    selector = spec.get("selector")
    if selector is None:
        # For apps/v1 the schema says it: there `selector` is required. Older versions chose one themselves.
        if _gone(view, placed):
            message = f"{placed.item.identity} has no `spec.selector`, which apps/v1 requires"
            hint = "name the labels of its pods that never change: `selector: {matchLabels: {app: …}}`"
            yield view.finding(WORKLOAD, placed, message, path=("spec",), hint=hint)
        return
    template = pod_template(data)
    if template is None:
        # An Argo Rollout may take a Deployment's template; of others the schema says that it is missing.
        return
    if placed.item.kind == "ReplicationController":
        # It alone selects by a map of labels; without any it takes those of its template.
        selector = {"matchLabels": selector or mapping(mapping(template, "metadata"), "labels")}
    labels = mapping(mapping(template, "metadata"), "labels")
    path = ("spec", "selector")
    if hides(data, selector, labels):
        return
    if isinstance(selector, dict) and not any(selector.get(key) for key in _TERMS):
        message = f"`spec.selector` of {placed.item.identity} is empty, which the API server refuses"
        yield view.finding(WORKLOAD, placed, message, path=path, hint="name labels of its pods")
    elif not matches(selector, labels):
        message = (
            f"`spec.selector` of {placed.item.identity} does not match its own pods: it wants "
            f"{shown(mapping(selector, 'matchLabels'))}, and they have {shown(labels)}"
        )
        yield view.finding(WORKLOAD, placed, message, path=path, hint="the template's labels must contain it")


def _gone(view: View, placed: Placed) -> bool:
    removal = removed.find(str(placed.item.data.get("apiVersion")), placed.item.kind, view.version)
    return removal is not None and removal.removed_in(view.version)


def _service(view: View, placed: Placed) -> Iterator[Finding]:
    spec = mapping(placed.item.data, "spec")
    selector = mapping(spec, "selector")
    namespace, name = placed.item.namespace, placed.item.name
    if not selector or spec.get("type") == "ExternalName" or view.external_has("Service", namespace, name):
        # Without a selector somebody else keeps the endpoints.
        return
    if placed.item.component in view.elsewhere or hides(placed.item.data, selector):
        return
    if view.selected(namespace, selector):
        return
    routed = (namespace, name) in view.routed
    message = f"no workload{f' in namespace {namespace}' if namespace else ''} has pods with the labels "
    message += f"that {placed.item.identity} selects: {shown(selector)}"
    yield view.finding(
        SERVICE,
        placed,
        f"{message}, and a route sends traffic there" if routed else message,
        path=("spec", "selector"),
        hint=_near(view, namespace, selector),
        severity="error" if routed else None,
        about=f"{shown(selector)}{', routed' if routed else ''}",
    )


def _near(view: View, namespace: str, selector: Mapping[str, Any]) -> str:
    """What comes nearest to what a Service selects."""
    for other, found in view.pods.items():
        for pods in found:
            if other != namespace and selector.items() <= pods.labels.items():
                return f"{pods.owner.item.identity} has them, but is in another namespace"
    best = max(view.pods.get(namespace, ()), key=lambda pods: _common(selector, pods.labels), default=None)
    if best is not None and _common(selector, best.labels):
        return f"the nearest is {best.owner.item.identity}, whose pods have {shown(best.labels)}"
    return "declare it as `external` where its pods come from elsewhere"


def _common(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> int:
    return sum(1 for item in selector.items() if item in labels.items())


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector (`matchLabels` and `matchExpressions`) matches `labels`."""
    if not mapping(selector, "matchLabels").items() <= labels.items():
        return False
    return all(_holds(expression, labels) for expression in maps(selector, "matchExpressions"))


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), items(expression, "values")
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
        # An operator that does not exist is the schema's to tell.
    }.get(str(expression.get("operator")), True)


def shown(labels: Mapping[str, Any]) -> str:
    """Labels as kubectl shows them."""
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "none"
