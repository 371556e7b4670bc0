"""A route finds its Service, and the routes it is laid into, wherever they are rendered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.routing.service import DEPLOYMENT, ROUTED, SERVICE
from tests.shop import documents, generated, refused, shop

PODS = {"pods/chart.yaml": "name: pods\n", "pods/templates/deployment.yaml.j2": DEPLOYMENT}
GROUP = """\
namespace: shop
routing: {port: 80, split: {stable: 90, canary: 10}}
subcomponents:
  - {name: canary, type: jinja, path: ../pods}
  - {name: stable, type: jinja, path: ../pods}
  - {name: mesh, type: static, path: ../mesh}
"""
VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: mine}
spec: {hosts: [app], http: [{route: [{destination: {host: app}}]}]}
"""


def test_the_service_may_be_a_siblings(tmp_path: Path) -> None:
    root = (
        "namespace: shop\nsubcomponents:\n"
        "  - {name: app, source: ./app}\n  - {name: net, type: static, path: net}\n"
    )
    files = {**PODS, "component.yaml": root, "app/component.yaml": GROUP.replace("../mesh", "../other")}
    other = {
        "other/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "net/service.yaml": SERVICE,
    }
    project = shop(tmp_path, {**files, **other})
    generated(project)
    kinds = {item["kind"] for item in documents(project, "prod/app/app.yaml")}
    assert kinds == {"VirtualService", "DestinationRule"}


def test_a_service_in_another_namespace_is_not_it(tmp_path: Path) -> None:
    service = SERVICE.replace("{name: app, ", "{name: app, namespace: elsewhere, ")
    files = {**PODS, "app/component.yaml": ROUTED, "app/manifests/service.yaml": service}
    refused(
        tmp_path,
        files,
        "there is no Service `app` in namespace `shop` in the output",
        "there is one in namespace elsewhere",
    )


def test_the_split_is_laid_into_a_route_below_the_service(tmp_path: Path) -> None:
    files = {
        **PODS,
        "app/component.yaml": GROUP,
        "mesh/service.yaml": SERVICE,
        "mesh/vs.yaml": VIRTUAL_SERVICE,
    }
    project = shop(tmp_path, files)
    generated(project)
    (virtual,) = [
        item for item in documents(project, "prod/app/mesh/mesh.yaml") if item["kind"] == "VirtualService"
    ]
    (http,) = virtual["spec"]["http"]
    assert [(entry["destination"]["subset"], entry["weight"]) for entry in http["route"]] == [
        ("stable", 90),
        ("canary", 10),
    ]
    assert [item["kind"] for item in documents(project, "prod/app/app.yaml")] == ["DestinationRule"]


@pytest.mark.parametrize("provider", ["istio", "gateway-api"])
def test_a_port_that_the_service_lacks_is_refused(tmp_path: Path, provider: str) -> None:
    component = ROUTED.replace("  port: 80\n", f"  port: 81\n  provider: {provider}\n")
    files = {**PODS, "app/component.yaml": component, "app/manifests/service.yaml": SERVICE}
    refused(tmp_path, files, "app/component.yaml:", "Service `app` has no port 81", "its ports: 80")


def test_a_version_label_that_is_no_string_is_named(tmp_path: Path) -> None:
    pods = DEPLOYMENT.replace("version: {{ component.name }}}}\n", "version: 2}}\n")
    files = {
        **PODS,
        "pods/templates/deployment.yaml.j2": pods,
        "app/component.yaml": ROUTED,
        "app/manifests/service.yaml": SERVICE,
    }
    refused(tmp_path, files, "have a `version` label that is 2, not a string")
