"""Chooses the environments of a run, and the units of a part of the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import UsageError, suggestion
from generator.model import selector
from generator.model.definition import ComponentPath, Definition, Environment, Failure
from generator.model.request import Request
from generator.model.unit import Unit


def chosen(definition: Definition, request: Request) -> Sequence[str]:
    """The names of the environments (or of the dialect's pass) that `request` selects, sorted and once each.

    A shard of them may be empty. Raises UsageError for a name that does not exist, or where there are none.
    """
    known = definition.environments
    for name in request.environments:
        if name not in known:
            raise UsageError(
                f"there is no environment `{name}`: no environments/{name}.yaml", hint=suggestion(name, known)
            )
    if request.component is not None:
        component_path(definition, request.component)
    if definition.dialect == "fabrikate" and (request.layers or not request.names_any):
        return [_pass_name(definition, request)]
    if not request.names_any:
        raise UsageError(
            "no environment is named",
            hint=f"name some (known: {', '.join(known) or 'none yet'}), or give --all",
        )
    if not known:
        raise UsageError("there is no environment yet", hint="write environments/<name>.yaml, one a cluster")
    names = set(known) if request.everything else set(request.environments)
    if request.selectors:
        names |= _selected(known, request)
    # Every so-manieth in the order of names: parts of one size, the same in every run.
    number, parts = request.shard
    return sorted(names)[number - 1 :: parts]


def environment(definition: Definition, request: Request, name: str) -> Environment:
    """The environment `name`, or the dialect's pass over the request's layers; raises what broke its file."""
    found = definition.environments.get(name)
    if found is None:
        return Environment(name=name, layers=tuple(request.layers), is_pass=True)
    if isinstance(found, Failure):
        raise found.error
    return found


def part(units: Sequence[Unit], request: Request) -> ComponentPath | None:
    """The component that the run is limited to, or None.

    It is the one that the request names, or the service above it: what a deployment renders and what
    its service makes of it belong together.
    """
    if request.component is None:
        return None
    # Whether it exists was asked where the environments were chosen; this one may see another tree.
    wanted = _path(request.component)
    services = [
        unit.path for unit in units if unit.route is not None and unit.path == wanted[: len(unit.path)]
    ]
    return min(services, key=len, default=wanted)


def component_path(definition: Definition, component: str) -> ComponentPath:
    """The path of the component that a user names; raises UsageError where the tree has none there."""
    path = _path(component)
    if definition.find(path) is None:
        labels = {found.label for found in definition.components() if found.path}
        raise UsageError(f"there is no component `{component}`", hint=suggestion(component, labels))
    return path


def _path(component: str) -> ComponentPath:
    return tuple(component.strip("/").split("/"))


def _pass_name(definition: Definition, request: Request) -> str:
    if request.names_any:
        raise UsageError("`--layer` makes a pass of its own: name either layers or environments")
    name = "-".join(request.layers) or "common"
    if name in definition.environments:
        raise UsageError(
            f"the layers would be written to `{name}`, which is the name of an environment",
            hint=f"generate the environment instead: weft generate {name}",
        )
    return name


def _selected(known: Mapping[str, Environment | Failure], request: Request) -> set[str]:
    wanted = selector.parse(request.selectors)
    # Without its labels nobody knows whether a broken one is meant; chosen, it is refused by itself.
    names = {name for name, found in known.items() if found.labels is None or wanted.matches(found.labels)}
    if not names and not request.environments:
        raise UsageError(
            f"no environment matches `{'` or `'.join(request.selectors)}`",
            hint=f"environments: {', '.join(known)}" if known else None,
        )
    return names
