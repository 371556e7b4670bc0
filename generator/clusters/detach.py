"""Detaches a cluster: its environment file goes, once nothing is placed there, published or said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from generator import compare, gitcmd, publish, resolve
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError, flatten
from generator.model.definition import Component, Definition, Environment
from generator.model.document import Position

_MOST_NAMED = 5


def detach(definition: Definition, environment: Environment) -> None:
    """Raises Several with everything that speaks against detaching `environment`; changes nothing.

    That is what is placed on it, what is published to its target, a target that is out of reach, and
    config and placements that speak of it.
    """
    errors = list[WeftError]()
    for against in (_placed, _published, _spoken_of):
        try:
            errors += against(definition, environment)
        except WeftError as error:
            errors += flatten(error)
    if errors:
        for each in errors:
            each.within(None, environment.name)
        raise Several(errors)


def _placed(definition: Definition, environment: Environment) -> Iterator[WeftError]:
    units = resolve.Resolver(definition).seen_by(environment).units(environment)
    names = [unit.component.label for unit in units if unit.component.type != "component"]
    if names:
        yield DefinitionError.at(
            environment.place,
            f"{_counted(names, 'component')} still placed on `{environment.name}`: {_some(names)}",
            hint=f"take it off first: weft withdraw {names[0]} --cluster {environment.name}",
        )


def _published(definition: Definition, environment: Environment) -> Iterator[WeftError]:
    source = gitcmd.source(definition.root)
    target = publish.targets(definition, source, [environment.name], publish.Overrides(), proposed=False)[
        environment.name
    ]
    if isinstance(target, WeftError):
        raise target
    if target is None:
        return
    with publish.Publisher(source, publish.Options()) as publisher:
        files = publisher.standing(target)
    objects = compare.compare(files, {}).objects
    if files:
        components = sorted({path.rpartition("/")[0] or path for path in files})
        count = _counted(components, "component")
        if objects:
            of = f"of {len(components)} component{'' if len(components) == 1 else 's'}"
            count = f"{len(objects)} objects {of} are" if len(objects) > 1 else f"1 object {of} is"
        yield DefinitionError.at(
            environment.place,
            f"{count} still published to {target}: {_some(components)}",
            hint=f"publish the withdrawal first: weft publish {environment.name}",
        )


def _spoken_of(definition: Definition, environment: Environment) -> Iterator[WeftError]:
    """What would be an error as soon as nobody is called that any more."""
    name = environment.name
    seen = [definition, *definition.variants.values()]
    configs = {
        found.file if hasattr(found, "file") else found.error.file: None
        for one in seen
        for sets in one.configs.values()
        for stem, found in sets.items()
        if stem == name
    }
    for file in filter(None, configs):
        yield DefinitionError(
            f"config of `{name}`, which nothing would read any more", file=file, hint="delete the file first"
        )
    for place in dict.fromkeys(_places(definition.components(), name)):
        yield DefinitionError.at(place, f"this placement names `{name}`", "take the name out first")


def _places(components: Iterable[Component], name: str) -> Iterator[Position]:
    """Where placements name the environment."""
    for component in components:
        config = component.placed
        if config is None:
            continue
        keys: Any = config.keys
        for key in ("environments", "exclude"):
            names: Sequence[str] = getattr(keys.placement, key) or ()
            for index, one in enumerate(names):
                if one == name:
                    yield config.where("placement", key, index)
        if keys.placement.origin == name:
            yield config.where("placement", "origin")
        if keys.placement.replicas and name in (keys.placement.replicas.weights or {}):
            yield config.where("placement", "replicas", "weights", name)


def remove(root: Any, file: str) -> None:
    """Delete an environment file; raises SurroundingsError where that fails."""
    try:
        (root / file).unlink()
    except OSError as error:
        raise SurroundingsError(f"cannot be removed: {error.strerror}", file=file) from error


def _counted(names: Sequence[str], noun: str) -> str:
    return f"1 {noun} is" if len(names) == 1 else f"{len(names)} {noun}s are"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"
