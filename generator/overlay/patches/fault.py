"""What the kinds of patches share: what is wrong with one and where in it, and a copy of plain data."""

from __future__ import annotations

from typing import Any

from generator.model.document import Path


class Fault(Exception):
    """A patch that cannot be laid; `path` leads to the part of its content that is at fault."""

    def __init__(self, message: str, path: Path = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint


def copied(data: Any) -> Any:
    """A copy of plain data that shares nothing with it that could change."""
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(item) for item in data] if isinstance(data, list) else data
