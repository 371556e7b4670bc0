"""Explains weft's own keys of a component: namespace, routing, labels, images, patches and the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.explain.cascade import Cascade, refers_to_secret
from generator.explain.contents import without_secret
from generator.explain.paths import leaf_paths, overlaid
from generator.explain.record import ABSENT, Candidate, Explanation, Fate, Reference
from generator.explain.scene import Scene
from generator.explain.sources import Source, Sources, why_weaker
from generator.model.definition import ComponentPath, Config
from generator.model.document import Path, Position, dotted
from generator.model.formats import ConfigFile
from generator.model.record import record
from generator.resolve import Ground

KEYS = (
    "namespace",
    "namespaces",
    "overrideNamespace",
    "disabled",
    "select",
    "source",
    "routing",
    "merge",
    "labels",
    "annotations",
    "images",
    "replicas",
    "patches",
)
FABRIKATE_KEYS = ("namespace", "injectNamespace", "disabled")
_INHERITED = ("namespace", "overrideNamespace")
_LAID = ("labels", "annotations", "images", "replicas", "patches")
_TEXTS = ("namespace", "namespaces", "routing", "labels", "annotations", "images")
_SWITCHES = ("overrideNamespace", "injectNamespace", "disabled")
_SILENT: Any = object()


@record(frozen=True)
class _Spoken:
    """What one config says of a key, and the component that it says it for."""

    ground: Ground
    source: Source
    place: Position
    value: Any


class Keys:
    """Explains weft's keys of one component, over its sources and those of the components above it."""

    def __init__(self, scene: Scene, grounds: Sequence[Ground]) -> None:
        self._scene = scene
        self._grounds = grounds
        self._ground = grounds[-1]
        self._sources = Sources(scene, grounds)

    def everything(self) -> dict[str, Any]:
        """All that any file says of weft's keys, as the files have it: what may be asked for."""
        found: dict[str, Any] = {}
        for ground in self._grounds:
            own = ground is self._ground
            for config in reversed(ground.stack.configs):
                said = _written(config)
                for key in self.names:
                    if key == "source" and not isinstance(config.keys, ConfigFile):
                        # What a component file says of it is how the tree is, and no environment's word.
                        continue
                    if said.get(key) is not None and (own or key in _INHERITED or key in _LAID):
                        overlaid(found, {key: said[key]})
        return found

    @property
    def names(self) -> Sequence[str]:
        """The keys there are."""
        return FABRIKATE_KEYS if self._scene.fabrikate else KEYS

    def paths(self) -> Sequence[Path]:
        """Every key that some file speaks of; where keys merge key by key, each of them."""
        found = self.everything()
        return [path for name in found for path in single((name,), found[name])]

    def winner(self, path: Path) -> tuple[Config | None, Any]:
        """The config whose word counts, and what it says; None where nothing does."""
        spoken = list(self._spoken(path))
        for item, (fate, _) in zip(spoken, self._fates(path, spoken), strict=True):
            if fate == "won":
                return item.source.config, item.value
        return None, None

    def explain(self, path: Path) -> Explanation:
        """The explanation of the key at `path`, such as `("routing", "split")`."""
        spoken = list(self._spoken(path))
        fates = list(self._fates(path, spoken))
        winner = next((item for item, fate in zip(spoken, fates, strict=True) if fate[0] == "won"), None)
        value = winner.value if winner is not None else ABSENT
        leaves = self._leaves(winner, path, value)
        if path == ("patches",):
            value, leaves = _accumulated(spoken, fates)
        written, references = ABSENT, []
        if winner is not None:
            filled = self._filled(winner, path)
            if filled != value:
                written, references, value = value, list(self._references(winner)), filled
        if value in (ABSENT, None) and path[0] in _SWITCHES:
            value = False
        names = ("secret",) if refers_to_secret(references) else path
        return Explanation(
            environment=self._scene.environment.name,
            component=self._ground.component.label,
            key=dotted(path),
            weft=True,
            value=ABSENT if value is ABSENT else self._scene.shown(value, names),
            candidates=tuple(
                Candidate(fate, item.place, self._scene.shown(item.value, path), item.source.words, reason)
                for item, (fate, reason) in zip(spoken, fates, strict=True)
            ),
            written=ABSENT if written is ABSENT else self._scene.shown(written, path),
            references=references,
            notes=tuple(self._notes(path)),
            leaves=leaves,
        )

    def _leaves(self, winner: _Spoken | None, path: Path, value: Any) -> dict[Path, Position]:
        config = winner.source.config if winner else None
        return {below: config.where(*path, *below) for below in leaf_paths(value)} if config else {}

    def _filled(self, spoken: _Spoken, path: Path) -> Any:
        if self._scene.fabrikate or path[0] not in _TEXTS:
            return spoken.value
        return spoken.ground.fill.at(spoken.place).fill(spoken.value)

    def _references(self, spoken: _Spoken) -> Iterator[Reference]:
        depth = self._grounds.index(spoken.ground)
        cascade = Cascade(Sources(self._scene, self._grounds[: depth + 1]))
        for text in spoken.value if isinstance(spoken.value, list) else (spoken.value,):
            yield from cascade.references(text, ())

    def _spoken(self, path: Path) -> Iterator[_Spoken]:
        """What the configs say of the key, strongest first."""
        order: Sequence[Ground] = [self._ground]
        if path[0] in _INHERITED and not self._scene.fabrikate:
            order = self._grounds[::-1]
        elif path[0] in _LAID:
            # A label from further up is laid over the component's own.
            order = self._grounds
        for ground in order:
            for index, config in enumerate(self._speakers(ground, path)):
                value = self._patches(_said(config, path)) if path == ("patches",) else _said(config, path)
                if path == ("source",) and not isinstance(config.keys, ConfigFile):
                    value = _SILENT
                if self._scene.fabrikate and not value:
                    # There the first file that mentions a component says whether it is there.
                    value = False if index == 0 and path == ("disabled",) else _SILENT
                if value is not _SILENT:
                    yield _Spoken(ground, self._sources.of(config), config.where(*path), value)

    def _patches(self, value: Any) -> Any:
        """Patches as they may be shown: nothing of what those for Secrets lay over data."""
        if self._scene.secrets or not isinstance(value, list):
            return value
        return [without_secret(patch) if isinstance(patch, dict) else patch for patch in value]

    def _speakers(self, ground: Ground, path: Path) -> Sequence[Config]:
        only_above = self._scene.fabrikate and path == ("disabled",)
        return ground.stack.handed if only_above else ground.stack.configs

    def _fates(self, path: Path, spoken: Sequence[_Spoken]) -> Iterator[tuple[Fate, str]]:
        winner: _Spoken | None = None
        taken: dict[ComponentPath, Position] = {}
        said: set[str] = set()
        for item in spoken:
            path_of = item.ground.component.path
            if path[0] == "images" and winner is not None and path_of not in taken and _image(item) - said:
                said |= _image(item)
                yield "merged", "gives what stronger places leave out"
            elif winner is not None and path != ("patches",):
                yield "lost", _weaker(path, winner, item)
            elif path_of in taken:
                yield "lost", f"removed by the null at {taken[path_of]}"
            elif item.value is None:
                taken[path_of] = item.place
                yield "lost", self._taken(path)
            elif path == ("patches",):
                yield "merged", ""
            else:
                winner, said = item, _image(item)
                yield "won", ""

    def _taken(self, path: Path) -> str:
        if path[:2] == ("routing", "split"):
            return "a split replaces as a whole, and this one has no such deployment"
        if path[0] in _INHERITED:
            return "null takes away what weaker files of this component say; the component above decides"
        return "null takes away what weaker files of this component say"

    def _notes(self, path: Path) -> Iterator[str]:
        if path[0] == "routing" and not self._ground.stack.first(lambda keys: keys.routing):
            yield f"nothing gives `{self._ground.component.label}` routing, so it is no service"
        if path == ("routing", "split"):
            yield "`split` replaces as a whole"
        if path == ("patches",):
            yield "all of them are laid, the strongest last"
        if path == ("disabled",):
            yield from _disabled_above(self._grounds, self._scene.fabrikate)
            if not self._scene.fabrikate:
                yield from _unselected(self._grounds)


def _image(spoken: _Spoken) -> set[str]:
    """What is said of an image: its name, and its tag or digest, which are one."""
    if not isinstance(spoken.value, dict):
        return set() if spoken.value is None else {"pin"}
    return {"name" if key == "name" else "pin" for key, value in spoken.value.items() if value is not None}


def _accumulated(
    spoken: Sequence[_Spoken], fates: Sequence[tuple[Fate, str]]
) -> tuple[Any, dict[Path, Position]]:
    """All patches in the order in which they are laid, and where each of their parts stands."""
    counted = [item for item, (fate, _) in zip(spoken, fates, strict=True) if fate == "merged"]
    value: list[Any] = []
    leaves: dict[Path, Position] = {}
    for item in reversed(counted):
        assert item.source.config is not None
        for index, patch in enumerate(item.value):
            for below in leaf_paths(patch):
                at: Path = (len(value), *below)
                leaves[at] = item.source.config.where("patches", index, *below)
            value.append(patch)
    return value or ABSENT, leaves


def _disabled_above(grounds: Sequence[Ground], fabrikate: bool) -> Iterator[str]:
    for ground in grounds[:-1]:
        config = disabling(ground, fabrikate=fabrikate)
        if config is not None:
            place = config.where("disabled")
            yield f"`{ground.component.label}` is disabled at {place}, and all below it with it"


def _unselected(grounds: Sequence[Ground]) -> Iterator[str]:
    for depth, ground in enumerate(grounds[1:]):
        above = grounds[depth]
        config = above.stack.said("select").source(lambda keys: keys.select)
        if config is None or ground.component.name in (config.keys.select or ()):
            continue
        place = config.where("select")
        if ground is grounds[-1]:
            yield f"it is not selected here, at {place}"
        else:
            yield f"`{ground.component.label}` is not selected at {place}, and all below it with it"


def disabling(ground: Ground, *, fabrikate: bool) -> Config | None:
    """The config that disables the component, or None where it is there."""
    if fabrikate:
        first = ground.stack.handed[0] if ground.stack.handed else None
        return first if first is not None and first.keys.disabled else None
    config = ground.stack.said("disabled").source(lambda keys: keys.disabled)
    return config if config is not None and config.keys.disabled else None


def _written(config: Config) -> Mapping[str, Any]:
    """The keys as the file has them: names, nulls and all."""
    value = config.document.value
    for step in config.prefix:
        value = value[step]
    if not isinstance(value, dict):
        return {}
    if getattr(config.keys, "labels", None) is None and "labels" in value:
        # Those of an environment's file select it, and are no labels of objects.
        return {name: item for name, item in value.items() if name != "labels"}
    return value


def _said(config: Config, path: Path) -> Any:
    """What the config says of a key: null where it takes away what weaker files say, else _SILENT."""
    if path[0] == "routing" and config.takes_away("routing"):
        return None
    value: Any = _written(config)
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            # Lists replace as a whole; a shorter one speaks too.
            return value[step] if step < len(value) else value
        if not isinstance(value, dict) or step not in value:
            return _SILENT
        value = value[step]
        if step == "split" and path[0] == "routing" and len(path) == 3 and value is not None:
            # A split replaces as a whole, so a weaker file's weight counts for nothing.
            return value.get(path[2])
    # Within `routing` and `merge` null says nothing.
    return _SILENT if value == "" or (value is None and path[0] in ("routing", "merge")) else value


def single(path: Path, value: Any) -> Iterator[Path]:
    """The keys at and below `path` that one place gives, where a file may give some and another the rest."""
    whole = ("namespaces", "routing", "merge", "labels", "annotations", "images", "replicas")
    merged = path in (("merge", "paths"), *((name,) for name in whole))
    if merged and isinstance(value, dict) and value:
        for name, item in value.items():
            yield from single((*path, name), item)
    else:
        yield path


def _weaker(path: Path, winner: _Spoken, loser: _Spoken) -> str:
    ours, theirs = winner.ground.component, loser.ground.component
    if ours.path != theirs.path:
        above = f"the {path[0]} of {ours.label}, a component above, win"
        return above if path[0] in _LAID else f"{ours.label} is nearer than {theirs.label}"
    plain = (dataclasses.replace(item.source, owner=None) for item in (winner, loser))
    return why_weaker(*plain)
