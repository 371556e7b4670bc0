"""A reader for the plain YAML that manifests are made of, line by line; what is not plain it leaves alone.

Manifests repeat the same few thousand lines, and the same few shapes of documents. What a line says (its
indentation, its key, its value) is found once and kept. A shape that comes again and again becomes a function
that puts the values in their places. Whatever it is not certain of, it declines: anchors, tags, folded text,
values over several lines, odd indentation, errors of any kind. Then the parser reads the whole text, and
words the error if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from generator.model.document import Document
from generator.yamlio.scalars import RESOLVED

# A text that the parser's limits could be about is the parser's.
_LONGEST = 1_000_000
_DEEPEST = 100
_MOST_LINES = 65_536
_MOST_PLANS = 4_096
# A function is made for a shape that comes for this time.
_PAYS = 4

_VALUE, _OPEN, _FLOW, _LITERAL = range(4)

# Control characters, and what YAML takes for a line break or a mark of its own.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_KEY = re.compile(r"([A-Za-z0-9_./$][A-Za-z0-9_./$-]*|\"[^\"\\]*\"|'[^']*') *:(?: +|$)")
_PLAIN = re.compile(r"[A-Za-z0-9_./$+(=^~;<\\]|-(?=[A-Za-z0-9_.])")
_DASH = re.compile(r"-(?: +|$)")
_COMMENT = re.compile(r" +#.*$")
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?: +#.*| *)\Z")
_DOUBLE = re.compile(r'"([^"\\]*)"(?: +#.*| *)\Z')
_BLOCK_MARKS = (" |", " >")
_BLOCK = re.compile(r"[:-] +[|>][-+0-9]* *(?:#.*)?$")
_HEADER = re.compile(r"\|([-+]?)(?: +#.*| *)\Z")


class _Declined(Exception):
    """The text is not plain."""


class _Shape(NamedTuple):
    """A line without its value. `dashes` are the columns of its list items, `column` that of its key."""

    number: int
    dashes: tuple[int, ...]
    column: int
    key: str | None
    kind: int


_BLANK = _Shape(0, (), 0, None, _OPEN)

# A line as it is known: its shape, and its value.
_Line = tuple[_Shape, Any]
_Said = tuple[tuple[int, ...], int, str | None, int, Any]


class _Plan:
    """How documents of one shape are put together: how often it came, and its function once it pays."""

    __slots__ = ("begins", "build", "times")

    def __init__(self) -> None:
        self.times = 0
        self.build: Callable[[Sequence[_Line]], Any] | None = None
        self.begins = (1, 1)


class LineReader:
    """Reads texts. `one` gives the value of what only the parser can read, for a bad one anything else."""

    def __init__(self, one: Callable[[str], Any]) -> None:
        self._one = one
        self._shapes: dict[tuple[Any, ...], _Shape] = {}
        self._lines = _Known(self._learned)
        self._plans: dict[tuple[int, ...], _Plan] = {}

    def read(self, text: str, file: str, line: int = 0) -> list[Document] | None:
        """The documents of `text` that hold anything but null, with a mark for `()`; None if it declines."""
        if len(text) > _LONGEST or not text.endswith("\n"):
            return None
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
        except _Declined:
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
                return _built(known)
            plan.build, plan.begins = _compiled([shape for shape, _ in known])
        return plan.build(known), plan.begins

    def _with_blocks(self, lines: list[str]) -> tuple[Any, tuple[int, int]]:
        builder, number = _Builder(), 0
        while number < len(lines):
            shape, value = self._lines[lines[number]]
            number += 1
            if shape is _BLANK:
                continue
            at = number
            if shape.kind == _LITERAL:
                value, number = _literal(lines, number, shape, value)
            builder.add(shape, _copied(value), at)
        return builder.finished()

    def _learned(self, raw: str) -> _Line:
        """What a line says; raises _Declined."""
        said = self._said(raw)
        if said is None:
            return _BLANK, None
        key, value = said[:4], said[4]
        if key not in self._shapes:
            self._shapes[key] = _Shape(len(self._shapes) + 1, *key)
        return self._shapes[key], value

    def _said(self, raw: str) -> _Said | None:
        """What a line says; None for one that says nothing. Raises _Declined."""
        if _ODD.search(raw):
            raise _Declined
        column = len(raw) - len(raw.lstrip(" "))
        rest = raw[column:]
        if not rest or rest[0] == "#":
            return None
        if "\t" in raw or len(raw) > 900 or raw.startswith(("---", "...", "%")):
            raise _Declined
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
            raise _Declined
        return tuple(dashes), column, key, *self._value(rest)

    def _value(self, rest: str) -> tuple[int, Any]:
        if not rest or rest[0] == "#":
            return _OPEN, None
        first = rest[0]
        if first in "{[":
            return _FLOW, self._parsed(rest, (dict, list))
        if first == "'":
            quoted = _SINGLE.match(rest)
            if quoted:
                return _VALUE, quoted[1].replace("''", "'")
        elif first == '"':
            quoted = _DOUBLE.match(rest)
            return _VALUE, quoted[1] if quoted else self._parsed(rest, str)
        elif first == "|":
            header = _HEADER.match(rest)
            if header:
                return _LITERAL, header[1]
        elif _PLAIN.match(rest):
            text = _COMMENT.sub("", rest).rstrip(" ")
            if ": " not in text and not text.endswith(":"):
                try:
                    return _VALUE, RESOLVED[text]
                except ValueError:
                    pass
        raise _Declined

    def _parsed(self, rest: str, kind: type | tuple[type, ...]) -> Any:
        """What the parser makes of a value that it alone can read."""
        value = self._one(rest)
        if not isinstance(value, kind):
            raise _Declined
        return value


class _Known(dict[str, _Line]):
    """Lines that were seen; a new one is learned."""

    def __init__(self, learned: Callable[[str], _Line]) -> None:
        super().__init__()
        self._learned = learned

    def __missing__(self, raw: str) -> _Line:
        line = self._learned(raw)
        if len(self) >= _MOST_LINES:
            self.clear()
        self[raw] = line
        return line


def _built(known: Sequence[_Line]) -> tuple[Any, tuple[int, int]]:
    """The document that the lines make, and the line and column where it begins."""
    builder = _Builder()
    for number, (shape, value) in enumerate(known, 1):
        if shape is not _BLANK:
            builder.add(shape, _copied(value) if shape.kind == _FLOW else value, number)
    return builder.finished()


class _Slot(str):
    """Stands in a document for the expression that gives its value."""


def _compiled(shapes: Sequence[_Shape]) -> tuple[Callable[[Sequence[_Line]], Any], tuple[int, int]]:
    """A function from the lines of such a document to its value; raises _Declined."""
    expressions = {_VALUE: "line[{}][1]", _FLOW: "copied(line[{}][1])"}
    slots = [
        (shape, _Slot(expressions.get(shape.kind, "").format(number))) for number, shape in enumerate(shapes)
    ]
    value, begins = _built(slots)
    source = f"lambda line: {_expression(value)}"
    build: Callable[[Sequence[_Line]], Any] = eval(source, {"copied": _copied})
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


class _Builder:
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

    def add(self, line: _Shape, value: Any, number: int) -> None:
        """One line, whose number counts from 1, with its value; raises _Declined where it does not fit."""
        if self._begins is None:
            self._begins = (number, (line.dashes[0] if line.dashes else line.column) + 1)
        for column in line.dashes:
            self._item(column)
        if line.key is not None:
            self._entry(line.column, line.key)
        if line.kind != _OPEN:
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
            raise _Declined
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
                raise _Declined
            if self._waits:
                box[self._key] = None
                if key in box:
                    raise _Declined
        self._key = key
        self._waits = True

    def _open(self, column: int, box: Any) -> None:
        if len(self._stack) > _DEEPEST:
            raise _Declined
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


def _literal(lines: list[str], number: int, line: _Shape, chomping: str) -> tuple[str, int]:
    """The text of a literal block that begins after its header, and the number of lines read so far."""
    parent = line.column if line.key is not None else line.dashes[-1]
    begin, end = number, len(lines)
    while begin < end and not lines[begin]:
        begin += 1
    if begin == end:
        raise _Declined
    first = lines[begin]
    indent = len(first) - len(first.lstrip(" "))
    if indent <= parent or indent == len(first) or first[indent] == "\t" or chomping == "+":
        raise _Declined
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
    if any(map(_ODD.search, body)):
        raise _Declined
    whole = "\n".join(body).rstrip("\n")
    return (whole if chomping == "-" else f"{whole}\n"), number


def _copied(value: Any) -> Any:
    """`value` with collections of its own."""
    if value.__class__ is dict:
        return {key: _copied(item) for key, item in value.items()}
    if value.__class__ is list:
        return [_copied(item) for item in value]
    return value
