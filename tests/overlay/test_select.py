"""`select`: which subcomponents an environment has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project, Run
from tests.shop import documents

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\n"

# KubeVela's example: staging lacks the worker, prod has it.
FILES = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: example-app, source: ./app}]\n",
    "app/component.yaml": "subcomponents: [{source: './*'}, {name: extra, type: static, path: extra}]\n",
    "app/hello-world-server/component.yaml": "type: static\npath: manifests\n",
    "app/hello-world-server/manifests/map.yaml": MAP.format(name="server"),
    "app/data-worker/component.yaml": "type: static\npath: manifests\n",
    "app/data-worker/manifests/map.yaml": MAP.format(name="worker"),
    "app/extra/map.yaml": MAP.format(name="extra"),
    "app/config/staging.yaml": "select: [hello-world-server]\n",
    "environments/staging.yaml": "{}\n",
    "environments/prod.yaml": "{}\n",
}


def _run(tmp_path: Path, files: dict[str, str], *args: str) -> tuple[Project, Run]:
    project = Project(tmp_path).write({**FILES, **files})
    return project, project.generate(*(args or ("--all",)))


def _components(project: Project, environment: str) -> list[str]:
    (kustomization,) = documents(project, f"{environment}/kustomization.yaml")
    return [path.split("/")[-2] for path in kustomization["resources"]]


def test_an_environment_has_what_it_selects_and_the_others_all(tmp_path: Path) -> None:
    project, run = _run(tmp_path, {})

    assert run.code == 0, run.err
    assert _components(project, "staging") == ["hello-world-server"]
    assert _components(project, "prod") == ["data-worker", "extra", "hello-world-server"]


def test_the_stronger_file_replaces_the_weaker_and_null_takes_it_away(tmp_path: Path) -> None:
    project, run = _run(
        tmp_path,
        {
            "app/config/common.yaml": "select: [data-worker]\n",
            "app/config/prod.yaml": "select: null\n",
            "environments/none.yaml": "subcomponents: {example-app: {select: []}}\n",
            "environments/one.yaml": "subcomponents: {example-app: {select: [extra]}}\n",
            "environments/other.yaml": "{}\n",
        },
    )

    assert run.code == 0, run.err
    assert _components(project, "prod") == ["data-worker", "extra", "hello-world-server"]
    assert _components(project, "none") == []
    assert _components(project, "one") == ["extra"]
    assert _components(project, "other") == ["data-worker"]


def test_selecting_enables_nothing(tmp_path: Path) -> None:
    project, run = _run(
        tmp_path,
        {"app/config/staging.yaml": "select: [extra]\nsubcomponents: {extra: {disabled: true}}\n"},
    )

    assert run.code == 0, run.err
    assert _components(project, "staging") == []


def test_a_reference_may_select_for_every_environment(tmp_path: Path) -> None:
    project, run = _run(
        tmp_path,
        {
            "component.yaml": "name: fleet\n"
            "subcomponents: [{name: example-app, source: ./app, select: [extra]}]\n"
        },
    )

    assert run.code == 0, run.err
    # A file in config/ is stronger.
    assert (_components(project, "staging"), _components(project, "prod")) == (
        ["hello-world-server"],
        ["extra"],
    )


def test_a_deployment_that_is_not_selected_carries_no_weight(tmp_path: Path) -> None:
    routed = "routing: {service: web, split: {hello-world-server: 50, extra: 50}}\n"
    _, run = _run(tmp_path, {"app/config/common.yaml": routed}, "staging")

    assert run.code == 3
    assert (
        "app/config/common.yaml:1:57: `extra` has weight 50, but it is disabled here, not selected" in run.err
    )


def test_explain_names_what_selects_and_works_below_it(tmp_path: Path) -> None:
    project, _ = _run(tmp_path, {"app/hello-world-server/config/common.yaml": "labels: {a: b}\n"})

    key = project.weft("explain", "staging", "example-app", "select")
    field = project.weft("explain", "staging", "ConfigMap/server", "metadata.labels.a")
    left_out = project.weft("explain", "staging", "example-app/data-worker")

    assert (key.code, field.code, left_out.code) == (0, 0, 0), key.err + field.err + left_out.err
    assert "won  app/config/staging.yaml:1:1" in key.out
    assert "from app/hello-world-server/config/common.yaml:1:10" in field.out
    assert left_out.out.startswith("# example-app/data-worker in staging, where it is left out\n")
    assert "note: it is not selected here, at app/config/staging.yaml:1:1" in left_out.err


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("[hello-world-sever]", "app/config/staging.yaml:1:10: `example-app` has no subcomponent "
         "`hello-world-sever` to select (environment staging)\n  hint: did you mean 'hello-world-server'?"),
        ("[extra, extra]", "app/config/staging.yaml:1:17: `extra` is selected twice (environment staging)"),
        ("extra", "app/config/staging.yaml:1:1: `select` is \"extra\", expected a list"),
        ("[{name: extra}]", "staging.yaml:1:10: `select[0]` is {\"name\": \"extra\"}, expected a string"),
    ],
)  # fmt: skip
def test_what_selects_nothing_that_is_there_is_refused(tmp_path: Path, said: str, message: str) -> None:
    project, run = _run(tmp_path, {"app/config/staging.yaml": f"select: {said}\n"})

    assert (run.code, message in run.err) == (3, True), run.err
    assert {path.partition("/")[0] for path in project.tree()} == {"prod"}


@pytest.mark.parametrize("said", ["[]", "[map]"])
def test_a_component_without_subcomponents_has_none_to_select(tmp_path: Path, said: str) -> None:
    file = "app/data-worker/config/common.yaml"
    project, run = _run(tmp_path, {file: f"select: {said}\n"}, "prod")

    assert run.code == 3
    assert f"{file}:1:1: `example-app/data-worker` has no subcomponents to select from" in run.err
    assert "hint: `disabled: true` leaves out the component itself" in run.err
    assert project.tree() == {}


def test_no_share_of_replicas_falls_to_an_environment_that_does_not_select(tmp_path: Path) -> None:
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker, namespace: shop}\n"
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
        "spec: {containers: [{name: c, image: 'c:1'}]}}}\n"
    )
    project = Project(tmp_path).write(
        {
            **FILES,
            "app/data-worker/component.yaml": "type: static\npath: manifests\n"
            "placement: {replicas: {split: 3}}\n",
            "app/data-worker/manifests/map.yaml": deployment,
            "environments/other.yaml": "{}\n",
        }
    )

    run = project.generate("--all", "--no-validate")

    assert run.code == 0, run.err
    path = "example-app/data-worker/data-worker.yaml"
    counts = [documents(project, f"{name}/{path}")[0]["spec"]["replicas"] for name in ("other", "prod")]
    assert sorted(counts) == [1, 2]
