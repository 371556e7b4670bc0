"""What an explanation says: the value, each place that speaks for it and its fate, and what it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Any, Literal

from generator.model.document import Position, dotted
from generator.model.record import record

Fate = Literal["won", "merged", "lost"]
HIDDEN = "(not shown)"


class _Absent:
    """Stands for a value that nothing gives; null is a value like any other."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Any = _Absent()


@record(frozen=True)
class Candidate:
    """One place that speaks for the key. `merged`: it gives a part of a map or list, others the rest."""

    fate: Fate
    place: Position
    value: Any
    source: str
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The candidate as `-o json` has it."""
        return {
            "fate": self.fate,
            **place_json(self.place),
            "value": self.value,
            "source": self.source,
            **({"reason": self.reason} if self.reason else {}),
        }


@record(frozen=True)
class Reference:
    """A `${…}` in the value that won: what it stands for, and where that is written, if it is."""

    name: str
    value: Any
    place: Position | None

    def as_json(self) -> dict[str, Any]:
        """The reference as `-o json` has it."""
        return {
            "name": self.name,
            "value": self.value,
            **(place_json(self.place) if self.place else {}),
        }


@record(frozen=True)
class Explanation:
    """Why a key of a component has its value; `candidates` in the order of the cascade, strongest first."""

    environment: str
    component: str
    # As the user may write it, such as `env.LOG_LEVEL` or `routing.split`; `weft` tells weft's own keys.
    key: str
    weft: bool
    value: Any
    candidates: Sequence[Candidate]
    written: Any = ABSENT
    references: Sequence[Reference] = ()
    notes: Sequence[str] = ()
    # For maps and lists: where each leaf of the value comes from, by its path below the key.
    leaves: dict[tuple[str | int, ...], Position] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The explanation as `-o json` has it: without `value` where nothing gives one."""
        return {
            "component": self.component,
            "key": self.key,
            "kind": "weft" if self.weft else "config",
            **({} if self.value is ABSENT else {"value": self.value}),
            **({} if self.written is ABSENT else {"written": self.written}),
            **(
                {"places": {dotted(path): place_json(place) for path, place in self.leaves.items()}}
                if isinstance(self.value, (dict, list))
                else {}
            ),
            "candidates": [candidate.as_json() for candidate in self.candidates],
            "references": [reference.as_json() for reference in self.references],
            "notes": list(self.notes),
        }

    def masked(self) -> Explanation:
        """The same without any value: all of it is behind something secret."""
        return replace(
            self,
            value=HIDDEN,
            candidates=[replace(item, value=HIDDEN) for item in self.candidates],
            written=ABSENT if self.written is ABSENT else HIDDEN,
            references=[replace(item, value=HIDDEN) for item in self.references],
        )

    @property
    def winner(self) -> Candidate | None:
        """The place that the value comes from, or None where several or none do."""
        return next((candidate for candidate in self.candidates if candidate.fate == "won"), None)


Relation = Literal["value", "computed", "presence"]


@record(frozen=True)
class Behind:
    """A value behind a field: it stands in it, the template computes it from it, or it is there for it."""

    relation: Relation
    explanation: Explanation

    def as_json(self) -> dict[str, Any]:
        """It as `-o json` has it."""
        return {"relation": self.relation, **self.explanation.as_json()}


@record(frozen=True)
class FieldExplanation:
    """Where a field of an output object comes from: the line that wrote it, and the values behind it."""

    environment: str
    object: str
    component: str
    file: str
    field: str
    value: Any
    # None where weft makes it, and no key says what it is.
    place: Position | None
    line: str | None
    behind: Sequence[Behind]
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """The explanation as `-o json` has it."""
        return {
            "object": self.object,
            "component": self.component,
            "outputFile": self.file,
            "field": self.field,
            "value": self.value,
            "source": {
                **(place_json(self.place) if self.place else {}),
                **({"text": self.line} if self.line else {}),
            },
            "behind": [item.as_json() for item in self.behind],
            "notes": list(self.notes),
        }


def place_json(place: Position) -> dict[str, Any]:
    """A place as `-o json` has it; what is not known has no key."""
    pairs = (("file", place.file), ("line", place.line), ("column", place.column))
    return {name: value for name, value in pairs if value is not None}
