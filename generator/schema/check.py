"""Checks a document against a JSON Schema and words each finding for a user: what, where, what instead."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.errors import DefinitionError, Several, suggestion
from generator.model.document import Document, Path, dotted
from generator.model.secrets import redacted
from generator.schema import formats

if TYPE_CHECKING:
    import jsonschema_rs

_TYPE_NAMES = {"object": "a map", "array": "a list", "string": "a string", "integer": "a whole number"}


def parse(cls: type, document: Document, *, hints: Mapping[str, str] | None = None) -> Any:
    """`document` as an instance of the format `cls`.

    `hints` are sentences for unknown keys that deserve more than the nearest name.
    Raises Several with every finding, in the order of the file.
    """
    errors = []
    for path, message, hint in problems(
        _validator(cls), formats.json_schema(cls), document.value, hints or {}
    ):
        place = document.where(*path)
        errors.append(DefinitionError.at(place, message, hint=hint))
    if errors:
        raise Several(sorted(errors, key=lambda error: (error.line or 0, error.column or 0, error.message)))
    return formats.convert(cls, document.value)


@functools.cache
def _validator(cls: type) -> Any:
    return compile_schema(formats.json_schema(cls))


def compile_schema(schema: Any) -> Any:
    """A validator for `problems`; raises ValueError where `schema` is no JSON Schema."""
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for(schema, retriever=_refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as problem:
        raise ValueError(str(problem).partition("\n")[0]) from None


def _refuse(uri: str) -> Any:
    # Output depends on the definition alone: a schema reads neither the network nor the disk.
    raise ValueError(f"`$ref` to {uri} leaves the schema")


def problems(
    validator: Any, schema: Any, value: Any, hints: Mapping[str, str] | None = None
) -> Iterator[tuple[Path, str, str | None]]:
    """Each finding of `validator`, which was compiled from `schema`, as (path, sentence, hint)."""
    for problem in validator.iter_errors(value):
        yield from _worded(problem, schema, hints or {})


def _worded(
    problem: jsonschema_rs.ValidationError, schema: Any, hints: Mapping[str, str]
) -> Iterator[tuple[Path, str, str | None]]:
    path: Path = tuple(problem.instance_path)
    kind: Any = problem.kind
    if kind.name == "anyOf":
        deeper = _branch(problem)
        if deeper:
            for inner in deeper:
                yield from _worded(inner, schema, hints)
            return
    if kind.name == "additionalProperties":
        known = _properties(problem, schema)
        for name in kind.unexpected:
            hint = hints.get(name) or suggestion(name, known)
            yield (*path, name), f"unknown key `{name}`", hint
        return
    subject = f"`{dotted(path)}` " if path else "the document "
    yield path, subject + _expected(problem), _near_value(problem)


def _branch(problem: jsonschema_rs.ValidationError) -> Sequence[jsonschema_rs.ValidationError]:
    """The findings of the one alternative that the value was meant to be, if there is one."""
    kind: Any = problem.kind
    meant = [
        branch
        for branch in kind.context
        if not any(
            inner.kind.name in ("type", "enum") and inner.instance_path == problem.instance_path
            for inner in branch
        )
    ]
    return meant[0] if len(meant) == 1 else ()


def _properties(problem: jsonschema_rs.ValidationError, schema: Any) -> Iterable[str]:
    """The names that the failing object may have: the properties beside the keyword that failed."""
    try:
        for step in problem.schema_path[:-1]:
            schema = schema[step]
        return list(schema["properties"])
    except (KeyError, IndexError, TypeError):
        return ()


def _expected(problem: jsonschema_rs.ValidationError) -> str:
    kind: Any = problem.kind
    alternatives = (
        [problem] if kind.name != "anyOf" else [inner for branch in kind.context for inner in branch]
    )
    words = [word for inner in alternatives for word in _alternatives(inner)]
    shown = redacted(problem.instance)
    if words:
        one_of = " or ".join(words)
        return f"is {_shown(shown)}, expected {one_of}"
    if shown is not problem.instance and kind.name != "required":
        # The validator's own sentence would quote the value with the secret in it.
        return f"is refused by the schema's `{kind.name}`; it holds a secret, so it is not shown"
    # A sentence of the validator quotes the value first; weft's sentences begin with the place.
    return f"is refused: {problem.message}"


def _alternatives(problem: jsonschema_rs.ValidationError) -> Sequence[str]:
    kind: Any = problem.kind
    if kind.name == "type":
        return [_TYPE_NAMES.get(name, f"a {name}") for name in kind.types if name != "null"]
    if kind.name == "enum":
        return [json.dumps(option) for option in kind.options if option is not None]
    return ()


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _near_value(problem: jsonschema_rs.ValidationError) -> str | None:
    kind: Any = problem.kind
    branches = [[problem]] if kind.name != "anyOf" else kind.context
    kinds: list[Any] = [inner.kind for branch in branches for inner in branch]
    if any(one.name == "type" and "string" in one.types for one in kinds) and isinstance(
        problem.instance, (bool, int, float)
    ):
        return "put it in quotes: without them YAML has another meaning for y, n, yes, on, 1.30 and the like"
    if kind.name != "enum" or not isinstance(problem.instance, str):
        return None
    return suggestion(problem.instance, [option for option in kind.options if option])
