"""Gives components the sources that an environment says: trees that differ from the definition's own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.errors import DefinitionError, Several, WeftError, nearest
from generator.load import files
from generator.load.configs import ConfigLoader, Levels
from generator.load.lock import Sources
from generator.load.tree import TreeLoader
from generator.model.definition import (
    Component,
    ComponentPath,
    Config,
    ConfigSet,
    Definition,
    Environment,
    Failure,
)
from generator.model.document import Position
from generator.model.filenames import RENDERED_FILES
from generator.model.formats import ConfigFile
from generator.model.interpolate import Interpolation
from generator.model.record import record
from generator.model.stack import Stack, stack, stems

# A component's path, and the folder that takes the place of its own: what makes one tree another.
_Swap = tuple[ComponentPath, str]

# What a folder without the files of its component's type is not.
_IS_NONE = {"helm": ", so it is no Helm chart", "jinja": ", so it is no Jinja2 chart"}


@record(frozen=True)
class Seen:
    """The tree and the config files as some environments see them."""

    tree: Component
    levels: Levels


def load(
    root: Path,
    fetched: Sources,
    config: ConfigLoader,
    own: Seen,
    clusters: Mapping[str, Environment | Failure],
    names: Iterable[str],
) -> tuple[Seen, Mapping[str, Seen | Failure]]:
    """The definition's own tree, and what each of the environments `names` sees that is another.

    The config files of all are checked. A source that cannot be read is a Failure of those that say it.
    """
    others = _SourceLoader(root, fetched, config, own).load(clusters, names)
    distinct = {id(seen): seen for seen in (own, *others.values()) if isinstance(seen, Seen)}
    checked = config.checked([(seen.tree, seen.levels) for seen in distinct.values()])
    made = {
        key: replace(seen, levels=levels)
        for (key, seen), levels in zip(distinct.items(), checked, strict=True)
    }
    return made[id(own)], {name: made.get(id(found), found) for name, found in others.items()}


@dataclass
class _Work:
    """The tree of one environment while it is made."""

    environment: Environment
    levels: dict[ComponentPath, Mapping[str, ConfigSet | Failure]]
    # The components that some config gives a source, and those above them.
    spoken: set[ComponentPath]
    swaps: list[_Swap] = field(default_factory=list)

    def stack(self, component: Component) -> Stack:
        """What speaks for the component; nothing where a file is broken, which is told where it is needed."""
        try:
            return stack(Definition("", component, configs=self.levels), self.environment, component)
        except WeftError:
            return Stack((), ())


@dataclass
class _SourceLoader:
    """Makes the trees of environments; what several have in common is read once, and is one object."""

    root: Path
    fetched: Sources
    config: ConfigLoader
    own: Seen
    _loaded: dict[_Swap, tuple[Component, Levels] | WeftError] = field(default_factory=dict)
    _made: dict[tuple[_Swap, ...], Seen] = field(default_factory=dict)

    def load(
        self, clusters: Mapping[str, Environment | Failure], names: Iterable[str]
    ) -> Mapping[str, Seen | Failure]:
        """What each of the environments `names` sees that is not as the definition has it."""
        found: dict[str, Seen | Failure] = {}
        shared = _spoken(self.own.levels)
        for name in names:
            cluster = clusters.get(name)
            if not isinstance(cluster, Environment):
                continue
            spoken = {path for stem in stems(cluster) for path in shared.get(stem, ())}
            spoken |= {path for one in cluster.configs for path in _paths((), one)}
            # Most definitions say nothing of it.
            if not spoken:
                continue
            try:
                seen = self._seen(cluster, spoken)
            except WeftError as error:
                found[name] = Failure(error, cluster.labels)
                continue
            if seen is not self.own:
                found[name] = seen
        return found

    def _seen(self, environment: Environment, spoken: set[ComponentPath]) -> Seen:
        work = _Work(environment, dict(self.own.levels), _with_parents(spoken))
        tree = self._changed(self.own.tree, (), work)
        if not work.swaps:
            return self.own
        return self._made.setdefault(tuple(work.swaps), Seen(tree, work.levels))

    def _changed(self, component: Component, above: Sequence[Component], work: _Work) -> Component:
        """The component as the environment sees it."""
        if component.path not in work.spoken:
            return component
        said = work.stack(component)
        by_reference = component.loaded and component.path != ()
        reference = _source(said.handed) if by_reference else None
        if reference is not None:
            folder, place = self._folder(component, reference, work.environment)
            component = self._swapped(component, folder, place, above, work)
            # The files of its own folder are others now.
            said = work.stack(component)
        rendered = _source(said.own if by_reference else said.configs)
        if rendered is not None:
            folder, place = self._folder(component, rendered, work.environment)
            self._check(component, folder, place)
            component = _rendering(component, folder, place)
            work.swaps.append(((*component.path, "."), folder))
        children = tuple(self._changed(child, (*above, component), work) for child in component.children)
        if all(new is old for new, old in zip(children, component.children, strict=True)):
            return component
        return replace(component, children=children)

    def _folder(self, component: Component, config: Config, environment: Environment) -> tuple[str, Position]:
        """The folder that a config gives the component, from the root; raises where it is none."""
        place = config.where("source")
        keys = config.keys
        said = keys.source if isinstance(keys, ConfigFile) else None
        source = str(Interpolation(environment, {}, lambda path: place).fill(said))
        if source.startswith("/") or "://" in source or "\0" in source:
            raise DefinitionError.at(place, f"`{source}` is no folder", "write it relative to this file")
        file = config.document.file
        folder = files.join(posixpath.dirname(file), source)
        if not (self.root / folder).is_dir():
            raise DefinitionError.at(
                place,
                f"there is no folder {folder} for `{component.label}`",
                self._hint(component, file, source),
            )
        return folder, place

    def _check(self, component: Component, folder: str, place: Position) -> None:
        """Refuses a folder without the file that the component's type renders; renderers know no `place`."""
        names = RENDERED_FILES.get(component.type, ())
        # Hooks may have yet to write it.
        if component.hooks or not names or any((self.root / folder / name).is_file() for name in names):
            return
        raise DefinitionError.at(place, f"{folder} has no {names[0]}{_IS_NONE.get(component.type, '')}")

    def _hint(self, component: Component, file: str, source: str) -> str:
        """The way to a folder that is there when one begins where the component is."""
        folders = (component.folder, posixpath.dirname(component.place.file))
        for folder in folders:
            meant = files.join(folder, source)
            if (self.root / meant).is_dir():
                start = posixpath.dirname(file)
                return f"it is relative to this file: write {posixpath.relpath(meant, start or '.')}"
        wanted = self.root / files.join(posixpath.dirname(file), source)
        near = wanted.parent.is_dir() and nearest(
            wanted.name, [one.name for one in wanted.parent.iterdir() if one.is_dir()]
        )
        return f"did you mean '{near}'?" if near else "it is relative to this file"

    def _swapped(
        self, component: Component, folder: str, place: Position, above: Sequence[Component], work: _Work
    ) -> Component:
        """The component with another component file, config folder and all below it."""
        key = (component.path, folder)
        if key not in self._loaded:
            self._loaded[key] = self._read(component, folder, place, above)
        found = self._loaded[key]
        if isinstance(found, WeftError):
            raise found
        replaced, levels = found
        depth = len(component.path)
        for path in [path for path in work.levels if path[:depth] == component.path]:
            del work.levels[path]
        work.levels.update(levels)
        shared = _spoken(levels)
        work.spoken |= _with_parents(
            path for stem in stems(work.environment) for path in shared.get(stem, ())
        )
        work.swaps.append(key)
        return replaced

    def _read(
        self, component: Component, folder: str, place: Position, above: Sequence[Component]
    ) -> tuple[Component, Levels] | WeftError:
        loader = TreeLoader(self.root, self.config.dialect, self.fetched)
        try:
            found = loader.elsewhere(component, folder, place, above)
        except WeftError as error:
            return error
        if loader.errors:
            return Several(loader.errors)
        before = len(self.config.errors)
        levels = self.config.load(found)
        errors = self.config.errors[before:]
        del self.config.errors[before:]
        return Several(errors) if errors else (found, levels)


def _rendering(component: Component, folder: str, place: Position) -> Component:
    """The component with another folder to render."""
    if component.type != "component":
        return replace(component, source=folder)
    label = component.label
    if not component.path:
        raise DefinitionError.at(place, "the root is where it is", "give a subcomponent another `source`")
    if not component.loaded:
        raise DefinitionError.at(
            place,
            f"`{label}` has its subcomponents at {component.place}, so no folder takes its place",
            "give one of its subcomponents another `source`",
        )
    raise DefinitionError.at(
        place,
        f"`{label}` renders nothing, so there is no folder to take another for",
        f"for another component file, say it above: `subcomponents: {{{component.name}: {{source: ...}}}}`",
    )


def _source(configs: Sequence[Config]) -> Config | None:
    """The strongest of the config files that gives a source."""
    files_only = [config for config in configs if isinstance(config.keys, ConfigFile)]
    return Stack(files_only, ()).said("source").source(lambda keys: keys.source)


def _spoken(levels: Levels) -> Mapping[str, set[ComponentPath]]:
    """The components that get a source, by the stem of the files that say so."""
    found: dict[str, set[ComponentPath]] = {}
    for level, sets in levels.items():
        for stem, one in sets.items():
            if isinstance(one, ConfigSet):
                found.setdefault(stem, set()).update(_paths(level, one))
    return found


def _paths(level: ComponentPath, found: ConfigSet) -> Iterator[ComponentPath]:
    for path, config in found.nodes.items():
        if isinstance(config.keys, ConfigFile) and config.keys.source is not None:
            yield (*level, *path)


def _with_parents(paths: Iterable[ComponentPath]) -> set[ComponentPath]:
    return {path[:depth] for path in paths for depth in range(len(path) + 1)}
