"""Turns the structural schema of a custom resource into the JSON Schema of what the API server accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = dict[str, Any]

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

_KEPT = (
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
)
# Formats that the server checks and JSON Schema has another meaning of, or none. Unknown ones it ignores.
_FORMATS: Mapping[str, JSON] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "byte": {"$ref": "#/$defs/weft.base64"},
    "date-time": {
        "pattern": r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$",
        "x-expected": "a time, as in 2006-01-02T15:04:05Z",
    },
    "duration": {
        "pattern": r"^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$",
        "x-expected": "a duration, as in 1m30s",
    },
    "ipv4": {"format": "ipv4"},
    "ipv6": {"format": "ipv6"},
    "uuid": {"format": "uuid"},
}


def converted(schema: Mapping[str, Any], closed: bool = True) -> JSON:
    """The JSON Schema of `schema`, the openAPIV3Schema of a version; the top level is that of an object.

    With `closed`, unknown fields are refused where the server would drop them.
    """
    node = _node(schema, closed)
    given = node.get("properties", {}).get("metadata", {})
    limits = {key: value for key, value in given.items() if key not in ("additionalProperties", "type")}
    node["properties"] = {
        **node.get("properties", {}),
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": f"#/$defs/{OBJECT_META}", **({"allOf": [limits]} if limits else {})},
    }
    return node


def filled(schema: Mapping[str, Any], value: Any) -> Any:
    """`value` with the defaults of `schema` where it has nothing, as the server fills them in; a copy."""
    if isinstance(value, list):
        items = schema.get("items")
        return [filled(items, item) for item in value] if isinstance(items, Mapping) else value
    if not isinstance(value, Mapping):
        return value
    known = schema.get("properties", {})
    more = schema.get("additionalProperties")
    rest = more if isinstance(more, Mapping) else {}
    given = {
        name: child["default"] for name, child in known.items() if "default" in child and name not in value
    }
    return {name: filled(known.get(name, rest), item) for name, item in {**value, **given}.items()}


def needs_filling(schema: Mapping[str, Any]) -> bool:
    """Whether a default may decide which alternative a value is."""
    parts = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    children = [part for part in parts if isinstance(part, Mapping)]
    chooses = any(key in schema for key in ("allOf", "anyOf", "oneOf", "not"))
    return (chooses and any("default" in child for child in children)) or any(map(needs_filling, children))


def _node(schema: Mapping[str, Any], closed: bool) -> JSON:
    node = _values(schema)
    # Older schemas say nothing of the type of a map.
    kind = schema.get("type") or ("object" if "properties" in schema else None)
    if schema.get("x-kubernetes-int-or-string"):
        node["type"] = ["integer", "string"]
    elif kind:
        node["type"] = kind
    if "properties" in schema:
        node["properties"] = {name: _node(child, closed) for name, child in schema["properties"].items()}
        # Defaults are filled in before anything is looked for.
        node["required"] = [
            name for name in node.get("required", ()) if "default" not in schema["properties"].get(name, {})
        ]
    if isinstance(schema.get("items"), Mapping):
        node["items"] = _node(schema["items"], closed)
    if schema.get("x-kubernetes-list-type") == "set":
        node["uniqueItems"] = True
    _close(schema, node, closed)
    if schema.get("x-kubernetes-embedded-resource"):
        _embed(node)
    if schema.get("nullable"):
        _nullable(node)
    return node


def _close(schema: Mapping[str, Any], node: JSON, closed: bool) -> None:
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping):
        node["additionalProperties"] = _node(more, closed)
    elif isinstance(more, bool):
        node["additionalProperties"] = more
    elif node.get("type") == "object" and closed and not schema.get("x-kubernetes-preserve-unknown-fields"):
        node["additionalProperties"] = False


def _embed(node: JSON) -> None:
    """An object within an object has what every object has, and needs no word about it in the schema."""
    text = {"type": "string", "minLength": 1}
    node["properties"] = {
        **node.get("properties", {}),
        "apiVersion": text,
        "kind": text,
        "metadata": {"$ref": f"#/$defs/{OBJECT_META}"},
    }
    node["required"] = sorted({*node.get("required", ()), "apiVersion", "kind"})


def _nullable(node: JSON) -> None:
    if "type" in node:
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        node["type"] = [*kinds, "null"]
    if "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]


def _values(schema: Mapping[str, Any]) -> JSON:
    """What a node says of values alone; within `allOf`, `anyOf`, `oneOf` and `not` there is nothing else."""
    node: JSON = {key: schema[key] for key in _KEPT if key in schema}
    for key in ("enum", "required"):
        if key in schema:
            node[key] = list(schema[key])
    # As in JSON Schema draft 4, these two say how to read the bound.
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and bound in node:
            node[exclusive] = node.pop(bound)
    rules = [_FORMATS[schema["format"]]] if schema.get("format") in _FORMATS else []
    for key in ("anyOf", "oneOf"):
        if key in schema:
            node[key] = [_branch(part) for part in schema[key]]
    if "not" in schema:
        node["not"] = _branch(schema["not"])
    rules += [_branch(part) for part in schema.get("allOf", ())]
    if rules:
        node["allOf"] = rules
    return node


def _branch(schema: Mapping[str, Any]) -> JSON:
    node = _values(schema)
    if "type" in schema:
        node["type"] = schema["type"]
    if "properties" in schema:
        node["properties"] = {name: _branch(child) for name, child in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            node[key] = _branch(schema[key])
    return node
