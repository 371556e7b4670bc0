"""What Helm charts depend on: the entries of Chart.yaml, and the digest of its Chart.lock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.model.record import record


@record(frozen=True)
class Subchart:
    """A chart that another needs and does not bring along: its folder, as `Component.source` has it.

    `names` are what templates know it by: its own, and aliases. `loose` is one in a folder of the definition
    (`file://`), which helm would make a package of first.
    """

    name: str
    folder: str
    names: Sequence[str] = ()
    loose: bool = False


# The charts that a chart's folder lacks, by that folder.
Subcharts = Mapping[str, Sequence[Subchart]]

# The order in which helm's own program writes them, and which it writes where they are empty.
_FIELDS = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
_ALWAYS = ("name", "repository")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def digests(wanted: Sequence[Mapping[str, Any]], locked: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """The digests that a lock of `locked` may have for the dependencies `wanted`: Helm 3's, and Helm 2's."""
    asked, found = [_plain(item) for item in wanted], [_plain(item) for item in locked]
    return [_digest([asked, found]), _digest({"dependencies": asked})]


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in _FIELDS:
        value = item.get(name)
        if name not in ("tags", "enabled", "import-values") and value is not None:
            value = str(value)
        if value or name in _ALWAYS:
            plain[name] = _sorted(value) if value is not None else ""
    return plain


def _sorted(value: Any) -> Any:
    """`value` with sorted keys, as Go writes maps; the entry itself keeps the order of its fields."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
