"""What is laid over rendered objects (namespace, labels, images, patches, routing, order); pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.overlay.compose import beneath, compose
from generator.overlay.namespaces import untold
from generator.overlay.placement import is_scaled

if TYPE_CHECKING:
    from generator.model.layers import Layers
    from generator.model.manifest import Manifest
    from generator.overlay.trail import Trail


def trail_of(rendered: Manifest, layers: Layers) -> Trail:
    """What finds the rule behind a field of an object that has `layers` over what was rendered."""
    # It comes with all that patches can do, which most runs have no use for.
    from generator.overlay.trail import Trail

    return Trail(rendered, layers)


__all__ = ["beneath", "compose", "is_scaled", "trail_of", "untold"]
