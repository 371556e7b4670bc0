"""`weft explain` tells which line places a component, and what falls to each environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.placement.fleet import fleet
from tests.project_tree import Project


def explained(project: Project, *args: str) -> tuple[str, str]:
    run = project.weft("explain", *args)
    assert run.code == 0, run.err
    return run.out, run.err


def test_placement_is_a_table_of_all_environments(tmp_path: Path) -> None:
    project = fleet(
        tmp_path,
        "{pods: remote, origin: cloud, exclude: [turin], replicas: {split: 5}}",
        files={
            "environments/turin.yaml": "labels: {type: destination}\n",
            "environments/paris.yaml": "subcomponents: {app: {disabled: true}}\n",
        },
    )
    out, _ = explained(project, "rome", "app", "placement")
    assert out == (
        "placement of app: component.yaml:4:5\n"
        "  5 replicas divided over its environments: component.yaml:4:75\n"
        "\n"
        "ENVIRONMENT  REPLICAS\n"
        "cloud        -         everything but workloads\n"
        "milan        3\n"
        "paris        -         disabled or not selected\n"
        "rome         2\n"
        "turin        -         not placed\n"
    )
    data = json.loads(explained(project, "rome", "app", "placement", "-o", "json")[0])
    assert data["replicas"] == {"file": "component.yaml", "line": 4, "column": 75}
    assert data["environments"][1] == {"environment": "milan", "state": "placed", "replicas": 3}


def test_without_a_placement_it_says_so(tmp_path: Path) -> None:
    project = fleet(tmp_path, "null")
    out, _ = explained(project, "rome", "app", "placement")
    assert out.startswith("placement of app: none, so it goes to every environment\n")


@pytest.mark.parametrize(
    ("placement", "environment", "note"),
    [
        (
            "{selector: type=destination}",
            "cloud",
            "it is not placed here: component.yaml:4:5 says where it goes",
        ),
        ("{replicas: {each: 2}}", "rome", "2 replicas in each environment, here 2: component.yaml:4:28"),
        (
            "{environments: [milan, rome], replicas: {split: 1}}",
            "rome",
            "it is left out here, since no replica falls to rome: component.yaml:4:57",
        ),
        (
            "{pods: remote, origin: cloud}",
            "cloud",
            "its workloads run elsewhere, and it has everything else here",
        ),
        (
            "{replicas: {split: 2, min: 1}}",
            "rome",
            "component.yaml:4:28: 2 replicas of `app` cannot be divided over 3 environments with `min: 1`",
        ),
    ],
)
def test_a_component_says_what_placement_makes_of_it_here(
    tmp_path: Path, placement: str, environment: str, note: str
) -> None:
    out, err = explained(fleet(tmp_path, placement), environment, "app")
    assert f"note: {note}" in err
    # Who reads the values alone should see it, too.
    left_out = note.startswith(("it is not placed", "it is left out"))
    assert out.startswith(f"# app in {environment}{', where it is left out' if left_out else ''}\n")


@pytest.mark.parametrize("replicas", ["{each: 2}", "{each: 7}", "{split: 6}"])
def test_a_field_that_placement_sets_names_its_line(tmp_path: Path, replicas: str) -> None:
    project = fleet(tmp_path, f"{{replicas: {replicas}}}")
    out, _ = explained(project, "rome", "Deployment/web", "spec.replicas")
    assert "\n  from component.yaml:4:28\n  note: placement says " in out
    out, _ = explained(project, "rome", "Deployment/web")
    (line,) = [line for line in out.splitlines() if "replicas:" in line]
    assert line.endswith("# component.yaml:4:28")


def test_a_field_that_an_environment_says_names_that(tmp_path: Path) -> None:
    files = {"config/rome.yaml": "subcomponents: {app: {replicas: {web: 9}}}\n"}
    project = fleet(tmp_path, "{replicas: {each: 2}}", files=files)
    out, _ = explained(project, "rome", "Deployment/web", "spec.replicas")
    assert "\n  from config/rome.yaml:1:" in out
