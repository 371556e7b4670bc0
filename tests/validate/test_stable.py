"""The same definition gives the same report, byte for byte, and in one order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.model.finding import SEVERITIES
from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import told

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
    "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\n"
    "metadata: {name: '{{ .Release.Name }}'}\ndata: {port: 80}\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Helm charts, a Jinja2 chart and static files with findings of every severity in three environments."""
    names = [f"chart-{number}" for number in range(3)]
    references = "".join(f"  - {{name: {name}, type: helm, path: ./helm}}\n" for name in names)
    files: dict[str, str | None] = {
        "component.yaml": f"subcomponents:\n{references}  - {{name: app, source: ./app}}\n"
        "  - {name: plain, type: static, path: ./plain}\n",
        **{f"helm/{path}": text for path, text in CHART.items()},
        "chart/templates/seen.yaml.j2": "{% for n in range(3) %}\n---\napiVersion: v1\nkind: Secret\n"
        "metadata: {name: s{{ n }}, namespace: away}\nstringData: {a: hunter2, b: {{ n }}}\n{% endfor %}\n",
        "plain/a.yaml": "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {a: b}, portz: [], ipz: 1}\n",
        "environments/dev.yaml": "",
        "environments/test.yaml": "kubernetes: {version: '1.34'}\n",
    }
    return shop(tmp_path, files)


def order(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Worst first, then by place."""
    place = (finding["file"], finding["line"] or 0, finding["column"] or 0)
    return (SEVERITIES.index(finding["severity"]), *place, finding["code"], finding["field"])


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_the_report_is_the_same_every_time_with_any_number_of_jobs(project: Project, form: str) -> None:
    runs = [
        project.weft("validate", "-o", form, *jobs, env={"PYTHONHASHSEED": seed})
        for seed, jobs in (("1", ("--jobs", "1")), ("2", ("--jobs", "4")), ("3", ()))
    ]
    assert runs[0].code == 3
    assert runs[0] == runs[1] == runs[2]


def test_findings_are_sorted_within_an_environment_and_environments_by_name(project: Project) -> None:
    found = told(project, code=3)
    names = [finding["environment"] for finding in found]
    assert names == sorted(names)
    assert set(names) == {"dev", "prod", "test"}
    for name in set(names):
        own = [finding for finding in found if finding["environment"] == name]
        assert own == sorted(own, key=order)
        assert {finding["severity"] for finding in own} == set(SEVERITIES)


def test_a_part_is_told_as_it_is_told_of_the_whole(project: Project) -> None:
    everything = told(project, code=3)
    for component in ("app", "plain", "chart-1"):
        part = told(project, "--component", component, code=3)
        assert part == [finding for finding in everything if finding["component"] == component]


def test_a_part_is_looked_at_with_what_other_components_make(tmp_path: Path) -> None:
    files = {
        "component.yaml": "subcomponents:\n"
        "  - {name: app, type: static, path: ./app}\n  - {name: shared, type: static, path: ./shared}\n",
        "app/component.yaml": None,
        "app/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ours}\n"
        "spec: {containers: [{name: a, image: a, envFrom: [{configMapRef: {name: c}}]}]}\n",
        "shared/a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: ours}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ours}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: 1}\n",
    }
    run = shop(tmp_path, files).weft("validate", "--component", "app", "--strict")
    assert (run.code, run.err) == (0, "prod: 1 object, nothing is wrong\n")
