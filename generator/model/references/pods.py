"""The part of the table for pods, their volumes and claims, stated once for every kind with a template."""

from __future__ import annotations

from generator.model.references.rule import (
    Form,
    Otherwise,
    Rows,
    below,
    namespaces,
    selecting,
    selecting_namespaces,
    to,
)

_CONTAINERS = "{containers,initContainers}.*."

_ENV = tuple(
    rule
    for kind, key, whole in (
        ("ConfigMap", "configMapKeyRef", "configMapRef"),
        ("Secret", "secretKeyRef", "secretRef"),
    )
    for where, mounted in ((_CONTAINERS, True), ("ephemeralContainers.*.", False))
    for rule in (
        *to(
            kind,
            f"{where}env.*.valueFrom.{key}.name",
            optional_at="optional",
            keys_at="key",
            mounted=mounted,
        ),
        *to(kind, f"{where}envFrom.*.{whole}.name", optional_at="optional", mounted=mounted),
    )
)

CLAIM: Rows = (
    *to("StorageClass", "storageClassName", group="storage.k8s.io"),
    *to("VolumeAttributesClass", "volumeAttributesClassName", group="storage.k8s.io"),
    *to("PersistentVolume", "volumeName"),
    *to("", "dataSource.name", kind_at="kind", group_at="apiGroup"),
    *to("", "dataSourceRef.name", kind_at="kind", group_at="apiGroup", namespace_at="namespace"),
    *selecting("PersistentVolume", "selector"),
)
"""The spec of a PersistentVolumeClaim, for itself and for templates of one."""

_CONTENT = (
    *to("ConfigMap", "configMap.name", optional_at="optional", keys_at="items.*.key", mounted=True),
    *to("Secret", "secret.secretName", optional_at="optional", keys_at="items.*.key", mounted=True),
    *to(
        "ConfigMap",
        "projected.sources.*.configMap.name",
        optional_at="optional",
        keys_at="items.*.key",
        mounted=True,
    ),
    *to(
        "Secret",
        "projected.sources.*.secret.name",
        optional_at="optional",
        keys_at="items.*.key",
        mounted=True,
    ),
    *to(
        "ClusterTrustBundle",
        "projected.sources.*.clusterTrustBundle.name",
        group="certificates.k8s.io",
        optional_at="optional",
    ),
    *selecting("ClusterTrustBundle", "projected.sources.*.clusterTrustBundle.labelSelector"),
)

_VOLUMES = (
    *_CONTENT,
    *to("PersistentVolumeClaim", "persistentVolumeClaim.claimName"),
    *to("Secret", "azureFile.secretName"),
    *to(
        "Secret",
        "{cephfs,cinder,flexVolume,iscsi,rbd,scaleIO,storageos}.secretRef.name csi.nodePublishSecretRef.name",
    ),
    *to("Endpoints", "glusterfs.endpoints"),
    *namespaces("ephemeral.volumeClaimTemplate.metadata.namespace"),
    *below("ephemeral.volumeClaimTemplate.spec", CLAIM),
)

CLAIMS: Rows = (
    *to("ResourceClaim", "resourceClaimName", group="resource.k8s.io"),
    *to("ResourceClaimTemplate", "resourceClaimTemplateName", group="resource.k8s.io"),
)
"""One item of a list of resource claims, in pods and in groups of pods."""

_TERMS = "affinity.{podAffinity,podAntiAffinity}."
_TERM = (
    f"{_TERMS}preferredDuringSchedulingIgnoredDuringExecution.*.podAffinityTerm"
    f" {_TERMS}requiredDuringSchedulingIgnoredDuringExecution.*"
)

POD_SPEC: Rows = (
    *_ENV,
    *below("volumes.*", _VOLUMES),
    # Until 1.30 a claim had its source below it.
    *below("resourceClaims.* resourceClaims.*.source", CLAIMS),
    *to("ServiceAccount", "serviceAccountName serviceAccount"),
    *to("Secret", "imagePullSecrets.*.name"),
    *to("PriorityClass", "priorityClassName", group="scheduling.k8s.io"),
    *to("RuntimeClass", "runtimeClassName", group="node.k8s.io"),
    *to("Service", "subdomain", needed=False, note="a headless Service gives the pod its DNS name"),
    *to("Workload", "workloadRef.name", group="scheduling.k8s.io", section_at="podGroup"),
    *to("PodGroup", "schedulingGroup.podGroupName", group="scheduling.k8s.io"),
    *selecting("Pod", "topologySpreadConstraints.*.labelSelector"),
    *below(
        _TERM,
        (
            *selecting("Pod", "labelSelector", otherwise=Otherwise.ANYWHERE),
            *selecting_namespaces("namespaceSelector"),
            *namespaces("namespaces.*"),
        ),
    ),
)

POD_TEMPLATE: Rows = (*namespaces("metadata.namespace"), *below("spec", POD_SPEC))

CLAIM_TEMPLATE: Rows = (*namespaces("metadata.namespace"), *below("spec", CLAIM))

_JOB = (
    *selecting("Pod", "selector"),
    *below("template", POD_TEMPLATE),
    *below("scheduling.resourceClaims.*", CLAIMS),
)

_SELECTOR_AND_TEMPLATE = (*selecting("Pod", "spec.selector"), *below("spec.template", POD_TEMPLATE))

_ROLLOUT = (
    *_SELECTOR_AND_TEMPLATE,
    *to("", "spec.workloadRef.name", kind_at="kind", group_at="apiVersion"),
    *to(
        "Service",
        "spec.strategy.canary.{canaryService,stableService}"
        " spec.strategy.canary.pingPong.{pingService,pongService}"
        " spec.strategy.blueGreen.{activeService,previewService}"
        " spec.strategy.canary.trafficRouting.alb.rootService",
    ),
    *to(
        "VirtualService",
        "spec.strategy.canary.trafficRouting.istio.{virtualService,virtualServices.*}.name",
        group="networking.istio.io",
        form=Form.HOST,
        note="Argo Rollouts writes name.namespace",
    ),
    *to(
        "DestinationRule",
        "spec.strategy.canary.trafficRouting.istio.destinationRule.name",
        group="networking.istio.io",
    ),
    *to(
        "Ingress",
        "spec.strategy.canary.trafficRouting.nginx.{stableIngress,stableIngresses.*}"
        " spec.strategy.canary.trafficRouting.alb.ingress",
        group="networking.k8s.io",
    ),
)

TABLE: dict[tuple[str, str], Rows] = {
    ("", "Pod"): below("spec", POD_SPEC),
    ("", "PodTemplate"): below("template", POD_TEMPLATE),
    ("", "ReplicationController"): (
        *selecting("Pod", "spec.selector", form=Form.LABELS),
        *below("spec.template", POD_TEMPLATE),
    ),
    ("", "PersistentVolumeClaim"): below("spec", CLAIM),
    ("apps", "Deployment"): _SELECTOR_AND_TEMPLATE,
    ("apps", "DaemonSet"): _SELECTOR_AND_TEMPLATE,
    ("apps", "ReplicaSet"): _SELECTOR_AND_TEMPLATE,
    ("apps", "StatefulSet"): (
        *_SELECTOR_AND_TEMPLATE,
        *to("Service", "spec.serviceName"),
        *below("spec.volumeClaimTemplates.*", CLAIM_TEMPLATE),
    ),
    ("batch", "Job"): below("spec", _JOB),
    ("batch", "CronJob"): (
        *namespaces("spec.jobTemplate.metadata.namespace"),
        *below("spec.jobTemplate.spec", _JOB),
    ),
    ("argoproj.io", "Rollout"): _ROLLOUT,
}
