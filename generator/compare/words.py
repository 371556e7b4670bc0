"""A comparison in words: a line for each object and field, the totals, and the subject of a commit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from generator.compare.changes import ABSENT, SENSITIVE, Comparison, FieldChange, Kind, ObjectChange
from generator.model.output import INVENTORY, KUSTOMIZATION

SIGNS: dict[Kind, str] = {"added": "+", "changed": "~", "moved": ">", "deleted": "-"}
KINDS: Sequence[Kind] = ("changed", "moved", "added", "deleted")
_LONGEST_VALUE = 100
_LONGEST_SUBJECT = 72


def lines(comparison: Comparison) -> Iterator[str]:
    """Each object with a sign (+ added, ~ changed, > moved, - deleted), and below it its fields."""
    for item in comparison.objects:
        moved = f" (moved from {item.previous} to {item.file})" if item.previous else ""
        yield f"{SIGNS[item.kind]} {one_line(item.identity)}{moved}"
        for change in item.fields:
            yield f"    {field_line(change)}"
    for file in beside(comparison):
        yield f"~ file {one_line(file)} (no object in it differs)"


def beside(comparison: Comparison) -> Sequence[str]:
    """The files that differ although no object in them does."""
    if not comparison.objects:
        return comparison.files
    # These follow the objects that come and go.
    follow = (INVENTORY, KUSTOMIZATION)
    return [file for file in comparison.files if file.rpartition("/")[2] not in follow]


def totals(comparison: Comparison) -> str:
    """`3 objects changed, 1 added`, or `No changes`."""
    parts: list[str] = []
    for kind in KINDS:
        number = comparison.count(kind)
        if number:
            noun = "" if parts else " object" if number == 1 else " objects"
            parts.append(f"{number}{noun} {kind}")
    if not parts and comparison.files:
        number = len(comparison.files)
        return f"no object differs, {number} file{'' if number == 1 else 's'} changed"
    return ", ".join(parts) or "No changes"


def headline(environment: str, comparison: Comparison) -> str:
    """What changed as the subject of a commit: `prod-east: simple-service image 1.4 to 1.5`."""
    said = [*_image(comparison.objects), *_single(comparison.objects), totals(comparison)]
    subjects = [f"{environment}: {one_line(text)}" for text in said]
    return next((subject for subject in subjects if len(subject) <= _LONGEST_SUBJECT), subjects[-1])


def field_line(change: FieldChange) -> str:
    """One field that differs, with what it was and what it is."""
    if change.old == change.new == SENSITIVE:
        return f"{change.path}: {SENSITIVE} changed"
    if change.old is ABSENT:
        return f"{change.path}: added {_shown(change.new)}"
    if change.new is ABSENT:
        return f"{change.path}: removed {_shown(change.old)}"
    return f"{change.path}: {_shown(change.old)} -> {_shown(change.new)}"


def _shown(value: Any) -> str:
    # As JSON, nothing that stands in a value can reach the terminal or pass for a line of its own.
    text = value if value == SENSITIVE else json.dumps(value, ensure_ascii=False)
    text = one_line(text)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def one_line(value: object) -> str:
    """`value` as text that brings no line of its own and no command to a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))


def _image(objects: Sequence[ObjectChange]) -> Iterator[str]:
    """The one image that moved from one tag to another, where that is all that changed."""
    moves = set()
    for item in objects:
        if item.kind != "changed" or item.previous:
            return
        for change in item.fields:
            old, new = _image_parts(change, 0), _image_parts(change, 1)
            if old is None or new is None or old[0] != new[0]:
                return
            moves.add((old[0], old[1], new[1]))
    if len(moves) == 1:
        repository, before, after = moves.pop()
        name = objects[0].identity.name if len(objects) == 1 else repository.rpartition("/")[2]
        yield f"{name} image {before} to {after}"


def _image_parts(change: FieldChange, side: int) -> tuple[str, str] | None:
    """Repository and tag of the image on a side of a change, or None where the change is no image's."""
    value = (change.old, change.new)[side]
    if not change.path.endswith("].image") or not isinstance(value, str):
        return None
    repository, colon, tag = value.partition("@")[0].rpartition(":")
    return (repository, tag) if colon and tag and "/" not in tag and "@" not in value else None


def _single(objects: Sequence[ObjectChange]) -> Iterator[str]:
    """The one object that changed, first with its field where it is one."""
    if len(objects) != 1:
        return
    item = objects[0]
    subject = f"{item.identity.kind} {item.identity.name}"
    if item.kind == "changed" and len(item.fields) == 1 and not item.previous:
        change = item.fields[0]
        if _tellable(change.old) and _tellable(change.new) and not change.path.endswith("]"):
            field = change.path.rpartition(".")[2]
            yield f"{subject} {field} {_plain(change.old)} to {_plain(change.new)}"
    yield f"{subject} {item.kind}"


def _tellable(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and value not in (SENSITIVE, "")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
