"""What every cluster has is not missed, and what cannot work is told though each field follows the schema."""

from __future__ import annotations

import pytest

from tests.validate.found import found
from tests.validate.texts import (
    POD,
    SERVICE,
    SHOP,
    STATEFUL_SET,
    container,
    deployment,
    gateway,
    ingress,
    istio,
    job,
    of,
    pod,
    scaler,
    service_entry,
)

SELECTOR = "selector: {matchLabels: {app: shop}}"
FLOW = "flowcontrol.apiserver.k8s.io/v1"


def service(selector: str, ports: str = "{port: 80}") -> str:
    return of("Service", "s", f"spec: {{selector: {{{selector}}}, ports: [{ports}]}}")


def rule(labels: str) -> str:
    spec = f"spec: {{host: shop, subsets: [{{name: v1, labels: {{{labels}}}}}]}}"
    return of("DestinationRule", "d", spec, "networking.istio.io/v1")


def flow(level: str) -> str:
    return of("FlowSchema", level, f"spec: {{priorityLevelConfiguration: {{name: {level}}}}}", FLOW)


SUBSET = istio("{route: [{destination: {host: shop, subset: v1}}]}")
OUTSIDE = "{route: [{destination: {host: api.example.com, port: {number: %s}}}]}"
NAMED = container("ports: [{name: http, containerPort: 80}]").replace(
    "name: p, ", "name: p, labels: {app: a}"
)
SHORT = istio("{route: [{destination: {host: %s}}]}")
HERE = "\n---\n".join(
    (
        of("Namespace", "a", "spec: {}"),
        *(text.replace("name: shop", "name: shop, namespace: a", 1) for text in (SERVICE, POD)),
    )
)
BOUNDS = scaler("Deployment/shop", "minReplicas: %s")
RECREATE = "strategy: {type: Recreate, rollingUpdate: %s}"

RIGHT = {
    "an action of the AWS load balancer": (
        ingress("a")
        .replace("number: 80", "name: use-annotation")
        .replace("name: shop", "name: ssl-redirect"),
    ),
    "the API server's Service": (
        istio("{route: [{destination: {host: kubernetes.default.svc.cluster.local, port: {number: 443}}}]}"),
    ),
    "priority levels of every cluster": tuple(
        flow(level)
        for level in (
            "exempt",
            "catch-all",
            "global-default",
            "leader-election",
            "node-high",
            "system",
            "workload-high",
            "workload-low",
        )
    ),
    "one pod of a StatefulSet": (
        STATEFUL_SET,
        service("app: db, statefulset.kubernetes.io/pod-name: db-0"),
    ),
    "one pod of a StatefulSet by that label alone": (
        STATEFUL_SET,
        service("statefulset.kubernetes.io/pod-name: db-0"),
    ),
    "the first pod of a StatefulSet": (
        STATEFUL_SET,
        service("app: db, apps.kubernetes.io/pod-index: '0'"),
    ),
    "pods of one Job": (
        job("batch/v1", "Job", "name: j"),
        service("app: shop, batch.kubernetes.io/job-name: j"),
    ),
    "a subset with labels of the pods": (SHOP, rule("tier: front"), SUBSET),
    "a subset of a zone": (SHOP, rule("topology.kubernetes.io/zone: a"), SUBSET),
    "a subset without labels": (SHOP, rule(""), SUBSET),
    "a named target port": (NAMED, service("app: a", "{port: 80, targetPort: http}")),
    "a port of a sidecar that the mesh adds": (
        NAMED,
        service("app: a", "{port: 80, targetPort: http-envoy-prom}"),
    ),
    "a mounted claim of a StatefulSet": (
        STATEFUL_SET.replace(
            "image: db:1.0", "image: db:1.0, volumeMounts: [{name: data, mountPath: /data}]"
        ),
    ),
    "a probe of a named port": (
        container("ports: [{name: web, containerPort: 80}], livenessProbe: {httpGet: {port: web}}"),
    ),
    "a port of a ServiceEntry": (service_entry("api.example.com"), istio(OUTSIDE % "443")),
    "a whole name of a Service": (HERE, SHORT % "shop.a.svc.cluster.local"),
    "a whole name in another domain": (HERE, SHORT % "shop.a.svc.corp.example"),
    "a name with a dot that a ServiceEntry has": (HERE, service_entry("shop.a"), SHORT % "shop.a"),
    "hosts with a dot that a VirtualService answers to": (
        HERE,
        (SHORT % "shop.a.svc.cluster.local").replace("hosts: [shop]", "hosts: [shop.a]"),
    ),
    "as many replicas at least as at most": (deployment(SELECTOR), BOUNDS % "3"),
    "an empty value beside valueFrom": (
        of("ConfigMap", "c", "data: {a: b}"),
        container("env: [{name: A, value: '', valueFrom: {configMapKeyRef: {name: c, key: a}}}]"),
    ),
    "rollingUpdate that is taken out": (deployment(f"{RECREATE % 'null'}, {SELECTOR}"),),
    "a Pod that is not restarted": (pod("restartPolicy: Never"),),
}


@pytest.mark.parametrize("texts", RIGHT.values(), ids=RIGHT)
def test_it_is_right(texts: tuple[str, ...]) -> None:
    assert [str(finding) for finding in found(*texts)] == []


WRONG = {
    "a Service of another namespace that is called so": (
        ("route-host", "error", "spec.http[0].route[0].destination.host"),
        of("Namespace", "a", "spec: {}"),
        istio("{route: [{destination: {host: kubernetes.a.svc.cluster.local}}]}"),
    ),
    "a Service's name with a namespace, which Istio does not complete": (
        ("route-host", "error", "spec.http[0].route[0].destination.host"),
        HERE,
        SHORT % "shop.a",
    ),
    "a Service's name that ends before the domain": (
        ("route-host", "error", "spec.http[0].route[0].destination.host"),
        HERE,
        SHORT % "shop.a.svc",
    ),
    "a priority level that nobody makes": (
        ("missing-object", "warning", "spec.priorityLevelConfiguration.name"),
        flow("workload-middle"),
    ),
    "a pod of another StatefulSet": (
        ("service-selects-nothing", "warning", "spec.selector"),
        STATEFUL_SET,
        service("app: db, statefulset.kubernetes.io/pod-name: other-0"),
    ),
    "a label that another controller sets": (
        ("service-selects-nothing", "warning", "spec.selector"),
        STATEFUL_SET,
        service("app: db, job-name: db"),
    ),
    "a subset that no pod is in": (
        ("route-subset", "error", "spec.http[0].route[0].destination.subset"),
        SHOP,
        rule("version: v1"),
        SUBSET,
    ),
    "a subset that the selector excludes": (
        ("route-subset", "error", "spec.http[0].route[0].destination.subset"),
        SHOP,
        rule("app: other"),
        SUBSET,
    ),
    "a target port that nobody names": (
        ("target-port", "warning", "spec.ports[0].targetPort"),
        NAMED,
        service("app: a", "{port: 80, targetPort: web}"),
    ),
    "a target port of another protocol": (
        ("target-port", "warning", "spec.ports[0].targetPort"),
        NAMED,
        service("app: a", "{port: 80, protocol: UDP, targetPort: http}"),
    ),
    "a target port that a route leads to": (
        ("target-port", "error", "spec.ports[0].targetPort"),
        NAMED,
        service("app: a", "{port: 80, targetPort: web}"),
        istio("{route: [{destination: {host: s, port: {number: 80}}}]}"),
    ),
    "a target port beside the one that a route leads to": (
        ("target-port", "warning", "spec.ports[1].targetPort"),
        NAMED,
        service("app: a", "{name: a, port: 80, targetPort: http}, {name: b, port: 81, targetPort: web}"),
        istio("{route: [{destination: {host: s, port: {number: 80}}}]}"),
    ),
    "a volume that is not there": (
        ("missing-volume", "error", "spec.containers[0].volumeMounts[0].name"),
        container("volumeMounts: [{name: data, mountPath: /data}]"),
    ),
    "a probe of a port that is not named": (
        ("probe-port", "error", "spec.containers[0].livenessProbe.httpGet.port"),
        container("ports: [{name: web, containerPort: 80}], livenessProbe: {httpGet: {port: http}}"),
    ),
    "a handler of a port that is not named": (
        ("probe-port", "error", "spec.containers[0].lifecycle.preStop.httpGet.port"),
        container("lifecycle: {preStop: {httpGet: {port: http}}}"),
    ),
    "a port that a ServiceEntry lacks": (
        ("route-port", "error", "spec.http[0].route[0].destination.host"),
        service_entry("api.example.com"),
        istio(OUTSIDE % "444"),
    ),
    "a backend without a port": (
        ("route-port", "error", "spec.rules[0].backendRefs[0].name"),
        SHOP,
        gateway("{name: shop}"),
    ),
    "a Job whose pods always start again": (
        ("contradiction", "error", "spec.template.spec.restartPolicy"),
        job("batch/v1", "Job", "name: j").replace("Never", "Always"),
    ),
    "a CronJob that says nothing of it": (
        ("contradiction", "error", "spec.jobTemplate.spec.template.spec"),
        job("batch/v1", "CronJob", "name: j").replace("restartPolicy: Never, ", ""),
    ),
    "a Deployment whose pods end": (
        ("contradiction", "error", "spec.template.spec.restartPolicy"),
        deployment(SELECTOR).replace("spec: {containers", "spec: {restartPolicy: Never, containers"),
    ),
    "more replicas at least than at most": (
        ("contradiction", "error", "spec.minReplicas"),
        deployment(SELECTOR),
        BOUNDS % "4",
    ),
    "a value from two places": (
        ("contradiction", "error", "spec.containers[0].env[0].valueFrom"),
        of("ConfigMap", "c", "data: {a: b}"),
        container("env: [{name: A, value: b, valueFrom: {configMapKeyRef: {name: c, key: a}}}]"),
    ),
    "rolling what is recreated": (
        ("contradiction", "error", "spec.strategy.rollingUpdate"),
        deployment(f"{RECREATE % '{maxSurge: 1}'}, {SELECTOR}"),
    ),
}


@pytest.mark.parametrize(("expected", "texts"), [(text[0], text[1:]) for text in WRONG.values()], ids=WRONG)
def test_it_is_wrong(expected: tuple[str, str, str], texts: tuple[str, ...]) -> None:
    # A rule of the kind may say the same, where the CEL library is.
    findings = [item for item in found(*texts) if item.code != "schema-rule"]
    assert [(item.code, item.severity, item.field) for item in findings] == [expected]


def test_several_autoscalers_of_one_workload_are_one_finding() -> None:
    other = scaler("Deployment/shop").replace("name: scaler", "name: other")
    [finding] = found(deployment(f"replicas: 2, {SELECTOR}"), scaler("Deployment/shop"), other)
    assert finding.code == "scaling-conflict"
    assert "HorizontalPodAutoscaler.autoscaling scaler and " in finding.message
    assert finding.message.endswith(" other scale it")


def test_what_is_missing_may_be_declared_whatever_is_near() -> None:
    for name in ("settings", "other"):
        texts = (of("ConfigMap", name), container("envFrom: [{configMapRef: {name: setings}}]"))
        [finding] = found(*texts)
        assert "declare it as `external`" in (finding.hint or "")


def test_an_object_without_a_name_is_called_by_its_kind() -> None:
    [finding] = found("{apiVersion: v1, kind: ConfigMap, metadata: {}, data: {a: b}}")
    assert "(ConfigMap)" in str(finding)


def test_one_item_is_one_item() -> None:
    group = "gateway.networking.k8s.io/v1"
    text = of("Gateway", "g", "spec: {gatewayClassName: c, listeners: []}", group)
    told = [item.message for item in found(text) if item.code == "schema"]
    assert told == ["`spec.listeners` is an empty list, expected at least 1 item"]


def test_no_message_holds_the_value_of_a_variable() -> None:
    text = container("env: [{name: A, value: hunter2, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]")
    [finding] = found(text)
    assert "hunter2" not in str(finding)


def test_a_name_that_istio_does_not_complete_is_told_whole() -> None:
    [finding] = found(HERE, SHORT % "shop.a")
    assert "Istio completes only names without a dot" in finding.message
    assert finding.hint == "write `shop.a.svc.cluster.local`"


def test_a_subset_of_a_rule_whose_host_istio_does_not_complete_is_not_defined() -> None:
    there = (HERE, (SHORT % "shop.a.svc.cluster.local").replace("cluster.local", "cluster.local, subset: v1"))
    labels = "tier: front"
    assert found(*there, rule(labels).replace("host: shop", "host: shop.a.svc.cluster.local")) == []
    [finding] = found(*there, rule(labels).replace("host: shop", "host: shop.a"))
    assert (finding.code, finding.severity) == ("route-subset", "error")
    assert finding.hint == (
        "DestinationRule.networking.istio.io d names `shop.a`, which Istio does not complete: "
        "write `shop.a.svc.cluster.local`"
    )


def test_a_hint_names_what_is_known_once() -> None:
    twice = [
        of("ConfigMap", name, metadata=f"namespace: {space}")
        for name in ("st", "ext")
        for space in ("x", "y")
    ]
    texts = [of("ConfigMap", "st"), of("ConfigMap", "st", "data: {a: b}"), of("ConfigMap", "ext"), *twice]
    named = container("envFrom: [{configMapRef: {name: qqqq}}]")
    [hint] = [item.hint or "" for item in found(*texts, named) if item.code == "missing-object"]
    assert "known: ext, st" in hint
    assert "st, st" not in hint
