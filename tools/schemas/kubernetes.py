"""Makes the definitions of one Kubernetes version from the schemas of the package kubernetes-validate."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from tools.schemas import enums, refine
from tools.schemas.fetch import Module

JSON = dict[str, Any]

ROOT = "kubernetes_validate/kubernetes-json-schema"
_KINDS = "x-kubernetes-group-version-kind"
_KEPT = ("type", "properties", "additionalProperties", "items", "required", "enum", "$ref", "format")
_RANGES = {"int32": 2**31, "int64": 2**63}
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_TIME = "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"


def bundle(wheel: zipfile.ZipFile, minor: str, api: Module) -> JSON:
    """The definitions by name, and the name of the definition of each kind by apiVersion and kind."""
    raw = json.loads(wheel.read(f"{ROOT}/v{minor}.0-local-strict/_definitions.json"))["$defs"]
    definitions = {name: _node(schema) for name, schema in raw.items()}
    definitions[_INT_OR_STRING] = {"type": ["integer", "string"]}
    definitions[_QUANTITY] = {"type": ["number", "string"], "$ref": "#/$defs/weft.quantity"}
    # Generators write `creationTimestamp: null`.
    definitions[_TIME]["type"] = ["string", "null"]
    count = enums.add(definitions, api)
    refine.refine(definitions)
    named = kinds(raw)
    used = _reachable(definitions, named)
    number = sum(map(len, named.values()))
    print(f"Kubernetes {minor}: {number} kinds, {len(used)} definitions, {count} enumerations")
    return {"kinds": named, "definitions": {name: definitions[name] for name in used}}


def kinds(raw: JSON) -> dict[str, dict[str, str]]:
    """The name of the definition of each kind by apiVersion and kind."""
    found: dict[str, dict[str, str]] = {}
    for name, schema in raw.items():
        known = schema.get(_KINDS, ())
        # Those of many groups (DeleteOptions, WatchEvent) are what requests carry, no objects.
        if len(known) == 1 and ".apimachinery." not in name:
            group, version, kind = (known[0][key] for key in ("group", "version", "kind"))
            found.setdefault(f"{group}/{version}" if group else version, {})[kind] = name
    return found


def _node(schema: JSON) -> JSON:
    """The node without words, and without null: null is left out before an object is checked."""
    node = {key: schema[key] for key in _KEPT if key in schema}
    kind = node.get("type")
    if isinstance(kind, list):
        node["type"] = next(name for name in kind if name != "null")
    if isinstance(node.get("properties"), dict):
        node["properties"] = {name: _node(child) for name, child in node["properties"].items()}
    for key in ("additionalProperties", "items"):
        if isinstance(node.get(key), dict):
            node[key] = _node(node[key])
    items = node.get("items", {})
    if items.get("type") in ("string", "integer", "boolean", "number"):
        # Go reads null in such a list as the empty value.
        items["type"] = [items["type"], "null"]
    return _formatted(node)


def _formatted(node: JSON) -> JSON:
    shape = node.pop("format", None)
    if shape in _RANGES:
        node.update(minimum=-_RANGES[shape], maximum=_RANGES[shape] - 1)
    if shape == "byte":
        node["$ref"] = "#/$defs/weft.base64"
    return node


def _reachable(definitions: JSON, named: dict[str, dict[str, str]]) -> list[str]:
    # The shared rules stay: custom resources use them too.
    waiting = [name for group in named.values() for name in group.values()] + list(refine.SHARED)
    waiting.append("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(references(definitions[name]))
    return sorted(seen)


def references(node: Any) -> list[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(node, list):
        return [name for item in node for name in references(item)]
    if not isinstance(node, dict):
        return []
    names = [name for value in node.values() for name in references(value)]
    if isinstance(node.get("$ref"), str):
        names.append(node["$ref"].removeprefix("#/$defs/"))
    return names
