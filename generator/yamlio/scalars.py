"""What an unquoted YAML scalar or a tagged one means to kubectl, helm and Flux (the go-yaml reader)."""

from __future__ import annotations

import base64
import re
from typing import Any

# Beyond this many digits Python itself declines to convert (its default limit against slow conversions).
MAX_DIGITS = 4300

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+\Z")
_PREFIXED = re.compile(r"([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]([0-7]+))\Z")
_SIGNED_BINARY = re.compile(r"0b([-+][01]+)\Z")
_OCTAL = re.compile(r"[-+]?0[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_POINT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_INFINITE = (float("inf"), float("-inf"))
_STANDARD = "tag:yaml.org,2002:"
KNOWN_TAGS = "!!str !!int !!float !!bool !!null !!map !!seq !!binary"


class _Resolved(dict[str, Any]):
    """Texts and what they mean: the same few thousand texts make up megabytes of manifests."""

    def __missing__(self, text: str) -> Any:
        value = _resolve(text)
        if len(text) <= 64:
            if len(self) >= 16384:
                self.clear()
            self[text] = value
        return value


RESOLVED = _Resolved()


def _resolve(text: str) -> Any:
    """The value of an unquoted `text`; ValueError for an integer with more digits than Python converts."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return _float(text.replace("_", ""), text) if _POINT_FLOAT.match(text) else text
    if first in "+-0123456789":
        return _number(text)
    return text


def _number(text: str) -> Any:
    plain = text.replace("_", "")
    if _DECIMAL.match(plain):
        return _integer(plain)
    prefixed = _PREFIXED.match(plain)
    if prefixed:
        sign, hexadecimal, binary, octal = prefixed.groups()
        digits, base = next((d, b) for d, b in ((hexadecimal, 16), (binary, 2), (octal, 8)) if d)
        # go-yaml has 64 bits for these, and keeps what does not fit as text.
        number = int(sign + digits, base)
        return number if _fits(number) else text
    if _FLOAT.match(plain):
        return _float(plain, text)
    signed = _SIGNED_BINARY.match(plain)
    if signed and -(2**63) <= (number := int(signed[1], 2)) < 2**63:
        return number
    return text


def _integer(plain: str) -> int:
    if _OCTAL.match(plain):
        number = int(plain, 8)
        if _fits(number):
            return number
    if len(plain) > MAX_DIGITS:
        raise ValueError("an integer of more than 4,300 digits")
    return int(plain)


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**64


def _float(plain: str, text: str) -> float | str:
    number = float(plain)
    # go-yaml keeps as text what overflows.
    return text if number in _INFINITE else number


def short_tag(tag: str) -> str:
    """`tag` as users write it."""
    return "!!" + tag[len(_STANDARD) :] if tag.startswith(_STANDARD) else tag


def tagged(tag: str, text: str) -> Any:
    """The value of the scalar `text` with an explicit `tag`; ValueError says what does not fit."""
    name = short_tag(tag)
    if name in ("!", "!!str"):
        return text
    if name == "!!binary":
        return _binary(text)
    if name not in ("!!int", "!!float", "!!bool", "!!null"):
        raise ValueError(f"unknown tag {name}")
    value = RESOLVED[text]
    if name == "!!float" and type(value) is int:
        value = _as_float(value)
    expected = {"!!int": int, "!!float": float, "!!bool": bool, "!!null": type(None)}[name]
    if type(value) is not expected:
        raise ValueError(f"'{_short(text)}' is no {name}")
    return value


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError("the number is too large for a !!float") from None


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("!!binary data that is not UTF-8 text") from None
    except ValueError:
        raise ValueError("!!binary data that is not base64") from None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
