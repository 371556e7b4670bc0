"""Finds workloads whose replicas two parties set: the manifest, and a HorizontalPodAutoscaler."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.finding import Code, Finding
from generator.model.manifest import Identity, Placed, mapping
from generator.model.references import references
from generator.validate.view import View

_SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 5
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
%s  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: shop:1.0}]}
"""

CONFLICT = Code(
    name="scaling-conflict",
    severity="warning",
    title="Replicas are fixed beside a HorizontalPodAutoscaler",
    meaning="""\
The workload states `spec.replicas`, and a HorizontalPodAutoscaler scales it. Whenever the manifest
is applied, the number of pods jumps to what it states, and back to what the autoscaler wants.""",
    example=_SCALER % "  replicas: 3\n",
    mended=_SCALER % "",
    mend="""\
Leave `spec.replicas` out of the workload's manifest, and set `minReplicas` of the autoscaler. Where a
`placement` says the number, leave `replicas` out of that.""",
)

CODES = (CONFLICT,)

_TARGET = ("spec", "scaleTargetRef")


def check(view: View) -> Iterator[Finding]:
    """A finding on each workload that fixes its replicas beside HorizontalPodAutoscalers."""
    scaled: dict[Identity, tuple[Placed, list[str]]] = {}
    for placed in view.kinds.get(("autoscaling", "HorizontalPodAutoscaler"), ()):
        for found in references(placed.item.data):
            # Its metrics may name objects, too.
            if found.path[:2] != _TARGET:
                continue
            target = view.find(found.group, found.kind, found.namespace or "", found.name)
            if target is not None:
                names = scaled.setdefault(target.item.identity, (target, []))[1]
                names.append(str(placed.item.identity))
    for identity, (target, names) in scaled.items():
        replicas = mapping(target.item.data, "spec").get("replicas")
        if replicas is not None:
            scales = f"{' and '.join(names)} {'scale' if len(names) > 1 else 'scales'} it"
            message = f"{identity} fixes {replicas} replicas, and {scales}"
            count, place = view.divided.get(target.item.component, (None, None))
            hint = "leave `spec.replicas` out"
            if replicas == count:
                hint = f"leave `replicas` out of the placement, at {place}, and `spec.replicas` out, too"
            yield view.finding(CONFLICT, target, message, path=("spec", "replicas"), hint=hint)
