"""Puts known lines of plain YAML together to documents, and makes functions of shapes that come often."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

_DEEPEST = 100

VALUE, OPEN, FLOW, LITERAL = range(4)

# Control characters, and what YAML takes for a line break or a mark of its own.
ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class Declined(Exception):
    """The text is not plain."""


class Shape(NamedTuple):
    """A line without its value. `dashes` are the columns of its list items, `column` that of its key."""

    number: int
    dashes: tuple[int, ...]
    column: int
    key: str | None
    kind: int


BLANK = Shape(0, (), 0, None, OPEN)

# A line as it is known: its shape, and its value.
Line = tuple[Shape, Any]


def built(known: Sequence[Line]) -> tuple[Any, tuple[int, int]]:
    """The document that the lines make, and the line and column where it begins."""
    builder = Builder()
    for number, (shape, value) in enumerate(known, 1):
        if shape is not BLANK:
            builder.add(shape, copied(value) if shape.kind == FLOW else value, number)
    return builder.finished()


class _Slot(str):
    """Stands in a document for the expression that gives its value."""


def compiled(shapes: Sequence[Shape]) -> tuple[Callable[[Sequence[Line]], Any], tuple[int, int]]:
    """A function from the lines of such a document to its value; raises Declined."""
    expressions = {VALUE: "line[{}][1]", FLOW: "copied(line[{}][1])"}
    slots = [
        (shape, _Slot(expressions.get(shape.kind, "").format(number))) for number, shape in enumerate(shapes)
    ]
    value, begins = built(slots)
    source = f"lambda line: {_expression(value)}"
    build: Callable[[Sequence[Line]], Any] = eval(source, {"copied": copied})
    return build, begins


def _expression(value: Any) -> str:
    """Python that makes `value`: its keys are in it as literals, its slots as they are."""
    if isinstance(value, _Slot):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_expression(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_expression, value)) + "]"
    return "None"


class Builder:
    """Puts the lines of one document together.

    `_waits` says that the last key or item of the innermost collection has no value yet.
    """

    def __init__(self) -> None:
        root: list[Any] = []
        self._root = root
        self._begins: tuple[int, int] | None = None
        # Column and content of each open collection; the root is a list of one item, left of everything.
        self._stack: list[tuple[int, Any]] = [(-1, root)]
        self._waits = True
        self._key = ""

    def add(self, line: Shape, value: Any, number: int) -> None:
        """One line, whose number counts from 1, with its value; raises Declined where it does not fit."""
        if self._begins is None:
            self._begins = (number, (line.dashes[0] if line.dashes else line.column) + 1)
        for column in line.dashes:
            self._item(column)
        if line.key is not None:
            self._entry(line.column, line.key)
        if line.kind != OPEN:
            self._put(value)

    def _item(self, column: int) -> None:
        """Begins the next item of the list at `column`, or that list."""
        stack = self._stack
        top, box = stack[-1]
        # A list may stand at the column of the key that it is the value of.
        if self._waits and (column > top or (column == top and box.__class__ is dict)):
            self._open(column, [])
            return
        while top > column:
            self._close()
            top, box = stack[-1]
        if top != column or box.__class__ is not list:
            raise Declined
        if self._waits:
            box.append(None)
        self._waits = True

    def _entry(self, column: int, key: str) -> None:
        """Begins the entry `key` of the map at `column`, or that map."""
        stack = self._stack
        top, box = stack[-1]
        if self._waits and column > top:
            self._open(column, {})
        else:
            while top > column or (top == column and box.__class__ is list):
                self._close()
                top, box = stack[-1]
            if top != column or key in box:
                raise Declined
            if self._waits:
                box[self._key] = None
                if key in box:
                    raise Declined
        self._key = key
        self._waits = True

    def _open(self, column: int, box: Any) -> None:
        if len(self._stack) > _DEEPEST:
            raise Declined
        self._put(box)
        self._stack.append((column, box))
        self._waits = True

    def _close(self) -> None:
        if self._waits:
            self._put(None)
        self._stack.pop()

    def _put(self, value: Any) -> None:
        box = self._stack[-1][1]
        if box.__class__ is dict:
            box[self._key] = value
        else:
            box.append(value)
        self._waits = False

    def finished(self) -> tuple[Any, tuple[int, int]]:
        """The document, and the line and column where it begins."""
        if self._begins is None:
            return None, (1, 1)
        if self._waits:
            self._put(None)
        return self._root[0], self._begins


def literal(lines: list[str], number: int, line: Shape, chomping: str) -> tuple[str, int]:
    """The text of a literal block that begins after its header, and the number of lines read so far."""
    parent = line.column if line.key is not None else line.dashes[-1]
    begin, end = number, len(lines)
    while begin < end and not lines[begin]:
        begin += 1
    if begin == end:
        raise Declined
    first = lines[begin]
    indent = len(first) - len(first.lstrip(" "))
    if indent <= parent or indent == len(first) or first[indent] == "\t" or chomping == "+":
        raise Declined
    pad = first[:indent]
    body = [""] * (begin - number)
    number = begin
    while number < end:
        text = lines[number]
        if text.startswith(pad):
            body.append(text[indent:])
        elif not text.strip(" "):
            body.append("")
        else:
            break
        number += 1
    if any(map(ODD.search, body)):
        raise Declined
    whole = "\n".join(body).rstrip("\n")
    return (whole if chomping == "-" else f"{whole}\n"), number


def copied(value: Any) -> Any:
    """`value` with collections of its own."""
    if value.__class__ is dict:
        return {key: copied(item) for key, item in value.items()}
    if value.__class__ is list:
        return [copied(item) for item in value]
    return value
