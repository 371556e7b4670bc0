"""Where what an environment says of itself is written: its labels and its Kubernetes version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.explain.paths import lookup
from generator.model.definition import Environment
from generator.model.document import Path, Position

_LABELS = "environment.labels."


def place_of(environment: Environment, name: str) -> Position | None:
    """Where `environment.labels.region` and the like stand; None for a pass, which has no file."""
    if name == "environment.name":
        # The name is the file's own.
        return Position(environment.place.file) if environment.place else None
    if name.startswith(_LABELS):
        path: Path = ("labels", name[len(_LABELS) :])
    else:
        path = ("kubernetes", "version")
    return next((place for place, _ in stated(environment, path)), None)


def stated(environment: Environment, path: Path) -> Iterator[tuple[Position, Any]]:
    """Each of the environment's files that says something at `path`, with what it says, strongest first."""
    for configs in environment.configs:
        document = configs.nodes[()].document
        value = lookup(document.value, path)
        if value is not None:
            yield document.where(*path), value
