"""The only place that knows git: the definitions' repository, and the repositories that are published to."""

from __future__ import annotations

from generator.gitcmd.address import Address, address, normalised, with_token
from generator.gitcmd.checkout import Checkout, Wanted, checkout
from generator.gitcmd.export import Export, Revision, exported, revision
from generator.gitcmd.process import ended_with_weft, stop
from generator.gitcmd.source import Relation, Source, source
from generator.gitcmd.store import Identity, Store, Update
from generator.gitcmd.trees import Entry, blob_id, tree_id

__all__ = [
    "Address",
    "Checkout",
    "Entry",
    "Export",
    "Identity",
    "Relation",
    "Revision",
    "Source",
    "Store",
    "Update",
    "Wanted",
    "address",
    "blob_id",
    "checkout",
    "ended_with_weft",
    "exported",
    "normalised",
    "revision",
    "source",
    "stop",
    "tree_id",
    "with_token",
]
