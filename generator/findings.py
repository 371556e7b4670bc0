"""The findings of environments and of manifests from elsewhere: validation and what it needs of others."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator import load, overlay, render, validate
from generator.model.definition import ComponentPath, Definition, Environment
from generator.model.document import Document, Path, Places, Position
from generator.model.finding import Finding
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.namespaces import NONE
from generator.model.request import Request
from generator.model.unit import Unit

# Of each environment: a run that only generates tells the first warnings, and counts notes.
_MOST_PLACED = 100

_Key = tuple[ComponentPath, int, Path, str | None, str]


class Findings:
    """Validates environments of one definition; where a finding comes from is found once for all of them."""

    def __init__(self, definition: Definition, request: Request) -> None:
        self._definition = definition
        self._accepted = validate.Accepted(definition, validate.CODES)
        # What a Fabrikate definition renders is judged as if it had always been so: with warnings.
        lenient = definition.dialect == "fabrikate" and not request.strict
        self._thorough = request.thorough
        self._grade = validate.Grade(strict=request.strict, lenient=lenient)
        self._crds = functools.cache(lambda: load.crds(definition))
        self._run = render.Run(definition.root, definition.dialect, definition.requires, definition.subcharts)
        self._places: dict[_Key, Position] = {}

    def of(
        self,
        environment: Environment,
        units: Sequence[Unit],
        rendered: Mapping[ComponentPath, Rendered],
        kept: Mapping[str, Sequence[Manifest]],
        files: Mapping[str, Sequence[Manifest]],
        scopes: Scopes,
        *,
        partial: bool = False,
    ) -> Sequence[Finding]:
        """The findings on `files`, in their order; `kept` are files of an earlier run beside them.

        `files` come from what the units `rendered`; `partial` says that some did not.
        """
        view = self._view(environment, units, {**kept, **files}, scopes, partial=partial)
        found = [item for item in validate.validate(view) if item.file is None or item.file in files]
        if not found:
            return ()
        marked = sorted(map(self._accepted.marked, found), key=lambda item: item.order)
        sources = _Sources(units, rendered, files, scopes, self._run, self._places)
        placed, looked_for = [], 0
        for item in marked:
            if self._tells(item, looked_for):
                looked_for += not item.refuses
                item = replace(item, source=sources.of(item))
            placed.append(item)
        return sorted(placed, key=lambda item: item.order)

    def evidence(
        self,
        environment: Environment,
        units: Sequence[Unit],
        files: Mapping[str, Sequence[Manifest]],
        scopes: Scopes,
    ) -> Sequence[tuple[object, ...]]:
        """What the checks find on some objects of an environment by themselves, to be compared.

        It is no verdict: the objects that they refer to may be elsewhere.
        """
        found = validate.validate(self._view(environment, units, files, scopes))
        return [(item.known, item.file, item.severity, item.message, item.hint) for item in found]

    def _view(
        self,
        environment: Environment,
        units: Sequence[Unit],
        files: Mapping[str, Sequence[Manifest]],
        scopes: Scopes,
        *,
        partial: bool = False,
    ) -> validate.View:
        spaces = units[0].namespaces if units else NONE
        return validate.View(
            environment=environment.name,
            files=files,
            scopes=scopes,
            version=environment.kubernetes.version,
            external=spaces.external((*self._definition.external, *environment.external)),
            mapped=spaces.names,
            crds=self._crds,
            policies=self._definition.policies,
            grade=self._grade,
            partial=partial,
            elsewhere=frozenset(unit.component.label for unit in units if not unit.workloads),
            divided={
                unit.component.label: (unit.replicas, unit.replicas_place)
                for unit in units
                if unit.replicas is not None and unit.replicas_place is not None
            },
        )

    def _tells(self, finding: Finding, looked_for: int) -> bool:
        """Whether a finding is worth looking for its line: a unit is rendered once more for it.

        That depends on nothing of other environments, which another process may look at.
        """
        if finding.refuses or self._thorough:
            return True
        return finding.severity == "warning" and finding.accepted is None and looked_for < _MOST_PLACED


class _Sources:
    """Where the findings of one environment come from; `places` are those that are known already."""

    def __init__(
        self,
        units: Sequence[Unit],
        rendered: Mapping[ComponentPath, Rendered],
        files: Mapping[str, Sequence[Manifest]],
        scopes: Scopes,
        run: render.Run,
        places: dict[_Key, Position],
    ) -> None:
        self._units = {unit.component.label: unit for unit in units if render.locates(unit)}
        self._divided = {unit.component.label: unit.replicas_place for unit in units}
        self._layered = {unit.component.label: unit for unit in units if unit.layers}
        self._scopes = scopes
        self._rendered = rendered
        self._files = files
        self._run = run
        self._places = places
        self._located: dict[ComponentPath, Sequence[Places]] = {}

    def of(self, finding: Finding) -> Position:
        """Line and column of a finding, as far as the renderer knows them."""
        laid = self._laid(finding)
        if laid is not None:
            return laid
        if finding.path == ("spec", "replicas") and (finding.component, finding.index) in self._composed:
            place = self._divided.get(finding.component)
            if place is not None and overlay.is_scaled(self._composed[finding.component, finding.index]):
                return place
        unit = self._units.get(finding.component)
        if unit is None or finding.index is None:
            return finding.source
        # What it says is part of the key: another environment may render something else at that index.
        key = (unit.path, finding.index, finding.path, finding.object, finding.message)
        if key not in self._places:
            if unit.path not in self._located:
                self._located[unit.path] = render.locate(unit, self._run)
            was = self._rendered[unit.path].objects[finding.index].data
            path = _as_rendered(finding.path, was, self._composed[finding.component, finding.index].data)
            self._places[key] = self._located[unit.path][finding.index].where(*path)
        return self._places[key]

    def _laid(self, finding: Finding) -> Position | None:
        """Where the rule stands that made the field what it is, if it was no renderer."""
        unit = self._layered.get(finding.component)
        if unit is None or finding.index is None:
            return None
        value: Any = self._composed[finding.component, finding.index].data
        for step in finding.path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                # What is missing was never laid.
                return None
        beneath = overlay.beneath((unit,), self._rendered, self._scopes)[unit.path][finding.index]
        return overlay.trail_of(beneath, unit.layers).place(finding.path, value)

    @functools.cached_property
    def _composed(self) -> Mapping[tuple[str, int | None], Manifest]:
        return {(item.component, item.index): item for items in self._files.values() for item in items}


def _as_rendered(path: Path, was: Any, now: Any) -> Path:
    """`path` as it was before routing laid items into lists; it ends at the list in which an item is new."""
    steps: list[str | int] = []
    for step in path:
        if isinstance(step, int):
            index = _index(was, now, step)
            if index is None:
                break
            was, now = was[index], now[step]
            steps.append(index)
        else:
            was, now = (each.get(step) if isinstance(each, dict) else None for each in (was, now))
            steps.append(step)
    return tuple(steps)


def _index(was: Any, now: Any, step: int) -> int | None:
    """Where the item of a list stood before; None for one that is new."""
    if not (isinstance(was, list) and isinstance(now, list) and step < len(now)):
        return None
    if step < len(was) and was[step] == now[step]:
        return step
    # What routing moves it moves as it is, and what it changes it copies.
    before = {id(item): index for index, item in enumerate(was)}
    if id(now[step]) in before:
        return before[id(now[step])]
    moved = any(before.get(id(item), index) != index for index, item in enumerate(now))
    return None if moved or len(was) != len(now) else step


def of_manifests(
    files: Mapping[str, Sequence[Manifest]],
    places: Sequence[tuple[Document, Path]],
    version: str | None,
    *,
    strict: bool,
    partial: bool = False,
) -> Sequence[Finding]:
    """The findings on manifests that weft did not make, in their order; `places` are by their `index`.

    `partial` says that some of them could not be read.
    """
    scopes = Scopes(item for items in files.values() for item in items)
    view = validate.View("", files, scopes, version, grade=validate.Grade(strict=strict), partial=partial)
    found = []
    for finding in validate.validate(view):
        document, path = places[finding.index or 0]
        found.append(replace(finding, source=document.where(*path, *finding.path)))
    return sorted(found, key=lambda item: item.order)
