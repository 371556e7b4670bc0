"""`weft explain ENV KIND/NAME FIELD` on whole programs: from a field to its line and the value behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project_tree import ROOT, Project
from tests.shop import shop

TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ component.name }}
spec:
  replicas: {{ values.replicas }}
  template:
    metadata:
      annotations:
        checksum: {{ values.env | to_json | sha256 }}
    spec:
{% if values.host %}
      hostNetwork: true
{% endif %}
      containers:
        - name: web
          image: nginx:{{ values.tag }}
          args: ["--size={{ [values.size, 4] | min }}"]
          env:
{% for name, value in values.env.items() %}
            - name: {{ name }}
              value: {{ value | quote }}
{% endfor %}
"""
CONFIG = """\
config:
  replicas: 3
  tag: ${global.version}
  size: 2
  host: true
  env:
    A: a
    B_FILE: /run/x
  global: {version: "1.27"}
"""
FILES = {
    "chart/templates/seen.yaml.j2": TEMPLATE,
    "chart/values.yaml": "replicas: 1\nhost: false\n",
    "app/config/common.yaml": CONFIG,
}


def explained(project: Project, *args: str) -> dict[str, Any]:
    run = project.weft("explain", "-o", "json", *args)
    assert run.code == 0, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


def behind(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(relation, key, file:line of the winner) of each value behind the field."""
    result = []
    for item in found["behind"]:
        won = next(one for one in item["candidates"] if one["fate"] == "won")
        result.append((item["relation"], item["key"], f"{won['file']}:{won.get('line', '')}"))
    return result


def source(found: dict[str, Any]) -> str:
    place = found["source"]
    return f"{place['file']}:{place['line']}" if "line" in place else str(place["file"])


def test_the_founding_example_goes_from_replicas_to_the_config_file() -> None:
    run = Project(ROOT).weft(
        "explain", "prod-east", "Deployment/services/simple-service-stable", "spec.replicas"
    )
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        "spec.replicas of Deployment.apps/services/simple-service-stable in prod-east: 3\n"
        "  from service-chart/templates/deployment.yaml.j2:9  replicas: {{ values.replicas }}\n"
        "\n"
        "replicas of services/simple-service/stable: 3  (the value stands in it)\n"
        "  won   services/simple-service/config/common.yaml:9:7  3"
        "  config/common of services/simple-service\n"
        "  lost  service-chart/values.yaml:3:1                   1"
        "  the chart's values; a chart's values are the weakest\n"
    )


def test_fields_that_weft_makes_lead_to_routing_and_namespace() -> None:
    project = Project(ROOT)
    weight = explained(project, "prod-east", "VirtualService/simple-service", "spec.http[0].route[1].weight")
    assert (weight["value"], behind(weight)) == (
        10,
        [("value", "routing.split.canary", "services/simple-service/component.yaml:10")],
    )
    assert weight["notes"] == ["weft makes this object from the routing of `services/simple-service`"]
    namespace = explained(project, "prod-east", "Service/services/simple-service", "metadata.namespace")
    assert source(namespace) == "services/component.yaml:6"
    assert behind(namespace) == [("value", "namespace", "services/component.yaml:6")]
    assert namespace["notes"] == ["weft lays this over what was rendered"]


def test_a_reference_leads_to_both_places(tmp_path: Path) -> None:
    found = explained(
        shop(tmp_path, FILES), "prod", "Deployment/app", "spec.template.spec.containers[web].image"
    )
    assert (found["field"], found["value"]) == ("spec.template.spec.containers[0].image", "nginx:1.27")
    assert source(found) == "chart/templates/seen.yaml.j2:17"
    assert found["source"]["text"] == "image: nginx:{{ values.tag }}"
    assert sorted(behind(found)) == [
        ("value", "global.version", "app/config/common.yaml:9"),
        ("value", "tag", "app/config/common.yaml:3"),
    ]


def test_what_a_template_computes_is_said_to_be_computed(tmp_path: Path) -> None:
    project = shop(tmp_path, FILES)
    args = explained(project, "prod", "Deployment/app", "spec.template.spec.containers[0].args[0]")
    assert behind(args) == [("value", "size", "app/config/common.yaml:4")]
    host = explained(project, "prod", "Deployment/app", "spec.template.spec.hostNetwork")
    assert source(host) == "chart/templates/seen.yaml.j2:13"
    assert [(relation, key) for relation, key, _ in behind(host)] in (
        [("value", "host")],
        [("computed", "host")],
    )
    checksum = explained(project, "prod", "Deployment/app", "spec.template.metadata.annotations.checksum")
    assert behind(checksum) == [
        ("computed", "env.A", "app/config/common.yaml:7"),
        ("computed", "env.B_FILE", "app/config/common.yaml:8"),
    ]


@pytest.mark.parametrize(
    ("text", "value", "relation"),
    [
        ("{{ values.replicas * 10 + 1 }}", 31, "computed"),
        ("'{{ values.replicas * 10 + 1 }}'", "31", "computed"),
        ("a-{{ values.replicas * 10 + 1 }}-b", "a-31-b", "computed"),
        ("{{ values.replicas }}", 3, "value"),
        ("a{{ values.replicas }}-{{ values.replicas }}b", "a3-3b", "value"),
        ("v1.{{ values.replicas }}", "v1.3", "value"),
    ],
)
def test_a_digit_of_a_longer_number_is_not_the_value(
    tmp_path: Path, text: str, value: Any, relation: str
) -> None:
    template = f"apiVersion: x.com/v1\nkind: Thing\nmetadata: {{name: x}}\nspec:\n  size: {text}\n"
    project = shop(
        tmp_path,
        {
            "chart/templates/seen.yaml.j2": template,
            "app/config/common.yaml": "config:\n  replicas: 3\n",
        },
    )
    found = explained(project, "prod", "Thing/x", "spec.size")
    assert (found["value"], behind(found)) == (value, [(relation, "replicas", "app/config/common.yaml:2")])


def test_what_no_value_is_behind_is_said_to_come_from_the_template(tmp_path: Path) -> None:
    found = explained(
        shop(tmp_path, FILES), "prod", "Deployment/app", "spec.template.spec.containers[0].name"
    )
    assert (source(found), found["behind"]) == ("chart/templates/seen.yaml.j2:16", [])
    assert found["notes"] == [
        "no value was found behind it: the template writes it as it is, computes it, "
        "or asks only whether a value is there"
    ]


def test_a_value_that_an_object_is_there_for_is_found(tmp_path: Path) -> None:
    made = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {k: v}\n"
    template = f"{{% if values.on %}}\n{made}{{% endif %}}\n"
    project = shop(
        tmp_path,
        {"chart/templates/seen.yaml.j2": template, "app/config/prod.yaml": "config: {on: true}\n"},
    )
    assert behind(explained(project, "prod", "ConfigMap/x", "data.k")) == [
        ("presence", "on", "app/config/prod.yaml:1")
    ]


def test_labels_and_what_the_environment_says_are_behind_fields_too(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/templates/seen.yaml.j2": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
            "data:\n  region: {{ environment.labels.region }}\n",
            "config/common.yaml": "labels: {team: all}\n",
            "app/config/common.yaml": "labels: {team: own}\n",
        },
    )
    region = explained(project, "prod", "ConfigMap/x", "data.region")
    assert behind(region) == [("value", "environment.labels.region", "environments/prod.yaml:1")]
    team = explained(project, "prod", "ConfigMap/x", "metadata.labels.team")
    assert (source(team), behind(team)) == (
        "config/common.yaml:1",
        [("value", "labels.team", "config/common.yaml:1")],
    )


def test_static_manifests_lead_to_line_and_column(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./m\n",
            "app/m/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: v\n",
        },
    )
    run = project.weft("explain", "prod", "ConfigMap/x", "data.k")
    assert run.out == (
        "data.k of ConfigMap/x in prod: v\n"
        "  from app/m/a.yaml:6:3  k: v\n"
        "  note: it is written there as it is\n"
    )


def test_helm_leads_to_the_file_and_the_values_behind(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: helm\npath: ./helm\nconfig:\n  deep: {key: mine}\n  other: 1\n",
            "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/helm/values.yaml": "size: 1\nimage: nginx\ndeep: {key: theirs}\na: 1\nb: 2\nc: 3\n",
            "app/helm/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
            "data:\n  key: {{ .Values.deep.key }}\n  image: {{ .Values.image | quote }}\n  fixed: f\n",
        },
    )
    key = explained(project, "prod", "ConfigMap/x", "data.key")
    assert (source(key), behind(key)) == (
        "app/helm/templates/cm.yaml",
        [("value", "deep.key", "app/component.yaml:4")],
    )
    assert key["behind"][0]["candidates"][1]["value"] == "theirs"
    image = explained(project, "prod", "ConfigMap/x", "data.image")
    assert behind(image) == [("value", "image", "app/helm/values.yaml:2")]
    fixed = explained(project, "prod", "ConfigMap/x", "data.fixed")
    assert fixed["behind"] == []
    assert "helm does not say which line of the template writes it" in fixed["notes"]
    assert fixed["notes"][0].endswith("; values of subcharts are not tried")
    run = project.weft("explain", "prod", "app", "sub.color")
    assert (run.code, run.err.splitlines()[0]) == (
        2,
        "error: neither config nor the chart's values.yaml says anything of `sub.color` for `app` in prod",
    )


def test_kustomize_leads_to_the_kustomization(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: kustomize\npath: ./k\n",
            "app/k/kustomization.yaml": "resources: [cm.yaml]\n",
            "app/k/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {k: v}\n",
        },
    )
    found = explained(project, "prod", "ConfigMap/x", "data.k")
    assert (source(found), found["behind"]) == ("app/k/kustomization.yaml", [])
    assert found["notes"] == ["kustomize makes it; from which of its files, weft cannot tell"]


def test_without_a_field_the_object_is_shown_with_the_line_of_each(tmp_path: Path) -> None:
    project = shop(tmp_path, {**FILES, "app/config/prod.yaml": "namespace: web\n"})
    run = project.weft("explain", "prod", "Deployment/app")
    assert run.code == 0
    lines = {line.split("#")[0].strip(): line.split("# ")[1] for line in run.out.splitlines() if "#" in line}
    assert lines["replicas: 3"] == "chart/templates/seen.yaml.j2:6"
    assert lines["namespace: web"] == "app/config/prod.yaml:1:1"
    assert lines["value: a"] == "chart/templates/seen.yaml.j2:22"
    made = project.weft("generate", "prod", "--stdout", "--no-validate")
    assert list(yaml.safe_load_all(run.out)) == list(yaml.safe_load_all(made.out))


def test_secrets_of_objects_are_masked(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/templates/seen.yaml.j2": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
            "stringData:\n  key: {{ values.password }}\n---\napiVersion: v1\nkind: ConfigMap\n"
            "metadata: {name: c}\ndata:\n  dsn: db://{{ values.password }}\n",
            "app/config/prod.yaml": "config: {password: hunter2x}\n",
        },
    )
    for name, field in (("Secret/s", "stringData.key"), ("ConfigMap/c", "data.dsn")):
        for args in ((name,), (name, field), (name, field, "-o", "json")):
            run = project.weft("explain", "prod", *args)
            assert run.code == 0
            assert "hunter2x" not in run.out
            assert "(not shown)" in run.out
        assert "hunter2x" in project.weft("explain", "prod", name, field, "--show-secrets").out


def test_in_the_dialect_fields_are_explained_too(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: root\ndialect: fabrikate\nsubcomponents: [{name: app, source: ./app}]\n",
            "config/east.yaml": "subcomponents: {app: {config: {size: 1}}}\n",
            "app/component.yaml": "name: app\ntype: helm\npath: ./helm\n",
            "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/helm/values.yaml": "size: 0\n",
            "app/helm/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
            "data: {size: s{{ .Values.size }}}\n",
        }
    )
    found = explained(project, "east", "ConfigMap/x", "data.size", "--layer", "east")
    assert behind(found) == [("value", "size", "config/east.yaml:1")]


@pytest.mark.parametrize(
    ("target", "field", "message", "hint"),
    [
        (
            "Deployment/ap",
            "spec",
            "there is no object `Deployment/ap`",
            "did you mean 'Deployment.apps/app'?",
        ),
        (
            "Deployment.apps/app",
            "spec.replica",
            "Deployment.apps/app has no field `spec.replica`",
            "did you mean 'spec.replicas'?",
        ),
        (
            "Deployment/other/app",
            "spec",
            "there is no object `Deployment/other/app`",
            "did you mean 'Deployment.apps/app'?",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(
    tmp_path: Path, target: str, field: str, message: str, hint: str
) -> None:
    run = shop(tmp_path, FILES).weft("explain", "prod", target, field)
    assert (run.code, run.out) == (2, "")
    assert run.err == f"error: {message}\n  hint: {hint}\n"


@pytest.mark.parametrize(
    "name", ["deploy/app", "deploy/ap", "deployment/ap", "DEPLOYMENT/APP", "deployments/app"]
)
def test_a_kind_as_kubectl_has_it_is_answered_with_the_nearest_object(tmp_path: Path, name: str) -> None:
    for args in ((name,), (name, "spec")):
        run = shop(tmp_path, FILES).weft("explain", "prod", *args)
        assert (run.code, run.out) == (2, "")
        assert run.err == (
            f"error: there is no object `{name}`\n  hint: did you mean 'Deployment.apps/app'?\n"
        )


def test_what_begins_with_a_component_is_taken_for_one(tmp_path: Path) -> None:
    run = shop(tmp_path, FILES).weft("explain", "prod", "app/deployment", "spec")
    assert (run.code, run.err) == (
        2,
        "error: there is no component `app/deployment`\n  hint: known: app\n",
    )


def test_a_name_that_several_objects_have_is_refused(tmp_path: Path) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: %s}\n"
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./m\n",
            "app/m/a.yaml": head % "one",
            "app/m/b.yaml": head % "two",
        },
    )
    run = project.weft("explain", "prod", "ConfigMap/x", "metadata.name")
    assert (run.code, run.err) == (
        2,
        "error: `ConfigMap/x` may be ConfigMap/one/x or ConfigMap/two/x\n"
        "  hint: give group and namespace too\n",
    )
    assert project.weft("explain", "prod", "ConfigMap/two/x", "metadata.name").code == 0


def test_the_named_line_makes_the_field_and_a_loser_makes_no_byte(tmp_path: Path) -> None:
    project = shop(tmp_path, FILES)

    def made() -> str:
        run = project.weft("generate", "prod", "--stdout", "--no-validate")
        assert run.code == 0, run.err
        return run.out

    def edited(place: dict[str, Any], old: str, new: str) -> str:
        path = tmp_path / place["file"]
        lines = path.read_text().splitlines(keepends=True)
        assert old in lines[place["line"] - 1]
        changed = lines.copy()
        changed[place["line"] - 1] = changed[place["line"] - 1].replace(old, new)
        path.write_text("".join(changed))
        out = made()
        path.write_text("".join(lines))
        return out

    before = made()
    (item,) = explained(project, "prod", "Deployment/app", "spec.replicas")["behind"]
    won, lost = item["candidates"]
    assert (won["fate"], lost["fate"]) == ("won", "lost")
    assert edited(won, "3", "7") == before.replace("replicas: 3", "replicas: 7")
    assert edited(lost, "1", "7") == before


HELM_LISTS = {
    "app/component.yaml": "type: helm\npath: ./helm\nconfig:\n  own: [{name: mine}]\n  flat: 5\n",
    "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
    "app/helm/values.yaml": "size: 1\nhosts:\n- name: a\n  port: 80\n- name: b\n"
    "nested: [{ports: [[1, 2], [3]]}]\nown:\n- name: theirs\n- name: more\nflat: {list: [x]}\n",
    "app/helm/templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    "data:\n  size: s{{ .Values.size }}\n  host: {{ (index .Values.hosts 1).name }}\n"
    "  all: {{ range .Values.hosts }}{{ .name }}{{ end }}\n"
    "  port: p{{ index (index .Values.nested 0).ports 0 1 }}\n"
    "  own: {{ (index .Values.own 0).name }}\n  flat: {{ .Values.flat | quote }}\n",
}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("size", [("value", "size", "app/helm/values.yaml:1")]),
        ("host", [("value", "hosts[1].name", "app/helm/values.yaml:5")]),
        (
            "all",
            [
                ("value", "hosts[0].name", "app/helm/values.yaml:3"),
                ("value", "hosts[1].name", "app/helm/values.yaml:5"),
            ],
        ),
        ("port", [("value", "nested[0].ports[0][1]", "app/helm/values.yaml:6")]),
        ("own", [("value", "own[0].name", "app/component.yaml:4")]),
        ("flat", [("value", "flat", "app/component.yaml:5")]),
    ],
)
def test_lists_of_a_helm_charts_defaults_are_behind_fields(
    tmp_path: Path, field: str, expected: list[tuple[str, str, str]]
) -> None:
    found = explained(shop(tmp_path, HELM_LISTS), "prod", "ConfigMap/x", f"data.{field}")
    assert behind(found) == expected
