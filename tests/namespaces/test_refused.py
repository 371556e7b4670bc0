"""Mappings that make no sense are refused where they stand, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.namespaces.app import DEFAULT, TREE, project
from tests.shop import refused

NAMESPACED = "type: jinja\npath: ../chart\nnamespace: mine\n"

PROD = "environments/prod.yaml"


def mapping(text: str) -> dict[str, str | None]:
    """The shop with a mapping of the namespace of its application."""
    return {"app/component.yaml": NAMESPACED, "environments/prod.yaml": f"namespaces:\n  mine: {text}\n"}


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{}", ("environments/prod.yaml:2:3: found no `mapping` for namespace `mine`", "same, default")),
        ("{name: x}", ("environments/prod.yaml:2:3: found no `mapping` for namespace `mine`",)),
        (
            "{mapping: selected}",
            ("environments/prod.yaml:2:3: `mapping: selected` of namespace `mine` needs",),
        ),
        (
            "{mapping: same, name: x}",
            ("environments/prod.yaml:2:25: `mapping: same` of namespace `mine` takes no `name`",),
        ),
        (
            "{mapping: selected, name: A b}",
            ("environments/prod.yaml:2:29: `A b` is no name for a namespace", "DNS label"),
        ),
        ("{mapping: defualt}", ("environments/prod.yaml:2:", "did you mean 'default'?")),
        ("selected", ("environments/prod.yaml:2:",)),
        (
            "{mapping: default}",
            (
                "environments/prod.yaml:2:3: `mapping: default` of namespace `mine` needs an origin, and no "
                "placement names one",
                "an `origin`, or write mapping: selected",
            ),
        ),
    ],
)
def test_a_mapping_that_is_not_whole(tmp_path: Path, text: str, messages: tuple[str, ...]) -> None:
    refused(tmp_path, mapping(text), *messages)


@pytest.mark.parametrize("name", ['""', "Mine", '"a.b"'])
def test_what_is_no_name_for_a_namespace(tmp_path: Path, name: str) -> None:
    said = f"namespaces:\n  {name}: {{mapping: selected, name: x}}\n"
    message = f"environments/prod.yaml:2:3: `{name.strip(chr(34))}` is no name for a namespace"
    refused(
        tmp_path, {"app/component.yaml": NAMESPACED, "environments/prod.yaml": said}, message, "DNS label"
    )


def test_a_default_name_that_is_too_long(tmp_path: Path) -> None:
    space = "a" * 60
    root = f"""\
name: shop
subcomponents:
  - {{name: app, source: ./app, namespace: {space}, placement: {{origin: west}}}}
namespaces: {{{space}: {{mapping: default}}}}
"""
    files: dict[str, str | None] = {"component.yaml": root, "environments/west.yaml": ""}
    refused(tmp_path, files, f"component.yaml:4:14: `{space}-west` is no name", "longer than 63")


def test_several_origins(tmp_path: Path) -> None:
    root = """\
name: shop
subcomponents:
  - {name: app, source: ./app, namespace: mine, placement: {origin: west}}
  - {name: other, source: ./app, namespace: mine, placement: {origin: east}}
namespaces: {mine: {mapping: default}}
"""
    files: dict[str, str | None] = {
        "component.yaml": root,
        "app/component.yaml": "type: jinja\npath: ../chart\n",
        "environments/west.yaml": "",
        "environments/east.yaml": "",
    }
    refused(tmp_path, files, "component.yaml:5:14: `mapping: default`", "there are several: east, west")


def test_two_components_of_two_minds(tmp_path: Path) -> None:
    root = """\
name: shop
subcomponents:
  - {name: app, source: ./app, namespace: mine, namespaces: {mine: {mapping: selected, name: one}}}
  - {name: other, source: ./app, namespace: mine, namespaces: {mine: {mapping: selected, name: two}}}
"""
    refused(
        tmp_path,
        {"component.yaml": root},
        "component.yaml:4:64: namespace `mine` is to be `two` here, and `one` at component.yaml:3:62",
        "at a component above both",
    )


@pytest.mark.parametrize(
    ("mappings", "message"),
    [
        (
            "namespaces: {a: {mapping: selected, name: c}, b: {mapping: selected, name: c}}",
            f"{PROD}:1:47: namespaces `a` ({PROD}:1:14) and `b` would both be `c`",
        ),
        (
            "namespaces: {a: {mapping: selected, name: b}}",
            f"{PROD}:1:14: namespace `a` would be `b`, and ConfigMap b/two of component two is there",
        ),
        (
            "namespaces: {a: {mapping: selected, name: b}, b: {mapping: same}}",
            f"{PROD}:1:47: namespaces `a` ({PROD}:1:14) and `b` would both be `b`",
        ),
        (
            "namespaces: {a: {mapping: selected, name: b}, b: {mapping: selected, name: c}}",
            f"{PROD}:1:14: namespace `a` would be `b`, which is the name of a namespace that is mapped itself"
            f" ({PROD}:1:47)",
        ),
    ],
)
def test_two_namespaces_that_would_be_one(tmp_path: Path, mappings: str, message: str) -> None:
    root = """\
name: shop
subcomponents:
  - {name: one, type: jinja, path: ./chart, namespace: a}
  - {name: two, type: jinja, path: ./chart, namespace: b}
"""
    files: dict[str, str | None] = {"component.yaml": root, "environments/prod.yaml": mappings + "\n"}
    told = refused(tmp_path, {**files, "app/component.yaml": None}, message, "give")
    # The objects still have the names in the definition, which is no mistake of theirs.
    assert "unmapped-namespace" not in told
    assert "in namespace `a`, which is neither in the output nor declared" not in told


@pytest.mark.parametrize("args", [("prod",), ("--all",)])
def test_a_namespace_that_nothing_is_in(tmp_path: Path, args: tuple[str, ...]) -> None:
    files: dict[str, str | None] = {
        "app/component.yaml": NAMESPACED,
        "environments/prod.yaml": "namespaces: {mien: {mapping: selected, name: x}}\n",
        "environments/staging.yaml": "",
    }
    refused(
        tmp_path,
        files,
        "environments/prod.yaml:1:14: no environment has an object in namespace `mien`",
        "did you mean 'mine'?",
        args=args,
    )


def test_one_that_only_another_environment_has_objects_in_is_no_mistake(tmp_path: Path) -> None:
    # Stated in a manifest, and by no key of weft's.
    stated = TREE["app/all.yaml"].split("---\n")[0].replace("{name: web}", "{name: web, namespace: lone}")
    root = TREE["component.yaml"].replace(
        "namespace: monitoring", "placement: {environments: [europe-cloud]}"
    )
    files = {
        "component.yaml": root + "namespaces: {lone: {mapping: selected, name: single}}\n",
        "monitor/all.yaml": stated,
    }
    found = project(tmp_path, files)
    run = found.generate("europe-rome-edge")
    assert run.code == 0, run.err
    assert DEFAULT in (found.generated / "europe-rome-edge/namespaces/mapped.yaml").read_text()
