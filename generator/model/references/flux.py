"""The part of the table for Flux's kinds."""

from __future__ import annotations

from generator.model.references.rule import Rows, below, namespaces, selecting_namespaces, to

_SOURCE = "source.toolkit.fluxcd.io"
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
_HELM = "helm.toolkit.fluxcd.io"
_NOTIFY = "notification.toolkit.fluxcd.io"
_IMAGE = "image.toolkit.fluxcd.io"

_ACCOUNT = to("ServiceAccount", "serviceAccountName")


def _secret(where: str) -> Rows:
    return to("Secret", where)


def _source(where: str) -> Rows:
    return to("", where, group=_SOURCE, kind_at="kind", group_at="apiVersion", namespace_at="namespace")


def _values(where: str, keys_at: str = "") -> Rows:
    return to("", where, kind_at="kind", optional_at="optional", keys_at=keys_at)


_REMOTE = (
    *to("Secret", "kubeConfig.secretRef.name", keys_at="key"),
    *to("ConfigMap", "kubeConfig.configMapRef.name"),
)

# Flux's own selectors know labels alone.
_ACCESS = selecting_namespaces("accessFrom.namespaceSelectors.*", expressions=False)

_SPECS: dict[tuple[str, str], Rows] = {
    (_SOURCE, "Bucket"): (
        *_ACCESS,
        *_ACCOUNT,
        *_secret("{secretRef,certSecretRef,proxySecretRef,sts.secretRef,sts.certSecretRef}.name"),
    ),
    (_SOURCE, "ExternalArtifact"): _source("sourceRef.name"),
    (_SOURCE, "GitRepository"): (
        *_ACCESS,
        *_ACCOUNT,
        *_secret("{secretRef,proxySecretRef,verify.secretRef}.name"),
        *to("GitRepository", "include.*.repository.name", group=_SOURCE),
    ),
    (_SOURCE, "HelmChart"): (
        *_ACCESS,
        *to("", "sourceRef.name", group=_SOURCE, kind_at="kind", group_at="apiVersion"),
        *_secret("verify.secretRef.name"),
    ),
    (_SOURCE, "HelmRepository"): (*_ACCESS, *_secret("{secretRef,certSecretRef}.name")),
    (_SOURCE, "OCIRepository"): (
        *_ACCOUNT,
        *_secret(
            "{secretRef,certSecretRef,proxySecretRef,verify.secretRef,verify.trustedRootSecretRef}.name"
        ),
    ),
    (_KUSTOMIZE, "Kustomization"): (
        *_source("sourceRef.name"),
        *_secret("decryption.secretRef.name"),
        *to("ServiceAccount", "serviceAccountName decryption.serviceAccountName"),
        *_REMOTE,
        *_values("postBuild.substituteFrom.*.name"),
        *to("Kustomization", "dependsOn.*.name", group=_KUSTOMIZE, namespace_at="namespace"),
        # What a Kustomization applies comes from its source, not from these manifests.
        *to(
            "",
            "healthChecks.*.name",
            kind_at="kind",
            group_at="apiVersion",
            namespace_at="namespace",
            needed=False,
        ),
        *namespaces("targetNamespace"),
    ),
    (_HELM, "HelmRelease"): (
        *_source("chart.spec.sourceRef.name chartRef.name"),
        *_secret("chart.spec.verify.secretRef.name"),
        *_ACCOUNT,
        *_REMOTE,
        *_values("valuesFrom.*.name", keys_at="valuesKey"),
        *to("HelmRelease", "dependsOn.*.name", group=_HELM, namespace_at="namespace"),
        *namespaces("targetNamespace storageNamespace"),
    ),
    (_NOTIFY, "Alert"): (
        *to("Provider", "providerRef.name", group=_NOTIFY),
        *to(
            "",
            "eventSources.*.name",
            kind_at="kind",
            group_at="apiVersion",
            namespace_at="namespace",
            needed=False,
        ),
    ),
    (_NOTIFY, "Provider"): (*_ACCOUNT, *_secret("{secretRef,certSecretRef,proxySecretRef}.name")),
    (_NOTIFY, "Receiver"): (
        *_secret("secretRef.name"),
        *to(
            "",
            "resources.*.name",
            kind_at="kind",
            group_at="apiVersion",
            namespace_at="namespace",
            needed=False,
        ),
    ),
    (_IMAGE, "ImageRepository"): (
        *_ACCESS,
        *_ACCOUNT,
        *_secret("{secretRef,certSecretRef,proxySecretRef}.name"),
    ),
    (_IMAGE, "ImagePolicy"): to(
        "ImageRepository", "imageRepositoryRef.name", group=_IMAGE, namespace_at="namespace"
    ),
    (_IMAGE, "ImageUpdateAutomation"): (
        *to("GitRepository", "sourceRef.name", group=_SOURCE, kind_at="kind", namespace_at="namespace"),
        *_secret("git.commit.signingKey.secretRef.name"),
    ),
}

TABLE: dict[tuple[str, str], Rows] = {kind: below("spec", rules) for kind, rules in _SPECS.items()}
