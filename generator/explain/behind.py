"""Finds the values behind a field of an output object: changes each, and looks at what follows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator import overlay, render, resolve
from generator.errors import Several, WeftError
from generator.explain.changes import Leaf, changed, pruned, told_apart
from generator.explain.made import fitted
from generator.explain.paths import lookup, matches
from generator.explain.record import Relation
from generator.explain.scene import Scene
from generator.explain.stage import Stage
from generator.model.definition import ComponentPath
from generator.model.document import Path
from generator.model.manifest import Manifest, Rendered
from generator.model.unit import Unit

# A chart that another program renders takes some thirty milliseconds each time, the others one.
_MOST_RENDERINGS = {True: 120, False: 4000}
# Up to so many values are tried one by one; of more, and of slow charts, groups are tried first.
_FEW = 300

_GONE: Any = object()


class Trials:
    """Renders a unit, and what belongs to its service, from changed values, and looks at one field."""

    def __init__(
        self, scene: Scene, stage: Stage, item: Manifest, path: Path, steps: Sequence[tuple[str, bool]]
    ) -> None:
        self._scene = scene
        self._stage = stage
        self._item = item
        self._path = path
        self._steps = steps
        self._unit = stage.unit(item)
        self._top = _top(stage, self._unit)
        self._definition = pruned(scene.definition, self._top)
        self._beside = [
            other
            for file, objects in stage.files.items()
            for other in objects
            if file not in {stage.paths[unit] for unit in stage.units if _below(unit, self._top)}
        ]
        self._left = _MOST_RENDERINGS[render.renderer(self._unit.component.type).waits]
        self._value = lookup(item.data, path)

    @property
    def exhausted(self) -> bool:
        """Whether there was more to try than there may be."""
        return self._left <= 0

    def behind(self, leaves: Sequence[Leaf]) -> Sequence[tuple[Relation, Leaf]]:
        """The leaves whose change changes the field, with how they are behind it."""
        slow = render.renderer(self._unit.component.type).waits
        found = list(self._grouped(leaves) if slow or len(leaves) > _FEW else self._single(leaves))
        weights = [leaf for relation, leaf in found if leaf.weight and relation == "value"]
        return [
            (relation, leaf)
            for relation, leaf in found
            # Another weight had to give way; it is not this field's.
            if not (leaf.weight and weights) or relation == "value"
        ]

    def each(self, leaves: Sequence[Leaf], paths: Collection[Path]) -> Mapping[Path, tuple[Relation, Leaf]]:
        """For each field of the object that a leaf is behind, the leaf that tells most of it."""
        found: dict[Path, tuple[Relation, Leaf]] = {}
        for leaf in leaves:
            for at, value, new in leaf.variants():
                try:
                    item = self._object([(leaf, at, value)])
                except WeftError:
                    continue
                if item is None:
                    continue
                for path in paths:
                    before, after = lookup(self._item.data, path), lookup(item.data, path)
                    if before == after or found.get(path, ("",))[0] == "value":
                        continue
                    if told_apart(leaf.value, new, before, after):
                        found[path] = ("value", leaf)
                    else:
                        found.setdefault(path, ("computed", leaf))
        return found

    def _single(self, leaves: Sequence[Leaf]) -> Iterator[tuple[Relation, Leaf]]:
        for leaf in leaves:
            relation = self._tried(leaf)
            if relation is not None:
                yield relation, leaf

    def _grouped(self, leaves: Sequence[Leaf]) -> Iterator[tuple[Relation, Leaf]]:
        """Halves of the leaves are changed together; those that change nothing are left alone."""
        if self.exhausted or not leaves:
            return
        if len(leaves) == 1:
            yield from self._single(leaves)
            return
        firsts = [(leaf, *leaf.variants()[0][:2]) for leaf in leaves if leaf.variants()]
        try:
            if self._after(firsts) == self._value:
                return
        except WeftError:
            # One of them is refused; the others may be behind the field all the same.
            pass
        middle = len(leaves) // 2
        yield from self._grouped(leaves[:middle])
        yield from self._grouped(leaves[middle:])

    def _tried(self, leaf: Leaf) -> Relation | None:
        for at, value, new in leaf.variants():
            if self.exhausted:
                return None
            try:
                after = self._after([(leaf, at, value)])
            except WeftError:
                continue
            if after is _GONE:
                return "presence"
            if after != self._value or type(after) is not type(self._value):
                return "value" if told_apart(leaf.value, new, self._value, after) else "computed"
        return None

    def _after(self, changes: Sequence[tuple[Leaf, Path, Any]]) -> Any:
        """The field with the changes made; _GONE where its object is no longer there."""
        self._left -= 1
        item = self._object(changes)
        if item is None:
            return _GONE
        return lookup(item.data, next(matches(self._steps, item.data), self._path))

    def _object(self, changes: Sequence[tuple[Leaf, Path, Any]]) -> Manifest | None:
        """The object with the changes made; None where it is no longer there."""
        after = changed(self._definition, self._scene.environment, changes)
        # A component that was taken out may have said what namespaces are called.
        namespaces = self._unit.namespaces
        units = [
            after.unit(unit)
            for unit in resolve.Resolver(after.definition).units(after.environment, namespaces)
            if _below(unit.path, self._top)
        ]
        rendered = {unit.path: self._rendered(unit) for unit in units}
        beside: Sequence[Manifest] = self._beside
        route = next((unit.route for unit in units if unit.path == self._unit.path), None)
        if self._item.index is None and route and self._unit.route:
            rendered, beside = fitted(self._unit.route, route, self._item, self._stage, rendered, beside)
        paths = self._stage.paths
        files, errors, _ = overlay.compose(
            units, rendered, paths, self._stage.scopes, after.definition, beside
        )
        if errors:
            raise Several(errors)
        return self._found(files.get(paths[self._unit.path], ()))

    def _rendered(self, unit: Unit) -> Rendered:
        before = self._stage.units.get(unit.path)
        # No renderer reads what is laid over its objects.
        bare = before is not None and replace(unit, layers=before.layers) == before
        same = bare or unit.component.type in ("static", "kustomize")
        return self._stage.rendered[unit.path] if before and same else render.render(unit, self._scene.run)

    def _found(self, objects: Sequence[Manifest]) -> Manifest | None:
        """The object after a change: by its identity, or by its place where that is what changed."""
        ours = self._item
        for item in objects:
            if item.identity == ours.identity:
                return item
        before, after = (
            # Made objects keep their order among each other, whatever the Service is called.
            [
                item
                for item in found
                if item.kind == ours.kind and (item.index is None) == (ours.index is None)
            ]
            for found in (self._stage.files[self._stage.paths[self._unit.path]], objects)
        )
        return after[before.index(ours)] if len(before) == len(after) else None


def _top(stage: Stage, unit: Unit) -> ComponentPath:
    """The component whose objects depend on each other: the outermost service above the unit, or the unit."""
    services = [
        other.path
        for other in stage.units.values()
        if other.route is not None and _below(unit.path, other.path)
    ]
    return min(services, key=len, default=unit.path)


def _below(path: ComponentPath, top: ComponentPath) -> bool:
    return path[: len(top)] == top
