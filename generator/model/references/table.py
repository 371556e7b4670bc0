"""The one table: every field of every known kind that names another object, by group and kind."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.references import flux, gateway, istio, kubernetes, others, pods
from generator.model.references.rule import Path, Rows, Rule, expanded

TABLE: dict[tuple[str, str], Rows] = {
    **kubernetes.TABLE,
    **pods.TABLE,
    **istio.TABLE,
    **gateway.TABLE,
    **flux.TABLE,
    **others.TABLE,
}


def rules(group: str, kind: str) -> Iterator[tuple[Path, Rule]]:
    """The rules for objects of a kind, each with its path: of an unknown kind, those of every one."""
    yield from expanded(kubernetes.EVERY)
    yield from expanded(TABLE.get((group, kind), ()))
