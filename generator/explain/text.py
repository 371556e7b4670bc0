"""Explanations as text for a terminal: the value first, then each place that speaks, in columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from generator.explain.annotate import MADE, Annotated
from generator.explain.record import ABSENT, HIDDEN, Behind, Candidate, Explanation, FieldExplanation

_LONGEST = 60
_RELATIONS = {
    "value": "the value stands in it",
    "computed": "the template computes it from this",
    "presence": "the object is there for it, or not",
}


def key_lines(explanation: Explanation) -> Iterator[str]:
    """Why a key has its value."""
    where = f"{explanation.component} in {explanation.environment}"
    value = explanation.value
    if isinstance(value, (dict, list)) and value and len(_value(value, whole=True)) > _LONGEST:
        yield f"{explanation.key} of {where}:"
        yield from (f"  {line}" for line in Annotated("", value, explanation.leaves).body())
    else:
        yield f"{explanation.key} of {where}: {_value(value, whole=True)}"
    yield from _below(explanation)


def field_lines(explanation: FieldExplanation) -> Iterator[str]:
    """Why a field has its value."""
    value = _value(explanation.value, whole=not isinstance(explanation.value, (dict, list)))
    yield f"{explanation.field} of {explanation.object} in {explanation.environment}: {value}"
    line = f"  {one_line(explanation.line)}" if explanation.line else ""
    yield f"  from {explanation.place}{line}" if explanation.place else f"  {MADE}"
    for note in explanation.notes:
        yield f"  note: {note}"
    for item in explanation.behind:
        yield from _behind(item)


def _behind(item: Behind) -> Iterator[str]:
    explanation = item.explanation
    yield ""
    yield (
        f"{explanation.key} of {explanation.component}: {_value(explanation.value)}"
        f"  ({_RELATIONS[item.relation]})"
    )
    yield from _below(explanation)


def _below(explanation: Explanation) -> Iterator[str]:
    yield from _table(explanation.candidates)
    if explanation.references and explanation.written is not ABSENT:
        yield f"  written as {_value(explanation.written)}"
    for reference in explanation.references:
        at = f" at {reference.place}" if reference.place else ""
        yield f"  ${{{reference.name}}} is {_value(reference.value)}{at}"
    if not explanation.candidates:
        yield "  nothing says anything of it"
    for note in explanation.notes:
        yield f"  note: {note}"


def _table(candidates: Sequence[Candidate]) -> Iterator[str]:
    rows = [(item.fate, str(item.place), _value(item.value), item.source, item.reason) for item in candidates]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield f"  {head}  {row[3]}" + (f"; {row[4]}" if row[4] else "")


def _value(value: Any, *, whole: bool = False) -> str:
    """A value on one line, as JSON where it is no word; cut where it is long, unless `whole`."""
    if value is ABSENT:
        return "(nothing)"
    if value == HIDDEN:
        return HIDDEN
    plain = isinstance(value, str) and value.isprintable() and value.strip() == value and value != ""
    text = one_line(value) if plain else one_line(json.dumps(value, ensure_ascii=False, default=str))
    return text if whole or len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def one_line(value: object) -> str:
    """`value` as text that brings no line of its own and no command to a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
