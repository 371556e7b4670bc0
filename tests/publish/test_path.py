"""A path of a branch: what is ours there, what stays, and what is in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.fleet import ENVIRONMENTS, PATHS
from tests.publish.manifests import Fleet, git

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"


def test_each_environment_has_a_folder_of_one_branch(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("--all")
    files = fleet.files("main")
    beside = {f"clusters/{name}/hydrator.metadata" for name in ENVIRONMENTS}
    assert set(files) - beside == {f"clusters/{name}/{path}" for name in ENVIRONMENTS for path in PATHS}
    assert ".gitattributes" not in files
    before = fleet.refs()
    fleet.published("--all")
    assert fleet.refs() == before


def test_a_branch_and_a_path_together(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, "{repository: ../manifests.git, branch: 'env/{environment}', path: /deploy/./x/}")
    assert "is no path to publish to" in fleet.refused("prod-east")
    fleet.published("prod-east", "--path", "deploy/./x/")
    assert set(fleet.files("env/prod-east", "deploy/x")) == {*PATHS, "hydrator.metadata"}


def test_a_removed_component_goes_and_foreign_files_stay(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("--all")
    fleet.by_hand("main", {"README.md": "hello\n", "clusters/prod-east/queue/notes.txt": "mine\n"})
    for path in ("component.yaml", "manifests/queue.yaml"):
        (fleet.project.root / "apps/queue" / path).unlink()
    fleet.commit("no queue")
    fleet.published("--all")
    files = fleet.files("main")
    assert not [path for path in files if path.endswith("queue.yaml")]
    assert files["README.md"] == "hello"
    assert files["clusters/prod-east/queue/notes.txt"] == "mine"
    before = fleet.refs()
    fleet.published("--all")
    assert fleet.refs() == before


def test_files_of_our_names_that_no_inventory_owns_need_adopt(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.by_hand("main", {"clusters/prod-east/queue/queue.yaml": "theirs\n"})
    message = fleet.refused("prod-east")
    assert "queue/queue.yaml" in message
    assert "--adopt" in message
    fleet.published("prod-east", "--adopt")
    assert "name: queue" in fleet.files("main")["clusters/prod-east/queue/queue.yaml"]
    fleet.colour("rot")
    fleet.published("prod-east")


@pytest.mark.parametrize("link", ["clusters", "clusters/prod-east", "clusters/prod-east/queue"])
def test_a_symbolic_link_in_the_way_is_refused_also_with_adopt(tmp_path: Path, link: str) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.by_hand("main", {"elsewhere/x": "x\n"}, links={link: "elsewhere"})
    message = fleet.refused("prod-east", "--adopt")
    assert f"`{link}` on main is a symbolic link" in message


def test_a_file_where_a_folder_is_to_be_and_the_reverse_are_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.by_hand("main", {"clusters/prod-east/queue": "x\n", "clusters/prod-west/queue/queue.yaml/x": "x\n"})
    assert "is a file where a folder is to be" in fleet.refused("prod-east", "--adopt")
    assert "is a folder where a file is to be" in fleet.refused("prod-west", "--adopt")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", ".git", "a/.GIT/hooks", "a\\b", "a /b", "a\nb"])
def test_a_path_that_escapes_is_refused(tmp_path: Path, path: str) -> None:
    fleet = Fleet(tmp_path)
    assert "is no path to publish to" in fleet.refused("prod-east", "--branch", "main", "--path", path)


@pytest.mark.parametrize("branch", ["a..b", "-x", "a b", "a/.b", "x.lock", "a:b", "refs/heads/"])
def test_what_is_no_branch_is_refused(tmp_path: Path, branch: str) -> None:
    fleet = Fleet(tmp_path)
    assert "is no name for a branch" in fleet.refused("prod-east", f"--branch={branch}")


@pytest.mark.parametrize("repository", ["ext::sh -c 'touch pwned'", "--upload-pack=touch pwned", " "])
def test_a_repository_that_would_run_a_program_is_refused(tmp_path: Path, repository: str) -> None:
    fleet = Fleet(tmp_path)
    assert "is no repository" in fleet.refused("prod-east", f"--repository={repository}")
    assert not list(tmp_path.rglob("pwned"))


def test_a_path_without_a_branch_is_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, "{repository: ../manifests.git, path: 'clusters/{environment}'}")
    assert "not its branch" in fleet.refused("prod-east")


@pytest.mark.parametrize(
    ("east", "west"),
    [("clusters", "clusters"), ("clusters", "clusters/west"), ("", "west"), ("a/b", "a/./b/")],
)
def test_equal_and_nested_targets_are_refused(tmp_path: Path, east: str, west: str) -> None:
    fleet = Fleet(tmp_path)
    for name, path, repository in (
        ("prod-east", east, "../manifests.git"),
        ("prod-west", west, f"{tmp_path}/definitions/../manifests.git"),
    ):
        target = f"publish: {{repository: {repository}, branch: main, path: '{path}'}}\n"
        fleet.commit(name, {f"environments/{name}.yaml": target})
    assert "`prod-west`" in fleet.refused("prod-east")
    assert "`prod-east`" in fleet.refused("prod-west")
    fleet.published("edge-1")


def test_a_name_that_another_begins_with_is_not_nested(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, "{repository: ../manifests.git, branch: main, path: '{environment}'}")
    fleet.commit("longer", {"environments/prod-east-2.yaml": "labels: {region: us}\n"})
    fleet.published("--all")


@pytest.mark.parametrize("text", ['["../../x"]', "[" * 100_000, "{}", "not json"])
def test_a_damaged_inventory_is_refused_and_named(tmp_path: Path, text: str) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("prod-east")
    fleet.by_hand("main", {"clusters/prod-east/inventory.json": text})
    fleet.colour("rot")
    assert "inventory.json" in fleet.refused("prod-east", "--overwrite-edits")


def test_names_with_odd_characters_of_others_survive(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, PATH)
    names = {'clusters/prod-east/a "quoted" näme.txt': "1", "clusters/prod-east/:(glob)*": "2"}
    fleet.by_hand("main", names)
    fleet.published("prod-east")
    fleet.colour("rot")
    fleet.published("prod-east")
    listed = git(fleet.manifests, "ls-tree", "-r", "-z", "--name-only", "main").split("\0")
    assert set(names) <= set(listed)
