"""Versions and ranges, beside what the library that helm is built with says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import semver

RECORDED: Any = json.loads((Path(__file__).parent / "data/semver.json").read_text())
VERSIONS = [semver.parse(text) for text in RECORDED["versions"]]


def test_what_is_no_version_is_refused() -> None:
    assert [text for text in RECORDED["invalid"] if semver.is_version(text)] == []


def test_versions_are_ordered_as_helm_orders_them() -> None:
    smaller = [sum(other.key < one.key for other in VERSIONS) for one in VERSIONS]
    assert smaller == RECORDED["order"]


def test_ranges_hold_what_they_hold_for_helm() -> None:
    wrong = {}
    for text, expected in RECORDED["ranges"].items():
        try:
            inside = semver.within(text)
            found = [index for index, version in enumerate(VERSIONS) if inside(version)]
        except ValueError:
            found = None
        if found != expected:
            wrong[text] = (expected, found)
    assert wrong == {}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("", "2.0.0"),
        ("^1.2", "1.10.0"),
        ("~1.2", "1.2.9"),
        (">=1 <2", "1.10.0"),
        ("1.2 - 1.4", "1.4.1"),
        ("1.x || 3.x", "1.10.0"),
        # The one that is written so comes before those that are inside the range.
        ("1.2", "1.2"),
        (">=1.2.1-0 <1.3", "1.2.9"),
        (">=2.0.0-0", "3.0.0-rc.1"),
        ("^4", None),
    ],
)
def test_the_best_is_the_one_written_so_else_the_newest(wanted: str, expected: str | None) -> None:
    there = ["1.2.0", "1.2", "1.2.9", "1.4.1", "1.10.0", "2.0.0", "3.0.0-rc.1", "nightly"]
    assert semver.best(there, wanted) == expected
    assert semver.best(reversed(there), wanted) == expected


@given(st.text(alphabet="0123456789.xX*v-+ ,|<>=~^!a\t", max_size=300))
def test_any_text_is_a_range_or_refused_at_once(text: str) -> None:
    try:
        inside = semver.within(text)
    except ValueError:
        return
    assert isinstance(inside(VERSIONS[0]), bool)


def test_a_range_that_never_ends_does_not_take_for_ever() -> None:
    for piece in ("1  ", "1 , ", ">=  1  ,  ", "1-a.", "^1 || "):
        with pytest.raises(ValueError, match="no version range"):
            semver.within(piece * (250 // len(piece)) + "!")
