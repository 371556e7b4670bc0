"""JSON Schemas and field tables made from the dataclasses of the file formats."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_SCALARS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", float: "number"}
# Kubernetes' hook names and Fabrikate's use hyphens; every other key is camelCase.
_HYPHENATED = "Hooks"


def spelled(cls: type, name: str) -> str:
    """The spelling in files of the field `name` of `cls`."""
    first, *rest = name.split("_")
    if cls.__name__ == _HYPHENATED:
        return "-".join([first, *rest])
    return first + "".join(word.capitalize() for word in rest)


@functools.cache
def entries(cls: type) -> tuple[tuple[str, Field[Any], Any], ...]:
    """The fields of `cls`: (spelling in files, field, type without None)."""
    hints = get_type_hints(cls)
    return tuple((spelled(cls, item.name), item, without_none(hints[item.name])) for item in fields(cls))


def without_none(hint: Any) -> Any:
    """`hint` where `X | None` becomes `X`; other unions stay."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = tuple(part for part in get_args(hint) if part is not type(None))
        return rest[0] if len(rest) == 1 else Union[rest]  # noqa: UP007 - built at run time
    return hint


@functools.cache
def json_schema(cls: type) -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of the file format `cls`, definitions included."""
    definitions: dict[str, Any] = {}
    _define(cls, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": (cls.__doc__ or cls.__name__).strip(),
        **definitions.pop(cls.__name__),
        "$defs": {
            **{name: definitions[name] for name in sorted(definitions)},
            # A format that contains itself refers to itself by name.
            cls.__name__: {"$ref": "#"},
        },
    }


def _define(cls: type, definitions: dict[str, Any]) -> None:
    if cls.__name__ in definitions:
        return
    definitions[cls.__name__] = {}
    properties: dict[str, Any] = {}
    for name, item, hint in entries(cls):
        properties[name] = {
            "description": item.metadata["doc"],
            **_nullable(_of(hint, definitions)),
            **item.metadata["schema"],
        }
    definitions[cls.__name__] = {"type": "object", "additionalProperties": False, "properties": properties}


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(part, definitions) for part in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        values = _of(arguments[1], definitions)
        return {"type": "object", "additionalProperties": _nullable(values) if values else True}
    _define(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A key without a value (`config:`) reads as null and means that the key is not given."""
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def convert(cls: type, value: Any) -> Any:
    """`value`, which the schema of `cls` accepts, as an instance of `cls`."""
    fields = _converters(cls)
    made = {}
    for name, item in (value or {}).items():
        attribute, converter = fields[name]
        made[attribute] = item if converter is None or item is None else converter(item)
    return cls(**made)


_Converter = Callable[[Any], Any]


@functools.cache
def _converters(cls: type) -> Mapping[str, tuple[str, _Converter | None]]:
    """The fields of `cls` as files spell them: attribute, and what makes the value if it does not stay."""
    return {name: (item.name, _converter(hint)) for name, item, hint in entries(cls)}


def _converter(hint: Any) -> _Converter | None:
    """What makes a value of type `hint` of one that is not null; None where it stays as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any or hint in _SCALARS or origin is Literal:
        return None
    if origin in (Union, types.UnionType):
        nested = [part for part in arguments if isinstance(part, type) and is_dataclass(part)]
        return _either(nested[0]) if nested else None
    if origin is tuple:
        return _list(arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _map(arguments[1])
    return functools.partial(convert, hint)


def _either(cls: type) -> _Converter:
    return lambda value: convert(cls, value) if isinstance(value, dict) else value


def _list(hint: Any) -> _Converter:
    one = _converter(without_none(hint))
    if one is None:
        return tuple
    return lambda value: tuple(None if item is None else one(item) for item in value)


def _map(hint: Any) -> _Converter | None:
    one = _converter(without_none(hint))
    if one is None:
        return None
    return lambda value: {name: None if item is None else one(item) for name, item in value.items()}


def table(cls: type) -> Iterator[tuple[str, str, str]]:
    """Rows (key, type in words, sentence) for the reference page of `cls`."""
    for name, item, hint in entries(cls):
        yield name, _words(hint), item.metadata["doc"]


def _words(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return "anything"
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(part) for part in arguments)
    if origin is tuple:
        return f"list of {_words(arguments[0])}"
    if origin is not None and issubclass(origin, Mapping):
        return f"map of {_words(arguments[1])}"
    return f"[{hint.__name__}](#{hint.__name__.lower()})"
