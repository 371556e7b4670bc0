"""Compares two sets of manifest files object by object; pure, and shows no Secret's content."""

from __future__ import annotations

from generator.compare.changes import ABSENT, SENSITIVE, Comparison, FieldChange, Kind, ObjectChange
from generator.compare.fields import field_changes
from generator.compare.objects import compare
from generator.compare.words import headline, lines, one_line, totals

__all__ = [
    "ABSENT",
    "SENSITIVE",
    "Comparison",
    "FieldChange",
    "Kind",
    "ObjectChange",
    "compare",
    "field_changes",
    "headline",
    "lines",
    "one_line",
    "totals",
]
