"""What the API server demands beyond the published schemas: names, labels, quantities, ranges, enumerations.

Only what it refuses whatever the cluster's configuration; where versions differ, the milder rule is taken.
"""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

_PORT_NAME = "lower-case letters, digits and single `-`, at most 15, as in http"


def _named(pattern: str, expected: str, longest: int | None = None) -> JSON:
    limit = {} if longest is None else {"maxLength": longest}
    return {"pattern": pattern, "x-expected": expected, **limit}


# Rules that many fields share; "x-expected" is what a message says in place of the pattern.
SHARED: JSON = {
    "weft.label": _named(f"^{_LABEL}$", "lower-case letters, digits and `-`, at most 63, as in my-name", 63),
    "weft.namespace": _named(
        f"^({_LABEL})?$", "lower-case letters, digits and `-`, at most 63, as in my-namespace", 63
    ),
    "weft.label-1035": _named(
        "^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "lower-case letters, digits and `-`, a letter first, at most 63, as in my-name",
        63,
    ),
    "weft.subdomain": _named(
        rf"^{_LABEL}(\.{_LABEL})*$",
        "lower-case letters, digits, `-` and `.`, at most 253, as in my.name",
        253,
    ),
    "weft.segment": _named(r"^(?:[^./%]|[^/%]{2,})$", "text without `/` and `%`"),
    "weft.label-key": _named(
        rf"^({_LABEL}(\.{_LABEL})*/)?{_QUALIFIED}$",
        "a label's name, as in app or example.org/app, at most 63 characters after the `/`",
    ),
    "weft.label-value": _named(
        f"^({_QUALIFIED})?$", "a label's value: letters, digits, `-`, `_` and `.`, at most 63, or empty"
    ),
    "weft.annotation-key": _named(
        rf"^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?/)?{_QUALIFIED}$",
        "an annotation's name, as in example.org/note, at most 63 characters after the `/`",
    ),
    "weft.file-name": _named(
        r"^[-._a-zA-Z0-9]{1,253}$", "letters, digits, `-`, `_` and `.`, at most 253, as in app.properties"
    ),
    "weft.port-name": {
        **_named(r"^([a-z0-9](-?[a-z0-9])*)?$", f"a port's name: {_PORT_NAME}", 15),
        # A port in quotes would be a name.
        "allOf": [{"pattern": "[a-z]|^$", "x-expected": f"a port, or the name of one: {_PORT_NAME}"}],
    },
    "weft.quantity": _named(
        r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$",
        "a quantity, as in 500m, 1.5 or 2Gi",
    ),
    "weft.base64": _named(
        r"^[\r\n]*(?:(?:[A-Za-z0-9+/][\r\n]*){4})*"
        r"(?:(?:[A-Za-z0-9+/][\r\n]*){2}(?:=[\r\n]*){2}|(?:[A-Za-z0-9+/][\r\n]*){3}=[\r\n]*)?$",
        "base64",
    ),
    "weft.labels": {
        "propertyNames": {"$ref": "#/$defs/weft.label-key"},
        "additionalProperties": {"type": "string", "$ref": "#/$defs/weft.label-value"},
    },
    "weft.annotations": {"propertyNames": {"$ref": "#/$defs/weft.annotation-key"}},
    "weft.file-names": {"propertyNames": {"$ref": "#/$defs/weft.file-name"}},
}


def _is(name: str) -> JSON:
    return {"$ref": f"#/$defs/weft.{name}"}


_PORT = {"minimum": 1, "maximum": 65535}
_PORT_OR_NONE = {"minimum": 0, "maximum": 65535}
# As a number a port, as text the name of one; `port-name` speaks of text alone.
_PORT_OR_NAME = {"minimum": 1, "maximum": 65535, **_is("port-name")}
_COUNT = {"minimum": 0}
_OPERATORS = {"enum": ["In", "NotIn", "Exists", "DoesNotExist"]}
_CORE = "io.k8s.api.core.v1."
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_RBAC = "io.k8s.api.rbac.v1."

# Definition, property: what is added to the schema of the property.
PROPERTIES: dict[str, dict[str, JSON]] = {
    _META + "ObjectMeta": {
        "labels": _is("labels"),
        "annotations": _is("annotations"),
        "namespace": _is("namespace"),
    },
    _META + "LabelSelector": {"matchLabels": _is("labels")},
    _META + "LabelSelectorRequirement": {"operator": _OPERATORS, "key": _is("label-key")},
    _CORE + "ConfigMap": {"data": _is("file-names"), "binaryData": _is("file-names")},
    _CORE + "Secret": {"data": _is("file-names"), "stringData": _is("file-names")},
    _CORE + "PodSpec": {
        "containers": {"minItems": 1},
        "nodeSelector": _is("labels"),
        "terminationGracePeriodSeconds": _COUNT,
        "activeDeadlineSeconds": {"minimum": 1},
    },
    _CORE + "Container": {"name": _is("label"), "image": {"minLength": 1}},
    _CORE + "Volume": {"name": _is("label")},
    _CORE + "EnvVar": {"name": {"minLength": 1}},
    _CORE + "VolumeMount": {"mountPath": {"minLength": 1}, "name": {"minLength": 1}},
    _CORE + "ContainerPort": {"containerPort": _PORT, "hostPort": _PORT_OR_NONE, "name": _is("port-name")},
    _CORE + "HTTPGetAction": {"port": _PORT_OR_NAME},
    _CORE + "TCPSocketAction": {"port": _PORT_OR_NAME},
    _CORE + "GRPCAction": {"port": _PORT},
    _CORE + "Probe": {
        "initialDelaySeconds": _COUNT,
        "timeoutSeconds": _COUNT,
        "periodSeconds": _COUNT,
        "successThreshold": _COUNT,
        "failureThreshold": _COUNT,
    },
    _CORE + "ServicePort": {
        "port": _PORT,
        "targetPort": _PORT_OR_NAME,
        "nodePort": _PORT_OR_NONE,
        "name": {"anyOf": [_is("label"), {"const": ""}], "x-expected": SHARED["weft.label"]["x-expected"]},
    },
    _CORE + "ServiceSpec": {
        "selector": _is("labels"),
        # Several ports are told apart by their names.
        "ports": {"if": {"minItems": 2}, "then": {"items": {"required": ["name"]}}},
    },
    "io.k8s.api.apps.v1.DeploymentSpec": {
        "replicas": _COUNT,
        "minReadySeconds": _COUNT,
        "revisionHistoryLimit": _COUNT,
        "progressDeadlineSeconds": _COUNT,
    },
    "io.k8s.api.apps.v1.StatefulSetSpec": {
        "replicas": _COUNT,
        "minReadySeconds": _COUNT,
        "revisionHistoryLimit": _COUNT,
    },
    "io.k8s.api.apps.v1.ReplicaSetSpec": {"replicas": _COUNT, "minReadySeconds": _COUNT},
    "io.k8s.api.apps.v1.DaemonSetSpec": {"minReadySeconds": _COUNT, "revisionHistoryLimit": _COUNT},
    "io.k8s.api.batch.v1.JobSpec": {
        "parallelism": _COUNT,
        "completions": _COUNT,
        "backoffLimit": _COUNT,
        "activeDeadlineSeconds": _COUNT,
        "ttlSecondsAfterFinished": _COUNT,
    },
    "io.k8s.api.batch.v1.CronJobSpec": {
        "schedule": {"minLength": 1},
        "startingDeadlineSeconds": _COUNT,
        "successfulJobsHistoryLimit": _COUNT,
        "failedJobsHistoryLimit": _COUNT,
    },
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec": {
        "maxReplicas": {"minimum": 1},
        "minReplicas": _COUNT,
    },
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": {
        "maxReplicas": {"minimum": 1},
        "minReplicas": _COUNT,
    },
    "io.k8s.api.networking.v1.ServiceBackendPort": {"number": _PORT_OR_NONE},
    "io.k8s.api.networking.v1.HTTPIngressPath": {
        "path": {"pattern": "^(/|$)", "x-expected": "a path that begins with `/`"}
    },
    _RBAC + "PolicyRule": {"verbs": {"minItems": 1}},
    _RBAC + "RoleRef": {"kind": {"enum": ["Role", "ClusterRole"]}},
    _RBAC + "Subject": {"kind": {"enum": ["ServiceAccount", "User", "Group"]}},
}

# Published as required, but the server has a default for them or does not look.
NOT_REQUIRED: dict[str, set[str]] = {
    _RBAC + "RoleRef": {"apiGroup"},
    "io.k8s.api.apps.v1.StatefulSetSpec": {"serviceName"},
}
# Published as optional, but the server refuses what is there without them.
_OF_SPEC = (
    *(_CORE + kind for kind in ("Pod", "PodTemplateSpec", "ReplicationController")),
    *(f"io.k8s.api.apps.v1.{kind}" for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    *(f"io.k8s.api.batch.v1.{kind}" for kind in ("CronJob", "Job", "JobTemplateSpec")),
    *(f"io.k8s.api.autoscaling.{version}.HorizontalPodAutoscaler" for version in ("v1", "v2")),
)
REQUIRED = {_CORE + "Container": {"image"}, **{name: {"spec"} for name in _OF_SPEC}}


def refine(definitions: dict[str, JSON]) -> None:
    """Adds the rules to the definitions of one version, and lets go of what is not required."""
    for name, properties in PROPERTIES.items():
        for key, rule in properties.items():
            # Some fields are not in every version.
            node = definitions.get(name, {}).get("properties", {}).get(key)
            if node is not None:
                _lay(node, rule)
    for name, keys in NOT_REQUIRED.items():
        definition = definitions[name]
        definition["required"] = [key for key in definition.get("required", ()) if key not in keys]
    for name, keys in REQUIRED.items():
        definitions[name]["required"] = sorted({*definitions[name].get("required", ()), *keys})
    definitions.update(SHARED)


def _lay(node: JSON, rule: JSON) -> None:
    if "$ref" in node and "$ref" in rule:
        node.setdefault("allOf", []).append({"$ref": rule["$ref"]})
        rule = {key: value for key, value in rule.items() if key != "$ref"}
    node.update(rule)
