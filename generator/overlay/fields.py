"""Lays namespace, labels and annotations over rendered objects, and puts them in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.model.manifest import JSON, Manifest, Scopes, apply_order, mapping
from generator.model.unit import Unit


def lay_over(
    objects: Sequence[Manifest], unit: Unit, scopes: Scopes, *, dialect: str = "weft"
) -> Sequence[Manifest]:
    """The unit's objects with its namespace and its common labels and annotations."""
    if dialect == "fabrikate":
        return _injected(objects, unit, scopes)
    laid = []
    for item in objects:
        metadata = dict(item.metadata)
        if scopes.cluster_scoped(item):
            # No namespace belongs there, and a chart that states one is mistaken.
            metadata.pop("namespace", None)
        fits = unit.namespace and not scopes.cluster_scoped(item)
        if fits and (unit.override_namespace or not metadata.get("namespace")):
            metadata["namespace"] = unit.namespace
        for key, values in (("labels", unit.labels), ("annotations", unit.annotations)):
            if values:
                metadata[key] = {**mapping(metadata, key), **values}
        laid.append(item if metadata == item.metadata else _with_metadata(item, metadata))
    return laid


def ordered(objects: Sequence[Manifest]) -> Sequence[Manifest]:
    """The objects in the one order in which a file holds them."""
    return sorted(objects, key=apply_order)


def _injected(objects: Sequence[Manifest], unit: Unit, scopes: Scopes) -> Sequence[Manifest]:
    # Fabrikate injects into what helm rendered only, and only where there is metadata to write into.
    if not (unit.inject_namespace and unit.namespace and unit.component.type == "helm"):
        return objects
    return [
        _with_metadata(item, {**item.metadata, "namespace": unit.namespace})
        if item.metadata and not item.namespace and not scopes.cluster_scoped(item)
        else item
        for item in objects
    ]


def _with_metadata(item: Manifest, metadata: Mapping[str, object]) -> Manifest:
    # What identifies the object stands first, wherever it came from.
    identity = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    metadata = {**identity, **{key: value for key, value in metadata.items() if key not in identity}}
    data: JSON = {key: metadata if key == "metadata" else value for key, value in item.data.items()}
    return item.with_data(data)
