"""`namespaces`: the name that a namespace has in an environment."""

from __future__ import annotations

from typing import Literal

from generator.model.formats.base import key
from generator.model.record import record


@record(frozen=True, kw_only=True)
class NamespaceMapping:
    """What a namespace of the definition is called in an environment; a stronger word on it replaces all."""

    mapping: Literal["same", "default", "selected"] | None = key(
        "`same`: its own name; `default`: `<namespace>-<origin>`, on the origin its own; `selected`: `name`."
    )
    name: str | None = key("With `selected`: the name; a DNS label, `${…}` is filled in.", minLength=1)
