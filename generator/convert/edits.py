"""What has to change in the files of a definition: values to set, keys to take out, names to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.model.document import Path, Position
from generator.model.record import record

TAKEN_OUT: Any = object()


@record(frozen=True)
class Edit:
    """One value of one file: what it becomes, and why."""

    file: str
    keys: Path
    value: Any
    why: str


@record(frozen=True)
class Renaming:
    """A key, at `place`, that gets another name."""

    file: str
    keys: Path
    new: str
    place: Position
    why: str


@dataclass
class Edits:
    """The changes of a conversion; each is kept once, however many components share the file."""

    values: dict[tuple[str, Path], Edit] = field(default_factory=dict)
    names: dict[tuple[str, Path], Renaming] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, file: str, keys: Path, value: Any, why: str) -> None:
        """`keys` becomes `value`."""
        self.values.setdefault((file, keys), Edit(file, keys, value, why))

    def take_out(self, file: str, keys: Path, why: str) -> None:
        """`keys` goes."""
        self.set(file, keys, TAKEN_OUT, why)

    def rename(self, place: Position, keys: Path, new: str, why: str) -> None:
        """The last of `keys`, which stands at `place`, is called `new`."""
        self.names.setdefault((place.file, keys), Renaming(place.file, keys, new, place, why))

    def note(self, text: str) -> None:
        """Something that the user should look at; told once."""
        if text not in self.notes:
            self.notes.append(text)

    def files(self) -> Sequence[str]:
        """The files that change, sorted."""
        return sorted({file for file, _ in (*self.values, *self.names)})

    def of(self, file: str) -> Sequence[Edit]:
        """The edits of one file in an order in which they can be made."""
        found = [edit for edit in self.values.values() if edit.file == file]
        outer = {edit.keys for edit in found if edit.value is TAKEN_OUT}
        kept = [edit for edit in found if not any(edit.keys[:end] in outer for end in range(len(edit.keys)))]
        return sorted(kept, key=lambda edit: (edit.value is TAKEN_OUT, _turned(edit.keys)))


def _turned(keys: Path) -> tuple[tuple[bool, Any], ...]:
    return tuple((isinstance(key, int), -key if isinstance(key, int) else key) for key in keys)
