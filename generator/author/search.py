"""`weft find`: components and charts of the tree and of what was fetched, by what they say of themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from generator import load, yamlio
from generator.author.places import Tree
from generator.errors import WeftError
from generator.load import files
from generator.model.filenames import COMPONENT_FILES
from generator.model.record import record
from generator.model.source import STORE

_CHARTS = ("Chart.yaml", "chart.yaml")
# Neither what weft makes nor what git keeps holds anything to bring in.
_PASSED_OVER = ("generated", "node_modules", "templates", "config")


@record(frozen=True)
class Found:
    """A component of the tree, or a chart or component that it could bring in.

    `component` is its path in the tree, empty where nothing brings it in; `path` its folder.
    """

    name: str
    component: str
    path: str
    type: str
    source: str
    version: str
    description: str

    def as_json(self) -> dict[str, str]:
        """What is found, as `-o json` has it."""
        return dict(self.__dict__)

    def rank(self, text: str) -> int | None:
        """How well it fits `text`: the less the better; None where it does not."""
        wanted = text.casefold()
        if self.name.casefold() == wanted:
            return 0
        fields = (self.name, self.component, self.path, self.source, self.description, self.type)
        return next((i + 1 for i, field in enumerate(fields) if wanted in field.casefold()), None)


def search(tree: Tree, text: str) -> Sequence[Found]:
    """All that fits `text`, whatever its case, the best first. Raises WeftError for a lock that is broken."""
    every = [*_components(tree)]
    seen = {folder for one in tree.tree.walk() for folder in (one.folder, one.source)}
    every += [one for one in _others(tree) if one.path not in seen]
    ranked = [(rank, one) for one in every if (rank := one.rank(text)) is not None]
    return [one for _, one in sorted(ranked, key=lambda pair: (pair[0], pair[1].component, pair[1].path))]


def _components(tree: Tree) -> Iterator[Found]:
    for component in tree.tree.walk():
        folder = component.source or component.folder
        about = _about(Path(tree.root), folder)
        source = component.locked or component.origin
        yield Found(
            name=component.name,
            component=component.label if component.path else ".",
            path=folder,
            type=component.type,
            source=source.shown if source else "",
            version=about.get("version", "") or (source.resolved if source else ""),
            description=about.get("description", ""),
        )


def _others(tree: Tree) -> Iterator[Found]:
    """Charts and components in the folders of the tree and of the store that nothing brings in."""
    root = Path(tree.root)
    lock = load.lock.read(root)
    sources = {entry.folder: entry for entry in lock.sources}
    for top in (".", STORE):
        for folder, names in _folders(root, top):
            kind = _kind(names)
            if kind is None:
                continue
            about = _about(root, folder)
            entry = sources.get(folder.split("/")[1]) if folder.startswith(f"{STORE}/") else None
            yield Found(
                name=about.get("name") or folder.rpartition("/")[2],
                component="",
                path=folder,
                type=kind,
                source=entry.shown if entry else "",
                version=about.get("version", "") or (entry.resolved if entry else ""),
                description=about.get("description", ""),
            )


def _folders(root: Path, top: str) -> Iterator[tuple[str, Sequence[str]]]:
    for directory, folders, names in os.walk(root / top):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in _PASSED_OVER)
        yield files.join(Path(directory).relative_to(root).as_posix()), names


def _kind(names: Sequence[str]) -> str | None:
    if "Chart.yaml" in names:
        return "helm"
    if "chart.yaml" in names:
        return "jinja"
    return "component" if any(name in names for name in COMPONENT_FILES) else None


def _about(root: Path, folder: str) -> dict[str, str]:
    """What a chart or component says of itself; nothing where it cannot be read."""
    for name in (*_CHARTS, *COMPONENT_FILES):
        file = root / folder / name
        if not file.is_file():
            continue
        try:
            value: Any = yamlio.read_file(file, name).value
        except WeftError:
            return {}
        if isinstance(value, dict):
            return {key: str(value[key]) for key in ("name", "version", "description") if value.get(key)}
    return {}
