"""The dialect beyond the recorded runs: what Fabrikate accepts in silence, and weft refuses with a place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.project_tree import Project
from tests.shop import refused

ARGS = ("--dialect", "fabrikate")
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
TREE = {
    "component.yaml": "name: top\nsubcomponents:\n  - {name: app, source: ./app}\n",
    "app/component.yaml": "name: inner\ntype: static\npath: ./m\n",
    "app/m/x.yaml": MAP,
    "environments/prod.yaml": None,
}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"app/component.yaml": "name: a\ntype: terraform\n"}, "app/component.yaml:2:1: `type` is"),
        ({"app/component.yaml": "name: a\ntyp: static\n"}, "app/component.yaml:2:1: unknown key `typ`"),
        ({"config/common.yaml": "confg: {}\n"}, "config/common.yaml:1:1: unknown key `confg`"),
        (
            {"app/component.yaml": "name: ../../x\ntype: static\npath: ./m\n"},
            "app/component.yaml:1:1: `../../x`",
        ),
        ({"component.yaml": "name: ../x\ntype: static\npath: ./app/m\n"}, "component.yaml:1:1: `../x`"),
        ({"component.yaml": "name: kustomization\ntype: static\npath: ./app/m\n"}, "component.yaml:1:1: "),
        ({"app/component.yaml": "name: a\nsubcomponents: [{name: b, source: ../app}]\n"}, "brings itself in"),
        (
            {"component.yaml": "name: top\nsubcomponents:\n  - {name: app, source: https://example.com/a}\n"},
            "component.yaml:3:",
        ),
        (
            {
                "component.yaml": "name: top\ntype: static\npath: ./app/m\nsubcomponents:\n"
                "  - {name: top, type: static, path: ./app/m}\n"
            },
            "component.yaml:5:5: components `top` (component.yaml) and `top` both land on top.yaml",
        ),
    ],
)
def test_what_fabrikate_takes_in_silence_is_refused(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    refused(tmp_path, {**TREE, **files}, message, args=ARGS)


@pytest.mark.parametrize(
    ("strong", "weak"), [("{a: 1}", "1"), ("{a: 1}", "[1]"), ("[1]", "{a: 1}"), ("[1]", "text")]
)
def test_a_container_against_something_else_names_both_files(tmp_path: Path, strong: str, weak: str) -> None:
    refused(
        tmp_path,
        {
            **TREE,
            "app/component.yaml": "name: inner\ntype: jinja\npath: ../chart\n",
            "config/common.yaml": f"subcomponents: {{app: {{config: {{k: {strong}}}}}}}\n",
            "app/config/common.yaml": f"config:\n  k: {weak}\n",
        },
        "config/common.yaml:1:32: `k` of `app` is",
        "at app/config/common.yaml:2:3",
        args=ARGS,
    )


def test_config_for_a_subcomponent_that_is_not_there_is_told_and_passed_over(tmp_path: Path) -> None:
    project = Project(tmp_path).write({path: text for path, text in TREE.items() if text is not None})
    project.write({"config/common.yaml": "subcomponents: {ap: {config: {a: 1}}}\n"})
    run = project.generate(*ARGS)
    assert run.code == 0, run.err
    assert "config/common.yaml:1:17: config for `ap`" in run.err
    assert yaml.safe_load(project.tree()["common/app/inner.yaml"]) == yaml.safe_load(MAP)


def test_nothing_of_wefts_own_is_read_in_the_dialect(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {**TREE, "app/component.yaml": "name: inner\ntype: static\npath: ./m\nrouting: {}\n"},
        "app/component.yaml:4:1: unknown key `routing`",
        args=ARGS,
    )


@pytest.mark.parametrize("layer", [".weft-journal", "a/b", "..", ""])
def test_a_layer_that_would_be_a_path_is_wrong_usage(tmp_path: Path, layer: str) -> None:
    files = {"component.yaml": "name: app\ntype: static\npath: m\n", "m/a.yaml": "kind: A\n"}
    run = Project(tmp_path).write(files).generate("--dialect", "fabrikate", "--layer", layer)
    assert run.code == 2
    assert f"`{layer}` is no name for a layer" in run.err
    assert not (tmp_path / "generated").exists()
