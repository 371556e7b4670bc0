"""Semantic versions in CEL: `semver('1.2.3').isLessThan(semver('2.0.0'))`."""

from __future__ import annotations

import re
from typing import Any

from generator.cel.values import tagged, untagged

KIND = "semver"

_NUMBER = r"(0|[1-9][0-9]*)"
_NAME = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_NAME}(?:\.{_NAME})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


def parse(text: str, normalize: bool = False) -> dict[str, Any]:
    """The version that `text` says; with `normalize` also `v1`, `1.2` and `01.1.1`. Raises ValueError."""
    match = _VERSION.fullmatch(_normal(text) if normalize else text)
    if match is None:
        raise ValueError("is no semantic version such as 1.2.3")
    major, minor, patch, before = match.groups()
    # Build metadata counts for nothing, neither for order nor for equality.
    return tagged(KIND, [int(major), int(minor), int(patch), before or ""])


def is_semver(text: str, normalize: bool = False) -> bool:
    """Whether `parse` accepts `text`."""
    try:
        parse(text, normalize)
    except ValueError:
        return False
    return True


def _normal(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    if len(parts) < 3:
        if not all(part.isdecimal() for part in parts):
            return text
        parts += ["0"] * (3 - len(parts))
    return ".".join(re.sub(r"^0+(?=[0-9])", "", part) for part in parts)


def part(index: int, value: Any) -> int:
    """The major, minor or patch number, by index."""
    return int(untagged(value, KIND)[index])


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    one, other = _key(untagged(left, KIND)), _key(untagged(right, KIND))
    return (one > other) - (one < other)


def _key(version: Any) -> tuple[Any, ...]:
    major, minor, patch, before = version
    # A version without a pre-release comes after those with one; numbers come before names.
    names = [(0, int(name), "") if name.isdecimal() else (1, 0, name) for name in before.split(".")]
    return (major, minor, patch, not before, names if before else [])
