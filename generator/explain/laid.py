"""Where a field comes from that weft makes, or lays over an object: a key of weft's, or what it copies."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence

from generator import render
from generator.explain.behind import Trials
from generator.explain.changes import Leaf
from generator.explain.keys import Keys
from generator.explain.layered import Layered
from generator.explain.leaves import leaves
from generator.explain.made import Copied, copied
from generator.explain.mapped import mapping_behind
from generator.explain.paths import lookup
from generator.explain.placed import place_of_replicas, replicas_note
from generator.explain.scene import Scene
from generator.explain.stage import Stage, Target
from generator.model.definition import ComponentPath
from generator.model.document import Path, Position
from generator.model.namespaces import Mapped


class Laid:
    """Finds the places of the fields of one object that no renderer wrote."""

    def __init__(self, scene: Scene, staged: Stage, found: Target) -> None:
        self._scene = scene
        self._stage = staged
        self._found = found
        self._unit = staged.unit(found.item)
        self.layered = Layered(staged, found)
        self._keys = Keys(scene, scene.grounds(self._unit.path))

    def places(self, paths: Collection[Path]) -> Mapping[Path, Position | None]:
        """The place that each field comes from; None for what weft makes without a word from anybody."""
        found = {
            path: place
            for path in paths
            if (place := self._mapped(path) or self.layered.place(path) or self._own(path)) is not None
        }
        # Several keys may give the parts of a map or a list, so none gives all of it.
        rest = [path for path in paths if path not in found and not self._parted(path)]
        if rest and self._routing:
            trials = Trials(self._scene, self._stage, self._found.item, (), ())
            for path, (_, leaf) in trials.each(self._routing, rest).items():
                winner = Keys(self._scene, self._scene.grounds(leaf.component)).explain(leaf.key).winner
                if winner is not None:
                    found[path] = winner.place
        for path in rest:
            if path not in found and path in self._copied:
                found[path] = self._rendered(*self._copied[path])
        return {path: found.get(path) for path in paths}

    def components(self, path: Path) -> Sequence[ComponentPath]:
        """The components whose objects the fields at and below `path` are copied from."""
        return list(dict.fromkeys(one[0] for at, one in self._copied.items() if at[: len(path)] == path))

    def mapping(self, path: Path) -> Mapped | None:
        """The mapping of a namespace that the field has its name from."""
        return mapping_behind(self._stage, self._found, path)

    def _mapped(self, path: Path) -> Position | None:
        mapping = self.mapping(path)
        return mapping.place if mapping else None

    def placement(self, path: Path) -> str:
        """What placement says where it gave the field its value; empty where it did not."""
        if place_of_replicas(self._scene, self._unit, self._found.item, path) is None:
            return ""
        return replicas_note(self._scene, self._unit)

    def _own(self, path: Path) -> Position | None:
        placed = place_of_replicas(self._scene, self._unit, self._found.item, path)
        return placed or self._metadata(path)

    def _parted(self, path: Path) -> bool:
        value = lookup(self._found.item.data, path)
        return isinstance(value, (dict, list)) and bool(value)

    def _metadata(self, path: Path) -> Position | None:
        """Where the namespace, label or annotation stands that weft lays on all objects of a component."""
        if path == ("metadata", "namespace"):
            key: Path = ("namespace",)
        elif path[:1] == ("metadata",) and path[1:2] in (("labels",), ("annotations",)):
            key = path[1:]
        else:
            return None
        config, _ = self._keys.winner(key)
        return config.where(*key) if config else None

    @functools.cached_property
    def _routing(self) -> Sequence[Leaf]:
        return [
            leaf
            for leaf in leaves(self._scene, self._unit)
            # The provider says which objects there are; no field holds it.
            if leaf.weft and leaf.key[0] == "routing" and leaf.key != ("routing", "provider")
        ]

    @functools.cached_property
    def _copied(self) -> Mapping[Path, Copied]:
        if not self._routing and self._unit.service is None:
            return {}
        return copied(self._stage, self._scene.definition, self._found.item, self._found.file)

    def _rendered(self, component: ComponentPath, index: int, path: Path) -> Position:
        return render.locate(self._stage.units[component], self._scene.run)[index].where(*path)
