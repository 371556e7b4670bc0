"""Looks at the objects of one environment and reports findings; changes nothing, never stops at the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from generator.model.finding import Code, Finding
from generator.validate import (
    duplicates,
    ingresses,
    mapped,
    missing,
    namespaces,
    policies,
    ports,
    refused,
    routes,
    rules,
    scaling,
    schemas,
    secrets,
    selectors,
)
from generator.validate.accepted import BASELINE, Accepted, unused
from generator.validate.view import Grade, View


class Check(Protocol):
    """A module that looks for one thing."""

    @property
    def CODES(self) -> Sequence[Code]:
        """The codes of its findings."""

    @property
    def check(self) -> Callable[[View], Iterator[Finding]]:
        """Gives every finding, in any order."""


CHECKS: Sequence[Check] = (
    duplicates,
    schemas,
    rules,
    selectors,
    refused,
    ports,
    routes,
    missing,
    scaling,
    namespaces,
    mapped,
    ingresses,
    secrets,
    policies,
)

CODES: Mapping[str, Code] = {code.name: code for check in CHECKS for code in check.CODES}


# They say what is not there, which nobody knows where objects could not be made.
_WHOLE = (routes, missing, namespaces)


def validate(view: View) -> Sequence[Finding]:
    """All findings on an environment's objects, in a stable order."""
    checks = [check for check in CHECKS if not (view.partial and check in _WHOLE)]
    return [finding for check in checks for finding in check.check(view)]


__all__ = ["BASELINE", "CHECKS", "CODES", "Accepted", "Grade", "View", "unused", "validate"]
