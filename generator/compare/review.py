"""Groups of changes as lines that people read: headings, objects, and fields with texts line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.compare.changes import ABSENT, SENSITIVE, FieldChange, ObjectChange
from generator.compare.groups import Group, Varying
from generator.compare.words import SIGNS, one_line

_LONGEST_VALUE = 100
# What is shown of a long value before the first place that differs.
_LEAD = 20
# Comparing longer texts line by line takes too long.
_MOST_LINES = 2000

_CHECKSUM = re.compile(r"[0-9a-f]{32,128}")


def heading(group: Group, total: int) -> str:
    """The environments of a group; `total` is how many there are."""
    names = ", ".join(one_line(name) for name in group.environments)
    number = len(group.environments)
    if number == 1:
        return names
    return f"all {number} environments ({names})" if number == total else f"{number} environments ({names})"


def group_lines(group: Group) -> Iterator[str]:
    """One object and its fields; of several, the fields that change alike, then the objects."""
    sign = SIGNS[group.kind]
    fields = [line for field in group.fields for line in _field(field)]
    if len(group.objects) == 1 or not fields:
        for item in group.objects:
            yield f"{sign} {_object(item)}"
        yield from (f"    {line}" for line in fields)
        return
    yield f"{sign} {len(group.objects)} objects, each:"
    yield from (f"    {line}" for line in fields)
    yield from (f"  {_object(item)}" for item in group.objects)


def _object(change: ObjectChange) -> str:
    if not change.previous:
        return one_line(change.identity)
    return f"{one_line(change.identity)} (moved from {one_line(change.previous)} to {one_line(change.file)})"


def _field(field: FieldChange | Varying) -> Iterator[str]:
    if isinstance(field, FieldChange):
        yield from _change(field.path, field)
    elif all(_is_checksum(change) for change in field.changes.values()):
        yield f"{one_line(field.path)}: another checksum in each environment"
    else:
        yield f"{one_line(field.path)}: in each environment another"
        for name, change in field.changes.items():
            yield from (f"  {line}" for line in _change(name, change))


def _is_checksum(change: FieldChange) -> bool:
    """Whether it says nothing but that something else changed, which is told where it stands."""
    return all(isinstance(side, str) and _CHECKSUM.fullmatch(side) for side in (change.old, change.new))


def _change(title: str, change: FieldChange) -> Iterator[str]:
    path = one_line(title)
    old, new = change.old, change.new
    if old == new == SENSITIVE:
        yield f"{path}: {SENSITIVE} changed"
    elif old is ABSENT:
        yield f"{path}: added {_cut(_shown(new))}"
    elif new is ABSENT:
        yield f"{path}: removed {_cut(_shown(old))}"
    elif isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new):
        yield f"{path}:"
        yield from (f"  {line}" for line in _text_lines(old, new))
    else:
        before, after = _shown(old), _shown(new)
        start = _common(before, after) if max(len(before), len(after)) > _LONGEST_VALUE else 0
        yield f"{path}: {_cut(before, start)} -> {_cut(after, start)}"


def _text_lines(old: str, new: str) -> Iterator[str]:
    """The lines of two texts that differ, each with one that does not before and after it."""
    import difflib

    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > _MOST_LINES:
        yield f"{len(before)} lines -> {len(after)} lines"
        return
    # The first two lines would name files.
    for line in list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]:
        yield _cut(one_line(line))


def _shown(value: Any) -> str:
    # As JSON, nothing that stands in a value can reach the terminal or pass for a line of its own.
    return one_line(value if value == SENSITIVE else json.dumps(value, ensure_ascii=False))


def _cut(text: str, start: int = 0) -> str:
    """`text` from a little before `start`, and no longer than a line should be."""
    begin = max(0, start - _LEAD)
    shown = f"...{text[begin:]}" if begin else text
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[: _LONGEST_VALUE - 3]}..."


def _common(one: str, two: str) -> int:
    shorter: Sequence[int] = range(min(len(one), len(two)))
    return next((index for index in shorter if one[index] != two[index]), len(shorter))
