"""Finds CustomResourceDefinitions among the files of the definition, beside those that are rendered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.model.definition import Definition
from generator.model.manifest import JSON

_KIND = b"CustomResourceDefinition"
_SUFFIXES = (".yaml", ".yml", ".json")


def crds(definition: Definition) -> Sequence[JSON]:
    """Every CustomResourceDefinition in the folders of static components, in the `crds/` of Helm charts,
    and in the folder that the root names; those of components that are disabled, too.

    Raises DefinitionError where the folder that the root names is missing or cannot be read.
    """
    root = Path(definition.root)
    found: list[JSON] = []
    named = definition.validation.crds
    if named is not None:
        if not (root / named).is_dir():
            raise DefinitionError(f"there is no folder {named} for `validation.crds`", file="component.yaml")
        for file in _files(root / named):
            found.extend(_read(root, file))
    for folder in sorted(set(_folders(definition))):
        for file in _files(root / folder):
            try:
                found.extend(_read(root, file))
            except WeftError:
                # Whoever renders the file says what is wrong with it.
                continue
    return found


def _folders(definition: Definition) -> Iterator[str]:
    for component in definition.tree.walk():
        if component.source is not None and component.type in ("static", "kustomize"):
            yield component.source
        elif component.source is not None and component.type == "helm":
            yield f"{component.source}/crds"


def _files(top: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES):
                yield Path(directory) / name


def _read(root: Path, path: Path) -> Iterator[JSON]:
    data = path.read_bytes()
    if _KIND not in data:
        return
    file = path.relative_to(root).as_posix()
    documents = (
        [yamlio.read_json(data, file)] if file.endswith(".json") else yamlio.read(data, file, marks=False)
    )
    for document in documents:
        if isinstance(document.value, dict) and document.value.get("kind") == _KIND.decode():
            yield document.value
