"""Turns the definition of another tool into weft's own: what changes in its files, and what that does."""

from __future__ import annotations

from generator.convert.compared import Difference, compared
from generator.convert.environments import Passes, passes, stems
from generator.convert.fabrikate import Conversion, convert, readable
from generator.convert.tree import written

__all__ = [
    "Conversion",
    "Difference",
    "Passes",
    "compared",
    "convert",
    "passes",
    "readable",
    "stems",
    "written",
]
