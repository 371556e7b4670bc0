"""What is laid over rendered objects (namespace, labels, images, patches, routing, order); pure functions."""

from __future__ import annotations

from generator.overlay.compose import beneath, compose
from generator.overlay.namespaces import untold
from generator.overlay.placement import is_scaled
from generator.overlay.trail import Trail

__all__ = ["Trail", "beneath", "compose", "is_scaled", "untold"]
