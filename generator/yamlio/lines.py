"""A reader for the plain YAML that manifests are made of, line by line; what is not plain it leaves alone.

Manifests repeat the same few thousand lines, and the same few shapes of documents. What a line says (its
indentation, its key, its value) is found once and kept. A shape that comes again and again becomes a function
that puts the values in their places. Whatever it is not certain of, it declines: anchors, tags, folded text,
values over several lines, odd indentation, errors of any kind. Then the parser reads the whole text, and
words the error if there is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from generator.model.document import Document
from generator.yamlio.assembly import (
    BLANK,
    FLOW,
    LITERAL,
    ODD,
    OPEN,
    VALUE,
    Builder,
    Declined,
    Line,
    Shape,
    built,
    compiled,
    copied,
    literal,
)
from generator.yamlio.scalars import RESOLVED

_Said = tuple[tuple[int, ...], int, str | None, int, Any]

# A text that the parser's limits could be about is the parser's.
_LONGEST = 1_000_000
_MOST_LINES = 65_536
# Beyond it the parser says what is too deep.
_DEEPEST = 500
_MOST_PLANS = 4_096
# A function is made for a shape that comes for this time.
_PAYS = 4

_KEY = re.compile(r"([A-Za-z0-9_./$][A-Za-z0-9_./$-]*|\"[^\"\\]*\"|'[^']*') *:(?: +|$)")
_PLAIN = re.compile(r"[A-Za-z0-9_./$+(=^~;<\\]|-(?=[A-Za-z0-9_.-])")
_DASH = re.compile(r"-(?: +|$)")
_COMMENT = re.compile(r" +#.*$")
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?: +#.*| *)\Z")
_DOUBLE = re.compile(r'"([^"\\]*)"(?: +#.*| *)\Z')
_BLOCK_MARKS = (" |", " >")
_BLOCK = re.compile(r"[:-] +[|>][-+0-9]* *(?:#.*)?$")
_HEADER = re.compile(r"\|([-+]?)(?: +#.*| *)\Z")


class _Plan:
    """How documents of one shape are put together: how often it came, and its function once it pays."""

    __slots__ = ("begins", "build", "times")

    def __init__(self) -> None:
        self.times = 0
        self.build: Callable[[Sequence[Line]], Any] | None = None
        self.begins = (1, 1)


class LineReader:
    """Reads texts. `one` gives the value of what only the parser can read, for a bad one anything else."""

    def __init__(self, one: Callable[[str], Any]) -> None:
        self._one = one
        self._shapes: dict[tuple[Any, ...], Shape] = {}
        self._lines = _Known(self._learned)
        self._plans: dict[tuple[int, ...], _Plan] = {}

    def read(self, text: str, file: str, line: int = 0) -> list[Document] | None:
        """The documents of `text` that hold anything but null, with a mark for `()`; None if it declines."""
        if len(text) > _LONGEST or not text.endswith("\n"):
            return None
        if text[0] == "{":
            data = _json(text)
            return None if data is None else [Document(file, data, {(): (line + 1, 1)})]
        lines = text[:-1].split("\n")
        blocks = any(mark in text for mark in _BLOCK_MARKS)
        found: list[Document] = []
        start, end = 0, len(lines)
        try:
            while start <= end:
                stop = lines.index("---", start) if "---" in lines[start:] else end
                value, begins = self._document(lines[start:stop], blocks)
                if value is not None:
                    found.append(Document(file, value, {(): (line + start + begins[0], begins[1])}))
                start = stop + 1
        except Declined:
            return None
        return found

    def _document(self, lines: list[str], blocks: bool) -> tuple[Any, tuple[int, int]]:
        if blocks and any(map(_BLOCK.search, lines)):
            return self._with_blocks(lines)
        known = list(map(self._lines.__getitem__, lines))
        shapes = tuple([shape.number for shape, _ in known])
        plan = self._plans.get(shapes)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[shapes] = _Plan()
        if plan.build is None:
            plan.times += 1
            if plan.times < _PAYS:
                return built(known)
            plan.build, plan.begins = compiled([shape for shape, _ in known])
        return plan.build(known), plan.begins

    def _with_blocks(self, lines: list[str]) -> tuple[Any, tuple[int, int]]:
        builder, number = Builder(), 0
        while number < len(lines):
            shape, value = self._lines[lines[number]]
            number += 1
            if shape is BLANK:
                continue
            at = number
            if shape.kind == LITERAL:
                value, number = literal(lines, number, shape, value)
            builder.add(shape, copied(value), at)
        return builder.finished()

    def _learned(self, raw: str) -> Line:
        """What a line says; raises Declined."""
        said = self._said(raw)
        if said is None:
            return BLANK, None
        key, value = said[:4], said[4]
        if key not in self._shapes:
            self._shapes[key] = Shape(len(self._shapes) + 1, *key)
        return self._shapes[key], value

    def _said(self, raw: str) -> _Said | None:
        """What a line says; None for one that says nothing. Raises Declined."""
        if ODD.search(raw):
            raise Declined
        column = len(raw) - len(raw.lstrip(" "))
        rest = raw[column:]
        if not rest or rest[0] == "#":
            return None
        if "\t" in raw or len(raw) > 900 or raw.startswith(("---", "...", "%")):
            raise Declined
        dashes = []
        while dash := _DASH.match(rest):
            dashes.append(column)
            column += dash.end()
            rest = rest[dash.end() :]
        if rest.startswith("#"):
            rest = ""
        key = None
        named = _KEY.match(rest)
        if named:
            key = named[1]
            if key[0] in "\"'":
                key = key[1:-1]
            rest = rest[named.end() :]
        elif not dashes:
            raise Declined
        return tuple(dashes), column, key, *self._value(rest)

    def _value(self, rest: str) -> tuple[int, Any]:
        if not rest or rest[0] == "#":
            return OPEN, None
        first = rest[0]
        if first in "{[":
            return FLOW, self._parsed(rest, (dict, list))
        if first == "'":
            quoted = _SINGLE.match(rest)
            if quoted:
                return VALUE, quoted[1].replace("''", "'")
        elif first == '"':
            quoted = _DOUBLE.match(rest)
            return VALUE, quoted[1] if quoted else self._parsed(rest, str)
        elif first == "|":
            header = _HEADER.match(rest)
            if header:
                return LITERAL, header[1]
        elif _PLAIN.match(rest):
            text = _COMMENT.sub("", rest).rstrip(" ")
            if ": " not in text and not text.endswith(":"):
                try:
                    return VALUE, RESOLVED[text]
                except ValueError:
                    pass
        raise Declined

    def _parsed(self, rest: str, kind: type | tuple[type, ...]) -> Any:
        """What the parser makes of a value that it alone can read."""
        value = self._one(rest)
        if not isinstance(value, kind):
            raise Declined
        return value


def _json(text: str) -> Any:
    """What a text that is JSON means in YAML, too; None where it is none, or the two may differ."""
    if "\\" in text or not text.isascii() or "\x7f" in text or text.count("{") + text.count("[") > _DEEPEST:
        return None
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_small,
            parse_float=_not_alike,
            parse_constant=_not_alike,
        )
    except (ValueError, RecursionError, Declined):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    # YAML refuses a key that is longer, or comes twice.
    if len(found) < len(pairs) or "<<" in found or any(len(key) > 1000 for key in found):
        raise Declined
    return found


def _small(digits: str) -> int:
    if len(digits) > 15 or digits == "-0":
        raise Declined
    return int(digits)


def _not_alike(digits: str) -> float:
    raise Declined


class _Known(dict[str, Line]):
    """Lines that were seen; a new one is learned."""

    def __init__(self, learned: Callable[[str], Line]) -> None:
        super().__init__()
        self._learned = learned

    def __missing__(self, raw: str) -> Line:
        line = self._learned(raw)
        if len(self) >= _MOST_LINES:
            self.clear()
        self[raw] = line
        return line
