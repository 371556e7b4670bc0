"""Units of components in a folder of files that a test writes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator import render as stage
from generator.model.definition import Component, Environment
from generator.model.document import Position
from generator.model.formats import HelmOptions, Kubernetes
from generator.model.manifest import Rendered
from generator.model.unit import Unit
from generator.render.base import Run

CHART = "apiVersion: v2\nname: app\nversion: 0.1.0\n"


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes `files` (text by path) below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def config_map(name: str, data: str = "") -> str:
    """A template of one ConfigMap; `data` is one line of it."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: {data or 'x'}\n"


def unit(
    kind: str,
    source: str,
    values: Mapping[str, Any] | None = None,
    *,
    helm: HelmOptions | None = None,
    kubernetes: Kubernetes | None = None,
    namespace: str | None = None,
    title: str = "web",
) -> Unit:
    """The component `services/web` in the environment `prod`."""
    component = Component(
        name="web",
        path=("services", "web"),
        type=kind,
        folder="services/web",
        source=source,
        place=Position("services/web/component.yaml", 3, 1),
        title=title,
        helm=helm or HelmOptions(),
    )
    environment = Environment("prod", kubernetes=kubernetes or Kubernetes())
    return Unit(component, environment, values or {}, namespace=namespace)


def fresh(unit: Unit, run: Run) -> Rendered:
    """What the stage renders with a renderer of its own, as a new process would."""
    stage.renderer.cache_clear()
    return stage.render(unit, run)
