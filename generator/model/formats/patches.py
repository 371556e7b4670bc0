"""`patches`: changes that are laid over rendered objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.model.formats.base import key
from generator.model.record import record


@record(frozen=True, kw_only=True)
class Target:
    """Which objects a patch changes; what it leaves out may be anything."""

    group: str | None = key("API group, a pattern; empty is the core group.")
    version: str | None = key("Version of the API group, a pattern.")
    kind: str | None = key("Kind, a pattern.")
    name: str | None = key("Name, a pattern.")
    namespace: str | None = key("Namespace, a pattern.")
    label_selector: str | None = key("Labels, as `kubectl get --selector` takes them.")
    annotation_selector: str | None = key("Annotations, in the same grammar.")


@record(frozen=True, kw_only=True)
class Patch:
    """One patch: what it changes, and how."""

    target: Target | None = key(
        "The objects; without it a strategic merge patch names its own by apiVersion, kind and name."
    )
    patch: Any = key(
        "A strategic merge patch (a map), or JSON 6902 operations (a list), or either as YAML text.",
        type=["object", "array", "string", "null"],
    )
    merge: Mapping[str, Any] | None = key("A JSON merge patch: lists replace, `null` removes.")
    path: str | None = key("A file that holds what `patch` would, relative to the file that says so.")
