"""JSON on one line that YAML 1.1 and 1.2 readers and JSON readers understand alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any

# Readers of YAML look no further than 1,024 characters for the ':' behind a key.
MAX_KEY = 1000

# YAML 1.1 takes some of these for line breaks, and refuses others; JSON allows all of them as they are.
UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def quoted(text: str) -> str:
    """`text` in double quotes; ValueError for an unpaired surrogate."""
    result = encode_basestring(text)
    if result.isascii() and "\x7f" not in result:
        return result
    if _SURROGATE.search(result):
        raise ValueError("an unpaired surrogate is no character")
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", result)


def number(value: float) -> str:
    """A finite float with a dot, without which YAML 1.1 reads `1e+16` as text."""
    text = float.__repr__(value)
    if "n" in text:
        raise ValueError(f"{text} is no JSON number")
    mantissa, sign, exponent = text.partition("e")
    return text if "." in mantissa else f"{mantissa}.0{sign}{exponent}"


def atom(value: Any) -> str:
    """Null, a boolean or a number; TypeError for anything that is not JSON data."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return number(value)
    raise TypeError(f"{type(value).__name__} is no JSON data")


def to_json(value: Any, *, sort_keys: bool = False) -> str:
    """`value` as JSON on one line that reads back unchanged as JSON and as YAML 1.1 and 1.2.

    Raises TypeError for anything but JSON data (keys are text), and ValueError for infinite
    numbers, unpaired surrogates and keys that take more than 1,000 characters, which no YAML reader
    takes inside braces.
    """
    if isinstance(value, str):
        return quoted(value)
    out: list[str] = []
    # The rest of each open collection, and what closes it.
    stack: list[tuple[Iterator[Any], str]] = []
    pending: Iterator[Any] = iter((value,))
    closing, lead = "", ""
    while True:
        for item in pending:
            if closing == "}":
                key, item = item
                lead += _key(key) + ": "
            if isinstance(item, str):
                out.append(lead + quoted(item))
            elif isinstance(item, (dict, list, tuple)):
                stack.append((pending, closing))
                keyed = isinstance(item, dict)
                out.append(lead + ("{" if keyed else "["))
                closing, lead = ("}" if keyed else "]"), ""
                if isinstance(item, dict):
                    pending = iter(sorted(item.items()) if sort_keys else item.items())
                else:
                    pending = iter(item)
                break
            else:
                out.append(lead + atom(item))
            lead = ", "
        else:
            out.append(closing)
            if not stack:
                return "".join(out)
            pending, closing = stack.pop()
            lead = ", "


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is no text")
    text = quoted(key)
    if len(text) > MAX_KEY:
        raise ValueError(f"a key of more than {MAX_KEY:,} characters: YAML readers refuse it inside braces")
    return text
