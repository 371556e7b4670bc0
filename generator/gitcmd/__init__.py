"""The only place that knows git: the definitions' repository, and the repositories that are published to."""

from __future__ import annotations

from generator.gitcmd.address import Address, address, normalised
from generator.gitcmd.export import Export, Revision, exported, revision
from generator.gitcmd.source import Relation, Source, source
from generator.gitcmd.store import Identity, Store, Update
from generator.gitcmd.trees import Entry, blob_id, tree_id

__all__ = [
    "Address",
    "Entry",
    "Export",
    "Identity",
    "Relation",
    "Revision",
    "Source",
    "Store",
    "Update",
    "address",
    "blob_id",
    "exported",
    "normalised",
    "revision",
    "source",
    "tree_id",
]
