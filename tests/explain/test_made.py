"""`weft explain` for objects that weft makes from routing, and for what must not be shown of Secrets."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec:\n  selector: {app: api}\n  ports:\n"
SERVICE += "  - name: http\n    port: 80\n    targetPort: 8080\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "api-{{ component.name }}"}
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels:
        app: api
        version: {{ values.version }}
    spec:
      containers: [{name: app, image: app}]
"""
ROUTING = """\
name: root
external: [{kind: Namespace}, {kind: Gateway}]
namespace: ns
subcomponents:
  - name: api
    type: jinja
    path: ./service
    routing:
      service: front
      port: 80
      provider: %s
      hosts: [a.example.com, b.example.com]
      gateways:
        - infra/gw
      split:
        stable: 90
        canary: 10
    subcomponents:
      - {name: stable, type: jinja, path: ./app, config: {version: v1}}
      - name: canary
        type: jinja
        path: ./app
        config:
          version: v2
"""


def routed(root: Path, provider: str) -> Project:
    return Project(root).write(
        {
            "component.yaml": ROUTING % provider,
            "environments/prod.yaml": "{}\n",
            "service/chart.yaml": "name: service\n",
            "service/templates/service.yaml.j2": SERVICE % "front",
            "app/chart.yaml": "name: app\n",
            "app/templates/app.yaml.j2": DEPLOYMENT,
        }
    )


def field(project: Project, *args: str) -> dict[str, Any]:
    run = project.weft("explain", "prod", *args, "-o", "json")
    assert run.code == 0, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


def place(source: dict[str, Any]) -> str:
    """`line` of component.yaml, else `file:line`; `weft` for what weft makes."""
    if not source:
        return "weft"
    return str(source["line"]) if source["file"] == "component.yaml" else f"{source['file']}:{source['line']}"


MADE = {
    "istio": {
        "VirtualService/api": {
            "apiVersion": "weft",
            "metadata.name": "weft",
            "metadata.namespace": "3",
            "spec.hosts[0]": "12",
            "spec.hosts[1]": "12",
            "spec.gateways[0]": "14",
            "spec.http[0].route[0].destination.host": "9",
            "spec.http[0].route[0].destination.port.number": "10",
            "spec.http[0].route[0].destination.subset": "weft",
            "spec.http[0].route[0].weight": "16",
            "spec.http[0].route[1].weight": "17",
        },
        "DestinationRule/api": {
            "spec.host": "9",
            "spec.subsets[0].name": "weft",
            "spec.subsets[0].labels.version": "app/templates/app.yaml.j2:11",
        },
    },
    "gateway-api": {
        "HTTPRoute/api": {
            "kind": "weft",
            "spec.hostnames[0]": "12",
            "spec.hostnames[1]": "12",
            "spec.parentRefs[0].name": "14",
            "spec.parentRefs[0].namespace": "14",
            "spec.rules[0].backendRefs[0].name": "9",
            "spec.rules[0].backendRefs[0].port": "10",
            "spec.rules[0].backendRefs[0].weight": "16",
            "spec.rules[0].backendRefs[1].weight": "17",
        },
        "Service/front-canary": {
            "metadata.name": "9",
            "spec.ports[0].port": "service/templates/service.yaml.j2:8",
            "spec.selector.app": "service/templates/service.yaml.j2:5",
            "spec.selector.version": "app/templates/app.yaml.j2:11",
        },
    },
}


@pytest.mark.parametrize("provider", MADE)
def test_each_field_of_a_made_object_leads_to_the_key_that_gives_it(tmp_path: Path, provider: str) -> None:
    project = routed(tmp_path, provider)
    for target, expected in MADE[provider].items():
        places = field(project, target)["places"]
        assert {key: place(places.get(key, {})) for key in expected} == expected
        for key, found in expected.items():
            assert place(field(project, target, key)["source"]) == found, (target, key)
    text = project.weft("explain", "prod", next(iter(MADE[provider])), "metadata.name").out
    assert "\n  weft makes it\n" in text


def test_a_copied_field_has_the_values_of_its_component_behind_it(tmp_path: Path) -> None:
    found = field(routed(tmp_path, "istio"), "DestinationRule/api", "spec.subsets[canary].labels.version")
    (item,) = [one for one in found["behind"] if one["relation"] == "value"]
    assert (item["component"], item["key"], item["candidates"][0]["line"]) == ("api/canary", "version", 24)


def test_a_route_without_keys_of_its_own_leads_to_no_line(tmp_path: Path) -> None:
    project = routed(tmp_path, "gateway-api").write(
        {
            "component.yaml": ROUTING.replace(
                "      service: front\n      port: 80\n      provider: %s\n", ""
            )
            .replace("      hosts: [a.example.com, b.example.com]\n", "")
            .replace("      gateways:\n        - infra/gw\n", "      provider: gateway-api\n"),
            "service/templates/service.yaml.j2": SERVICE % "api",
        }
    )
    places = field(project, "HTTPRoute/api")["places"]
    assert "spec.parentRefs[0].name" not in places
    # The one port of the Service.
    assert place(places["spec.rules[0].backendRefs[0].port"]) == "service/templates/service.yaml.j2:8"


def test_items_of_routing_are_explained_by_number(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio")
    (item,) = field(project, "api", "routing.hosts[1]")["explanations"]
    assert (item["value"], item["candidates"][0]["line"], item["candidates"][0]["column"]) == (
        "b.example.com",
        12,
        30,
    )


def test_kinds_are_found_in_any_case(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio")
    assert field(project, "virtualservice/api", "spec.hosts[0]")["value"] == "a.example.com"
    wrong = project.weft("explain", "prod", "deploymnt/api", "spec")
    assert (wrong.code, wrong.err.splitlines()[0]) == (2, "error: there is no component `deploymnt/api`")


def test_a_template_that_fails_is_all_that_is_said(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio").write(
        {"app/templates/app.yaml.j2": DEPLOYMENT.replace("values.version", "values.missing")}
    )
    run = project.weft("explain", "prod", "Deployment/api-stable", "spec")
    assert run.code == 3
    assert "app/templates/app.yaml.j2:11" in run.err
    assert "renders no pods" not in run.err


def secrets(root: Path, kind: str) -> Project:
    value = "{{ %s.pw %s }}"
    prefix, encoded = (".Values", "| b64enc") if kind == "helm" else ("values", "| b64encode")
    chart = {"helm": "Chart.yaml", "jinja": "chart.yaml"}[kind]
    template = "app/t/templates/a.yaml" + (".j2" if kind == "jinja" else "")
    plain = value % (prefix, "| quote")
    return Project(root).write(
        {
            "component.yaml": f"name: r\nsubcomponents: [{{name: app, type: {kind}, path: ./app/t}}]\n",
            "environments/prod.yaml": "{}\n",
            f"app/t/{chart}": "apiVersion: v2\nname: t\nversion: 0.1.0\n" if kind == "helm" else "name: t\n",
            "app/t/values.yaml": "pw: hunter2\nnum: 98765\nlong: ab\nsize: 3\n",
            template: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
            + (f"data:\n  token: {value % (prefix, encoded)}\n" if kind == "helm" else "")
            + f"stringData:\n  plain: {plain}\n  num: '{{{{ {prefix}.num }}}}'\n"
            + f"  short: '{{{{ {prefix}.long }}}}'\n"
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
            f"  dsn: db://{{{{ {prefix}.pw }}}}@db\n  pw: {plain}\n  num: '{{{{ {prefix}.num }}}}'\n"
            f"  size: 's{{{{ {prefix}.size }}}}'\n",
        }
    )


@pytest.mark.parametrize("kind", ["helm", "jinja"])
def test_nothing_that_a_secret_holds_is_shown(tmp_path: Path, kind: str) -> None:
    project = secrets(tmp_path, kind)
    asked = [("Secret/s",), ("ConfigMap/c",), ("Secret/s", "stringData"), ("Secret/s", "stringData.plain")]
    asked += [("Secret/s", "stringData.num"), ("ConfigMap/c", "data"), ("ConfigMap/c", "data.dsn")]
    asked += [("ConfigMap/c", "data.pw"), ("ConfigMap/c", "data.num")]
    asked += [("Secret/s", "data.token")] if kind == "helm" else []
    for args in asked:
        for form in ("text", "json"):
            run = project.weft("explain", "prod", *args, "-o", form)
            assert run.code == 0, run.err
            for secret in ("hunter2", "98765", base64.b64encode(b"hunter2").decode()):
                assert secret not in run.out, (args, run.out)
            assert "(not shown)" in run.out
    # Short text is no secret elsewhere, but it is where it is behind a Secret's field.
    assert ": ab" not in project.weft("explain", "prod", "Secret/s", "stringData.short").out
    assert "s3" in project.weft("explain", "prod", "ConfigMap/c", "data.size").out
    lifted = project.weft("explain", "prod", "Secret/s", "stringData.plain", "--show-secrets")
    assert "hunter2" in lifted.out


def test_of_a_map_only_what_is_secret_in_it_is_masked(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio").write(
        {
            "app/templates/app.yaml.j2": DEPLOYMENT.replace(
                "image: app}", "image: app, env: [{name: PW, value: x{{ values.password }}}]}"
            ),
            "app/values.yaml": "password: topsecret1\n",
        }
    )
    value = field(project, "Deployment/api-stable", "spec.template.spec")["value"]
    assert value == {
        "containers": [{"name": "app", "image": "app", "env": [{"name": "PW", "value": "(not shown)"}]}]
    }


OWN = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own}
spec:
  hosts: [front]
  http:
    - route:
        - destination: {host: front}
"""


def test_what_weft_lays_into_a_users_own_route_leads_to_the_split(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio").write({"service/templates/own.yaml.j2": OWN})
    places = field(project, "VirtualService/own")["places"]
    template = "service/templates/own.yaml.j2"
    assert {key: place(places.get(f"spec.{key}", {})) for key in ("hosts[0]", "http[0].route[1].weight")} == {
        "hosts[0]": f"{template}:5",
        "http[0].route[1].weight": "17",
    }
    assert place(field(project, "VirtualService/own", "spec.http[0].route[0].weight")["source"]) == "16"
    # A map that weft adds to stands in the template.
    assert place(field(project, "VirtualService/own", "spec.http")["source"]) == f"{template}:6"
    assert place(field(project, "VirtualService/own", "metadata")["source"]) == f"{template}:3"


def test_a_part_of_a_made_object_that_several_keys_give_has_no_line_of_its_own(tmp_path: Path) -> None:
    found = field(routed(tmp_path, "istio"), "VirtualService/api", "spec.http")
    assert found["source"] == {}
    keys = {item["key"] for item in found["behind"]}
    assert {"routing.port", "routing.service", "routing.split.canary"} <= keys


def test_the_line_of_a_secret_is_not_shown_where_it_holds_one(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: r\nsubcomponents: [{name: app, type: static, path: ./m}]\n",
            "environments/prod.yaml": "{}\n",
            "m/s.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {pw: h2x}}\n",
        }
    )
    run = project.weft("explain", "prod", "Secret/s", "metadata.name")
    assert (run.code, "h2x" in run.out) == (0, False)


def test_a_wrong_item_is_answered_with_names(tmp_path: Path) -> None:
    run = routed(tmp_path, "istio").weft(
        "explain", "prod", "Deployment/api-stable", "spec.template.spec.containers[ap].image"
    )
    assert run.code == 2
    assert "did you mean 'spec.template.spec.containers[app].image'?" in run.err


def test_an_item_that_config_and_chart_name_is_explained_once(tmp_path: Path) -> None:
    project = routed(tmp_path, "istio").write(
        {
            "component.yaml": (ROUTING % "istio").replace(
                "{version: v1}}",
                "{version: v1, env: [{name: A, value: x}]}, merge: {paths: {env: {by: name}}}}",
            ),
            "app/values.yaml": "env: [{name: A, value: y}, {name: B, value: z}]\n",
            "app/templates/app.yaml.j2": DEPLOYMENT.replace(
                "image: app}", "image: app, env: {{ values.env | to_json }}}"
            ),
        }
    )
    found = field(project, "Deployment/api-stable", "spec.template.spec.containers[0].env")
    keys = [item["key"] for item in found["behind"]]
    assert "env[0].name" in keys
    assert len(keys) == len(set(keys))
