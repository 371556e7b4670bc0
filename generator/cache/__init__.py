"""What earlier runs came to, in the user's cache folder: where nothing changed, a run need not begin."""

from __future__ import annotations

from generator.cache.record import Finished, Question
from generator.cache.store import clear, enabled, folder, size

__all__ = ["Finished", "Question", "clear", "enabled", "folder", "size"]
