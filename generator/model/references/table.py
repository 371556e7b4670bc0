"""The one table: every field of every known kind that names another object, by group and kind."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from generator.model.references.rule import Path, Rows, Rule, expanded

Table = Mapping[tuple[str, str], Rows]

# The parts of the table by the ends of their groups, the rest last. Most runs need few of them, and each has
# hundreds of rules.
_PARTS = (
    ("istio.io", "istio"),
    ("gateway.networking.k8s.io", "gateway"),
    ("gateway.networking.x-k8s.io", "gateway"),
    ("toolkit.fluxcd.io", "flux"),
)
_KUBERNETES = ("kubernetes", "pods")
_OTHERS = "others"


def everything() -> Table:
    """The whole table."""
    names = (*_KUBERNETES, *dict.fromkeys(name for _, name in _PARTS), _OTHERS)
    return {kind: rows for name in names for kind, rows in _part(name).items()}


def rules(group: str, kind: str) -> Iterator[tuple[Path, Rule]]:
    """The rules for objects of a kind, each with its path: of an unknown kind, those of every one."""
    from generator.model.references.kubernetes import EVERY

    yield from expanded(EVERY)
    known = next((name for end, name in _PARTS if f".{group}".endswith(f".{end}")), None)
    for name in (known,) if known else (*_KUBERNETES, _OTHERS):
        rows = _part(name).get((group, kind))
        if rows is not None:
            yield from expanded(rows)
            return


def _part(name: str) -> Table:
    table: Table = importlib.import_module(f"generator.model.references.{name}").TABLE
    return table
