"""Kubernetes objects as YAML texts, each with the field that a test is about."""

from __future__ import annotations

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop, tier: front}}
spec: {containers: [{name: shop, image: shop:1.0}]}
"""
SHOP = f"{SERVICE}---{POD}"
STATEFUL_SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db:1.0}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""

_TEMPLATE = "template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: a, image: a:1}]}}"


def of(kind: str, name: str, more: str = "data: {}", api_version: str = "v1", metadata: str = "") -> str:
    """An object with `more` beside its metadata."""
    return f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: {name}, {metadata}}}, {more}}}"


def pod(spec: str) -> str:
    """A Pod with more in its spec than a container."""
    return of("Pod", "p", f"spec: {{containers: [{{name: a, image: a:1}}], {spec}}}")


def container(fields: str, name: str = "p") -> str:
    """A Pod with more in its container than an image."""
    return of("Pod", name, f"spec: {{containers: [{{name: a, image: a:1, {fields}}}]}}")


def deployment(spec: str, api_version: str = "apps/v1") -> str:
    """A Deployment with `spec` beside its template, whose pods are labelled app=shop."""
    return of("Deployment", "shop", f"spec: {{{spec}, {_TEMPLATE}}}", api_version)


def replication_controller(name: str, spec: str) -> str:
    """A ReplicationController with `spec` beside its template, whose pods are labelled app=shop."""
    return of("ReplicationController", name, f"spec: {{{spec}, {_TEMPLATE}}}")


def scaler(target: str, more: str = "") -> str:
    """A HorizontalPodAutoscaler of the workload `Kind/name`."""
    kind, _, name = target.partition("/")
    scaled = f"{{apiVersion: apps/v1, kind: {kind}, name: {name}}}"
    spec = f"spec: {{maxReplicas: 3, scaleTargetRef: {scaled}, {more}}}"
    return of("HorizontalPodAutoscaler", "scaler", spec, "autoscaling/v2")


def istio(routes: str, protocol: str = "http") -> str:
    """A VirtualService with these routes."""
    spec = f"spec: {{hosts: [shop], {protocol}: [{routes}]}}"
    return of("VirtualService", "r", spec, "networking.istio.io/v1")


def service_entry(host: str) -> str:
    """A ServiceEntry of one host."""
    spec = f"spec: {{hosts: ['{host}'], ports: [{{number: 443, name: a, protocol: TLS}}]}}"
    return of("ServiceEntry", "outside", spec, "networking.istio.io/v1")


def gateway(backends: str) -> str:
    """An HTTPRoute with these backends."""
    spec = f"spec: {{rules: [{{backendRefs: [{backends}]}}]}}"
    return of("HTTPRoute", "r", spec, "gateway.networking.k8s.io/v1")


def ingress(name: str, *, spec: str = "", metadata: str = "", kind: str = "Prefix", rules: int = 1) -> str:
    """An Ingress for shop.example.com/; `rules` of the same one."""
    backend = "{service: {name: shop, port: {number: 80}}}"
    rule = f"{{host: shop.example.com, http: {{paths: [{{path: /, pathType: {kind}, backend: {backend}}}]}}}}"
    text = f"spec: {{rules: [{', '.join([rule] * rules)}], {spec}}}"
    return of("Ingress", name, text, "networking.k8s.io/v1", metadata)


def ingress_class(name: str) -> str:
    """An IngressClass."""
    return of("IngressClass", name, "spec: {controller: example.com/a}", "networking.k8s.io/v1")


def job(api_version: str, kind: str, metadata: str) -> str:
    """A Job, or a CronJob, whose pods are labelled app=shop."""
    pods = "spec: {restartPolicy: Never, containers: [{name: a, image: a}]}"
    spec = f"{{template: {{metadata: {{labels: {{app: shop}}}}, {pods}}}}}"
    if kind == "CronJob":
        spec = f"{{schedule: '* * * * *', jobTemplate: {{spec: {spec}}}}}"
    return f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{{metadata}}}, spec: {spec}}}"


def binding(kind: str, name: str, role: str, metadata: str = "") -> str:
    """A RoleBinding or ClusterRoleBinding for a user and a group; `role` is `Kind/name`."""
    of_role, _, role_name = role.partition("/")
    group = "rbac.authorization.k8s.io"
    reference = f"{{apiGroup: {group}, kind: {of_role}, name: '{role_name}'}}"
    subjects = ", ".join(f"{{kind: {word}, apiGroup: {group}, name: eve}}" for word in ("User", "Group"))
    return of(kind, name, f"roleRef: {reference}, subjects: [{subjects}]", f"{group}/v1", metadata)


def secret(content: str) -> str:
    """A Secret."""
    return of("Secret", "login", content)
