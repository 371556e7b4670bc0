"""Where a finding comes from: file, line and column in what the user wrote, and the component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project
from tests.routing.service import DEPLOYMENT, ROUTED, SERVICE
from tests.shop import shop
from tests.validate.found import told

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: 80}\n"
STATIC = {
    "app/component.yaml": "type: static\npath: ./manifests\n",
    "app/manifests/all.yaml": """\
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: a
        data:
          port: 80
        ---
        apiVersion: v1
        kind: List
        items:
        - apiVersion: v1
          kind: Service
          metadata: {name: b}
          spec:
            ports:
            - port: 80
              targetport: 8080
        """,
}
CHART = {
    "chart/templates/seen.yaml.j2": None,
    "chart/templates/_macros.j2": """\
        {% macro ports(port) %}

        - port: {{ port }}
          targetport: {{ port }}
        {% endmacro %}
        """,
    "chart/templates/_labels.j2": """\
        app: shop
        tier: 1
        """,
    "chart/templates/a.yaml.j2": """\
        {% from "_macros.j2" import ports %}
        apiVersion: v1
        kind: Service
        metadata:
          name: a
        spec:
          ports:
            {{ ports(80) | indent(4) }}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: b
          labels:
        {% filter indent(4, true) %}
        {% include "_labels.j2" %}
        {% endfilter %}
        data:
          {% for port in [80, 81] %}
          "port{{ port }}": {{ port }}
          {% endfor %}
        """,
}


def places(findings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Field, file, line and column of each finding."""
    return [tuple(finding[key] for key in ("field", "file", "line", "column")) for finding in findings]


def test_a_static_manifest_has_line_and_column_of_the_field(tmp_path: Path) -> None:
    project = shop(tmp_path, STATIC)
    found = told(project, code=3)
    assert places(found) == [
        ("data.port", "app/manifests/all.yaml", 6, 3),
        ("spec.ports[0].targetport", "app/manifests/all.yaml", 17, 7),
    ]
    assert [finding["component"] for finding in found] == ["app", "app"]
    assert [finding["output"] for finding in found] == ["app/app.yaml", "app/app.yaml"]
    assert [finding["object"] for finding in found] == ["ConfigMap a", "Service b"]
    run = project.weft("validate")
    assert "error: app/manifests/all.yaml:6:3: " in run.err
    assert "(component app, ConfigMap a) [schema]\n" in run.err


def test_a_chart_has_template_and_line_in_macros_and_partials_too(tmp_path: Path) -> None:
    found = told(shop(tmp_path, CHART), code=3)
    assert {finding["component"] for finding in found} == {"app"}
    assert sorted(place[:3] for place in places(found)) == [
        ("data.port80", "chart/templates/a.yaml.j2", 20),
        ("data.port81", "chart/templates/a.yaml.j2", 20),
        ("metadata.labels.tier", "chart/templates/_labels.j2", 2),
        ("spec.ports[0].targetport", "chart/templates/_macros.j2", 4),
    ]


def test_the_line_is_that_of_the_environment_where_environments_render_differently(tmp_path: Path) -> None:
    template = """\
        {% if environment.name == "dev" %}
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: first}
        data: {port: 1}
        ---
        {% endif %}
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: second}
        data:
          port: 1
        """
    files = {"chart/templates/seen.yaml.j2": template, "environments/dev.yaml": ""}
    found = told(shop(tmp_path, files), code=3)
    assert [(item["environment"], item["object"], item["line"]) for item in found] == [
        ("dev", "ConfigMap first", 5),
        ("dev", "ConfigMap second", 12),
        ("prod", "ConfigMap second", 12),
    ]


@pytest.mark.parametrize(
    ("kind", "files", "file"),
    [
        (
            "helm",
            {
                "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
                "app/templates/a.yaml": CONFIG_MAP,
            },
            "app/templates/a.yaml",
        ),
        (
            "kustomize",
            {
                "app/kustomization.yaml": "resources: [a.yaml]\n",
                "app/a.yaml": CONFIG_MAP,
            },
            "app/kustomization.yaml",
        ),
    ],
)
def test_what_other_programs_render_has_the_file(
    tmp_path: Path, kind: str, files: dict[str, str], file: str
) -> None:
    tree = {"component.yaml": f"subcomponents:\n  - {{name: app, type: {kind}, path: ./app}}\n"}
    project = Project(tmp_path).write({**tree, **files, "environments/prod.yaml": ""})
    assert places(told(project, code=3)) == [("data.port", file, None, None)]


def test_what_weft_makes_has_the_line_of_the_routing(tmp_path: Path) -> None:
    files = {
        "app/component.yaml": ROUTED.replace("  port: 80\n", "  port: 80\n  gateways: [istio/public]\n"),
        "app/manifests/service.yaml": SERVICE,
        "pods/chart.yaml": "name: pods\n",
        "pods/templates/deployment.yaml.j2": DEPLOYMENT,
    }
    found = told(shop(tmp_path, files), code=0)
    [gateway] = [finding for finding in found if finding["code"] == "missing-object"]
    assert gateway["object"] == "VirtualService.networking.istio.io shop/app"
    assert gateway["component"] == "app"
    # Line 7 is that of `split`.
    assert (gateway["file"], gateway["line"]) == ("app/component.yaml", 7)


def test_a_finding_of_several_environments_is_told_once_with_all_of_them(tmp_path: Path) -> None:
    files = {**STATIC, "environments/dev.yaml": "", "environments/test.yaml": ""}
    run = shop(tmp_path, files).weft("validate")
    assert run.code == 3
    assert run.err.count("data.port") == 1
    assert run.err.count("  environments: dev, prod, test\n") == 2
    assert run.out == ""
    assert [line for line in run.err.splitlines() if line.startswith(("dev:", "prod:", "test:"))] == [
        f"{name}: 2 objects, 2 errors" for name in ("dev", "prod", "test")
    ]


def test_a_note_names_the_command_that_tells_where_a_templates_value_comes_from(tmp_path: Path) -> None:
    template = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: {{ values.port }}}]\n"
    )
    files = {
        "chart/templates/seen.yaml.j2": None,
        "chart/templates/web.yaml.j2": template,
        "app/config/common.yaml": "config: {port: 700000}\n",
    }
    project = shop(tmp_path, files)
    run = project.weft("validate")
    assert run.code == 3
    assert "`weft explain prod Service/web 'spec.ports[0].port'`" in run.err
    told = project.weft("explain", "prod", "Service/web", "spec.ports[0].port")
    assert (told.code, "app/config/common.yaml:1:10" in told.out) == (0, True)
    project.write({"app/config/common.yaml": "config: {port: 80}\n"})
    assert "weft explain" not in project.weft("validate").err
