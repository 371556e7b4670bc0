"""Finding and renaming references: properties over every rule of the table, and the forms by example."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.references import WHOLE, Found, references, renamed
from tests.references.objects import broken, objects

JSON = Mapping[str, Any]
some = settings(max_examples=150, deadline=None)


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def there(found: Found) -> tuple[str | None, str]:
    """Every name and namespace gets another one; objects outside namespaces only a name."""
    return (f"x{found.namespace}" if found.namespace else None, f"x{found.name}")


def back(found: Found) -> tuple[str | None, str]:
    return (found.namespace[1:] if found.namespace else None, found.name[1:])


@some
@given(objects())
def test_each_reference_is_at_its_path(data: JSON) -> None:
    for found in references(data):
        assert found.value is at(data, found.path)
        if found.name and found.name != WHOLE:
            assert found.name in found.value
        if found.stated:
            holder = at(data, found.holder_path)
            assert found.namespace == holder.get(found.rule.namespace_at) or found.namespace in found.value


@some
@given(objects())
def test_what_sops_encrypted_names_nothing(data: JSON) -> None:
    text = "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]"
    hidden = copy.deepcopy(dict(data))
    for found in references(data):
        if isinstance(found.value, str):
            at(hidden, found.path[:-1])[found.path[-1]] = text
    hidden["sops"] = {"version": "3.9.0"}
    assert [found.path for found in references(hidden) if found.name] == []
    assert text not in [found.namespace for found in references(hidden)]


@some
@given(objects())
def test_the_same_names_give_an_equal_object(data: JSON) -> None:
    assert renamed(data, lambda found: (found.namespace, found.name)) is data
    assert renamed(data, lambda found: None) is data


@some
@given(objects())
def test_what_is_renamed_is_found_again(data: JSON) -> None:
    def told(one: JSON) -> list[tuple[Any, ...]]:
        return [(f.path, f.group, f.kind, f.namespace, f.name, f.stated) for f in references(one) if f.name]

    before = copy.deepcopy(data)
    expected = [
        (path, group, kind, namespace and f"x{namespace}", name if name == WHOLE else f"x{name}", stated)
        for path, group, kind, namespace, name, stated in told(data)
    ]
    assert told(renamed(data, there)) == expected
    assert data == before


@some
@given(objects())
def test_renaming_there_and_back_gives_the_object_as_it_was(data: JSON) -> None:
    assert renamed(renamed(data, there), back) == data


@some
@given(broken() | objects(), st.booleans())
def test_what_is_malformed_is_passed_over(data: JSON, everything: bool) -> None:
    before = copy.deepcopy(data)
    list(references(data))
    renamed(data, there if everything else lambda found: None)
    assert data == before


def found_in(spec: JSON, kind: str, version: str, **more: Any) -> list[Found]:
    data = {"apiVersion": version, "kind": kind, "metadata": {"name": "me", "namespace": "shop"}, **more}
    return [one for one in references({**data, "spec": spec}) if one.path[0] != "metadata"]


@pytest.mark.parametrize(
    ("host", "namespace", "name", "certain", "moved"),
    [
        ("web", "shop", "web", True, "web"),
        ("web.shop", "shop", "web", False, "web.store"),
        ("web.infra", "infra", "web", False, "web.infra"),
        ("web.shop.svc", "shop", "web", True, "web.store.svc"),
        ("web.shop.svc.cluster.local", "shop", "web", True, "web.store.svc.cluster.local"),
        ("*.shop.svc.cluster.local", "shop", "*", True, "*.store.svc.cluster.local"),
        ("shop.example.com", None, None, None, "shop.example.com"),
    ],
)
def test_hosts(host: str, namespace: str | None, name: str | None, certain: bool | None, moved: str) -> None:
    data = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "me", "namespace": "shop"},
        "spec": {"host": host},
    }
    found = [one for one in references(data) if one.kind == "Service"]
    assert [(one.namespace, one.name, one.certain) for one in found] == (
        [(namespace, name, certain)] if name else []
    )
    assert renamed(data, moving(shop="store"))["spec"]["host"] == moved


def moving(**names: str) -> Any:
    """The answer of a mapping of namespaces."""

    def answer(found: Found) -> tuple[str | None, str] | None:
        if (found.group, found.kind) == ("", "Namespace"):
            return (None, names[found.name]) if found.name in names else None
        return (names[found.namespace], found.name) if found.namespace in names else None

    return answer


def test_a_namespace_is_mapped_in_everything_that_names_it() -> None:
    assert renamed(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "me", "namespace": "shop"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "shop"},
            "subjects": [
                {"kind": "ServiceAccount", "name": "web", "namespace": "shop"},
                {"kind": "ServiceAccount", "name": "web", "namespace": "infra"},
                {"kind": "Group", "name": "system:serviceaccounts:shop"},
                {"kind": "User", "name": "system:serviceaccount:shop:web"},
                {"kind": "User", "name": "shop"},
            ],
        },
        moving(shop="store"),
    ) == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "me", "namespace": "store"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "shop"},
        "subjects": [
            {"kind": "ServiceAccount", "name": "web", "namespace": "store"},
            {"kind": "ServiceAccount", "name": "web", "namespace": "infra"},
            {"kind": "Group", "name": "system:serviceaccounts:store"},
            {"kind": "User", "name": "system:serviceaccount:store:web"},
            {"kind": "User", "name": "shop"},
        ],
    }


def named(name: str) -> JSON:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def labelled(name: str) -> JSON:
    return {"namespaceSelector": {"matchLabels": {"team": name}}, "podSelector": {}}


def among(*names: str) -> JSON:
    by_name = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [*names]}
    other = {"key": "team", "operator": "In", "values": ["shop"]}
    return {"namespaceSelector": {"matchExpressions": [by_name, other]}}


@pytest.mark.parametrize(
    ("version", "kind", "before", "after"),
    [
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"ingress": [{"from": [named("shop"), labelled("shop"), among("infra", "shop")]}]},
            {"ingress": [{"from": [named("store"), labelled("shop"), among("infra", "store")]}]},
        ),
        (
            "networking.istio.io/v1",
            "VirtualService",
            {
                "hosts": ["web", "shop.example.com"],
                "gateways": ["mesh", "shop/public", "public"],
                "exportTo": [".", "shop", "*"],
                "http": [{"route": [{"destination": {"host": "web.shop.svc.cluster.local"}}]}],
            },
            {
                "hosts": ["web", "shop.example.com"],
                "gateways": ["mesh", "store/public", "public"],
                "exportTo": [".", "store", "*"],
                "http": [{"route": [{"destination": {"host": "web.store.svc.cluster.local"}}]}],
            },
        ),
        (
            "networking.istio.io/v1",
            "Sidecar",
            {"egress": [{"hosts": ["./*", "shop/*", "shop/web.shop.svc.cluster.local", "~/*"]}]},
            {"egress": [{"hosts": ["./*", "store/*", "store/web.store.svc.cluster.local", "~/*"]}]},
        ),
        (
            "security.istio.io/v1",
            "AuthorizationPolicy",
            {"rules": [{
                "from": [{"source": {
                    "namespaces": ["shop", "sho*"],
                    "principals": ["cluster.local/ns/shop/sa/web", "*/ns/shop/*"],
                }}],
                "when": [
                    {"key": "source.namespace", "values": ["shop"]},
                    {"key": "request.auth.claims[team]", "values": ["shop"]},
                ],
            }]},
            {"rules": [{
                "from": [{"source": {
                    "namespaces": ["store", "sho*"],
                    "principals": ["cluster.local/ns/store/sa/web", "*/ns/store/*"],
                }}],
                "when": [
                    {"key": "source.namespace", "values": ["store"]},
                    {"key": "request.auth.claims[team]", "values": ["shop"]},
                ],
            }]},
        ),
        (
            "v1",
            "Service",
            {"type": "ExternalName", "externalName": "web.shop.svc.cluster.local"},
            {"type": "ExternalName", "externalName": "web.store.svc.cluster.local"},
        ),
        ("v1", "Service", {"externalName": "db.shop"}, {"externalName": "db.shop"}),
        (
            "apiregistration.k8s.io/v1",
            "APIService",
            {"service": {"name": "web", "namespace": "shop"}},
            {"service": {"name": "web", "namespace": "store"}},
        ),
        (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            {"parentRefs": [{"name": "gw", "namespace": "infra"}], "rules": [{"backendRefs": [
                {"name": "web", "port": 80}, {"name": "web", "namespace": "shop"}]}]},
            {"parentRefs": [{"name": "gw", "namespace": "infra"}], "rules": [{"backendRefs": [
                {"name": "web", "port": 80}, {"name": "web", "namespace": "store"}]}]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)  # fmt: skip
def test_a_namespace_is_mapped_in_each_form(version: str, kind: str, before: JSON, after: JSON) -> None:
    head = {"apiVersion": version, "kind": kind}
    given = {**head, "metadata": {"name": "me", "namespace": "shop"}, "spec": before}
    wanted = {**head, "metadata": {"name": "me", "namespace": "store"}, "spec": after}
    assert renamed(given, moving(shop="store")) == wanted
    assert renamed(wanted, moving(store="shop")) == given


def test_a_namespace_is_written_where_only_one_of_two_moves() -> None:
    data = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "me", "namespace": "shop"},
        "spec": {"rules": [{"backendRefs": [{"name": "web"}]}]},
    }
    moved = renamed(data, lambda found: ("store", found.name) if found.kind == "Service" else None)
    assert moved["spec"]["rules"][0]["backendRefs"] == [{"name": "web", "namespace": "store"}]
    left = renamed(data, lambda found: (None, "store") if found.kind == "Namespace" else None)
    assert left["spec"]["rules"][0]["backendRefs"] == [{"name": "web", "namespace": "shop"}]


def test_what_a_pod_asks_for_of_its_configuration() -> None:
    pod = {
        "serviceAccountName": "web",
        "containers": [
            {
                "env": [
                    {"valueFrom": {"configMapKeyRef": {"name": "one", "key": "level", "optional": True}}},
                    {"valueFrom": {"secretKeyRef": {"name": "two", "key": "token"}}},
                ],
                "envFrom": [{"secretRef": {"name": "three"}}],
            }
        ],
        "ephemeralContainers": [{"envFrom": [{"configMapRef": {"name": "four"}}]}],
        "imagePullSecrets": [{"name": "five"}],
        "volumes": [
            {"configMap": {"name": "six", "items": [{"key": "a"}, {"key": "b"}]}},
            {"projected": {"sources": [{"secret": {"name": "seven", "optional": True}}]}},
            {"secret": {"secretName": "${name}"}},
        ],
    }
    assert [
        (f.kind, f.namespace, f.name, f.keys, f.optional, f.rule.mounted) for f in found_in(pod, "Pod", "v1")
    ] == [
        ("ServiceAccount", "shop", "web", (), False, False),
        ("ConfigMap", "shop", "one", ("level",), True, True),
        ("Secret", "shop", "two", ("token",), False, True),
        ("Secret", "shop", "three", (), False, True),
        ("ConfigMap", "shop", "four", (), False, False),
        ("Secret", "shop", "five", (), False, False),
        ("ConfigMap", "shop", "six", ("a", "b"), False, True),
        ("Secret", "shop", "seven", (), True, True),
    ]


def test_what_is_meant_within_an_object() -> None:
    backends = [{"name": "web", "port": 80}, {"name": "b", "kind": "Bucket", "group": "x"}]
    route = {
        "rules": [{"backendRefs": backends}],
        "parentRefs": [{"name": "gw", "sectionName": "https"}],
    }
    assert [
        (f.group, f.kind, f.name, f.port, f.section)
        for f in found_in(route, "HTTPRoute", "gateway.networking.k8s.io/v1")
    ] == [
        ("", "Service", "web", 80, None),
        ("x", "Bucket", "b", None, None),
        ("gateway.networking.k8s.io", "Gateway", "gw", None, "https"),
    ]
    ingress = {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}}
    assert [f.port for f in found_in(ingress, "Ingress", "networking.k8s.io/v1")] == ["http"]
    virtual = {
        "http": [{"route": [{"destination": {"host": "web", "subset": "v1", "port": {"number": 80}}}]}]
    }
    found = found_in(virtual, "VirtualService", "networking.istio.io/v1")
    assert [(f.subset, f.port) for f in found] == [("v1", 80)]


def test_the_kind_and_the_scope_come_from_the_reference() -> None:
    claim = {"storageClassName": "fast", "dataSource": {"kind": "PersistentVolumeClaim", "name": "old"}}
    assert [
        (f.group, f.kind, f.namespace, f.name) for f in found_in(claim, "PersistentVolumeClaim", "v1")
    ] == [
        ("storage.k8s.io", "StorageClass", "", "fast"),
        ("", "PersistentVolumeClaim", "shop", "old"),
    ]
    scaler = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
    found = found_in(scaler, "HorizontalPodAutoscaler", "autoscaling/v2")
    assert [(f.group, f.kind, f.namespace) for f in found] == [("apps", "Deployment", "shop")]


def test_a_kind_that_the_table_does_not_have_still_names_its_namespace_and_owner() -> None:
    data = {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {
            "namespace": "shop",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}],
        },
    }
    assert [(f.group, f.kind, f.namespace, f.name) for f in references(data)] == [
        ("", "Namespace", "", "shop"),
        ("apps", "Deployment", "shop", "web"),
    ]
