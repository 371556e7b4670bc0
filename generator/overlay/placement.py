"""Lays placement over objects: the replicas that fall to the environment, or no workloads at all."""

from __future__ import annotations

from collections.abc import Sequence

from generator.model.manifest import JSON, Manifest, mapping
from generator.model.unit import Unit

# What has replicas that are pods of its own.
SCALED = frozenset(
    (
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "ReplicaSet")),
        ("", "ReplicationController"),
        ("argoproj.io", "Rollout"),
    )
)
_WORKLOADS = SCALED | {("apps", "DaemonSet"), ("batch", "Job"), ("batch", "CronJob"), ("", "Pod")}
# They act on pods and do nothing else, so without any they would only name what is not there.
_OF_WORKLOADS = frozenset(
    (
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler"),
        ("keda.sh", "ScaledObject"),
        ("keda.sh", "ScaledJob"),
        ("policy", "PodDisruptionBudget"),
    )
)


def is_scaled(item: Manifest) -> bool:
    """Whether such an object has replicas."""
    return (item.group, item.kind) in SCALED


def scaled(objects: Sequence[Manifest], unit: Unit) -> Sequence[Manifest]:
    """The unit's objects, the workloads with the replicas that placement gives the environment."""
    if unit.replicas is None:
        return objects
    replicas = unit.replicas
    return [
        item.with_data(with_replicas(item.data, replicas)) if is_scaled(item) else item for item in objects
    ]


def without_workloads(objects: Sequence[Manifest], unit: Unit) -> Sequence[Manifest]:
    """The unit's objects; none that runs pods or acts on them where placement has its pods run elsewhere."""
    if unit.workloads:
        return objects
    gone = _WORKLOADS | _OF_WORKLOADS
    return [item for item in objects if (item.group, item.kind) not in gone]


def with_replicas(data: JSON, replicas: int) -> JSON:
    """The workload with so many replicas."""
    spec = mapping(data, "spec")
    # Where the manifest has none, they stand first, as people write them.
    spec = {**spec, "replicas": replicas} if "replicas" in spec else {"replicas": replicas, **spec}
    return {**data, "spec": spec}
