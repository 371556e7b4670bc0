"""Findings: what validation says of the output."""

from __future__ import annotations

from dataclasses import dataclass

from generator.model.document import Position


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong with the output of an environment."""

    environment: str
    code: str
    severity: str
    message: str
    source: Position
    file: str | None = None
    object: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        text = f"{self.source}: {self.message} [{self.code}]"
        return f"{text}\n  hint: {self.hint}" if self.hint else text
