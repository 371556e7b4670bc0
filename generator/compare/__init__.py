"""Compares two sets of manifest files object by object; pure, and shows no Secret's content."""

from __future__ import annotations

from generator.compare.changes import ABSENT, SENSITIVE, Comparison, FieldChange, Kind, ObjectChange
from generator.compare.fields import field_changes
from generator.compare.groups import Group, grouped
from generator.compare.markdown import Report, Row, markdown
from generator.compare.objects import compare
from generator.compare.review import group_lines, heading
from generator.compare.words import KINDS, beside, field_line, headline, lines, one_line, totals

__all__ = [
    "ABSENT",
    "KINDS",
    "SENSITIVE",
    "Comparison",
    "FieldChange",
    "Group",
    "Kind",
    "ObjectChange",
    "Report",
    "Row",
    "beside",
    "compare",
    "field_changes",
    "field_line",
    "group_lines",
    "grouped",
    "heading",
    "headline",
    "lines",
    "markdown",
    "one_line",
    "totals",
]
