"""Data as YAML in which each leaf has a comment with the place that it comes from, in one column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator import yamlio
from generator.explain.record import place_json
from generator.model.document import Path, Position, dotted
from generator.model.record import record

# Comments of longer lines stand right behind them.
_WIDEST = 60
# Stands for the place of a field that no key says.
MADE = "weft makes it"


@record(frozen=True)
class Annotated:
    """A value with a title, the place of each of its leaves, and what else there is to say."""

    title: str
    value: Any
    # None for what weft makes.
    places: Mapping[Path, Position | None]
    notes: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """The value as YAML, a comment behind each leaf."""
        yield f"# {self.title}"
        yield from self.body()

    def body(self) -> Iterator[str]:
        """The same without the title."""
        if not self.value:
            yield "{}"
            return
        try:
            text = yamlio.emit(self.value)
        except ValueError:
            # Infinity is no JSON; a run refuses it where it would be written.
            yield json.dumps(self.value)
            return
        lines = text.splitlines()
        comments = self._comments(text)
        width = max((len(lines[n]) for n in comments if len(lines[n]) <= _WIDEST), default=0)
        for number, line in enumerate(lines):
            yield f"{line:<{width}}  # {comments[number]}" if number in comments else line

    def _comments(self, text: str) -> dict[int, str]:
        """The places by number of the line that each leaf begins on."""
        document = yamlio.read(text, "")[0]
        found: dict[int, list[str]] = {}
        for path, place in self.places.items():
            line = document.where(*path).line
            if line is not None:
                found.setdefault(line - 1, []).append(str(place or MADE))
        return {line: ", ".join(dict.fromkeys(places)) for line, places in found.items()}

    def as_json(self) -> dict[str, Any]:
        """The value and the places of its leaves, as `-o json` has them."""
        return {
            "value": self.value,
            "places": {dotted(path): place_json(place) for path, place in self.places.items() if place},
            "notes": list(self.notes),
        }
