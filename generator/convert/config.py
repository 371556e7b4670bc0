"""Config: where weft merges otherwise than Fabrikate, the files say what Fabrikate's rule made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.convert.edits import Edits
from generator.errors import WeftError
from generator.load import configs as config_files
from generator.load.sites import Sites
from generator.model.definition import Component, ComponentPath, Config, ConfigSet
from generator.model.document import Path, dotted
from generator.model.record import record
from generator.model.stack import Stack
from generator.resolve.values import GLOBAL, ValuesMerger

# What these render does not depend on config.
_WITHOUT = ("component", "static")
_MISSING: Any = object()


@record(frozen=True)
class Facts:
    """A component, and its cascade in each environment."""

    component: Component
    stacks: Sequence[Stack]

    @property
    def configs(self) -> Sequence[Config]:
        """Every place that speaks for the component in any environment, once."""
        return list({id(config): config for own in self.stacks for config in own.configs}.values())


def value_of(config: Config) -> Mapping[str, Any]:
    """The map of keys that a config file has for a component, nulls too; empty for `name:` alone."""
    value = config.document.value
    for key in config.prefix:
        value = value[key]
    return value if isinstance(value, dict) else {}


def configuration(
    facts: Sequence[Facts],
    sets: Sequence[tuple[Component, ConfigSet]],
    found: Mapping[ComponentPath, Sites],
    edits: Edits,
) -> None:
    """Everything that config files have to say otherwise."""
    for component, config in sets:
        _strangers(component, config, edits)
    for fact in facts:
        for one in fact.configs:
            _references(one, edits)
            if fact.component.type == "component":
                _global(fact.component, one, edits)
        if fact.component.type not in _WITHOUT:
            _lists(fact, found, edits)
            _lost(fact, edits)
        _disabled(fact, edits)


def _strangers(component: Component, found: ConfigSet, edits: Edits) -> None:
    """Config for what is not there, which Fabrikate passes over."""
    for path, config in found.nodes.items():
        if path and component.find(path) is None and component.find(path[:-1]) is not None:
            edits.take_out(found.file, config.prefix, "there is no such subcomponent")
            hints = [error.hint for error in config_files.check([component], found) if error.hint]
            told = "".join(f" ({hint})" for hint in hints)[:80]
            edits.note(
                f"{config.where()}: config for `{'/'.join(path)}`, which is not there, is taken out{told}"
            )


def _references(config: Config, edits: Edits) -> None:
    for path, value in _leaves(config.keys.config or {}):
        if isinstance(value, str) and "${" in value:
            edits.set(
                config.document.file,
                (*config.prefix, "config", *path),
                value.replace("${", "$${"),
                "`${` refers to something in weft, `$${` is the two characters",
            )


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if entries is None:
        yield path, value
        return
    for key, item in entries:
        yield from _leaves(item, (*path, key))


def _global(component: Component, config: Config, edits: Edits) -> None:
    if GLOBAL in (config.keys.config or {}):
        edits.take_out(
            config.document.file,
            (*config.prefix, "config", GLOBAL),
            "weft hands `global` down to every component below, Fabrikate does not",
        )
        edits.note(
            f"{config.where('config', GLOBAL)}: `global` of the group `{component.label}` did nothing "
            "and is taken out"
        )


def _lists(fact: Facts, found: Mapping[ComponentPath, Sites], edits: Edits) -> None:
    if not any(_meet([config.keys.config for config in own.configs]) for own in fact.stacks):
        return
    site = found[fact.component.path].own
    edits.set(
        site.file,
        (*site.keys, "merge", "lists"),
        "prepend",
        "Fabrikate adds lists up, the stronger first; weft's stronger list replaces",
    )


def _meet(values: Sequence[Any]) -> bool:
    """Whether two of the maps, or maps in them, have a list at one key."""
    maps = [value for value in values if isinstance(value, dict)]
    for key in {key for value in maps for key in value}:
        at = [value[key] for value in maps if value.get(key) is not None]
        if sum(isinstance(item, list) for item in at) > 1 or _meet(at):
            return True
    return False


def _lost(fact: Facts, edits: Edits) -> None:
    """Nulls, which take away in weft and do nothing in Fabrikate, and maps that a scalar beats."""
    merged = [_merged(fact.component, own) for own in fact.stacks]
    for config in fact.configs:
        results = [
            values
            for own, values in zip(fact.stacks, merged, strict=True)
            if values is not None and any(one is config for one in own.configs)
        ]
        for path, value in _nodes(config.keys.config or {}):
            outcome = [_at(values, path) for values in results]
            keys = (*config.prefix, "config", *path)
            if value is None and any(found is not None for found in outcome):
                edits.take_out(
                    config.document.file, keys, "null does nothing in Fabrikate; in weft it takes away"
                )
                if any(found is None for found in outcome):
                    edits.note(
                        f"{config.where('config', *path)}: `{dotted(path)}: null` counts in some "
                        "environments only; it is taken out"
                    )
            elif (
                isinstance(value, dict) and outcome and not any(isinstance(found, dict) for found in outcome)
            ):
                edits.take_out(
                    config.document.file, keys, "a stronger file has a single value here, which wins"
                )


def _merged(component: Component, own: Stack) -> Mapping[str, Any] | None:
    """The values by Fabrikate's rule; None where it refuses them, which generating tells."""
    try:
        return ValuesMerger().fabrikate(component, own)
    except WeftError:
        return None


def _nodes(value: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for key, item in value.items():
        yield (*path, key), item
        if isinstance(item, dict):
            yield from _nodes(item, (*path, key))


def _at(values: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return _MISSING
        values = values[key]
    return values


def _disabled(fact: Facts, edits: Edits) -> None:
    """The strongest file that mentions a component decides; in weft the strongest that says anything."""
    handed = {id(config) for own in fact.stacks for config in own.handed}
    for config in fact.configs:
        if id(config) not in handed and "disabled" in value_of(config):
            edits.take_out(
                config.document.file,
                (*config.prefix, "disabled"),
                "in Fabrikate a component cannot disable itself",
            )
    for own in fact.stacks:
        if not own.handed or own.handed[0].keys.disabled is not None:
            continue
        if any(config.keys.disabled for config in own.handed[1:]):
            first = own.handed[0]
            edits.set(
                first.document.file,
                (*first.prefix, "disabled"),
                False,
                "the strongest file that mentions a component decides in Fabrikate, also by saying nothing",
            )
