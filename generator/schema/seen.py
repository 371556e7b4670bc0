"""How rules in CEL see the values of a custom resource's schema."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.model.manifest import mapping
from generator.model.record import record
from generator.schema import structural

JSON = Mapping[str, Any]

_RESERVED = re.compile(
    "true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|"
    "return|var|void|while"
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SYMBOLS = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_SCALARS = ("string", "boolean", "integer", "number")
# Texts that are of a type of their own to a rule, and how CEL makes it of them.
_TIMES = {"date-time": "timestamp({})", "date": "timestamp({} + 'T00:00:00Z')", "duration": "duration({})"}
_TEXT: JSON = {"type": "string"}
_IN_EVERY_OBJECT: JSON = {
    "apiVersion": _TEXT,
    "kind": _TEXT,
    "metadata": {"type": "object", "properties": {"name": _TEXT, "generateName": _TEXT}},
}


def embeds(schema: JSON) -> bool:
    return schema.get("x-kubernetes-embedded-resource") is True


def exposed(schema: JSON) -> bool:
    """Whether rules see values of the schema at all."""
    kind = schema.get("type")
    if schema.get("x-kubernetes-int-or-string") or kind in _SCALARS:
        return True
    if kind == "array":
        items = schema.get("items")
        return isinstance(items, Mapping) and exposed(items)
    more = schema.get("additionalProperties")
    return kind == "object" and (not isinstance(more, Mapping) or exposed(more))


def escaped(name: str) -> str | None:
    """The name by which rules know a field, or None where they cannot name it."""
    if _RESERVED.fullmatch(name):
        return f"__{name}__"
    for symbol, word in _SYMBOLS:
        name = name.replace(symbol, word)
    return name if _IDENTIFIER.fullmatch(name) else None


def _fields(schema: JSON, whole: bool) -> JSON:
    known = mapping(schema, "properties")
    return {**known, **_IN_EVERY_OBJECT} if whole else known


@record(frozen=True)
class Shape:
    """How the values of a schema become what rules see: fields that it names alone, numbers as doubles.

    `plain` values are seen as they are.
    """

    plain: bool = True
    scalar: Callable[[Any], Any] | None = None
    fields: Mapping[str, tuple[str, Shape]] | None = None
    each: Shape | None = None

    def seen(self, value: Any) -> Any:
        if self.plain:
            return value
        if self.scalar is not None:
            return self.scalar(value)
        if self.fields is not None and isinstance(value, dict):
            known = self.fields
            return {
                known[name][0]: known[name][1].seen(item) for name, item in value.items() if name in known
            }
        if self.each is not None and isinstance(value, list):
            return [self.each.seen(item) for item in value]
        if self.each is not None and isinstance(value, dict):
            return {name: self.each.seen(item) for name, item in value.items()}
        return value


def shape(schema: JSON, whole: bool) -> Shape:
    if schema.get("x-kubernetes-int-or-string"):
        return Shape()
    kind = schema.get("type")
    if kind == "number":
        return Shape(False, _double)
    if kind == "string":
        return Shape(False, _bytes) if schema.get("format") == "byte" else Shape()
    inner = schema.get("items" if kind == "array" else "additionalProperties")
    if isinstance(inner, Mapping):
        each = shape(inner, embeds(inner))
        return Shape(each.plain, each=each)
    if kind != "object":
        return Shape()
    fields = {}
    for name, child in _fields(schema, whole).items():
        known = escaped(name)
        if known is not None and exposed(child):
            fields[name] = known, shape(child, embeds(child))
    open_ = whole or schema.get("x-kubernetes-preserve-unknown-fields") is True
    named = len(fields) == len(_fields(schema, whole))
    plain = all(name == known and shape.plain for name, (known, shape) in fields.items())
    return Shape(plain and named and not open_, fields=fields)


def _double(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    except OverflowError:
        return value


def _bytes(value: Any) -> Any:
    try:
        return base64.b64decode(value) if isinstance(value, str) else value
    except ValueError:
        return value


def typed(schema: JSON, value: str, whole: bool = False) -> str:
    """The expression that makes times and durations of the texts in `value`, itself an expression.

    Those in a map stay texts, because CEL cannot make another map of one.
    """
    if not _timed(schema) or isinstance(schema.get("additionalProperties"), Mapping):
        return value
    if schema.get("type") == "string":
        return _TIMES[schema["format"]].format(value)
    if isinstance(schema.get("items"), Mapping):
        return f"{value}.map(item, {typed(schema['items'], 'item', embeds(schema['items']))})"
    entries = []
    for name, child in _fields(schema, whole).items():
        known = escaped(name)
        if known is not None and exposed(child):
            inner = typed(child, "item", embeds(child))
            made = f"{value}.?{known}"
            entries.append(f"?'{known}': {made if inner == 'item' else f'{made}.optMap(item, dyn({inner}))'}")
    return f"{{{', '.join(entries)}}}"


def untyped(schema: JSON, name: str) -> Iterator[str]:
    """The names of the fields that hold maps with times in them; `name` is that of the field itself."""
    more, items = schema.get("additionalProperties"), schema.get("items")
    if isinstance(more, Mapping) and _timed(more):
        yield name
    if isinstance(items, Mapping):
        yield from untyped(items, name)
    for field_name, child in mapping(schema, "properties").items():
        yield from untyped(child, escaped(field_name) or name)


def _timed(schema: JSON) -> bool:
    if schema.get("x-kubernetes-int-or-string"):
        return False
    parts = [schema.get("items"), schema.get("additionalProperties"), *mapping(schema, "properties").values()]
    return (schema.get("type") == "string" and schema.get("format") in _TIMES) or any(
        _timed(part) for part in parts if isinstance(part, Mapping)
    )


def _has_null(value: Any) -> bool:
    # Asked of every object of a kind with rules, so without generators.
    pending = [value]
    while pending:
        value = pending.pop()
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            if item is None:
                # Null in a list is refused by the schema.
                if isinstance(value, dict):
                    return True
            elif item.__class__ is not str:
                pending.append(item)
    return False


def _without_nulls(schema: JSON, value: Any) -> Any:
    """`value` without null where the schema does not take it: the server reads that as left out."""
    if isinstance(value, list):
        items = mapping(schema, "items")
        return [_without_nulls(items, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    known, more = mapping(schema, "properties"), mapping(schema, "additionalProperties")
    return {
        name: _without_nulls(part, item)
        for name, item in value.items()
        for part in (known.get(name, more),)
        if item is not None or part.get("nullable") is True
    }


def defaults(schema: JSON) -> bool:
    """Whether something in the schema has a default."""
    parts = [schema.get("items"), schema.get("additionalProperties"), *mapping(schema, "properties").values()]
    return "default" in schema or any(defaults(part) for part in parts if isinstance(part, Mapping))


def read(schema: JSON, data: JSON, fill: bool = True) -> Any:
    """An object as the server has it when it comes to rules: without null, and with defaults if `fill`."""
    given = _without_nulls(schema, data) if _has_null(data) else data
    return structural.filled(schema, given) if fill else given
