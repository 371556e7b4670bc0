"""A definition of one environment with the manifests and policies that a test gives it."""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.project_tree import Project

DEPLOYMENT = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec:
  replicas: 7
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:latest", resources: {limits: {memory: 2Gi}}}
      - {name: log, image: "fluentd:1.2", resources: {limits: {memory: 100Mi}}}
"""

RULE = "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}"


def policy(
    name: str, expression: str, *, rule: str = RULE, match: str = "", spec: str = "", message: str = ""
) -> str:
    """A policy; `match`, `spec` and `message` are YAML beside the rules, in the spec and the validation."""
    lines = [
        "apiVersion: admissionregistration.k8s.io/v1",
        "kind: ValidatingAdmissionPolicy",
        f"metadata: {{name: {name}}}",
        "spec:",
        "  matchConstraints:",
        f"    resourceRules: [{rule}]",
        *textwrap.indent(match, "    ").splitlines(),
        *textwrap.indent(spec, "  ").splitlines(),
        "  validations:",
        "  - expression: |-",
        *textwrap.indent(expression, "      ").splitlines(),
        *textwrap.indent(message, "    ").splitlines(),
    ]
    return "\n".join(lines) + "\n"


def binding(policy: str, actions: str, match: str = "") -> str:
    """A binding document; `match` is YAML, the matchResources."""
    lines = [
        "apiVersion: admissionregistration.k8s.io/v1",
        "kind: ValidatingAdmissionPolicyBinding",
        f"metadata: {{name: {policy}-binding}}",
        "spec:",
        f"  policyName: {policy}",
        f"  validationActions: [{actions}]",
        *([f"  matchResources: {match}"] if match else []),
    ]
    return "\n".join(lines) + "\n"


def project(root: Path, manifests: str, *policies: str) -> Project:
    """The definition in `root`, with each of `policies` in a file of its own: policies/1.yaml and so on."""
    files = {
        "component.yaml": "subcomponents:\n- {name: app, type: static, source: ./app}\n",
        "environments/prod.yaml": "labels: {}\n",
        "app/app.yaml": manifests,
    }
    files.update({f"policies/{number}.yaml": text for number, text in enumerate(policies, start=1)})
    return Project(root).write(files)
