"""Writes and edits a user's own files: new repositories, references, config; and searches them."""

from __future__ import annotations

from generator.author.config import set_values
from generator.author.keys import assignment, leaves, unfit
from generator.author.places import tree
from generator.author.references import add, remove
from generator.author.scaffold import Made, scaffold
from generator.author.search import Found, search

__all__ = [
    "Found",
    "Made",
    "add",
    "assignment",
    "leaves",
    "remove",
    "scaffold",
    "search",
    "set_values",
    "tree",
    "unfit",
]
