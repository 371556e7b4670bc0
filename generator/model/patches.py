"""Patches as they are laid over objects: read, taken apart, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.model.document import Document, Path, Position
from generator.model.formats.patches import Target
from generator.model.manifest import mapping

PatchKind = Literal["strategic", "json6902", "merge"]


@dataclass(frozen=True, eq=False)
class PlacedPatch:
    """One patch and where it stands; equal only to itself, so that who lays it can count what it met.

    `content` is a map, or for `json6902` a list of operations. `place` is the entry under `patches`; the
    content stands in `document` at `prefix`. Of `text` in a config file only the lines are known.
    """

    kind: PatchKind
    content: Any
    place: Position
    target: Target | None = None
    document: Document | None = None
    prefix: Path = ()
    text: bool = False

    @property
    def described(self) -> Mapping[str, str]:
        """What the patch looks for, by word: the fields of its target, or what a patch says of itself."""
        if self.target is not None:
            words = {name: getattr(self.target, name) for name in _WORDS}
            return {_WORDS[name]: value for name, value in words.items() if value is not None}
        metadata = mapping(self.content, "metadata")
        found = {
            "apiVersion": self.content.get("apiVersion"),
            "kind": self.content.get("kind"),
            "namespace": metadata.get("namespace"),
            "name": metadata.get("name"),
        }
        return {word: str(value) for word, value in found.items() if value}

    def where(self, *path: str | int) -> Position:
        """The position of the part of the content at `path`, as near as it is known."""
        if self.document is None:
            return self.place
        place = self.document.where(*self.prefix, *path)
        return Position(place.file, place.line) if self.text else place


_WORDS = {
    "group": "group",
    "version": "version",
    "kind": "kind",
    "namespace": "namespace",
    "name": "name",
    "label_selector": "labelSelector",
    "annotation_selector": "annotationSelector",
}
