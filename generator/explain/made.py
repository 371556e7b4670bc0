"""Objects that weft makes from routing: what they copy from others, and what a changed route needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from generator import overlay
from generator.explain.paths import leaf_paths, lookup
from generator.explain.stage import Stage
from generator.explain.tags import Origin, tagged
from generator.model.definition import ComponentPath, Definition
from generator.model.document import Path
from generator.model.manifest import Manifest, Rendered, items, mapping, maps
from generator.model.unit import Route

# A path in an object that a unit rendered: the unit, the object's number there, and the path.
Copied = tuple[ComponentPath, int, Path]


def copied(stage: Stage, definition: Definition, item: Manifest, file: str) -> Mapping[Path, Copied]:
    """For each field of an object that the overlay takes from a rendered object, where it stands there."""
    sources: list[tuple[ComponentPath, int]] = []
    rendered: dict[ComponentPath, Rendered] = {}
    for component, result in stage.rendered.items():
        objects = []
        for index, one in enumerate(result.objects):
            objects.append(one.with_data(tagged(one.data, len(sources))))
            sources.append((component, index))
        rendered[component] = replace(result, objects=tuple(objects))
    units = list(stage.units.values())
    files, _, _ = overlay.compose(units, rendered, stage.paths, stage.scopes, definition)
    same = (
        one
        for one in files.get(file, ())
        if (one.identity, one.index, one.component) == (item.identity, item.index, item.component)
    )
    again = next(same, item)
    found: dict[Path, Copied] = {}
    for path in leaf_paths(again.data):
        origin = getattr(lookup(again.data, path), "origin", None)
        if isinstance(origin, Origin):
            found[path] = (*sources[origin.source], origin.path)
    return found


def fitted(
    before: Route,
    after: Route,
    item: Manifest,
    stage: Stage,
    rendered: dict[ComponentPath, Rendered],
    beside: Sequence[Manifest],
) -> tuple[dict[ComponentPath, Rendered], Sequence[Manifest]]:
    """What was rendered, and what is beside it, with the Service and the port that a changed route asks for.

    Without them the change would be refused, and nobody would see which fields of `item` follow from it.
    """
    if after.service != before.service:
        return rendered, [_renamed(before, after, stage), *beside]
    # A Service's own fields are to tell nothing of the port that is added.
    if after.port is None or after.port == before.port or item.kind == "Service":
        return rendered, beside

    def with_port(one: Manifest) -> Manifest:
        ours = one.kind == "Service" and not one.group and one.name == after.service
        if not ours or any(
            port.get("port") == after.port for port in maps(mapping(one.data, "spec"), "ports")
        ):
            return one
        spec = mapping(one.data, "spec")
        added = {"name": f"p{after.port}", "port": after.port}
        return one.with_data({**one.data, "spec": {**spec, "ports": [*items(spec, "ports"), added]}})

    ported = {
        path: replace(result, objects=tuple(map(with_port, result.objects)))
        for path, result in rendered.items()
    }
    return ported, [with_port(one) for one in beside]


def _renamed(before: Route, after: Route, stage: Stage) -> Manifest:
    """The route's Service with its new name."""
    namespace = before.namespace or ""
    for objects in stage.files.values():
        for one in objects:
            if one.identity == ("", "Service", namespace, before.service):
                return one.with_data({**one.data, "metadata": {**one.metadata, "name": after.service}})
    # It is outside of the output.
    metadata = {"name": after.service, **({"namespace": namespace} if namespace else {})}
    ports = [{"port": after.port}] if after.port else []
    data = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": ports}}
    return Manifest(data, before.place, "")
