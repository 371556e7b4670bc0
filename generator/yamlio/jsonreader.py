"""The JSON reader: strict JSON with positions, without recursion, under the limits of the YAML reader."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from generator.model.document import Document
from generator.yamlio.marks import Marks, Tree
from generator.yamlio.scalars import MAX_DIGITS
from generator.yamlio.source import MAX_LEVELS, MAX_NODES, Source

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\s,:\[\]{}\"]+")
_CONSTANTS = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")
_MESSAGES = {
    "Unterminated string starting at": "the text that begins here never ends",
    "Invalid control character at": "a control character or line break in a text",
    "Invalid \\escape": "an unknown escape",
    "Invalid \\uXXXX escape": "expected four hexadecimal digits after \\u",
}


def read_json(data: bytes, file: str) -> Document:
    """The one value of a JSON file, with a mark for every path.

    Raises DefinitionError with file, line and column for what is not strict JSON, duplicate keys,
    unpaired surrogates, numbers beyond floats, more than 1,000 levels or 1,000,000 nodes.
    """
    return _Reader(Source(data, file)).document()


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._nodes = 0
        # Outermost first: the collection, its marks, the key that waits for a value.
        self._stack: list[tuple[Any, Tree, str | None]] = []
        self._root: Tree = {}

    def document(self) -> Document:
        """Read the whole text."""
        start = self._skip(0)
        box: list[Any] = []
        self._stack.append((box, self._root, None))
        offset = start
        while offset >= 0:
            offset = self._after(self._value(offset))
        line, column, tree = self._root[0]
        return Document(self._source.file, box[0], Marks(line, column, tree))

    def _skip(self, offset: int) -> int:
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def _value(self, offset: int) -> int:
        """Read a scalar or the beginning of a collection; the offset behind it."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._source.fail_at(offset, f"more than {MAX_NODES:,} nodes")
        char = self._text[offset : offset + 1]
        if char == '"':
            value, end = self._string(offset)
        elif char in ("{", "["):
            return self._open(offset, {} if char == "{" else [])
        else:
            value, end = self._word(offset)
        self._place(offset, value, None)
        return end

    def _open(self, offset: int, box: Any) -> int:
        if len(self._stack) > MAX_LEVELS:
            self._source.fail_at(offset, f"more than {MAX_LEVELS:,} levels")
        tree: Tree = {}
        self._place(offset, box, tree)
        self._stack.append((box, tree, None))
        return offset + 1

    def _place(self, offset: int, value: Any, branch: Tree | None) -> None:
        box, tree, key = self._stack[-1]
        if key is None:
            tree[len(box)] = (*self._source.position(offset), branch)
            box.append(value)
        else:
            # The key has left its mark when it was read.
            line, column, _ = tree[key]
            tree[key] = (line, column, branch)
            box[key] = value

    def _after(self, offset: int) -> int:
        """The offset of the next value, closing what ends before it; -1 at the end of the text."""
        text, stack = self._text, self._stack
        while len(stack) > 1:
            offset = self._skip(offset)
            box = stack[-1][0]
            keyed = isinstance(box, dict)
            char = text[offset : offset + 1]
            if char == ("}" if keyed else "]"):
                stack.pop()
                offset += 1
                continue
            if box:
                if char != ",":
                    self._expected(offset, "',' or '}'" if keyed else "',' or ']'")
                offset = self._skip(offset + 1)
            return self._key(offset) if keyed else offset
        offset = self._skip(offset)
        if offset < len(text):
            self._source.fail_at(offset, "expected the end of the file", "a JSON file holds one value")
        return -1

    def _key(self, offset: int) -> int:
        """Read a key and its colon; the offset of its value."""
        if self._text[offset : offset + 1] != '"':
            self._expected(offset, "a key in double quotes")
        key, end = self._string(offset)
        box, tree, _ = self._stack[-1]
        if key in box:
            self._source.fail_at(offset, f"duplicate key '{key}', first on line {tree[key][0]}")
        self._nodes += 1
        tree[key] = (*self._source.position(offset), None)
        self._stack[-1] = (box, tree, key)
        end = self._skip(end)
        if self._text[end : end + 1] != ":":
            self._expected(end, "':'")
        return self._skip(end + 1)

    def _string(self, offset: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self._text, offset + 1, True)
        except JSONDecodeError as error:
            # Some of the messages carry the character that was found.
            known = (words for start, words in _MESSAGES.items() if error.msg.startswith(start))
            self._source.fail_at(error.pos, next(known, "a text that is not JSON"))
        if not value.isascii() and (found := _SURROGATE.search(value)):
            self._source.fail_at(offset, f"an unpaired surrogate \\u{ord(found[0]):04x} is no character")
        return value, end

    def _word(self, offset: int) -> tuple[Any, int]:
        found = _WORD.match(self._text, offset)
        if not found:
            self._expected(offset, "a value")
        word = found[0]
        if word in _CONSTANTS:
            return _CONSTANTS[word], found.end()
        number = _NUMBER.fullmatch(word)
        if not number:
            self._expected(offset, "a value")
        if number[2] is None and number[3] is None:
            if len(word) > MAX_DIGITS:
                self._source.fail_at(offset, "an integer of more than 4,300 digits")
            return int(word), found.end()
        value = float(word)
        if value in (float("inf"), float("-inf")):
            self._source.fail_at(offset, f"the number {word[:40]} is too large")
        return value, found.end()

    def _expected(self, offset: int, what: str) -> NoReturn:
        word = _WORD.match(self._text, offset)
        if offset >= len(self._text):
            found = "the end of the file"
        else:
            found = f"'{word[0][:40] if word else self._text[offset]}'"
        self._source.fail_at(offset, f"expected {what}, found {found}")
