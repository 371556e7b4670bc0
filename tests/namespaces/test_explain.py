"""`weft explain` of a field with a namespace's name: the line of the mapping that gave it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.namespaces.app import DEFAULT, TREE, project
from tests.project_tree import Project

MAPPING = "component.yaml:9:7"
ROME = "europe-rome-edge"


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (f"Deployment/{DEFAULT}/web", "metadata.namespace", DEFAULT),
        (f"Service/{DEFAULT}/alias", "spec.externalName", f"web.{DEFAULT}.svc.cluster.local"),
        ("VirtualService/monitoring/web", "spec.hosts[0]", f"web.{DEFAULT}"),
        (f"Namespace/{DEFAULT}", "metadata.name", DEFAULT),
    ],
)
def test_a_field_with_the_name_names_the_line_of_the_mapping(
    tmp_path: Path, name: str, field: str, value: str
) -> None:
    run = project(tmp_path).weft("explain", ROME, name, field)
    assert run.code == 0, run.err
    assert value in run.out
    assert f"{MAPPING}" in run.out
    assert f"namespace `liqo-demo` is `{DEFAULT}` in this environment: {MAPPING}" in run.out


def test_a_field_that_the_mapping_leaves_alone_is_where_it_is_written(tmp_path: Path) -> None:
    run = project(tmp_path).weft("explain", ROME, f"Deployment/{DEFAULT}/web", "metadata.labels.team")
    assert run.code == 0, run.err
    assert "app/all.yaml:13" in run.out
    assert MAPPING not in run.out


def test_the_whole_object_has_the_line_of_the_mapping_beside_the_name(tmp_path: Path) -> None:
    run = project(tmp_path).weft("explain", ROME, f"Service/{DEFAULT}/alias")
    assert run.code == 0, run.err
    lines = [line for line in run.out.splitlines() if DEFAULT in line and "#" in line[1:]]
    assert len(lines) == 2
    assert all(line.endswith(MAPPING) for line in lines)


def test_values_behind_a_field_are_found_where_another_component_maps(tmp_path: Path) -> None:
    chart = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: {{ component.namespace }}}
data: {colour: {{ values.colour }}}
"""
    files = {
        "component.yaml": TREE["component.yaml"].replace(
            "    type: static\n    path: ./monitor\n    namespace: monitoring\n",
            "    type: jinja\n    path: ./chart\n    namespace: liqo-demo\n    config: {colour: red}\n",
        ),
        "chart/chart.yaml": "name: chart\n",
        "chart/templates/a.yaml.j2": chart,
    }
    found: Project = project(tmp_path, files)
    run = found.weft("explain", ROME, f"ConfigMap/{DEFAULT}/settings", "data.colour")
    assert run.code == 0, run.err
    assert "red" in run.out
    assert "component.yaml:14" in run.out


def test_the_key_is_explained_with_what_each_file_says(tmp_path: Path) -> None:
    found = project(tmp_path)
    run = found.weft("explain", "europe-milan-edge", "app", "namespaces.liqo-demo")
    assert run.code == 0, run.err
    assert "milan-destination" in run.out
    assert "environments/europe-milan-edge.yaml:5:7" in run.out
    assert MAPPING in run.out
    whole = found.weft("explain", ROME, "app")
    assert whole.code == 0, whole.err
    assert "mapping: default" in whole.out
