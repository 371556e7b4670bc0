"""The arithmetic of a split: a route's weights, shared between our deployments and other destinations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.model.manifest import Manifest, mapping, maps
from generator.model.record import record


@record(frozen=True)
class Backend:
    """A deployment of the service: the value of its pods' `version` label and its weight in percent."""

    name: str
    version: str
    weight: int


def shares(backends: Sequence[Backend], primary: str | None, others: int) -> Sequence[tuple[Backend, int]]:
    """Each deployment's weight where destinations of other hosts take `others` of 100.

    The primary comes first, keeps the remainder of rounding, and is there even at 0; another
    deployment without weight is left out.
    """
    available = 100 - others
    parts = {item.name: item.weight * available // 100 for item in backends if item.name != primary}
    shared = []
    for item in backends:
        weight = available - sum(parts.values()) if item.name == primary else parts[item.name]
        if item.name == primary or weight > 0:
            shared.append((item, weight))
    return sorted(shared, key=lambda pair: pair[0].name != primary)


def ports(service: Manifest) -> Sequence[Mapping[str, Any]]:
    """The ports of a Service."""
    return maps(mapping(service.data, "spec"), "ports")


def names_host(host: object, service: str, namespace: str | None) -> bool:
    """Whether a destination's `host` is the Service, short or qualified."""
    if not isinstance(host, str):
        return False
    if host == service:
        return True
    qualified = f"{service}.{namespace}" if namespace else None
    return qualified is not None and host in (qualified, f"{qualified}.svc", f"{qualified}.svc.cluster.local")


def taken(others: Iterable[object], default: int) -> int | None:
    """What destinations that are not ours take of 100; None where that is impossible.

    `default` is the weight of one that states none, or none that is a number.
    """
    weights = [_weight(entry, default) for entry in others]
    return sum(weights) if min(weights, default=0) >= 0 and sum(weights) <= 100 else None


def _weight(entry: object, default: int) -> int:
    weight = entry.get("weight", default) if isinstance(entry, dict) else default
    return weight if isinstance(weight, int) and not isinstance(weight, bool) else default
