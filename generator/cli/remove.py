"""`weft remove`."""

from __future__ import annotations

from generator.cli.references import remove as command

__all__ = ["command"]
