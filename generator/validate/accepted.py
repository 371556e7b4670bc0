"""Tells which findings are accepted: by an `ignore` of the definition, or by its baseline."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from generator.errors import DefinitionError, Several, suggestion
from generator.model.definition import ComponentPath, Definition
from generator.model.document import Position
from generator.model.finding import Finding
from generator.model.formats import Ignore

BASELINE = "in the baseline"

Rule = tuple[ComponentPath, Ignore]


class Accepted:
    """The rules of one definition. Raises Several where an `ignore` names a code that does not exist."""

    def __init__(self, definition: Definition, codes: Collection[str]) -> None:
        components = list(definition.components())
        self._baseline = definition.baseline.known
        self._rules: Sequence[Rule] = [(item.path, rule) for item in components for rule, _ in item.ignores]
        given = (entry for item in components for entry in item.ignores)
        errors = [error for ignore, place in given for error in _errors(ignore, place, codes)]
        if errors:
            raise Several(errors)

    def marked(self, finding: Finding) -> Finding:
        """The finding, with the reason where it is accepted."""
        path = tuple(finding.component.split("/")) if finding.component else ()
        for component, ignore in self._rules:
            if component == path[: len(component)] and _fits(ignore, finding):
                return replace(finding, accepted=ignore.reason)
        return replace(finding, accepted=BASELINE) if finding.known in self._baseline else finding


def unused(definition: Definition, findings: Collection[Finding]) -> Iterator[Position]:
    """Where an `ignore` stands that fits none of `findings`, which are those of all environments."""
    paths = [tuple(item.component.split("/")) if item.component else () for item in findings]
    for component in definition.components():
        own = component.path
        for ignore, place in component.ignores:
            within = (item for item, path in zip(findings, paths, strict=True) if path[: len(own)] == own)
            if not any(_fits(ignore, finding) for finding in within):
                yield place


def _errors(ignore: Ignore, place: Position, codes: Collection[str]) -> Iterator[DefinitionError]:
    code = ignore.code
    if code is not None and not any(_like(code, known) for known in codes):
        message = f"there is no finding with the code `{code}`"
        if "*" in code:
            message = f"no finding has a code like `{code}`"
        yield DefinitionError.at(place, message, suggestion(code, codes))
    if not any((ignore.code, ignore.path, ignore.object, ignore.field)):
        yield DefinitionError.at(place, "this ignores every finding", "name a `code`, `path` or `object`")


def _fits(ignore: Ignore, finding: Finding) -> bool:
    files = (finding.file or "", finding.source.file)
    kind, _, name = (finding.object or "").partition(" ")
    objects = (f"{kind.partition('.')[0]}/{name.rpartition('/')[2]}", f"{kind}/{name}")
    return all(
        pattern is None or any(_like(pattern, text) for text in texts)
        for pattern, texts in (
            (ignore.code, (finding.code,)),
            (ignore.path, files),
            (ignore.object, objects),
            (ignore.field, (finding.field,)),
        )
    )


def _like(pattern: str, text: str) -> bool:
    # Brackets are as they are: `spec.ports[0].name` is a place, and no choice of letters.
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
