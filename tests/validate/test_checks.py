"""The borders of each check: what is wrong and looks right, and what is right and looks wrong."""

from __future__ import annotations

import pytest

from tests.validate.found import codes, found
from tests.validate.texts import (
    POD,
    SERVICE,
    SHOP,
    STATEFUL_SET,
    binding,
    container,
    deployment,
    gateway,
    ingress,
    ingress_class,
    istio,
    job,
    of,
    pod,
    replication_controller,
    scaler,
    secret,
    service_entry,
)

RIGHT = {
    "the same name in another namespace": (
        of("Namespace", "a", "spec: {}"),
        of("Namespace", "b", "spec: {}"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: b}}",
    ),
    "the same name in another group": (
        of("Job", "a", "spec: {}", "example.org/v1"),
        of("Job", "a", "spec: {}", "example.com/v1"),
    ),
    "names that the cluster makes": (job("batch/v1", "Job", "generateName: a-"),) * 2,
    "a selector by expressions": (
        deployment("selector: {matchExpressions: [{key: app, operator: In, values: [shop, store]}]}"),
    ),
    "a selector by what must not be there": (
        deployment(
            "selector: {matchLabels: {app: shop}, matchExpressions: [{key: a, operator: DoesNotExist}]}"
        ),
    ),
    "a ReplicationController with and without selector": (
        replication_controller("a", "selector: {app: shop}"),
        replication_controller("b", "selector: {}"),
        replication_controller("c", "replicas: 1"),
    ),
    "a Rollout of a Deployment's pods": (
        deployment("selector: {matchLabels: {app: shop}}"),
        of(
            "Rollout",
            "r",
            "spec: {selector: {matchLabels: {app: shop}}, "
            "workloadRef: {apiVersion: apps/v1, kind: Deployment, name: shop}}",
            "argoproj.io/v1alpha1",
        ),
    ),
    "a Service without selector": (of("Service", "shop", "spec: {ports: [{port: 80}]}"),),
    "a headless Service without selector": (
        of("Service", "shop", "spec: {clusterIP: None, ports: [{port: 80}]}"),
    ),
    "an ExternalName": (
        of("Service", "shop", "spec: {type: ExternalName, externalName: a.example, selector: {app: x}}"),
    ),
    "a Service of some pods' labels": (SHOP,),
    "a Service of a CronJob's pods": (SERVICE, job("batch/v1", "CronJob", "name: c")),
    "one destination, whatever its weight": (
        SHOP,
        istio("{route: [{destination: {host: shop}, weight: 7}]}"),
    ),
    "a redirect": (SHOP, istio("{redirect: {uri: /}}")),
    "a host in full": (
        of("Namespace", "store", "spec: {}"),
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: store}, spec: {ports: [{port: 80}]}}",
        istio("{route: [{destination: {host: s.store.svc.cluster.local, port: {number: 80}}}]}"),
    ),
    "a host of a ServiceEntry": (
        istio("{route: [{destination: {host: api.example.com}}]}"),
        service_entry("api.example.com"),
    ),
    "a host below a wildcard ServiceEntry": (
        istio("{route: [{destination: {host: api.example.com}}]}"),
        service_entry("*.example.com"),
    ),
    "a route to any port of an ExternalName": (
        of("Service", "shop", "spec: {type: ExternalName, externalName: a.example}"),
        istio("{route: [{destination: {host: shop, port: {number: 443}}}]}"),
    ),
    "an Ingress that names the port": (
        SHOP,
        ingress("a").replace("number: 80", "name: http"),
    ),
    "backends without weights": (SHOP, gateway("{name: shop, port: 80}, {name: shop, port: 80}")),
    "backends in proportion": (
        SHOP,
        gateway("{name: shop, port: 80, weight: 3}, {name: shop, port: 80, weight: 0}"),
    ),
    "an optional ConfigMap": (container("envFrom: [{configMapRef: {name: gone, optional: true}}]"),),
    "an optional key": (
        of("ConfigMap", "c", "data: {a: b}"),
        container("env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: gone, optional: true}}}]"),
    ),
    "an optional volume": (pod("volumes: [{name: v, secret: {secretName: gone, optional: true}}]"),),
    "a Secret of an ExternalSecret": (
        of("ExternalSecret", "e", "spec: {target: {name: login}}", "external-secrets.io/v1"),
        of("ExternalSecret", "other", "spec: {}", "external-secrets.io/v1beta1"),
        container("envFrom: [{secretRef: {name: login}}, {secretRef: {name: other}}]"),
    ),
    "a Secret of a SealedSecret": (
        of("SealedSecret", "login", "spec: {encryptedData: {a: b}}", "bitnami.com/v1alpha1"),
        container("envFrom: [{secretRef: {name: login}}]"),
    ),
    "a Secret of a Certificate": (
        of(
            "Certificate",
            "c",
            "spec: {secretName: tls, issuerRef: {kind: Issuer, name: i}}",
            "cert-manager.io/v1",
        ),
        of("Issuer", "i", "spec: {selfSigned: {}}", "cert-manager.io/v1"),
        pod("volumes: [{name: v, secret: {secretName: tls}}]"),
    ),
    "a Secret of an annotated Ingress": (
        SHOP,
        of("ClusterIssuer", "i", "spec: {selfSigned: {}}", "cert-manager.io/v1"),
        ingress(
            "a",
            spec="tls: [{hosts: [shop.example.com], secretName: tls}]",
            metadata="annotations: {cert-manager.io/cluster-issuer: i}",
        ),
    ),
    "a Secret of an annotated Gateway": (
        of("GatewayClass", "c", "spec: {controllerName: a.example/b}", "gateway.networking.k8s.io/v1"),
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, annotations: "
        "{cert-manager.io/issuer: i}}, spec: {gatewayClassName: c, listeners: [{name: a, port: 443, "
        "protocol: HTTPS, tls: {certificateRefs: [{name: tls}]}}]}}",
    ),
    "a claim of a StatefulSet": (
        STATEFUL_SET,
        pod("volumes: [{name: v, persistentVolumeClaim: {claimName: data-db-0}}]"),
    ),
    "what every cluster has": (
        pod("serviceAccountName: default, priorityClassName: system-node-critical"),
        container("envFrom: [{configMapRef: {name: kube-root-ca.crt}}]", "q"),
        binding("ClusterRoleBinding", "a", "ClusterRole/cluster-admin"),
        binding("ClusterRoleBinding", "b", "ClusterRole/system:auth-delegator"),
        binding("RoleBinding", "c", "ClusterRole/view"),
        binding(
            "RoleBinding",
            "d",
            "Role/extension-apiserver-authentication-reader",
            "namespace: kube-system",
        ),
    ),
    "an autoscaler of a workload without replicas": (
        deployment("selector: {matchLabels: {app: shop}}"),
        scaler("Deployment/shop"),
    ),
    "an autoscaler that looks at what has fixed replicas": (
        STATEFUL_SET,
        deployment("replicas: 2, selector: {matchLabels: {app: shop}}"),
        scaler(
            "StatefulSet/db",
            "metrics: [{type: Object, object: {metric: {name: m}, target: {type: Value, value: 1}, "
            "describedObject: {apiVersion: apps/v1, kind: Deployment, name: shop}}}]",
        ),
    ),
    "namespaces that every cluster has": (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: kube-system}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}",
    ),
    "a namespace of what lives outside namespaces": (
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a, namespace: other}, spec: {capacity: "
        "{storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}",
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: "
        "widgets.example.org}, spec: {group: example.org, scope: Cluster, names: {kind: Widget, plural: "
        "widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: "
        "object}}}]}}",
        "{apiVersion: example.org/v1, kind: Widget, metadata: {name: a, namespace: other}}",
    ),
    "the same path of another class": (SHOP, ingress("a"), ingress("b", spec="ingressClassName: inner")),
    "the same path of another type": (SHOP, ingress("a"), ingress("b", kind="Exact")),
    "a canary": (
        SHOP,
        ingress("a"),
        ingress("b", metadata="annotations: {nginx.ingress.kubernetes.io/canary: 'true'}"),
    ),
    "a Secret that SOPS encrypted": (
        secret("data: {password: 'ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]'}, sops: {version: 3.9.0}"),
    ),
    "a Secret of which SOPS encrypted what is to be": (
        secret(
            "stringData: {user: eve, empty: '', password: 'ENC[AES256_GCM,data:x]'},"
            " sops: {encrypted_regex: ^password$}"
        ),
    ),
    "a Secret that is empty still": (secret("data: {password: ''}"),),
    "a Secret without content": (secret("type: Opaque"),),
}

# The kinds that something else must bring are none of these checks'.
_BESIDE = {"unknown-kind"}


@pytest.mark.parametrize("texts", RIGHT.values(), ids=RIGHT)
def test_it_is_right(texts: tuple[str, ...]) -> None:
    classes = ingress_class("inner")
    told = found(*texts, classes)
    assert [str(finding) for finding in told if finding.code not in _BESIDE] == []


WRONG = {
    "the same object in another version": (
        ("removed-api", "duplicate-object"),
        job("batch/v1beta1", "CronJob", "name: a"),
        job("batch/v1", "CronJob", "name: a"),
    ),
    "one cluster-scoped object with two namespaces": (
        ("duplicate-object",),
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: x}}",
        "{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: z}}",
    ),
    "an empty selector": (("workload-selector",), deployment("selector: {}")),
    "a selector with an empty map": (("workload-selector",), deployment("selector: {matchLabels: {}}")),
    "a selector by expressions that excludes its pods": (
        ("workload-selector",),
        deployment("selector: {matchExpressions: [{key: app, operator: NotIn, values: [shop]}]}"),
    ),
    "no selector at all": (("schema",), deployment("replicas: 1")),
    "an old Deployment without selector": (
        ("removed-api", "workload-selector"),
        deployment("replicas: 1", "extensions/v1beta1"),
    ),
    "a ReplicationController of others' pods": (
        ("workload-selector",),
        replication_controller("a", "selector: {app: store}"),
    ),
    "a Rollout of others' pods": (
        ("unknown-kind", "workload-selector"),
        deployment("selector: {matchLabels: {app: store}}", "argoproj.io/v1alpha1").replace(
            "kind: Deployment", "kind: Rollout"
        ),
    ),
    "pods in another namespace": (
        ("service-selects-nothing",),
        of("Namespace", "a", "spec: {}"),
        SERVICE,
        POD.replace("{name: shop, labels", "{name: shop, namespace: a, labels"),
    ),
    "a Service of nothing that traffic goes to": (
        ("service-selects-nothing",),
        SERVICE,
        istio("{route: [{destination: {host: shop}}]}"),
    ),
    "a public host that nobody declares": (
        ("route-host",),
        istio("{route: [{destination: {host: api.example.com}}]}"),
    ),
    "a host in another namespace": (
        ("route-host",),
        of("Namespace", "a", "spec: {}"),
        SERVICE.replace("{name: shop}", "{name: shop, namespace: a}"),
        POD.replace("{name: shop, labels", "{name: shop, namespace: a, labels"),
        istio("{route: [{destination: {host: shop}}]}"),
    ),
    "a mirror of nothing": (
        ("route-host",),
        SHOP,
        istio("{route: [{destination: {host: shop}}], mirror: {host: store}}"),
    ),
    "a TCP route to nothing": (("route-host",), istio("{route: [{destination: {host: gone}}]}", "tcp")),
    "a backend that is not there": (("route-host",), gateway("{name: gone, port: 80}")),
    "a backend's port": (("route-port",), SHOP, gateway("{name: shop, port: 81}")),
    "an Ingress to nothing": (("route-host",), ingress("a")),
    "an Ingress to a port's name that is not there": (
        ("route-port",),
        SHOP,
        ingress("a").replace("number: 80", "name: web"),
    ),
    "a subset of another rule": (
        ("route-subset",),
        SHOP,
        istio("{route: [{destination: {host: shop, subset: v2}}]}"),
        of("DestinationRule", "d", "spec: {host: shop, subsets: [{name: v1}]}", "networking.istio.io/v1"),
    ),
    "weights of 0": (
        ("route-weight",),
        SHOP,
        gateway("{name: shop, port: 80, weight: 0}, {name: shop, port: 80, weight: 0}"),
    ),
    "destinations without weights": (
        ("route-weight",),
        SHOP,
        istio("{route: [{destination: {host: shop}}, {destination: {host: shop}}]}"),
    ),
    "a Secret that pods pull images with": (
        ("missing-object",),
        pod("imagePullSecrets: [{name: registry}]"),
    ),
    "a ServiceAccount": (("missing-object",), pod("serviceAccountName: gone")),
    "a claim that no StatefulSet makes": (
        ("missing-object",),
        STATEFUL_SET,
        pod("volumes: [{name: v, persistentVolumeClaim: {claimName: data-other-0}}]"),
    ),
    "a Role": (("missing-object",), binding("RoleBinding", "r", "Role/gone")),
    "a key of a volume": (
        ("missing-key",),
        of("ConfigMap", "c", "data: {a: b}, binaryData: {d: Yg==}"),
        pod("volumes: [{name: v, configMap: {name: c, items: [{key: d, path: d}, {key: e, path: e}]}}]"),
    ),
    "an autoscaler of nothing": (("missing-object",), scaler("Deployment/gone")),
    "one Ingress that says it twice": (("ingress-conflict",), SHOP, ingress("a", rules=2)),
    "the same class in both spellings": (
        ("ingress-conflict",),
        SHOP,
        ingress_class("nginx"),
        ingress("a", spec="ingressClassName: nginx"),
        ingress("b", metadata="annotations: {kubernetes.io/ingress.class: nginx}"),
    ),
    "a Secret with a key like that of SOPS, which encrypted nothing": (
        ("plain-secret",),
        secret("data: {password: aHVudGVyMg==}, sops: {version: 3.9.0}"),
    ),
    "a Secret in base64": (("plain-secret",), secret("data: {password: aHVudGVyMg==}")),
}


@pytest.mark.parametrize(("expected", "texts"), [(text[0], text[1:]) for text in WRONG.values()], ids=WRONG)
def test_it_is_wrong(expected: tuple[str, ...], texts: tuple[str, ...]) -> None:
    assert sorted(codes(*texts)) == sorted(expected)


def test_a_service_of_nothing_is_an_error_where_a_route_sends_traffic_there() -> None:
    [alone] = found(SERVICE)
    [routed] = found(SERVICE, istio("{route: [{destination: {host: shop}}]}"))
    assert (alone.severity, routed.severity) == ("warning", "error")
    assert "a route sends traffic there" in routed.message


def test_deployments_of_a_version_that_chose_its_selector_are_right_on_clusters_that_had_it() -> None:
    text = deployment("replicas: 1", "extensions/v1beta1")
    assert "workload-selector" not in codes(text, version="1.15")
    assert "workload-selector" in codes(text, version="1.16")


def test_hints_name_what_was_probably_meant() -> None:
    [host] = found(SHOP, istio("{route: [{destination: {host: shpo}}]}"))
    assert "shop" in (host.hint or "")
    [key] = found(
        of("ConfigMap", "c", "data: {colour: red}"),
        container("env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: color}}}]"),
    )
    assert "colour" in (key.hint or "")
    [selector] = found(SERVICE.replace("app: shop", "app: shop, tier: back"), POD)
    assert "app=shop, tier=front" in (selector.hint or "")


def test_no_message_holds_a_secrets_value() -> None:
    for text in (
        secret("stringData: {password: hunter2}"),
        secret("stringData: {password: {hunter2: 1}}"),
        secret("data: {password: hunter2}, stringData: [hunter2]"),
        secret("data: {password: hunter2, password2: 5551234}"),
    ):
        for finding in found(text):
            assert "hunter2" not in str(finding)
            assert "5551234" not in str(finding)


@pytest.mark.parametrize("content", ["stringData: {login: hunter2}", "data: {login: aHVudGVyMg==}"])
def test_no_message_holds_what_a_secret_beside_the_object_holds(content: str) -> None:
    for text in (
        deployment("replicas: hunter2"),
        SERVICE.replace("port: 80", "port: 80, protocol: hunter2"),
    ):
        seen = [item for item in found(secret(content), text) if item.code == "schema"]
        assert seen
        assert all("hunter2" not in f"{item.message} {item.hint}" for item in seen)


def test_a_message_shows_what_no_secret_holds() -> None:
    seen = found(secret("stringData: {login: hunter2}"), deployment("replicas: three"))
    assert any('is "three"' in item.message for item in seen)
