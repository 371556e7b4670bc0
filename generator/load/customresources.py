"""Finds CustomResourceDefinitions among the files of the definition, beside those that are rendered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, Several, WeftError
from generator.load import files
from generator.model.definition import Definition
from generator.model.document import Position
from generator.model.manifest import JSON, opened
from generator.model.output import KUSTOMIZATION

_KIND = b"CustomResourceDefinition"
_SUFFIXES = (".yaml", ".yml", ".json")
# It stands beside definitions and is none.
_BESIDE = (KUSTOMIZATION, "kustomization.yml")


def crds(definition: Definition) -> Sequence[JSON]:
    """Every CustomResourceDefinition in the folders of static components, in the `crds/` of Helm charts,
    and in the folder that the root names; those of components that are disabled, too.

    Raises as `named_crds` does.
    """
    root = Path(definition.root)
    found = list(named_crds(definition))
    for folder in sorted(set(_folders(definition))):
        for file in _files(root / folder):
            try:
                found.extend(_read(root, file))
            except WeftError:
                # Whoever renders the file says what is wrong with it.
                continue
    return found


def named_crds(definition: Definition) -> Sequence[JSON]:
    """Every CustomResourceDefinition in the folder that the root names.

    Raises DefinitionError where that is missing, and Several where files in it cannot be read or have none.
    """
    root, named = Path(definition.root), definition.validation.crds
    if named is None:
        return ()
    if not (root / named).is_dir():
        message = f"there is no folder {named} for `validation.crds`"
        raise DefinitionError.at(_key(root), message)
    found: list[JSON] = []
    errors: list[WeftError] = []
    for file in _files(root / named):
        if file.name in _BESIDE:
            continue
        try:
            crds = list(_definitions(root, file))
            found.extend(crds)
            if not crds:
                name = file.relative_to(root).as_posix()
                message = f"found no {_KIND.decode()}, and `validation.crds` names its folder"
                raise DefinitionError(message, file=name, line=1, hint="move the file elsewhere")
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return found


def _key(root: Path) -> Position | None:
    """Where the root names the folder."""
    file = files.find(root, ".", "component")
    return files.read(root, file).where("validation", "crds") if file is not None else None


def _folders(definition: Definition) -> Iterator[str]:
    for component in definition.components():
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
    """The definitions in a file that may hold anything: it is parsed only where there may be some."""
    if _KIND in path.read_bytes():
        yield from _definitions(root, path)


def _definitions(root: Path, path: Path) -> Iterator[JSON]:
    data = path.read_bytes()
    file = path.relative_to(root).as_posix()
    documents = (
        [yamlio.read_json(data, file)] if file.endswith(".json") else yamlio.read(data, file, marks=False)
    )
    for document in documents:
        for _, value in opened(document.value):
            if isinstance(value, dict) and value.get("kind") == _KIND.decode():
                yield value
