"""What environments that no longer exist left: named by --all, removed only if told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publish.manifests import Fleet, git

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"


def test_the_branch_of_a_removed_environment_is_named_and_removed_only_if_told(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    fleet.by_hand("environment/somebodys", {"x": "not weft's\n"})
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    before = fleet.refs()
    run = fleet.published("--all")
    assert "prod-west: no longer an environment" in run.err
    assert "somebodys" not in run.err
    assert fleet.refs().split("refs/notes")[0] == before.split("refs/notes")[0]
    assert "prod-west" not in fleet.published("prod-east", "edge-1").err
    run = fleet.published("--all", "--prune-environments")
    assert "prod-west: removed" in run.err
    assert fleet.head("environment/prod-west") == ""
    assert fleet.head("environment/prod-east")
    assert fleet.head("environment/somebodys")
    assert "prod-west" not in fleet.published("--all", "--prune-environments").err


def test_the_path_of_a_removed_environment_goes_and_foreign_files_stay(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("--all")
    fleet.by_hand(
        "main",
        {
            "clusters/prod-west/README.md": "mine\n",
            "clusters/somebodys/inventory.json": "[]\n",
            "clusters/other/x.yaml": "x\n",
        },
    )
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    run = fleet.published("--all", "--prune-environments")
    assert "prod-west: removed" in run.err
    files = fleet.files("main")
    assert [path for path in files if path.startswith("clusters/prod-west/")] == [
        "clusters/prod-west/README.md"
    ]
    assert {"clusters/somebodys/inventory.json", "clusters/other/x.yaml"} < set(files)
    before = fleet.refs()
    fleet.published("--all", "--prune-environments")
    assert fleet.refs() == before


def test_a_branch_with_foreign_files_loses_only_ours(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    fleet.by_hand("environment/prod-west", {"README.md": "mine\n"})
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    fleet.published("--all", "--prune-environments")
    assert set(fleet.files("environment/prod-west")) == {"README.md"}
    assert fleet.message("environment/prod-west").startswith("prod-west: environment removed\n")


def test_hand_edits_keep_a_removed_environment_from_being_pruned(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    fleet.by_hand("environment/prod-west", {"queue/queue.yaml": "edited: true\n"})
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    run = fleet.run("--all", "--prune-environments")
    assert run.code == 3
    assert "queue/queue.yaml (changed)" in run.err
    assert fleet.head("environment/prod-west")
    fleet.published("--all", "--prune-environments", "--overwrite-edits")
    assert fleet.head("environment/prod-west") == ""


def test_the_environments_of_other_definitions_in_the_same_repository_are_not_ours(tmp_path: Path) -> None:
    fleet, other = Fleet(tmp_path / "one"), Fleet(tmp_path / "two")
    for name in ("edge-1", "prod-east", "prod-west"):
        other.commit(name, {f"environments/{name}.yaml": None, f"environments/other-{name}.yaml": "{}\n"})
    fleet.published("--all")
    other.published("--all", "--repository", str(fleet.manifests))
    before = fleet.refs()
    assert "other-" not in fleet.published("--all", "--prune-environments").err
    assert fleet.refs() == before


def test_an_environment_that_comes_back_is_published_again(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("--all")
    kept = (fleet.project.root / "environments/prod-west.yaml").read_text()
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    fleet.published("--all", "--prune-environments")
    fleet.commit("back", {"environments/prod-west.yaml": kept})
    fleet.published("--all")
    assert "clusters/prod-west/queue/queue.yaml" in fleet.files("main")
    assert git(fleet.manifests, "rev-list", "--count", "main") == "5"


@pytest.mark.parametrize("remote", [False, True], ids=["here", "remote"])
@pytest.mark.parametrize("target", ["{branch: special/west, path: .}", "{branch: main, path: special/west}"])
def test_an_environment_with_a_target_of_its_own_is_found_too(
    tmp_path: Path, target: str, remote: bool
) -> None:
    fleet = Fleet(tmp_path, PATH)
    address = fleet.manifests.as_uri() if remote else "../manifests.git"
    fleet.commit(
        "own targets",
        {
            "environments/common.yaml": f"publish: {{repository: '{address}', branch: main,"
            " path: 'clusters/{environment}'}\n",
            "environments/prod-west.yaml": f"publish: {target}\n",
        },
    )
    fleet.by_hand("feature", {"clusters/prod-west/inventory.json": "[]\n"})
    fleet.published("--all")
    branch, path = ("main", "special/west") if "main" in target else ("special/west", "")
    assert "kustomization.yaml" in fleet.files(branch, path)
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    before = fleet.refs()
    run = fleet.published("--all")
    assert "prod-west: no longer an environment" in run.err
    assert fleet.refs().split("refs/notes")[0] == before.split("refs/notes")[0]
    run = fleet.published("--all", "--prune-environments")
    assert "prod-west: removed" in run.err
    if path:
        assert not [name for name in fleet.files("main") if name.startswith("special/")]
    else:
        assert fleet.head("special/west") == ""
    assert fleet.head("feature")
    assert "clusters/prod-east/kustomization.yaml" in fleet.files("main")
    assert "prod-west" not in fleet.published("--all").err


def test_the_proposal_of_a_removed_environment_goes_with_it(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    fleet.colour("rot")
    fleet.published("--all", "--proposed")
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    fleet.published("--all", "--prune-environments")
    assert fleet.head("environment/prod-west-next") == fleet.head("environment/prod-west") == ""
    assert fleet.head("environment/prod-east-next")
