"""Commits each environment's output to a branch or a path of a repository and pushes it; edits no content."""

from __future__ import annotations

from generator.publish.options import Options
from generator.publish.preview import Preview
from generator.publish.publisher import Publisher
from generator.publish.result import Publication
from generator.publish.targets import Overrides, Target, targets

__all__ = ["Options", "Overrides", "Preview", "Publication", "Publisher", "Target", "targets"]
