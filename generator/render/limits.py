"""What a template may cost: loop steps, sizes of strings and numbers, output. Exceeding it is an error."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

MAX_STEPS = 1_000_000
MAX_TEXT = 16 * 1024 * 1024
MAX_WIDTH = 10_000
MAX_BITS = 4096
# All text that one rendering makes, its intermediate steps included; pieces below MAX_TEXT add up.
MAX_MADE = 256 * 1024 * 1024
# A call costs more than a turn of a loop.
CALL_STEPS = 10
_TEXT = f"{MAX_TEXT // (1024 * 1024)} MiB"

# Methods that make a string as long as a number says.
_WIDE_METHODS = frozenset(("center", "ljust", "rjust", "zfill", "expandtabs"))
_NESTED_WIDTH = re.compile(r"\{[^{}]*\{")


class LimitExceeded(Exception):
    """A template costs more than it may."""


class Budget:
    """What one rendering has used up."""

    def __init__(self) -> None:
        self.steps = 0
        self.made = 0
        self.printed = 0

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

    def sized(self, value: Any) -> Any:
        """`value`, counted; raises LimitExceeded where it, or all that was made, is beyond the limit."""
        if isinstance(value, (str, bytes, list, tuple)):
            if len(value) > MAX_TEXT:
                raise LimitExceeded(f"the template makes a value of more than {_TEXT}")
            self.made += len(value)
            if self.made > MAX_MADE:
                raise LimitExceeded(f"the template makes more than {MAX_MADE // (1024 * 1024)} MiB of values")
        return value

    def output(self, value: Any) -> Any:
        """`value` as it goes into the output, counted; raises as `text` does, and beyond the limit."""
        if not isinstance(value, str):
            value = text(value)
        self.printed += len(value)
        if self.printed > MAX_TEXT:
            raise LimitExceeded(f"the template writes more than {_TEXT}")
        return value

    def joined(self, values: Iterable[Any]) -> str:
        """The texts of `values` in a row; raises as `text` does, and beyond the limit."""
        parts = [text(value) for value in values]
        if sum(map(len, parts)) > MAX_TEXT:
            raise LimitExceeded(f"`~` would make a value of more than {_TEXT}")
        return str(self.sized("".join(parts)))


def text(value: Any) -> str:
    """`value` as text; raises TypeError for what prints as an address, LimitExceeded beyond the limit."""
    if not isinstance(value, (str, int, float, list, tuple, dict)) and value is not None:
        # What is missing says so itself.
        str(value)
        hint = ": add `| list`" if isinstance(value, Iterator) else ": call it" if callable(value) else ""
        raise TypeError(f"a {type(value).__name__} is no text{hint}")
    weighed(value)
    return str(value)


def weighed(value: Any) -> Any:
    """`value`; raises LimitExceeded where its text, each shared part as often as it is there, is too long."""
    if not isinstance(value, (list, tuple, dict)):
        return value
    weight = 0
    pending: list[Iterator[Any]] = [iter((value,))]
    while pending:
        for item in pending[-1]:
            weight += len(item) + 1 if isinstance(item, (str, bytes)) else 1
            if weight > MAX_TEXT:
                raise LimitExceeded(f"the template makes a text of more than {_TEXT}")
            if isinstance(item, dict):
                pending.append(itertools.chain(item, item.values()))
                break
            if isinstance(item, (list, tuple)):
                pending.append(iter(item))
                break
        else:
            pending.pop()
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
    values = list(values)
    if "*" in pattern or _NESTED_WIDTH.search(pattern):
        widths(values)
    fields = pattern.count("%") + pattern.count("{")
    longest = max((len(text(item)) for item in _leaves(values)), default=0)
    if len(pattern) + fields * longest > MAX_TEXT:
        raise LimitExceeded(f"a format would make a value of more than {_TEXT}")
    digits = ""
    for character in f"{pattern} ":
        if character.isdigit():
            digits += character
            continue
        if len(digits) > len(str(MAX_WIDTH)) and int(digits[:20]) > MAX_WIDTH:
            raise LimitExceeded(f"a format asks for a width of more than {MAX_WIDTH:,}")
        digits = ""


def _leaves(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from value.values() if isinstance(value, Mapping) else (value,)


def call(function: Any, arguments: Iterable[Any], keywords: Mapping[str, Any]) -> None:
    """Raises LimitExceeded before a string method would make text as wide as a large number says."""
    # The sandbox wraps `format`.
    function = getattr(function, "__wrapped__", function)
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
        total = sum(map(len, map(text, values[0]))) if isinstance(values[0], (list, tuple)) else 0
        count = len(values[0]) if isinstance(values[0], (list, tuple, str)) else 0
        if total + len(receiver) * count > MAX_TEXT:
            raise LimitExceeded(f"`join` would make a value of more than {_TEXT}")
    elif name == "replace" and len(values) >= 2:
        replaced(receiver, *values[:2])


def replaced(whole: Any, old: Any, new: Any) -> None:
    """Raises LimitExceeded before a replacement would make a text beyond the limit."""
    if not all(isinstance(item, str) for item in (whole, old, new)):
        return
    hits = whole.count(old) if old else len(whole) + 1
    if len(whole) + hits * len(new) > MAX_TEXT:
        raise LimitExceeded(f"`replace` would make a value of more than {_TEXT}")


def repeated(piece: str, times: int, name: str) -> None:
    """Raises LimitExceeded before `piece`, as often as `times` says, would be beyond the limit."""
    if len(piece) * times > MAX_TEXT:
        raise LimitExceeded(f"`{name}` would make a value of more than {_TEXT}")


def widths(values: Iterable[Any]) -> None:
    """Raises LimitExceeded for a whole number beyond the widest width."""
    if any(isinstance(value, int) and abs(value) > MAX_WIDTH for value in values):
        raise LimitExceeded(f"a width or count of more than {MAX_WIDTH:,}")
