"""Puts the changes of many environments together: what is the same in several is one group."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.compare.changes import Comparison, FieldChange, Kind, ObjectChange
from generator.compare.words import KINDS
from generator.model.record import record

# Fields that so many objects share are told once, apart from what else changes in those objects.
_SHARED_BY = 3
# Of the environments, so many must have a value that the others have not for a field to vary by environment.
_VARYING_FROM = 0.75

Environments = tuple[str, ...]
# An object and where it stands: what of an ObjectChange the fields have no part in.
_Key = tuple[Any, ...]


@record(frozen=True)
class Varying:
    """A field that changes in several environments, in each in its own way: a checksum, a cluster's name."""

    path: str
    changes: Mapping[str, FieldChange]

    def as_json(self) -> dict[str, Any]:
        """The field as `-o json` has it."""
        sides = {name: change.as_json() for name, change in self.changes.items()}
        for item in sides.values():
            del item["path"]
        return {"path": self.path, "byEnvironment": sides}


Field = FieldChange | Varying


@record(frozen=True)
class Group:
    """The same change to some objects in some environments; `fields` differ in each object in the same way.

    Where an object is in several groups, each has some of its fields.
    """

    environments: Environments
    kind: Kind
    objects: Sequence[ObjectChange]
    fields: Sequence[Field] = ()

    def as_json(self) -> dict[str, Any]:
        """The group as `-o json` has it."""
        objects = [item.as_json() for item in self.objects]
        for item in objects:
            del item["change"]
            item.pop("fields", None)
        return {
            "change": self.kind,
            "environments": list(self.environments),
            "objects": objects,
            **({"fields": [item.as_json() for item in self.fields]} if self.kind == "changed" else {}),
        }


def grouped(comparisons: Mapping[str, Comparison]) -> Sequence[Group]:
    """The changes of all environments in a stable order: what concerns most environments first.

    A field that changes in the same way in the same object is one change, whatever else changes in that
    object in some of the environments; so is one that has another value in each environment.
    """
    found: dict[tuple[Environments, Kind], dict[_Key, _Object]] = {}
    for key, change, paths in _objects(comparisons):
        for by_environment in paths.values():
            for environments, field in _pieces(by_environment):
                objects = found.setdefault((environments, change.kind), {})
                item = objects.setdefault(key, _Object(change))
                if field is not None:
                    item.fields[_text(field)] = field
    groups = [
        group
        for (environments, kind), objects in found.items()
        for group in _alike(environments, kind, list(objects.values()))
    ]
    return sorted(groups, key=_rank)


class _Object:
    """An object with those of its fields that change in the same environments."""

    def __init__(self, change: ObjectChange) -> None:
        self.change = change
        self.fields: dict[str, Field] = {}


# The changes of one field (None: of an object without fields) by environment, and those by the field's path.
_ByEnvironment = dict[str, FieldChange | None]
_Paths = dict[str | None, _ByEnvironment]


def _objects(comparisons: Mapping[str, Comparison]) -> Iterator[tuple[_Key, ObjectChange, _Paths]]:
    """Each object that changes anywhere, with its fields."""
    changes: dict[_Key, ObjectChange] = {}
    paths: dict[_Key, _Paths] = {}
    for environment in sorted(comparisons):
        # An identity that an environment has twice is told apart by its turn.
        turns: Counter[_Key] = Counter()
        for change in comparisons[environment].objects:
            place = (change.kind, change.identity, change.file, change.previous)
            key = (*place, turns[place])
            turns[place] += 1
            changes.setdefault(key, change)
            for field in change.fields or (None,):
                path = field.path if field else None
                paths.setdefault(key, {}).setdefault(path, {})[environment] = field
    for key, change in changes.items():
        yield key, change, paths[key]


def _pieces(by_environment: _ByEnvironment) -> Iterator[tuple[Environments, Field | None]]:
    """One field's changes, each with the environments that it is the same in, or all of them together."""
    same: dict[str | None, list[str]] = {}
    for environment, field in by_environment.items():
        same.setdefault(_text(field) if field else None, []).append(environment)
    if 1 < len(same) >= _VARYING_FROM * len(by_environment):
        changes = {name: field for name, field in by_environment.items() if field}
        yield tuple(changes), Varying(next(iter(changes.values())).path, changes)
        return
    for environments in same.values():
        yield tuple(environments), by_environment[environments[0]]


def _alike(environments: Environments, kind: Kind, objects: Sequence[_Object]) -> Iterator[Group]:
    """The objects of one set of environments by what changes in them."""
    users: dict[str, list[int]] = {}
    for index, item in enumerate(objects):
        for text in item.fields:
            users.setdefault(text, []).append(index)
    # Each part of an object's fields, by the objects that have it: a shared field goes with those that the
    # same objects share, the rest stays together.
    parts: dict[tuple[Any, ...], tuple[list[int], dict[str, Field]]] = {}
    for index, item in enumerate(objects):
        split: dict[tuple[Any, ...], dict[str, Field]] = {}
        for text, field in item.fields.items():
            shared = tuple(users[text]) if len(users[text]) >= _SHARED_BY else ()
            split.setdefault(shared, {})[text] = field
        for shared, fields in split.items() or (((), {}),):
            key = (shared,) if shared else (shared, *sorted(fields))
            indexes, _ = parts.setdefault(key, ([], fields))
            indexes.append(index)
    for indexes, fields in parts.values():
        changes = sorted((objects[index].change for index in indexes), key=_place)
        yield Group(environments, kind, changes, tuple(fields.values()))


def _text(field: Field) -> str:
    return json.dumps(field.as_json(), sort_keys=True, default=str)


def _place(change: ObjectChange) -> tuple[Any, ...]:
    return (change.identity, change.file, change.previous or "")


def _rank(group: Group) -> tuple[Any, ...]:
    first = _place(group.objects[0])
    return (
        -len(group.environments),
        group.environments,
        KINDS.index(group.kind),
        -len(group.objects),
        first,
        [item.path for item in group.fields],
        [_text(item) for item in group.fields],
    )
