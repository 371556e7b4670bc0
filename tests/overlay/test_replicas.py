"""`replicas`: workloads of one environment get their number of replicas by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import documents

WORKLOAD = """\
apiVersion: {version}
kind: {kind}
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: app, image: "app:1", resources: {{limits: {{memory: 1Gi}}}}}}]}}
"""

FILES = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: apps, source: ./apps}]\n",
    "apps/component.yaml": "subcomponents:\n- {name: web, type: static, path: web}\n"
    "- {name: db, type: static, path: db, replicas: {db: 2}}\n",
    "apps/web/web.yaml": WORKLOAD.format(version="apps/v1", kind="Deployment", name="web"),
    "apps/db/db.yaml": WORKLOAD.format(version="apps/v1", kind="StatefulSet", name="db"),
    "apps/db/agent.yaml": WORKLOAD.format(version="apps/v1", kind="DaemonSet", name="agent"),
    "environments/prod.yaml": "replicas: {web: 5}\n",
    "environments/staging.yaml": "subcomponents: {apps: {replicas: {web: 0, db: 1}}}\n",
    "environments/plain.yaml": "{}\n",
}


def _replicas(project: Project, environment: str) -> dict[str, int | None]:
    found = [
        item
        for name in ("web", "db")
        for item in documents(project, f"{environment}/apps/{name}/{name}.yaml")
    ]
    return {item["metadata"]["name"]: item["spec"].get("replicas") for item in found}


def test_each_environment_has_its_own_numbers(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES)

    run = project.generate("--all", "--no-validate")

    assert run.code == 0, run.err
    assert _replicas(project, "prod") == {"web": 5, "db": 2, "agent": None}
    assert _replicas(project, "staging") == {"web": 0, "db": 1, "agent": None}
    assert _replicas(project, "plain") == {"web": None, "db": 2, "agent": None}


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Deployment", "apps/v1"),
        ("StatefulSet", "apps/v1"),
        ("ReplicaSet", "apps/v1"),
        ("ReplicationController", "v1"),
        ("Rollout", "argoproj.io/v1alpha1"),
    ],
)
def test_every_kind_that_has_replicas(tmp_path: Path, kind: str, version: str) -> None:
    project = Project(tmp_path).write(
        {**FILES, "apps/web/web.yaml": WORKLOAD.format(version=version, kind=kind, name="web")}
    )

    assert project.generate("prod", "--no-validate").code == 0

    assert _replicas(project, "prod")["web"] == 5


def test_a_number_by_name_wins_over_placement_and_a_patch_wins_over_both(tmp_path: Path) -> None:
    placed = FILES["apps/component.yaml"].replace(
        "path: web}", "path: web, placement: {replicas: {each: 3}}}"
    )
    project = Project(tmp_path).write(
        {
            **FILES,
            "apps/component.yaml": placed,
            "environments/staging.yaml": "replicas: {web: 4}\n"
            "patches: [{target: {kind: Deployment}, patch: {spec: {replicas: 6}}}]\n",
        }
    )

    run = project.generate("--all", "--no-validate")

    assert run.code == 0, run.err
    found = {name: _replicas(project, name)["web"] for name in ("plain", "prod", "staging")}
    assert found == {"plain": 3, "prod": 5, "staging": 6}


def test_explain_names_the_line(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES)

    run = project.weft("explain", "staging", "StatefulSet/db", "spec.replicas")
    key = project.weft("explain", "staging", "apps/db", "replicas.db")

    assert (run.code, key.code) == (0, 0), run.err + key.err
    assert "in staging: 1\n  from environments/staging.yaml:1:43\n" in run.out
    assert "won   environments/staging.yaml:1:43  1" in key.out
    assert "lost  apps/component.yaml:3:49        2" in key.out


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{wep: 2}", "environments/prod.yaml:1:12: there is no workload `wep` whose replicas could be set "
         "(component fleet, environment prod)\n  hint: did you mean 'web'?"),
        ("{agent: 2}", "there is no workload `agent` whose replicas could be set"),
        ("{web: -1}", "1:12: `replicas.web` is refused: -1 is less than the minimum of 0"),
        ("{web: '3'}", "1:12: `replicas.web` is \"3\", expected a whole number"),
        ("3", "1:1: `replicas` is 3, expected a map"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_workload_is_refused(tmp_path: Path, said: str, message: str) -> None:
    project = Project(tmp_path).write({**FILES, "environments/prod.yaml": f"replicas: {said}\n"})

    run = project.generate("--all", "--no-validate")

    assert (run.code, message in run.err) == (3, True), run.err
    assert {path.partition("/")[0] for path in project.tree()} == {"plain", "staging"}
