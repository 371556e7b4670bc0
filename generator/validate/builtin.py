"""What nobody applies: the objects of every cluster, and the labels that controllers set on pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generator.model.manifest import Manifest

_OBJECTS = {
    "ServiceAccount": ("default",),
    "ConfigMap": ("kube-root-ca.crt", "extension-apiserver-authentication"),
    "ClusterRole": ("cluster-admin", "admin", "edit", "view"),
    "Role": ("extension-apiserver-authentication-reader",),
    "PriorityClass": ("system-cluster-critical", "system-node-critical"),
    "PriorityLevelConfiguration": (
        "exempt",
        "catch-all",
        "global-default",
        "leader-election",
        "node-high",
        "system",
        "workload-high",
        "workload-low",
    ),
    "ServiceCIDR": ("kubernetes",),
}
_SYSTEM = ("ClusterRole", "Role")

_JOB = {
    "batch.kubernetes.io/job-name": "{}",
    "job-name": "{}",
    "batch.kubernetes.io/controller-uid": "",
    "controller-uid": "",
    "batch.kubernetes.io/job-completion-index": "",
}
# The label, and what its value is where that is known: the workload's name, with a number or hash after it.
_LABELS: Mapping[str, Mapping[str, str]] = {
    "StatefulSet": {
        "statefulset.kubernetes.io/pod-name": r"{}-\d+",
        "apps.kubernetes.io/pod-index": r"\d+",
        "controller-revision-hash": "",
    },
    "DaemonSet": {"controller-revision-hash": "", "pod-template-generation": ""},
    "Deployment": {"pod-template-hash": ""},
    "Rollout": {"rollouts-pod-template-hash": ""},
    "Job": _JOB,
    "CronJob": {label: r"{}-\d+" if value else "" for label, value in _JOB.items()},
}
SET_LATER = frozenset(label for labels in _LABELS.values() for label in labels)
"""The labels that a controller gives pods."""


def has(kind: str, namespace: str | None, name: str) -> bool:
    """Whether every cluster has the object."""
    if kind == "Service":
        # Where no namespace is stated, the one of the context may be `default`.
        return name == "kubernetes" and namespace in ("default", "")
    return name in _OBJECTS.get(kind, ()) or (kind in _SYSTEM and name.startswith("system:"))


def or_declare(hint: str | None, where: str) -> str:
    """The hint, if any, with the way out for what exists without weft: `external`."""
    declare = f"declare it as `external` where {where}"
    if hint is None:
        return declare
    return f"{hint} if not, {declare}" if hint.endswith("?") else f"{hint}; or {declare}"


def sets(owner: Manifest, label: str, value: Any) -> bool:
    """Whether the controller of `owner` gives one of its pods that label with that value."""
    form = _LABELS.get(owner.kind, {}).get(label)
    if form is None:
        return False
    return not form or re.fullmatch(form.format(re.escape(owner.name)), str(value), re.ASCII) is not None
