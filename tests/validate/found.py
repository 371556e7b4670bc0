"""What validation finds: in manifests from elsewhere, and in the environments of a project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from generator import cel, findings, load
from generator.model.finding import Finding
from tests.project_tree import Project


def found(*texts: str, version: str | None = None, strict: bool = False) -> Sequence[Finding]:
    """The findings on the objects in the YAML texts, as `weft validate -` has them.

    Where there is no CEL library, as on Python 3.10, the note of that is left out.
    """
    manifests, places, errors = load.manifests(["-"], "\n---\n".join(texts).encode())
    assert not errors
    every = findings.of_manifests(manifests, places, version, strict=strict)
    return [item for item in every if item.code != "rules-not-evaluated" or cel.available()]


def codes(*texts: str, version: str | None = None) -> list[str]:
    """The codes of those findings."""
    return [finding.code for finding in found(*texts, version=version)]


def report(project: Project, *args: str, stdin: str = "", code: int | None = None) -> dict[str, Any]:
    """What `weft validate ARGS -o json` prints; its exit code must be `code` where that is given."""
    run = project.weft("validate", *args, "-o", "json", stdin=stdin)
    assert code is None or run.code == code, (run.code, run.out, run.err)
    assert "Traceback" not in run.err, run.err
    data: dict[str, Any] = json.loads(run.out)
    assert data["exitCode"] == run.code
    return data


def told(project: Project, *args: str, code: int | None = None) -> list[dict[str, Any]]:
    """The findings of all environments in that report, each with the environment's name."""
    return [
        {**finding, "environment": result["environment"]}
        for result in report(project, *args, code=code)["environments"]
        for finding in result["findings"]
    ]
