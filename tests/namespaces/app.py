"""An application on an origin and two other clusters, whose objects name its namespace in many ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.project_tree import Project

APP = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: liqo-demo}
spec: {type: ExternalName, externalName: web.liqo-demo.svc.cluster.local}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: liqo-demo}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: stable}}
    spec: {containers: [{name: liqo-demo, image: "nginx:1.27"}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: liqo-demo}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {kind: ServiceAccount, name: default, namespace: liqo-demo}
- {kind: Group, name: "system:serviceaccounts:liqo-demo"}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: liqo-demo}}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks:
- name: web.liqo-demo.example
  clientConfig: {service: {name: web, namespace: liqo-demo, path: /liqo-demo}}
  admissionReviewVersions: [v1]
  sideEffects: None
"""

TREE = {
    "component.yaml": """\
name: demo
subcomponents:
  - name: app
    type: static
    path: ./app
    namespace: liqo-demo
    placement: {selector: "type=destination", pods: remote, origin: europe-cloud}
    namespaces:
      liqo-demo: {mapping: default}
  - name: monitor
    type: static
    path: ./monitor
    namespace: monitoring
""",
    "app/all.yaml": APP,
    "monitor/all.yaml": """\
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.liqo-demo, demo.example.com]
  http: [{route: [{destination: {host: web.liqo-demo.svc.cluster.local}}]}]
""",
    "environments/europe-cloud.yaml": "labels: {type: origin}\n",
    "environments/europe-rome-edge.yaml": "labels: {type: destination}\n",
    "environments/europe-milan-edge.yaml": """\
labels: {type: destination}
subcomponents:
  app:
    namespaces:
      liqo-demo: {mapping: selected, name: "milan-${environment.labels.type}"}
""",
}

DEFAULT = "liqo-demo-europe-cloud"


def project(root: Path, files: dict[str, str] | None = None) -> Project:
    """The application in `root`, with `files` over it."""
    return Project(root).write({**TREE, **(files or {})})


def objects(found: Project, environment: str) -> list[dict[str, Any]]:
    """All objects of an environment, in the order of its kustomization."""
    folder = found.generated / environment
    order = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [item for path in order for item in yaml.safe_load_all((folder / path).read_text())]


def named(found: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The one object of that kind and name."""
    [item] = [one for one in found if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return item
