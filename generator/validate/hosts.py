"""The hosts that a mesh knows beside Services: those of ServiceEntries, and those declared as external."""

from __future__ import annotations

from collections.abc import Sequence

from generator.model.manifest import Manifest, mapping, names
from generator.validate.view import ISTIO, View


def external(view: View, host: str) -> bool:
    """Whether an `external` entry has the whole host."""
    return any(view.external_has(kind, None, host) for kind in ("Service", "ServiceEntry"))


def entries(view: View, host: str) -> Sequence[Manifest]:
    """The ServiceEntries that have the whole host."""
    return [
        placed.item
        for placed in view.kinds.get((ISTIO, "ServiceEntry"), ())
        if any(
            host == name or (name.startswith("*.") and host.endswith(name[1:]))
            for name in names(mapping(placed.item.data, "spec"), "hosts")
        )
    ]


def declared(view: View, host: str) -> bool:
    """Whether the whole host is in a ServiceEntry or declared as external."""
    return external(view, host) or bool(entries(view, host))
