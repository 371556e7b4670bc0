"""Kubernetes' quantities in CEL: `quantity('500Mi').isLessThan(quantity('1Gi'))`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from generator.cel.values import tagged, untagged

KIND = "quantity"

_NUMBER = re.compile(
    r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?[0-9]+))", re.ASCII
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_NANO = 10**9
_INT64 = 2**63
# An exponent beyond this is far outside what a quantity can be, and would only cost memory.
_MAX_EXPONENT = 1000


def parse(text: str) -> dict[str, Any]:
    """The quantity that `text` says. Raises ValueError."""
    return tagged(KIND, str(_nanos(text)))


def is_quantity(text: str) -> bool:
    """Whether `text` is a quantity."""
    try:
        _nanos(text)
    except ValueError:
        return False
    return True


def _nanos(text: str) -> int:
    """Billionths, the finest that a quantity knows; what is finer is rounded away from zero."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("quantities must match the form 1, 1.5, 500m, 2k, 1Gi or 1e3")
    sign, digits, suffix, exponent = match.groups()
    value = Fraction(digits.rstrip(".") if digits != "." else "0")
    if exponent is not None:
        power = int(exponent) if len(exponent) < 6 else _MAX_EXPONENT + 1
        if abs(power) > _MAX_EXPONENT:
            raise ValueError("the exponent of the quantity is out of range")
        value *= Fraction(10) ** power
    elif suffix in _BINARY:
        value *= 2 ** _BINARY[suffix]
    else:
        value *= Fraction(10) ** _DECIMAL[suffix or ""]
    nanos = -(-(value * _NANO).numerator // (value * _NANO).denominator)
    return -nanos if sign == "-" else nanos


def _of(value: Any) -> int:
    return int(untagged(value, KIND))


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    one, other = _of(left), _of(right)
    return (one > other) - (one < other)


def _operand(value: Any) -> int:
    return value * _NANO if isinstance(value, int) else _of(value)


def add(left: Any, right: Any) -> dict[str, Any]:
    """The sum of a quantity and a quantity or an int."""
    return tagged(KIND, str(_of(left) + _operand(right)))


def subtract(left: Any, right: Any) -> dict[str, Any]:
    """The difference of a quantity and a quantity or an int."""
    return tagged(KIND, str(_of(left) - _operand(right)))


def sign(value: Any) -> int:
    """-1, 0 or 1."""
    nanos = _of(value)
    return (nanos > 0) - (nanos < 0)


def is_integer(value: Any) -> bool:
    """Whether `as_integer` gives a number."""
    whole, rest = divmod(_of(value), _NANO)
    return rest == 0 and -_INT64 <= whole < _INT64


def as_integer(value: Any) -> int:
    """The quantity as an int. Raises ValueError where it is none."""
    if not is_integer(value):
        raise ValueError("cannot convert value to integer")
    return _of(value) // _NANO


def as_float(value: Any) -> float:
    """The quantity as a double, rounded."""
    return _of(value) / _NANO
