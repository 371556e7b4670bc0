"""Config that nothing reads is told, and a null takes weft's own keys away."""

from __future__ import annotations

from pathlib import Path

from tests.shop import documents, generated, shop, values
from tests.shop import refused as refused_run

STATIC = {
    "component.yaml": "subcomponents:\n  - {name: app, type: static, path: m}\n",
    "m/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}


def test_config_of_static_manifests_is_noted(tmp_path: Path) -> None:
    project = shop(tmp_path, {**STATIC, "config/common.yaml": "subcomponents:\n  app:\n    config: {a: 1}\n"})
    run = generated(project)
    assert "note: config/common.yaml:3:14: `a` of `app` has no effect: static manifests" in run.err


def test_top_level_config_of_an_environment_is_noted_and_global_is_not(tmp_path: Path) -> None:
    text = "config:\n  a: 5\n  global: {b: 1}\n"
    run = generated(shop(tmp_path, {"environments/prod.yaml": text}))
    assert "environments/prod.yaml:2:3: `a` of `shop` has no effect" in run.err
    assert "global" not in run.err


def test_config_of_a_service_is_not_noted(tmp_path: Path) -> None:
    group = "subcomponents:\n  - name: svc\n    routing: {}\n    config: {a: 1}\n    subcomponents:\n"
    project = shop(tmp_path, {"component.yaml": group + "      - {name: app, type: jinja, path: chart}\n"})
    assert "no effect" not in project.generate("prod").err


def test_a_name_without_anything_below_is_checked_too(tmp_path: Path) -> None:
    refused_run(
        tmp_path,
        {"config/common.yaml": "subcomponents:\n  typo:\n"},
        "config/common.yaml:2:3: config for `typo`, but `shop` has no subcomponent `typo`",
    )


def test_null_takes_a_namespace_away(tmp_path: Path) -> None:
    files = {
        "config/common.yaml": "namespace: root\nsubcomponents:\n  app:\n    namespace: own\n",
        "config/prod.yaml": "subcomponents:\n  app:\n    namespace: null\n",
    }
    project = shop(tmp_path, files)
    generated(project)
    assert documents(project, "prod/app/app.yaml")[0]["metadata"]["namespace"] == "root"


def test_null_takes_disabled_away(tmp_path: Path) -> None:
    files = {
        "config/common.yaml": "subcomponents:\n  app:\n    disabled: true\n",
        "config/prod.yaml": "subcomponents:\n  app:\n    disabled: null\n",
    }
    project = shop(tmp_path, files)
    generated(project)
    assert "prod/app/app.yaml" in project.tree()


def test_references_in_a_charts_own_values_are_text(tmp_path: Path) -> None:
    files = {
        "chart/values.yaml": 'home: "echo ${HOME} $${x}"\nlist: ["${a}"]\n',
        "config/common.yaml": "subcomponents:\n  app:\n    config:\n      name: ${environment.name}\n",
    }
    project = shop(tmp_path, files)
    generated(project)
    assert values(project) == {"home": "echo ${HOME} $${x}", "list": ["${a}"], "name": "prod"}


def test_an_environment_is_no_layer(tmp_path: Path) -> None:
    refused_run(
        tmp_path,
        {"environments/prod.yaml": "layers: [east]\n", "environments/east.yaml": "labels: {a: b}\n"},
        "environments/prod.yaml:1:10: `east` is an environment, so it is no layer",
    )


def test_no_environment_at_all_is_said(tmp_path: Path) -> None:
    run = shop(tmp_path, {"environments/prod.yaml": None}).generate("--all")
    assert (run.code, run.out) == (2, "")
    assert "there is no environment yet" in run.err


def test_a_token_in_a_source_is_not_shown(tmp_path: Path) -> None:
    text = (
        "subcomponents:\n  - {name: app, source: 'https://me:tok3n@example.com/x?access_token=abc&ref=v1'}\n"
    )
    said = refused_run(
        tmp_path,
        {"component.yaml": text},
        "component.yaml:2:",
        "`https://example.com/x?access_token=…&ref=v1`",
    )
    assert "tok3n" not in said
    assert "abc" not in said


def test_a_scalar_that_needed_quotes_is_told_so(tmp_path: Path) -> None:
    text = "subcomponents:\n  - {name: app, type: jinja, path: n}\n"
    refused_run(tmp_path, {"component.yaml": text}, "`subcomponents[0].path` is false", "put it in quotes")


def test_names_that_are_no_strings_are_refused(tmp_path: Path) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\n"
    refused_run(
        tmp_path,
        {**STATIC, "m/a.yaml": manifest},
        "m/a.yaml:1:1: `metadata.name` of ConfigMap is True, expected a string",
    )


def test_one_broken_environment_does_not_stop_a_selection(tmp_path: Path) -> None:
    files = {
        "environments/east.yaml": "labels: {region: eu\n",
        "environments/west.yaml": "labels: {region: us}\n",
    }
    project = shop(tmp_path, files)
    run = project.generate("-l", "region=eu")
    assert run.code == 3
    assert "environments/east.yaml:" in run.err
    assert sorted({path.split("/")[0] for path in project.tree()}) == ["prod"]


def test_another_weft_is_refused_before_its_keys_are(tmp_path: Path) -> None:
    text = "requires: {weft: '>=99'}\nfuture: key\nsubcomponents:\n  - {name: app, source: ./app}\n"
    said = refused_run(
        tmp_path, {"component.yaml": text}, "component.yaml:1:12: this definition needs weft >=99"
    )
    assert "future" not in said
