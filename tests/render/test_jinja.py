"""Jinja2 charts: what a template sees, its filters and partials, and how errors and output are told."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.errors import DefinitionError, WeftError
from generator.render.base import Run
from generator.render.jinja import JinjaRenderer
from tests.render.charts import config_map, unit, write
from tests.render.templates import FILE, HEAD, error, render
from tests.shop import SEEN, documents, generated, refused, seen, shop


def test_a_template_sees_values_component_service_environment_and_routing(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": """\
            namespace: shared
            subcomponents:
              - name: service
                type: jinja
                path: ./both
                config: {own: 1}
                routing: {port: 80, hosts: [example.com], gateways: [mesh/public], split: {stable: 100}}
                subcomponents:
                  - {name: stable, type: jinja, path: ./pods, config: {x: 2}}
            """,
            "both/chart.yaml": "",
            "both/templates/seen.yaml.j2": SEEN,
            "both/templates/service.yaml.j2": "apiVersion: v1\nkind: Service\nmetadata: {name: service}\n"
            "spec: {selector: {app: x}, ports: [{port: 80}]}\n",
            "pods/chart.yaml": "",
            "pods/templates/seen.yaml.j2": SEEN,
            "pods/templates/pod.yaml.j2": "apiVersion: v1\nkind: Pod\n"
            "metadata: {name: p, labels: {app: x, version: stable}}\n"
            "spec: {containers: [{name: app, image: app}]}\n",
            "environments/prod.yaml": "labels: {region: eu}\nkubernetes: {version: '1.31'}\n",
        },
    )
    generated(project)
    routing = {
        "service": "service",
        "port": 80,
        "hosts": ["example.com"],
        "gateways": ["mesh/public"],
        "provider": "istio",
        "split": {"stable": 100},
    }
    service = {"name": "service", "path": "service", "namespace": "shared", "values": {"own": 1}}
    environment = {
        "name": "prod",
        "labels": {"region": "eu"},
        "kubernetes": {"version": "1.31", "apiVersions": []},
    }
    assert seen(project, "prod/service/service.yaml") == {
        "values": {"own": 1},
        "component": {"name": "service", "path": "service", "namespace": "shared"},
        "service": service,
        "environment": environment,
        "routing": routing,
    }
    assert seen(project, "prod/service/stable/stable.yaml") == {
        "values": {"x": 2},
        "component": {"name": "stable", "path": "service/stable", "namespace": "shared"},
        "service": service,
        "environment": environment,
        "routing": routing,
    }


def test_keys_come_before_methods(tmp_path: Path) -> None:
    found = render(
        tmp_path,
        "  a: {{ values.items }}\n  b: {{ values.keys.get }}\n  c: {{ values['values'] }}\n"
        "  d: {{ values.other.items() | list | length }}\n",
        {"items": "key", "keys": {"get": "deep"}, "values": "v", "other": {"x": 1}},
    )
    assert found == {"a": "key", "b": "deep", "c": "v", "d": 1}


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("values.x | to_yaml", {"a": [1, "yes"]}, None),
        ("values.x | to_json", {"a": "é\U0001f600\u2028", "b": None}, None),
        ("values.x | quote", 'say "hi" \\ \n', None),
        ("values.x | quote", "yes", None),
        ("values.x | quote", 5, "5"),
        ("values.x | quote", True, "true"),
        ("values.x | quote", None, ""),
        ("values.x | b64encode", "päss", base64.b64encode("päss".encode()).decode()),
        ("values.x | sha256 | quote", "abc", hashlib.sha256(b"abc").hexdigest()),
        ("values.x | upper", "abc", "ABC"),
    ],
)
def test_filters(tmp_path: Path, expression: str, value: Any, expected: Any) -> None:
    found = render(tmp_path, f"  x:\n    {{{{ {expression} | indent(4) }}}}\n", {"x": value})
    assert found == {"x": value if expected is None else expected}


def test_the_digest_of_a_map_does_not_depend_on_its_order(tmp_path: Path) -> None:
    text = "  x: {{ values.x | to_json | sha256 }}\n"
    one = render(tmp_path, text, {"x": {"a": 1, "b": 2}})
    assert one == render(tmp_path, text, {"x": {"a": 1, "b": 2}})


def test_to_json_writes_no_surrogate_escapes(tmp_path: Path) -> None:
    write(tmp_path, {FILE: HEAD + "  x: {{ values.x | to_json | to_json }}\n"})
    rendered = JinjaRenderer().render(unit("jinja", "web", {"x": "\U0001f600"}), Run(str(tmp_path)))
    text = rendered.objects[0].data["data"]["x"]
    assert "\\ud83d" not in text
    assert json.loads(text) == "\U0001f600"


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("  x: {{ values.port }}\n", 6, "there is no `port` here: did you mean 'prt'?"),
        ("  x: 1\n  y: {{ values.a.b }}\n", 7, "there is no `a` here"),
        ("  x: {{ nothing }}\n", 6, "'nothing' is undefined"),
        ("  x: {{ values.missing | to_json }}\n", 6, "there is no `missing` here"),
        ("  x: {{ {'a': values.missing} | to_yaml }}\n", 6, "there is no `missing` here"),
        ("  x: {{ values.missing | sha256 }}\n", 6, "there is no `missing` here"),
        ("  x: {{ values.missing | quote }}\n", 6, "there is no `missing` here"),
        ("{% for i in values.missing %}\n  x: 1\n{% endfor %}\n", 6, "there is no `missing` here"),
        ("{% if values.missing %}\n  x: 1\n{% endif %}\n", 6, "there is no `missing` here"),
        ("  x: {{ values.prt + 'a' }}\n", 6, "TypeError"),
        ("  x: {{ values.prt() }}\n", 6, "not callable"),
        ("  x: {{ 1 / 0 }}\n", 6, "ZeroDivisionError"),
        ("  x: {{ values.prt | nofilter }}\n", 6, "No filter named 'nofilter'"),
        ("  x: 1\n{% if %}\n", 7, "Expected an expression"),
        ("  x: 1\n{% for a in b %}\n", 7, "Unexpected end of template"),
        ("  x: {{ 'a }}\n", 6, "unexpected char"),
        ("  x: {% include '_none.j2' %}\n", 6, "there is no template `_none.j2` in web/templates"),
        ("  x: {% include '../../chart.yaml' %}\n", 6, "there is no template `../../chart.yaml`"),
        ("  x: {% include '/etc/passwd' %}\n", 6, "there is no template `/etc/passwd`"),
        ("  x: {% include values.file %}\n", 6, "there is no template `../values.yaml`"),
        ("{% from '_labels.j2' import nothing %}\n  x: {{ nothing() }}\n", 7, "nothing"),
    ],
)
def test_an_error_names_template_line_component_and_environment(
    tmp_path: Path, template: str, line: int, message: str
) -> None:
    files = {
        "web/chart.yaml": "name: web\n",
        "web/values.yaml": "",
        "web/templates/_labels.j2": "{# none #}\n",
    }
    found = error(tmp_path, template, {"prt": 1, "file": "../values.yaml"}, files)
    assert (found.file, found.line) == (FILE, line)
    assert message in found.message


def test_component_and_environment_are_told(tmp_path: Path) -> None:
    message = "chart/templates/seen.yaml.j2:2: there is no `x` here"
    text = refused(tmp_path, {"chart/templates/seen.yaml.j2": "a: 1\nb: {{ values.x }}\n"}, message)
    assert "component app, environment prod" in text


def test_an_error_in_a_partial_is_told_there(tmp_path: Path) -> None:
    partial = {"web/templates/_p.j2": "{% macro m(a) %}\n{{ a.b }}\n{% endmacro %}\n"}
    found = error(tmp_path, "{% from '_p.j2' import m %}\n  x: {{ m(values) }}\n", {}, partial)
    assert (found.file, found.line) == ("web/templates/_p.j2", 2)
    broken = {"web/templates/_p.j2": "fine\n{% endif %}\n"}
    found = error(tmp_path, "{% include '_p.j2' %}\n", {}, broken)
    assert (found.file, found.line) == ("web/templates/_p.j2", 2)


def test_partials_are_included_imported_and_never_rendered_alone(tmp_path: Path) -> None:
    found = render(
        tmp_path,
        "{% import 'parts/_m.j2' as m %}\n  a: {{ m.greet('x') }}\n{% include '_b.j2' %}\n",
        {"b": 2},
        {
            "web/templates/parts/_m.j2": "{% macro greet(n) %}hello {{ n }}{% endmacro %}\n",
            "web/templates/_b.j2": "{# b #}\n  b: {{ values.b }}\n",
            "web/templates/_alone.yaml.j2": "no: object\n",
        },
    )
    assert found == {"a": "hello x", "b": 2}


def test_templates_of_sub_folders_render_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["b/x.yaml.j2", "a.yaml.j2", "b.yaml.j2", "a/z.yaml.j2"]
    write(tmp_path, {f"web/templates/{name}": config_map(name[0] + name[2]) for name in names})
    rendered = JinjaRenderer().render(unit("jinja", "web"), Run(str(tmp_path)))
    assert [item.source.file for item in rendered.objects] == sorted(
        f"web/templates/{name}" for name in names
    )


def test_a_template_may_write_several_documents_none_or_a_list(tmp_path: Path) -> None:
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}"
    write(
        tmp_path,
        {
            "web/templates/many.yaml.j2": f"{item % 'a'}\n---\n---\n{item % 'b'}\n",
            "web/templates/none.yaml.j2": "{% if false %}x: 1{% endif %}\n# only a comment\n",
            "web/templates/list.yaml.j2": "apiVersion: v1\nkind: List\n"
            f"items: [{item % 'c'}, {item % 'd'}]\n",
        },
    )
    rendered = JinjaRenderer().render(unit("jinja", "web"), Run(str(tmp_path)))
    assert sorted(item.name for item in rendered.objects) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.json", "a.j2", "_.tpl", "a.tpl", "sub/b.yml.j2"])
def test_a_file_that_would_be_passed_over_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {FILE: config_map("a"), f"web/templates/{name}": "x\n"})
    if name.startswith("_"):
        assert JinjaRenderer().render(unit("jinja", "web"), Run(str(tmp_path))).objects
        return
    with pytest.raises(DefinitionError) as caught:
        JinjaRenderer().render(unit("jinja", "web"), Run(str(tmp_path)))
    assert caught.value.file == f"web/templates/{name}"
    assert "*.yaml.j2" in (caught.value.hint or "")


def test_a_chart_without_templates_or_without_chart_yaml_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path / "a",
        {"chart/templates/seen.yaml.j2": None},
        "chart/templates: the chart has no template: no file *.yaml.j2",
    )
    refused(
        tmp_path / "b",
        {"chart/chart.yaml": None},
        "component.yaml:3:5: component `app`: chart has no chart.yaml",
    )
    refused(
        tmp_path / "c",
        {"chart/chart.yaml": None, "chart/Chart.yaml": "name: x\n"},
        "it is a Helm chart: set `type: helm`",
    )
    refused(
        tmp_path / "d",
        {"app/component.yaml": "type: jinja\npath: ../chrt\n"},
        "component.yaml:3:5: component `app`: there is no folder chrt",
    )
    refused(tmp_path / "e", {"chart/chart.yaml": "nam: x\n"}, "chart/chart.yaml:1:1: unknown key `nam`")


@pytest.mark.parametrize(
    ("template", "messages"),
    [
        ("  x: [1\n", ("what it renders is no YAML", "rendered line")),
        ("  x: {{ values.text }}\n", ("no YAML", "rendered line 6", "`x: a: b: c`")),
        ("  x: 1\n  x: 2\n", ("no YAML", "rendered line 7", "`x: 2`")),
        ("\tx: 1\n", ("no YAML", "rendered line 6")),
        ("---\nx: 1\n", ("has no `kind`",)),
        ("---\nkind: X\nmetadata: {name: a}\n", ("has no `apiVersion`",)),
        ("---\napiVersion: v1\nkind: 5\nmetadata: {name: a}\n", ("has no `kind`",)),
        ("---\napiVersion: v1\nkind: Pod\n", ("Pod has no `metadata.name`",)),
        ("---\napiVersion: v1\nkind: Pod\nmetadata: [a]\n", ("Pod has no `metadata.name`",)),
        ("---\n- a\n", ("found a list, expected a Kubernetes object",)),
        ("---\ntext\n", ("expected a Kubernetes object",)),
        ("---\napiVersion: v1\nkind: List\nitems: [a]\n", ("has no `kind`",)),
    ],
)
def test_output_that_is_no_object_is_refused(
    tmp_path: Path, template: str, messages: tuple[str, ...]
) -> None:
    found = error(tmp_path, template, {"text": "a: b: c"})
    assert found.file == FILE
    for message in messages:
        assert message in found.message


@pytest.mark.parametrize(
    "template",
    ["  password: {{ values.text }}\n", "  x: 1\n---\nkind: Secret\ndata:\n  x: {{ values.text }}\n"],
)
def test_a_rendered_line_with_a_secret_is_not_shown(tmp_path: Path, template: str) -> None:
    found = error(tmp_path, template, {"text": "a: hunter2: c"})
    assert "no YAML" in found.message
    assert "hunter2" not in str(found)


def test_each_template_is_compiled_once_for_all_units_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.render.sandbox import ChartEnvironment

    compiled: list[str | None] = []
    original = ChartEnvironment._parse

    def counting(self: Any, source: str, name: str | None, filename: str | None) -> Any:
        compiled.append(name)
        return original(self, source, name, filename)

    monkeypatch.setattr(ChartEnvironment, "_parse", counting)
    write(
        tmp_path,
        {
            FILE: "{% from '_p.j2' import m %}\n" + config_map("a", "{{ m() }}"),
            "web/templates/b.yaml.j2": "{% from '_p.j2' import m %}\n" + config_map("b", "{{ m() }}"),
            "web/templates/_p.j2": "{% macro m() %}x{% endmacro %}\n",
        },
    )
    renderer = JinjaRenderer()
    for number in range(5):
        assert len(renderer.render(unit("jinja", "web", {"n": number}), Run(str(tmp_path))).objects) == 2
    assert sorted(map(str, compiled)) == ["_p.j2", "a.yaml.j2", "b.yaml.j2"]


def test_a_template_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {FILE: "x"})
    (tmp_path / FILE).write_bytes(b"a: \xff\n")
    with pytest.raises(WeftError) as caught:
        JinjaRenderer().render(unit("jinja", "web"), Run(str(tmp_path)))
    assert caught.value.file == FILE
    assert "no UTF-8" in caught.value.message


def test_what_a_template_writes_is_read_with_anchors(tmp_path: Path) -> None:
    text = "  a: &a 1\n  b: *a\n"
    assert render(tmp_path, text) == yaml.safe_load(HEAD + text)["data"]


def test_null_and_booleans_are_printed_as_yaml_has_them(tmp_path: Path) -> None:
    head = "apiVersion: example.org/v1\nkind: X\nmetadata: {name: x}\n"
    template = head + "a: {{ values.n }}\nb: {{ values.t }}\nc: {{ values.i }}\n"
    files = {"chart/templates/seen.yaml.j2": template, "chart/values.yaml": "n: null\nt: true\ni: 1\n"}
    project = shop(tmp_path, files)
    generated(project)
    (item,) = documents(project, "prod/app/app.yaml")
    assert (item["a"], item["b"], item["c"]) == (None, True, 1)
    assert b"b: true\n" in project.tree()["prod/app/app.yaml"]


def test_a_secret_in_a_line_of_another_name_is_not_shown(tmp_path: Path) -> None:
    files = {
        "chart/templates/seen.yaml.j2": "a:\n  r: {{ values.password }}: x\n",
        "chart/values.yaml": "password: hunter2\n",
    }
    run = shop(tmp_path, files).generate("prod")
    assert run.code == 3
    assert "chart/templates/seen.yaml.j2: what it renders is no YAML" in run.err
    assert "hunter2" not in run.err
