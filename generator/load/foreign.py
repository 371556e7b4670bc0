"""Reads manifests that weft did not make, for `weft validate FILE`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.document import Document
from generator.model.document import Path as FieldPath
from generator.model.manifest import Manifest, opened
from generator.model.output import INVENTORY, KUSTOMIZATION

# The document that an object is in, and its path there.
Place = tuple[Document, FieldPath]

STDIN = "-"
_SUFFIXES = (".yaml", ".yml", ".json")
# They stand beside manifests and are none.
_BESIDE = (KUSTOMIZATION, "kustomization.yml", "Kustomization", INVENTORY)


def manifests(
    paths: Sequence[str], stdin: bytes = b""
) -> tuple[Mapping[str, Sequence[Manifest]], Sequence[Place]]:
    """The objects in the files and folders at `paths` by file; `-` is what stdin gave.

    An object's `index` is its number in the second result, which knows where its fields stand. Raises
    Several or another WeftError with everything that cannot be read or is no object.
    """
    found: dict[str, Sequence[Manifest]] = {}
    places: list[Place] = []
    errors: list[WeftError] = []
    for file in _each(paths):
        try:
            data = stdin if file == STDIN else Path(file).read_bytes()
            found[file] = list(_objects("stdin" if file == STDIN else file, data, places))
        except OSError as error:
            errors.append(SurroundingsError(f"cannot be read: {error.strerror}", file=file))
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return found, places


def _each(paths: Sequence[str]) -> Iterator[str]:
    """Every file once, however often it is named."""
    seen = set()
    for path in paths:
        for file in [path] if path == STDIN else _files(path):
            real = file if file == STDIN else os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for directory, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and name not in _BESIDE and not name.startswith("."):
                yield os.path.join(directory, name)


def _objects(file: str, data: bytes, places: list[Place]) -> Iterator[Manifest]:
    documents = [yamlio.read_json(data, file)] if file.endswith(".json") else yamlio.read(data, file)
    for document in documents:
        if document.value is not None:
            yield from _manifests(document, places)


def _manifests(document: Document, places: list[Place]) -> Iterator[Manifest]:
    for path, value in opened(document.value):
        place = document.where(*path)
        if not isinstance(value, dict):
            found = "a list" if isinstance(value, list) else "a single value"
            raise DefinitionError.at(place, f"found {found}, expected a Kubernetes object")
        missing = [name for name in ("apiVersion", "kind") if not isinstance(value.get(name), str)]
        if missing:
            raise DefinitionError.at(place, f"this has no `{missing[0]}`, so it is no Kubernetes object")
        places.append((document, path))
        yield Manifest(value, place, "", len(places) - 1)
