"""What of an object of the output may be shown: its fields, the lines of those, and what is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from generator.explain.contents import in_secret, is_secret, without_data
from generator.explain.paths import leaf_paths, lookup
from generator.explain.record import ABSENT, HIDDEN, Behind
from generator.explain.scene import Scene, masked, secret_texts
from generator.model.document import Path, Places, Position
from generator.model.manifest import Manifest

# Shorter texts stand in a line by chance.
_SHORTEST = 3


class MaskedObject:
    """An object without what diff hides of it, nor what Secrets and secret values of its component hold."""

    def __init__(self, scene: Scene, item: Manifest, values: Any) -> None:
        self._scene = scene
        self._item = item
        self._data: Any = dict(item.data)
        if not scene.secrets:
            known = masked(without_data(item, dict(item.data)))
            self._data = scene.without(known, secret_texts(values))

    def value(self, path: Path = ()) -> Any:
        """What stands at `path`, as it may be shown."""
        if in_secret(self._item, path) and not self._scene.secrets:
            return HIDDEN
        # What is hidden as a whole has nothing below it.
        return lookup(self._data, path, HIDDEN)

    def hidden(self, path: Path = ()) -> Sequence[Path]:
        """The scalars at and below `path` of which not all may be shown."""
        below = (path + one for one in leaf_paths(lookup(self._item.data, path)))
        return [one for one in below if self.value(one) != lookup(self._item.data, one)]

    def line(self, text: str, place: Position, places: Places | None) -> str | None:
        """The line at `place` as it may be shown; None where it holds something hidden of the object."""
        if self._scene.secrets:
            return text
        for path in self.hidden():
            where = places.where(*path) if places else None
            secret = str(lookup(self._item.data, path)).strip()
            if where is not None and (where.file, where.line) == (place.file, place.line):
                return None
            if len(secret) >= _SHORTEST and secret in text:
                return None
        if is_secret(self._item) and self._scene.contents.stand_in(text):
            return None
        return str(self._scene.without(masked(text), frozenset()))

    def behind(self, path: Path, items: Sequence[Behind]) -> Sequence[Behind]:
        """The values behind the field at `path`, those masked that stand in what is hidden of it."""
        if self._scene.secrets:
            return items
        hidden = [(str(lookup(self._item.data, one)), str(self.value(one))) for one in self.hidden(path)]
        whole = self.value(path) == HIDDEN

        def stands(value: Any) -> bool:
            text = str(value)
            return value is not ABSENT and any(text in all_ and text not in shown for all_, shown in hidden)

        return [
            replace(item, explanation=item.explanation.masked())
            if whole or stands(item.explanation.value)
            else item
            for item in items
        ]
