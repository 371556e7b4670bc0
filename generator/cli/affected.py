"""`weft affected`: which environments and components a change reaches, as JSON for a CI matrix."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from generator import report
from generator.cli import progress, sides
from generator.cli.choices import environment_options, request_of
from generator.cli.diff import revision_options
from generator.cli.messages import note
from generator.cli.sides import Side
from generator.errors import DONE, REFUSED, WeftError, grouped
from generator.model.finding import Finding
from generator.model.output import INVENTORY, KUSTOMIZATION, Output
from generator.model.request import Request


@click.command("affected")
@environment_options("Every environment; the default.")
@revision_options("Where the change begins: a branch, tag or commit.", required=True)
@click.option("--no-validate", is_flag=True, help="Skip validation of the output.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
def command(**options: Any) -> int:
    """Print which environments and components a change reaches.

    It is one line of JSON. Both sides are generated, and their files compared byte by byte.
    `environments` and `include` make the matrix of a CI job. An environment that is refused now and was
    not before is among them, and in `refused`; one that is gone is in `removed` only. Exits with 0 whether
    anything is reached or not.
    """
    request = request_of(options)
    request = request if request.names_any else replace(request, everything=True)
    _Affected(request).run(options["from"], options["to"])
    return DONE


class _Affected:
    """One run of the command."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._components: dict[str, list[str]] = {}
        self._refused: list[str] = []
        self._removed: list[str] = []
        self._errors: list[WeftError] = []
        self._findings: list[Finding] = []
        self._old_findings: list[Finding] = []

    def run(self, old: str, new: str | None) -> None:
        revisions = [sides.revision_of(self._request, text) for text in (old, new)]
        with contextlib.ExitStack() as stack:
            after = stack.enter_context(sides.side(revisions[1], self._request))
            try:
                before = stack.enter_context(sides.side(revisions[0], self._request, old=True))
            except WeftError as error:
                if error.exit_code != REFUSED:
                    raise
                note(f"the definitions are refused there, so all of them count as changed: {error}")
                before = None
            names = sides.chosen(self._request, (after,) if before is None else (before, after))
            shown = stack.enter_context(progress.shown())
            if before is None:
                for output in sides.outputs(after, names, shown):
                    self._environment(after, None, output)
            elif not before.same_as(after):
                for name, old_output, new_output in sides.pairs(before, after, names, shown):
                    if new_output is None:
                        self._removed.append(name)
                    else:
                        self._environment(after, old_output, new_output)
                sides.say_passed_over(before, self._old_findings)
        for text in _problems(self._errors, self._findings):
            note(f"refused: {text}")
        click.echo(json.dumps(self._answer(), ensure_ascii=False))

    def _environment(self, side: Side, old: Output | None, new: Output) -> None:
        before: Mapping[str, bytes] = {} if old is None else old.files
        differing = [path for path in {*before, *new.files} if before.get(path) != new.files.get(path)]
        self._old_findings += old.refusing if old is not None else ()
        if not new.refused:
            if differing:
                self._components[new.environment] = _components(differing)
            return
        self._tell(side, new)
        # Its job is the one that says why. Where it was refused before, only a difference is news.
        news = not (old is not None and old.errors)
        if not new.errors:
            news = bool(differing) or not (old is not None and old.refused)
        if news:
            self._refused.append(new.environment)
            self._components[new.environment] = _components(before if new.errors else differing or before)

    def _tell(self, side: Side, output: Output) -> None:
        errors = side.errors(output)
        for error in errors:
            error.within(None, output.environment)
        self._errors += errors
        self._findings += output.refusing

    def _answer(self) -> dict[str, Any]:
        return {
            "environments": list(self._components),
            "components": sorted({name for names in self._components.values() for name in names}),
            "include": [
                {"environment": name, "components": names} for name, names in self._components.items()
            ],
            "refused": self._refused,
            "removed": self._removed,
        }


def _components(paths: Iterable[str]) -> list[str]:
    """The components with files at these paths, `.` for the root; what belongs to none is left out."""
    found = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder or name not in (INVENTORY, KUSTOMIZATION):
            found.add(folder or ".")
    return sorted(found)


def _problems(errors: Sequence[WeftError], findings: Sequence[Finding]) -> Iterator[str]:
    """The errors and findings of all environments, each told once."""
    yield from grouped(errors)
    for text, names in report.shared((finding.environment, str(finding)) for finding in findings):
        yield f"{text}\n  environments: {', '.join(names)}"
