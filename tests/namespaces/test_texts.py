"""Texts that look like the old name of a namespace: told of with their place, and never changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.namespaces.app import DEFAULT, TREE, named, objects, project

ROME = "europe-rome-edge"


def told(root: Path, manifest: str) -> list[dict[str, Any]]:
    """The findings on `manifest` beside the application."""
    found = project(root, {"app/more.yaml": manifest})
    run = found.weft("validate", ROME, "-o", "json")
    assert run.code == 0, run.err
    [result] = json.loads(run.out)["environments"]
    return [item for item in result["findings"] if item["code"] == "unmapped-namespace"]


def pod(container: str) -> str:
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: job}\nspec:\n  containers:\n"
    return f"{head}  - {{name: a, image: 'a:1', {container}}}\n"


def config(text: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: job}}\ndata:\n  text: {json.dumps(text)}\n"


ENV = "spec.containers[0].env[0].value"


@pytest.mark.parametrize(
    ("manifest", "field"),
    [
        (pod('env: [{name: URL, value: "http://a.liqo-demo.svc:8080/x"}]'), ENV),
        (pod('env: [{name: URL, value: "web.liqo-demo:80"}]'), ENV),
        (pod('env: [{name: POD_NAMESPACE, value: "liqo-demo"}]'), ENV),
        (pod('args: ["--namespace=liqo-demo"]'), "spec.containers[0].args[0]"),
        (pod('args: ["--watch-namespace", "liqo-demo"]'), "spec.containers[0].args[1]"),
        (pod('command: [sh, -c, "kubectl get pods --namespace liqo-demo"]'), "spec.containers[0].command[2]"),
        (config("server: tcp://a.liqo-demo.svc.cluster.local\n"), "data.text"),
        (config("rules:\n- namespace: liqo-demo\n"), "data.text"),
        (config('{"namespaces": ["liqo-demo"]}'), "data.text"),
        (config('sum(up{namespace=~"liqo-demo|x"})'), "data.text"),
        (config("object.metadata.namespace == 'liqo-demo'"), "data.text"),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n"
            "rules: [{apiGroups: [''], resources: [namespaces], resourceNames: [liqo-demo], verbs: [get]}]\n",
            "rules[0].resourceNames[0]",
        ),
        (config("spiffe://cluster.local/ns/liqo-demo/sa/web"), "data.text"),
        (
            "apiVersion: example.org/v1\nkind: Watch\nmetadata: {name: a}\n"
            "spec: {targetNamespace: liqo-demo}\n",
            "spec.targetNamespace",
        ),
        (
            "apiVersion: a.org/v1\nkind: W\nmetadata: {name: a}\nspec: {in: {namespaces: [liqo-demo]}}\n",
            "spec.in.namespaces[0]",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations: {auth: liqo-demo/login}\n",
            "metadata.annotations.auth",
        ),
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {dsn: 'x://u:p@a.liqo-demo.svc/d'}\n",
            "stringData.dsn",
        ),
    ],
)
def test_a_text_with_the_name_is_told_of(tmp_path: Path, manifest: str, field: str) -> None:
    [finding] = told(tmp_path, manifest)
    assert (finding["severity"], finding["field"], finding["file"]) == ("warning", field, "app/more.yaml")
    assert finding["line"] is not None
    assert f"names namespace `liqo-demo`, which is `{DEFAULT}` here" in finding["message"]
    assert "u:p" not in finding["message"]


@pytest.mark.parametrize(
    "text",
    [
        "liqo-demo",
        "the liqo-demo application",
        "http://liqo-demo.example.com",
        "http://a.liqo-demo.svc-x",
        "http://a.my-liqo-demo.svc",
        "namespace: liqo-demo-2",
        "other.liqo-demo",
        "web.liqo-demo.example.com",
        f"http://web.{DEFAULT}.svc",
    ],
)
def test_the_same_word_in_another_meaning_is_not(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, config(text)) == []


def test_where_the_namespace_has_its_own_name_nothing_is_told(tmp_path: Path) -> None:
    found = project(tmp_path, {"app/more.yaml": config("a.liqo-demo.svc")})
    run = found.generate("europe-cloud")
    assert run.code == 0
    assert "unmapped-namespace" not in run.err


def test_the_text_stays_and_a_run_says_where_it_is(tmp_path: Path) -> None:
    found = project(tmp_path, {"app/more.yaml": config("a.liqo-demo.svc")})
    run = found.generate(ROME)
    assert run.code == 0
    assert "warning: app/more.yaml:5:3: ConfigMap" in run.err
    assert named(objects(found, ROME), "ConfigMap", "job")["data"] == {"text": "a.liqo-demo.svc"}


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("monitoring.coreos.com/v1 ServiceMonitor", {"namespaceSelector": {"matchNames": ["%s"]}}, "spec"),
        ("cert-manager.io/v1 Certificate", {"dnsNames": ["web.%s", "web.%s.svc"], "secretName": "x"}, "spec"),
        ("cilium.io/v2 CiliumNetworkPolicy", {
            "endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "%s"}},
        }, "spec"),
        ("external-secrets.io/v1 ClusterSecretStore", {"conditions": [{"namespaces": ["%s"]}]}, "spec"),
        ("networking.istio.io/v1 ServiceEntry", {"hosts": ["web.%s"], "exportTo": ["%s"]}, "spec"),
        ("gateway.networking.k8s.io/v1 HTTPRoute", {"hostnames": ["web.%s.svc.cluster.local"]}, "spec"),
    ],
)  # fmt: skip
def test_what_kinds_of_other_systems_name_is_renamed(
    tmp_path: Path, kind: str, spec: dict[str, Any], field: str
) -> None:
    version, name = kind.split()
    item = {"apiVersion": version, "kind": name, "metadata": {"name": "job"}, field: spec}
    text = json.dumps(item)
    found = project(tmp_path, {"app/more.yaml": text.replace("%s", "liqo-demo")})
    run = found.generate(ROME, "--no-validate")
    assert run.code == 0, run.err
    assert named(objects(found, ROME), name, "job")[field] == json.loads(text.replace("%s", DEFAULT))[field]


def test_a_public_name_that_ends_like_the_namespace_is_no_service(tmp_path: Path) -> None:
    root = TREE["component.yaml"].replace("liqo-demo", "shop")
    monitor = TREE["monitor/all.yaml"].replace("web.liqo-demo", "acme.shop, web.shop", 1)
    files = {
        "component.yaml": root,
        "app/all.yaml": TREE["app/all.yaml"].replace("liqo-demo", "shop"),
        "environments/europe-milan-edge.yaml": "labels: {type: destination}\n",
        "monitor/all.yaml": monitor.replace("liqo-demo", "shop"),
    }
    found = project(tmp_path, files)
    run = found.generate(ROME)
    assert run.code == 0, run.err
    hosts = named(objects(found, ROME), "VirtualService", "web")["spec"]["hosts"]
    assert hosts == ["acme.shop", "web.shop-europe-cloud", "demo.example.com"]
