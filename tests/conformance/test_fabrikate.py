"""Runs recorded from the real Fabrikate: weft in the dialect gives the same documents, file by file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fetch.origin import Origin
from tests.project_tree import Project, Run, read_tree

CASES = Path(__file__).parent / "fabrikate"
INDEX = json.loads((CASES / "index.json").read_text())
# What weft does otherwise on purpose; each has a test of its own below.
DIFFERENT = {"01-merge-5", "08a-helm-raw-0", "08b-helm-inject-0"}
OWN = ("kustomization.yaml", "inventory.json")


def run_case(tmp_path: Path, case: str, layers: list[str]) -> tuple[Project, Run]:
    """`fab generate LAYER...` as weft runs it, on a copy of the case's input."""
    shutil.copytree(CASES / case / "input", tmp_path / "definition")
    project = Project(tmp_path / "definition")
    options = [option for layer in layers for option in ("--layer", layer)]
    return project, project.generate("--dialect", "fabrikate", *options)


def parsed(tree: dict[str, bytes]) -> dict[str, list[Any]]:
    """The documents of each file that holds any, without weft's own two files."""
    documents = {
        path: [document for document in yaml.safe_load_all(text) if document is not None]
        for path, text in tree.items()
        if not path.endswith(OWN)
    }
    return {path: found for path, found in documents.items() if found}


def recorded(case: str, run: int) -> dict[str, list[Any]]:
    return parsed(read_tree(CASES / case / f"expected-{run}" / "generated"))


def label(entry: dict[str, Any]) -> str:
    return f"{entry['case']}-{entry['run']}"


@pytest.mark.parametrize("entry", [entry for entry in INDEX if label(entry) not in DIFFERENT], ids=label)
def test_the_documents_are_those_of_fabrikate(tmp_path: Path, entry: dict[str, Any]) -> None:
    project, run = run_case(tmp_path, entry["case"], entry["args"][1:])
    assert run.code == entry["rc"] == 0, run.err
    expected = recorded(entry["case"], entry["run"])
    assert expected
    assert parsed(project.tree()) == expected


@pytest.mark.parametrize("case", sorted({entry["case"] for entry in INDEX}))
def test_fetched_from_git_the_documents_are_the_same(tmp_path: Path, case: str) -> None:
    """`fab install` and `fab generate` of a definition that brings the case in as a remote component."""
    origin = Origin(tmp_path / "origin", {})
    shutil.copytree(CASES / case / "input", origin.folder, dirs_exist_ok=True)
    origin.commit({})
    reference = f"{{name: remote, source: '{origin.url}', method: git, branch: main}}"
    project = Project(tmp_path / "definition").write(
        {"component.yaml": f"name: top\nsubcomponents: [{reference}]\n"}
    )
    done = project.weft("install", "--dialect", "fabrikate")
    assert done.code == 0, done.err
    shutil.rmtree(origin.folder)
    for entry in INDEX:
        if entry["case"] != case or label(entry) in DIFFERENT:
            continue
        options = [option for layer in entry["args"][1:] for option in ("--layer", layer)]
        run = project.generate("--dialect", "fabrikate", *options)
        assert run.code == 0, run.err
        name = "-".join(entry["args"][1:]) or "common"
        expected = recorded(case, entry["run"])
        found = {path: value for path, value in parsed(project.tree()).items() if path.startswith(f"{name}/")}
        assert found == {
            f"{name}/remote/{path.removeprefix(f'{name}/')}": value for path, value in expected.items()
        }


@pytest.mark.parametrize("case", sorted({entry["case"] for entry in INDEX}))
def test_install_has_nothing_to_do_where_all_is_local(tmp_path: Path, case: str) -> None:
    shutil.copytree(CASES / case / "input", tmp_path / "definition")
    before = read_tree(tmp_path / "definition")
    run = Project(tmp_path / "definition").weft("install", "--dialect", "fabrikate")
    assert (run.code, run.out) == (0, ""), run.err
    assert read_tree(tmp_path / "definition") == before


def test_the_index_lists_every_recording_and_every_difference() -> None:
    found = {path.parent.name + path.name.replace("expected", "") for path in CASES.glob("*/expected-*")}
    assert found == {label(entry) for entry in INDEX}
    assert {entry["case"] for entry in INDEX} == {path.name for path in CASES.iterdir() if path.is_dir()}
    assert found >= DIFFERENT
    assert all(entry["rc"] == 0 for entry in INDEX)


def test_an_unknown_layer_is_refused_where_fabrikate_accepts_it(tmp_path: Path) -> None:
    project, run = run_case(tmp_path, "01-merge", ["typo"])
    assert run.code == 2
    assert "there is no layer `typo`: no config/typo.yaml anywhere" in run.err
    assert project.tree() == {}


def test_crds_are_kept_and_hooks_and_tests_dropped_where_fabrikate_does_the_reverse(tmp_path: Path) -> None:
    project, run = run_case(tmp_path, "08a-helm-raw", [])
    assert run.code == 0, run.err
    found = parsed(project.tree())["common/hc.yaml"]
    theirs = recorded("08a-helm-raw", 0)["common/hc.yaml"]
    crd = yaml.safe_load((CASES / "08a-helm-raw/input/chart/crds/crd.yaml").read_text())
    dropped = [item for item in theirs if "helm.sh/hook" in str(item)]
    assert [item["kind"] for item in dropped] == ["Pod", "Job"]
    assert found == [crd, *(item for item in theirs if item not in dropped)]
    for name in ("Pod t", "Job pre"):
        assert name in run.err


def test_cluster_scoped_kinds_get_no_namespace_where_fabrikate_gives_them_one(tmp_path: Path) -> None:
    project, run = run_case(tmp_path, "08b-helm-inject", [])
    assert run.code == 0, run.err
    found = parsed(project.tree())["common/hc.yaml"]
    theirs = recorded("08b-helm-inject", 0)["common/hc.yaml"]
    crd = yaml.safe_load((CASES / "08b-helm-inject/input/chart/crds/crd.yaml").read_text())
    expected = [item for item in theirs if "helm.sh/hook" not in str(item)]
    role = next(item for item in expected if item["kind"] == "ClusterRole")
    assert role["metadata"].pop("namespace") == "ns1"
    assert found == [crd, *expected]


def test_no_file_is_empty_where_fabrikate_writes_empty_ones(tmp_path: Path) -> None:
    project, _ = run_case(tmp_path, "06-naming", ["prod", "east"])
    theirs = read_tree(CASES / "06-naming" / "expected-0" / "generated")
    empty = {path for path, text in theirs.items() if not text.strip()}
    assert empty
    assert not empty & project.tree().keys()
    assert all(project.tree().values())


def test_the_dialect_may_stand_in_the_root_component(tmp_path: Path) -> None:
    shutil.copytree(CASES / "10-json" / "input", tmp_path / "definition")
    project = Project(tmp_path / "definition")
    root = tmp_path / "definition" / "component.json"
    root.write_text(json.dumps({**json.loads(root.read_text()), "dialect": "fabrikate"}))
    run = project.generate("--layer", "prod")
    assert run.code == 0, run.err
    assert parsed(project.tree()) == recorded("10-json", 0)


def test_layers_without_the_dialect_are_wrong_usage(tmp_path: Path) -> None:
    shutil.copytree(CASES / "10-json" / "input", tmp_path / "definition")
    run = Project(tmp_path / "definition").generate("--layer", "prod")
    assert run.code == 2
    assert "--dialect fabrikate" in run.err


def test_a_pass_that_would_land_on_an_environment_is_refused(tmp_path: Path) -> None:
    shutil.copytree(CASES / "10-json" / "input", tmp_path / "definition")
    project = Project(tmp_path / "definition").write({"environments/prod.yaml": ""})
    run = project.generate("--dialect", "fabrikate", "--layer", "prod")
    assert run.code == 2
    assert "`prod`, which is the name of an environment" in run.err
    assert project.tree() == {}


def test_documents_without_a_kind_pass_with_a_warning(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {"component.yaml": "name: st\ntype: static\npath: m\n", "m/a.yaml": "a: 1\n"}
    )
    run = project.generate("--dialect", "fabrikate")
    assert run.code == 0, run.err
    assert parsed(project.tree()) == {"common/st.yaml": [{"a": 1}]}
    assert "m/a.yaml:1:1" in run.err
    assert "kind" in run.err
