"""KubeVela's text: staging has one replica and no worker, prod three and the worker; clusters come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.docs.pages import blocks
from tests.project_tree import read_tree
from tests.scenarios.founding import SCENARIOS, Scenario

SERVER, WORKER = "example-app/hello-world-server", "example-app/data-worker"


@pytest.fixture
def kubevela(tmp_path: Path) -> Scenario:
    """Both clusters joined, and configured as the page says."""
    scenario = Scenario(tmp_path, "kubevela")
    scenario.weft(
        "cluster", "join", "stage-cluster.kubeconfig", "--name", "cluster-staging", "--label", "env=staging"
    )
    scenario.weft(
        "cluster", "join", "prod-cluster.kubeconfig", "--name", "cluster-prod", "--label", "env=prod"
    )
    return scenario


def configured(scenario: Scenario) -> None:
    page = SCENARIOS / "kubevela" / "README.md"
    scenario.project.write(
        {block.attributes["file"]: block.text for block in blocks(page) if "file" in block.attributes}
    )
    scenario.commit()


def test_clusters_join_by_kubeconfig_and_nothing_secret_comes_along(kubevela: Scenario) -> None:
    listed = kubevela.weft("cluster", "list").out.splitlines()
    assert [line.split() for line in listed] == [
        ["CLUSTER", "TYPE", "ENDPOINT", "LABELS"],
        ["cluster-prod", "kubernetes", "https://47.88.4.97:6443", "env=prod"],
        ["cluster-staging", "kubernetes", "https://47.88.7.230:6443", "env=staging"],
    ]
    assert len(kubevela.weft("cluster", "list", "-l", "env=prod").out.splitlines()) == 2
    for path, text in read_tree(kubevela.project.root / "environments").items():
        assert b"of-nobody" not in text, path
        assert b"deployer" not in text, path


def test_a_cluster_is_named_after_its_context_s_cluster(tmp_path: Path) -> None:
    scenario = Scenario(tmp_path, "kubevela")
    scenario.weft("cluster", "join", "prod-cluster.kubeconfig")
    scenario.weft("cluster", "join", "prod-cluster.kubeconfig")
    assert sorted(read_tree(scenario.project.root / "environments")) == ["common.yaml", "prod-cluster.yaml"]


def test_the_page_configures_the_clusters_as_they_joined(kubevela: Scenario) -> None:
    folder = kubevela.project.root / "environments"
    joined = {path.name: yaml.safe_load(path.read_text()) for path in folder.glob("cluster-*.yaml")}
    configured(kubevela)
    for path in folder.glob("cluster-*.yaml"):
        said = yaml.safe_load(path.read_text())
        assert {key: said[key] for key in joined[path.name]} == joined[path.name]


def test_staging_has_one_replica_and_no_worker_and_prod_three_and_the_worker(kubevela: Scenario) -> None:
    configured(kubevela)
    kubevela.weft("generate", "--all")
    assert kubevela.replicas("hello-world-server") == {"cluster-prod": 3, "cluster-staging": 1}
    assert kubevela.replicas("data-worker") == {"cluster-prod": 1}
    container = kubevela.objects("cluster-prod")["Deployment", "data-worker"]["spec"]["template"]["spec"][
        "containers"
    ][0]
    assert container == {"name": "data-worker", "image": "busybox", "command": ["sleep", "1000000"]}


def test_an_empty_selection_selects_nothing(kubevela: Scenario) -> None:
    configured(kubevela)
    path = kubevela.project.root / "environments/cluster-staging.yaml"
    path.write_text(path.read_text().replace("[hello-world-server]", "[]"))
    kubevela.weft("generate", "--all")
    assert kubevela.objects("cluster-staging") == {}


def test_a_cluster_in_use_cannot_be_detached_until_it_is_withdrawn_and_published(kubevela: Scenario) -> None:
    configured(kubevela)
    kubevela.weft("publish", "--all")
    heads = {name: kubevela.head(f"environment/cluster-{name}") for name in ("prod", "staging")}
    kubevela.weft("publish", "--all")
    assert heads == {name: kubevela.head(f"environment/cluster-{name}") for name in heads}, (
        "a run without changes"
    )
    run = kubevela.weft("cluster", "detach", "cluster-prod", code=3)
    assert f"still placed on `cluster-prod`: {SERVER}, {WORKER}" in run.err
    kubevela.weft("withdraw", "example-app", "--cluster", "cluster-prod")
    run = kubevela.weft("cluster", "detach", "cluster-prod", code=3)
    assert "still published to environment/cluster-prod" in run.err
    assert "still placed" not in run.err
    kubevela.commit()
    kubevela.weft("publish", "--all")
    assert kubevela.head("environment/cluster-staging") == heads["staging"]
    prod = kubevela.published("environment/cluster-prod")
    assert sorted(prod) == ["inventory.json", "kustomization.yaml"]
    kubevela.weft("cluster", "detach", "cluster-prod")
    kubevela.weft("cluster", "detach", "cluster-prod")
    assert "cluster-prod" not in kubevela.weft("cluster", "list").out
