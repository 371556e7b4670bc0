"""Reads two sets of files into objects and pairs them by identity, wherever they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from generator import yamlio
from generator.compare.changes import Comparison, ObjectChange
from generator.compare.fields import field_changes
from generator.errors import WeftError
from generator.model.document import Position
from generator.model.manifest import Identity, Manifest, opened
from generator.model.output import KUSTOMIZATION
from generator.model.secrets import SecretTexts

Files = Mapping[str, bytes]

# An identity that a set has twice is told apart by its turn.
_Key = tuple[Identity, int]
_Found = dict[_Key, tuple[str, dict[str, Any]]]

_SECRET = re.compile(rb"kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b")


def compare(old: Files, new: Files) -> Comparison:
    """What makes `new` of `old`: both are files by path below an environment's folder.

    Only files that differ are read, and those with Secrets. Of the old set, where anyone may have written,
    a file that cannot be read is named; raises WeftError for one of the new set.
    """
    differing = [path for path in dict.fromkeys((*old, *new)) if old.get(path) != new.get(path)]
    unreadable: list[str] = []
    before = _objects({path: old[path] for path in differing if path in old}, unreadable)
    after = _objects({path: new[path] for path in differing if path in new}, None)
    # A Secret that did not change holds what must not be shown in an object that did.
    same = {path: new[path] for path in new if old.get(path) == new[path] and _SECRET.search(new[path])}
    texts = SecretTexts(data for found in (before, after, _objects(same, [])) for _, data in found.values())
    changes = sorted(_changes(before, after, texts), key=lambda item: (item.identity, item.kind, item.file))
    told = {path for item in changes for path in (item.file, item.previous)}
    return Comparison(
        objects=tuple(changes),
        files=tuple(sorted(path for path in differing if path not in told)),
        unreadable=tuple(unreadable),
    )


def _changes(before: _Found, after: _Found, texts: SecretTexts) -> Iterator[ObjectChange]:
    for key, (file, data) in before.items():
        if key not in after:
            yield ObjectChange("deleted", key[0], file)
            continue
        now, content = after[key]
        fields = tuple(field_changes(data, content, texts))
        previous = file if file != now else None
        if fields:
            yield ObjectChange("changed", key[0], now, previous, fields)
        elif previous:
            yield ObjectChange("moved", key[0], now, previous)
    for key, (file, _) in after.items():
        if key not in before:
            yield ObjectChange("added", key[0], file)


def _objects(files: Files, unreadable: list[str] | None) -> _Found:
    found: _Found = {}
    turns: Counter[Identity] = Counter()
    for path in sorted(files):
        name = path.rpartition("/")[2]
        if name == KUSTOMIZATION or not name.endswith((".yaml", ".yml")):
            continue
        try:
            documents = yamlio.read(files[path], path, marks=False)
        except WeftError as error:
            if unreadable is None:
                raise
            # An error may quote what it stumbled over.
            secret = b"Secret" in files[path] or b"sops" in files[path]
            unreadable.append(f"{error.place or path}: cannot be read as YAML" if secret else str(error))
            continue
        for document in documents:
            for data in (value for _, value in opened(document.value) if isinstance(value, dict)):
                identity = Manifest(data, Position(path), "").identity
                found[identity, turns[identity]] = (path, data)
                turns[identity] += 1
    return found
