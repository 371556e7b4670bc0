"""Finds where the fields of rendered objects come from: what a renderer may know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from generator.model.document import Document, Path, Places, Position
from generator.model.unit import Unit
from generator.render.base import Run


@runtime_checkable
class Locator(Protocol):
    """A renderer that knows more of an object's fields than the file that the object comes from."""

    def locate(self, unit: Unit, run: Run) -> Sequence[Places]:
        """For each object, in the order of `render`, where its fields stand."""


class Below:
    """The part of a document at a path, such as an object in a List."""

    def __init__(self, document: Document, path: Path) -> None:
        self._document = document
        self._path = path

    def where(self, *path: str | int) -> Position:
        """The position of the field at `path`, or of the nearest part around it that has one."""
        return self._document.where(*self._path, *path)
