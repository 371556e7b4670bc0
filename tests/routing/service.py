"""A service with deployments, for the tests of routing: what each test changes of it, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.project_tree import Project
from tests.shop import documents, generated, refused, shop

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app-{{ component.name }}}
spec:
  selector: {matchLabels: {app: app, version: {{ component.name }}}}
  template:
    metadata: {labels: {app: app, version: {{ component.name }}}}
    spec: {containers: [{name: app, image: app}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: app, labels: {team: a}}
spec: {selector: {app: app}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30000}]}
"""
ROUTED = """\
type: static
path: ./manifests
namespace: shop
routing:
  port: 80
  split:
    stable: 90
    canary: 10
subcomponents:
  - {name: canary, type: jinja, path: ../pods}
  - {name: stable, type: jinja, path: ../pods}
  - {name: spare, type: jinja, path: ../pods}
"""
# What the routes of these tests speak of beside the service itself.
ROOT = """\
name: shop
external:
  - {kind: Namespace, name: shop}
  - {kind: Service, namespace: shop, name: other}
  - {kind: Service, namespace: shop, name: third}
  - {kind: Service, namespace: elsewhere, name: app}
  - {kind: Gateway, namespace: shop, name: gw}
subcomponents:
  - {name: app, source: ./app}
"""
FILES = {
    "component.yaml": ROOT,
    "app/component.yaml": ROUTED,
    "app/manifests/service.yaml": SERVICE,
    "pods/chart.yaml": "name: pods\n",
    "pods/templates/deployment.yaml.j2": DEPLOYMENT,
}
GATEWAY = ROUTED.replace("  port: 80\n", "  port: 80\n  provider: gateway-api\n")


def routed(root: Path, files: Mapping[str, str | None] | None = None) -> Project:
    """The definition with `files` over it, generated for prod."""
    project = shop(root, {**FILES, **(files or {})})
    generated(project)
    return project


def made(project: Project, environment: str = "prod") -> dict[str, Any]:
    """The service's own objects by kind; Services by kind and name."""
    found = documents(project, f"{environment}/app/app.yaml")
    return {
        item["kind"] if item["kind"] != "Service" else f"Service {item['metadata']['name']}": item
        for item in found
    }


def routing_refused(root: Path, files: Mapping[str, str | None], *messages: str) -> str:
    """The refusal of the definition with `files` over it."""
    return refused(root, {**FILES, **files}, *messages)


def weights(route: list[Any]) -> list[tuple[str, int]]:
    """Subset, or host where there is none, and weight of each destination of an Istio route."""
    return [
        (entry["destination"].get("subset", entry["destination"]["host"]), entry.get("weight"))
        for entry in route
    ]
