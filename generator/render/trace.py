"""Renders a Jinja2 template so that the template line behind each character of its text is known."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

import jinja2
from jinja2 import nodes

from generator.model.document import Document, Path, Position
from generator.render.sandbox import ChartEnvironment

_TRACED = "weft_traced"
# Two planes of private-use characters: no text that people write holds them.
_FIRST, _LAST = 0xF0000, 0x10FFFD
_MARK = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")
_NEWLINE = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# Line alignment is quadratic; beyond this many lines the file alone must do.
_MOST_LINES = 20_000


class TracingEnvironment(ChartEnvironment):
    """Compiles templates that put a mark, one private-use character, before what each line writes."""

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        super().__init__(loader)
        self.places: list[Position] = []
        self._known: dict[Position, str] = {}
        printed: Callable[[Any], Any] = self.finalize  # type: ignore[assignment]
        self.filters[_TRACED] = lambda value, mark: _marked(str(printed(value)), mark)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for output in template.find_all(nodes.Output):
            output.nodes = [self._traced(node, filename or name or "") for node in output.nodes]
        return template

    def _traced(self, node: nodes.Expr, file: str) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            # Before the first letter of a line, so that what strips or indents the text still does.
            lines = enumerate(node.data.split("\n"), node.lineno)
            data = "\n".join(_marked(text, self._mark(file, line)) for line, text in lines)
            return nodes.TemplateData(data, lineno=node.lineno)
        inner = (found.lineno for found in node.find_all(nodes.Node) if found.lineno)
        line = min(node.lineno, *inner, node.lineno)
        mark = nodes.Const(self._mark(file, line), lineno=line)
        return nodes.Filter(node, _TRACED, [mark], [], None, None, lineno=line)

    def _mark(self, file: str, line: int) -> str:
        place = Position(file, line)
        if place not in self._known:
            # Beyond the last character lines go unmarked, and count to the line before them.
            code = _FIRST + len(self.places)
            self._known[place] = chr(code) if code <= _LAST else ""
            self.places.append(place)
        return self._known[place]


def _marked(text: str, mark: str) -> str:
    bare = text.lstrip()
    return f"{text[: len(text) - len(bare)]}{mark}{bare}" if bare else text


class Trace:
    """What a template wrote, with the template line behind each offset of it."""

    def __init__(self, text: str, places: Sequence[Position], plain: str) -> None:
        """Takes the marks out of `text`; `plain` is what the template writes without them."""
        parts: list[str] = []
        self._offsets: list[int] = []
        self._places: list[Position] = []
        start = size = 0
        for mark in _MARK.finditer(text):
            parts.append(text[start : mark.start()])
            size += mark.start() - start
            start = mark.end()
            number = ord(mark[0]) - _FIRST
            if number < len(places):
                self._offsets.append(size)
                self._places.append(places[number])
        parts.append(text[start:])
        bare = "".join(parts)
        self._starts = _starts(bare)
        # A template may look at text that holds marks, and do something else then.
        self._aligned = None if bare == plain else _aligned(plain, bare)

    def at(self, line: int, column: int) -> Position | None:
        """The place in a template of a line and column, both from 1, of the plain text."""
        if self._aligned is not None:
            if line not in self._aligned:
                return None
            line = self._aligned[line]
        if line > len(self._starts):
            return None
        index = bisect.bisect_right(self._offsets, self._starts[line - 1] + column - 1)
        return self._places[index - 1] if index else None


def _starts(text: str) -> Sequence[int]:
    return [0, *(found.end() for found in _NEWLINE.finditer(text))]


def _aligned(plain: str, traced: str) -> dict[int, int]:
    """Line numbers of `traced` by those of `plain`, where the two agree or differ in as many lines."""
    ours, theirs = _NEWLINE.split(plain), _NEWLINE.split(traced)
    if max(len(ours), len(theirs)) > _MOST_LINES:
        return {}
    found: dict[int, int] = {}
    for _, start, end, other, other_end in difflib.SequenceMatcher(None, ours, theirs, False).get_opcodes():
        if end - start == other_end - other:
            found.update((start + step + 1, other + step + 1) for step in range(end - start))
    return found


class Traced:
    """An object of a rendered template: knows the template line of each of its fields."""

    def __init__(self, document: Document, path: Path, trace: Trace | None) -> None:
        self._document = document
        self._path = path
        self._trace = trace

    def where(self, *path: str | int) -> Position:
        """The template line that wrote `path` or its nearest ancestor; the file alone where unknown."""
        place = self._document.where(*self._path, *path)
        found = self._trace.at(place.line, place.column or 1) if self._trace and place.line else None
        return found or Position(self._document.file)
