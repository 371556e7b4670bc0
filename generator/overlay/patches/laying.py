"""Lays one patch over one object, and keeps the object what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from generator.errors import DefinitionError, WeftError
from generator.model.document import Path
from generator.model.manifest import Manifest
from generator.model.patches import PatchKind, PlacedPatch
from generator.overlay.patches import json6902, jsonmerge, strategic
from generator.overlay.patches.fault import Fault, copied
from generator.overlay.patches.idle import idle as words_of_no_use
from generator.overlay.patches.idle import removes


def laid(item: Manifest, patch: PlacedPatch) -> Manifest | None:
    """The object with the patch laid over it, or None where the patch deletes it.

    Raises DefinitionError where the patch does not fit, or would make another object of it.
    """
    try:
        data = _KINDS[patch.kind](item, patch.content)
    except Fault as fault:
        raise DefinitionError.at(
            patch.where(*fault.path), f"{fault.message} (patching {item.identity})", fault.hint
        ) from None
    if data is None:
        return None
    changed = item.with_data(data)
    _refuse_another(item, changed, patch)
    return changed


def idle(item: Manifest, patch: PlacedPatch) -> Mapping[Path, WeftError]:
    """The words of the patch that remove nothing from the object, by their paths, with the error for each."""
    if patch.kind != "strategic" or not removes(patch.content):
        return {}
    return {
        fault.path: DefinitionError.at(
            patch.where(*fault.path), f"{fault.message} (patching {item.identity})", fault.hint
        )
        for fault in words_of_no_use(item.data, patch.content)
    }


def _strategic(item: Manifest, patch: Any) -> Any:
    # What a patch says of itself says which object it is for, and changes nothing: as in kustomize.
    said = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind")}
    if isinstance(said.get("metadata"), dict):
        kept = {key: value for key, value in said["metadata"].items() if key not in _OWN}
        said["metadata"] = kept
    return strategic.merged(item.data, said) or None


def _merge(item: Manifest, patch: Any) -> Any:
    return jsonmerge.merged(item.data, copied(patch))


def _operations(item: Manifest, patch: Any) -> Any:
    return json6902.patched(item.data, patch)


_OWN = ("name", "namespace")
_KINDS: Mapping[PatchKind, Callable[[Manifest, Any], Any]] = {
    "strategic": _strategic,
    "merge": _merge,
    "json6902": _operations,
}


def _refuse_another(before: Manifest, after: Manifest, patch: PlacedPatch) -> None:
    if not isinstance(after.data, dict):
        raise DefinitionError.at(patch.place, f"the patch leaves no object of {before.identity}")
    fields = (
        ("apiVersion", before.group, after.group),
        ("kind", before.kind, after.kind),
        ("metadata.name", before.name, after.name),
        ("metadata.namespace", before.namespace, after.namespace),
    )
    for field, old, new in fields:
        if old != new:
            found = f"to `{new}`" if new else "away"
            raise DefinitionError.at(
                patch.place,
                f"the patch changes `{field}` of {before.identity} {found}, which makes it another object",
                hint=_HINTS[field],
            )


_HINTS = {
    "apiVersion": "a patch may change the version, but not the API group",
    "kind": "render the object as the kind that it should be",
    "metadata.name": "name the object in its template, so that what refers to it follows",
    "metadata.namespace": "set `namespace` of the component, and `overrideNamespace` where objects state one",
}
