"""`weft add`."""

from __future__ import annotations

from generator.cli.references import add as command

__all__ = ["command"]
