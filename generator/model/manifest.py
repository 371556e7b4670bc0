"""Kubernetes objects as weft handles them: identity, scope, and the order in which they apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.model.document import Path, Position

JSON = Mapping[str, Any]


class Identity(NamedTuple):
    """What makes an object the same object to Kubernetes, whatever its API version."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{kind} {place}".rstrip()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object and where it comes from: the component, and the file (line, where known) that made it.

    `index` is its number among what its unit rendered, None where weft made it.
    """

    data: JSON
    source: Position
    component: str
    index: int | None = None
    # What `data` says, found out when it is first asked for: checks ask dozens of times.
    kind: str = field(init=False, repr=False, compare=False)
    """The object's kind, or the empty string."""
    group: str = field(init=False, repr=False, compare=False)
    """The API group; empty for the core group."""
    metadata: JSON = field(init=False, repr=False, compare=False)
    """`metadata`, or an empty map where there is none."""
    name: str = field(init=False, repr=False, compare=False)
    """The object's name, or its generateName."""
    namespace: str = field(init=False, repr=False, compare=False)
    """The namespace that the object states, or the empty string."""
    identity: Identity = field(init=False, repr=False, compare=False)
    """Group, kind, namespace and name."""

    def __getattr__(self, name: str) -> Any:
        found_out = _FOUND_OUT.get(name)
        if found_out is None:
            raise AttributeError(name)
        value = found_out(self)
        object.__setattr__(self, name, value)
        return value

    def with_data(self, data: JSON) -> Manifest:
        """The same object with other content."""
        return Manifest(data, self.source, self.component, self.index)


def _metadata(item: Manifest) -> JSON:
    metadata = item.data.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


_FOUND_OUT: Mapping[str, Callable[[Manifest], Any]] = {
    "kind": lambda item: str(item.data.get("kind") or ""),
    "group": lambda item: str(item.data.get("apiVersion") or "").rpartition("/")[0],
    "metadata": _metadata,
    "name": lambda item: str(item.metadata.get("name") or item.metadata.get("generateName") or ""),
    "namespace": lambda item: str(item.metadata.get("namespace") or ""),
    "identity": lambda item: Identity(item.group, item.kind, item.namespace, item.name),
}


class Placed(NamedTuple):
    """An object and the output file that it is in."""

    file: str
    item: Manifest


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one unit rendered to, and what a user should know of it."""

    objects: Sequence[Manifest] = ()
    notes: Sequence[str] = ()


def opened(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each object that a document holds, with its path in it: those in a List, else the document itself."""
    entries = data.get("items") if isinstance(data, dict) else None
    if isinstance(entries, list) and str(data.get("kind") or "").endswith("List"):
        for index, item in enumerate(entries):
            yield from opened(item, (*path, "items", index))
    else:
        yield path, data


def mapping(data: Any, key: str) -> dict[str, Any]:
    """The map at `key`, or an empty one where the user's object has something else there."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def maps(data: Any, key: str) -> list[dict[str, Any]]:
    """The maps in the list at `key`; none where the user's object has something else there."""
    value = data.get(key) if isinstance(data, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def items(data: Any, key: str) -> list[Any]:
    """The list at `key`, odd items included; none where the user's object has something else there."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, list) else []


def names(data: Any, key: str) -> list[str]:
    """The strings in the list at `key`; none where the user's object has something else there."""
    value = data.get(key) if isinstance(data, dict) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def pod_template(data: JSON) -> JSON | None:
    """The pod template of a workload (or the Pod itself), or None for other objects."""
    kind, spec = data.get("kind"), mapping(data, "spec")
    if kind == "Pod":
        return data
    if kind == "CronJob":
        spec = mapping(mapping(spec, "jobTemplate"), "spec")
    return mapping(spec, "template") or None if kind in WORKLOADS else None


WORKLOADS = frozenset(
    (
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
        "Rollout",
    )
)

# Kinds of Kubernetes and of the systems weft writes for that live outside namespaces.
CLUSTER_SCOPED: frozenset[tuple[str, str]] = frozenset(
    [
        *(("", kind) for kind in ("Namespace", "Node", "PersistentVolume", "ComponentStatus")),
        *(("rbac.authorization.k8s.io", kind) for kind in ("ClusterRole", "ClusterRoleBinding")),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        *(
            ("admissionregistration.k8s.io", kind)
            for kind in (
                "MutatingWebhookConfiguration",
                "ValidatingWebhookConfiguration",
                "ValidatingAdmissionPolicy",
                "ValidatingAdmissionPolicyBinding",
                "MutatingAdmissionPolicy",
                "MutatingAdmissionPolicyBinding",
            )
        ),
        *(("storage.k8s.io", kind) for kind in ("StorageClass", "CSIDriver", "CSINode", "VolumeAttachment")),
        ("storage.k8s.io", "VolumeAttributesClass"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "ResourceSlice"),
        ("policy", "PodSecurityPolicy"),
        ("extensions", "PodSecurityPolicy"),
        ("authentication.k8s.io", "TokenReview"),
        ("authentication.k8s.io", "SelfSubjectReview"),
        ("authorization.k8s.io", "SubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectAccessReview"),
        ("authorization.k8s.io", "SelfSubjectRulesReview"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("cert-manager.io", "ClusterIssuer"),
    ]
)


class Scopes:
    """Which kinds are cluster-scoped: Kubernetes' own and those of the CRDs in the output."""

    def __init__(self, objects: Iterable[Manifest] = ()) -> None:
        self._cluster = set(CLUSTER_SCOPED)
        for item in objects:
            if item.kind == "CustomResourceDefinition":
                spec = mapping(item.data, "spec")
                kind = (str(spec.get("group")), str(mapping(spec, "names").get("kind")))
                if spec.get("scope") == "Cluster":
                    self._cluster.add(kind)
                else:
                    self._cluster.discard(kind)

    def cluster_scoped(self, item: Manifest) -> bool:
        """Whether the object lives outside namespaces; an unknown kind does not."""
        return (item.group, item.kind) in self._cluster


# Helm's install order: what others need comes first. CRDs come right after namespaces.
_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        (
            "Namespace",
            "CustomResourceDefinition",
            "PriorityClass",
            "NetworkPolicy",
            "ResourceQuota",
            "LimitRange",
            "PodSecurityPolicy",
            "PodDisruptionBudget",
            "ServiceAccount",
            "Secret",
            "SecretList",
            "ConfigMap",
            "StorageClass",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "ClusterRole",
            "ClusterRoleList",
            "ClusterRoleBinding",
            "ClusterRoleBindingList",
            "Role",
            "RoleList",
            "RoleBinding",
            "RoleBindingList",
            "Service",
            "DaemonSet",
            "Pod",
            "ReplicationController",
            "ReplicaSet",
            "Deployment",
            "HorizontalPodAutoscaler",
            "StatefulSet",
            "Job",
            "CronJob",
            "IngressClass",
            "Ingress",
            "APIService",
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        )
    )
}


def kind_rank(kind: str) -> int:
    """The place of a kind in the order of application; kinds that are not listed come last."""
    return _ORDER.get(kind, len(_ORDER))


def apply_order(item: Manifest) -> tuple[int, str, str, str, str, str]:
    """A key for the total order of objects within a file."""
    identity = item.identity
    version = str(item.data.get("apiVersion") or "")
    return (
        kind_rank(identity.kind),
        identity.group,
        identity.kind,
        identity.namespace,
        identity.name,
        version,
    )
