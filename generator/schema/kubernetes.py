"""Checks objects against the Kubernetes version of an environment and the custom resources that it knows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from generator.errors import nearest
from generator.model.document import Path
from generator.schema import bundle, checker, crds
from generator.schema.checker import Checker
from generator.schema.rules import Rules
from generator.schema.rules import of_structural as rules_of

JSON = Mapping[str, Any]

Reason = Literal["schema", "not-served", "deprecated", "experimental", "unknown-kind"]

# Served once; every version of them is gone.
_FORMER_GROUPS = frozenset(("extensions", "auditregistration.k8s.io", "settings.k8s.io"))
# After these the server does not come to the rules in CEL.
_BLOCKING = frozenset(("type", "required", "enum", "maxLength", "maxItems", "maxProperties"))
EXPERIMENTAL = "it is in the experimental channel of the Gateway API, which not every cluster has"


class Problem(NamedTuple):
    """What is to be said of an object: why, about which field, in a sentence, and what would be right."""

    reason: Reason
    path: Path
    message: str
    hint: str | None = None
    rule: str = ""


def bundled() -> Sequence[str]:
    """The minor versions of Kubernetes that are bundled, oldest first, as in `1.31`."""
    return [bundle.written(version) for version in bundle.minors()]


def newest() -> str:
    """The newest minor version that is bundled."""
    return bundled()[-1]


class Schemas:
    """The kinds of one Kubernetes version and of custom resource definitions.

    `version` is as users write it (`1.31`, `v1.31.4`); without one, the newest that is bundled. Definitions
    in `crds` come before those of `more`, which is called for the first custom resource that is not in
    `crds`, and those before the bundled ones of Istio, the Gateway API and Flux.
    """

    def __init__(
        self,
        version: str | None = None,
        crds: Sequence[JSON] = (),
        more: Callable[[], Sequence[JSON]] = lambda: (),
    ) -> None:
        self._asked = bundle.minor(version)
        self._written = version
        self._minor = bundle.nearest(self._asked)
        self._crds = crds
        self._more = more
        self._known: dict[tuple[str, str], _Known] = {}
        # Objects with rules that were checked and follow their schema, by their id.
        self._sound: dict[int, JSON] = {}

    @property
    def version(self) -> str:
        """The minor version that is checked with."""
        return bundle.written(self._minor)

    @property
    def note(self) -> str | None:
        """A sentence where that is not the version that was asked for."""
        if self._written is None or self._asked == self._minor:
            return None
        if self._asked is None:
            return f"`{self._written}` is no Kubernetes version; objects are checked against {self.version}"
        known = bundled()
        return (
            f"the schemas of Kubernetes {bundle.written(self._asked)} are not bundled ({known[0]} to "
            f"{known[-1]} are); objects are checked against {self.version}"
        )

    def check(self, data: JSON) -> Sequence[Problem]:
        """Everything to be said of an object but for rules in CEL; `data` is not changed."""
        api_version, kind = data.get("apiVersion"), data.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
            absent = (name for name in ("apiVersion", "kind") if not data.get(name))
            name = next(absent, "kind" if isinstance(api_version, str) else "apiVersion")
            return [Problem("schema", (name,), f"`{name}` is missing, or is no text")]
        known = self._of(api_version, kind)
        problems = known.problems(data)
        if any(known.rules) and len(problems) == (known.said is not None):
            self._sound[id(data)] = data
        return problems

    def rules(self, data: JSON) -> Sequence[Rules]:
        """The rules in CEL that the server would ask about an object: none, or those of its kind.

        Where there are two, what only the first refuses is a matter of the channel.
        """
        api_version, kind = data.get("apiVersion"), data.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
            return ()
        known = self._of(api_version, kind)
        if not any(known.rules):
            return ()
        return known.asked(data, sound=self._sound.get(id(data)) is data)

    def _of(self, api_version: str, kind: str) -> _Known:
        known = self._known.get((api_version, kind))
        if known is None:
            known = self._known[api_version, kind] = self._look_up(api_version, kind)
        return known

    def _look_up(self, api_version: str, kind: str) -> _Known:
        kinds = bundle.kubernetes(self._minor).kinds
        definition = kinds.get(api_version, {}).get(kind)
        if definition is not None:
            return _Known(_builtin(self._minor, definition, kind))
        group = api_version.rpartition("/")[0]
        if (api_version, kind) == ("v1", "List"):
            # No object, but a way to write several.
            return _Known(None)
        # The group of a custom resource has a dot; with one Kubernetes' own all end alike.
        if "." not in group or (group.endswith(".k8s.io") and group in _groups()):
            return _Known(None, said=self._not_builtin(api_version, kind))
        return self._custom(group, api_version.rpartition("/")[2], kind)

    def _not_builtin(self, api_version: str, kind: str) -> Problem:
        what = f"Kubernetes {self.version} has no kind {kind} in {api_version}"
        if self._asked not in (None, self._minor) and not _typed(api_version, kind):
            # Of a version that is not bundled nobody knows better.
            return Problem("unknown-kind", ("kind",), f"{what}; whether {self._written} has one is not known")
        kinds = bundle.kubernetes(self._minor).kinds
        served = [version for version in kinds if kind in kinds[version]]
        if served:
            return Problem("not-served", ("apiVersion",), what, f"{kind} is in {' and '.join(served)}")
        others = [
            version
            for version in bundle.minors()
            if kind in bundle.kubernetes(version).kinds.get(api_version, ())
        ]
        if others:
            since = f"from {bundle.written(others[0])} to {bundle.written(others[-1])}"
            return Problem("not-served", ("apiVersion",), what, f"it is there {since}")
        near = nearest(kind, (name for version in kinds for name in kinds[version]))
        return Problem("not-served", ("kind",), what, f"did you mean '{near}'?" if near else None)

    def _custom(self, group: str, version: str, kind: str) -> _Known:
        found = self._definition(group, kind)
        if found is None:
            what = f"nothing is known of the fields of {kind} in {group}/{version}"
            near = nearest(kind, (other for owner, other in crds.bundled(group) if owner == group))
            hint = f"did you mean '{near}'?" if near else None
            return _Known(None, said=Problem("unknown-kind", ("kind",), what, hint))
        given = found.versions.get(version)
        wider = found.wider.get(version)
        if not any(item is not None and item.served for item in (given, wider)):
            served = ", ".join(f"{group}/{name}" for name in found.served)
            what = f"{kind} is not served in {group}/{version}"
            return _Known(None, said=Problem("not-served", ("apiVersion",), what, f"served: {served}"))
        usable = [item for item in (given, wider) if item is not None and item.served]
        said = None
        if usable[0].deprecated:
            served = ", ".join(f"{group}/{name}" for name in found.current)
            why = f": {usable[0].warning}" if usable[0].warning else ""
            hint = f"use {served}" if served else None
            said = Problem(
                "deprecated", ("apiVersion",), f"{group}/{version} of {kind} is deprecated{why}", hint
            )
        if usable[0].schema is None:
            what = f"nothing is known of the fields of {kind} in {group}/{version}"
            return _Known(None, said=said or Problem("unknown-kind", ("kind",), what))
        try:
            checkers = [self._checker(item) for item in usable]
        except ValueError as error:
            what = f"the schema of {kind} in {group}/{version} cannot be used: {error}"
            return _Known(None, said=Problem("unknown-kind", ("kind",), what))
        ruled = [rules_of(item.text) for item in usable]
        return _Known(checkers[0], checkers[1] if len(checkers) > 1 else None, said, ruled)

    def _checker(self, version: crds.Version) -> Checker:
        """Raises ValueError where the schema is none."""
        # Equal schemas of several environments are compiled once.
        return checker.of_structural(self._minor, version.text, version.pruned)

    def _definition(self, group: str, kind: str) -> crds.Kind | None:
        key = (group, kind)
        return self._given.get(key) or self._further.get(key) or crds.bundled(group).get(key)

    @functools.cached_property
    def _given(self) -> crds.Kinds:
        return crds.table(self._crds)

    @functools.cached_property
    def _further(self) -> crds.Kinds:
        return crds.table(self._more())


class _Known(NamedTuple):
    """What is known of an apiVersion and kind: how to check it, or what to say of each object of it."""

    checker: Checker | None
    wider: Checker | None = None
    said: Problem | None = None
    # Of the checker, and of the wider one.
    rules: Sequence[Rules | None] = ()

    def asked(self, data: JSON, sound: bool) -> Sequence[Rules]:
        """The rules that the server comes to; those of the wider checker alone where only it is content.

        `sound` says that the object is known to follow its schema.
        """
        given, *wider = self.rules
        faults = self.checker.faults(data) if self.checker is not None and not sound else ()
        if faults and self.wider is not None:
            faults, given, wider = self.wider.faults(data), wider[0], []
        if given is None or any(fault.rule in _BLOCKING or not fault.path for fault in faults):
            return ()
        return [given, *(found for found in wider if found is not None)]

    def problems(self, data: JSON) -> Sequence[Problem]:
        found = [] if self.said is None else [self.said]
        faults = self.checker.faults(data) if self.checker is not None else ()
        if faults and self.wider is not None:
            beyond = self.wider.faults(data)
            refused = {fault.path for fault in beyond}
            for fault in faults:
                if fault.path not in refused:
                    message = f"{fault.message} in the standard channel"
                    found.append(Problem("experimental", fault.path, message, EXPERIMENTAL))
            faults = beyond
        found.extend(Problem("schema", *fault) for fault in faults)
        return found


@functools.cache
def _builtin(version: bundle.Minor, definition: str, kind: str) -> Checker:
    return checker.of_builtin(version, definition, kind)


@functools.cache
def _groups() -> frozenset[str]:
    """The API groups of Kubernetes itself."""
    ends = (bundle.minors()[0], bundle.minors()[-1])
    names = (name for version in ends for name in bundle.kubernetes(version).kinds)
    return frozenset(name.rpartition("/")[0] for name in names) | _FORMER_GROUPS


def _typed(api_version: str, kind: str) -> bool:
    """Whether another version of Kubernetes has the group version, so that the kind is likely mistyped."""
    newest_kinds = bundle.kubernetes(bundle.minors()[-1]).kinds
    return api_version in newest_kinds and nearest(kind, newest_kinds[api_version]) is not None
