"""What is laid over rendered objects: namespace, common labels and annotations, and their order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.model.document import Position
from generator.model.manifest import Manifest
from generator.overlay.fields import ordered
from tests.shop import documents, generated, refused, shop

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: plain}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: stated, namespace: other}
---
apiVersion: v1
kind: Namespace
metadata: {name: made}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: role}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wides.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Wide, plural: wides}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: narrows.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Narrow, plural: narrows}
  versions: [{name: v2, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: example.com/v1
kind: Wide
metadata: {name: wide}
---
apiVersion: example.com/v2
kind: Narrow
metadata: {name: narrow}
---
apiVersion: unknown.example.com/v1
kind: Wide
metadata: {name: unknown}
"""


def laid(tmp_path: Path, keys: str, manifests: str = OBJECTS) -> dict[str, Any]:
    """The metadata of each object by its name, laid over with `keys` of the component."""
    project = shop(
        tmp_path,
        {"app/component.yaml": f"type: static\npath: ./m\n{keys}", "app/m/all.yaml": manifests},
    )
    generated(project)
    return {item["metadata"]["name"]: item["metadata"] for item in documents(project, "prod/app/app.yaml")}


def test_the_namespace_goes_to_namespaced_kinds_that_state_none(tmp_path: Path) -> None:
    found = {name: data.get("namespace") for name, data in laid(tmp_path, "namespace: mine\n").items()}
    assert found == {
        "plain": "mine",
        "stated": "other",
        "made": None,
        "role": None,
        "wides.example.com": None,
        "narrows.example.com": None,
        "wide": None,
        "narrow": "mine",
        "unknown": "mine",
    }


def test_override_namespace_replaces_what_an_object_states_but_no_scope(tmp_path: Path) -> None:
    found = laid(tmp_path, "namespace: mine\noverrideNamespace: true\n")
    assert found["stated"]["namespace"] == "mine"
    assert [name for name, data in found.items() if "namespace" not in data] == [
        "made",
        "narrows.example.com",
        "wides.example.com",
        "role",
        "wide",
    ]


def test_without_a_namespace_objects_stay_as_they_are(tmp_path: Path) -> None:
    found = laid(tmp_path, "overrideNamespace: true\n")
    assert {name for name, data in found.items() if "namespace" in data} == {"stated"}


def test_a_crd_of_another_component_says_the_scope_too(tmp_path: Path) -> None:
    crd, wide = OBJECTS.split("---\n")[4], OBJECTS.split("---\n")[6]
    project = shop(
        tmp_path,
        {
            "component.yaml": "namespace: mine\nsubcomponents:\n"
            "  - {name: uses, type: static, path: ./uses}\n"
            "  - {name: defines, type: static, path: ./defines}\n",
            "uses/w.yaml": wide,
            "defines/crd.yaml": crd,
        },
    )
    generated(project)
    assert documents(project, "prod/uses/uses.yaml")[0]["metadata"] == {"name": "wide"}
    # Also where only a part is generated, and the CRD stands in what an earlier run wrote.
    generated(project, "prod", "--component", "uses")
    assert documents(project, "prod/uses/uses.yaml")[0]["metadata"] == {"name": "wide"}


def test_labels_and_annotations_go_to_every_object_and_keep_what_is_there(tmp_path: Path) -> None:
    keys = "labels: {team: a, app: laid}\nannotations: {note: text}\n"
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {app: own, own: o}}\n---\n" + OBJECTS
    found = laid(tmp_path, keys, text)
    assert found["x"] == {
        "name": "x",
        "labels": {"app": "laid", "own": "o", "team": "a"},
        "annotations": {"note": "text"},
    }
    assert all(data["annotations"] == {"note": "text"} for data in found.values())


def test_labels_accumulate_over_levels_and_files_and_the_parent_wins(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": "labels: {a: root, top: root}\nsubcomponents:\n"
            "  - {name: app, source: ./app, labels: {a: reference, b: reference}}\n",
            "app/component.yaml": "type: static\npath: ./m\nlabels: {a: file, b: file, c: file, d: file}\n",
            "app/m/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
            "app/config/prod.yaml": "labels: {c: config, d: null}\n",
        },
    )
    generated(project)
    assert documents(project, "prod/app/app.yaml")[0]["metadata"]["labels"] == {
        "a": "root",
        "b": "reference",
        "c": "config",
        "top": "root",
    }


def test_labels_of_an_environment_are_not_laid_on_objects(tmp_path: Path) -> None:
    assert laid(tmp_path, "")["plain"] == {"name": "plain"}


def test_selectors_and_pods_are_left_alone(tmp_path: Path) -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {matchLabels: {app: d}}
  template: {metadata: {labels: {app: d}}, spec: {containers: [{name: app, image: app}]}}
"""
    project = shop(
        tmp_path,
        {"app/component.yaml": "type: static\npath: ./m\nlabels: {app: x}\n", "app/m/d.yaml": text},
    )
    generated(project)
    assert documents(project, "prod/app/app.yaml")[0]["spec"] == yaml.safe_load(text)["spec"]


@pytest.mark.parametrize("labels", ["text", "[a]"])
def test_labels_of_an_odd_shape_are_refused(tmp_path: Path, labels: str) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, labels: {labels}}}\n"
    files = {"app/component.yaml": "type: static\npath: ./m\n", "app/m/all.yaml": text}
    refused(tmp_path, files, "app/m/all.yaml:1:1: `metadata.labels` of ConfigMap is", "expected a map")


def test_labels_of_null_are_none(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: null}\n"
    assert laid(tmp_path, "labels: {a: b}\n", text)["x"]["labels"] == {"a": "b"}


def test_objects_of_one_identity_are_refused_and_both_named(tmp_path: Path) -> None:
    text = "apiVersion: %s\nkind: Deployment\nmetadata: {name: x, namespace: %s}\n"
    refused(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./m\nnamespace: mine\noverrideNamespace: true\n",
            "app/m/a.yaml": text % ("apps/v1", "one"),
            "app/m/b.yaml": text % ("apps/v1beta1", "two"),
        },
        "app/m/b.yaml:1:1",
        "Deployment.apps mine/x is there twice",
        "app/m/a.yaml:1:1",
        "[duplicate-object]",
    )


def test_the_same_name_in_another_namespace_or_group_is_another_object(tmp_path: Path) -> None:
    text = "apiVersion: %s\nkind: %s\nmetadata: {name: x, namespace: %s}\n---\n"
    laid(
        tmp_path,
        "",
        text % ("v1", "Service", "a")
        + text % ("v1", "Service", "b")
        + text % ("serving.knative.dev/v1", "Service", "a")
        + text % ("v1", "ConfigMap", "a"),
    )


def test_one_cluster_scoped_object_with_two_namespaces_is_one(tmp_path: Path) -> None:
    text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x, namespace: %s}\n"
    refused(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./m\n",
            "app/m/a.yaml": text % "a",
            "app/m/b.yaml": text % "b",
        },
        "[duplicate-object]",
    )


def test_generate_name_makes_no_duplicate(tmp_path: Path) -> None:
    text = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: x-}\nspec:\n  template:\n    "
    text += "spec: {restartPolicy: Never, containers: [{name: app, image: app}]}\n"
    project = shop(
        tmp_path, {"app/component.yaml": "type: static\npath: ./m\n", "app/m/a.yaml": f"{text}---\n{text}"}
    )
    generated(project)
    assert len(documents(project, "prod/app/app.yaml")) == 2


def test_no_validate_lets_a_duplicate_pass(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    project = shop(
        tmp_path, {"app/component.yaml": "type: static\npath: ./m\n", "app/m/a.yaml": f"{text}---\n{text}"}
    )
    generated(project, "prod", "--no-validate")


KINDS = st.sampled_from(
    ["Namespace", "CustomResourceDefinition", "Service", "Deployment", "ConfigMap", "Odd"]
)
ITEMS = st.tuples(
    st.sampled_from(["v1", "apps/v1", "a.io/v1"]), KINDS, st.sampled_from("ab"), st.sampled_from("xy")
)


@given(st.lists(ITEMS, unique=True, max_size=12), st.randoms(use_true_random=False))
def test_the_order_is_total(items: list[tuple[str, str, str, str]], chance: random.Random) -> None:
    objects = [
        Manifest(
            {"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace, "name": name}},
            Position("a.yaml"),
            "app",
        )
        for version, kind, namespace, name in items
    ]
    shuffled = chance.sample(objects, len(objects))
    found = [item.data for item in ordered(objects)]
    assert found == [item.data for item in ordered(shuffled)]
    first = {"Namespace": 0, "CustomResourceDefinition": 1}
    ranks = [first.get(str(item["kind"]), 2) for item in found]
    assert ranks == sorted(ranks)
