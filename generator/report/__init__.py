"""Results and findings in words and as JSON; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import WeftError, flatten
from generator.model.finding import Finding
from generator.model.output import Changes, Output


@dataclass
class Result:
    """What a run did for one environment."""

    environment: str
    objects: int
    files: int
    notes: Sequence[str]
    findings: Sequence[Finding]
    errors: Sequence[WeftError]
    changes: Changes | None = None
    paths: Sequence[str] = ()

    @property
    def refused(self) -> bool:
        """Whether the environment was left as it was."""
        return bool(self.errors) or any(finding.refuses for finding in self.findings)

    @classmethod
    def of(cls, output: Output, changes: Changes | None = None, error: WeftError | None = None) -> Result:
        """The result of `output`, whose files it does not keep: a fleet's would fill the memory."""
        errors = [
            single for found in (*output.errors, error) if found is not None for single in flatten(found)
        ]
        return cls(
            environment=output.environment,
            objects=output.objects,
            files=len(output.files),
            notes=output.notes,
            findings=output.findings,
            errors=errors,
            changes=changes,
            paths=tuple(output.files),
        )


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(result: Result, *, check: bool) -> str:
    """One line on one environment."""
    name, changes = result.environment, result.changes
    if result.refused:
        return f"{name}: refused, left as it was"
    if not result.files and changes:
        gone = counted(len(changes.removed), "file")
        return f"{name}: no longer an environment, {gone} {'would be ' if check else ''}removed"
    made = f"{name}: {counted(result.objects, 'object')} in {counted(result.files, 'file')}"
    if changes is None:
        return made
    if not changes:
        return f"{made}, nothing to change" if check else f"{made}, unchanged"
    parts = [
        f"{len(paths)} {word}"
        for word, paths in (
            ("added", changes.added),
            ("changed", changes.changed),
            ("removed", changes.removed),
        )
        if paths
    ]
    return f"{made}: {'would be ' if check else ''}{', '.join(parts)}"


def change_lines(changes: Changes, shown: str) -> Iterable[str]:
    """A line for each file that differs: what would happen to it, and its path."""
    rows = [
        (path, word)
        for word, paths in (
            ("added", changes.added),
            ("changed", changes.changed),
            ("removed", changes.removed),
        )
        for path in paths
    ]
    for path, word in sorted(rows):
        yield f"{word:8}{shown}/{changes.environment}/{path}"


def shared(errors: Iterable[tuple[str, str]]) -> Iterable[tuple[str, Sequence[str]]]:
    """(environment, message) pairs as messages with their environments, in order of appearance."""
    grouped: dict[str, dict[str, None]] = {}
    for environment, message in errors:
        grouped.setdefault(message, {})[environment] = None
    return [(message, list(environments)) for message, environments in grouped.items()]


def as_json(results: Sequence[Result], exit_code: int, errors: Sequence[WeftError] = ()) -> str:
    """The whole run as JSON, a document with a newline at its end."""
    data: dict[str, Any] = {"environments": [_result(result) for result in results], "exitCode": exit_code}
    if errors:
        data["errors"] = [_error(error) for error in errors]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _result(result: Result) -> dict[str, Any]:
    changes = result.changes
    data: dict[str, Any] = {
        "environment": result.environment,
        "status": "refused" if result.refused else "changed" if changes else "unchanged",
        "objects": result.objects,
    }
    if changes is not None:
        data |= {
            "added": list(changes.added),
            "changed": list(changes.changed),
            "removed": list(changes.removed),
            "unchanged": changes.unchanged,
        }
    return data | {
        "notes": list(result.notes),
        "findings": [_finding(finding) for finding in result.findings],
        "errors": [_error(error) for error in result.errors],
    }


def problems(findings: Sequence[Finding], errors: Sequence[WeftError]) -> dict[str, Any]:
    """Findings and errors as every command's JSON has them."""
    return {
        "findings": [_finding(finding) for finding in findings],
        "errors": [_error(error) for error in errors],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "component": finding.component,
        "object": finding.object,
        "field": finding.field,
        "output": finding.file,
        "file": finding.source.file,
        "line": finding.source.line,
        "column": finding.source.column,
        "hint": finding.hint,
        **({"accepted": finding.accepted} if finding.accepted else {}),
    }


def _error(error: WeftError) -> dict[str, Any]:
    return {
        "message": error.message,
        "file": error.file,
        "line": error.line,
        "column": error.column,
        "hint": error.hint,
        "component": error.component,
        "environment": error.environment,
        "exitCode": error.exit_code,
    }
