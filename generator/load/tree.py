"""Walks the component files from the root and builds the component tree."""

from __future__ import annotations

import dataclasses
import os.path
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError, WeftError, suggestion
from generator.load import files, globs, remotes, said
from generator.load.lock import Sources
from generator.model.definition import Component, ComponentPath, Config
from generator.model.document import Document, Position
from generator.model.formats import (
    ComponentFile,
    FabrikateComponentFile,
    HelmOptions,
)
from generator.model.source import Locked, Remote

_GLOB = re.compile(r"[*?\[]")

# A deployable tree has a handful of levels; the walk over it is recursive and its paths must fit a file name.
MAX_DEPTH = 50


@dataclasses.dataclass
class TreeLoader:
    """Builds components; every error of the tree ends up in `errors`."""

    root: Path
    dialect: str
    sources: Sources
    errors: list[WeftError] = dataclasses.field(default_factory=list)
    _reals: dict[str, str] = dataclasses.field(default_factory=dict)

    def load_root(self, document: Document) -> Component:
        """The root component, whose file was read as `document`."""
        return self._loaded(".", (), document, None, Position(document.file), {})

    def elsewhere(
        self, component: Component, folder: str, where: Position, above: Sequence[Component]
    ) -> Component:
        """A loaded component as it is where its component file is that of another `folder`, as `where` says.

        `above` are the components above it, the root first. Raises WeftError for the folder itself; what
        is wrong below it ends up in `errors`.
        """
        assert component.reference is not None
        chain = {self._real(one.folder): one.folder for one in above if one.loaded}
        return self._from_folder(folder, component.path, component.reference, component.place, chain, where)

    # One reference of a component file.

    def _references(
        self,
        keys: Any,
        document: Document,
        prefix: tuple[Any, ...],
        folder: str,
        path: ComponentPath,
        chain: Mapping[str, str],
    ) -> tuple[Component, ...]:
        if len(path) > MAX_DEPTH:
            place = document.where(*prefix)
            self.errors.append(DefinitionError.at(place, f"components nest deeper than {MAX_DEPTH} levels"))
            return ()
        children: dict[str, Component] = {}
        for index, reference in enumerate(keys.subcomponents or ()):
            at = (*prefix, "subcomponents", index)
            try:
                for child in self._reference(reference, Config(reference, document, at), folder, path, chain):
                    self._add(children, child)
            except WeftError as error:
                self.errors.append(error)
        return tuple(children.values())

    def _add(self, children: dict[str, Component], child: Component) -> None:
        twin = children.get(child.name)
        if twin is not None:
            raise DefinitionError.at(
                child.place,
                f"component `{child.label}` is here a second time; {twin.place} brings it in already",
                "two components cannot land on one path: rename one",
            )
        children[child.name] = child

    def _reference(
        self, reference: Any, config: Config, folder: str, path: ComponentPath, chain: Mapping[str, str]
    ) -> tuple[Component, ...]:
        kind = reference.type or getattr(reference, "generator", None)
        place = config.where()
        remote = self._remote(reference, config, folder, kind, reference.name or "")
        source = self._local(reference, config, folder) if remote is None else self._fetched(remote)
        if source is not None and remote is None and _GLOB.search(source):
            return self._globbed(reference, config, source, kind, path, chain)
        name = said.name_of(reference.name, config, place, self.dialect)
        if kind in (None, "component") and source is not None:
            return (self._from_folder(source, (*path, name), config, place, chain),)
        if kind in (None, "component") and reference.subcomponents is None:
            raise DefinitionError.at(
                place,
                f"component `{name}` has no source, no type and no subcomponents",
                f"give it `source: ./{name}`, or a type and a path",
            )
        return (self._inlined(reference, config, folder, source, kind or "component", (*path, name), chain),)

    def _inlined(
        self,
        reference: Any,
        config: Config,
        folder: str,
        source: str | None,
        kind: str,
        path: ComponentPath,
        chain: Mapping[str, str],
    ) -> Component:
        name = path[-1]
        if kind != "component" and source is None:
            raise DefinitionError.at(
                config.where("type"), f"component `{name}` of type {kind} needs a `path` or a `source`", None
            )
        return Component(
            name=name,
            path=path,
            type=kind,
            folder=folder,
            source=source,
            origin=self._owner(folder),
            locked=self._owner(source),
            place=config.where(),
            inline=said.inline(reference, config),
            loaded=False,
            title=name,
            helm=getattr(reference, "helm", None) or HelmOptions(),
            hooks=reference.hooks,
            hooks_origin=self._owner(folder),
            ignores=said.ignores(config),
            placed=said.placed(config),
            children=self._references(reference, config.document, config.prefix, folder, path, chain),
        )

    def _globbed(
        self,
        reference: Any,
        config: Config,
        pattern: str,
        kind: str | None,
        path: ComponentPath,
        chain: Mapping[str, str],
    ) -> tuple[Component, ...]:
        if reference.name is not None:
            raise DefinitionError.at(
                config.where("name"), "a glob names its components by their folders", "leave `name` out"
            )
        if kind not in (None, "component") or reference.subcomponents is not None:
            raise DefinitionError.at(
                config.where("source"), "a glob brings in folders with a component file", "leave the rest out"
            )
        try:
            found = globs.components(self.root, pattern, chain, self.sources.lock.vendor, self._real)
        except ValueError as error:
            raise DefinitionError.at(
                config.where("source"), f"`{pattern}` is no glob: {error}", None
            ) from None
        if not found:
            raise DefinitionError.at(
                config.where("source"), f"`{reference.source or reference.path}` matches no component", None
            )
        components = []
        for folder in found:
            name = posixpath.basename(folder)
            name = said.name_of(name, config, config.where("source"), self.dialect)
            components.append(self._from_folder(folder, (*path, name), config, config.where("source"), chain))
        return tuple(components)

    # A folder with a component file.

    def _from_folder(
        self,
        folder: str,
        path: ComponentPath,
        config: Config,
        place: Position,
        chain: Mapping[str, str],
        where: Position | None = None,
    ) -> Component:
        where = where or config.where("source" if "source" in said.keys_of(config) else "path")
        if said.keys_of(config).get("subcomponents") is not None:
            raise DefinitionError.at(
                config.where("subcomponents"), f"`{path[-1]}` gets its subcomponents from {folder}", None
            )
        real = self._real(folder)
        if real in chain:
            raise DefinitionError.at(
                where, f"{folder} brings itself in: {' -> '.join((*chain.values(), folder))}", None
            )
        file = files.find(self.root, folder, "component")
        if file is None:
            shown = self.sources.shown(folder)
            raise DefinitionError.at(where, f"{shown} has no component.yaml", self._near_folder(folder))
        document = files.read(self.root, file)
        return self._loaded(folder, path, document, config, place, {**dict(chain), real: folder})

    def _loaded(
        self,
        folder: str,
        path: ComponentPath,
        document: Document,
        config: Config | None,
        place: Position,
        chain: Mapping[str, str],
        called: str | None = None,
    ) -> Component:
        chain = dict(chain) or {self._real(folder): folder}
        cls: Any = FabrikateComponentFile if self.dialect == "fabrikate" else ComponentFile
        keys = files.parse(cls, document, {"deployments": "deployments are subcomponents of their service"})
        own = Config(keys, document, ())
        name = path[-1] if path else called or keys.name or "root"
        fetched = self._owner(folder) is not None
        below_root = bool(path) or config is not None
        said.check_file(keys, own, name, self.dialect, below_root=below_root, fetched=fetched)
        kind = keys.type or getattr(keys, "generator", None) or "component"
        remote = self._remote(keys, own, folder, kind, name)
        if kind == "component" and remote is not None and not below_root:
            return self._fetched_root(own, remote, chain)
        source = self._local(keys, own, folder) if remote is None else self._fetched(remote)
        if kind == "component" and source is not None:
            raise DefinitionError.at(
                own.where("source"),
                "a component file that only groups others has no source of its own",
                "give a `type`, or move the source to a subcomponent",
            )
        if kind != "component" and source is None:
            raise DefinitionError.at(own.where("type"), f"type {kind} needs a `path` or a `source`", None)
        # Who brings a component in may give it hooks that its own file does not have.
        borrowed: Any = config.keys if config is not None and keys.hooks is None else None
        hooks = borrowed.hooks if borrowed else keys.hooks
        above = posixpath.dirname(config.document.file) or "." if config is not None and borrowed else None
        inline = (*(said.inline(config.keys, config) if config else ()), *said.inline(keys, own))
        return Component(
            name=name,
            path=path,
            type=kind,
            folder=folder,
            source=source,
            origin=self._owner(folder),
            locked=self._owner(source),
            place=place,
            inline=inline,
            reference=config,
            loaded=True,
            title=keys.name or name,
            helm=said.helm(config, keys),
            hooks=hooks,
            hooks_origin=self._owner(above or folder),
            ignores=(*said.ignores(own), *(said.ignores(config) if config else ())),
            placed=said.placed(config, own),
            children=self._references(keys, document, (), folder, path, chain),
        )

    def _fetched_root(self, own: Config, remote: Remote, chain: Mapping[str, str]) -> Component:
        """The root where its file only says where all of it is fetched from."""
        beside = self.root / "config"
        if beside.is_dir():
            raise DefinitionError.at(
                own.where("source"),
                f"the root comes from {remote.shown}, so config/ beside this file would not be read",
                "write it into environments/, or bring the source in as a subcomponent",
            )
        name = getattr(own.keys, "name", None) or "root"
        folder = self._fetched(remote)
        file = files.find(self.root, folder, "component")
        if file is None:
            raise DefinitionError.at(
                own.where("source"), f"{self.sources.shown(folder)} has no component.yaml"
            )
        document = files.read(self.root, file)
        inner = self._real(folder)
        return self._loaded(folder, (), document, own, own.where(), {**dict(chain), inner: folder}, name)

    def _real(self, folder: str) -> str:
        """The path of a folder without links; each folder is looked at once for all that are below it."""
        if folder not in self._reals:
            path = os.path.join(self.root, folder)
            above, name = posixpath.split(folder)
            if name in ("", ".", "..") or os.path.isabs(folder) or os.path.islink(path):
                self._reals[folder] = os.path.realpath(path)
            else:
                self._reals[folder] = os.path.join(self._real(above or "."), name)
        return self._reals[folder]

    # Where its source is.

    def _local(self, keys: Any, config: Config, folder: str) -> str | None:
        found = said.local(keys, config, folder)
        owner = self.sources.owner(folder)
        if found is not None and owner is not None and not f"{found}/".startswith(f"{owner[1]}/"):
            key = "source" if keys.source is not None else "path"
            raise DefinitionError.at(
                config.where(key), f"`{getattr(keys, key)}` leads out of {owner[0].shown}"
            )
        return found

    def _remote(self, keys: Any, config: Config, folder: str, kind: str | None, name: str) -> Remote | None:
        foreign = self._owner(folder) is not None
        return remotes.remote(keys, config, kind or "component", name=name, folder=folder, foreign=foreign)

    def _fetched(self, remote: Remote) -> str:
        """The folder of a remote source. Raises NotFetched where there is none."""
        content = self.sources.folder(remote)
        found = files.join(content, remote.below)
        if not (self.root / found).exists():
            raise DefinitionError.at(remote.place, f"there is no `{remote.path}` in {remote.shown}")
        remote.check(self.root / content)
        return found

    def _owner(self, folder: str | None) -> Locked | None:
        """The source in whose content a folder lies."""
        owner = self.sources.owner(folder) if folder else None
        return owner[0] if owner else None

    def _near_folder(self, folder: str) -> str | None:
        parent, _, name = folder.rpartition("/")
        try:
            siblings = [
                entry.name
                for entry in (self.root / parent).iterdir()
                if any((entry / f"component{suffix}").is_file() for suffix in files.SUFFIXES)
            ]
        except OSError:
            return None
        return suggestion(name, siblings)
