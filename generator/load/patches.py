"""Reads `patches`: text and files among them, each told apart by its shape and with its place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, Several, WeftError, nearest
from generator.load import files, operations
from generator.model.definition import Config
from generator.model.document import Document, Position
from generator.model.document import Path as DocumentPath
from generator.model.formats.patches import Patch, Target
from generator.model.patches import PatchKind, PlacedPatch
from generator.schema import targets

_CONTENTS = ("patch", "merge", "path")


def read(root: Path, config: Config) -> Sequence[PlacedPatch]:
    """The patches that one config file or reference gives one component, in order; files are below `root`.

    Raises Several with every patch that is refused.
    """
    found: list[PlacedPatch] = []
    errors: list[WeftError] = []
    for index, patch in enumerate(config.keys.patches or ()):
        try:
            found.extend(_Reader(root, config, index, patch).read())
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return found


class _Reader:
    def __init__(self, root: Path, config: Config, index: int, patch: Patch) -> None:
        self._root = root
        self._config = config
        self._path: DocumentPath = ("patches", index)
        self._patch = patch

    def read(self) -> Iterator[PlacedPatch]:
        """One patch for each document of what the entry gives, checked as far as that needs no object."""
        given = [name for name in _CONTENTS if getattr(self._patch, name) is not None]
        if len(given) != 1:
            said = " and ".join(f"`{name}`" for name in given) or "none of them"
            raise self._error(
                "a patch needs one of `patch`, `merge` and `path`, and has " + said,
                hint="see docs/reference/config.md, Patches",
            )
        if self._patch.target is not None:
            self._check_target(self._patch.target)
        for document, prefix, text in self._contents(given[0]):
            value = document.value
            for step in prefix:
                value = value[step]
            place = document.where(*prefix)
            place = Position(place.file, place.line) if text else place
            placed = PlacedPatch(
                kind="merge" if given[0] == "merge" else self._shape(value, place),
                content=value,
                place=self._config.where(*self._path),
                target=self._patch.target,
                document=document,
                prefix=prefix,
                text=text,
            )
            self._check(placed)
            yield placed

    def _contents(self, given: str) -> Iterator[tuple[Document, DocumentPath, bool]]:
        """Each document with the path of the patch in it, and whether it is text in another."""
        if given == "path":
            yield from ((document, (), False) for document in self._file())
        elif given == "patch" and isinstance(self._patch.patch, str):
            yield from ((document, (), True) for document in self._text(self._patch.patch))
        else:
            yield self._config.document, (*self._config.prefix, *self._path, given), False

    def _text(self, text: str) -> Sequence[Document]:
        place = self._config.where(*self._path, "patch")
        # A block begins on the line after its key; other text has one line as a rule.
        line = (place.line or 1) - (0 if "\n" in text else 1)
        try:
            documents = yamlio.read(text, place.file, line=line)
        except WeftError as error:
            # Where the block is indented to, its text does not know.
            error.column = None
            raise
        return self._some(documents, "the text is empty")

    def _file(self) -> Sequence[Document]:
        said = str(self._patch.path)
        folder = posixpath.dirname(self._config.document.file)
        file = files.join(folder, said)
        place = self._config.where(*self._path, "path")
        if posixpath.isabs(file) or file.startswith(".."):
            raise DefinitionError.at(place, f"`{said}` leads out of the definition")
        try:
            data = (self._root / file).read_bytes()
        except OSError as error:
            near = nearest(posixpath.basename(file), self._beside(file))
            hint = f"did you mean '{posixpath.join(posixpath.dirname(said), near)}'?" if near else None
            raise DefinitionError.at(place, f"{file} cannot be read: {error.strerror}", hint) from None
        read = [yamlio.read_json(data, file)] if file.endswith(".json") else yamlio.read(data, file)
        return self._some(read, f"{file} is empty")

    def _beside(self, file: str) -> Sequence[str]:
        try:
            return sorted(entry.name for entry in (self._root / posixpath.dirname(file)).iterdir())
        except OSError:
            return ()

    def _some(self, documents: Sequence[Document], empty: str) -> Sequence[Document]:
        if not documents:
            raise self._error(empty, hint="write a strategic merge patch, or a list of JSON 6902 operations")
        return documents

    def _shape(self, value: Any, place: Position) -> PatchKind:
        if isinstance(value, dict):
            return "strategic"
        if isinstance(value, list):
            return "json6902"
        raise DefinitionError.at(
            place, "a patch is a map (strategic merge) or a list (JSON 6902 operations), and this is neither"
        )

    def _check(self, placed: PlacedPatch) -> None:
        if not placed.content:
            raise self._error(
                "the patch is empty, and changes nothing", hint="remove it, or write what it changes"
            )
        if placed.kind == "json6902":
            operations.check(placed)
        if placed.target is not None:
            return
        if placed.kind != "strategic":
            raise self._error(
                "a patch of this kind needs a `target`",
                hint="for example `target: {kind: Deployment, name: shop}`",
            )
        missing = [word for word in ("apiVersion", "kind", "name") if word not in placed.described]
        if missing:
            names = " and ".join(f"`metadata.{word}`" if word == "name" else f"`{word}`" for word in missing)
            raise DefinitionError.at(
                placed.where(),
                f"a patch without a `target` names its object, and this one has no {names}",
                hint="add it, or say `target: {kind: …, name: …}`",
            )

    def _check_target(self, target: Target) -> None:
        # What `${…}` stands for is known in an environment only.
        known = {name: None if "${" in str(value) else value for name, value in vars(target).items()}
        try:
            targets.compiled(replace(target, **known))
        except targets.BadTarget as bad:
            place = self._config.where(*self._path, "target", bad.field)
            raise DefinitionError.at(place, bad.message, bad.hint) from None

    def _error(self, message: str, hint: str | None = None) -> DefinitionError:
        return DefinitionError.at(self._config.where(*self._path), message, hint)
