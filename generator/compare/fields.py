"""The fields in which two versions of an object differ, with what is secret masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.compare.changes import ABSENT, SENSITIVE, FieldChange
from generator.compare.lists import order, pairs, same

# Deeper than any schema of Kubernetes; what lies below is told as one change.
_DEEPEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Path = tuple[str, ...]


def field_changes(old: dict[str, Any], new: dict[str, Any]) -> Sequence[FieldChange]:
    """Every field that differs, in the order of the old object, what is new after it.

    A list whose items have a natural key is compared item by item, whatever the order. The values of a
    Secret's `data` and `stringData` are never shown, nor anything that SOPS encrypted.
    """
    masked = _Mask(old, new)
    return [
        FieldChange(_dotted(path), masked.value(path, before), masked.value(path, after))
        for path, before, after in _differ((), old, new)
    ]


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

    def __init__(self, *versions: dict[str, Any]) -> None:
        self._secret = any(
            version.get("kind") == "Secret" and "/" not in str(version.get("apiVersion") or "")
            for version in versions
        )
        self._sops = any(isinstance(version.get("sops"), dict) for version in versions)

    def value(self, path: Path, value: Any) -> Any:
        """`value` as it may be shown at `path`."""
        if value is ABSENT:
            return value
        if self._secret and (path[0] in ("data", "stringData") or _LAST_APPLIED in path):
            return _names_only(value) if len(path) == 1 else SENSITIVE
        if self._secret and path in (("metadata",), ("metadata", "annotations")):
            return _without_last_applied(value)
        return _decrypted_by_nobody(value, self._sops and path[0] == "sops")


def _names_only(value: Any) -> Any:
    return dict.fromkeys(value, SENSITIVE) if isinstance(value, dict) else SENSITIVE


def _without_last_applied(value: Any) -> Any:
    """kubectl keeps the whole object, data too, in an annotation."""
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("annotations"), dict):
        return {**value, "annotations": _without_last_applied(value["annotations"])}
    return {**value, _LAST_APPLIED: SENSITIVE} if _LAST_APPLIED in value else value


def _decrypted_by_nobody(value: Any, whole: bool, depth: int = 0) -> Any:
    """`value` with what SOPS encrypted masked, or all of it; cut off where it is nested past all sense."""
    if isinstance(value, (dict, list)) and depth > _DEEPEST:
        return "(nested too deeply to show)"
    if isinstance(value, dict):
        return {name: _decrypted_by_nobody(item, whole, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_decrypted_by_nobody(item, whole, depth + 1) for item in value]
    return SENSITIVE if whole or (isinstance(value, str) and value.startswith("ENC[")) else value


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
