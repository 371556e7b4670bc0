"""The only place that knows git: the definitions' repository, and the repositories that are published to."""

from __future__ import annotations

from generator.gitcmd.address import Address, address, normalised
from generator.gitcmd.source import Relation, Source, source
from generator.gitcmd.store import Identity, Store, Update
from generator.gitcmd.trees import Entry, blob_id, tree_id

__all__ = [
    "Address",
    "Entry",
    "Identity",
    "Relation",
    "Source",
    "Store",
    "Update",
    "address",
    "blob_id",
    "normalised",
    "source",
    "tree_id",
]
