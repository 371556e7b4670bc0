"""Where each component of a tree stands: the map of keys that defines it, and the reference that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError
from generator.load import files
from generator.model.definition import Component, ComponentPath, Definition
from generator.model.document import Document
from generator.model.document import Path as Keys
from generator.model.record import record


@record(frozen=True)
class Site:
    """A map of keys in a component file."""

    document: Document
    keys: Keys = ()

    @property
    def file(self) -> str:
        """The file's path below the definition's root."""
        return self.document.file

    @property
    def value(self) -> Mapping[str, Any]:
        """The map."""
        value = self.document.value
        for key in self.keys:
            value = value[key]
        return value if isinstance(value, dict) else {}


@record(frozen=True)
class Sites:
    """Of one component: what defines it (its file, or an entry in another), and the entry that names it."""

    own: Site
    reference: Site | None

    @property
    def naming(self) -> Site:
        """Where its name is given: the entry, for the root its file."""
        return self.reference or self.own


def site_of(root: str, tree: Component, path: ComponentPath) -> Site:
    """The map of keys that defines the component at `path`. Raises WeftError where a file cannot be read."""
    return _walked(root, tree)[path].own


def sites(definition: Definition) -> Mapping[ComponentPath, Sites]:
    """The sites of every component, by path. Raises WeftError where a file cannot be read any more."""
    return _walked(definition.root, definition.tree)


def _walked(top: str, tree: Component) -> Mapping[ComponentPath, Sites]:
    root = Path(top)
    read: dict[str, Document] = {}

    def document(component: Component) -> Document:
        file = files.find(root, component.folder, "component")
        if file is None:
            raise DefinitionError.at(component.place, f"{component.folder} has no component.yaml")
        if file not in read:
            read[file] = files.read(root, file)
        return read[file]

    def walk(
        component: Component, own: Site, reference: Site | None
    ) -> Iterator[tuple[ComponentPath, Sites]]:
        yield component.path, Sites(own, reference)
        entries = own.value.get("subcomponents") or []
        named = {entry.get("name"): index for index, entry in enumerate(entries) if entry.get("name")}
        for child in component.children:
            index = named.get(child.name)
            if index is None:
                # Only a glob names none; what it brings in has files of its own.
                yield from walk(child, Site(document(child)), None)
                continue
            entry = Site(own.document, (*own.keys, "subcomponents", index))
            below = Site(document(child)) if child.loaded else entry
            yield from walk(child, below, entry)

    return dict(walk(tree, Site(document(tree)), None))
