"""The API versions that Kubernetes deprecated or removed since 1.16, and what replaces them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator.schema import bundle
from generator.schema.bundle import Minor


class Removal(NamedTuple):
    """The end of an API version of a kind; `removed` is None where no version is named yet."""

    api_version: str
    kind: str
    deprecated: Minor
    removed: Minor | None
    replacement: str | None

    def removed_in(self, version: str | None) -> bool:
        """Whether that Kubernetes version, or the newest bundled one, does not serve it any more."""
        return self.removed is not None and _asked(version) >= self.removed

    @property
    def ends(self) -> str:
        """Since when, in words: `deprecated since Kubernetes 1.21, removed in 1.25`."""
        words = f"deprecated since Kubernetes {bundle.written(self.deprecated)}"
        return f"{words}, removed in {bundle.written(self.removed)}" if self.removed else words


_FLOW = "flowcontrol.apiserver.k8s.io/v1, before 1.29 flowcontrol.apiserver.k8s.io/v1beta3"
_WEBHOOKS = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
_POLICIES = "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
_MUTATING = "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
_REVIEWS = "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"
_ROLES = "ClusterRole ClusterRoleBinding Role RoleBinding"
_FLOWS = "FlowSchema PriorityLevelConfiguration"
_CLAIMS = "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"
_PARAMETERS = "ResourceClass ResourceClassParameters ResourceClaimParameters PodSchedulingContext"
_POD_SECURITY = "Pod Security Admission, or an admission webhook"
_NONE = ""

# Deprecated in, removed in, apiVersion, kinds, replacement. The dates are those of Kubernetes' deprecation
# guide and of the lifecycle marks in its Go types; alpha versions, which have neither, are dated by the first
# release without them.
_ROWS = (
    ("1.8", "1.16", "extensions/v1beta1", "DaemonSet Deployment ReplicaSet", "apps/v1"),
    ("1.9", "1.16", "extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"),
    ("1.11", "1.16", "extensions/v1beta1", "PodSecurityPolicy", _POD_SECURITY),
    ("1.8", "1.16", "apps/v1beta1", "ControllerRevision Deployment StatefulSet", "apps/v1"),
    (
        "1.9",
        "1.16",
        "apps/v1beta2",
        "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
        "apps/v1",
    ),
    ("1.8", "1.16", "apps/v1beta1", "Scale", "autoscaling/v1"),
    ("1.9", "1.16", "apps/v1beta2", "Scale", "autoscaling/v1"),
    ("1.19", "1.19", "auditregistration.k8s.io/v1alpha1", "AuditSink", _NONE),
    ("1.20", "1.20", "settings.k8s.io/v1alpha1", "PodPreset", "an admission webhook"),
    ("1.21", "1.21", "batch/v2alpha1", "CronJob", "batch/v1"),
    ("1.16", "1.22", "admissionregistration.k8s.io/v1beta1", _WEBHOOKS, "admissionregistration.k8s.io/v1"),
    ("1.16", "1.22", "apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "apiextensions.k8s.io/v1"),
    ("1.19", "1.22", "apiregistration.k8s.io/v1beta1", "APIService", "apiregistration.k8s.io/v1"),
    ("1.19", "1.22", "authentication.k8s.io/v1beta1", "TokenReview", "authentication.k8s.io/v1"),
    ("1.19", "1.22", "authorization.k8s.io/v1beta1", _REVIEWS, "authorization.k8s.io/v1"),
    ("1.19", "1.22", "certificates.k8s.io/v1beta1", "CertificateSigningRequest", "certificates.k8s.io/v1"),
    ("1.19", "1.22", "coordination.k8s.io/v1beta1", "Lease", "coordination.k8s.io/v1"),
    ("1.14", "1.22", "extensions/v1beta1", "Ingress", "networking.k8s.io/v1"),
    ("1.19", "1.22", "networking.k8s.io/v1beta1", "Ingress IngressClass", "networking.k8s.io/v1"),
    ("1.17", "1.22", "rbac.authorization.k8s.io/v1beta1", _ROLES, "rbac.authorization.k8s.io/v1"),
    ("1.14", "1.22", "scheduling.k8s.io/v1beta1", "PriorityClass", "scheduling.k8s.io/v1"),
    (
        "1.19",
        "1.22",
        "storage.k8s.io/v1beta1",
        "CSIDriver StorageClass VolumeAttachment",
        "storage.k8s.io/v1",
    ),
    ("1.17", "1.22", "storage.k8s.io/v1beta1", "CSINode", "storage.k8s.io/v1"),
    ("1.17", "1.23", "rbac.authorization.k8s.io/v1alpha1", _ROLES, "rbac.authorization.k8s.io/v1"),
    ("1.14", "1.23", "scheduling.k8s.io/v1alpha1", "PriorityClass", "scheduling.k8s.io/v1"),
    ("1.21", "1.24", "storage.k8s.io/v1alpha1", "CSIStorageCapacity VolumeAttachment", "storage.k8s.io/v1"),
    ("1.21", "1.25", "batch/v1beta1", "CronJob", "batch/v1"),
    ("1.21", "1.25", "discovery.k8s.io/v1beta1", "EndpointSlice", "discovery.k8s.io/v1"),
    ("1.22", "1.25", "events.k8s.io/v1beta1", "Event", "events.k8s.io/v1"),
    ("1.22", "1.25", "autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2"),
    ("1.21", "1.25", "policy/v1beta1", "PodDisruptionBudget", "policy/v1"),
    ("1.22", "1.25", "policy/v1beta1", "Eviction", "policy/v1"),
    ("1.21", "1.25", "policy/v1beta1", "PodSecurityPolicy", _POD_SECURITY),
    ("1.22", "1.25", "node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1"),
    ("1.23", "1.26", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2"),
    ("1.23", "1.26", "flowcontrol.apiserver.k8s.io/v1beta1", _FLOWS, _FLOW),
    ("1.24", "1.27", "storage.k8s.io/v1beta1", "CSIStorageCapacity", "storage.k8s.io/v1"),
    ("1.26", "1.29", "flowcontrol.apiserver.k8s.io/v1beta2", _FLOWS, _FLOW),
    (
        "1.31",
        "1.31",
        "networking.k8s.io/v1alpha1",
        "IPAddress ServiceCIDR",
        "networking.k8s.io/v1 (from 1.33)",
    ),
    (
        "1.31",
        "1.31",
        "resource.k8s.io/v1alpha2",
        _PARAMETERS,
        "DeviceClass in resource.k8s.io/v1 (from 1.34)",
    ),
    ("1.31", "1.31", "resource.k8s.io/v1alpha2", _CLAIMS, "resource.k8s.io/v1 (from 1.34)"),
    ("1.29", "1.32", "admissionregistration.k8s.io/v1alpha1", _POLICIES, "admissionregistration.k8s.io/v1"),
    ("1.29", "1.32", "authentication.k8s.io/v1alpha1", "SelfSubjectReview", "authentication.k8s.io/v1"),
    (
        "1.32",
        "1.32",
        "coordination.k8s.io/v1alpha1",
        "LeaseCandidate",
        "coordination.k8s.io/v1beta1 (from 1.33)",
    ),
    ("1.29", "1.32", "flowcontrol.apiserver.k8s.io/v1beta3", _FLOWS, "flowcontrol.apiserver.k8s.io/v1"),
    ("1.32", "1.32", "resource.k8s.io/v1alpha3", "PodSchedulingContext", _NONE),
    ("1.30", "1.33", "authentication.k8s.io/v1beta1", "SelfSubjectReview", "authentication.k8s.io/v1"),
    ("1.31", "1.34", "admissionregistration.k8s.io/v1beta1", _POLICIES, "admissionregistration.k8s.io/v1"),
    ("1.34", "1.34", "resource.k8s.io/v1alpha3", _CLAIMS, "resource.k8s.io/v1"),
    (
        "1.35",
        "1.35",
        "certificates.k8s.io/v1alpha1",
        "PodCertificateRequest",
        "certificates.k8s.io/v1 (from 1.37)",
    ),
    ("1.32", "1.35", "storage.k8s.io/v1alpha1", "VolumeAttributesClass", "storage.k8s.io/v1 (from 1.34)"),
    (
        "1.35",
        "1.35",
        "storagemigration.k8s.io/v1alpha1",
        "StorageVersionMigration",
        "storagemigration.k8s.io/v1beta1",
    ),
    ("1.36", "1.36", "scheduling.k8s.io/v1alpha1", "Workload", "scheduling.k8s.io/v1beta1 (from 1.37)"),
    ("1.34", "1.37", "certificates.k8s.io/v1alpha1", "ClusterTrustBundle", "certificates.k8s.io/v1beta1"),
    ("1.34", "1.37", "networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", "networking.k8s.io/v1"),
    ("1.37", "1.37", "scheduling.k8s.io/v1alpha2", "PodGroup Workload", "scheduling.k8s.io/v1beta1"),
    ("1.34", "1.37", "storage.k8s.io/v1beta1", "VolumeAttributesClass", "storage.k8s.io/v1"),
    # Announced.
    (
        "1.35",
        "1.38",
        "admissionregistration.k8s.io/v1alpha1",
        _MUTATING,
        "admissionregistration.k8s.io/v1 (from 1.36)",
    ),
    ("1.35", "1.38", "coordination.k8s.io/v1alpha2", "LeaseCandidate", "coordination.k8s.io/v1beta1"),
    ("1.35", "1.38", "resource.k8s.io/v1beta1", _CLAIMS, "resource.k8s.io/v1"),
    ("1.36", "1.39", "coordination.k8s.io/v1beta1", "LeaseCandidate", _NONE),
    ("1.36", "1.39", "resource.k8s.io/v1alpha3", "DeviceTaintRule", "resource.k8s.io/v1 (from 1.37)"),
    ("1.36", "1.39", "resource.k8s.io/v1beta2", _CLAIMS, "resource.k8s.io/v1"),
    ("1.37", "1.40", "admissionregistration.k8s.io/v1beta1", _MUTATING, "admissionregistration.k8s.io/v1"),
    (
        "1.37",
        "1.40",
        "certificates.k8s.io/v1beta1",
        "ClusterTrustBundle PodCertificateRequest",
        "certificates.k8s.io/v1",
    ),
    (
        "1.37",
        "1.40",
        "storagemigration.k8s.io/v1beta1",
        "StorageVersionMigration",
        "storagemigration.k8s.io/v1",
    ),
    ("1.19", None, "v1", "ComponentStatus", "the health endpoints of the components"),
    ("1.33", None, "v1", "Endpoints", "EndpointSlice in discovery.k8s.io/v1"),
)


def find(api_version: str, kind: str, version: str | None) -> Removal | None:
    """What is to be said of an API version in that Kubernetes version, the newest bundled one without one.

    None where it is neither deprecated nor removed there.
    """
    removal = _table().get((api_version, kind.removesuffix("List")))
    return removal if removal is not None and _asked(version) >= removal.deprecated else None


def _asked(version: str | None) -> Minor:
    return bundle.minor(version) or bundle.minors()[-1]


@functools.cache
def _table() -> Mapping[tuple[str, str], Removal]:
    return {(item.api_version, item.kind): item for item in every()}


def every() -> Iterator[Removal]:
    """The whole table, oldest removals first."""
    for deprecated, removed, api_version, kinds, replacement in _ROWS:
        since = bundle.minor(deprecated)
        assert since is not None
        for kind in kinds.split():
            yield Removal(api_version, kind, since, bundle.minor(removed), replacement or None)
