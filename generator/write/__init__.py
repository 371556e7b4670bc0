"""Writes the output tree: only what changed, only what weft owns, all of it or nothing; knows no git."""

from __future__ import annotations

from generator.model.output import Changes
from generator.write.tree import OutputTree

__all__ = ["Changes", "OutputTree"]
