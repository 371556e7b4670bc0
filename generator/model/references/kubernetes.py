"""The part of the table for Kubernetes' own kinds, without those that hold pods."""

from __future__ import annotations

from generator.model.references.pods import CLAIMS
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

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_RESOURCE = "resource.k8s.io"
_SCHEDULING = "scheduling.k8s.io"

EVERY: Rows = (
    *to("Namespace", "metadata.namespace"),
    *to("", "metadata.ownerReferences.*.name", kind_at="kind", group_at="apiVersion"),
)
"""What every object has."""

# cert-manager writes the authority of the named Certificate or Secret into what calls a webhook.
_INJECTED = (
    *to(
        "Certificate",
        "metadata.annotations.[cert-manager.io/inject-ca-from]",
        group="cert-manager.io",
        form=Form.QUALIFIED,
    ),
    *to("Secret", "metadata.annotations.[cert-manager.io/inject-ca-from-secret]", form=Form.QUALIFIED),
)


def _service(where: str) -> Rows:
    return to("Service", where, namespace_at="namespace", ports_at="port")


_WEBHOOKS = (
    *_INJECTED,
    *_service("webhooks.*.clientConfig.service.name"),
    *selecting_namespaces("webhooks.*.namespaceSelector"),
)


def _policy(kind: str) -> dict[tuple[str, str], Rows]:
    return {
        (_ADMISSION, kind): selecting_namespaces("spec.matchConstraints.namespaceSelector"),
        (_ADMISSION, f"{kind}Binding"): (
            *to(kind, "spec.policyName", group=_ADMISSION),
            *namespaces("spec.paramRef.namespace"),
            *selecting_namespaces("spec.matchResources.namespaceSelector"),
        ),
    }


def _object(where: str, *, needed: bool = True) -> Rows:
    return to("", where, kind_at="kind", group_at="apiVersion", namespace_at="namespace", needed=needed)


_SUBJECTS = (
    *to(
        "ServiceAccount",
        "subjects.*.name",
        namespace_at="namespace",
        when=("kind", ("ServiceAccount",)),
    ),
    *to("ServiceAccount", "subjects.*.name", form=Form.ACCOUNT, when=("kind", ("User", "Group"))),
)

_BINDING = (*_SUBJECTS, *to("", "roleRef.name", group=_RBAC, kind_at="kind", group_at="apiGroup"))

_SECRET_OF_VOLUME = "{cephfs,cinder,flexVolume,iscsi,rbd,scaleIO}.secretRef.name"

_VOLUME = (
    *to("StorageClass", "storageClassName", group="storage.k8s.io"),
    *to("VolumeAttributesClass", "volumeAttributesClassName", group="storage.k8s.io"),
    *to("PersistentVolumeClaim", "claimRef.name", namespace_at="namespace", needed=False),
    *to("Secret", _SECRET_OF_VOLUME, namespace_at="namespace", otherwise=Otherwise.ANYWHERE),
    *to(
        "Secret",
        "csi.{controllerExpand,controllerPublish,nodeExpand,nodePublish,nodeStage}SecretRef.name"
        " storageos.secretRef.name",
        namespace_at="namespace",
        otherwise=Otherwise.ANYWHERE,
    ),
    *to(
        "Secret",
        "azureFile.secretName",
        namespace_at="secretNamespace",
        otherwise=Otherwise.ANYWHERE,
    ),
    *to(
        "Endpoints",
        "glusterfs.endpoints",
        namespace_at="endpointsNamespace",
        otherwise=Otherwise.ANYWHERE,
    ),
)

_CSI_SECRETS = tuple(
    rule
    for use in (
        "provisioner",
        "controller-publish",
        "controller-expand",
        "node-stage",
        "node-publish",
        "node-expand",
    )
    for rule in to(
        "Secret",
        f"parameters.[csi.storage.k8s.io/{use}-secret-name]",
        namespace_at=f"csi.storage.k8s.io/{use}-secret-namespace",
        otherwise=Otherwise.ANYWHERE,
    )
)

_INGRESS_BACKEND = (
    *to("Service", "service.name", ports_at="port.number port.name"),
    *to("", "resource.name", kind_at="kind", group_at="apiGroup"),
)

_NETWORK_PEER = (
    *selecting("Pod", "podSelector", otherwise=Otherwise.ANYWHERE),
    *selecting_namespaces("namespaceSelector"),
)

_DEVICES = (
    *to(
        "DeviceClass",
        "devices.requests.*.{deviceClassName,exactly.deviceClassName,firstAvailable.*.deviceClassName}",
        group=_RESOURCE,
    ),
    # The first alpha form, until 1.30.
    *to("ResourceClass", "resourceClassName", group=_RESOURCE, otherwise=Otherwise.CLUSTER),
    *to("", "parametersRef.name", kind_at="kind", group_at="apiGroup"),
)


_PRIORITY = to("PriorityClass", "priorityClassName", group=_SCHEDULING)
_GROUP = (*_PRIORITY, *below("resourceClaims.*", CLAIMS))
_PARENT = to("CompositePodGroup", "parentCompositePodGroupName", group=_SCHEDULING)
_COMPOSITE = (*_PRIORITY, *below("podGroupTemplates.*", _GROUP))
_NESTED = "compositePodGroupTemplates.*"
_WORKLOAD_REF = to("Workload", "workloadRef.workloadName", group=_SCHEDULING, section_at="templateName")

_REVIEW = namespaces("spec.resourceAttributes.namespace")

_SUBJECT_NAMES = (
    *to("ServiceAccount", "serviceAccount.name", namespace_at="namespace", needed=False),
    *to("ServiceAccount", "{user,group}.name", form=Form.ACCOUNT, needed=False),
)

TABLE: dict[tuple[str, str], Rows] = {
    ("", "Binding"): _object("target.name", needed=False),
    ("", "Endpoints"): _object("subsets.*.{addresses,notReadyAddresses}.*.targetRef.name", needed=False),
    ("", "Event"): _object("{involvedObject,related}.name", needed=False),
    ("", "Namespace"): namespaces("metadata.labels.[kubernetes.io/metadata.name]"),
    ("", "Node"): to(
        "ConfigMap",
        "spec.configSource.configMap.name",
        namespace_at="namespace",
        otherwise=Otherwise.ANYWHERE,
    ),
    ("", "PersistentVolume"): below("spec", _VOLUME),
    ("", "Secret"): to("ServiceAccount", "metadata.annotations.[kubernetes.io/service-account.name]"),
    ("", "Service"): (
        *selecting("Pod", "spec.selector", form=Form.LABELS),
        *to("Service", "spec.externalName", form=Form.DNS),
    ),
    ("", "ServiceAccount"): (
        *to("Secret", "secrets.*.name", namespace_at="namespace"),
        *to("Secret", "imagePullSecrets.*.name"),
    ),
    (_ADMISSION, "MutatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "ValidatingWebhookConfiguration"): _WEBHOOKS,
    **_policy("MutatingAdmissionPolicy"),
    **_policy("ValidatingAdmissionPolicy"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (
        *_INJECTED,
        *_service("spec.conversion.webhook.clientConfig.service.name"),
    ),
    ("apiregistration.k8s.io", "APIService"): (*_INJECTED, *_service("spec.service.name")),
    ("authentication.k8s.io", "TokenRequest"): to(
        "", "spec.boundObjectRef.name", kind_at="kind", group_at="apiVersion", needed=False
    ),
    ("authorization.k8s.io", "LocalSubjectAccessReview"): _REVIEW,
    ("authorization.k8s.io", "SelfSubjectAccessReview"): _REVIEW,
    ("authorization.k8s.io", "SubjectAccessReview"): _REVIEW,
    ("authorization.k8s.io", "SelfSubjectRulesReview"): namespaces("spec.namespace"),
    ("autoscaling", "HorizontalPodAutoscaler"): to(
        "",
        "spec.scaleTargetRef.name spec.metrics.*.object.describedObject.name",
        kind_at="kind",
        group_at="apiVersion",
    ),
    ("certificates.k8s.io", "PodCertificateRequest"): (
        *to("ServiceAccount", "spec.serviceAccountName", needed=False),
        *to("Pod", "spec.podName", needed=False),
    ),
    ("coordination.k8s.io", "LeaseCandidate"): to(
        "Lease", "spec.leaseName", group="coordination.k8s.io", needed=False
    ),
    ("discovery.k8s.io", "EndpointSlice"): (
        *to("Service", "metadata.labels.[kubernetes.io/service-name]"),
        *_object("endpoints.*.targetRef.name", needed=False),
    ),
    ("events.k8s.io", "Event"): _object("{regarding,related}.name", needed=False),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): (
        *to(
            "PriorityLevelConfiguration",
            "spec.priorityLevelConfiguration.name",
            group="flowcontrol.apiserver.k8s.io",
        ),
        *below("spec.rules.*.subjects.*", _SUBJECT_NAMES),
        *namespaces("spec.rules.*.resourceRules.*.namespaces.*"),
    ),
    ("lifecycle.k8s.io", "Eviction"): to("Pod", "spec.target.pod.name", needed=False),
    ("lifecycle.k8s.io", "EvictionRequest"): to("Pod", "spec.target.pod.name", needed=False),
    ("networking.k8s.io", "IPAddress"): namespaces("spec.parentRef.namespace"),
    ("networking.k8s.io", "Ingress"): (
        *to("IngressClass", "spec.ingressClassName", group="networking.k8s.io"),
        *below("spec.defaultBackend spec.rules.*.http.paths.*.backend", _INGRESS_BACKEND),
        *to("Secret", "spec.tls.*.secretName"),
    ),
    ("networking.k8s.io", "IngressClass"): to(
        "",
        "spec.parameters.name",
        kind_at="kind",
        group_at="apiGroup",
        namespace_at="namespace",
        otherwise=Otherwise.CLUSTER,
    ),
    ("networking.k8s.io", "NetworkPolicy"): (
        *selecting("Pod", "spec.podSelector"),
        *below("spec.ingress.*.from.* spec.egress.*.to.*", _NETWORK_PEER),
    ),
    ("policy", "PodDisruptionBudget"): selecting("Pod", "spec.selector"),
    (_RBAC, "ClusterRole"): selecting("ClusterRole", "aggregationRule.clusterRoleSelectors.*"),
    (_RBAC, "ClusterRoleBinding"): _BINDING,
    (_RBAC, "RoleBinding"): _BINDING,
    (_RESOURCE, "DeviceTaintRule"): to("DeviceClass", "spec.deviceSelector.deviceClassName", group=_RESOURCE),
    (_RESOURCE, "ResourceClaim"): below("spec", _DEVICES),
    (_RESOURCE, "ResourceClaimParameters"): to("", "generatedFrom.name", kind_at="kind", group_at="apiGroup"),
    (_RESOURCE, "ResourceClaimTemplate"): (
        *namespaces("spec.metadata.namespace"),
        *below("spec.spec", _DEVICES),
    ),
    (_RESOURCE, "ResourceClass"): to(
        "",
        "parametersRef.name",
        kind_at="kind",
        group_at="apiGroup",
        namespace_at="namespace",
        otherwise=Otherwise.CLUSTER,
    ),
    (_RESOURCE, "ResourceClassParameters"): to(
        "", "generatedFrom.name", kind_at="kind", group_at="apiGroup", namespace_at="namespace"
    ),
    (_SCHEDULING, "CompositePodGroup"): below("spec", (*_PRIORITY, *_PARENT, *_WORKLOAD_REF)),
    (_SCHEDULING, "PodGroup"): below(
        "spec",
        (
            *_GROUP,
            *_PARENT,
            *_WORKLOAD_REF,
            *to(
                "Workload",
                "podGroupTemplateRef.workload.workloadName",
                group=_SCHEDULING,
                section_at="podGroupTemplateName",
            ),
        ),
    ),
    (_SCHEDULING, "Workload"): below(
        "spec",
        (
            *to("", "controllerRef.name", kind_at="kind", group_at="apiGroup"),
            *below("podGroupTemplates.*", _GROUP),
            # The schema lets composite templates hold others without end; nobody goes deeper.
            *below(f"{_NESTED} {_NESTED}.{_NESTED} {_NESTED}.{_NESTED}.{_NESTED}", _COMPOSITE),
        ),
    ),
    ("storage.k8s.io", "CSIStorageCapacity"): to("StorageClass", "storageClassName", group="storage.k8s.io"),
    ("storage.k8s.io", "StorageClass"): _CSI_SECRETS,
    ("storage.k8s.io", "VolumeAttachment"): (
        *to("PersistentVolume", "spec.source.persistentVolumeName"),
        *below("spec.source.inlineVolumeSpec", _VOLUME),
    ),
}
