"""What `weft generate` says of its results, of a run as of one that had nothing to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from generator import report
from generator.cli.findings import say_errors, say_findings
from generator.cli.messages import note, say
from generator.errors import DIFFERENT, DONE, REFUSED
from generator.model.document import Position
from generator.model.finding import Finding
from generator.model.output import Changes
from generator.report import Result

# In a large fleet one note may concern hundreds.
_MOST_LISTED = 8


def tell(
    results: Sequence[Result], options: Mapping[str, Any], shown: str, *, interrupted: bool = False
) -> int:
    """Says what came of a run, as the options ask; returns the exit code. `shown` names the output folder."""
    check = options["check"]
    code = _exit_code(results, check=check, interrupted=interrupted)
    if options["format"] == "json":
        click.echo(report.as_json(results, code), nl=False)
        return code
    _say_problems(results)
    for result in results:
        if check and result.changes:
            for line in report.change_lines(result.changes, shown):
                click.echo(line)
        say(report.summary(result, check=check))
    if check and interrupted:
        say(f"{shown}: a run was interrupted while it wrote; the next one finishes it")
    return code


def _say_problems(results: Sequence[Result]) -> None:
    notes = [(result.environment, text) for result in results for text in result.notes]
    for text, environments in report.shared(notes):
        note(f"{_listed(environments)}: {text}")
    say_errors((result.environment, result.errors) for result in results)
    say_findings([(result.environment, result.findings) for result in results])


def _listed(environments: Sequence[str]) -> str:
    """The names, or how many there are where nobody would read them all."""
    more = len(environments) - _MOST_LISTED
    return (
        ", ".join(environments) if more <= 1 else f"{', '.join(environments[:_MOST_LISTED])} and {more} more"
    )


def _exit_code(results: Sequence[Result], *, check: bool, interrupted: bool) -> int:
    codes = [error.exit_code for result in results for error in result.errors]
    if any(finding.refuses for result in results for finding in result.findings):
        codes.append(REFUSED)
    if check and (any(result.changes for result in results) or interrupted):
        codes.append(DIFFERENT)
    return max(codes, default=DONE)


def remembered(result: Result) -> Mapping[str, Any]:
    """A result without errors as JSON data, for `recalled`."""
    return {
        "environment": result.environment,
        "objects": result.objects,
        "files": result.files,
        "notes": list(result.notes),
        "findings": as_data(result.findings),
    }


def recalled(data: Mapping[str, Any]) -> Result:
    """The result of a run that finds everything as that of `data` left it."""
    findings = from_data(data["findings"])
    unchanged = Changes(data["environment"], unchanged=data["files"])
    return Result(data["environment"], data["objects"], data["files"], data["notes"], findings, (), unchanged)


def as_data(findings: Iterable[Finding]) -> Sequence[Mapping[str, Any]]:
    """Findings as JSON data, for `from_data`."""
    return [
        {name: getattr(finding, name) for name in _FIELDS}
        | {"path": list(finding.path), "source": list(_place(finding.source))}
        for finding in findings
    ]


def from_data(data: Iterable[Mapping[str, Any]]) -> Sequence[Finding]:
    """The findings that `as_data` made `data` of; raises KeyError or TypeError for anything else."""
    return [
        Finding(**{**item, "path": tuple(item["path"]), "source": Position(*item["source"])}) for item in data
    ]


_FIELDS = (
    "environment",
    "code",
    "severity",
    "message",
    "component",
    "file",
    "object",
    "hint",
    "index",
    "accepted",
)


def _place(position: Position) -> tuple[str, int | None, int | None]:
    return position.file, position.line, position.column
