"""Reads a kustomization and all that it leads to: what may not be named, and what may be built together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.model.document import Document, Position
from generator.model.document import Path as Keys
from generator.model.filenames import KUSTOMIZATION_FILES
from generator.model.secrets import without_credentials

# What may name a folder with a kustomization of its own.
_FOLDERS = ("resources", "bases", "components", "generators", "transformers", "validators")
_PATHS = (*_FOLDERS, "crds", "configurations", "patchesStrategicMerge")
_GENERATORS = ("configMapGenerator", "secretGenerator")
# Lists of maps, and the key in each that names files.
_NAMED = {
    "patches": "path",
    "patchesJson6902": "path",
    "replacements": "path",
    **dict.fromkeys(_GENERATORS, ("files", "envs", "env")),
}
REMOTE = re.compile(
    r"://|^git::|^gh:|^[\w.-]+@[\w.-]+:|\.git(?:/|\?|$)|[?&](?:ref|version|timeout|submodules)="
    r"|^(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)[/:]|(?:^|/)_git/"
)

# These say something of their own kustomization only. What is not here, new fields among it, may speak of
# all that is built: variables, schemas, settings of transformers, the order, plugins.
_OWN = frozenset(
    (
        *("apiVersion", "kind", "metadata", "resources", "bases", "components"),
        *("namePrefix", "nameSuffix", "namespace", "labels", "commonLabels", "commonAnnotations"),
        *("patches", "patchesStrategicMerge", "patchesJson6902", "images", "replicas", "replacements"),
        *_GENERATORS,
        "generatorOptions",
    )
)
# With these kustomize looks an object up by names that it had before.
_RENAMING = ("namePrefix", "nameSuffix", "namespace", *_GENERATORS)
# kustomize's own annotations, which say what becomes of an object in the end.
_INTERNAL = (b"config.kubernetes.io", b"needs-hash")
_API_VERSION = re.compile(rb"""\bapiVersion["']?\s*:\s*["']?([\w./-]+)""")
# Of these kustomize knows without reading a schema whether they live in a namespace.
_KNOWN = frozenset(
    (
        *(b"v1", b"apps/v1", b"batch/v1", b"policy/v1", b"networking.k8s.io/v1", b"storage.k8s.io/v1"),
        *(b"rbac.authorization.k8s.io/v1", b"apiextensions.k8s.io/v1", b"admissionregistration.k8s.io/v1"),
    )
)
_REPLACED = ("spec.", "data.", "stringData.", "metadata.labels.", "metadata.annotations.")


@dataclass(slots=True)
class Tree:
    """A kustomization and all that it leads to.

    `alone`: something in it may touch what is built with it, or be touched. `renames`: an object of it may
    have had another name or namespace, or be found as if it had; `prefixes` and `suffixes` are all that
    names may have been given. `light`: kustomize needs no schema for it, most likely.
    """

    file: str
    alone: bool = False
    renames: bool = False
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    light: bool = True


def find(root: Path, folder: str) -> str | None:
    """The kustomization file of `folder`, relative to `root`, or None."""
    found = (name for name in KUSTOMIZATION_FILES if (root / folder / name).is_file())
    name = next(found, None)
    return os.path.normpath(f"{folder}/{name}") if name else None


def read(root: Path, folder: str, file: str, top: str | None = None) -> Tree:
    """The tree below the kustomization `file` in `folder`.

    Nothing in it may lead out of the folder `top`, where one is given. Raises WeftError for that, for
    remote and missing files, and for a kustomization that says nothing.
    """
    tree = Tree(file)
    _Reader(root, tree, top).read(folder, file)
    return tree


class _Reader:
    """Goes through a tree; each kustomization is read once."""

    def __init__(self, root: Path, tree: Tree, top: str | None) -> None:
        self._root = root
        self._tree = tree
        self._top = top
        self._seen: set[str] = set()

    def read(self, folder: str, file: str) -> None:
        """Refuses remote and missing files, and empty kustomizations, here and in all that it leads to."""
        real = os.path.realpath(self._root / file)
        if real in self._seen:
            return
        self._seen.add(real)
        document = yamlio.read_file(self._root / file, file)
        if _says_nothing(document.value):
            raise error(
                f"{file} says nothing, and with it nothing would be rendered",
                document.where(),
                "list its `resources`; if it should render nothing, write `resources: []`",
            )
        self._judge(document.value, top=len(self._seen) == 1)
        self._judge_text(self._root / file)
        self._tree.light &= not (
            isinstance(document.value, dict) and document.value.get("patchesStrategicMerge")
        )
        for keys, entry in _entries(document.value):
            self._follow(folder, document, keys, entry)

    def _follow(self, folder: str, document: Document, keys: Keys, entry: str) -> None:
        place = document.where(*keys)
        if entry.startswith("/"):
            raise error(f"`{entry}` is absolute; elsewhere it is not there", place)
        local = self._root / folder / entry
        below = os.path.normpath(f"{folder}/{entry}")
        if self._top is not None and below != self._top and not below.startswith(f"{self._top}/"):
            raise error(f"`{entry}` leads out of the fetched source", place)
        if local.is_dir() and keys[0] in _FOLDERS:
            inner = find(self._root, below)
            if inner is None:
                raise error(f"{below} has no kustomization.yaml", place)
            self.read(below, inner)
        elif not local.exists() and REMOTE.search(entry):
            raise error(
                f"`{without_credentials(entry)}` is remote, and weft reads no network while it generates",
                place,
                "copy it into the repository, and name the copy",
            )
        elif not local.exists():
            raise error(f"`{entry}` does not exist", place)
        elif keys[0] not in _GENERATORS:
            data = self._judge_text(local)
            self._tree.light &= _KNOWN.issuperset(_API_VERSION.findall(data))
            if keys[0] == "replacements":
                self._judge_replacements(self._parsed(local))
            elif keys[0] in ("patches", "patchesJson6902"):
                self._judge_patches(self._parsed(local))

    def _judge(self, value: Any, *, top: bool) -> None:
        tree = self._tree
        if (
            not isinstance(value, dict)
            or not _OWN.issuperset(value)
            or (top and value.get("kind") == "Component")
        ):
            tree.alone = True
            return
        tree.renames |= any(value.get(key) for key in _RENAMING)
        tree.prefixes += tuple(filter(None, [str(value.get("namePrefix") or "")]))
        tree.suffixes += tuple(filter(None, [str(value.get("nameSuffix") or "")]))
        self._judge_replacements(value.get("replacements"))
        for key in ("patches", "patchesJson6902"):
            for _, item in _items(value.get(key)):
                if not isinstance(item, dict) or item.get("options"):
                    tree.alone = True
                elif isinstance(item.get("patch"), str):
                    self._judge_patches(self._parsed(item["patch"]))

    def _judge_text(self, path: Path) -> bytes:
        try:
            data = path.read_bytes() if path.is_file() else b""
        except OSError:
            self._tree.alone = True
            return b""
        self._tree.alone |= any(word in data for word in _INTERNAL)
        return data

    def _judge_patches(self, documents: list[Any]) -> None:
        """A JSON patch has kustomize remember the name that the object has, and may change it."""
        for document in documents:
            self._tree.light &= isinstance(document, list)
            for _, operation in _items(document):
                self._tree.renames = True
                if not isinstance(operation, dict):
                    self._tree.alone = True
                    continue
                for path in (operation.get("path"), operation.get("from")):
                    whole = path in ("", "/", "/metadata")
                    self._tree.alone |= whole or str(path).startswith("/metadata/name")

    def _judge_replacements(self, value: Any) -> None:
        """Alone where a replacement may write a name."""
        for _, item in _items(value):
            for _, one in _items(item) if isinstance(item, list) else ((0, item),):
                for _, target in _items(one.get("targets")) if isinstance(one, dict) else ():
                    paths = target.get("fieldPaths") if isinstance(target, dict) else None
                    own = isinstance(paths, list) and all(str(path).startswith(_REPLACED) for path in paths)
                    self._tree.alone |= not own

    def _parsed(self, text: str | Path) -> list[Any]:
        try:
            data = text if isinstance(text, str) else text.read_bytes()
            return [document.value for document in yamlio.read(data, "", marks=False)]
        except (WeftError, OSError):
            self._tree.alone = True
            return []


def _says_nothing(value: Any) -> bool:
    """Whether kustomize 5 takes it for empty: what names the format does not count, an empty list does."""
    if not isinstance(value, dict):
        return False
    return all(key in ("apiVersion", "kind") or said in (None, "") for key, said in value.items())


def error(message: str, place: Position, hint: str | None = None) -> DefinitionError:
    """What is wrong with a kustomization, at `place`."""
    return DefinitionError(message, file=place.file, line=place.line, column=place.column, hint=hint)


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
