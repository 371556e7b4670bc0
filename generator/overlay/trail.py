"""Which images, replicas and patches made a field of an object what it is: the real ones, laid one by one."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from generator.model.document import Path, Position
from generator.model.layers import ImageRule, Layers, ReplicaRule
from generator.model.manifest import Manifest
from generator.model.patches import PlacedPatch
from generator.overlay.layers import steps

Rule = ImageRule | ReplicaRule | PlacedPatch

_ABSENT: Any = object()


class Trail:
    """The rules that change one object, in the order in which they are laid; `beneath` is what they find."""

    def __init__(self, beneath: Manifest, layers: Layers) -> None:
        self._beneath = beneath
        self._layers = layers

    def rules(self, path: Path) -> Sequence[Rule]:
        """Those that change the field at `path`, or something below it."""
        found: list[Rule] = []
        before = self._beneath
        for rule, after in self._steps:
            if _lookup(before.data, path) != _lookup(after.data, path):
                found.append(rule)
            before = after
        return found

    def place(self, path: Path, value: Any) -> Position | None:
        """Where the rule stands that makes the field `value`; None where none does, or a later step did."""
        rules = self.rules(path)
        if not rules or _lookup(self._steps[-1][1].data, path) != value:
            return None
        rule = rules[-1]
        return _within(rule, path, value) if isinstance(rule, PlacedPatch) else rule.place

    @functools.cached_property
    def _steps(self) -> Sequence[tuple[Rule, Manifest]]:
        laid = steps(self._beneath, self._layers)
        return [(scoped.rule, after) for scoped, after in laid if after is not None]


def _within(patch: PlacedPatch, path: Path, value: Any) -> Position:
    """The place in a patch that says the field, as near as it is known."""
    if patch.kind == "json6902":
        pointer = [str(step) for step in path]
        for index, operation in reversed([*enumerate(patch.content)]):
            said = [_unescaped(step) for step in str(operation.get("path")).split("/")[1:]]
            shared = min(len(said), len(pointer))
            if said[:shared] == pointer[:shared]:
                return patch.where(index)
        return patch.place
    names = _names(path)
    same = [at for at, leaf in _leaves(patch.content, ()) if _names(at) == names and leaf == value]
    if len(same) == 1:
        return patch.where(*same[0])
    # Items of lists have other numbers in a patch, so nothing below the first list is certain.
    end = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
    while end and _lookup(patch.content, path[:end]) is _ABSENT:
        end -= 1
    return patch.where(*path[:end])


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from _leaves(item, (*path, step))


def _lookup(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return value


def _names(path: Path) -> Sequence[str]:
    return [step for step in path if isinstance(step, str)]


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
