"""What is laid over rendered objects (namespace, labels, annotations, routing, order); pure functions."""

from __future__ import annotations

from generator.overlay.compose import compose

__all__ = ["compose"]
