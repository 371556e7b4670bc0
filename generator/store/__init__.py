"""Where fetched sources are kept: by the digest of their content, so that nobody can change one unnoticed."""

from __future__ import annotations

from generator.store.digest import digest
from generator.store.places import Store

__all__ = ["Store", "digest"]
