"""A value written the way the file around it is written: its indentation, its braces, its quotes."""

from __future__ import annotations

from collections import deque
from typing import Any

from generator.errors import DefinitionError
from generator.model.record import record
from generator.yamlio import emitter
from generator.yamlio.jsontext import atom, quoted, to_json
from generator.yamlio.spans import Span


@record(frozen=True)
class Layout:
    """How a file is written: columns that a map and a list stand right of their key, JSON and its indent."""

    maps: int = 2
    lists: int = 0
    json: bool = False
    unit: str = "  "
    # A literal block cannot say that it ends in a line break where the file does not.
    literal: bool = True

    def block(self, value: Any, column: int, item: bool) -> tuple[str, list[str]]:
        """What goes behind a key or dash at `column`, and the lines below it; `item` says behind a dash."""
        if isinstance(value, (dict, list)) and value:
            if item:
                lines = self._lines(value, column + 2)
                return lines[0].lstrip(" "), lines[1:]
            return "", self._lines(value, column + (self.maps if isinstance(value, dict) else self.lists))
        if isinstance(value, str):
            if not self.literal:
                return emitter._line(value), []
            head, *lines = emitter._text(value, " " * column).split("\n")
            return head, lines
        return ("{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else atom(value)), []

    def _lines(self, value: Any, column: int) -> list[str]:
        return self.entries(value, column) if isinstance(value, dict) else self.items(value, column)

    def entries(self, values: dict[str, Any], column: int) -> list[str]:
        """The lines of a block map at `column`."""
        out: list[str] = []
        for key, value in values.items():
            name = emitter._head(key, " " * column)
            if "\n" in name:
                raise DefinitionError(f"the key '{key[:40]}…' is too long")
            head, lines = self.block(value, column, item=False)
            out += [f"{' ' * column}{name} {head}".rstrip(" "), *lines]
        return out

    def items(self, values: list[Any], column: int) -> list[str]:
        """The lines of a block list whose dashes stand at `column`."""
        out: list[str] = []
        for value in values:
            head, lines = self.block(value, column, item=True)
            out += [f"{' ' * column}- {head}", *lines]
        return out

    def flow(self, value: Any, pad: str | None) -> str:
        """The value within braces; over several lines, indented by `pad`, where that is not None."""
        if not self.json:
            return _flow(value)
        if pad is None or not isinstance(value, (dict, list)) or not value:
            return to_json(value)
        inner = pad + self.unit
        if isinstance(value, dict):
            parts = [f"{quoted(key)}: {self.flow(item, inner)}" for key, item in value.items()]
        else:
            parts = [self.flow(item, inner) for item in value]
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        body = ",\n".join(inner + part for part in parts)
        return f"{opening}\n{body}\n{pad}{closing}"

    def name(self, key: str) -> str:
        """A key within braces."""
        return quoted(key) if self.json else _flow(key)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if not isinstance(value, str):
        return atom(value)
    # What is plain in a block may end an entry within braces.
    plain = "\n" not in value and emitter._line(value) == value and not set(value) & set(",[]{}:?")
    return value if plain else quoted(value)


def scalar(value: str, style: str) -> str | None:
    """A text in the quotes that `style` names, or None where it does not fit them."""
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return quoted(value) if style == '"' else None


def layout(text: str, root: Span | None, *, json: bool) -> Layout:
    """How the file is written, as far as what is there shows it."""
    if json:
        first = root.children[0] if root is not None and root.children else None
        start = (first[0] or first[1]).start if first else 0
        before = text[text.rfind("\n", 0, start) + 1 : start]
        return Layout(json=True, unit=before if first and before and not before.strip() else "  ")
    maps, lists = None, None
    pending = deque([] if root is None else [root])
    while pending and (maps is None or lists is None):
        box = pending.popleft()
        for key, value in box.children:
            pending.append(value)
            if key is None or value.flow or not value.children or value.shared:
                continue
            if value.kind == "map":
                inner = value.children[0][0] or value
                right = column(text, inner.start) - column(text, key.start)
                maps = right if maps is None and right > 0 else maps
            elif value.kind == "list":
                right = column(text, value.start) - column(text, key.start)
                lists = right if lists is None and right >= 0 else lists
    return Layout(maps or 2, lists or 0, literal=not text or text.endswith("\n"))


def column(text: str, offset: int) -> int:
    """How far an offset stands from the beginning of its line."""
    return offset - (text.rfind("\n", 0, offset) + 1)
