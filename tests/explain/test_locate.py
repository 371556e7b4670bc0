"""Where the fields of rendered objects come from: template lines through macros, includes and loops."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline, render, resolve
from generator.model.document import Places
from generator.model.manifest import Manifest
from generator.model.request import Request
from tests.shop import shop

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"


def located(root: Path, files: Mapping[str, str | None]) -> list[tuple[Manifest, Places]]:
    """The objects of the component `app`, each with its places."""
    shop(root, files)
    request = Request(root=str(root), environments=("prod",))
    definition = pipeline.define(request)
    environment = resolve.environment(definition, request, "prod")
    run = render.Run(definition.root, definition.dialect, definition.requires)
    (unit,) = (found for found in resolve.Resolver(definition).units(environment) if found.path == ("app",))
    objects = render.render(unit, run).objects
    places = render.locate(unit, run)
    assert [item.index for item in objects] == list(range(len(places)))
    return list(zip(objects, places, strict=True))


def lines(root: Path, template: str, more: Mapping[str, str] | None = None, **fields: Any) -> dict[str, str]:
    """`file:line` of the fields of the one object of a template, by name; fields below `data` are meant."""
    files = {"chart/templates/seen.yaml.j2": template, **(more or {})}
    ((item, places),) = located(root, files)
    found = {name: str(places.where("data", name)) for name in item.data.get("data") or {}}
    return {name: place.removeprefix("chart/templates/") for name, place in found.items()}


CONFIG = {
    "app/config/common.yaml": "config: {a: one, b: two, list: [x, z], map: {k: 1, m: 2}, many: 'l1\\nl2'}\n"
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("data:\n  plain: 1\n  a: {{ values.a }}\n", {"plain": "seen.yaml.j2:6", "a": "seen.yaml.j2:7"}),
        (
            "data:\n{% for name in values.list %}\n  k{{ name }}: v\n{% endfor %}\n  last: 1\n",
            {"kx": "seen.yaml.j2:7", "kz": "seen.yaml.j2:7", "last": "seen.yaml.j2:9"},
        ),
        (
            "data:\n  {{ values.map | to_yaml | indent(2) }}\n  last: 1\n",
            {"k": "seen.yaml.j2:6", "m": "seen.yaml.j2:6", "last": "seen.yaml.j2:7"},
        ),
        (
            "data:\n{% if values.a == 'one' %}\n  a: 1\n{% else %}\n  b: 1\n{% endif %}\n\n\n  after: 1\n",
            {"a": "seen.yaml.j2:7", "after": "seen.yaml.j2:13"},
        ),
        (
            "{# a\ncomment #}\ndata:\n  {%- set x = 1 %}\n\n  a: {{\n    values.a\n  }}\n  b: {{ x }}x\n",
            {"a": "seen.yaml.j2:10", "b": "seen.yaml.j2:13"},
        ),
        (
            "data:\n{% include '_part.j2' %}\n  last: 1\n",
            {"included": "_part.j2:2", "last": "seen.yaml.j2:7"},
        ),
        (
            "data:\n{% from '_macros.j2' import two %}\n  {{ two(values.a) | indent(2) }}\n  last: 1\n",
            {"first": "_macros.j2:2", "second": "_macros.j2:3", "last": "seen.yaml.j2:8"},
        ),
        (
            "data:\n{% filter indent(2, true) %}\na: 1\nb: {{ values.b }}\n{% endfilter %}\n  c: 1\n",
            {"a": "seen.yaml.j2:7", "b": "seen.yaml.j2:8", "c": "seen.yaml.j2:10"},
        ),
        (
            "{% set block %}\na: 1\n\nb: 2\n{% endset %}\ndata:\n  {{ block | trim | indent(2) }}\n  c: 1\n",
            {"a": "seen.yaml.j2:6", "b": "seen.yaml.j2:8", "c": "seen.yaml.j2:12"},
        ),
        (
            "data:\n  a: |\n    {{ values.many | indent(4) }}\n  b: 1\n",
            {"a": "seen.yaml.j2:6", "b": "seen.yaml.j2:8"},
        ),
        (
            "{% macro m() %}\n{{ caller() }}{% endmacro %}\ndata:\n"
            "{% call m() %}\n  a: 1\n{% endcall %}\n  c: 3\n",
            {"a": "seen.yaml.j2:9", "c": "seen.yaml.j2:11"},
        ),
        (
            "data:\n{% for k in [{'n': 'p', 'c': [{'n': 'q', 'c': []}]}] recursive %}\n  {{ k.n }}: 1\n"
            "{{ loop(k.c) }}\n{% endfor %}\n  c: 3\n",
            {"p": "seen.yaml.j2:7", "q": "seen.yaml.j2:7", "c": "seen.yaml.j2:10"},
        ),
        ("data:\r\n  a: 1\r\n  c: {{ values.b }}\r\n", {"a": "seen.yaml.j2:6", "c": "seen.yaml.j2:7"}),
    ],
)
def test_template_lines_are_found(tmp_path: Path, body: str, expected: dict[str, str]) -> None:
    more = {
        **CONFIG,
        "chart/templates/_part.j2": "{# part #}\n  included: {{ values.a }}\n",
        "chart/templates/_macros.j2": "{% macro two(x) -%}\nfirst: {{ x }}\nsecond: 2\n{%- endmacro %}\n",
    }
    assert lines(tmp_path, HEAD + body, more) == expected


def test_blocks_of_another_template_have_its_lines(tmp_path: Path) -> None:
    base = f"{HEAD}data:\n  z: 1\n{{% block b %}}\n  a: 0\n{{% endblock %}}\n  c: 3\n"
    body = (
        "{% extends '_base.j2' %}\n{% block b %}\n  a: 2\n{{ super() | replace('a', 'q') }}{% endblock %}\n"
    )
    found = lines(tmp_path, body, {"chart/templates/_base.j2": base})
    assert found == {"z": "_base.j2:6", "a": "seen.yaml.j2:3", "q": "_base.j2:8", "c": "_base.j2:10"}


@pytest.mark.parametrize(
    "expression",
    [
        "{{ block | sha256 | quote }}",
        "{{ block | length }}",
        "{{ block | to_json }}",
        "{{ block | upper }}",
        "{{ 'same' if block == 'text\\n' else 'other' }}",
        "{{ block | replace('t', 'q') | trim }}",
        "{{ block | list | first }}",
    ],
)
def test_a_template_that_looks_at_its_own_text_is_located_all_the_same(
    tmp_path: Path, expression: str
) -> None:
    body = f"{{% set block %}}\ntext\n{{% endset %}}\ndata:\n  a: {expression}\n  b: 1\n"
    assert lines(tmp_path, HEAD + body) == {"a": "seen.yaml.j2:9", "b": "seen.yaml.j2:10"}


def test_where_marks_break_the_template_the_file_alone_is_known(tmp_path: Path) -> None:
    body = "{% set block %}7{% endset %}\ndata:\n  a: x{{ range(block | trim | int) | list | last + 1 }}\n"
    assert set(lines(tmp_path, HEAD + body).values()) <= {"seen.yaml.j2", "seen.yaml.j2:7"}


def test_private_use_characters_of_the_users_own_stay(tmp_path: Path) -> None:
    body = "data:\n  a: '\U000f0000\U000f0001'\n  b: 1\n"
    ((item, places),) = located(tmp_path, {"chart/templates/seen.yaml.j2": HEAD + body})
    assert item.data["data"]["a"] == "\U000f0000\U000f0001"
    assert places.where("data", "b").line in (7, None)


def test_what_is_not_there_has_the_place_of_what_is_around_it(tmp_path: Path) -> None:
    ((_, places),) = located(tmp_path, {"chart/templates/seen.yaml.j2": HEAD})
    assert str(places.where("metadata", "namespace")) == "chart/templates/seen.yaml.j2:3"
    assert str(places.where("metadata", "name", 0, "x")) == "chart/templates/seen.yaml.j2:4"


def test_several_documents_lists_and_empty_ones_keep_their_order(tmp_path: Path) -> None:
    template = (
        f"---\n# nothing\n---\n{HEAD}data: {{k: 1}}\n---\napiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n"
        "- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: b\n"
    )
    found = located(tmp_path, {"chart/templates/seen.yaml.j2": template, "chart/templates/z.yaml.j2": HEAD})
    names = [(item.name, str(places.where("metadata", "name"))) for item, places in found]
    assert names == [
        ("x", "chart/templates/seen.yaml.j2:7"),
        ("a", "chart/templates/seen.yaml.j2:13"),
        ("b", "chart/templates/seen.yaml.j2:17"),
        ("x", "chart/templates/z.yaml.j2:4"),
    ]


def test_static_manifests_have_line_and_column(tmp_path: Path) -> None:
    found = located(
        tmp_path,
        {
            "app/component.yaml": "type: static\npath: ./m\n",
            "app/m/a.yaml": f"# head\n---\n{HEAD}data:\n  k: v\n",
            "app/m/b.json": '{"apiVersion": "v1", "kind": "List", "items": [\n'
            ' {"apiVersion": "v1", "kind": "Secret",\n  "metadata": {"name": "s"}}]}',
        },
    )
    assert [str(places.where("metadata", "name")) for _, places in found] == [
        "app/m/a.yaml:6:3",
        "app/m/b.json:3:16",
    ]


def test_helm_and_kustomize_name_the_file(tmp_path: Path) -> None:
    files = {
        "app/component.yaml": "type: helm\npath: ./helm\n",
        "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
        "app/helm/templates/cm.yaml": f"# {{{{ .Release.Name }}}}\n{HEAD}",
    }
    ((_, places),) = located(tmp_path / "helm", files)
    assert str(places.where("metadata", "name")) == "app/helm/templates/cm.yaml"
    files = {
        "app/component.yaml": "type: kustomize\npath: ./k\n",
        "app/k/kustomization.yaml": "resources: [cm.yaml]\n",
        "app/k/cm.yaml": HEAD,
    }
    ((_, places),) = located(tmp_path / "kustomize", files)
    assert str(places.where("metadata", "name")) == "app/k/kustomization.yaml"
