"""Writes the output tree: only what changed, only what weft owns, all of it or nothing; knows no git."""

from __future__ import annotations

from generator.write.tree import Changes, OutputTree

__all__ = ["Changes", "OutputTree"]
