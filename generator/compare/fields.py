"""The fields in which two versions of an object differ, with what is secret masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.compare.changes import ABSENT, SENSITIVE, FieldChange
from generator.compare.lists import order, pairs, same
from generator.model.secrets import LAST_APPLIED, Covered, SecretTexts, covered, shown

# Deeper than any schema of Kubernetes; what lies below is told as one change.
_DEEPEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")

Path = tuple[str, ...]


def field_changes(
    old: dict[str, Any], new: dict[str, Any], texts: SecretTexts | None = None
) -> Sequence[FieldChange]:
    """Every field that differs, in the order of the old object, what is new after it.

    A list whose items have a natural key is compared item by item, whatever the order. Never shown are
    the values of a Secret's `data` and `stringData`, what SOPS encrypted, what stands under secret names,
    and `texts`, which Secrets beside the object hold.
    """
    masked = _Mask(texts or SecretTexts(()), old, new)
    before, after = (covered(version, lambda value: Covered(json.dumps(value))) for version in (old, new))
    return [masked.change(*found) for found in _differ((), before, after)]


def _differ(path: Path, old: Any, new: Any) -> Iterator[tuple[Path, Any, Any]]:
    if len(path) < _DEEPEST and isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            yield from _differ((*path, name), old.get(name, ABSENT), new.get(name, ABSENT))
    elif len(path) < _DEEPEST and isinstance(old, list) and isinstance(new, list):
        field = path[-1] if path else ""
        for label, before, after in pairs(field, old, new):
            yield from _differ((*path, f"[{label}]"), before, after)
        reordered = order(field, old, new)
        if reordered:
            yield (*path, "[order]"), list(reordered[0]), list(reordered[1])
    elif not same(old, new):
        yield path, old, new


class _Mask:
    """What of an object must not be shown."""

    def __init__(self, texts: SecretTexts, *versions: dict[str, Any]) -> None:
        self._texts = texts
        self._secret = any(
            version.get("kind") == "Secret" and "/" not in str(version.get("apiVersion") or "")
            for version in versions
        )
        self._sops = any(isinstance(version.get("sops"), dict) for version in versions)

    def change(self, path: Path, old: Any, new: Any) -> FieldChange:
        """The change of the field at `path` as it may be shown."""
        before, after = self.value(path, old), self.value(path, new)
        if same(before, after):
            # They differ in nothing but what is hidden.
            before = after = SENSITIVE
        return FieldChange(_dotted(path), before, after)

    def value(self, path: Path, value: Any) -> Any:
        """`value` as it may be shown at `path`."""
        if value is ABSENT:
            return value
        if self._secret and (path[0] in ("data", "stringData") or LAST_APPLIED in path):
            return _names_only(value) if len(path) == 1 else SENSITIVE
        if self._secret and path in (("metadata",), ("metadata", "annotations")):
            return _without_last_applied(value)
        return shown(value, self._texts, SENSITIVE, whole=self._sops and path[0] == "sops")


def _names_only(value: Any) -> Any:
    return dict.fromkeys(value, SENSITIVE) if isinstance(value, dict) else SENSITIVE


def _without_last_applied(value: Any) -> Any:
    """kubectl keeps the whole object, data too, in an annotation."""
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("annotations"), dict):
        return {**value, "annotations": _without_last_applied(value["annotations"])}
    return {**value, LAST_APPLIED: SENSITIVE} if LAST_APPLIED in value else value


def _dotted(path: Path) -> str:
    """`spec.containers[app].image`; a name with a dot in it stands in brackets too."""
    text = ""
    for step in path:
        if step.startswith("["):
            text += step
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text
