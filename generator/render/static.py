"""Renders the YAML and JSON files of a folder, sub-folders too, as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Document, Places
from generator.model.manifest import Rendered
from generator.model.unit import Unit
from generator.render.base import Run, objects, opened
from generator.render.locate import Below

_SUFFIXES = (".yaml", ".yml", ".json")


class StaticRenderer:
    """Reads manifests; in the dialect every file of the folder itself, whatever its ending, as Fabrikate."""

    waits = False
    alone = False

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The objects of the folder's files, files in byte order of their paths."""
        return Rendered(tuple(objects(_found(unit, run), unit, run)))

    def locate(self, unit: Unit, run: Run) -> Sequence[Places]:
        """For each object the line and column of each of its fields; raises what `render` raises."""
        return [Below(document, path) for _, document, path in opened(_found(unit, run), run)]


def _found(unit: Unit, run: Run) -> Sequence[Document]:
    found: list[Document] = []
    for file in _files(unit, run):
        found.extend(_documents(Path(run.root), file))
    if not found:
        place = unit.component.place
        raise DefinitionError.at(place, f"{unit.component.source} holds no manifest")
    return found


def _documents(root: Path, file: str) -> list[Document]:
    try:
        data = (root / file).read_bytes()
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror}", file=file) from error
    if file.endswith(".json"):
        return [yamlio.read_json(data, file)]
    return yamlio.read(data, file, marks=True)


def _files(unit: Unit, run: Run) -> Iterator[str]:
    folder = unit.component.source or "."
    top = Path(run.root) / folder
    if top.is_file():
        yield folder
        return
    if not top.is_dir():
        place = unit.component.place
        raise DefinitionError.at(place, f"there is no folder {folder}")
    fabrikate = run.dialect == "fabrikate"
    found = []
    for directory, folders, names in os.walk(top):
        if fabrikate and folders:
            raise DefinitionError.at(
                unit.component.place,
                f"{folder} has a sub-folder, {min(folders)}, which Fabrikate cannot read",
            )
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if os.path.islink(os.path.join(directory, name)):
                raise DefinitionError.at(
                    unit.component.place,
                    f"{name} in {folder} is a symbolic link to a folder, which weft does not follow",
                    "copy the folder, or name it as a component of its own",
                )
        below = Path(directory).relative_to(Path(run.root)).as_posix()
        for name in names:
            if fabrikate or (name.endswith(_SUFFIXES) and not name.startswith(".")):
                found.append(f"{below}/{name}" if below != "." else name)
    yield from sorted(found, key=lambda file: file.encode("utf-8", "surrogateescape"))
