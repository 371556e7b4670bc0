"""One change to a text: the lines of one value are replaced, put in or taken out, and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from generator.model.record import record
from generator.yamlio.blocks import column, layout, scalar
from generator.yamlio.spans import Span, json_spans, yaml_spans

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+|#[^\n]*\s+)*")
_ANCHORS = re.compile(r"[&!]\S*(?:[ \t]+[&!]\S*)*")
_COLON = re.compile(r"\s*:")
_DOCUMENT_END = re.compile(r"^\.\.\.[ \t]*$", re.MULTILINE)
_CLOSED = re.compile(r"[ \t]*,?[ \t]*(?:#.*)?\r?\Z")

Keys = Sequence["str | int"]


class Blocked(Exception):
    """The path ends at a value that holds nothing; `depth` keys of it were there."""

    def __init__(self, depth: int, found: str) -> None:
        super().__init__(found)
        self.depth = depth
        self.found = found


@record(frozen=True)
class _Slot:
    """A place for a value: what it is in, its key, the value there, and the offset right before it."""

    box: Span
    key: Span | None
    value: Span
    after: int
    column: int


class Splice:
    """A text in which values are exchanged; line breaks are `\\n` here, whatever they are in the file."""

    def __init__(self, text: str, file: str, *, json: bool) -> None:
        self.text = text
        self._file = file
        self._json = json
        self._root = json_spans(text) if json else yaml_spans(text, file)
        self._layout = layout(text, self._root, json=json)

    def set(self, keys: Keys, value: Any) -> str:
        """The text with `value` at `keys`; raises Blocked where the path leads through a scalar."""
        if self._root is None:
            return self._begun(_nested(keys, value))
        slots, missing = self._walk(keys)
        if not missing:
            return self._replaced(slots[-1], value)
        box = slots[-1].value if slots else self._root
        value = _nested(missing[1:], value)
        if not box.children:
            item = {missing[0]: value} if isinstance(missing[0], str) else [value]
            return self._replaced(slots[-1], item) if slots else self._begun(item)
        return self._added(box, missing[0], value)

    def _begun(self, value: Any) -> str:
        """A document that held nothing, with its first content."""
        if self._json:
            return self._layout.flow(value, "") + "\n"
        lines = self._layout.entries(value, 0) if isinstance(value, dict) else self._layout.items(value, 0)
        text, ended = self.text, _DOCUMENT_END.search(self.text)
        end = ended.start() if ended else len(text)
        if self._root is not None:
            end = self._root.start
            text = text[:end] + text[self._root.end :].lstrip(" \t")
        if text[:end].rpartition("\n")[2].strip():
            return _below(text, end, lines)
        following = text[end:] if text[end:].startswith("\n") else "\n" + text[end:]
        return text[:end] + "\n".join(lines) + following

    def _walk(self, keys: Keys) -> tuple[list[_Slot], Keys]:
        """The slots from the root down to `keys` as far as they exist, and the keys that do not."""
        box, slots = self._root, list[_Slot]()
        assert box is not None
        for depth, key in enumerate(keys):
            null = box.kind == "scalar" and not box.style and box.text in ("", "~", "null", "Null", "NULL")
            if self._json and box.kind == "scalar":
                null = self.text[box.start : box.end] == "null"
            empty = box.kind in ("map", "list") and not box.children
            if null or empty:
                return slots, keys[depth:]
            if box.kind in ("alias", "scalar") or (box.kind == "list") != isinstance(key, int):
                kinds = {"alias": "an alias", "scalar": "a value", "map": "a mapping", "list": "a list"}
                raise Blocked(depth, kinds[box.kind])
            pair = box.child(key)
            if pair is None:
                return slots, keys[depth:]
            slots.append(self._slot(box, *pair))
            box = pair[1]
        return slots, ()

    def _slot(self, box: Span, key: Span | None, value: Span) -> _Slot:
        if key is not None:
            colon = _COLON.match(self.text, key.end)
            after, at = colon.end() if colon else key.end, column(self.text, key.start)
        elif box.flow:
            after, at = value.start, 0
        else:
            after = self._dash(box, value) + 1
            at = column(self.text, after - 1)
        if value.shared and "&" in self.text[value.start : value.start + 1]:
            # An anchor stays: aliases elsewhere name it.
            found = _ANCHORS.match(self.text, value.start)
            after = found.end() if found else after
        return _Slot(box, key, value, after, at)

    def _dash(self, box: Span, value: Span) -> int:
        """The offset of the dash of an item of a block list."""
        first = box.start
        if box.shared:
            found = _PROPERTIES.match(self.text, first)
            first = found.end() if found else first
        at, line = column(self.text, first), _line_start(self.text, value.start)
        while line and self.text[line + at : line + at + 1] != "-":
            line = _line_start(self.text, line - 1)
        return line + at

    def _end(self, value: Span) -> int:
        """Where the content of a value ends, without the empty lines behind a block scalar."""
        while not value.flow and value.children:
            value = value.children[-1][1]
        if value.style in ("|", ">"):
            header = self.text[value.start : value.end].partition("\n")[0]
            if "+" not in header.partition("#")[0]:
                return value.start + len(self.text[value.start : value.end].rstrip())
        return value.end

    def _replaced(self, slot: _Slot, value: Any) -> str:
        old, text = slot.value, self.text
        if slot.box.flow or self._json:
            pad = _indent(text, old.start) if self._spread(slot.box) else None
            return text[: old.start] + self._flow(old, value, pad) + text[old.end :]
        if isinstance(value, str) and old.kind == "scalar" and not old.shared:
            kept = scalar(value, old.style)
            if kept is not None and "\n" not in text[slot.after : old.start]:
                return text[: old.start] + kept + text[old.end :]
        head, lines = self._layout.block(value, slot.column, item=slot.key is None)
        text = self._emptied(slot)
        if head:
            text = f"{text[: slot.after]} {head}{text[slot.after :]}"
        return _below(text, slot.after + len(head), lines) if lines else text

    def _flow(self, old: Span, value: Any, pad: str | None) -> str:
        kept = scalar(value, old.style) if isinstance(value, str) and not self._json else None
        return kept or self._layout.flow(value, pad)

    def _emptied(self, slot: _Slot) -> str:
        """The text with nothing behind the key or dash but its comment."""
        text, end = self.text, self._end(slot.value)
        start = slot.value.start
        if slot.value.shared:
            found = _PROPERTIES.match(text, start)
            start = found.end() if found else start
        if slot.value.style in ("|", ">") and text[:end].endswith("\n"):
            end -= 1
        if "\n" not in text[slot.after : start] or start > end:
            return text[: slot.after] + text[max(end, slot.after) :]
        return _without_lines(text, start, end)

    def _spread(self, box: Span) -> bool:
        """Whether what is in the braces stands on lines of its own."""
        if not box.children:
            return box is self._root or "\n" in self.text.strip()
        first = box.children[0][0] or box.children[0][1]
        return "\n" in self.text[box.start : first.start]

    def _added(self, box: Span, key: str | int, value: Any) -> str:
        """A key or item behind the last one of a collection that has some."""
        if isinstance(key, int) and key != len(box.children):
            raise Blocked(0, f"a list of {len(box.children)}")
        if box.flow or self._json:
            return self._added_in_braces(box, key, value)
        last_key, last = box.children[-1]
        if last_key is not None:
            lines = self._layout.entries({str(key): value}, column(self.text, box.children[0][0].start))  # type: ignore[union-attr]
        else:
            lines = self._layout.items([value], column(self.text, self._dash(box, last)))
        return _below(self.text, self._end(last), lines)

    def _added_in_braces(self, box: Span, key: str | int, value: Any) -> str:
        text, (last_key, last) = self.text, box.children[-1]
        first = (last_key or last).start
        pad = text[_line_start(text, first) : first]
        item = self._layout.flow(value, pad if self._spread(box) else None)
        if isinstance(key, str):
            item = f"{self._layout.name(key)}: {item}"
        end = last.end
        if pad.strip() or not self._spread(box):
            return f"{text[:end]}, {item}{text[end:]}"
        stop = _line_end(text, end)
        rest = text[end:stop]
        if not _CLOSED.match(rest):
            return f"{text[:end]},\n{pad}{item}{text[end:]}"
        if rest.lstrip().startswith(","):
            return f"{text[:stop]}\n{pad}{item},{text[stop:]}"
        return f"{text[:end]},{rest}\n{pad}{item}{text[stop:]}"

    def remove(self, keys: Keys, *, prune: bool, headed: bool = False) -> str:
        """The text without what is at `keys`, and with `prune` without the maps that are empty then.

        With `headed` the comment right above it goes, too.
        """
        if self._root is None:
            return self.text
        slots, missing = self._walk(keys)
        if missing:
            return self.text
        while len(slots[-1].box.children) == 1:
            if len(slots) == 1:
                return self._without_root()
            if not prune:
                return self._replaced(slots[-2], {} if slots[-1].box.kind == "map" else [])
            slots.pop()
        slot = slots[-1]
        return self._without_flow(slot) if slot.box.flow or self._json else self._without(slot, headed)

    def _without_root(self) -> str:
        assert self._root is not None
        if self._root.flow:
            empty = "{}" if self._root.kind == "map" else "[]"
            return self.text[: self._root.start] + empty + self.text[self._root.end :]
        return _without_lines(self.text, self._root.start, self._end(self._root))

    def _without_flow(self, slot: _Slot) -> str:
        text, pairs = self.text, slot.box.children
        index = next(at for at, pair in enumerate(pairs) if pair[1] is slot.value)
        start = (slot.key or slot.value).start
        if index + 1 < len(pairs):
            following = pairs[index + 1]
            return text[:start] + text[(following[0] or following[1]).start :]
        return text[: pairs[index - 1][1].end] + text[slot.value.end :]

    def _without(self, slot: _Slot, headed: bool) -> str:
        text, end = self.text, self._end(slot.value)
        start = slot.key.start if slot.key is not None else slot.after - 1
        if not slot.key:
            start = self._dash(slot.box, slot.value)
        line = _line_start(text, start)
        if not text[line:start].strip():
            first = _heading(text, start, end) if headed else start
            return _without_lines(text, first, max(end, start))
        # It stands behind a dash: the next one takes its place, or, below a comment, keeps its own.
        pairs = slot.box.children
        following = pairs[1][0].start if pairs[1][0] is not None else self._dash(slot.box, pairs[1][1])
        if not text[end:following].strip():
            return text[:start] + text[following:]
        return text[:start].rstrip(" ") + text[_line_end(text, end) :]


def _nested(keys: Keys, value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value} if isinstance(key, str) else [value]
    return value


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, max(offset, 0)) + 1


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found


def _heading(text: str, start: int, end: int) -> int:
    """Where the comment of the entry from `start` to `end` begins; `start` where it has none."""
    line = top = _line_start(text, start)
    pad = text[line:start]
    while top and text.startswith(f"{pad}#", _line_start(text, top - 1)):
        top = _line_start(text, top - 1)
    following = text[_line_end(text, end) + 1 :].partition("\n")[0]
    apart = top == 0 or not text[_line_start(text, top - 1) : top].strip()
    shared = following.startswith(pad) and following[len(pad) : len(pad) + 1] not in ("", "#", " ")
    # Below an empty line it may be the heading of all the entries that follow.
    return start if top == line or (apart and shared) else top


def _indent(text: str, offset: int) -> str:
    start = _line_start(text, offset)
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _below(text: str, offset: int, lines: Sequence[str]) -> str:
    """The lines put in below the line of `offset`."""
    added = "\n".join(lines)
    if text[:offset].endswith("\n"):
        return f"{text[:offset]}{added}\n{text[offset:]}"
    stop = _line_end(text, offset)
    return f"{text[:stop]}\n{added}{text[stop:]}"


def _without_lines(text: str, start: int, end: int) -> str:
    """The text without the whole lines from `start` to `end`; it ends in a line break only if it did."""
    begin = _line_start(text, start)
    stop = end if text[:end].endswith("\n") and end > start else _line_end(text, end) + 1
    if stop > len(text):
        return text[:begin].removesuffix("\n")
    return text[:begin] + text[stop:]
