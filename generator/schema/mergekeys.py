"""How strategic merge patches merge the lists of Kubernetes' own kinds: which lists, and by which keys."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.model.record import record


@record(frozen=True)
class Field:
    """One field: the type of what is below it, and the keys by which its list merges.

    `keys` is None where a list is replaced whole, and empty where items are scalars, the same by value.
    """

    type: str | None = None
    keys: Sequence[str] | None = None


def type_of(api_version: Any, kind: Any) -> str | None:
    """The name of a kind's type; None where no list of it merges, or where it is none of Kubernetes' own."""
    kinds: Mapping[str, Any] = _table()["kinds"].get(api_version, {}) if isinstance(api_version, str) else {}
    return kinds.get(kind) if isinstance(kind, str) else None


@functools.lru_cache(maxsize=4096)
def field(type_name: str | None, name: str) -> Field | None:
    """What is known of a field of a type; None where no list that merges is in it."""
    found = _table()["types"].get(type_name, {}).get(name) if type_name else None
    return Field(**found) if found is not None else None


@functools.cache
def _table() -> Mapping[str, Any]:
    data = Path(__file__).with_name("data") / "mergekeys.json.gz"
    table: Mapping[str, Any] = json.loads(gzip.decompress(data.read_bytes()))
    return table
