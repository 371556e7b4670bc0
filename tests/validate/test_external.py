"""Objects that exist without being in the output satisfy every check that looks for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import told

OUTSIDE = {
    "component.yaml": """\
        name: shop
        external:
          - {kind: Service, namespace: shop, name: payments}
          - {kind: Service, namespace: shop, name: cart}
          - {kind: DestinationRule, namespace: shop, name: cart}
          - {kind: ServiceEntry, name: "*.example.com"}
          - {kind: ConfigMap, name: "shared-*"}
          - {kind: Namespace, name: sh*p}
          - {kind: StorageClass}
        subcomponents:
          - name: app
            type: static
            path: ./app
        """,
    "app/component.yaml": None,
    "environments/prod.yaml": "external: [{kind: Secret, namespace: shop, name: login}]\n",
    "app/all.yaml": """\
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: r, namespace: shop}
        spec:
          hosts: [shop]
          http:
          - match: [{uri: {prefix: /a}}]
            route: [{destination: {host: payments, port: {number: 80}, subset: v1}}]
          - match: [{uri: {prefix: /b}}]
            route: [{destination: {host: cart, subset: v2}}]
          - match: [{uri: {prefix: /c}}]
            route: [{destination: {host: payments.shop.svc.cluster.local}}]
          - route: [{destination: {host: api.example.com}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {selector: {app: operated}, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: shop}
        spec:
          containers:
          - name: a
            image: a:1
            envFrom: [{configMapRef: {name: shared-settings}}, {secretRef: {name: login}}]
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: c, namespace: shop}
        spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """,
}


def outside(root: Path, *, without: str = "") -> Project:
    """The definition, one of its external entries taken out."""
    files = {
        path: text and "\n".join(line for line in text.split("\n") if not without or without not in line)
        for path, text in OUTSIDE.items()
    }
    return shop(root, files)


def test_external_entries_satisfy_every_check(tmp_path: Path) -> None:
    assert told(outside(tmp_path), code=0) == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("name: payments}", ["route-host", "route-host"]),
        ("{kind: Service, namespace: shop, name: cart}", ["service-selects-nothing"]),
        ("{kind: DestinationRule", ["route-subset"]),
        ("{kind: ServiceEntry", ["route-host"]),
        ("{kind: ConfigMap", ["missing-object"]),
        ("{kind: Namespace", ["undeclared-namespace"]),
        ("{kind: StorageClass", ["missing-object"]),
        ("{kind: Secret", ["missing-object"]),
    ],
)
def test_without_its_external_entry_each_is_a_finding(
    tmp_path: Path, entry: str, expected: list[str]
) -> None:
    assert [finding["code"] for finding in told(outside(tmp_path, without=entry))] == expected
