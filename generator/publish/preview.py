"""What a publication would do, for `weft plan`: what is there now, what would be, what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from generator.errors import WeftError
from generator.model.record import record
from generator.publish.targets import Target


@record(frozen=True)
class Preview:
    """One environment: both sides are files by path below the target's path.

    `published` are the files that weft owns there, and those that it would adopt. `edited` names what
    somebody changed by hand since the last publication, `adopted` what is in the way and not weft's.
    `notes` is what else there is to know. Where the target cannot be read, `readable` is false and
    `errors` says why; else `errors` is what `publish` would refuse with the same options.
    """

    environment: str
    target: Target | None = None
    commit: str | None = None
    published: Mapping[str, bytes] = field(default_factory=dict)
    new: Mapping[str, bytes] = field(default_factory=dict)
    edited: Sequence[str] = ()
    adopted: Sequence[str] = ()
    notes: Sequence[str] = ()
    changed: bool = False
    readable: bool = True
    errors: Sequence[WeftError] = ()
