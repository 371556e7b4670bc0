"""Fills `${environment.…}` and `${global.…}` into the strings of config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from generator.errors import DefinitionError, suggestion
from generator.model.definition import Environment
from generator.model.document import Position

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_LABELS = "environment.labels."
# References that refer to references can double at each step; no honest config comes near these.
MAX_REFERENCES = 100_000
MAX_LENGTH = 1024 * 1024

Where = Callable[[tuple[str | int, ...]], Position | None]


class Interpolation:
    """Knows what one component may refer to; `where` finds the place of a value for an error."""

    def __init__(self, environment: Environment, shared: Mapping[str, Any], where: Where) -> None:
        self._environment = environment
        self._shared = shared
        self._where = where
        self._open: list[str] = []
        self._filled = 0

    def at(self, place: Position) -> Interpolation:
        """The same for a value that stands at `place` and not in `config`."""
        return self.by(lambda path: place)

    def by(self, where: Where) -> Interpolation:
        """The same for a value whose parts stand where `where` says."""
        return Interpolation(self._environment, self._shared, where)

    def fill(self, value: Any, path: tuple[str | int, ...] = ()) -> Any:
        """`value` with every reference filled in; the same object where there is none.

        Raises DefinitionError for an unknown reference, with the place that `where` gives.
        """
        if isinstance(value, str):
            return self._string(value, path) if "${" in value else value
        if isinstance(value, dict):
            filled = {name: self.fill(item, (*path, name)) for name, item in value.items()}
            return filled if any(filled[name] is not item for name, item in value.items()) else value
        if isinstance(value, list):
            items = [self.fill(item, (*path, index)) for index, item in enumerate(value)]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _string(self, text: str, path: tuple[str | int, ...]) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole is not None and whole.group(0) != "$${":
            # A string that is one reference takes the type of what it refers to.
            return self._reference(whole, path)
        filled = _REFERENCE.sub(lambda match: self._text(match, path), text)
        if len(filled) > max(MAX_LENGTH, len(text)):
            raise self._error(path, f"with its references filled in it is {len(filled):,} characters long")
        return filled

    def _text(self, match: re.Match[str], path: tuple[str | int, ...]) -> str:
        if match.group(0) == "$${":
            return "${"
        value = self._reference(match, path)
        if isinstance(value, (dict, list)) or value is None:
            raise self._error(path, f"`{match.group(0)}` is no scalar, so it cannot stand within a string")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def _reference(self, match: re.Match[str], path: tuple[str | int, ...]) -> Any:
        name = match.group(1)
        self._filled += 1
        if self._filled > MAX_REFERENCES:
            raise self._error(path, f"filling it in takes more than {MAX_REFERENCES:,} references")
        if not match.group(2):
            raise self._error(path, "`${` is not closed", "write `$${` for the two characters themselves")
        known = {"environment.name": self._environment.name}
        if self._environment.kubernetes.version:
            known["environment.kubernetes.version"] = self._environment.kubernetes.version
        known.update({f"{_LABELS}{label}": value for label, value in self._environment.labels.items()})
        if name in known:
            return known[name]
        if name.startswith("global."):
            return self._global(name, path)
        raise self._unknown(name, path, [*known, *(f"global.{key}" for key in _keys(self._shared))])

    def _global(self, name: str, path: tuple[str | int, ...]) -> Any:
        if name in self._open:
            raise self._error(path, f"`${{{name}}}` refers to itself: {' -> '.join((*self._open, name))}")
        value: Any = self._shared
        steps = name.split(".")[1:]
        for depth, step in enumerate(steps):
            if not isinstance(value, dict) or step not in value:
                prefix = ".".join(("global", *steps[:depth]))
                raise self._unknown(name, path, [f"{prefix}.{key}" for key in _keys(value)])
            value = value[step]
        self._open.append(name)
        try:
            return self.fill(value, ("global", *steps))
        finally:
            self._open.pop()

    def _unknown(self, name: str, path: tuple[str | int, ...], known: list[str]) -> DefinitionError:
        hint = suggestion(name, known) or "write `$${` for a literal `${`"
        message = f"`${{{name}}}` is unknown"
        return self._error(path, message, f"{hint}; `$${{` is a literal `${{`" if "$${" not in hint else hint)

    def _error(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> DefinitionError:
        return DefinitionError.at(self._where(path), message, hint)


def _keys(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
