"""PipeCD RFC 0014, cases 1 and 2: one microservice in two clusters, the same or patched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.project_tree import read_tree
from tests.scenarios.founding import SCENARIOS, Scenario

APP = ("Deployment", "microservice-a")
PRD = "microservice-a/prd"


@pytest.fixture
def pipecd(tmp_path: Path) -> Scenario:
    return Scenario(tmp_path, "pipecd")


def patched(scenario: Scenario) -> None:
    """Case 2, as the page writes it."""
    page = SCENARIOS / "pipecd" / "README.md"
    scenario.project.write(
        {block.attributes["file"]: block.text for block in blocks(page) if "file" in block.attributes}
    )
    scenario.commit()


def test_the_tree_is_that_of_the_text(pipecd: Scenario) -> None:
    tree = {path for path in read_tree(pipecd.project.root / PRD) if not path.startswith("config/")}
    assert tree == {
        "component.yaml",
        "base/deployment.yaml",
        "base/kustomization.yaml",
        "base/service.yaml",
        "cluster-hoge/kustomization.yaml",
        "cluster-fuga/kustomization.yaml",
        "kustomization.yaml",
    }


def test_case_1_gives_both_clusters_the_same_manifests(pipecd: Scenario) -> None:
    pipecd.weft("generate", "--all")
    generated = pipecd.project.generated
    assert read_tree(generated / "cluster-hoge") == read_tree(generated / "cluster-fuga")
    assert set(pipecd.objects("cluster-hoge")) == {APP, ("Service", "microservice-a")}
    pipecd.weft("publish", "--all")
    hoge, fuga = (pipecd.published("main", f"cluster-{name}/") for name in ("hoge", "fuga"))
    assert list(hoge.values()) == list(fuga.values())


def test_case_2_patches_each_cluster_by_kustomize_or_by_weft(pipecd: Scenario) -> None:
    patched(pipecd)
    pipecd.weft("generate", "--all")
    hoge, fuga = (pipecd.objects(f"cluster-{name}")[APP]["spec"] for name in ("hoge", "fuga"))
    assert (hoge["replicas"], fuga["replicas"]) == (3, 2)
    ours, theirs = (spec["template"]["spec"]["containers"][0] for spec in (hoge, fuga))
    assert ours["image"] == "registry.example.com/microservice-a:v1.0.0"
    assert theirs["image"] == "registry.example.com/microservice-a:v1.1.0"
    assert theirs["resources"] == {"requests": {"memory": "256Mi"}}
    assert theirs["ports"] == ours["ports"], "a patch names what it changes, and the rest stays"


def test_a_missing_folder_fails_that_target_alone(pipecd: Scenario) -> None:
    patched(pipecd)
    pipecd.weft("generate", "--all")
    pipecd.weft("publish", "--all")
    fuga = read_tree(pipecd.project.generated / "cluster-fuga")
    before = pipecd.published("main", "cluster-fuga/")
    shutil.rmtree(pipecd.project.root / PRD / "cluster-fuga")
    overlay = pipecd.project.root / PRD / "cluster-hoge/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("value: 3", "value: 4"))
    pipecd.commit()
    run = pipecd.weft("generate", "--all", code=3)
    assert f"error: {PRD}/config/cluster-fuga.yaml:1:1: there is no folder {PRD}/cluster-fuga" in run.err
    assert read_tree(pipecd.project.generated / "cluster-fuga") == fuga
    assert pipecd.replicas("microservice-a") == {"cluster-fuga": 2, "cluster-hoge": 4}
    pipecd.weft("publish", "--all", code=3)
    assert pipecd.published("main", "cluster-fuga/") == before
    assert "replicas: 4" in "".join(pipecd.published("main", "cluster-hoge/").values())


def test_another_cluster_is_no_target_unless_it_is_labelled(pipecd: Scenario) -> None:
    pipecd.project.write({"environments/cluster-piyo.yaml": "labels: {env: dev}\n"})
    pipecd.weft("generate", "--all")
    assert pipecd.objects("cluster-piyo") == {}
    pipecd.weft("cluster", "label", "cluster-piyo", "env=prd")
    pipecd.weft("generate", "--all")
    assert pipecd.objects("cluster-piyo") == pipecd.objects("cluster-hoge"), "without a folder it takes base"
