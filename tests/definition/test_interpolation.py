"""References in config: `${environment.…}` and `${global.…}`, what they may stand in, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.definition.test_cascade import HELM, helm_values
from tests.shop import documents, generated, refused, seen, shop, values

GLOBAL = """\
config:
  global:
    domain: example.com
    count: 3
    on: true
    list: [1, 2]
    map: {a: 1}
    host: api.${global.domain}
    nested: {deep: {port: 80}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${environment.name}", "prod"),
        ("${environment.labels.region}", "eu"),
        ("${environment.labels.topology.kubernetes.io/zone}", "a"),
        ("${environment.kubernetes.version}", "1.31"),
        ("a-${environment.name}-${environment.labels.region}-z", "a-prod-eu-z"),
        ("https://${global.host}/", "https://api.example.com/"),
        ("${global.count}", 3),
        ("${global.on}", True),
        ("${global.list}", [1, 2]),
        ("${global.map}", {"a": 1}),
        ("${global.nested.deep.port}", 80),
        ("${global.count} of ${global.on}", "3 of true"),
        ("$${environment.name}", "${environment.name}"),
        ("$${x} is ${environment.name}", "${x} is prod"),
        ("costs $5 and $ {x} and {y}", "costs $5 and $ {x} and {y}"),
    ],
)
def test_a_reference_is_filled_in_and_keeps_its_type(tmp_path: Path, text: str, expected: Any) -> None:
    project = shop(
        tmp_path,
        {
            "config/common.yaml": GLOBAL,
            "environments/prod.yaml": "labels: {region: eu, topology.kubernetes.io/zone: a}\n"
            "kubernetes: {version: '1.31'}\n",
            "app/config/prod.yaml": yaml.safe_dump({"config": {"x": text, "in": [{"list": text}]}}),
        },
    )
    generated(project)
    found = values(project)
    assert found["x"] == expected
    assert type(found["x"]) is type(expected)
    assert found["in"] == [{"list": expected}]


def test_helm_values_are_filled_in(tmp_path: Path) -> None:
    found = helm_values(
        tmp_path,
        {"app/config/prod.yaml": "config: {at: '${environment.name}', n: '${global.n}', global: {n: 3}}\n"},
    )
    assert found == {"at": "prod", "n": 3}


def test_namespace_labels_and_annotations_are_filled_in(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/config/prod.yaml": """\
            namespace: app-${environment.name}
            labels: {region: "${environment.labels.region}"}
            annotations: {domain: "${global.domain}"}
            config: {global: {domain: example.com}}
            """,
        },
    )
    generated(project)
    metadata = documents(project, "prod/app/app.yaml")[0]["metadata"]
    assert metadata == {
        "name": "app",
        "namespace": "app-prod",
        "labels": {"region": "eu"},
        "annotations": {"domain": "example.com"},
    }


def test_a_label_that_is_filled_with_a_number_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/config/prod.yaml": "config: {global: {n: 3}}\nlabels:\n  n: ${global.n}\n"},
        "app/config/prod.yaml:3:3: `n` is not a string",
    )


def test_the_same_config_is_filled_in_for_each_environment(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {"environments/east.yaml": "", "app/config/common.yaml": "config: {at: '${environment.name}'}\n"},
    )
    generated(project, "--all")
    assert (values(project)["at"], values(project, environment="east")["at"]) == ("prod", "east")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("${environment.nam}", ("`${environment.nam}` is unknown", "did you mean 'environment.name'?")),
        ("${environment.labels.regoin}", ("did you mean 'environment.labels.region'?",)),
        ("${global.domian}", ("`${global.domian}` is unknown", "did you mean 'global.domain'?")),
        ("${global.nested.depe.port}", ("did you mean 'global.nested.deep'?",)),
        ("${global.count.x}", ("is unknown",)),
        ("${HOME}", ("`${HOME}` is unknown",)),
        ("${}", ("`${}` is unknown",)),
        ("${environment.name", ("`${` is not closed", "$${")),
        ("a ${global.map}", ("`${global.map}` is no scalar",)),
        ("a ${global.list}", ("`${global.list}` is no scalar",)),
    ],
)
def test_a_reference_to_nothing_is_refused_where_it_stands(
    tmp_path: Path, text: str, messages: tuple[str, ...]
) -> None:
    files = {
        "config/common.yaml": GLOBAL,
        "app/config/prod.yaml": f"config:\n  x:\n    - a\n    - {{y: '{text}'}}\n",
    }
    refused(tmp_path / "jinja", files, "app/config/prod.yaml:4:8: ", *messages)
    refused(tmp_path / "helm", {**HELM, **files}, "app/config/prod.yaml:4:8: ", *messages)


@pytest.mark.parametrize(
    ("shared", "messages"),
    [
        ("{a: '${global.a}'}", ("`${global.a}` refers to itself: global.a -> global.a",)),
        (
            "{a: '${global.b}', b: 'x ${global.c}', c: '${global.a}'}",
            ("refers to itself: global.a -> global.b -> global.c -> global.a",),
        ),
        ("{a: {b: ['${global.a}']}}", ("refers to itself: global.a -> global.a",)),
    ],
)
def test_references_in_a_circle_are_refused(tmp_path: Path, shared: str, messages: tuple[str, ...]) -> None:
    refused(
        tmp_path,
        {"app/config/prod.yaml": f"config:\n  x: '${{global.a}}'\n  global: {shared}\n"},
        "app/config/prod.yaml:",
        *messages,
    )


@pytest.mark.parametrize("shared", ["5", "text", "[a]", "true"])
def test_a_global_that_is_no_map_is_no_crash(tmp_path: Path, shared: str) -> None:
    refused(
        tmp_path,
        {"app/config/prod.yaml": f"config: {{global: {shared}, x: '${{global.a}}'}}\n"},
        "app/config/prod.yaml:1:",
    )


def test_a_global_that_is_a_map_above_and_none_below_names_both(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"config/common.yaml": GLOBAL, "app/config/prod.yaml": "config: {global: text}\n"},
        "config/common.yaml:2:3: `global` of `app` is a map here and a scalar at app/config/prod.yaml:1:10",
    )


def test_references_that_double_at_each_step_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    steps = "".join(f"    a{n}: ${{global.a{n - 1}}}${{global.a{n - 1}}}\n" for n in range(1, 60))
    refused(
        tmp_path / "text",
        {"app/config/prod.yaml": f"config:\n  global:\n    a0: xxxxxxxx\n{steps}"},
        "app/config/prod.yaml:",
    )
    steps = "".join(f"    a{n}: ['${{global.a{n - 1}}}', '${{global.a{n - 1}}}']\n" for n in range(1, 60))
    refused(
        tmp_path / "lists",
        {"app/config/prod.yaml": f"config:\n  global:\n    a0: xxxxxxxx\n{steps}"},
        "app/config/prod.yaml:",
    )


def test_environment_seen_by_a_template_is_the_one_being_rendered(tmp_path: Path) -> None:
    project = shop(tmp_path, {"environments/east.yaml": "labels: {region: us}\n"})
    generated(project, "--all")
    assert seen(project, "east/app/app.yaml")["environment"]["labels"] == {"region": "us"}
