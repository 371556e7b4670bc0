"""Liqo's tutorial: one identical application on each destination, the origin without a workload."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import read_tree
from tests.scenarios.founding import Scenario

APP = ("Deployment", "liqo-demo-app")
NAMESPACE = ("Namespace", "liqo-demo")
SPLIT = ("{each: 1}", "{split: 5, maxSkew: 1}")


@pytest.fixture
def liqo(tmp_path: Path) -> Scenario:
    return Scenario(tmp_path, "liqo")


def edited(liqo: Scenario, old: str, new: str, file: str = "component.yaml") -> None:
    path = liqo.project.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_each_destination_has_one_replica_and_the_origin_no_workload(liqo: Scenario) -> None:
    liqo.weft("generate", "--all")
    assert liqo.replicas("liqo-demo-app") == {"europe-milan-edge": 1, "europe-rome-edge": 1}
    assert list(liqo.objects("europe-cloud")) == [("Service", "liqo-demo-app"), NAMESPACE]
    generated = liqo.project.generated
    assert read_tree(generated / "europe-rome-edge") == read_tree(generated / "europe-milan-edge")
    for item in liqo.objects("europe-rome-edge").values():
        assert item["metadata"].get("namespace", "liqo-demo") == "liqo-demo"


def test_without_an_origin_the_others_have_neither_the_namespace_nor_the_objects(liqo: Scenario) -> None:
    edited(liqo, "      pods: remote\n      origin: europe-cloud\n", "")
    liqo.weft("generate", "--all")
    assert liqo.objects("europe-cloud") == {}
    assert set(liqo.objects("europe-rome-edge")) == {APP, NAMESPACE, ("Service", "liqo-demo-app")}


def test_five_replicas_are_three_and_two_on_every_run(liqo: Scenario) -> None:
    edited(liqo, *SPLIT)
    liqo.weft("generate", "--all")
    first = read_tree(liqo.project.generated)
    assert sorted(liqo.replicas("liqo-demo-app").values()) == [2, 3]
    liqo.weft("generate", "--all", "--no-cache")
    assert read_tree(liqo.project.generated) == first


def test_a_third_destination_joins_by_its_label_alone(liqo: Scenario) -> None:
    edited(liqo, *SPLIT)
    kubeconfig = """\
        apiVersion: v1
        kind: Config
        current-context: turin
        contexts: [{name: turin, context: {cluster: europe-turin-edge, user: admin}}]
        clusters: [{name: europe-turin-edge, cluster: {server: "https://172.18.0.5:6443"}}]
        users: [{name: admin, user: {token: turin-token}}]
        """
    liqo.project.write({"../kubeconfig": kubeconfig})
    liqo.weft("generate", "--all")
    before = liqo.replicas("liqo-demo-app")
    liqo.weft("cluster", "join", "../kubeconfig")
    liqo.weft("generate", "--all")
    assert liqo.replicas("liqo-demo-app") == before, "without the label it is no destination"
    liqo.weft("cluster", "label", "europe-turin-edge", "topology.liqo.io/type=destination")
    liqo.weft("generate", "--all")
    after = liqo.replicas("liqo-demo-app")
    assert sum(after.values()) == 5
    assert after["europe-turin-edge"] == 1
    assert sum(before[name] - after[name] for name in before) == 1
    assert all(after[name] <= before[name] for name in before)
    assert NAMESPACE in liqo.objects("europe-turin-edge")
    assert not [path for path, text in read_tree(liqo.project.root).items() if b"turin-token" in text]


def test_unoffload_then_unpeer(liqo: Scenario) -> None:
    edited(liqo, *SPLIT)
    liqo.weft("publish", "--all")
    assert len(liqo.published("main", "europe-rome-edge/")) == 4
    before = liqo.head("main")
    run = liqo.weft("cluster", "detach", "europe-rome-edge", code=3)
    assert "1 component is still placed on `europe-rome-edge`: liqo-demo" in run.err
    liqo.weft("withdraw", "--namespace", "liqo-demo", "--cluster", "europe-rome-edge")
    run = liqo.weft("cluster", "detach", "europe-rome-edge", code=3)
    assert "3 objects of 2 components are still published to europe-rome-edge on main" in run.err
    assert liqo.head("main") == before
    liqo.commit()
    liqo.weft("publish", "--all")
    assert not [
        text for text in liqo.published("main", "europe-rome-edge/").values() if "kind: Deploy" in text
    ]
    milan = "".join(liqo.published("main", "europe-milan-edge/").values())
    assert "replicas: 5" in milan, "the others take over what ran there"
    liqo.weft("cluster", "detach", "europe-rome-edge")
    assert not (liqo.project.root / "environments/europe-rome-edge.yaml").exists()
    after = liqo.head("main")
    for _ in range(2):
        liqo.weft("withdraw", "--namespace", "liqo-demo")
        liqo.weft("cluster", "detach", "europe-rome-edge")
    liqo.commit()
    liqo.weft("publish", "--all")
    assert liqo.head("main") != after
    assert not [text for text in liqo.published("main").values() if "kind: Namespace" in text]
