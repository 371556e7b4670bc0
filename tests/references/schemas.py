"""Every field of every bundled kind, found by walking the bundled schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from generator.schema import bundle

Kind = tuple[str, str]
Path = tuple[str, ...]
Schema = Mapping[str, Any]


@cache
def fields() -> Mapping[Kind, frozenset[Path]]:
    """The paths of all fields, by group and kind, over all bundled versions; `*` is an item or a map's value.

    What `status` holds is left out, and so is what `metadata` holds, which is the same everywhere.
    """
    found: dict[Kind, set[Path]] = {}
    for kind, schema, definitions in _schemas():
        properties = _target(schema, definitions).get("properties", {})
        mine = found.setdefault(kind, set())
        for name, child in properties.items():
            if name not in ("status", "metadata", "apiVersion", "kind"):
                mine.add((name,))
                mine.update(_below(child, definitions, (name,), ()))
    return {kind: frozenset(paths) for kind, paths in found.items()}


def _schemas() -> Iterator[tuple[Kind, Schema, Mapping[str, Schema]]]:
    for minor in bundle.minors():
        kinds, definitions = bundle.kubernetes(minor)
        for version, names in kinds.items():
            for kind, name in names.items():
                if "metadata" in definitions[name].get("properties", {}) and not kind.endswith("List"):
                    yield (version.rpartition("/")[0], kind), definitions[name], definitions
    for folder in ("istio", "gateway-api", "flux"):
        for channel in bundle.channels(folder):
            for crd in channel:
                for version in crd["spec"]["versions"]:
                    kind = (crd["spec"]["group"], crd["spec"]["names"]["kind"])
                    yield kind, version["schema"]["openAPIV3Schema"], {}


def _target(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _below(
    schema: Schema, definitions: Mapping[str, Schema], path: Path, seen: tuple[str, ...]
) -> Iterator[Path]:
    if "$ref" in schema:
        # A definition within itself, as that of JSON Schemas is, adds no field.
        if schema["$ref"] in seen:
            return
        seen = (*seen, schema["$ref"])
        schema = _target(schema, definitions)
    for name, child in schema.get("properties", {}).items():
        yield (*path, name)
        if name != "metadata":
            yield from _below(child, definitions, (*path, name), seen)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield (*path, "*")
            yield from _below(schema[key], definitions, (*path, "*"), seen)
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(key, ()):
            yield from _below(branch, definitions, path, seen)
