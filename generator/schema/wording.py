"""Words what a Kubernetes schema refuses: the field, what is there, what is expected; never a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.errors import nearest, suggestion
from generator.model.document import Path, dotted
from generator.model.secrets import names_secret

if TYPE_CHECKING:
    import jsonschema_rs

_TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_QUOTES = "put it in quotes: without them YAML has another meaning for y, n, yes, on, 1.30 and the like"
# One of the two every object has.
_NAMES = ["generateName", "name"]
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
    "pattern": "text that matches `{}`",
    "format": "the form of `{}`",
}

_COUNTED = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


class Fault(NamedTuple):
    """What a schema refuses: where, a sentence, and what would be right where that is known.

    `rule` is the keyword that refuses: it stays when the sentence is worded anew.
    """

    path: Path
    message: str
    hint: str | None = None
    rule: str = ""


def faults(problem: jsonschema_rs.ValidationError, schema: Any, data: Any) -> Iterator[Fault]:
    """What `problem`, found in `data` by the validator of `schema`, means to a user."""
    path: Path = tuple(problem.instance_path)
    kind: Any = problem.kind
    node = _node(schema, problem.schema_path)
    if kind.name == "additionalProperties":
        for name in kind.unexpected:
            yield _unknown((*path, name), node.get("properties", {}))
    elif kind.name == "required":
        place = (*path, kind.property)
        yield Fault(place, f"`{dotted(place)}` is missing", rule=kind.name)
    elif kind.name == "propertyNames":
        name = str(kind.error.instance)
        expected = node.get("x-expected", "another name")
        yield Fault((*path, name), f"the key `{name}` in `{dotted(path)}` is refused, expected {expected}")
    elif kind.name in ("anyOf", "oneOf", "not"):
        yield from _choice(problem, node, schema, data)
    else:
        expected = node.get("x-expected") or _expected(problem, node)
        message = f"{_subject(path)} {_is(problem, path, data)}, expected {expected}"
        yield Fault(path, message, _hint(problem), kind.name)


def _unknown(path: Path, known: Mapping[str, Any]) -> Fault:
    where = f" in `{dotted(path[:-1])}`" if path[:-1] else ""
    return Fault(path, f"unknown field `{path[-1]}`{where}", suggestion(str(path[-1]), known))


def _choice(problem: jsonschema_rs.ValidationError, node: Any, schema: Any, data: Any) -> Iterator[Fault]:
    path: Path = tuple(problem.instance_path)
    kind: Any = problem.kind
    if "x-expected" in node:
        yield Fault(
            path,
            f"{_subject(path)} {_is(problem, path, data)}, expected {node['x-expected']}",
            rule=kind.name,
        )
        return
    branch = _meant(problem)
    if branch:
        for inner in branch:
            yield from faults(inner, schema, data)
        return
    fields = sorted(set(_required(node.get(kind.name))))
    if fields == _NAMES:
        yield Fault((*path, "name"), f"`{dotted((*path, 'name'))}` is missing")
        return
    if fields:
        there = [
            name for name in fields if isinstance(problem.instance, Mapping) and name in problem.instance
        ]
        names = ", ".join(f"`{name}`" for name in fields)
        found = " and ".join(f"`{name}`" for name in there) or "none of them"
        number = "one" if kind.name == "oneOf" else "at least one"
        wanted = f"not all of {names} together" if kind.name == "not" else f"{number} of {names}"
        yield Fault(
            path, f"{_subject(path)} has {found}, expected {wanted}", rule=f"{kind.name} {' '.join(fields)}"
        )
        return
    words = " or ".join(dict.fromkeys(_alternatives(problem)))
    expected = words or f"what the schema's `{kind.name}` allows"
    yield Fault(path, f"{_subject(path)} {_is(problem, path, data)}, expected {expected}", rule=kind.name)


def _meant(problem: jsonschema_rs.ValidationError) -> Sequence[jsonschema_rs.ValidationError]:
    """The findings of the one alternative that the value was meant to be, if there is one."""
    branches: Sequence[Sequence[jsonschema_rs.ValidationError]] = getattr(problem.kind, "context", ())

    def foreign(inner: jsonschema_rs.ValidationError) -> bool:
        kind: Any = inner.kind
        return (
            kind.name in ("type", "enum", "required", "not") and inner.instance_path == problem.instance_path
        )

    meant = [branch for branch in branches if branch and not any(map(foreign, branch))]
    return meant[0] if len(meant) == 1 else ()


def _required(node: Any) -> Iterator[str]:
    """The fields that alternatives demand or forbid."""
    if isinstance(node, list):
        for item in node:
            yield from _required(item)
    elif isinstance(node, Mapping):
        yield from node.get("required", ())
        for key in ("anyOf", "oneOf", "allOf", "not"):
            yield from _required(node.get(key))


def _alternatives(problem: jsonschema_rs.ValidationError) -> Iterator[str]:
    for branch in getattr(problem.kind, "context", ()):
        for inner in branch:
            yield _expected(inner, {})


def _expected(problem: jsonschema_rs.ValidationError, node: Mapping[str, Any]) -> str:
    kind: Any = problem.kind
    name = kind.name
    if name == "type":
        return " or ".join(_TYPES.get(option, option) for option in kind.types if option != "null")
    if name == "enum":
        return " or ".join(json.dumps(option) for option in kind.options if option not in (None, ""))
    if name in ("minimum", "maximum") and "minimum" in node and "maximum" in node:
        return f"{node['minimum']} to {node['maximum']}"
    if name == "uniqueItems":
        return "each item once"
    if name in _LIMITS and name in node:
        limit = _LIMITS[name].format(node[name])
        return limit.removesuffix("s") if name in _COUNTED and node[name] == 1 else limit
    return f"what the schema's `{name}` allows"


def _hint(problem: jsonschema_rs.ValidationError) -> str | None:
    kind: Any = problem.kind
    if kind.name == "type" and kind.types == ["string"] and isinstance(problem.instance, (bool, int, float)):
        return _QUOTES
    if kind.name == "enum" and isinstance(problem.instance, str):
        options = [option for option in kind.options if isinstance(option, str) and option]
        near = nearest(problem.instance, options) or next(
            (option for option in options if option.lower() == problem.instance.lower()), None
        )
        return f"did you mean '{near}'?" if near else None
    return None


def _subject(path: Path) -> str:
    return f"`{dotted(path)}`" if path else "the object"


def _is(problem: jsonschema_rs.ValidationError, path: Path, data: Any) -> str:
    value = problem.instance
    if isinstance(value, dict):
        return "is a map" if value else "is an empty map"
    if isinstance(value, list):
        return f"is a list of {len(value)}" if value else "is an empty list"
    if secret(path, data):
        return "has a value that is not shown"
    return f"is {shown(value)}"


def shown(value: Any) -> str:
    """A scalar as messages have it: its first characters are enough to find it by."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def secret(path: Path, data: Any) -> bool:
    """Whether the value at `path` of the object is nobody's business."""
    if isinstance(data, Mapping) and data.get("kind") == "Secret" and path[:1] != ("metadata",):
        return True
    for step in path:
        if isinstance(step, str) and names_secret(step):
            return True
        # `env: [{name: DB_PASSWORD, value: …}]` has the telling name beside the value.
        if isinstance(data, Mapping) and names_secret(str(data.get("name", ""))):
            return True
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return False


def _node(schema: Any, path: Sequence[str | int]) -> Mapping[str, Any]:
    """The part of `schema` whose keyword, the last step of `path`, refused the value."""
    node = schema
    try:
        for step in path[:-1]:
            # A property may be called `$ref` too.
            node = _followed(schema, node) if step == "$ref" and isinstance(node[step], str) else node[step]
    except (KeyError, IndexError, TypeError):
        return {}
    return node if isinstance(node, Mapping) else {}


def _followed(schema: Any, node: Any) -> Any:
    """What `node` refers to where it is nothing but a reference."""
    reference = node.get("$ref") if isinstance(node, Mapping) else None
    if not isinstance(reference, str):
        return node
    return schema["$defs"][reference.removeprefix("#/$defs/")]
