"""Environments: their files, the defaults they share, their layers, and the config files that name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import __version__
from tests.shop import OLD, generated, refused, seen, shop, values

LAYERED = {"environments/prod.yaml": "layers: [eu, live]\n"}


def test_a_template_sees_labels_and_kubernetes_with_the_defaults_of_all(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "environments/common.yaml": """\
            labels: {tier: production, region: none, legacy: "true"}
            kubernetes: {version: "1.31", apiVersions: [example.com/v1]}
            """,
            "environments/prod.yaml": """\
            labels: {region: eu, legacy: null}
            kubernetes: {version: "1.32"}
            """,
        },
    )
    generated(project)
    assert seen(project, "prod/app/app.yaml")["environment"] == {
        "name": "prod",
        "labels": {"tier": "production", "region": "eu"},
        "kubernetes": {"version": "1.32", "apiVersions": ["example.com/v1"]},
    }


def test_an_environment_file_may_be_json_and_may_be_empty(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {"environments/west.json": '{"config": {}, "labels": {"a": "b"}}', "environments/east.yaml": ""},
    )
    generated(project, "--all")
    assert seen(project, "west/app/app.yaml")["environment"]["labels"] == {"a": "b"}
    assert seen(project, "east/app/app.yaml")["environment"]["labels"] == {}


def test_layers_of_its_own_replace_those_of_common(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "environments/common.yaml": "layers: [live]\n",
            "environments/test.yaml": "layers: []\n",
            "app/config/live.yaml": "config: {live: true}\n",
        },
    )
    generated(project, "--all")
    assert values(project) == {"live": True}
    assert values(project, environment="test") == {}


def test_an_unknown_environment_is_wrong_usage_and_names_the_nearest(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {},
        "there is no environment `prd`: no environments/prd.yaml",
        "did you mean 'prod'?",
        args=("prd",),
        code=2,
    )


def test_common_is_no_environment(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"environments/common.yaml": ""},
        "there is no environment `common`",
        args=("common",),
        code=2,
    )


def test_an_unknown_environment_changes_nothing_for_the_known(tmp_path: Path) -> None:
    refused(tmp_path, {}, "there is no environment `nope`", args=("prod", "nope"), code=2)


def test_a_layer_that_no_file_is_named_after_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"environments/prod.yaml": "layers:\n  - live\n  - eu\n", "app/config/lives.yaml": ""}
        | {"app/config/lives.yaml": None, "app/config/eu.yaml": "config: {}\n"},
        "environments/prod.yaml:2:5: there is no layer `live`: no config/live.yaml anywhere",
        "known: eu",
    )


def test_a_layer_misspelt_names_the_nearest_there_is(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "environments/prod.yaml": "layers: [prduction]\n",
            "environments/test.yaml": "layers: [production]\n",
            "app/config/production.yaml": "",
        },
        "environments/prod.yaml:1:10: there is no layer `prduction`",
        "did you mean 'production'?",
    )


@pytest.mark.parametrize("layer", ["common", "../x", "A", "inventory"])
def test_a_layer_that_cannot_be_one_is_refused(tmp_path: Path, layer: str) -> None:
    refused(
        tmp_path,
        {"environments/prod.yaml": f"layers:\n  - {layer}\n"},
        f"environments/prod.yaml:2:5: `{layer}` is no name for a layer",
    )


def test_a_config_file_that_names_nothing_is_refused_for_all(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {**LAYERED, "app/config/eu.yaml": "", "app/config/live.yaml": "", "app/config/prd.yaml": ""},
        "app/config/prd.yaml: `prd` is no environment, no layer of one, and not `common`",
        "did you mean 'prod'?",
    )


@pytest.mark.parametrize("folder", ["environments", "app/config", "config"])
def test_files_that_would_be_passed_over_are_refused(tmp_path: Path, folder: str) -> None:
    refused(
        tmp_path / "a",
        {f"{folder}/prod.yml": ""},
        f"{folder}/prod.yml: prod.yml is not read",
        "rename it to prod.yaml",
    )
    refused(
        tmp_path / "b", {f"{folder}/sub/prod.yaml": ""}, f"{folder}/sub: sub is not read", "move it elsewhere"
    )


@pytest.mark.parametrize("folder", ["environments", "app/config"])
def test_yaml_and_json_of_one_name_are_refused(tmp_path: Path, folder: str) -> None:
    refused(
        tmp_path,
        {f"{folder}/prod.yaml": "", f"{folder}/prod.json": "{}"},
        f"{folder}/prod.yaml: prod.yaml is here beside prod.json",
    )


def test_readmes_and_hidden_files_may_stand_beside(tmp_path: Path) -> None:
    project = shop(
        tmp_path, {"environments/README.md": "x", "environments/.keep": "", "app/config/.keep": ""}
    )
    generated(project)


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_config_files_may_be_json(tmp_path: Path, suffix: str) -> None:
    project = shop(tmp_path, {f"app/config/prod.{suffix}": '{"config": {"a": 1}}'})
    generated(project)
    assert values(project) == {"a": 1}


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("environments/prod.yaml", "subcomponents:\n  ap: {config: {a: 1}}\n", "environments/prod.yaml:2:3"),
        ("config/prod.yaml", "subcomponents:\n  ap: {config: {a: 1}}\n", "config/prod.yaml:2:3"),
        ("config/common.yaml", "subcomponents:\n  ap/x: {config: {a: 1}}\n", "config/common.yaml:2:3"),
    ],
)
def test_config_for_a_subcomponent_that_is_not_there_is_refused(
    tmp_path: Path, file: str, text: str, place: str
) -> None:
    refused(tmp_path, {file: text}, place, "`shop` has no subcomponent `ap`", "did you mean 'app'?")


def test_config_below_a_component_that_has_nothing_below_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/config/common.yaml": "subcomponents:\n  canary: {disabled: true}\n"},
        "app/config/common.yaml:2:3: config for `canary`, but `app` has no subcomponent `canary`",
    )


def test_one_component_configured_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "component.yaml": "subcomponents:\n  - name: group\n"
            "    subcomponents: [{name: app, source: ./app}]\n",
            "config/prod.yaml": """\
            subcomponents:
              group/app: {config: {a: 1}}
              group:
                subcomponents:
                  app: {config: {a: 2}}
            """,
        },
        "config/prod.yaml:5:7: `group/app` is configured here and at config/prod.yaml:2:3",
    )


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            {"environments/east.yaml": "labels: {region: [eu]}\n"},
            "environments/east.yaml:1:10: `labels.region`",
        ),
        ({"environments/east.yaml": "lables: {}\n"}, "environments/east.yaml:1:1: unknown key `lables`"),
        ({"environments/east.yaml": "labels: {\n"}, "environments/east.yaml:"),
        ({"environments/east.yaml": "layers: [none]\n"}, "environments/east.yaml:1:10: there is no layer"),
        ({"app/config/east.yaml": "confg: {}\n"}, "app/config/east.yaml:1:1: unknown key `confg`"),
        ({"app/config/east.yaml": "config: {a: ${x}}\n"}, "app/config/east.yaml:1:"),
        (
            {"environments/east.yaml": "kubernetes: {version: latest}\n"},
            "environments/east.yaml:1:14: `kubernetes.version`",
        ),
    ],
)
def test_what_only_one_environment_reaches_refuses_that_one_alone(
    tmp_path: Path, broken: dict[str, str], message: str
) -> None:
    project = shop(tmp_path, {"environments/east.yaml": "", **OLD, **broken, "generated/east/old": "old"})
    run = project.generate("--all")
    assert run.code == 3
    assert message in run.err
    assert "Traceback" not in run.err
    assert values(project) == {}
    assert {path: text for path, text in project.tree().items() if path.startswith("east/")} == {
        "east/old": b"old"
    }
    # Who does not ask for it does not hear of it.
    assert project.generate("prod").code == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"environments/common.yaml": "lables: {}\n"},
        {"app/config/common.yaml": "config: [a]\n"},
        {"app/component.yaml": "type: jinjja\n"},
    ],
)
def test_what_all_environments_share_refuses_all(tmp_path: Path, broken: dict[str, str]) -> None:
    error = refused(tmp_path, {"environments/east.yaml": "", **broken}, args=("--all",))
    assert f"{next(iter(broken))}:1:" in error


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (">=99", f"component.yaml:1:12: this definition needs weft >=99, and this is {__version__}"),
        ("<0.0.1", "this definition needs weft <0.0.1"),
        ("newest", "component.yaml:1:12: `newest` is no version range"),
    ],
)
def test_another_version_of_weft_than_required_is_refused(tmp_path: Path, wanted: str, message: str) -> None:
    refused(tmp_path, {"component.yaml": f"requires: {{weft: '{wanted}'}}\n"}, message)


def test_a_range_of_a_program_that_is_none_is_refused_even_where_it_is_not_used(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"component.yaml": "requires:\n  helm: three\n"},
        "component.yaml:2:3: `three` is no version range",
    )


def test_the_required_version_of_weft_passes(tmp_path: Path) -> None:
    generated(shop(tmp_path, {"component.yaml": f"requires: {{weft: '=={__version__}'}}\n"}))
