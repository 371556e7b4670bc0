"""What a comparison finds: objects added, changed, moved and deleted, and the fields that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from generator.model.manifest import Identity
from generator.model.record import record

SENSITIVE = "(sensitive value)"


class _Absent:
    """Stands for a field that is not there; null is a value like any other."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Any = _Absent()

Kind = Literal["added", "changed", "moved", "deleted"]


@record(frozen=True)
class FieldChange:
    """One field that differs; `old` or `new` is ABSENT where the field is on one side only."""

    path: str
    old: Any
    new: Any

    def as_json(self) -> dict[str, Any]:
        """The change as `-o json` has it: a side that is absent has no key."""
        sides = (("old", self.old), ("new", self.new))
        return {"path": self.path, **{name: value for name, value in sides if value is not ABSENT}}


@record(frozen=True)
class ObjectChange:
    """What happened to one object. `file` is where it is, or was; `previous` where a moved one was."""

    kind: Kind
    identity: Identity
    file: str
    previous: str | None = None
    fields: Sequence[FieldChange] = ()

    def as_json(self) -> dict[str, Any]:
        """The change as `-o json` has it."""
        group, kind, namespace, name = self.identity
        return {
            "change": self.kind,
            "group": group,
            "kind": kind,
            "namespace": namespace,
            "name": name,
            "file": self.file,
            **({"previousFile": self.previous} if self.previous else {}),
            **({"fields": [item.as_json() for item in self.fields]} if self.kind == "changed" else {}),
        }


@record(frozen=True)
class Comparison:
    """Two sets of files, compared.

    `files` differ although no object in them does: another order, a comment, or what is no manifest.
    `unreadable` says which files of the old set hold no manifests that can be read, and why.
    """

    objects: Sequence[ObjectChange] = ()
    files: Sequence[str] = ()
    unreadable: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.objects or self.files)

    def below(self, component: str | None) -> Comparison:
        """What of it is in the folder of a component, or was; all of it where that is None."""

        def shows(path: str | None) -> bool:
            return component is None or (path or "").startswith(f"{component}/")

        return Comparison(
            [item for item in self.objects if shows(item.file) or shows(item.previous)],
            [path for path in self.files if shows(path)],
            [text for text in self.unreadable if shows(text)],
        )

    def count(self, kind: Kind) -> int:
        """How many objects were added, changed, moved or deleted."""
        return sum(1 for item in self.objects if item.kind == kind)
