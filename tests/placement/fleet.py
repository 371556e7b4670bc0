"""A small fleet for placement: three clusters with labels as in Liqo's tutorial, and an app."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.project_tree import Project

APP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 7
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1.0", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: hello}
"""

CLUSTERS = {
    "cloud": {"type": "origin"},
    "milan": {"type": "destination", "region": "eu"},
    "rome": {"type": "destination", "region": "eu"},
}


def fleet(
    root: Path,
    placement: str,
    *,
    clusters: Mapping[str, Mapping[str, str]] = CLUSTERS,
    files: Mapping[str, str] | None = None,
) -> Project:
    """A definition whose component `app` has `placement`, a map in one line, in line 4 of component.yaml."""
    written = {
        "component.yaml": f"subcomponents:\n  - name: app\n    source: ./app\n    placement: {placement}\n",
        "app/component.yaml": "type: static\npath: manifests\nnamespace: demo\n",
        "app/manifests/app.yaml": APP,
        **{
            f"environments/{name}.yaml": yaml.safe_dump({"labels": dict(labels)})
            for name, labels in clusters.items()
        },
        **(files or {}),
    }
    return Project(root).write({path: textwrap.dedent(text) for path, text in written.items()})


def documents(project: Project, environment: str, path: str = "app/app.yaml") -> list[Any]:
    """The objects of an output file; none where there is no such file."""
    file = project.generated / environment / path
    return [item for item in yaml.safe_load_all(file.read_text()) if item] if file.exists() else []


def replicas(project: Project, path: str = "app/app.yaml") -> dict[str, int]:
    """The replicas of the workload in each environment that has one."""
    found = {}
    for folder in sorted(project.generated.iterdir()):
        for item in documents(project, folder.name, path):
            if item["kind"] in ("Deployment", "StatefulSet"):
                found[folder.name] = item["spec"]["replicas"]
    return found


def kinds(project: Project, environment: str, path: str = "app/app.yaml") -> list[str]:
    """The kinds of the objects of an output file, in order."""
    return [item["kind"] for item in documents(project, environment, path)]
