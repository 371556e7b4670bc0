"""`weft find`: components and charts, in the tree and beside it, by what they say of themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project

FILES = {
    "component.yaml": "name: shop\nsubcomponents:\n- {name: web, type: helm, path: charts/front}\n",
    "charts/front/Chart.yaml": "apiVersion: v2\nname: front\nversion: 1.2.3\ndescription: Serves the pages\n",
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 9.0.0\ndescription: A cache\n",
    "spare/component.yaml": "name: spare\ntype: static\npath: m\n",
    "generated/prod/component.yaml": "name: spare\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path).write(FILES)


def found(project: Project, text: str) -> list[dict[str, Any]]:
    run = project.weft("find", text, "-o", "json")
    assert run.code == 0, run.err
    return list(json.loads(run.out))


def test_a_component_is_found_by_name_and_by_what_its_chart_says(project: Project) -> None:
    web = {
        "name": "web",
        "component": "web",
        "path": "charts/front",
        "type": "helm",
        "source": "",
        "version": "1.2.3",
        "description": "Serves the pages",
    }
    assert found(project, "WEB") == [web]
    assert found(project, "pages") == [web]


def test_what_nothing_brings_in_yet_is_found_too(project: Project) -> None:
    assert [(one["name"], one["component"], one["path"]) for one in found(project, "spare")] == [
        ("spare", "", "spare")
    ]
    assert [one["name"] for one in found(project, "cache")] == ["redis"]


def test_the_list_is_a_table(project: Project) -> None:
    run = project.weft("find", "charts/")
    assert run.out.splitlines() == [
        "NAME   COMPONENT  TYPE  VERSION  PATH          DESCRIPTION",
        "redis  -          helm  9.0.0    charts/cache  A cache",
        "web    web        helm  1.2.3    charts/front  Serves the pages",
    ]


def test_nothing_found_is_exit_code_1(project: Project) -> None:
    run = project.weft("find", "postgres")
    assert (run.code, run.out) == (1, "")
    assert "nothing is like `postgres`" in run.err


def test_what_was_fetched_is_found_with_its_source(tmp_path: Path) -> None:
    from tests.fetch.origin import Origin

    origin = Origin(
        tmp_path / "origin",
        {
            "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/templates/a.yaml": "",
            "database/Chart.yaml": "apiVersion: v2\nname: database\nversion: 2.0.0\n",
        },
    )
    project = Project(tmp_path / "root").write(
        {
            "component.yaml": "subcomponents:\n- {name: far, type: helm, method: git, "
            f"source: '{origin.url}', path: app}}\n"
        }
    )
    assert project.weft("install").code == 0
    (used,) = found(project, "far")
    assert (used["component"], used["version"], used["source"].split()[0]) == ("far", "0.1.0", "git")
    (beside,) = found(project, "database")
    assert beside["component"] == ""
    assert beside["source"] == used["source"]
