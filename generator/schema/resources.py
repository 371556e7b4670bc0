"""The resources of Kubernetes and of the bundled custom resources, by API group, as policies name them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping, Sequence

from generator.errors import suggestion
from generator.schema import bundle, crds, removed

# Served once; policies that were written for older clusters name them still.
_FORMER = frozenset(("extensions", "auditregistration.k8s.io", "settings.k8s.io"))
# One letter that is missing or wrong; the groups of different projects differ in more.
_NEAR = 0.9
# Groups that stand beside those of Kubernetes by the same name: `scheduling.x-k8s.io`.
_BESIDE = ".x-k8s.io"

# By group, the resources, each by its kind in small letters.
_Table = Mapping[str, Mapping[str, str]]


def plural(kind: str) -> str:
    """The resource of a kind by the rule that Kubernetes' own kinds follow: `networkpolicies`."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def group_fault(group: str) -> str | None:
    """A hint where there is surely no such API group: no project's own has no dot, or is so near another.

    None where the group is known, or may be that of a custom resource.
    """
    if group == "*" or group in _FORMER or group in _builtin() or group in _custom():
        return None
    known = [*_builtin(), *_custom()]
    if "." not in group:
        return suggestion(group, filter(None, _builtin()))
    near = difflib.get_close_matches(group, sorted(known), n=1, cutoff=_NEAR)
    return f"did you mean '{near[0]}'?" if near and not group.endswith(_BESIDE) else None


def resource_fault(groups: Sequence[str], name: str) -> str | None:
    """A hint where the groups surely have no resource of that name; None where they have, or may have."""
    known = dict(_of(groups, _builtin()))
    if not groups or name == "*" or name in known.values() or name in dict(_of(groups, _custom())).values():
        return None
    if all(group in _builtin() for group in groups):
        older = [*map(_table, bundle.minors()), _removed()]
        if any(name in dict(_of(groups, table)).values() for table in older):
            return None
        return suggestion(known.get(name.lower(), name), known.values()) or "the group has none"
    # What custom resources there are nobody knows, but none has the name of a kind.
    known.update(_of(groups, _custom()))
    meant = known.get(name.lower())
    return f"did you mean '{meant}'?" if meant else None


def known(group: str, name: str) -> bool:
    """Whether a rule for that group and resource, either of which may be `*`, is about a kind known here."""
    found = {**dict(_of([group], _builtin())), **dict(_of([group], _custom()))}
    return group in _FORMER or (bool(found) if name == "*" else name in found.values())


def _of(groups: Sequence[str], table: _Table) -> Iterator[tuple[str, str]]:
    for group in table if "*" in groups else groups:
        yield from table.get(group, {}).items()


def _builtin() -> _Table:
    return _table(bundle.minors()[-1])


@functools.cache
def _table(version: bundle.Minor) -> _Table:
    found: dict[str, dict[str, str]] = {}
    for api_version, kinds in bundle.kubernetes(version).kinds.items():
        resources = found.setdefault(api_version.rpartition("/")[0], {})
        resources.update({kind.lower(): plural(kind) for kind in kinds if not kind.endswith("List")})
    return found


@functools.cache
def _removed() -> _Table:
    found: dict[str, dict[str, str]] = {}
    for item in removed.every():
        group = item.api_version.rpartition("/")[0]
        found.setdefault(group, {})[item.kind.lower()] = plural(item.kind)
    return found


@functools.cache
def _custom() -> _Table:
    found: dict[str, dict[str, str]] = {}
    for (group, kind), item in crds.everything().items():
        found.setdefault(group, {})[kind.lower()] = item.plural
    return found
