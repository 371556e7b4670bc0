"""A small definition for whole-program tests: a component whose chart writes down all that it sees."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.project_tree import Project, Run

SEEN = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ component.path | replace("/", "-") }}
data:
  values: {{ values | to_json | to_json }}
  component: {{ component | to_json | to_json }}
  environment: {{ environment | to_json | to_json }}
  service: {{ service | to_json | to_json }}
  routing: {{ routing | to_json | to_json }}
"""

SHOP = {
    "component.yaml": "name: shop\nsubcomponents:\n  - name: app\n    source: ./app\n",
    "app/component.yaml": "type: jinja\npath: ../chart\n",
    "chart/chart.yaml": "name: seen\n",
    "chart/templates/seen.yaml.j2": SEEN,
    "environments/prod.yaml": "labels: {region: eu}\n",
}

# What an earlier run left behind; a refused run may not touch a byte of it.
OLD = {
    "generated/prod/app/app.yaml": "old: output\n",
    "generated/prod/inventory.json": '[\n"app/app.yaml",\n"inventory.json",\n"kustomization.yaml"\n]\n',
    "generated/prod/kustomization.yaml": "old: kustomization\n",
}


def shop(root: Path, files: Mapping[str, str | None] | None = None) -> Project:
    """The definition in `root`, with `files` over it; None takes one of its files away."""
    every = {**SHOP, **(files or {})}
    return Project(root).write(
        {path: textwrap.dedent(text) for path, text in every.items() if text is not None}
    )


def generated(project: Project, *args: str) -> Run:
    """A run over `prod`, or over `args`, that must end well."""
    run = project.generate(*(args or ("prod",)))
    assert run.code == 0, run.err
    return run


def seen(project: Project, path: str) -> Any:
    """What the chart of the component that was written to `path` below generated/ saw."""
    maps = [item for item in documents(project, path) if item["kind"] == "ConfigMap"]
    data = maps[0]["data"]
    return {name: json.loads(text) for name, text in data.items()}


def values(project: Project, component: str = "app", environment: str = "prod") -> Any:
    """The values that the chart of `component` saw in the run before."""
    name = component.rpartition("/")[2]
    return seen(project, f"{environment}/{component}/{name}.yaml")["values"]


def documents(project: Project, path: str) -> list[Any]:
    """The objects in the file `path` below generated/."""
    return list(yaml.safe_load_all(project.tree()[path]))


def refused(
    root: Path,
    files: Mapping[str, str | None],
    *messages: str,
    args: tuple[str, ...] = ("prod",),
    code: int = 3,
) -> str:
    """What weft says where it refuses the definition with `files` over it; the old output must stay.

    Each of `messages` must be in it; those with a place, `file:line`, as they are.
    """
    project = shop(root, {**OLD, **files})
    before = project.tree()
    run = project.generate(*args)
    assert run.code == code, run.err
    for message in messages:
        assert message in run.err, run.err
    assert "Traceback" not in run.err
    assert "weft itself failed" not in run.err
    assert str(root) not in run.err
    assert project.tree() == before
    return run.err
