"""Where a component can be edited: the user's own file that has it, and its config files."""

from __future__ import annotations

from pathlib import Path

from generator import load
from generator.errors import Several, UsageError, suggestion
from generator.load import files
from generator.load.sites import Site, site_of
from generator.model.definition import Component
from generator.model.document import Path as Keys
from generator.model.record import record
from generator.yamlio.edit import Edited


@record(frozen=True)
class Tree:
    """The component tree as far as it can be read."""

    root: str
    tree: Component
    dialect: str | None

    def component(self, text: str | None) -> Component:
        """The component at a path as users write it, the root for None. Raises UsageError where it is not."""
        path = tuple(part for part in (text or "").strip("/").split("/") if part not in ("", "."))
        found = self.tree.find(path)
        if found is None:
            labels = [one.label for one in self.tree.walk() if one.path]
            raise UsageError(f"there is no component `{text}`", hint=suggestion(text or "", labels))
        return found

    def site(self, component: Component) -> Site:
        """The map of keys that defines a component. Raises UsageError where a fetched file has it."""
        if component.origin is not None:
            raise UsageError(
                f"`{component.label}` is fetched from {component.origin.shown}, and stays as it is",
                hint="name a component of this repository",
            )
        return site_of(self.root, self.tree, component.path)

    def config(self, component: Component, layer: str) -> tuple[str, Keys]:
        """The config file of `layer` nearest to a component, and the keys below which it speaks of it."""
        owner = component
        while not owner.loaded or owner.origin is not None:
            parent = self.tree.find(owner.path[:-1])
            assert parent is not None
            owner = parent
        folder = files.join(owner.folder, "config")
        file = files.find(Path(self.root), folder, layer) or files.join(folder, f"{layer}.yaml")
        below = component.path[len(owner.path) :]
        return file, tuple(step for name in below for step in ("subcomponents", name))


def tree(root: str, dialect: str | None) -> Tree:
    """The tree of the definition in `root`; sources need not be fetched.

    Raises WeftError where there is none, or its root is broken.
    """
    found = load.survey(root, dialect, load.Sources(Path(root), load.lock.read(Path(root))))
    if found.tree is None:
        raise Several(found.errors)
    file = files.find(Path(root), ".", "component")
    said = files.read(Path(root), file).value.get("dialect") if file else None
    return Tree(root, found.tree, dialect or said)


def edited(root: str, file: str) -> Edited:
    """The file for edits, a new one where there is none. Raises WeftError where it cannot be read."""
    path = Path(root, file)
    return Edited.read(path, file) if path.exists() or path.is_symlink() else Edited.new(path, file)
