"""Finds workloads whose replicas two parties set: the manifest, and a HorizontalPodAutoscaler."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.finding import Code, Finding
from generator.model.manifest import mapping
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
    mend="Leave `spec.replicas` out of the workload's manifest, and set `minReplicas` of the autoscaler.",
)

CODES = (CONFLICT,)

_TARGET = ("spec", "scaleTargetRef")


def check(view: View) -> Iterator[Finding]:
    """Findings on each HorizontalPodAutoscaler and what it scales."""
    for placed, found in view.references:
        # Its metrics may name objects, too.
        if placed.item.kind != "HorizontalPodAutoscaler" or found.path[:2] != _TARGET:
            continue
        target = view.find(found.group, found.kind, found.namespace or "", found.name)
        replicas = mapping(target.item.data, "spec").get("replicas") if target else None
        if target is not None and replicas is not None:
            message = (
                f"{target.item.identity} fixes {replicas} replicas, and {placed.item.identity} scales it"
            )
            hint = "leave `spec.replicas` out"
            yield view.finding(CONFLICT, target, message, path=("spec", "replicas"), hint=hint)
