"""Objects of the corpus with one edit each, and what the API server and kubernetes-validate make of them."""

from __future__ import annotations

from typing import Any, NamedTuple

GONE = object()


class Edit(NamedTuple):
    """`to` is put at `path` of the object `of`; `differs` is why kubernetes-validate judges otherwise."""

    of: str
    path: str
    to: Any
    differs: str = ""


# Why kubernetes-validate takes what the API server refuses.
LENIENT_NAMES = "it does not look at the form of names, keys and labels, which the server checks in Go"
LENIENT_RANGES = "it does not look at ranges, which the server checks in Go"
LENIENT_VALUES = "its schemas have no enumerations, which the server checks in Go"
LENIENT_FORMATS = "it does not look at formats, which the server meets when it reads the object"
LENIENT_KEYS = "it does not look at the keys of list items, which the server checks in Go"
LENIENT_REQUIRED = "it takes what is published as optional, and the server misses it in Go"
LENIENT_NULL = "to it null is a map; the server reads it as left out, and misses what is required"
LENIENT_METADATA = "it lets an object be without a name, which the server does not store"
# Why it refuses what the server takes.
STRICT_DEFAULTS = "it takes what is published as required, and the server has a default or does not look"
STRICT_NULL = (
    "its `oneOf` of two types that both may be null refuses null, which the server reads as left out"
)

_WEB = "Deployment/web"
_POD = "spec.template.spec"
_MAIN = f"{_POD}.containers.0"

BROKEN = (
    # Unknown fields, at every depth.
    Edit(_WEB, "speck", {}),
    Edit(_WEB, "metadata.label", {"a": "b"}),
    Edit(_WEB, "spec.replica", 3),
    Edit(_WEB, "spec.strategy.maxSurge", 1),
    Edit(_WEB, f"{_POD}.container", []),
    Edit(_WEB, f"{_MAIN}.imagePullpolicy", "Always"),
    Edit(_WEB, f"{_MAIN}.env.0.valueForm", {}),
    Edit(_WEB, f"{_MAIN}.env.2.valueFrom.secretRef", {"name": "a"}),
    Edit(_WEB, f"{_MAIN}.resources.request", {}),
    Edit(_WEB, f"{_MAIN}.livenessProbe.httpGet.url", "/"),
    Edit(_WEB, f"{_MAIN}.volumeMounts.0.path", "/x"),
    Edit(_WEB, f"{_POD}.volumes.0.configmap", {"name": "a"}),
    Edit(_WEB, f"{_POD}.nodeselector", {"a": "b"}),
    Edit(_WEB, "spec.selector.app", "web"),
    Edit("Service/web", "spec.ports.0.targetport", 80),
    Edit("Service/web", "spec.selectors", {"app": "web"}),
    Edit("ConfigMap/settings", "spec", {}),
    Edit("Secret/credentials", "stringdata", {"a": "b"}),
    Edit("Namespace/shop", "labels", {"a": "b"}),
    Edit("Ingress/web", "spec.rules.0.paths", []),
    Edit("Ingress/web", "spec.rules.0.http.paths.0.backend.serviceName", "web"),
    Edit("NetworkPolicy/allow", "spec.ingress.0.from.0.labels", {}),
    Edit("Role/shop:reader", "rules.0.apigroups", [""]),
    Edit("RoleBinding/shop:reader", "spec", {}),
    Edit("HorizontalPodAutoscaler/web", "spec.metrics.0.resource.targetAverageUtilization", 70),
    Edit("HorizontalPodAutoscaler/simple", "spec.metrics", []),
    Edit("CronJob/nightly", "spec.template", {}),
    Edit("CronJob/nightly", "spec.jobTemplate.spec.schedule", "* * * * *"),
    Edit("Job/migrate-", "spec.restartPolicy", "Never"),
    Edit("StatefulSet/database", "spec.volumeClaimTemplates.0.spec.size", "1Gi"),
    Edit("DaemonSet/agent", "spec.replicas", 3),
    Edit("PodDisruptionBudget/web", "spec.minAvailble", 1),
    Edit("PersistentVolumeClaim/data", "spec.storage", "1Gi"),
    Edit("StorageClass/fast", "spec", {}),
    Edit("ServiceAccount/web", "imagePullSecrets.0.secret", "a"),
    Edit("CustomResourceDefinition/widgets.example.org", "spec.version", "v1"),
    Edit("ValidatingWebhookConfiguration/check", "webhooks.0.rule", []),
    # Types.
    Edit(_WEB, "spec.replicas", "3"),
    Edit(_WEB, "spec.replicas", 1.5),
    Edit(_WEB, "spec.template", []),
    Edit(_WEB, "spec.selector", "app=web"),
    Edit(_WEB, "metadata.labels", ["app"]),
    Edit(_WEB, "metadata.labels.version", 1.2),
    Edit(_WEB, "metadata.annotations", {"a": True}),
    Edit(_WEB, f"{_MAIN}.env.0.value", 8080),
    Edit(_WEB, f"{_MAIN}.env", {"A": "b"}),
    Edit(_WEB, f"{_MAIN}.command", "sleep 1"),
    Edit(_WEB, f"{_MAIN}.args", [1]),
    Edit(_WEB, f"{_MAIN}.ports.0.containerPort", "8080"),
    Edit(_WEB, f"{_MAIN}.resources.limits.cpu", ["1"]),
    Edit(_WEB, f"{_MAIN}.livenessProbe.httpGet.port", {"number": 80}),
    Edit(_WEB, f"{_POD}.containers", {"name": "a"}),
    Edit(_WEB, f"{_POD}.hostNetwork", "true"),
    Edit("Service/web", "spec.ports", {"port": 80}),
    Edit("Service/web", "spec.ports.0.port", "80"),
    Edit("ConfigMap/settings", "data.port", 80),
    Edit("ConfigMap/settings", "immutable", "yes"),
    Edit("Secret/credentials", "stringData.password", 12345),
    Edit("Ingress/web", "spec.rules.0.http.paths.0.backend", "web"),
    Edit("PodDisruptionBudget/web", "spec.minAvailable", {"percent": 50}),
    Edit("CronJob/nightly", "spec.suspend", "false"),
    Edit("PriorityClass/high", "value", "high"),
    Edit("Role/shop:reader", "rules", {"verbs": ["get"]}),
    # What is missing.
    Edit(_WEB, "spec", GONE, LENIENT_REQUIRED),
    Edit(_WEB, f"{_MAIN}.image", GONE, LENIENT_REQUIRED),
    Edit("CronJob/nightly", "spec.jobTemplate.spec", GONE, LENIENT_REQUIRED),
    Edit(_WEB, "spec.selector", GONE),
    Edit(_WEB, "spec.template", GONE),
    Edit(_WEB, f"{_POD}.containers", GONE),
    Edit(_WEB, f"{_MAIN}.name", GONE),
    Edit(_WEB, f"{_MAIN}.ports.0.containerPort", GONE),
    Edit(_WEB, f"{_MAIN}.livenessProbe.httpGet.port", GONE),
    Edit(_WEB, f"{_MAIN}.env.0.name", GONE),
    Edit("Service/web", "spec.ports.0.port", GONE),
    Edit("Ingress/web", "spec.rules.0.http.paths.0.pathType", GONE),
    Edit("Ingress/web", "spec.rules.0.http.paths.0.backend", GONE),
    Edit("HorizontalPodAutoscaler/web", "spec.maxReplicas", GONE),
    Edit("HorizontalPodAutoscaler/web", "spec.scaleTargetRef", GONE),
    Edit("CronJob/nightly", "spec.schedule", GONE),
    Edit("StorageClass/fast", "provisioner", GONE),
    Edit("RoleBinding/shop:reader", "roleRef", GONE),
    Edit("PriorityClass/high", "value", GONE),
    Edit("CustomResourceDefinition/widgets.example.org", "spec.names.kind", GONE),
    Edit("APIService/v1beta1.metrics.k8s.io", "spec.versionPriority", GONE),
    # The wrong kind of thing as a whole.
    Edit("Deployment/plain", "spec", None, LENIENT_NULL),
    Edit("Deployment/plain", "spec.template.spec", {}),
    Edit("Deployment/plain", "spec.template.spec.containers.0", None, LENIENT_NULL),
    # What the server checks beside the schemas.
    Edit(_WEB, "metadata.name", "My_App", LENIENT_NAMES),
    Edit(_WEB, "metadata.name", GONE, LENIENT_METADATA),
    Edit(_WEB, "metadata", GONE, LENIENT_METADATA),
    Edit(_WEB, "metadata.labels.version", "a b", LENIENT_NAMES),
    Edit(_WEB, "metadata.labels", {"a b": "c"}, LENIENT_NAMES),
    Edit(_WEB, "metadata.labels", {"a": "x" * 64}, LENIENT_NAMES),
    Edit(_WEB, "spec.selector.matchLabels.app", "-web-", LENIENT_NAMES),
    Edit(_WEB, "spec.replicas", -1, LENIENT_RANGES),
    Edit(_WEB, "spec.replicas", 2**31, LENIENT_RANGES),
    Edit(_WEB, f"{_POD}.containers", [], LENIENT_RANGES),
    Edit(_WEB, f"{_MAIN}.name", "Web", LENIENT_NAMES),
    Edit(_WEB, f"{_MAIN}.imagePullPolicy", "always", LENIENT_VALUES),
    Edit(_WEB, f"{_MAIN}.ports.0.containerPort", 80800, LENIENT_RANGES),
    Edit(_WEB, f"{_MAIN}.ports.0.name", "a-port-name-too-long", LENIENT_NAMES),
    Edit(_WEB, f"{_MAIN}.ports.1.name", "http", LENIENT_KEYS),
    Edit(_WEB, f"{_MAIN}.resources.limits.memory", "1GB", LENIENT_FORMATS),
    Edit(_WEB, f"{_MAIN}.resources.requests.cpu", "one", LENIENT_FORMATS),
    Edit(_WEB, f"{_MAIN}.volumeMounts.1.mountPath", "/etc/web", LENIENT_KEYS),
    Edit(_WEB, f"{_POD}.containers.1.name", "web", LENIENT_KEYS),
    Edit(_WEB, f"{_POD}.initContainers", [{"name": "web", "image": "b"}], LENIENT_KEYS),
    Edit(_WEB, f"{_POD}.volumes.1.name", "settings", LENIENT_KEYS),
    Edit(_WEB, f"{_POD}.restartPolicy", "always", LENIENT_VALUES),
    Edit("Service/web", "metadata.name", "web.shop", LENIENT_NAMES),
    Edit("Service/web", "spec.type", "Loadbalancer", LENIENT_VALUES),
    Edit("Service/web", "spec.ports.1.name", GONE, LENIENT_NAMES),
    Edit("Service/web", "spec.ports.1.protocol", "TCP", LENIENT_KEYS),
    Edit("Service/web", "spec.ports.0.targetPort", 0, LENIENT_RANGES),
    Edit("Service/web", "spec.ports.0.targetPort", "8080", LENIENT_NAMES),
    Edit("ConfigMap/settings", "data", {"a/b": "c"}, LENIENT_NAMES),
    Edit("Secret/credentials", "data.user", "not base64!", LENIENT_FORMATS),
    Edit("Ingress/web", "spec.rules.0.http.paths.0.pathType", "prefix", LENIENT_VALUES),
    Edit("NetworkPolicy/deny", "spec.policyTypes", ["Ingres"], LENIENT_VALUES),
    Edit("Namespace/shop", "metadata.name", "my.shop", LENIENT_NAMES),
    Edit("Role/shop:reader", "metadata.name", "a/b", LENIENT_NAMES),
    Edit("HorizontalPodAutoscaler/web", "spec.maxReplicas", 0, LENIENT_RANGES),
    Edit("CronJob/nightly", "spec.concurrencyPolicy", "Forbidden", LENIENT_VALUES),
)

WORKING = (
    # What is null is left out.
    Edit(_WEB, "metadata.annotations", None),
    Edit(_WEB, "metadata.labels.app", None),
    Edit(_WEB, "spec.replicas", None),
    Edit(_WEB, f"{_MAIN}.resources", None),
    Edit(_WEB, f"{_MAIN}.resources.limits", None),
    Edit(_WEB, f"{_MAIN}.resources.limits.cpu", None, STRICT_NULL),
    Edit(_WEB, f"{_MAIN}.args", None),
    Edit(_WEB, f"{_MAIN}.args", [None]),
    Edit(_WEB, f"{_POD}.nodeSelector", None),
    Edit("ConfigMap/settings", "data.colour", None),
    Edit("Service/web", "spec.ports.0.targetPort", None, STRICT_NULL),
    Edit("PodDisruptionBudget/web", "spec.minAvailable", None, STRICT_NULL),
    # What is empty is left out, where a default takes its place.
    Edit(_WEB, f"{_MAIN}.imagePullPolicy", ""),
    Edit("Service/web", "spec.type", ""),
    Edit(_WEB, "metadata.namespace", ""),
    # Numbers and text.
    Edit(_WEB, f"{_MAIN}.resources.limits.cpu", 0.5),
    Edit(_WEB, f"{_MAIN}.resources.limits.cpu", "1e3"),
    Edit("PodDisruptionBudget/web", "spec.minAvailable", 1),
    Edit("ResourceQuota/quota", "spec.hard.pods", "20"),
    # What is published as required, and is not.
    Edit("RoleBinding/shop:reader", "roleRef.apiGroup", GONE, STRICT_DEFAULTS),
    Edit("StatefulSet/database", "spec.serviceName", GONE, STRICT_DEFAULTS),
)
