"""The canonical YAML emitter: what it writes reads back the same in YAML 1.1 and in 1.2 readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from generator.yamlio.jsontext import MAX_KEY, atom, quoted

_RESERVED = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
# Words, paths, flags, images and addresses: no reader takes these for anything but text.
_WORDS = re.compile(
    r"(?:[A-Za-z]|/[A-Za-z0-9]|--[A-Za-z])"
    r"(?:[A-Za-z0-9_./@%+=,()&?;*!$~<>^|'\"\\-]|:(?=[^ ])| (?=[^ #]))*\Z"
)
# Quantities and durations; not 1E or 1e, which come too near to floats.
_QUANTITY = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:m|k|M|G|T|P|[KMGTPE]i|s|h|d|ms|us|ns|%)\Z")
_NOT_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")

# How texts and keys are written that were written before.
_TEXTS: dict[str, str] = {}
_HEADS: dict[str, str] = {}
_MOST_KEPT = 16384


def emit(value: Any) -> str:
    """`value` as one YAML document without `---`, with a line break at its end.

    Maps keep their order. Raises TypeError for anything but JSON data (keys are text), and
    ValueError for infinite numbers and unpaired surrogates.
    """
    if isinstance(value, str):
        return _text(value, "") + "\n"
    if not isinstance(value, (dict, list, tuple)):
        return atom(value) + "\n"
    if not value:
        return "{}\n" if isinstance(value, dict) else "[]\n"
    out: list[str] = []
    _write(value, out.append)
    out.append("")
    return "\n".join(out)


def emit_all(values: Iterable[Any]) -> str:
    """The documents one after the other, each behind a `---`; raises what `emit` raises."""
    return "".join(f"---\n{emit(value)}" for value in values)


def _children(value: Any) -> Iterator[Any]:
    return iter(value.items()) if isinstance(value, dict) else iter(value)


def _write(value: Any, line: Any) -> None:
    """Pass the lines of a collection that is not empty to `line`, without recursion."""
    # The rest of each open collection, its indentation, and whether it has keys.
    stack: list[tuple[Iterator[Any], str, bool]] = []
    pending, pad, keyed, lead = _children(value), "", isinstance(value, dict), ""
    heads, texts = _HEADS, _TEXTS
    while True:
        for item in pending:
            if keyed:
                key, item = item
                head = lead + (heads.get(key) or _head(key, pad))
            else:
                head = lead + "-"
            lead = pad
            # Nearly all are of these classes themselves, and to ask for the class costs least.
            kind = item.__class__
            if kind is str:
                line(f"{head} {texts.get(item) or _text(item, pad)}")
                continue
            if kind is not dict and kind is not list and not isinstance(item, (dict, list, tuple)):
                line(f"{head} {_text(item, pad) if isinstance(item, str) else atom(item)}")
                continue
            inner = kind is dict or isinstance(item, dict)
            if not item:
                line(head + (" {}" if inner else " []"))
                continue
            stack.append((pending, pad, keyed))
            if keyed:
                line(head)
                # Lists stand at the indentation of their key, as kubectl writes them.
                if inner:
                    pad += "  "
                lead = pad
            else:
                pad += "  "
                lead = head + " "
            pending, keyed = iter(item.items() if inner else item), inner
            break
        else:
            if not stack:
                return
            pending, pad, keyed = stack.pop()
            lead = pad


def _head(key: Any, pad: str) -> str:
    """A key and its colon; beyond the length that readers look for a colon, the explicit form."""
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is no text")
    text = _line(key)
    if len(text) > MAX_KEY:
        return f"? {text}\n{pad}:"
    return _kept(_HEADS, key, f"{text}:")


def _text(text: str, pad: str) -> str:
    """A text in its place below `pad`: a literal block where lines can be shown as they are."""
    if "\n" not in text:
        return _kept(_TEXTS, text, _line(text))
    if text[0] in "\n \t" or text.endswith("\n\n") or _NOT_IN_BLOCK.search(text):
        return quoted(text)
    body, mark = (text[:-1], "|") if text.endswith("\n") else (text, "|-")
    # Empty lines stay empty: there is nothing to indent.
    lines = (f"{pad}  {one}" if one else "" for one in body.split("\n"))
    return mark + "\n" + "\n".join(lines)


def _kept(known: dict[str, str], text: str, written: str) -> str:
    """`written`, kept where `text` is short: the same names and keys fill all the manifests of a run."""
    if len(text) < 100:
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[text] = written
    return written


def _line(text: str) -> str:
    if _WORDS.match(text):
        if text.lower() not in _RESERVED:
            return text
    elif _QUANTITY.match(text):
        return text
    return quoted(text)
