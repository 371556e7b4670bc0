"""Mappings of namespaces: what is renamed in an environment, and the Namespaces that weft makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.namespaces.app import DEFAULT, TREE, named, objects, project
from tests.project_tree import Project
from tests.shop import SHOP


def generated(root: Path, files: dict[str, str] | None = None, *args: str) -> Project:
    """The application after a run that must end well."""
    found = project(root, files)
    run = found.generate(*(args or ("--all",)))
    assert run.code == 0, run.err
    return found


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ("europe-cloud", "liqo-demo"),
        ("europe-rome-edge", DEFAULT),
        ("europe-milan-edge", "milan-destination"),
    ],
)
def test_everything_that_names_the_namespace_has_the_name_of_the_environment(
    tmp_path: Path, environment: str, name: str
) -> None:
    found = objects(generated(tmp_path), environment)
    spaces = {item["metadata"].get("namespace") for item in found if item["kind"] != "Namespace"}
    assert spaces == {name, "monitoring", None}
    assert named(found, "Service", "alias")["spec"]["externalName"] == f"web.{name}.svc.cluster.local"
    binding = named(found, "ClusterRoleBinding", "liqo-demo")
    assert binding["subjects"][0]["namespace"] == name
    assert binding["subjects"][1]["name"] == f"system:serviceaccounts:{name}"
    [source] = named(found, "NetworkPolicy", "web")["spec"]["ingress"][0]["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": name}
    [webhook] = named(found, "ValidatingWebhookConfiguration", "web")["webhooks"]
    service = {"name": "web", "namespace": name, "path": "/liqo-demo"}
    assert webhook["clientConfig"]["service"] == service
    # Of another component, in another namespace.
    route = named(found, "VirtualService", "web")["spec"]
    assert route["hosts"] == [f"web.{name}", "demo.example.com"]
    assert route["http"][0]["route"][0]["destination"]["host"] == f"web.{name}.svc.cluster.local"


def test_the_same_word_elsewhere_is_left_alone(tmp_path: Path) -> None:
    found = objects(generated(tmp_path), "europe-rome-edge")
    deployment = named(found, "Deployment", "web")
    assert deployment["metadata"]["labels"] == {"team": "liqo-demo"}
    assert deployment["spec"]["template"]["spec"]["containers"][0]["name"] == "liqo-demo"
    webhook = named(found, "ValidatingWebhookConfiguration", "web")["webhooks"][0]
    assert webhook["name"] == "web.liqo-demo.example"


def test_the_namespace_is_made_once_first_and_owned(tmp_path: Path) -> None:
    found = generated(tmp_path)
    folder = found.generated / "europe-rome-edge"
    order = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert order == ["namespaces/mapped.yaml", "monitor/monitor.yaml", "app/app.yaml"]
    assert yaml.safe_load((folder / "namespaces/mapped.yaml").read_text()) == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": DEFAULT, "annotations": {"weft.dev/mapped-from": "liqo-demo"}},
    }
    assert "namespaces/mapped.yaml" in json.loads((folder / "inventory.json").read_text())
    # The origin has it too, for `pods: remote` leaves it everything but the workload.
    kinds = [(item["kind"], item["metadata"]["name"]) for item in objects(found, "europe-cloud")]
    assert kinds.count(("Namespace", "liqo-demo")) == 1
    assert ("Deployment", "web") not in kinds


def test_an_origin_without_anything_but_the_workload_has_the_namespace(tmp_path: Path) -> None:
    only = TREE["app/all.yaml"].split("---\n")[2]
    monitor = TREE["monitor/all.yaml"].split("---\n")[0]
    found = generated(tmp_path, {"app/all.yaml": only, "monitor/all.yaml": monitor})
    kinds = [(item["kind"], item["metadata"]["name"]) for item in objects(found, "europe-cloud")]
    assert kinds == [("Namespace", "liqo-demo"), ("Namespace", "monitoring")]


def test_a_namespace_that_a_component_renders_is_renamed_and_not_made_again(tmp_path: Path) -> None:
    own = "apiVersion: v1\nkind: Namespace\nmetadata: {name: liqo-demo, labels: {%s: liqo-demo, a: b}}\n"
    text = own % "kubernetes.io/metadata.name"
    found = generated(tmp_path, {"app/ns.yaml": text})
    spaces = [item for item in objects(found, "europe-rome-edge") if item["kind"] == "Namespace"]
    assert [item["metadata"] for item in spaces if item["metadata"]["name"] != "monitoring"] == [
        {
            "name": DEFAULT,
            "labels": {"kubernetes.io/metadata.name": DEFAULT, "a": "b"},
            "annotations": {"weft.dev/mapped-from": "liqo-demo"},
        }
    ]
    assert not (found.generated / "europe-rome-edge/namespaces").exists()


def test_one_that_exists_outside_is_not_made(tmp_path: Path) -> None:
    root = TREE["component.yaml"] + f"external: [{{kind: Namespace, name: {DEFAULT}}}]\n"
    found = generated(tmp_path, {"component.yaml": root})
    assert not (found.generated / "europe-rome-edge/namespaces").exists()
    assert (found.generated / "europe-cloud/namespaces/mapped.yaml").exists()


def test_what_exists_outside_in_the_namespace_exists_under_its_new_name(tmp_path: Path) -> None:
    secret = "\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nsecrets: [{name: login}]\n"
    root = TREE["component.yaml"] + "external: [{kind: Secret, namespace: liqo-demo, name: login}]\n"
    found = project(tmp_path, {"app/all.yaml": TREE["app/all.yaml"] + secret, "component.yaml": root})
    run = found.generate("--all")
    assert run.code == 0
    assert "login" not in run.err


def test_charts_are_told_the_name_in_the_environment_and_patches_speak_of_the_definition(
    tmp_path: Path,
) -> None:
    template = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: {{ component.namespace }}}
data: {url: "http://web.{{ component.namespace }}.svc:8080"}
"""
    files = {
        "component.yaml": TREE["component.yaml"].replace(
            "type: static\n    path: ./app", "type: jinja\n    path: ./chart", 1
        ),
        "monitor/all.yaml": TREE["monitor/all.yaml"].split("---\n")[0],
        "chart/chart.yaml": "name: app\n",
        "chart/templates/a.yaml.j2": template,
        "environments/europe-rome-edge.yaml": """\
labels: {type: destination}
subcomponents:
  app:
    patches:
      - target: {kind: ConfigMap, namespace: liqo-demo}
        patch: [{op: add, path: /data/more, value: "yes"}]
""",
    }
    run = project(tmp_path, files).generate("europe-rome-edge")
    assert run.code == 0, run.err
    assert "unmapped-namespace" not in run.err
    item = named(objects(Project(tmp_path), "europe-rome-edge"), "ConfigMap", "settings")
    assert item["metadata"]["namespace"] == DEFAULT
    assert item["data"] == {"url": f"http://web.{DEFAULT}.svc:8080", "more": "yes"}


def test_routes_that_weft_makes_use_the_name_in_the_environment(tmp_path: Path) -> None:
    web = TREE["app/all.yaml"].split("---\n")
    files = {
        "component.yaml": "name: demo\nsubcomponents: [{name: shop, source: ./shop}]\n",
        "shop/component.yaml": """\
namespace: liqo-demo
namespaces: {liqo-demo: {mapping: selected, name: edge}}
routing: {service: web, hosts: [web.liqo-demo.svc.cluster.local], gateways: [liqo-demo/public]}
type: static
path: ./service
subcomponents:
  - {name: stable, type: static, path: ./stable}
""",
        "shop/config/common.yaml": "routing: {split: {stable: 100}}\n",
        "shop/service/web.yaml": web[0],
        "shop/stable/web.yaml": web[2],
        "environments/prod.yaml": "",
    }
    found = Project(tmp_path).write(files)
    run = found.generate("--all")
    assert run.code == 0, run.err
    made = {item["kind"]: item for item in objects(found, "prod")}
    assert {item["metadata"].get("namespace", "edge") for item in made.values()} == {"edge"}
    assert made["VirtualService"]["spec"]["hosts"] == ["web.edge.svc.cluster.local"]
    assert made["VirtualService"]["spec"]["gateways"] == ["edge/public"]
    assert made["Namespace"]["metadata"]["name"] == "edge"


def test_the_split_is_laid_into_a_route_that_names_the_namespace(tmp_path: Path) -> None:
    web = TREE["app/all.yaml"].split("---\n")
    route = TREE["monitor/all.yaml"].split("---\n")[1].replace("web.liqo-demo, ", "web.liqo-demo.svc, ")
    files = {
        "component.yaml": "name: demo\nsubcomponents: [{name: shop, source: ./shop}]\n",
        "shop/component.yaml": """\
namespace: liqo-demo
namespaces: {liqo-demo: {mapping: selected, name: edge}}
routing: {service: web, split: {stable: 100}}
type: static
path: ./service
subcomponents:
  - {name: stable, type: static, path: ./stable}
""",
        "shop/service/web.yaml": f"{web[0]}---\n{route}",
        "shop/stable/web.yaml": web[2],
        "environments/prod.yaml": "",
    }
    found = Project(tmp_path).write(files)
    run = found.generate("--all")
    assert run.code == 0, run.err
    [virtual] = [item for item in objects(found, "prod") if item["kind"] == "VirtualService"]
    [destination] = virtual["spec"]["http"][0]["route"]
    host = {"host": "web.edge.svc.cluster.local", "subset": "stable"}
    assert destination == {"destination": host, "weight": 100}


def test_a_run_of_a_part_keeps_the_namespaces_of_the_rest(tmp_path: Path) -> None:
    found = generated(tmp_path)
    before = found.tree()
    for part in ("app", "monitor"):
        run = found.generate("--all", "--component", part)
        assert run.code == 0, run.err
        assert found.tree() == before


@pytest.mark.parametrize("where", ["environments/prod.yaml", "config/prod.yaml", "config/common.yaml"])
def test_a_mapping_may_stand_in_every_file_that_speaks_for_the_environment(
    tmp_path: Path, where: str
) -> None:
    mapping = "namespaces: {mine: {mapping: selected, name: yours}}\n"
    files = {**SHOP, "app/component.yaml": "type: jinja\npath: ../chart\nnamespace: mine\n"}
    found = Project(tmp_path).write({**files, where: mapping})
    run = found.generate("prod")
    assert run.code == 0, run.err
    item = named(objects(found, "prod"), "ConfigMap", "app")
    assert item["metadata"]["namespace"] == "yours"


def test_the_stronger_word_on_a_namespace_replaces_the_weaker(tmp_path: Path) -> None:
    files = {
        **SHOP,
        "app/component.yaml": "type: jinja\npath: ../chart\nnamespace: mine\n"
        "namespaces: {mine: {mapping: selected, name: weakest}}\n",
        "config/common.yaml": "namespaces: {mine: {mapping: selected, name: weak}}\n",
        "environments/prod.yaml": "namespaces: {mine: {mapping: same}}\n",
        "environments/staging.yaml": "",
        "environments/test.yaml": "namespaces: {mine: null}\n",
    }
    found = Project(tmp_path).write(files)
    run = found.generate("--all")
    assert run.code == 0, run.err
    names = {
        environment: named(objects(found, environment), "ConfigMap", "app")["metadata"]["namespace"]
        for environment in ("prod", "staging", "test")
    }
    # Taken away at the root, the component's own word is left.
    assert names == {"prod": "mine", "staging": "weak", "test": "weakest"}


def test_with_a_kustomization_for_each_component_the_namespace_is_a_part_of_its_own(tmp_path: Path) -> None:
    deliver = "labels: {type: destination}\ndeliver: {flux: {split: component}}\n"
    publish = "publish: {repository: 'https://git.example.com/a.git', branch: main}\n"
    found = project(tmp_path, {"environments/europe-rome-edge.yaml": deliver + publish})
    run = found.weft("deliver", "flux", "europe-rome-edge")
    assert run.code == 0, run.err
    parts = [item for item in yaml.safe_load_all(run.out) if item["kind"] == "Kustomization"]
    waits = {item["spec"]["path"]: item["spec"].get("dependsOn") for item in parts}
    first = [{"name": "europe-rome-edge.namespaces"}]
    assert waits == {"./app": first, "./monitor": None, "./namespaces": None}


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: %s}
data: {word: liqo-demo}
"""
ALIAS = """\
apiVersion: v1
kind: Service
metadata: {name: alias-%s, namespace: liqo-demo}
spec: {type: ExternalName, externalName: web.liqo-demo.svc}
"""


def test_whatever_renders_an_object_its_namespace_is_mapped_alike(tmp_path: Path) -> None:
    kinds = ("static", "jinja", "helm", "kustomize")
    entries = [
        f"  - {{name: {kind}, type: {kind}, path: ./{kind}, namespace: liqo-demo}}\n" for kind in kinds
    ]
    both = {kind: CONFIG % kind + "---\n" + ALIAS % kind for kind in kinds}
    web = TREE["app/all.yaml"].split("---\n")
    files = {
        "component.yaml": "name: demo\nsubcomponents:\n" + "".join(entries),
        "environments/prod.yaml": "namespaces: {liqo-demo: {mapping: selected, name: edge}}\n",
        "static/all.yaml": f"{both['static']}---\n{web[0]}---\n{web[2]}",
        "jinja/chart.yaml": "name: a\n",
        "jinja/templates/a.yaml.j2": both["jinja"],
        "helm/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n",
        "helm/templates/a.yaml": both["helm"].replace("word:", "own: {{ .Release.Namespace }}, word:"),
        "kustomize/kustomization.yaml": "namespace: liqo-demo\nresources: [a.yaml]\n",
        "kustomize/a.yaml": both["kustomize"],
    }
    found = Project(tmp_path).write(files)
    run = found.generate("prod")
    assert run.code == 0, run.err
    items = objects(found, "prod")
    assert {item["metadata"].get("namespace", "edge") for item in items} == {"edge"}
    for kind in kinds:
        more = {"own": "edge"} if kind == "helm" else {}
        assert named(items, "ConfigMap", kind)["data"] == {**more, "word": "liqo-demo"}
        assert named(items, "Service", f"alias-{kind}")["spec"]["externalName"] == "web.edge.svc"


def test_equal_inputs_give_equal_bytes_whatever_else_is_generated(tmp_path: Path) -> None:
    found = generated(tmp_path / "a")
    other = generated(tmp_path / "b", None, "europe-rome-edge")
    rome = {path: text for path, text in found.tree().items() if path.startswith("europe-rome-edge/")}
    assert other.tree() == rome


def test_a_made_namespace_has_the_labels_of_every_object(tmp_path: Path) -> None:
    root = TREE["component.yaml"] + "labels: {team: shop}\nannotations: {contact: ada}\n"
    found = generated(tmp_path, {"component.yaml": root})
    assert named(objects(found, "europe-rome-edge"), "Namespace", DEFAULT)["metadata"] == {
        "name": DEFAULT,
        "labels": {"team": "shop"},
        "annotations": {"contact": "ada", "weft.dev/mapped-from": "liqo-demo"},
    }
    run = found.weft("explain", "europe-rome-edge", f"Namespace/{DEFAULT}", "metadata.labels.team")
    assert run.code == 0, run.err
    assert "component.yaml:14:10" in run.out


@pytest.mark.parametrize("where", ["environments/europe-cloud.yaml", "config/europe-cloud.yaml"])
def test_on_the_origin_only_its_own_file_gives_another_name(tmp_path: Path, where: str) -> None:
    everywhere = TREE["component.yaml"].replace("mapping: default", "mapping: selected, name: edge")
    found = generated(tmp_path / "a", {"component.yaml": everywhere})
    assert named(objects(found, "europe-cloud"), "Service", "web")["metadata"]["namespace"] == "liqo-demo"
    assert named(objects(found, "europe-rome-edge"), "Service", "web")["metadata"]["namespace"] == "edge"
    text = "subcomponents: {app: {namespaces: {liqo-demo: {mapping: selected, name: home}}}}\n"
    files = {"component.yaml": everywhere, where: TREE.get(where, "") + text}
    own = generated(tmp_path / "b", files)
    assert named(objects(own, "europe-cloud"), "Service", "web")["metadata"]["namespace"] == "home"
