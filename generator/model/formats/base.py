"""Names that every file format uses, and the field of a format."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

RESERVED_NAMES = ("common", "kustomization", "inventory")
DNS_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"

ComponentType = Literal["component", "jinja", "helm", "static", "kustomize"]
Method = Literal["local", "git", "helm", "http", "oci"]
ListMerge = Literal["replace", "append", "prepend"]


def key(doc: str, **schema: Any) -> Any:
    """A field of a file format: optional, described by `doc`, narrowed by JSON Schema keywords."""
    return field(default=None, metadata={"doc": doc, "schema": schema})
