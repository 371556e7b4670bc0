"""The worked example: what the checkout's own definition makes, and the founding text's uncorrected shape."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project_tree import ROOT, Project, read_tree

INPUTS = ("component.yaml", "services", "environments", "service-chart", "infrastructure")
SERVICE = "services/simple-service"


@pytest.fixture
def example(tmp_path: Path) -> Project:
    """A copy of the definition, without its output."""
    for name in INPUTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    return Project(tmp_path)


def objects(project: Project, path: str) -> dict[tuple[str, str], Any]:
    found = yaml.safe_load_all(project.tree()[path])
    return {(item["kind"], item["metadata"]["name"]): item for item in found}


def test_generate_makes_what_is_committed_byte_for_byte(example: Project) -> None:
    run = example.generate("prod-east", "prod-west")
    assert run.code == 0, run.err
    committed = read_tree(ROOT / "generated")
    assert example.tree() == {path: text for path, text in committed.items() if not path.startswith(".")}


def test_two_passes_make_what_one_does_and_leave_each_other_alone(example: Project) -> None:
    assert example.generate("prod-east").code == 0
    first = example.tree()
    assert example.generate("prod-west").code == 0
    both = example.tree()
    assert {path: text for path, text in both.items() if path.startswith("prod-east/")} == first
    assert both == read_tree(ROOT / "generated")


def test_the_clusters_differ_in_the_storage_account_and_the_digest_that_follows() -> None:
    run = subprocess.run(
        ["diff", "-r", "generated/prod-east", "generated/prod-west"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    lines = [line for line in run.stdout.splitlines() if line.startswith(("<", ">", "Only", "Binary"))]
    accounts = [line.split() for line in lines if "checksum/config" not in line]
    assert accounts == [["<", "STORAGE_ACCOUNT:", "east-storage"], [">", "STORAGE_ACCOUNT:", "west-storage"]]
    digests = [line.split()[-1] for line in lines if "checksum/config" in line]
    # One for each deployment on each side; the deployments of a cluster share one config.
    assert len(digests) == 4
    assert len(set(digests)) == 2


def test_the_output_has_the_folders_that_the_founding_text_shows() -> None:
    folders = {
        str(path.relative_to(ROOT / "generated")) for path in (ROOT / "generated").rglob("*") if path.is_dir()
    }
    for cluster in ("prod-east", "prod-west"):
        assert {
            f"{cluster}/elasticsearch-fluentd-kibana",
            f"{cluster}/prometheus-grafana",
            f"{cluster}/{SERVICE}/canary",
            f"{cluster}/{SERVICE}/stable",
        } <= folders


@pytest.mark.parametrize("cluster", ["prod-east", "prod-west"])
@pytest.mark.parametrize("program", [("kustomize", "build"), ("kubectl", "kustomize")])
def test_the_output_builds_with_what_flux_uses(cluster: str, program: tuple[str, str]) -> None:
    if program[0] == "kubectl" and shutil.which("kubectl") is None:
        program = ("kustomize", "build")
    run = subprocess.run(
        [*program, f"generated/{cluster}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    built = list(yaml.safe_load_all(run.stdout))
    written = [
        item
        for path, text in read_tree(ROOT / "generated" / cluster).items()
        if path.endswith(".yaml") and path != "kustomization.yaml"
        for item in yaml.safe_load_all(text)
    ]

    def identities(items: list[Any]) -> list[tuple[str, str, str]]:
        return sorted(
            (item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]) for item in items
        )

    assert identities(built) == identities(written)


def test_the_service_has_two_deployments_one_config_and_a_split(example: Project) -> None:
    assert example.generate("--all").code == 0
    shared = objects(example, f"prod-east/{SERVICE}/simple-service.yaml")
    assert sorted(kind for kind, _ in shared) == ["ConfigMap", "DestinationRule", "Service", "VirtualService"]
    assert shared["ConfigMap", "simple-service"]["data"]["STORAGE_ACCOUNT"] == "east-storage"
    route = shared["VirtualService", "simple-service"]["spec"]["http"][0]["route"]
    assert [(entry["destination"]["subset"], entry["weight"]) for entry in route] == [
        ("stable", 90),
        ("canary", 10),
    ]
    selector = shared["Service", "simple-service"]["spec"]["selector"]
    replicas = {}
    for name in ("stable", "canary"):
        deployment = objects(example, f"prod-east/{SERVICE}/{name}/{name}.yaml")[
            "Deployment", f"simple-service-{name}"
        ]
        spec = deployment["spec"]
        labels = spec["template"]["metadata"]["labels"]
        assert deployment["apiVersion"] == "apps/v1"
        assert spec["selector"]["matchLabels"].items() <= labels.items()
        assert selector.items() <= labels.items()
        assert labels["version"] == name
        replicas[name] = spec["replicas"]
    assert replicas == {"stable": 3, "canary": 1}
    namespace = objects(example, "prod-east/services/services.yaml")["Namespace", "services"]
    assert namespace["metadata"]["labels"]["istio-injection"] == "enabled"


def test_a_config_change_of_one_cluster_rolls_the_pods_of_that_one_alone(example: Project) -> None:
    assert example.generate("--all").code == 0
    before = example.tree()
    config = example.root / SERVICE / "config" / "prod-west.yaml"
    config.write_text(config.read_text().replace("west-storage", "west-storage-2"))
    assert example.generate("--all").code == 0
    changed = {path for path, text in example.tree().items() if before.get(path) != text}
    assert changed == {
        f"prod-west/{SERVICE}/simple-service.yaml",
        f"prod-west/{SERVICE}/canary/canary.yaml",
        f"prod-west/{SERVICE}/stable/stable.yaml",
    }


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ service.name }}
spec:
  replicas: {{ values.replicas }}
  selector: {matchLabels: {app: {{ service.name }}}}
  template:
    metadata: {labels: {app: {{ service.name }}, version: {{ component.name }}}}
    spec: {containers: [{name: app, image: "example.com/app:1"}]}
"""
PROTOTYPE = {
    "component.yaml": "subcomponents:\n  - {name: services, source: ./services}\n",
    "services/component.yaml": "subcomponents:\n  - source: ./*\n",
    f"{SERVICE}/component.yaml": """\
type: static
path: ./manifests
routing: {split: {stable: 90, canary: 10}}
subcomponents:
  - {name: stable, type: jinja, path: ../../service-chart, config: {replicas: 3}}
  - {name: canary, type: jinja, path: ../../service-chart, config: {replicas: 1}}
""",
    f"{SERVICE}/manifests/service.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: simple-service}
spec: {selector: {app: simple-service}, ports: [{port: 80}]}
""",
    "service-chart/chart.yaml": "name: service-chart\n",
    "service-chart/templates/deployment.yaml.j2": DEPLOYMENT,
    "environments/prod-east.yaml": "",
}


def test_the_uncorrected_prototype_is_refused_as_a_duplicate_that_names_both(tmp_path: Path) -> None:
    project = Project(tmp_path).write({**PROTOTYPE, "generated/prod-east/old": "old"})
    run = project.generate("prod-east")
    assert run.code == 3
    assert "[duplicate-object]" in run.err
    assert "Deployment.apps simple-service is there twice" in run.err
    for name in ("stable", "canary"):
        assert f"{SERVICE}/{name}/{name}.yaml" in run.err
    assert "service-chart/templates/deployment.yaml.j2" in run.err
    assert project.tree() == {"prod-east/old": b"old"}


def test_the_prototype_without_its_service_is_refused_by_its_routing(tmp_path: Path) -> None:
    files = dict(PROTOTYPE)
    files[f"{SERVICE}/manifests/service.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
    project = Project(tmp_path).write(files)
    run = project.generate("prod-east")
    assert run.code == 3
    assert f"{SERVICE}/component.yaml:3:11: there is no Service `simple-service`" in run.err


def test_the_committed_output_is_marked_as_generated() -> None:
    assert "generated/** linguist-generated" in (ROOT / ".gitattributes").read_text().splitlines()
