"""Joins a cluster: its address and labels become an environment file, and nothing else of the kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping

from generator.clusters.fleet import Fleet, check_name
from generator.clusters.kubeconfig import Server
from generator.errors import DefinitionError
from generator.model.definition import Environment
from generator.model.record import record
from generator.yamlio.edit import Edited

DEFAULT_TYPE = "kubernetes"


@record(frozen=True)
class Joined:
    """The environment file as it is to be saved; `fresh` says that it is not there yet."""

    name: str
    file: Edited
    fresh: bool
    notes: tuple[str, ...] = ()


def join(
    fleet: Fleet,
    server: Server,
    *,
    name: str | None,
    kind: str | None,
    labels: Mapping[str, str],
    update: bool,
) -> Joined:
    """The environment of `server`'s cluster, called after it or `name`.

    An environment that is there gets what it lacks; another type, endpoint or label value is refused with
    DefinitionError unless `update`. Raises UsageError where the name is none for an environment.
    """
    name = server.cluster if name is None else name
    check_name(name)
    file = fleet.edited(name)
    fresh = name not in fleet.clusters
    known = Environment(name) if fresh else fleet.cluster(name)
    old = {("labels", key): value for key, value in known.labels.items()}
    if known.cluster is not None:
        told = {"type": known.cluster.type, "endpoint": known.cluster.endpoint}
        old |= {("cluster", key): value for key, value in told.items() if value is not None}
    kind = kind or old.get(("cluster", "type")) or DEFAULT_TYPE
    new = {("labels", key): value for key, value in labels.items()}
    new |= {("cluster", "type"): kind, ("cluster", "endpoint"): server.endpoint}
    other = [key for key, value in new.items() if old.get(key, value) != value]
    if other and not update:
        raise _differs(file, name, other, old, new)
    for key, value in new.items():
        if old.get(key) != value:
            file.set(key, value)
    twins = [
        twin
        for twin, found in fleet.clusters.items()
        if twin != name and isinstance(found, Environment) and found.cluster is not None
        if found.cluster.endpoint == server.endpoint
    ]
    notes = (f"`{twins[0]}` has the endpoint {server.endpoint}, too",) if twins else ()
    return Joined(name, file, fresh, notes)


def _differs(
    file: Edited,
    name: str,
    other: list[tuple[str, str]],
    old: Mapping[tuple[str, str], str],
    new: Mapping[tuple[str, str], str],
) -> DefinitionError:
    said = [f"{'.'.join(key)} is {old[key]}, and would be {new[key]}" for key in other]
    return DefinitionError.at(
        file.where(other[0]),
        f"`{name}` is another cluster already: {'; '.join(said)}",
        hint="take another --name, or change it with --update",
    )
