"""Descriptors for what pulls the published manifests; pure, and knows no git."""

from __future__ import annotations

from generator.deliver.files import Descriptors
from generator.deliver.flux import needs_output, objects
from generator.deliver.source import Source, pull_url

__all__ = ["Descriptors", "Source", "needs_output", "objects", "pull_url"]
