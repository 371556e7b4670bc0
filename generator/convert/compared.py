"""What both definitions make, compared object by object, and why the two differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from generator import yamlio
from generator.compare import ABSENT, FieldChange, field_changes
from generator.model.document import Position
from generator.model.manifest import Identity, Manifest, opened
from generator.model.output import INVENTORY, KUSTOMIZATION
from generator.model.record import record
from generator.model.secrets import SecretTexts

Files = Mapping[str, bytes]
_NAMESPACE = "metadata.namespace"
NAMESPACED = "weft writes a component's namespace into its objects; Fabrikate leaves that to `kubectl -n`"
LISTED = "Fabrikate injects no namespace into the items of a List; weft opens Lists"


@record(frozen=True)
class Difference:
    """One object that is not the same on both sides. `why` is empty where weft cannot explain it."""

    kind: Literal["changed", "missing", "new"]
    identity: Identity
    file: str
    fields: Sequence[FieldChange] = field(default=())
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """The difference as `-o json` has it."""
        return {
            "difference": self.kind,
            "object": str(self.identity),
            "file": self.file,
            "fields": [item.as_json() for item in self.fields],
            "why": self.why or None,
        }


@record(frozen=True)
class _Found:
    file: str
    data: dict[str, Any]
    identity: Identity
    listed: bool


def compared(old: Files, new: Files) -> tuple[int, Sequence[Difference]]:
    """How many objects `new` has, and each that is not the same in `old`; files are by path.

    Objects are paired by group, kind and name, those of several namespaces in their order, so that an
    object that only gets a namespace is still itself. Values of Secrets are not shown.
    """
    before, after = list(_objects(old)), list(_objects(new))
    texts = SecretTexts(item.data for item in (*before, *after))
    differences = [
        difference
        for one, other in _pairs(before, after)
        if (difference := _difference(one, other, texts)) is not None
    ]
    return len(after), sorted(differences, key=lambda item: (item.identity, item.kind))


def _objects(files: Files) -> Iterator[_Found]:
    for path in sorted(files):
        if path.rpartition("/")[2] in (KUSTOMIZATION, INVENTORY):
            continue
        for document in yamlio.read(files[path], path, marks=False):
            for place, data in opened(document.value):
                if isinstance(data, dict):
                    yield _Found(path, data, Manifest(data, Position(path), "").identity, bool(place))


def _pairs(
    before: Sequence[_Found], after: Sequence[_Found]
) -> Iterator[tuple[_Found | None, _Found | None]]:
    left: defaultdict[tuple[str, str, str], list[_Found]] = defaultdict(list)
    for item in before:
        left[_key(item)].append(item)
    for item in after:
        candidates = left[_key(item)]
        same = next((one for one in candidates if one.identity == item.identity), None)
        loose = next((one for one in candidates if not one.identity.namespace), None)
        partner = same or loose or (candidates[0] if candidates else None)
        if partner is not None:
            candidates.remove(partner)
        yield partner, item
    for rest in left.values():
        yield from ((item, None) for item in rest)


def _key(item: _Found) -> tuple[str, str, str]:
    return item.identity.group, item.identity.kind, item.identity.name


def _difference(one: _Found | None, other: _Found | None, texts: SecretTexts) -> Difference | None:
    if one is None or other is None:
        only = one or other
        assert only is not None
        return Difference("missing" if other is None else "new", only.identity, only.file)
    changes = field_changes(one.data, other.data, texts)
    if not changes:
        return None
    return Difference("changed", other.identity, other.file, changes, _why(one, changes))


def _why(one: _Found, changes: Sequence[FieldChange]) -> str:
    added = all(change.path == _NAMESPACE and change.old is ABSENT for change in changes)
    if not added:
        # An object without metadata gets all of it at once.
        return ""
    return LISTED if one.listed else NAMESPACED
