"""The names that namespaces of the definition have in one environment."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from generator.model.document import Position
from generator.model.formats import External
from generator.model.record import record
from generator.model.references import Found, Rename

ANNOTATION = "weft.dev/mapped-from"
"""What a Namespace with another name than in the definition tells: the name that it has there."""

# Where no Namespace can tell it, the kustomization does: a comment, which no version of kustomize minds.
_LINE = re.compile(rb"^# " + re.escape(ANNOTATION.encode()) + rb": (\S+) is (\S+) in the definition$", re.M)

# Every cluster has them, and nobody creates or removes them.
BUILT_IN = frozenset(("default", "kube-system", "kube-public", "kube-node-lease"))


@record(frozen=True)
class Mapped:
    """What a mapping makes of `namespace`; `name` is None where it cannot be told, and `fault` says why.

    `component` is the label of the one whose key it is, which stands at `place`.
    """

    namespace: str
    name: str | None
    place: Position
    component: str
    fault: str = ""

    @property
    def moved(self) -> bool:
        """Whether the namespace has another name than in the definition."""
        return self.name is not None and self.name != self.namespace


@record(frozen=True)
class Namespaces:
    """All mappings of an environment, by the namespace in the definition.

    `labels` and `annotations` are those of every object, which a Namespace that weft makes has too.
    """

    mapped: Mapping[str, Mapped] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.mapped)

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """The new name of each namespace that has one."""
        return {old: one.name for old, one in self.mapped.items() if one.moved and one.name is not None}

    @functools.cached_property
    def defined(self) -> Mapping[str, str]:
        """The name in the definition by the new one."""
        return {new: old for old, new in self.names.items()}

    def external(self, entries: Sequence[External]) -> Sequence[External]:
        """`entries` and, for each in a namespace that has another name here, one with that name."""
        moved = [
            replace(entry, namespace=name)
            for entry in entries
            if (name := self.names.get(entry.namespace or "")) is not None
        ]
        return (*entries, *moved)


def renaming(names: Mapping[str, str], services: frozenset[tuple[str, str]], hosts: frozenset[str]) -> Rename:
    """The answer for `references.renamed` that gives each namespace of `names` its other name.

    `shop.example` may be a Service in a namespace or a public name. It is the former where (namespace,
    name) is in `services`; if no route needs the Service, or it is one of `hosts`, it is the latter.
    """

    def answer(found: Found) -> tuple[str | None, str] | None:
        if (found.group, found.kind) == ("", "Namespace"):
            new = names.get(found.name)
            return (None, new) if new is not None else None
        moved = names.get(found.namespace or "")
        if moved is None:
            return None
        known = found.certain or (found.namespace, found.name) in services
        if not known and (not found.rule.needed or found.value in hosts):
            return None
        return moved, found.name

    return answer


def mapped_lines(defined: Mapping[str, str]) -> bytes:
    """The comments of a kustomization that tell how the definition calls namespaces, by their new names."""
    return "".join(
        f"# {ANNOTATION}: {new} is {old} in the definition\n" for new, old in sorted(defined.items())
    ).encode()


def told_by(kustomization: bytes) -> Mapping[str, str]:
    """What the comments of a kustomization tell, as `mapped_lines` took it."""
    return {new.decode(): old.decode() for new, old in _LINE.findall(kustomization)}


NONE = Namespaces()
