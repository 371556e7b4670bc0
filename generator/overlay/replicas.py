"""Gives workloads their number of replicas by name."""

from __future__ import annotations

from collections.abc import Sequence

from generator.model.layers import ReplicaRule
from generator.model.manifest import Manifest
from generator.overlay import placement


def with_replicas(
    items: Sequence[Manifest], rules: Sequence[ReplicaRule]
) -> tuple[Sequence[Manifest], set[str]]:
    """The objects with the replicas that `rules`, weakest first, give them, and the names that were met."""
    counts = {rule.workload: rule.count for rule in rules}
    met: set[str] = set()
    laid = []
    for item in items:
        if placement.is_scaled(item) and item.name in counts:
            met.add(item.name)
            item = item.with_data(placement.with_replicas(item.data, counts[item.name]))
        laid.append(item)
    return laid, met


def names(items: Sequence[Manifest]) -> Sequence[str]:
    """The names of the workloads that have a number of replicas, sorted."""
    return sorted({item.name for item in items if placement.is_scaled(item)})
