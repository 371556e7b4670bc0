"""`weft set`: values in the config file of one layer, for one component."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator import load, yamlio
from generator.author import change
from generator.author.places import Tree, edited
from generator.errors import UsageError, WeftError, suggestion
from generator.load import environments, files
from generator.model.definition import Component, Config, Definition, Environment
from generator.model.document import Path as Keys
from generator.model.document import Position, dotted
from generator.model.record import record
from generator.resolve import Resolver


@record(frozen=True)
class Change:
    """One value that was set: at which key, whether that was there, what it was, and what it is."""

    keys: Keys
    had: bool
    old: Any
    new: Any


@record(frozen=True)
class Outcome:
    """What was set in which file; `beaten` says for which keys another place wins, and where."""

    file: str
    changes: Sequence[Change]
    beaten: Sequence[tuple[Keys, Position, Sequence[str]]] = ()
    notes: Sequence[str] = ()


def set_values(
    tree: Tree, component: Component, layer: str, values: Sequence[tuple[Keys, Any]], *, known_only: bool
) -> Outcome:
    """Sets values below `config` of a component, in the file of `layer` that is nearest to it.

    Raises UsageError for a layer that does not exist, and with `known_only` for a key that nothing has
    yet; WeftError where the file cannot be edited, or the definition would not load any more. Nothing is
    changed then.
    """
    _check_layer(tree, layer)
    file, prefix = tree.config(component, layer)
    if known_only:
        _check_known(tree, component, file, prefix, values)
    edit = edited(tree.root, file)
    changes = []
    for keys, value in values:
        at = (*prefix, "config", *keys)
        old, names = edit.get(at), edit.get(at[:-1])
        had = isinstance(names, (dict, list)) and _has(names, at[-1:])
        if edit.set(at, value):
            changes.append(Change(keys, had, old, value))
    definition = change.save(tree.root, tree.dialect, [edit])
    beaten = _beaten(definition, component, file, layer, values) if definition else ()
    mine = [f"`{dotted(keys)}`" for keys, _ in values] + [f"`{keys[0]}`" for keys, _ in values]
    notes = [
        text
        for text in (definition.notes if definition else ())
        if text.startswith(f"{file}:") and any(name in text for name in mine)
    ]
    return Outcome(file, changes, beaten, notes)


def _check_layer(tree: Tree, layer: str) -> None:
    known = {"common"}
    for name, found in environments.load(Path(tree.root)).items():
        known.add(name)
        if isinstance(found, Environment):
            known.update(found.layers)
    for component in tree.tree.walk():
        if component.loaded and component.origin is None:
            known.update(
                stem for stem, _ in files.stems(Path(tree.root), files.join(component.folder, "config"))
            )
    if layer not in known:
        raise UsageError(
            f"`{layer}` is no environment, no layer of one, and not `common`", hint=suggestion(layer, known)
        )


def _check_known(
    tree: Tree, component: Component, file: str, prefix: Keys, values: Sequence[tuple[Keys, Any]]
) -> None:
    definition = load.load(tree.root, dialect=tree.dialect)
    found = [edited(tree.root, file).get((*prefix, "config")), _chart_values(tree.root, component)]
    for environment in definition.environments.values():
        if isinstance(environment, Environment):
            ground = Resolver(definition).grounds(environment, component.path)[-1]
            found.append(ground.merged)
    for keys, _ in values:
        if not any(_has(one, keys) for one in found):
            known = sorted({dotted((*keys[:-1], key)) for one in found for key in _names(one, keys[:-1])})
            raise UsageError(
                f"`{component.label}` has no key `{dotted(keys)}`, and --no-new-keys makes none",
                hint=suggestion(dotted(keys), known),
            )


def _chart_values(root: str, component: Component) -> Any:
    """The default values of a Helm chart, which are no config of weft's but keys all the same."""
    path = Path(root, component.source or ".", "values.yaml")
    if component.type != "helm" or not path.is_file():
        return {}
    try:
        return yamlio.read_file(path, str(path)).value
    except WeftError:
        return {}


def _has(value: Any, keys: Keys) -> bool:
    for key in keys:
        among = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if key not in among:
            return False
        value = value[key]
    return True


def _names(value: Any, keys: Keys) -> Sequence[str]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return [str(key) for key in value] if isinstance(value, dict) else []


def _beaten(
    definition: Definition, component: Component, file: str, layer: str, values: Sequence[tuple[Keys, Any]]
) -> Sequence[tuple[Keys, Position, Sequence[str]]]:
    """Where the value that was set does not count, because a stronger place says something else."""
    found: dict[tuple[Keys, Position], list[str]] = {}
    resolver = Resolver(definition)
    for name, environment in definition.environments.items():
        if not isinstance(environment, Environment):
            continue
        if layer not in (name, "common", *environment.layers):
            continue
        try:
            ground = resolver.grounds(environment, component.path)[-1]
        except WeftError:
            continue
        for keys, _ in values:
            winner = ground.origins.of(keys)
            if winner is not None and winner.file != file and _counts(ground.stack.configs, file):
                found.setdefault((keys, winner), []).append(name)
    return [(keys, place, names) for (keys, place), names in found.items()]


def _counts(configs: Sequence[Config], file: str) -> bool:
    return any(config.document.file == file for config in configs)
