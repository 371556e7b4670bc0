"""A run for one component writes what a full run would write there, and refuses what it would refuse."""

from __future__ import annotations

from pathlib import Path

from tests.project_tree import Project
from tests.routing.service import FILES
from tests.shop import generated, shop

PODS = FILES["pods/templates/deployment.yaml.j2"]


def service(root: Path) -> Project:
    project = shop(root, FILES)
    generated(project)
    return project


def test_a_deployment_brings_its_service_with_it(tmp_path: Path) -> None:
    project = service(tmp_path)
    project.write(
        {
            "pods/templates/deployment.yaml.j2": PODS.replace(
                "version: {{ component", "version: v-{{ component"
            )
        }
    )
    generated(project, "prod", "--component", "app/canary")
    part = project.tree()
    assert b"v-canary" in part["prod/app/app.yaml"]
    generated(project)
    assert project.tree() == part


def test_what_the_service_refuses_is_refused(tmp_path: Path) -> None:
    project = service(tmp_path)
    before = project.tree()
    project.write(
        {
            "pods/templates/deployment.yaml.j2": PODS.replace(
                "labels: {app: app, version:", "labels: {app: app, v:"
            )
        }
    )
    run = project.generate("prod", "--component", "app/canary")
    assert run.code == 3
    assert "have no `version` label" in run.err
    assert project.tree() == before


def test_an_object_that_another_file_holds_is_a_duplicate(tmp_path: Path) -> None:
    root = "subcomponents:\n  - {name: a, type: static, path: a}\n  - {name: b, type: static, path: b}\n"
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    project = shop(
        tmp_path, {"component.yaml": root, "a/x.yaml": manifest % "one", "b/x.yaml": manifest % "two"}
    )
    generated(project)
    project.write({"b/x.yaml": manifest % "one"})
    run = project.generate("prod", "--component", "b")
    assert run.code == 3
    assert "ConfigMap one is there twice" in run.err
    assert "generated/prod/a/a.yaml" in run.err
    assert "b/x.yaml" in run.err


def test_a_component_that_is_disabled_loses_its_files(tmp_path: Path) -> None:
    project = service(tmp_path)
    project.write({"config/prod.yaml": "subcomponents:\n  app:\n    disabled: true\n"})
    generated(project, "prod", "--component", "app")
    assert sorted(project.tree()) == ["prod/inventory.json", "prod/kustomization.yaml"]


def test_a_component_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    run = service(tmp_path).generate("prod", "--component", "app/canry")
    assert run.code == 2
    assert "there is no component `app/canry`\n  hint: did you mean 'app/canary'?" in run.err
