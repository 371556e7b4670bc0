"""Reads the config/ folders: which files count, and what each says for which component."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError, Several, UsageError, WeftError, suggestion
from generator.load import files
from generator.model.definition import Component, ComponentPath, Config, ConfigSet, Failure
from generator.model.document import Document, Position
from generator.model.document import Path as DocumentPath
from generator.model.formats import ConfigFile, FabrikateConfigFile

_LAYER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")

# What is laid over objects after Fabrikate would have written them.
_WEFTS_OWN = ("images", "replicas", "patches", "select", "source")

Levels = Mapping[ComponentPath, Mapping[str, ConfigSet | Failure]]


@dataclasses.dataclass
class ConfigLoader:
    """Reads the config files of `wanted` layers at every component that has a folder of its own."""

    root: Path
    dialect: str
    wanted: Collection[str]
    known: Collection[str] | None
    errors: list[WeftError] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    stems: set[str] = dataclasses.field(default_factory=set)

    def load(self, tree: Component) -> Levels:
        """The config sets by component path and file stem; faults of a file are its Failure."""
        levels: dict[ComponentPath, Mapping[str, ConfigSet | Failure]] = {}
        for component in tree.walk():
            if component.loaded:
                try:
                    levels[component.path] = self._level(component)
                except WeftError as error:
                    self.errors.append(error)
        return levels

    def _level(self, component: Component) -> Mapping[str, ConfigSet | Failure]:
        folder = files.join(component.folder, "config")
        level: dict[str, ConfigSet | Failure] = {}
        for stem, file in files.stems(self.root, folder):
            if component.origin is not None and self.known is not None and stem not in self.known:
                # Who publishes a component has environments of their own.
                continue
            self.stems.add(stem)
            if self.known is not None and stem not in self.known:
                raise DefinitionError(
                    f"`{stem}` is no environment, no layer of one, and not `common`",
                    file=file,
                    hint=suggestion(stem, self.known),
                )
            if stem in self.wanted:
                level[stem] = self._read(component, file)
        return level

    def _read(self, component: Component, file: str) -> ConfigSet | Failure:
        try:
            document = files.read(self.root, file)
            cls: Any = FabrikateConfigFile if self.dialect == "fabrikate" else ConfigFile
            return flatten(files.parse(cls, document), document, by_path=self.dialect != "fabrikate")
        except WeftError as error:
            return Failure(error)

    def checked(self, seen: Sequence[tuple[Component, Levels]]) -> Sequence[Levels]:
        """The config sets of each tree with its levels; one that speaks of no component is a Failure.

        A file that several trees have may speak of a component that only some of them have.
        """
        speakers: dict[int, tuple[ConfigSet, list[Component]]] = {}
        for tree, levels in seen:
            components = {component.path: component for component in tree.walk() if component.path in levels}
            for path, sets in levels.items():
                for found in sets.values():
                    if isinstance(found, ConfigSet):
                        speakers.setdefault(id(found), (found, []))[1].append(components[path])
        verdicts = {key: self._verdict(found, components) for key, (found, components) in speakers.items()}
        return [
            {
                path: {stem: verdicts.get(id(found), found) for stem, found in sets.items()}
                for path, sets in levels.items()
            }
            for _, levels in seen
        ]

    def _verdict(self, found: ConfigSet, components: Sequence[Component]) -> ConfigSet | Failure:
        unknown = list(check(components, found))
        if unknown and self.dialect == "fabrikate":
            # Fabrikate passes over such config; so a definition that it reads still generates.
            self.notes.extend(f"{error.place}: {error.message}" for error in unknown)
        elif unknown:
            return Failure(Several(unknown))
        return found


def flatten(keys: Any, document: Document, *, by_path: bool) -> ConfigSet:
    """`keys` of a file taken apart by component; with `by_path`, a name with `/` is a path.

    Raises DefinitionError where a file speaks of one component in two places.
    """
    nodes: dict[ComponentPath, Config] = {}

    def take(node: Any, path: ComponentPath, prefix: DocumentPath) -> None:
        config = Config(node, document, prefix)
        if path in nodes:
            place = config.where()
            raise DefinitionError.at(
                place,
                f"`{'/'.join(path)}` is configured here and at {nodes[path].where()}",
                hint="write it once",
            )
        nodes[path] = config
        for name, child in (node.subcomponents or {}).items():
            steps = tuple(name.split("/")) if by_path else (name,)
            # Nothing below a name is no config, but the name itself may still be wrong.
            take(child or type(keys)(), (*path, *steps), (*prefix, "subcomponents", name))

    take(keys, (), ())
    return ConfigSet(document.file, nodes)


def check(components: Sequence[Component], found: ConfigSet) -> Iterator[DefinitionError]:
    """An error for each node of `found` that speaks of nothing below any of `components`."""
    for path, config in found.nodes.items():
        errors = [_unknown(component, path, config) for component in components]
        if errors[0] is not None and None not in errors:
            yield errors[0]


def _unknown(component: Component, path: ComponentPath, config: Config) -> DefinitionError | None:
    node = component
    for step in path:
        below = node.find((step,))
        if below is None:
            return DefinitionError.at(
                config.where(),
                f"config for `{'/'.join(path)}`, but `{node.label}` has no subcomponent `{step}`",
                hint=suggestion(step, [child.name for child in node.children]),
            )
        node = below
    return None


def beyond_fabrikate(found: ConfigSet) -> Iterator[DefinitionError]:
    """An error for each key of an environment file that Fabrikate has not, and that would do nothing."""
    for config in found.nodes.values():
        for key in _WEFTS_OWN:
            if getattr(config.keys, key, None) is not None:
                message = f"`{key}` is weft's own, and this definition is read in the dialect"
                yield DefinitionError.at(
                    config.where(key), message, "patch in the component's chart, or leave the dialect"
                )


def unknown_layers(
    places: Mapping[str, Position], stems: Collection[str], environments: Collection[str]
) -> Iterator[DefinitionError]:
    """An error for each layer that is an environment, or that no config file of the tree is named after."""
    for layer, place in places.items():
        if layer in environments:
            yield DefinitionError.at(
                place,
                f"`{layer}` is an environment, so it is no layer",
                "give what they share a layer of its own",
            )
            continue
        if layer not in stems:
            yield DefinitionError.at(
                place,
                f"there is no layer `{layer}`: no config/{layer}.yaml anywhere",
                hint=suggestion(layer, stems),
            )


def check_layers(layers: Collection[str], stems: Collection[str], known: Collection[str]) -> None:
    """Raises UsageError for a layer of the dialect that no file of the tree is named after."""
    for layer in layers:
        if not _LAYER.fullmatch(layer):
            raise UsageError(f"`{layer}` is no name for a layer: it would be a path")
    if not stems:
        # Without any config the layers do no more than name the output folder.
        return
    for layer in layers:
        if layer not in stems and layer != "common" and layer not in known:
            raise UsageError(
                f"there is no layer `{layer}`: no config/{layer}.yaml anywhere",
                hint=suggestion(layer, [*stems, *known]),
            )
