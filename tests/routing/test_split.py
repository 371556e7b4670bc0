"""Which deployments a split may speak of, and every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.routing.service import (
    DEPLOYMENT,
    FILES,
    GATEWAY,
    ROUTED,
    SERVICE,
    made,
    routed,
    routing_refused,
    weights,
)
from tests.shop import generated, shop

SPLIT = "  split:\n    stable: 90\n    canary: 10\n"


def component(split: str, text: str = ROUTED) -> dict[str, str]:
    """The component file with another split."""
    assert SPLIT in text
    return {"app/component.yaml": text.replace(SPLIT, split)}


@pytest.mark.parametrize(
    ("split", "messages"),
    [
        (
            "  split: {stable: 90, canry: 10}\n",
            ("app/component.yaml:6:23: `canry` is no deployment of `app`", "did you mean 'canary'?"),
        ),
        (
            "  split:\n    stable: 90\n",
            ("app/component.yaml:6:3: the weights of `app` sum to 90, not to 100",),
        ),
        ("  split: {stable: 90, canary: 20}\n", ("app/component.yaml:6:3: the weights of `app` sum to 110",)),
        ("  split: {}\n", ("app/component.yaml:6:3: the weights of `app` sum to 0",)),
        ("  split: {stable: 110, canary: -10}\n", ("app/component.yaml:6:", "is not between 0 and 100")),
        ("  split: {stable: 90.5, canary: 9.5}\n", ("app/component.yaml:6:", "expected a whole number")),
        ("  split: {stable: '90', canary: 10}\n", ("app/component.yaml:6:", "expected a whole number")),
        ("  split: [90, 10]\n", ("app/component.yaml:6:3: `routing.split` is",)),
        ("  splt: {stable: 100}\n", ("app/component.yaml:6:3: unknown key `splt`", "did you mean 'split'?")),
        ("", ("app/component.yaml:4:1: `app` has 3 deployments and no `split`",)),
        ("  split: {stable: 100}\n  port: 0\n", ("app/component.yaml:",)),
        ("  split: {stable: 100}\n  provider: linkerd\n", ("app/component.yaml:7:3: `routing.provider` is",)),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(
    tmp_path: Path, split: str, messages: tuple[str, ...]
) -> None:
    routing_refused(tmp_path, component(split), *messages)


@pytest.mark.parametrize("text", [ROUTED, GATEWAY])
def test_weight_on_a_deployment_that_is_disabled_there_is_refused(tmp_path: Path, text: str) -> None:
    routing_refused(
        tmp_path,
        {"app/component.yaml": text, "config/prod.yaml": "subcomponents: {app/canary: {disabled: true}}\n"},
        f"app/component.yaml:{text[: text.index('canary:')].count(chr(10)) + 1}:5: "
        "`canary` has weight 10, but it is disabled here",
    )


def test_a_disabled_deployment_without_weight_is_not_routed_to(tmp_path: Path) -> None:
    project = routed(
        tmp_path,
        {
            **component("  split: {stable: 100, canary: 0}\n"),
            "config/prod.yaml": "subcomponents: {app/canary: {disabled: true}}\n",
        },
    )
    subsets = made(project)["DestinationRule"]["spec"]["subsets"]
    assert [entry["name"] for entry in subsets] == ["stable", "spare"]


def test_deployments_that_are_not_named_have_weight_0_and_a_subset(tmp_path: Path) -> None:
    objects = made(routed(tmp_path))
    assert weights(objects["VirtualService"]["spec"]["http"][0]["route"]) == [("stable", 90), ("canary", 10)]
    assert objects["DestinationRule"]["spec"]["subsets"] == [
        {"name": name, "labels": {"version": name}} for name in ("stable", "canary", "spare")
    ]


def test_the_split_of_an_environment_replaces_the_whole_one(tmp_path: Path) -> None:
    project = routed(
        tmp_path,
        {
            "app/config/prod.yaml": "routing: {split: {spare: 100}}\n",
            "app/config/common.yaml": "routing: {hosts: [app.example.com]}\n",
        },
    )
    spec = made(project)["VirtualService"]["spec"]
    # Who is primary keeps a destination even at 0; port and hosts of weaker files stay.
    assert weights(spec["http"][0]["route"]) == [("stable", 0), ("spare", 100)]
    assert spec["hosts"] == ["app.example.com"]
    assert spec["http"][0]["route"][0]["destination"]["port"] == {"number": 80}


def test_the_split_differs_between_environments(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **FILES,
            "environments/east.yaml": "subcomponents: {app: {routing: {split: {stable: 50, canary: 50}}}}\n",
        },
    )
    generated(project, "--all")
    found = {
        name: weights(made(project, name)["VirtualService"]["spec"]["http"][0]["route"])
        for name in ("prod", "east")
    }
    assert found == {"prod": [("stable", 90), ("canary", 10)], "east": [("stable", 50), ("canary", 50)]}


def test_an_error_of_one_environments_split_names_that_file(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        {"app/config/prod.yaml": "routing:\n  split:\n    canary: 1\n"},
        "app/config/prod.yaml:2:3: the weights of `app` sum to 1, not to 100",
    )


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("{app: app}", "have no `version` label"),
        ("{app: app, version: ''}", "have no `version` label"),
        ("{app: app, version: 5}", "have a `version` label that is 5, not a string"),
        ("{app: app, version: [a]}", "have a `version` label that is ['a'], not a string"),
        ("[app]", "have no `version` label"),
        ("text", "have no `version` label"),
        ("{app: app, version: same}", "both label their pods `version: same`"),
    ],
)
@pytest.mark.parametrize("text", [ROUTED, GATEWAY])
def test_pods_that_no_split_can_tell_apart_are_refused(
    tmp_path: Path, text: str, labels: str, message: str
) -> None:
    line = text[: text.index("  split:")].count("\n") + 1
    routing_refused(
        tmp_path,
        {
            "app/component.yaml": text,
            "pods/templates/deployment.yaml.j2": DEPLOYMENT.replace(
                "metadata: {labels: {app: app, version: {{ component.name }}}}",
                f"metadata: {{labels: {labels}}}",
            ),
        },
        f"app/component.yaml:{line}:3: ",
        message,
    )


def test_a_deployment_with_weight_that_renders_no_pods_is_refused(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        {
            "pods/templates/deployment.yaml.j2": "apiVersion: v1\nkind: ConfigMap\n"
            "metadata: {name: {{ component.name }}}\n"
        },
        "app/component.yaml:6:3: `stable` has weight 90 and renders no pods",
    )


def test_one_deployment_with_two_versions_is_refused(tmp_path: Path) -> None:
    second = DEPLOYMENT.replace("app-{{", "second-{{").replace(
        "version: {{ component.name }}", "version: other"
    )
    routing_refused(
        tmp_path,
        {"pods/templates/second.yaml.j2": second},
        "app/component.yaml:6:3: the pods of deployment `stable` carry several `version` labels",
        "stable, other",
    )


@pytest.mark.parametrize(
    "manifest",
    [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n",
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: app}\n",
    ],
)
@pytest.mark.parametrize("text", [ROUTED, GATEWAY])
def test_a_service_that_is_missing_is_refused(tmp_path: Path, text: str, manifest: str) -> None:
    line = text[: text.index("  split:")].count("\n") + 1
    routing_refused(
        tmp_path,
        {"app/component.yaml": text, "app/manifests/service.yaml": manifest},
        f"app/component.yaml:{line}:3: there is no Service `app` in namespace `shop` in the output",
        "add a Service over the deployments' pods",
    )


def test_a_service_of_another_name_is_named_in_the_hint(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        {"app/manifests/service.yaml": SERVICE.replace("name: app,", "name: front,")},
        "there is no Service `app`",
        "known: front",
    )


def test_the_service_may_have_another_name_than_the_component(tmp_path: Path) -> None:
    project = routed(
        tmp_path,
        {
            "app/component.yaml": ROUTED.replace(
                "routing:\n", "routing:\n  service: front-${environment.name}\n"
            ),
            "app/manifests/service.yaml": SERVICE.replace("name: app,", "name: front-prod,"),
        },
    )
    spec = made(project)["VirtualService"]["spec"]
    assert spec["hosts"] == ["front-prod"]
    assert spec["http"][0]["route"][0]["destination"]["host"] == "front-prod"


@pytest.mark.parametrize(
    "external",
    [
        {
            "component.yaml": "external: [{kind: Service, name: app}]\n"
            "subcomponents: [{name: app, source: ./app}]\n"
        },
        {"environments/prod.yaml": "external: [{kind: Service, namespace: shop, name: 'a*'}]\n"},
    ],
)
def test_an_external_service_will_do_for_istio(tmp_path: Path, external: dict[str, str]) -> None:
    nothing = {"app/manifests/service.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n"}
    assert "VirtualService" in made(routed(tmp_path / "istio", {**nothing, **external}))
    routing_refused(
        tmp_path / "gateway",
        {**nothing, **external, "app/component.yaml": GATEWAY},
        "the Gateway API needs the Service `app` itself in the output",
    )


def test_an_external_service_of_another_namespace_will_not_do(tmp_path: Path) -> None:
    routing_refused(
        tmp_path,
        {
            "app/manifests/service.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n",
            "environments/prod.yaml": "external: [{kind: Service, namespace: elsewhere, name: app}]\n",
        },
        "there is no Service `app`",
    )


def test_a_subcomponent_that_is_no_deployment_takes_no_part(tmp_path: Path) -> None:
    more = "  - {name: cache, type: static, path: ./cache}\n"
    cache = DEPLOYMENT.replace("{{ component.name }}", "cache").replace("app: app", "app: cache")
    project = routed(tmp_path, {"app/component.yaml": ROUTED + more, "app/cache/cache.yaml": cache})
    subsets = made(project)["DestinationRule"]["spec"]["subsets"]
    assert [entry["name"] for entry in subsets] == ["stable", "canary", "spare"]


def test_one_deployment_needs_no_split(tmp_path: Path) -> None:
    text = ROUTED.replace(SPLIT, "").replace("  - {name: canary, type: jinja, path: ../pods}\n", "")
    text = text.replace("  - {name: spare, type: jinja, path: ../pods}\n", "")
    objects = made(routed(tmp_path, {"app/component.yaml": text}))
    assert weights(objects["VirtualService"]["spec"]["http"][0]["route"]) == [("stable", 100)]


def test_without_routing_nothing_is_made(tmp_path: Path) -> None:
    text = ROUTED[: ROUTED.index("routing:")] + ROUTED[ROUTED.index("subcomponents:") :]
    assert list(made(routed(tmp_path, {"app/component.yaml": text}))) == ["Service app"]
