"""The split as Istio's objects: from scratch, and laid into those that the service renders itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.routing.service import FILES, ROUTED, SERVICE, made, routed, routing_refused, weights
from tests.shop import shop

HEADERS = {"request": {"remove": ["x"]}}
VIRTUAL = """\
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {{name: own}}
spec: {spec}
"""


def own(spec: Any) -> dict[str, str]:
    """The service renders a VirtualService with this spec."""
    return {
        "app/manifests/own.yaml": VIRTUAL.format(
            spec=yaml.safe_dump(spec, default_flow_style=True, width=9999)
        )
    }


def rule(spec: Any) -> dict[str, str]:
    """The service renders a DestinationRule with this spec."""
    text = VIRTUAL.format(spec=yaml.safe_dump(spec, default_flow_style=True, width=9999))
    return {"app/manifests/rule.yaml": text.replace("VirtualService", "DestinationRule")}


def to(host: str, weight: int | None = None, **more: Any) -> dict[str, Any]:
    return {"destination": {"host": host}, **({"weight": weight} if weight is not None else {}), **more}


def laid(tmp_path: Path, spec: Any) -> Any:
    objects = made(routed(tmp_path, own(spec)))
    assert objects["VirtualService"]["metadata"]["name"] == "own"
    assert objects["VirtualService"]["apiVersion"] == "networking.istio.io/v1beta1"
    return objects["VirtualService"]["spec"]


def test_from_scratch(tmp_path: Path) -> None:
    objects = made(routed(tmp_path))
    assert objects["VirtualService"] == {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "app", "namespace": "shop"},
        "spec": {
            "hosts": ["app"],
            "http": [
                {
                    "route": [
                        {
                            "destination": {"host": "app", "subset": name, "port": {"number": 80}},
                            "weight": weight,
                        }
                        for name, weight in (("stable", 90), ("canary", 10))
                    ]
                }
            ],
        },
    }
    assert objects["DestinationRule"]["spec"]["host"] == "app"


def test_hosts_and_gateways_are_those_of_the_routing(tmp_path: Path) -> None:
    text = ROUTED.replace(
        "routing:\n", "routing:\n  hosts: [a.example.com, app]\n  gateways: [mesh, istio/public]\n"
    )
    spec = made(routed(tmp_path, {"app/component.yaml": text}))["VirtualService"]["spec"]
    assert (spec["hosts"], spec["gateways"]) == (["a.example.com", "app"], ["mesh", "istio/public"])


@pytest.mark.parametrize("host", ["app", "app.shop.svc.cluster.local"])
def test_destinations_of_other_hosts_keep_their_weights_and_ours_share_the_rest(
    tmp_path: Path, host: str
) -> None:
    spec = laid(
        tmp_path,
        {
            "hosts": ["shop.example.com"],
            "http": [{"route": [to("other", 25), to(host, 70, headers=HEADERS), to("third", 5)]}],
        },
    )
    route = spec["http"][0]["route"]
    # V = 70; canary = floor(10 * 70 / 100) = 7; the primary has the rest; others come last.
    assert weights(route) == [("stable", 63), ("canary", 7), ("other", 25), ("third", 5)]
    assert [entry["destination"]["host"] for entry in route[:2]] == [host, host]
    assert all(entry["headers"] == HEADERS for entry in route[:2])


def test_the_primary_is_there_at_0_and_others_without_weight_are_left_out(tmp_path: Path) -> None:
    text = ROUTED.replace("stable: 90", "stable: 0").replace("canary: 10", "canary: 100")
    files = {"app/component.yaml": text, **own({"hosts": ["app"], "http": [{"route": [to("app")]}]})}
    spec = made(routed(tmp_path, files))["VirtualService"]["spec"]
    assert weights(spec["http"][0]["route"]) == [("stable", 0), ("canary", 100)]


def test_everything_else_of_the_route_stays(tmp_path: Path) -> None:
    spec: dict[str, Any] = {
        "hosts": ["app", "not.ours"],
        "gateways": ["mesh"],
        "http": [
            {"name": "a", "match": [{"uri": {"prefix": "/a"}}], "timeout": "5s", "route": [to("app", 100)]},
            {"name": "b", "route": [to("other")]},
            {"name": "c", "redirect": {"uri": "/"}},
            {"name": "d", "route": [to("app.elsewhere.svc.cluster.local", 100)]},
        ],
        "tcp": [{"route": [to("app")]}],
        "tls": [{"match": [{"sniHosts": ["app"]}], "route": [to("app", 100)]}],
    }
    found = laid(tmp_path, spec)
    first = found["http"].pop(0)
    assert weights(first.pop("route")) == [("stable", 90), ("canary", 10)]
    assert first == {"name": "a", "match": [{"uri": {"prefix": "/a"}}], "timeout": "5s"}
    assert found == {**spec, "http": spec["http"][1:]}


def test_laying_it_in_twice_changes_nothing(tmp_path: Path) -> None:
    first = laid(tmp_path / "a", {"hosts": ["app"], "http": [{"route": [to("app", 80), to("other", 20)]}]})
    assert laid(tmp_path / "b", first) == first


def test_a_destination_keeps_what_its_subset_had(tmp_path: Path) -> None:
    canary = {"destination": {"host": "app", "subset": "canary", "port": {"number": 1}}, "weight": 5}
    service = SERVICE.replace("ports: [", "ports: [{name: old, port: 1}, ")
    spec = {"hosts": ["app"], "http": [{"route": [to("app", 95), canary]}]}
    files = {**own(spec), "app/manifests/service.yaml": service}
    found = made(routed(tmp_path, files))["VirtualService"]["spec"]
    assert found["http"][0]["route"][1] == {**canary, "weight": 10}


def test_a_virtual_service_of_other_hosts_is_left_alone(tmp_path: Path) -> None:
    spec = {"hosts": ["other"], "http": [{"route": [to("other")]}]}
    project = routed(tmp_path, own(spec))
    found = yaml.safe_load_all(project.tree()["prod/app/app.yaml"])
    virtual = {item["metadata"]["name"]: item["spec"] for item in found if item["kind"] == "VirtualService"}
    assert virtual["own"] == spec
    assert virtual["app"]["hosts"] == ["app"]


def test_subsets_are_laid_into_the_services_own_destination_rule(tmp_path: Path) -> None:
    spec = {
        "host": "app.shop.svc.cluster.local",
        "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}},
        "subsets": [
            {"name": "old", "labels": {"version": "old"}},
            {
                "name": "canary",
                "labels": {"version": "wrong"},
                "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}},
            },
        ],
    }
    found = made(routed(tmp_path, rule(spec)))["DestinationRule"]
    assert found["metadata"]["name"] == "own"
    assert found["spec"] == {
        **spec,
        "subsets": [
            {"name": "stable", "labels": {"version": "stable"}},
            {
                "name": "canary",
                "labels": {"version": "canary"},
                "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}},
            },
            {"name": "spare", "labels": {"version": "spare"}},
            {"name": "old", "labels": {"version": "old"}},
        ],
    }


def test_what_is_wrong_in_a_route_has_its_own_line_after_the_split_is_laid_in(tmp_path: Path) -> None:
    text = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own}
spec:
  hosts: [app]
  http:
  - route:
    - destination: {host: first}
      weight: 20
    - destination: {host: app}
      weight: 70
      header: {}
    - destination: {host: last}
      weight: 10
  - route:
    - destination: {host: app.elsewhere, port: {number: http}}
"""
    # Two destinations take the place of one at line 10, and the others go behind them.
    error = routing_refused(
        tmp_path, {"app/manifests/own.yaml": text}, "own.yaml:7:5: unknown field `header`"
    )
    assert "own.yaml:8:21: VirtualService.networking.istio.io shop/own sends traffic to `first`" in error
    assert "own.yaml:13:21: VirtualService.networking.istio.io shop/own sends traffic to `last`" in error
    assert "own.yaml:16:49: `spec.http[1].route[0].destination.port.number` is" in error


def test_others_that_take_more_than_everything_are_refused(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        own({"hosts": ["app"], "http": [{"route": [to("other", 90), to("third", 20), to("app", 1)]}]}),
        "app/manifests/own.yaml:1:1",
        "the weights of destinations of other hosts are not within 100",
    )


def test_a_route_for_our_host_that_never_goes_to_us_is_refused(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        own({"hosts": ["app"], "http": [{"route": [to("other")]}]}),
        "app/manifests/own.yaml:1:1",
        "has no http route to it to lay the split into",
    )


ODD: list[Any] = [
    None,
    [],
    ["a"],
    "text",
    5,
    {"hosts": "app", "http": {}},
    {"hosts": {"app": 1}, "http": [[]]},
    {"hosts": ["app", 5, None], "http": [{"route": {"a": 1}}]},
    {"hosts": ["app"], "http": [None, "x", {"route": [None, "x", []]}]},
    {"hosts": ["app"], "http": [{"route": [{"destination": "app"}]}]},
    {"hosts": ["app"], "http": [{"route": [{"destination": {"host": ["app"]}}]}]},
    {
        "hosts": ["app"],
        "http": [{"route": [{"destination": {"host": "app", "subset": ["a"]}, "weight": "x"}]}],
    },
    {"hosts": ["app"], "http": [{"route": [to("app"), {"destination": {"host": "b"}, "weight": [1]}]}]},
    {"hosts": ["app"], "http": [{"route": [to("app"), to("b", -20)]}]},
    {"host": "app", "subsets": {"a": 1}},
    {"host": "app", "subsets": ["a", None, {"labels": {}}, {"name": ["a"]}, {"name": {"a": 1}}]},
    {"host": ["app"], "subsets": None},
]


@pytest.mark.parametrize("spec", ODD, ids=range(len(ODD)))
def test_odd_shapes_are_errors_or_pass_and_never_crashes(tmp_path: Path, spec: Any) -> None:
    for number, files in enumerate((own(spec), rule(spec))):
        project = shop(tmp_path / str(number), {**FILES, **files})
        run = project.generate("prod")
        assert run.code in (0, 3), run.err
        assert "weft itself failed" not in run.err
