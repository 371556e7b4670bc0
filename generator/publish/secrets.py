"""Finds Secrets whose content anybody who reads the repository could read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator import yamlio
from generator.model import sops
from generator.model.manifest import mapping, opened


def plain(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(file, name) of each Secret with data in it that SOPS did not encrypt."""
    for path, content in files.items():
        # Only files in which the word stands are read: reading costs more than all the rest.
        if b"Secret" in content and path.endswith((".yaml", ".yml")):
            for document in yamlio.read(content, path, marks=False):
                for _, value in opened(document.value):
                    if isinstance(value, dict) and _readable(value):
                        yield path, str(mapping(value, "metadata").get("name") or "without a name")


def _readable(value: dict[str, Any]) -> bool:
    # ExternalSecret and SealedSecret are other kinds.
    ours = value.get("kind") == "Secret" and value.get("apiVersion") == "v1"
    return ours and sops.plain(value) is not None
