"""Makes the table of how strategic merge patches merge lists, from the schemas of kubernetes-validate."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from typing import Any

from tools.schemas.kubernetes import ROOT, kinds, references

JSON = dict[str, Any]

_STRATEGY = "x-kubernetes-patch-strategy"
_KEY = "x-kubernetes-patch-merge-key"
# Where a list has several keys, the strategy's own key is the first of them.
_KEYS = "x-kubernetes-list-map-keys"


def table(wheel: zipfile.ZipFile, minors: Sequence[str]) -> JSON:
    """`kinds`: the type of each kind by apiVersion and kind; `types`: of each type, the fields that lead to a
    list that merges. A field has `keys` where it is such a list, and `type` where more is below it.

    A type that a newer version no longer has is taken from the newest that had it.
    """
    definitions: JSON = {}
    named: dict[str, dict[str, str]] = {}
    for minor in minors:
        raw = json.loads(wheel.read(f"{ROOT}/v{minor}.0-local-strict/_definitions.json"))["$defs"]
        definitions.update(raw)
        for api_version, found in kinds(raw).items():
            named.setdefault(api_version, {}).update(found)
    merging = _leading(definitions)
    used = {api_version: _used(found, merging) for api_version, found in named.items()}
    kept = {api_version: found for api_version, found in used.items() if found}
    types = {name: _fields(definitions[name], merging) for name in sorted(merging)}
    count = sum("keys" in field for fields in types.values() for field in fields.values())
    print(f"merge keys: {count} lists, {sum(map(len, kept.values()))} kinds")
    return {"kinds": kept, "types": types}


def _used(found: dict[str, str], merging: set[str]) -> dict[str, str]:
    return {kind: name for kind, name in found.items() if name in merging and not kind.endswith("List")}


def _leading(definitions: JSON) -> set[str]:
    """The names of the types that have a list that merges, or lead to one that does."""
    found = {name for name, schema in definitions.items() if any(map(_merges, _properties(schema).values()))}
    while True:
        more = {
            name
            for name, schema in definitions.items()
            if name not in found and any(_below(node) in found for node in _properties(schema).values())
        }
        if not more:
            return found
        found |= more


def _fields(schema: JSON, merging: set[str]) -> JSON:
    fields: JSON = {}
    for name, node in _properties(schema).items():
        field: JSON = {"type": _below(node)} if _below(node) in merging else {}
        if _merges(node):
            field["keys"] = node.get(_KEYS) or ([node[_KEY]] if _KEY in node else [])
        if field:
            fields[name] = field
    return fields


def _below(node: JSON) -> str | None:
    """The type that a patch goes on into at a field; None at a list that is replaced whole.

    Maps of types are left out: the only ones are in the schema of a custom resource, which such a list holds.
    """
    if ("items" in node and not _merges(node)) or "additionalProperties" in node:
        return None
    return next(iter(references(node)), None)


def _properties(schema: JSON) -> JSON:
    return schema.get("properties") or {}


def _merges(node: JSON) -> bool:
    return "merge" in node.get(_STRATEGY, "").split(",") and "items" in node
