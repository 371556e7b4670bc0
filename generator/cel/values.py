"""Values of the types that Kubernetes adds to CEL, as the maps that carry them through the library."""

from __future__ import annotations

import datetime
from typing import Any

# The library hands no objects of ours through an expression, so that a quantity or an address is a map.
_TYPE = "@type"

NO_OVERLOAD = "no such overload"


def tagged(kind: str, value: Any) -> dict[str, Any]:
    """`value` as the CEL value of the type `kind`; equal values must be equal data."""
    return {_TYPE: kind, "value": value}


def kind_of(value: Any) -> str:
    """The name of a value's added type, or the empty string."""
    return str(value.get(_TYPE, "")) if isinstance(value, dict) else ""


def untagged(value: Any, kind: str) -> Any:
    """What `value` carries. Raises ValueError where it is not of the type `kind`."""
    if kind_of(value) != kind:
        raise ValueError(NO_OVERLOAD)
    return value["value"]


def _family(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return type(value).__name__


def same(left: Any, right: Any) -> bool:
    """Whether CEL holds two values for equal: numbers of any type, and never a bool and a number."""
    if _family(left) != _family(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    return bool(left == right)


def ordered(left: Any, right: Any) -> int:
    """-1, 0 or 1. Raises ValueError for values that CEL does not order."""
    comparable = isinstance(
        left, (bool, int, float, str, bytes, bytearray, datetime.date, datetime.timedelta)
    )
    if not comparable or _family(left) != _family(right):
        raise ValueError(NO_OVERLOAD)
    return int(left > right) - int(left < right)
