"""The environment files of a definition: which clusters there are, and their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from generator.errors import DefinitionError, UsageError, WeftError, suggestion
from generator.load import environments, files
from generator.model import selector
from generator.model.definition import Environment, Failure
from generator.model.formats import DNS_LABEL, RESERVED_NAMES
from generator.model.record import record
from generator.yamlio.edit import Edited

_LABEL = re.compile(DNS_LABEL)
_LONGEST = 63


@record(frozen=True)
class Row:
    """One cluster of a list."""

    name: str
    type: str | None = None
    endpoint: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


class Fleet:
    """The clusters of the definition in `root`; the tree of components is not read."""

    def __init__(self, root: str) -> None:
        """Read environments/; raises WeftError where there is no definition, or what all share is broken."""
        self.root = Path(root)
        if files.find(self.root, ".", "component") is None:
            raise DefinitionError(
                "there is no component.yaml here, so this is not the root of a definition",
                hint="go to its folder, or name it: weft -C DIR ...",
            )
        self.clusters = environments.load(self.root)

    def rows(self, selectors: Sequence[str]) -> tuple[Sequence[Row], Sequence[WeftError]]:
        """The clusters whose labels match, and the errors of those whose files are refused.

        Raises UsageError for a selector that is none.
        """
        wanted = selector.parse(selectors)
        rows, errors = list[Row](), list[WeftError]()
        for name, found in self.clusters.items():
            if isinstance(found, Failure):
                errors.append(found.error)
            elif wanted.matches(found.labels):
                cluster = found.cluster
                at = (cluster.type, cluster.endpoint) if cluster else (None, None)
                rows.append(Row(name, *at, labels=dict(sorted(found.labels.items()))))
        return rows, errors

    def cluster(self, name: str) -> Environment:
        """The cluster `name`; raises UsageError where there is none, and what refuses its file."""
        found = self.clusters.get(name)
        if found is None:
            raise UsageError(f"there is no cluster `{name}`", hint=suggestion(name, self.clusters))
        if isinstance(found, Failure):
            raise found.error
        return found

    def file(self, name: str) -> str | None:
        """The environment file of `name`, relative to the root, or None."""
        return files.find(self.root, environments.FOLDER, name)

    def edited(self, name: str) -> Edited:
        """The environment file of `name` for editing, a new one where there is none."""
        file = self.file(name)
        if file is None:
            file = f"{environments.FOLDER}/{name}.yaml"
            return Edited.new(self.root / file, file)
        return Edited.read(self.root / file, file)

    def label(self, name: str, changes: Mapping[str, str | None]) -> tuple[Edited, Sequence[str]]:
        """The file of `name` with its labels changed, None taking one away, and what changed, in words.

        Raises UsageError where there is no such cluster, DefinitionError where its file cannot be edited.
        """
        old = self.cluster(name).labels
        file, said = self.edited(name), list[str]()
        for key, value in changes.items():
            if value == old.get(key):
                continue
            if value is not None:
                file.set(["labels", key], value)
                said.append(f"{key}={value}" + (f" (was {old[key]})" if key in old else ""))
                continue
            file.remove(["labels", key], prune=True)
            if key in self._defaults():
                # What environments/common.yaml says is taken away by a null alone.
                file.set(["labels", key], None)
            said.append(f"{key} removed")
        return file, said

    def _defaults(self) -> Mapping[str, str]:
        """The labels of environments/common.yaml."""
        file = self.file("common")
        labels = Edited.read(self.root / file, file).get(["labels"]) if file else None
        return labels if isinstance(labels, dict) else {}


def parsed(texts: Iterable[str], *, removing: bool) -> Mapping[str, str | None]:
    """The labels of `key=value` and, where `removing` is allowed, `key-`.

    Raises UsageError for what Kubernetes takes for no label, and for a key that is said twice.
    """
    found: dict[str, str | None] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        taken = not equals and removing and key.endswith("-")
        key = key.removesuffix("-") if taken else key
        if not equals and not taken:
            raise UsageError(
                f"`{text}` is no label",
                hint="write key=value" + (", or key- to remove it" if removing else ""),
            )
        if not selector.is_key(key):
            raise UsageError(
                f"`{key}` is no key of a label",
                hint="at most 63 letters, digits, `-`, `_` and `.`; a DNS name and `/` may stand before it",
            )
        if equals and not selector.is_value(value):
            raise UsageError(
                f"`{value}` is no value of the label `{key}`",
                hint="at most 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends",
            )
        if key in found and found[key] != (value if equals else None):
            raise UsageError(f"the label `{key}` is given twice")
        found[key] = value if equals else None
    return found


def check_name(name: str) -> None:
    """Raises UsageError, with a proposal, where `name` is no name for an environment."""
    if _LABEL.fullmatch(name) and name not in RESERVED_NAMES:
        return
    raise UsageError(
        f"`{name}` is no name for an environment, which is a DNS label",
        hint=f"give it one: --name {proposal(name)}",
    )


def proposal(name: str) -> str:
    """A DNS label like `name`."""
    made = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_LONGEST].strip("-")
    return f"cluster-{made}".strip("-") if not made or made in RESERVED_NAMES else made
