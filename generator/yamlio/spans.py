"""Where each value of a file begins and ends, as offsets into its text: what editing in place goes by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.errors import DefinitionError

_TO_DASH = re.compile(r"(?:\s|#[^\n]*)*-")
_TO_COLON = re.compile(r"\s*:")
_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass
class Span:
    """One value: its kind, its text from `start` to `end`, and what it holds, each child with its key.

    The end of a block is that of its last child. `shared` says that an anchor or tag stands before it.
    """

    kind: str
    start: int
    end: int
    flow: bool = False
    style: str = ""
    text: str = ""
    shared: bool = False
    children: list[tuple[Span | None, Span]] = field(default_factory=list)

    def child(self, key: str | int) -> tuple[Span | None, Span] | None:
        """The child at `key` with the span of its key, or None."""
        if self.kind == "list":
            inside = isinstance(key, int) and 0 <= key < len(self.children)
            return self.children[int(key)] if inside else None
        return next((pair for pair in self.children if pair[0] is not None and pair[0].text == key), None)


def yaml_spans(text: str, file: str) -> Span | None:
    """The spans of the document that holds anything; None where no document does.

    Raises DefinitionError where ruamel's own parser stumbles over what libyaml reads.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        documents = list(_documents(YAML(typ="safe", pure=True).parse(text), text))
    except YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise DefinitionError(
            "weft cannot edit this file in place",
            file=file,
            line=None if line is None else line + 1,
            hint="edit it by hand",
        ) from None
    held = [root for root in documents if root.kind != "scalar" or root.end > root.start]
    return held[0] if held else None


def _documents(events: Iterator[Any], text: str) -> Iterator[Span]:
    """The root of each document, put together without recursion."""
    box = Span("list", 0, 0)
    stack: list[tuple[Span, list[Span]]] = []
    # The key that waits for its value, at most one a mapping.
    keys: list[Span] = []
    for event in events:
        name = type(event).__name__
        if name in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent"):
            continue
        if name == "DocumentEndEvent":
            yield box.children.pop()[1]
            continue
        if name in ("MappingEndEvent", "SequenceEndEvent"):
            done, waiting = box, keys
            box, keys = stack.pop()
            done.end = event.end_mark.index if done.flow else done.children[-1][1].end
            assert not waiting
            continue
        span = _span(event, name)
        if span.kind == "scalar" and span.start == span.end:
            _pull(text, box, keys, span)
        if box.kind == "map" and not keys:
            keys.append(span)
        else:
            box.children.append((keys.pop() if keys else None, span))
        if span.kind in ("map", "list"):
            stack.append((box, keys))
            box, keys = span, []


def _pull(text: str, box: Span, keys: list[Span], empty: Span) -> None:
    """Move a value of no characters, which the parser sees at the next token, behind its colon or dash."""
    if keys:
        found = _TO_COLON.match(text, keys[-1].end)
    else:
        found = _TO_DASH.match(text, box.children[-1][1].end if box.children else box.start)
    if found:
        empty.start = empty.end = found.end()


def _span(event: Any, name: str) -> Span:
    kinds = {
        "MappingStartEvent": "map",
        "SequenceStartEvent": "list",
        "AliasEvent": "alias",
        "ScalarEvent": "scalar",
    }
    shared = name != "AliasEvent" and (event.anchor is not None or event.ctag is not None)
    return Span(
        kinds[name],
        event.start_mark.index,
        event.end_mark.index,
        flow=bool(getattr(event, "flow_style", False)),
        style=getattr(event, "style", None) or "",
        text=getattr(event, "value", None) or "",
        shared=shared,
    )


def json_spans(text: str) -> Span | None:
    """The spans of a text that is known to be JSON; None where it is empty."""
    root = Span("list", 0, 0)
    box, stack, keys = root, [root][:0], [None][:0]
    key: Span | None = None
    for found in _JSON.finditer(text):
        word, start, end = found[0], found.start(), found.end()
        if word in "}]":
            box.end = end
            box, key = stack.pop(), keys.pop()
        elif word in ",:":
            continue
        elif box.kind == "map" and key is None:
            key = Span("scalar", start, end, flow=True, text=json.loads(word))
        else:
            kind = {"{": "map", "[": "list"}.get(word, "scalar")
            span = Span(kind, start, end, flow=True, style='"' if word[0] == '"' else "")
            box.children.append((key, span))
            key = None
            if kind != "scalar":
                stack.append(box)
                keys.append(None)
                box = span
    return root.children[0][1] if root.children else None
