"""Reads manifests that weft did not make, for `weft validate FILE`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
) -> tuple[Mapping[str, Sequence[Manifest]], Sequence[Place], Sequence[WeftError]]:
    """The objects in the files and folders at `paths` by file; `-` is what stdin gave.

    An object's `index` is its number in the second result, which knows where its fields stand. The third
    has an error for each file that cannot be read and each document that is no object.
    """
    found: dict[str, Sequence[Manifest]] = {}
    places: list[Place] = []
    errors: list[WeftError] = []
    for file in _each(paths):
        try:
            data = stdin if file == STDIN else Path(file).read_bytes()
            found[file] = list(_objects("stdin" if file == STDIN else file, data, places, errors))
        except OSError as error:
            errors.append(SurroundingsError(f"cannot be read: {error.strerror}", file=file))
        except WeftError as error:
            errors.append(error)
    return found, places, Several(errors).errors


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


def _objects(file: str, data: bytes, places: list[Place], errors: list[WeftError]) -> Iterator[Manifest]:
    documents = [yamlio.read_json(data, file)] if file.endswith(".json") else yamlio.read(data, file)
    for document in documents:
        for path, value in opened(document.value) if document.value is not None else ():
            place = document.where(*path)
            wrong = _wrong(value)
            if wrong:
                errors.append(DefinitionError.at(place, wrong))
                continue
            places.append((document, path))
            yield Manifest(value, place, "", len(places) - 1)


def _wrong(value: Any) -> str | None:
    """Why a document is no object, or None."""
    if not isinstance(value, dict):
        found = "a list" if isinstance(value, list) else "a single value"
        return f"found {found}, expected a Kubernetes object"
    missing = [name for name in ("apiVersion", "kind") if not isinstance(value.get(name), str)]
    if not missing:
        return None
    if value.get(missing[0]) is not None:
        return f"`{missing[0]}` is {value[missing[0]]!r}, expected a string, so this is no Kubernetes object"
    return f"this has no `{missing[0]}`, so it is no Kubernetes object"
