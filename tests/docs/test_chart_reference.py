"""What docs/reference/chart.md says of templates holds: each name, each filter, each limit."""

from __future__ import annotations

import json
import re

import jinja2
import pytest
from jinja2.filters import FILTERS

from generator import yamlio
from generator.render import limits
from generator.render.sandbox import ChartEnvironment
from tests.docs.pages import ROOT
from tests.project_tree import Project

PAGE = (ROOT / "docs/reference/chart.md").read_text(encoding="utf-8")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: v1}}
    spec: {containers: [{name: web, image: web}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def names(heading: str) -> list[str]:
    return re.findall(r"(?m)^\| `([\w.]+)` \|", section(heading))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Each name of the page as a deployment's template sees it, and what is inside each map."""
    maps = {name.rpartition(".")[0] for name in names("Context")} - {""}
    shown = "\n".join(
        [f"  {name}: {{{{ {name} | to_json | quote }}}}" for name in names("Context")]
        + [f"  keys.{name}: {{{{ {name} | list | to_json | quote }}}}" for name in sorted(maps)]
    )
    template = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: seen}}\ndata:\n{shown}\n"
    project = Project(tmp_path_factory.mktemp("chart")).write(
        {
            "component.yaml": "subcomponents: [{name: shop, source: ./shop}]\n",
            "shop/component.yaml": "type: static\npath: ./manifests\nrouting: {}\n"
            "subcomponents: [{name: web, type: jinja, path: ../chart}]\n",
            "shop/manifests/service.yaml": SERVICE,
            "chart/chart.yaml": "name: chart\n",
            "chart/templates/seen.yaml.j2": template,
            "chart/templates/web.yaml.j2": DEPLOYMENT,
            "environments/east.yaml": "labels: {region: east}\n",
        }
    )
    run = project.generate("east")
    assert run.code == 0, run.err
    text = project.tree()["east/shop/web/web.yaml"]
    data = next(one.value for one in yamlio.read(text, "web.yaml") if one.value["kind"] == "ConfigMap")[
        "data"
    ]
    return {name: json.loads(value) for name, value in data.items()}


def test_a_template_sees_each_name_that_the_page_lists(seen: dict[str, object]) -> None:
    assert set(names("Context")) <= set(seen)
    assert seen["component.path"] == "shop/web"
    assert seen["routing.split"] == {"web": 100}


def test_the_page_lists_each_name_that_a_template_sees(seen: dict[str, object]) -> None:
    listed = set(names("Context"))
    there = {
        f"{name[5:]}.{key}"
        for name, keys in seen.items()
        if name.startswith("keys.") and isinstance(keys, list)
        for key in keys
    }
    prefixes = {name.rpartition(".")[0] for name in listed}
    assert there - prefixes == {name for name in listed if "." in name}


def test_the_page_lists_each_filter_that_weft_adds() -> None:
    ours = set(ChartEnvironment(jinja2.DictLoader({})).filters) - set(FILTERS)
    assert {name for name in ours if not name.startswith("weft_")} | {"indent"} == set(names("Filters"))


def test_templates_have_no_chance() -> None:
    assert "random" not in ChartEnvironment(jinja2.DictLoader({})).filters


def test_the_page_names_the_limits_of_the_sandbox() -> None:
    text = section("Sandbox and limits")
    megabytes = f"{limits.MAX_TEXT // (1024 * 1024)} MiB"
    for limit in (limits.MAX_STEPS, limits.MAX_BITS, limits.MAX_WIDTH):
        assert f"{limit:,}" in text
    assert megabytes in text
