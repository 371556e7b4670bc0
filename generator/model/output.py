"""What a run makes for one environment: its files with their bytes, or the errors that refused it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from generator.errors import WeftError
from generator.model.finding import Finding
from generator.model.manifest import Manifest
from generator.model.namespaces import Mapped
from generator.model.record import record

KUSTOMIZATION = "kustomization.yaml"
# Beside the file of a component of that name, should there be one.
NAMESPACES = "namespaces/mapped.yaml"
INVENTORY = "inventory.json"

_RANKS = {"Namespace": 0, "CustomResourceDefinition": 1}
_LAST = 2


@record(frozen=True)
class Output:
    """One environment's output. `files` are by path below the environment's folder.

    `kept` are files of an earlier run that stay, where the run was limited to a part of the tree.
    `namespaces` are the mappings of its namespaces, `withdrawn` the files of components that its own
    file takes off it.
    """

    environment: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    kept: Iterable[str] = ()
    objects: int = 0
    namespaces: Mapping[str, Mapped] = field(default_factory=dict)
    withdrawn: Collection[str] = ()
    notes: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    errors: Sequence[WeftError] = ()

    @property
    def refused(self) -> bool:
        """Whether the environment's folder must stay as it is."""
        return bool(self.errors or self.refusing)

    @property
    def refusing(self) -> Sequence[Finding]:
        """The findings that refuse it."""
        return [finding for finding in self.findings if finding.refuses]


@record(frozen=True)
class Changes:
    """What a run changes in one environment's folder; paths are below that folder."""

    environment: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def rank(objects: Sequence[Manifest]) -> int:
    """When a file with these objects applies: Namespaces first, then CRDs, then the rest."""
    return min((_RANKS.get(item.kind, _LAST) for item in objects), default=_LAST)


def apply_order(ranks: Mapping[str, int]) -> Sequence[str]:
    """The files of an environment in the order in which they apply."""
    return sorted(ranks, key=lambda path: (path != NAMESPACES, ranks[path], path))


def inventory_bytes(paths: Iterable[str]) -> bytes:
    """The inventory: a JSON list of the paths that weft owns, sorted, one a line."""
    lines = ",\n".join(json.dumps(path) for path in sorted(paths))
    return f"[\n{lines}\n]\n".encode()
