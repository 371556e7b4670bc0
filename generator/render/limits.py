"""What a template may cost: loop steps, sizes of strings and numbers, output. Exceeding it is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

MAX_STEPS = 1_000_000
MAX_TEXT = 16 * 1024 * 1024
MAX_WIDTH = 10_000
MAX_BITS = 4096
_TEXT = f"{MAX_TEXT // (1024 * 1024)} MiB"

# Methods and filters that make a string as long as a number says.
_WIDE_METHODS = frozenset(("center", "ljust", "rjust", "zfill", "expandtabs"))
WIDE_FILTERS = ("center", "indent", "batch", "slice", "wordwrap", "tojson")
_NESTED_WIDTH = re.compile(r"\{[^{}]*\{")


class LimitExceeded(Exception):
    """A template costs more than it may."""


class Budget:
    """What one rendering has used up."""

    def __init__(self) -> None:
        self.steps = 0

    def spend(self, steps: int) -> None:
        """Counts loop steps or calls; raises LimitExceeded beyond the limit."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise LimitExceeded(f"the template takes more than {MAX_STEPS:,} loop steps")

    def counted(self, iterable: Any) -> Any:
        """`iterable` with its steps counted: at once where its length is known."""
        if isinstance(iterable, (list, tuple, dict, str, range, set)):
            self.spend(len(iterable))
            return iterable
        return self._each(iterable) if isinstance(iterable, Iterable) else iterable

    def _each(self, iterable: Iterable[Any]) -> Iterator[Any]:
        for item in iterable:
            self.spend(1)
            yield item


def sized(value: Any) -> Any:
    """`value`; raises LimitExceeded where it is a text or a list beyond the limit."""
    if isinstance(value, (str, bytes, list, tuple)) and len(value) > MAX_TEXT:
        raise LimitExceeded(f"the template makes a value of more than {_TEXT}")
    return value


def binary(operator: str, left: Any, right: Any) -> None:
    """Raises LimitExceeded before `left operator right` would grow beyond the limits."""
    if operator == "*":
        for sequence, times in ((left, right), (right, left)):
            repeated = isinstance(sequence, (str, bytes, list, tuple)) and isinstance(times, int)
            if repeated and len(sequence) * times > MAX_TEXT:
                raise LimitExceeded(f"`*` would make a value of more than {_TEXT}")
        _bits(left, right, lambda a, b: a + b, "*")
    elif operator == "**":
        _bits(left, right, lambda a, b: a * max(abs(right), 1), "**")
    elif operator == "+":
        joined = isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple))
        if joined and len(left) + len(right) > MAX_TEXT:
            raise LimitExceeded(f"`+` would make a value of more than {_TEXT}")
    elif operator == "%" and isinstance(left, str):
        formatted(left, right if isinstance(right, tuple) else (right,))


def _bits(left: Any, right: Any, size: Callable[[int, int], int], operator: str) -> None:
    whole = isinstance(left, int) and isinstance(right, int)
    if whole and size(left.bit_length(), right.bit_length()) > MAX_BITS:
        raise LimitExceeded(f"`{operator}` would make a number of more than {MAX_BITS} bits")


def formatted(pattern: str, values: Iterable[Any]) -> None:
    """Raises LimitExceeded where a format asks for a width beyond the limit, itself or through its values."""
    if "*" in pattern or _NESTED_WIDTH.search(pattern):
        widths(values)
    digits = ""
    for character in f"{pattern} ":
        if character.isdigit():
            digits += character
            continue
        if len(digits) > len(str(MAX_WIDTH)) and int(digits[:20]) > MAX_WIDTH:
            raise LimitExceeded(f"a format asks for a width of more than {MAX_WIDTH:,}")
        digits = ""


def call(function: Any, arguments: Iterable[Any], keywords: Mapping[str, Any]) -> None:
    """Raises LimitExceeded before a string method would make text as wide as a large number says."""
    receiver = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if not isinstance(receiver, str):
        return
    values = [*arguments, *keywords.values()]
    if name in _WIDE_METHODS:
        widths(values)
    elif name in ("format", "format_map"):
        formatted(receiver, values)
    elif name == "join" and values:
        total = sum(len(item) for item in values[0]) if isinstance(values[0], (list, tuple)) else 0
        count = len(values[0]) if isinstance(values[0], (list, tuple, str)) else 0
        if total + len(receiver) * count > MAX_TEXT:
            raise LimitExceeded(f"`join` would make a value of more than {_TEXT}")
    elif name == "replace" and len(values) >= 2 and all(isinstance(item, str) for item in values[:2]):
        hits = receiver.count(values[0]) if values[0] else len(receiver) + 1
        if len(receiver) + hits * len(values[1]) > MAX_TEXT:
            raise LimitExceeded(f"`replace` would make a value of more than {_TEXT}")


def widths(values: Iterable[Any]) -> None:
    """Raises LimitExceeded for a whole number beyond the widest width."""
    if any(isinstance(value, int) and abs(value) > MAX_WIDTH for value in values):
        raise LimitExceeded(f"a width or count of more than {MAX_WIDTH:,}")
