"""Explains where values and fields come from: the place that won, and those that lost; changes nothing."""

from __future__ import annotations

from generator.explain.component import explain_component, explain_key
from generator.explain.fields import explain_field, explain_object, is_object
from generator.explain.placed import explain_placement
from generator.explain.record import Explanation, FieldExplanation
from generator.explain.scene import Scene, scene

__all__ = [
    "Explanation",
    "FieldExplanation",
    "Scene",
    "explain_component",
    "explain_field",
    "explain_key",
    "explain_object",
    "explain_placement",
    "is_object",
    "scene",
]
