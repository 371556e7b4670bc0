"""The split as objects of the Gateway API: from scratch, and laid into an HTTPRoute of the service's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.routing.service import FILES, GATEWAY, SERVICE, made, routed, routing_refused
from tests.shop import shop

ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: own}}
spec: {spec}
"""


def own(spec: Any) -> dict[str, str]:
    """The service renders an HTTPRoute with this spec."""
    return {
        "app/component.yaml": GATEWAY,
        "app/manifests/own.yaml": ROUTE.format(
            spec=yaml.safe_dump(spec, default_flow_style=True, width=9999)
        ),
    }


def weights(refs: list[Any]) -> list[tuple[str, int]]:
    return [(ref["name"], ref.get("weight")) for ref in refs]


def test_from_scratch_on_the_service_itself(tmp_path: Path) -> None:
    objects = made(routed(tmp_path, {"app/component.yaml": GATEWAY}))
    assert objects["HTTPRoute"] == {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "app", "namespace": "shop"},
        "spec": {
            "parentRefs": [{"group": "", "kind": "Service", "name": "app", "port": 80}],
            "rules": [
                {
                    "backendRefs": [
                        {"name": "app-stable", "port": 80, "weight": 90},
                        {"name": "app-canary", "port": 80, "weight": 10},
                    ]
                }
            ],
        },
    }
    assert "DestinationRule" not in objects
    assert sorted(kind for kind in objects if kind.startswith("Service")) == [
        "Service app",
        "Service app-canary",
        "Service app-spare",
        "Service app-stable",
    ]


def test_each_deployment_has_a_service_over_its_pods_alone(tmp_path: Path) -> None:
    objects = made(routed(tmp_path, {"app/component.yaml": GATEWAY}))
    assert objects["Service app-canary"] == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "app-canary", "namespace": "shop", "labels": {"team": "a"}},
        "spec": {
            "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
            "selector": {"app": "app", "version": "canary"},
        },
    }


def test_gateways_are_its_parents_and_public_hosts_its_hostnames(tmp_path: Path) -> None:
    text = GATEWAY.replace(
        "routing:\n", "routing:\n  hosts: [a.example.com]\n  gateways: [infra/public, local]\n"
    )
    spec = made(routed(tmp_path, {"app/component.yaml": text}))["HTTPRoute"]["spec"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "infra"}, {"name": "local"}]
    assert spec["hostnames"] == ["a.example.com"]


def test_the_only_port_of_the_service_is_the_port(tmp_path: Path) -> None:
    objects = made(routed(tmp_path, {"app/component.yaml": GATEWAY.replace("  port: 80\n", "")}))
    assert objects["HTTPRoute"]["spec"]["rules"][0]["backendRefs"][0]["port"] == 80


@pytest.mark.parametrize(
    ("port", "ports", "message"),
    [
        ("  port: 81\n", "[{port: 80}]", "Service `app` has no port 81"),
        (
            "",
            "[{name: a, port: 80}, {name: b, port: 81}]",
            "Service `app` has 2 ports; `routing.port` says which one",
        ),
        ("", "[]", "Service `app` has 0 ports"),
        ("", "text", "Service `app` has 0 ports"),
        ("", "[a, {port: http}]", "Service `app` has 0 ports"),
    ],
)
def test_a_port_that_is_not_clear_is_refused(tmp_path: Path, port: str, ports: str, message: str) -> None:
    start = SERVICE.index("ports: ")
    service = f"{SERVICE[:start]}ports: {ports}}}\n"
    text = GATEWAY.replace("  port: 80\n", port)
    line = text[: text.index("  split:")].count("\n") + 1
    routing_refused(
        tmp_path,
        {"app/component.yaml": text, "app/manifests/service.yaml": service},
        f"app/component.yaml:{line}:3: {message}",
    )


def test_the_split_is_laid_into_the_rules_that_go_to_us_and_the_rest_stays(tmp_path: Path) -> None:
    spec: dict[str, Any] = {
        "parentRefs": [{"name": "gw"}],
        "hostnames": ["a.example.com"],
        "rules": [
            {
                "matches": [{"path": {"value": "/a"}}],
                "backendRefs": [
                    {"name": "other", "port": 1, "weight": 20},
                    {"name": "app", "port": 80, "weight": 80, "filters": []},
                ],
            },
            {"backendRefs": [{"name": "other", "port": 1}]},
            {"backendRefs": [{"name": "app", "namespace": "elsewhere", "port": 80}]},
            {"backendRefs": [{"name": "app", "kind": "Bucket", "group": "example.com"}]},
            {"filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": "b.example.com"}}]},
        ],
    }
    objects = made(routed(tmp_path, own(spec)))
    found = objects["HTTPRoute"]["spec"]
    refs = found["rules"][0].pop("backendRefs")
    assert weights(refs) == [("app-stable", 72), ("app-canary", 8), ("other", 20)]
    assert all(ref["filters"] == [] and ref["port"] == 80 for ref in refs[:2])
    assert found["rules"][0] == {"matches": [{"path": {"value": "/a"}}]}
    assert found == {**spec, "rules": [found["rules"][0], *spec["rules"][1:]]}
    assert "Service app-stable" in objects


def test_an_http_route_of_others_is_left_alone(tmp_path: Path) -> None:
    spec = {"parentRefs": [{"name": "gw"}], "rules": [{"backendRefs": [{"name": "other", "port": 1}]}]}
    project = routed(tmp_path, own(spec))
    found = yaml.safe_load_all(project.tree()["prod/app/app.yaml"])
    routes = {item["metadata"]["name"]: item["spec"] for item in found if item["kind"] == "HTTPRoute"}
    assert routes["own"] == spec
    assert routes["app"]["rules"][0]["backendRefs"][0]["name"] == "app-stable"


def test_a_route_on_our_service_that_never_goes_to_us_is_refused(tmp_path: Path) -> None:
    spec = {
        "parentRefs": [{"kind": "Service", "name": "app"}],
        "rules": [{"backendRefs": [{"name": "other"}]}],
    }
    routing_refused(
        tmp_path, own(spec), "app/manifests/own.yaml:1:1", "has no rule to it to lay the split into"
    )


ODD: list[Any] = [
    None,
    [],
    "text",
    {"rules": {}, "hostnames": "a", "parentRefs": {}},
    {
        "rules": [None, "x", [], {"backendRefs": {}}],
        "parentRefs": [None, {"kind": "Service", "name": ["app"]}],
    },
    {"rules": [{"backendRefs": [None, "app", {"name": ["app"]}, {"name": {"a": 1}}]}]},
    {"rules": [{"backendRefs": [{"name": "app", "kind": ["Service"], "group": []}]}]},
    {"rules": [{"backendRefs": [{"name": "app", "namespace": ["shop"]}]}]},
    {"rules": [{"backendRefs": [{"name": "app", "weight": "x"}, {"name": "b", "weight": None}]}]},
    {"rules": [{"backendRefs": [{"name": "app"}, {"name": "b", "weight": -5}]}]},
]


@pytest.mark.parametrize("spec", ODD, ids=range(len(ODD)))
def test_odd_shapes_are_errors_or_pass_and_never_crashes(tmp_path: Path, spec: Any) -> None:
    project = shop(tmp_path, {**FILES, **own(spec)})
    run = project.generate("prod")
    assert run.code in (0, 3), run.err
    assert "weft itself failed" not in run.err


ODD_SERVICES = [
    "null",
    "[]",
    "text",
    "{selector: [a], ports: {a: 1}}",
    "{selector: text, ports: [{port: 80}]}",
]


@pytest.mark.parametrize("spec", ODD_SERVICES)
def test_a_service_of_an_odd_shape_is_no_crash(tmp_path: Path, spec: str) -> None:
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: app, labels: [a]}}\nspec: {spec}\n"
    project = shop(tmp_path, {**FILES, "app/component.yaml": GATEWAY, "app/manifests/service.yaml": service})
    run = project.generate("prod")
    assert run.code in (0, 3), run.err
    assert "weft itself failed" not in run.err
