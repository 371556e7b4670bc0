"""Checks the form of JSON 6902 operations, before there is an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.errors import DefinitionError, suggestion
from generator.model.patches import PlacedPatch

_NEEDS: Mapping[str, Sequence[str]] = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}


def check(patch: PlacedPatch) -> None:
    """Raises DefinitionError at the first operation that has not the form of one."""
    for index, operation in enumerate(patch.content):
        if not isinstance(operation, dict):
            raise DefinitionError.at(
                patch.where(index), "an operation is a map: `{op: replace, path: /spec/replicas, value: 2}`"
            )
        _check(patch, index, operation)


def _check(patch: PlacedPatch, index: int, operation: Mapping[str, Any]) -> None:
    name = operation.get("op")
    if not isinstance(name, str) or name not in _NEEDS:
        hint = suggestion(str(name), _NEEDS) if name is not None else f"known: {', '.join(_NEEDS)}"
        found = f"unknown operation `{name}`" if name is not None else "the operation has no `op`"
        raise DefinitionError.at(patch.where(index, "op"), found, hint)
    for key in _NEEDS[name]:
        if key not in operation:
            raise DefinitionError.at(patch.where(index), f"`{name}` needs `{key}`")
    for key in ("path", "from"):
        value = operation.get(key, "")
        if not isinstance(value, str):
            raise DefinitionError.at(patch.where(index, key), f"`{key}` is text such as `/spec/replicas`")
        if value and not value.startswith("/"):
            raise DefinitionError.at(
                patch.where(index, key),
                f"`{value}` is no path: a path begins with `/`",
                hint=f"did you mean '/{value.replace('.', '/')}'?",
            )
