"""Looks at the objects of one environment and reports findings; changes nothing, never stops at the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.model.finding import Finding
from generator.model.manifest import Manifest, Scopes
from generator.validate import duplicates

__all__ = ["validate"]


def validate(environment: str, files: Mapping[str, Sequence[Manifest]], scopes: Scopes) -> Sequence[Finding]:
    """All findings of an environment's objects, which are given by output file; in a stable order."""
    return sorted(duplicates.check(environment, files, scopes))
