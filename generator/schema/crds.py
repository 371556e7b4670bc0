"""Custom resource definitions as a table: which kinds there are, in which versions, with which schema."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.model.manifest import mapping, maps
from generator.model.record import record
from generator.schema import bundle

JSON = Mapping[str, Any]

# The ends of the API groups of what is bundled, and the name of the file.
_BUNDLED = {
    "istio.io": "istio",
    "toolkit.fluxcd.io": "flux",
    "gateway.networking.k8s.io": "gateway-api",
    "gateway.networking.x-k8s.io": "gateway-api",
}


@record(frozen=True)
class Version:
    """A version of a custom resource; without a schema nothing is known of its fields."""

    schema: JSON | None
    served: bool
    deprecated: bool
    warning: str | None
    # Whether the server drops fields that the schema does not name.
    pruned: bool = True

    @functools.cached_property
    def text(self) -> str:
        """The schema as JSON: equal schemas have equal texts."""
        return json.dumps(self.schema, sort_keys=True)


@record(frozen=True)
class Kind:
    """A custom resource. `wider` is the same kind in a channel with more fields, where there is one."""

    plural: str
    versions: Mapping[str, Version]
    wider: Mapping[str, Version] = field(default_factory=dict)

    @property
    def served(self) -> Sequence[str]:
        """The versions that clusters serve, those that are not deprecated first."""
        both = {**self.wider, **self.versions}
        found = [name for name, version in both.items() if version.served]
        return sorted(found, key=lambda name: (both[name].deprecated, name))

    @property
    def current(self) -> Sequence[str]:
        """The served versions that are not deprecated."""
        both = {**self.wider, **self.versions}
        return [name for name in self.served if not both[name].deprecated]


Kinds = Mapping[tuple[str, str], Kind]


def table(crds: Iterable[JSON]) -> Kinds:
    """The kinds of the definitions by group and kind; of two for one kind, the first."""
    found: dict[tuple[str, str], Kind] = {}
    for crd in crds:
        spec = mapping(crd, "spec")
        names = mapping(spec, "names")
        key = (str(spec.get("group") or ""), str(names.get("kind") or ""))
        if all(key):
            found.setdefault(key, Kind(str(names.get("plural") or ""), dict(_versions(spec))))
    return found


def bundled(group: str) -> Kinds:
    """The kinds that are bundled with those of an API group; none for a group that is not."""
    name = next((name for end, name in _BUNDLED.items() if f".{group}".endswith(f".{end}")), None)
    return _bundled(name) if name else {}


def everything() -> Kinds:
    """All kinds that are bundled."""
    return {key: kind for name in sorted(set(_BUNDLED.values())) for key, kind in _bundled(name).items()}


@functools.cache
def _bundled(name: str) -> Kinds:
    first, *others = (table(channel) for channel in bundle.channels(name))
    found = dict(first)
    for other in others:
        for key, kind in other.items():
            known = found.get(key)
            found[key] = Kind(kind.plural, known.versions, kind.versions) if known else kind
    return found


def _versions(spec: JSON) -> Iterator[tuple[str, Version]]:
    # v1beta1, which Kubernetes 1.22 removed, could state one schema for all versions and kept unknown fields.
    shared = mapping(mapping(spec, "validation"), "openAPIV3Schema")
    listed = maps(spec, "versions") or (
        [{"name": spec["version"], "served": True}] if "version" in spec else []
    )
    for version in listed:
        schema = mapping(mapping(version, "schema"), "openAPIV3Schema") or shared
        beta = "version" in spec or "validation" in spec
        preserved = spec.get("preserveUnknownFields", beta)
        yield (
            str(version.get("name") or ""),
            Version(
                schema=schema or None,
                served=version.get("served") is not False,
                deprecated=version.get("deprecated") is True,
                warning=version.get("deprecationWarning"),
                pruned=preserved is not True,
            ),
        )
