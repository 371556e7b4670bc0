"""Renders folders with a kustomization through kustomize or kubectl, and lets them reach no network."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from generator import yamlio
from generator.errors import DefinitionError
from generator.model.document import Document, Position
from generator.model.document import Path as Keys
from generator.model.manifest import Rendered
from generator.model.secrets import without_credentials
from generator.model.unit import Unit
from generator.render import programs
from generator.render.base import Run, objects

_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_HINT = "put kustomize, or kubectl with its `kubectl kustomize`, on PATH"
# What may name a folder with a kustomization of its own.
_FOLDERS = ("resources", "bases", "components", "generators", "transformers", "validators")
_PATHS = (*_FOLDERS, "crds", "configurations", "patchesStrategicMerge")
# Lists of maps, and the key in each that names files.
_NAMED = {
    "patches": "path",
    "patchesJson6902": "path",
    "replacements": "path",
    "configMapGenerator": ("files", "envs", "env"),
    "secretGenerator": ("files", "envs", "env"),
}
_REMOTE = re.compile(
    r"://|^git::|^gh:|^[\w.-]+@[\w.-]+:|\.git(?:/|\?|$)|[?&](?:ref|version|timeout|submodules)="
    r"|^(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)[/:]|(?:^|/)_git/"
)
_KLOG = re.compile(r'^[EF]\d{4} [^\]]*\] "command failed" err=', re.M)


class KustomizeRenderer:
    """Runs `kustomize build`, or `kubectl kustomize`, for each unit. Threads may share it."""

    waits = True

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The objects that kustomize builds, each from the component's kustomization file.

        Raises SurroundingsError where no kustomize is there or another version, DefinitionError for what
        is wrong with the kustomization, and for what is not in the repository.
        """
        folder = unit.component.source or "."
        file = _kustomization(Path(run.root), folder)
        if file is None:
            _refuse_folder(folder, unit, run)
        _check(Path(run.root), folder, file, unit, set())
        path = programs.require(("kustomize", "kubectl"), run.requires.kustomize, _HINT)
        verb = "kustomize" if os.path.basename(path) == "kubectl" else "build"
        with tempfile.TemporaryDirectory(prefix="weft-") as home:
            done = programs.run((path, verb, f"./{folder}"), run.root, home)
            if done.code:
                said = programs.clean(_complaint(done.err), run.root, home)
                hint = "make it a component of type `helm`" if "--enable-helm" in said else None
                raise _error(f"kustomize: {said}", Position(file), unit, hint)
        documents = yamlio.read(done.out, file, marks=False)
        plain = [Document(file, document.value) for document in documents]
        return Rendered(tuple(objects(plain, unit, run)))


def _kustomization(root: Path, folder: str) -> str | None:
    found = (name for name in _FILES if (root / folder / name).is_file())
    name = next(found, None)
    return os.path.normpath(f"{folder}/{name}") if name else None


def _refuse_folder(folder: str, unit: Unit, run: Run) -> NoReturn:
    if not Path(run.root, folder).is_dir():
        raise _error(f"there is no folder {folder}", unit.component.place, unit)
    hint = "add a kustomization.yaml, or set `type: static`"
    raise _error(f"{folder} has no kustomization.yaml", unit.component.place, unit, hint)


def _check(root: Path, folder: str, file: str, unit: Unit, seen: set[str]) -> None:
    """Refuses remote and missing files in the kustomization, and in those that it leads to."""
    real = os.path.realpath(root / file)
    if real in seen:
        return
    seen.add(real)
    document = yamlio.read_file(root / file, file)
    for keys, entry in _entries(document.value):
        if entry.startswith("/"):
            raise _error(f"`{entry}` is absolute; elsewhere it is not there", document.where(*keys), unit)
        local = root / folder / entry
        if local.is_dir() and keys[0] in _FOLDERS:
            below = os.path.normpath(f"{folder}/{entry}")
            inner = _kustomization(root, below)
            if inner is None:
                raise _error(f"{below} has no kustomization.yaml", document.where(*keys), unit)
            _check(root, below, inner, unit, seen)
        elif not local.exists() and _REMOTE.search(entry):
            raise _error(
                f"`{without_credentials(entry)}` is remote, and weft reads no network while it generates",
                document.where(*keys),
                unit,
                "copy it into the repository, and name the copy",
            )
        elif not local.exists():
            raise _error(f"`{entry}` does not exist", document.where(*keys), unit)


def _entries(value: Any) -> Iterator[tuple[Keys, str]]:
    """The files and folders that a kustomization names, and under which keys; inline content is none."""
    if not isinstance(value, dict):
        return
    for key in _PATHS:
        for index, entry in _items(value.get(key)):
            if isinstance(entry, str) and not re.search(r"[\n{}]", entry):
                yield (key, index), entry
    for key, inner in _NAMED.items():
        for index, item in _items(value.get(key)):
            for name in (inner,) if isinstance(inner, str) else inner:
                for step, entry in _named(item, name):
                    yield (key, index, name, *step), entry
    for step, entry in _named(value.get("openapi"), "path"):
        yield ("openapi", "path", *step), entry


def _named(item: Any, name: str) -> Iterator[tuple[Keys, str]]:
    found = item.get(name) if isinstance(item, dict) else None
    if isinstance(found, str):
        yield (), found
    for index, entry in _items(found):
        if isinstance(entry, str):
            # A generator's file may be given as `key=file`.
            yield (index,), entry.partition("=")[2] if name == "files" and "=" in entry else entry


def _items(value: Any) -> Iterator[tuple[int, Any]]:
    yield from enumerate(value if isinstance(value, list) else ())


def _complaint(said: str) -> str:
    """What kustomize or kubectl says is wrong, on one line and without what surrounds it."""
    start = _KLOG.search(said)
    if start:
        said = said[start.end() :].strip()
        if said.startswith('"'):
            with contextlib.suppress(ValueError):
                said = str(json.loads(said.splitlines()[0]))
        said = said.removeprefix("<").removesuffix(">")
    else:
        said = said[said.find("Error: ") + 7 :] if "Error: " in said else said
    return " ".join(said.split()) or "it failed and did not say why"


def _error(message: str, place: Position, unit: Unit, hint: str | None = None) -> DefinitionError:
    return DefinitionError(f"{message}", file=place.file, line=place.line, column=place.column, hint=hint)
