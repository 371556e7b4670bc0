"""Takes components off clusters in the definition: a `disabled: true` in each cluster's environment file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator import resolve
from generator.clusters.fleet import Fleet
from generator.errors import DefinitionError, Several, UsageError, WeftError, suggestion
from generator.load import environments, placements
from generator.model.definition import ComponentPath, Definition, Environment, Failure
from generator.model.record import record
from generator.model.unit import Unit
from generator.yamlio.edit import Edited


@record(frozen=True)
class Withdrawal:
    """What is taken off one cluster, and its file as it is to be saved; no components where it has none."""

    environment: str
    components: Sequence[str] = ()
    file: Edited | None = None


def withdraw(
    definition: Definition,
    fleet: Fleet,
    chosen: Sequence[str],
    *,
    component: str | None = None,
    namespace: str | None = None,
) -> Sequence[Withdrawal]:
    """The withdrawal of `component`, or of what is in `namespace`, from each chosen environment.

    Nothing is written. Raises UsageError for a component or namespace that is in no definition, Several where
    an environment's file cannot be edited, or would be refused then.
    """
    if definition.dialect == "fabrikate":
        raise DefinitionError("a Fabrikate definition has no environment files to record a withdrawal in")
    path = resolve.component_path(definition, component) if component is not None else None
    resolver = resolve.Resolver(definition)
    errors, made = list[WeftError](), list[Withdrawal]()
    elsewhere = list[tuple[Environment, Sequence[Unit]]]()
    for name in chosen:
        try:
            environment = fleet.cluster(name)
            units = resolver.seen_by(environment).units(environment)
            if path is not None:
                paths = [path] if any(unit.path == path for unit in units) else []
            else:
                paths = list(_in_namespace(units, namespace or "", environment))
                elsewhere.append((environment, units))
            made.append(_recorded(fleet, name, paths))
        except WeftError as error:
            errors.append(_within(error, name))
    if errors:
        raise Several(errors)
    taken = path is not None or any(one.file is not None for one in made)
    if not taken and not _was_there(definition, [one for one, _ in elsewhere], namespace or ""):
        known = {space for _, units in elsewhere for unit in units for space in _spaces(unit) if space}
        message = f"no component is in the namespace `{namespace}` on {_counted(chosen)}"
        raise UsageError(message, hint=suggestion(namespace or "", known))
    _checked(definition, fleet, made)
    return made


def _recorded(fleet: Fleet, name: str, paths: Sequence[ComponentPath]) -> Withdrawal:
    if not paths:
        return Withdrawal(name)
    file = fleet.edited(name)
    for path in paths:
        file.set([*_node(file, path), "disabled"], True)
    return Withdrawal(name, ["/".join(path) or "everything" for path in paths], file)


def _node(file: Edited, path: ComponentPath) -> Sequence[str]:
    """The keys below which the file speaks of the component, or is to."""
    found = next(_nodes(file.get(()), path), None)
    return found if found is not None else ("subcomponents", "/".join(path))


def _nodes(node: Any, path: ComponentPath) -> Iterator[tuple[str, ...]]:
    if not path:
        yield ()
        return
    below = node.get("subcomponents") if isinstance(node, dict) else None
    for name, child in below.items() if isinstance(below, dict) else ():
        steps = tuple(name.split("/"))
        if path[: len(steps)] == steps:
            yield from (("subcomponents", name, *keys) for keys in _nodes(child, path[len(steps) :]))


def _in_namespace(units: Sequence[Unit], namespace: str, environment: Environment) -> Iterator[ComponentPath]:
    """The uppermost components of which all that renders is in the namespace."""
    taken = list[ComponentPath]()
    for unit in units:
        if not _inside(unit, namespace) or any(unit.path[: len(path)] == path for path in taken):
            continue
        group = unit.component.type == "component"
        below = [item for item in units if item.path[: len(unit.path)] == unit.path and _renders(item)]
        stray = [item for item in below if not _inside(item, namespace)]
        if stray and not group:
            message = f"`{unit.component.label}` is in the namespace `{namespace}`, and"
            raise DefinitionError.at(
                environment.place,
                f"{message} `{stray[0].component.label}` below it is in `{stray[0].namespace}`",
                hint="withdraw them one by one, by their names",
            )
        if below and not stray and not (group and not unit.path):
            taken.append(unit.path)
            yield unit.path


def _spaces(unit: Unit) -> tuple[str | None, str | None]:
    """The names of the namespace that it is in: that of its environment, and that of the definition."""
    return unit.namespace, unit.mapped_from


def _inside(unit: Unit, namespace: str) -> bool:
    return namespace in _spaces(unit)


def _renders(unit: Unit) -> bool:
    return unit.component.type != "component"


def _was_there(definition: Definition, chosen: Iterable[Environment], namespace: str) -> bool:
    """Whether anything would be in the namespace if the environments' files disabled nothing."""
    bare = {environment.name: _bare(environment) for environment in chosen}
    resolver = resolve.Resolver(_with(definition, bare))
    return any(_inside(unit, namespace) for one in bare.values() for unit in resolver.seen_by(one).units(one))


def _bare(environment: Environment) -> Environment:
    own, *others = environment.configs
    nodes = {
        path: replace(config, keys=replace(config.keys, disabled=None)) for path, config in own.nodes.items()
    }
    return replace(environment, configs=(replace(own, nodes=nodes), *others))


def _checked(definition: Definition, fleet: Fleet, made: Iterable[Withdrawal]) -> None:
    """Raises Several where an environment would be refused with its new file, or others for want of it."""
    changed: dict[str, Environment | Failure] = {
        one.environment: environments.said_by(fleet.cluster(one.environment), one.file.document)
        for one in made
        if one.file is not None
    }
    if not changed:
        return
    resolver = resolve.Resolver(_with(definition, changed))
    # A share of replicas that is no longer carried here falls to others.
    names = definition.environments if placements.splits(definition.tree) else changed
    errors = list[WeftError]()
    for name in names:
        environment = changed.get(name) or definition.environments[name]
        if isinstance(environment, Environment):
            try:
                resolver.seen_by(environment).units(environment)
            except WeftError as error:
                if name in changed or not _refused(definition, environment):
                    errors.append(_within(error, name))
    if errors:
        raise Several(errors)


def _refused(definition: Definition, environment: Environment) -> bool:
    """Whether the environment is refused anyway."""
    try:
        resolve.Resolver(definition).seen_by(environment).units(environment)
    except WeftError:
        return True
    return False


def _with(definition: Definition, changed: Mapping[str, Environment | Failure]) -> Definition:
    """The definition with other environments."""
    both = {**definition.environments, **changed}
    variants = {name: replace(seen, environments=both) for name, seen in definition.variants.items()}
    return replace(definition, environments=both, variants=variants)


def _within(error: WeftError, name: str) -> WeftError:
    for single in error.errors if isinstance(error, Several) else (error,):
        single.within(None, name)
    return error


def _counted(names: Sequence[str]) -> str:
    return f"`{names[0]}`" if len(names) == 1 else f"any of {len(names)} clusters"
