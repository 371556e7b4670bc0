"""A run that is killed at any step of its writing leaves what the next run can finish or undo."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from tests.fixtures.fleet import fleet, generated_fleet
from tests.project_tree import ROOT, Project, environment, read_tree

JOURNAL = ".weft-journal"
DECIDED = f"{JOURNAL}/journal.json"

# The second state of the fleet: files are added, changed, removed and the same, and an environment is gone.
CHANGED = {
    "apps/queue/manifests/queue.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\n",
    "apps/extra/component.yaml": "name: extra\ntype: static\nsource: ./manifests\n",
    "apps/extra/manifests/extra.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: extra}\n",
    "environments/edge-1.yaml": "subcomponents: {settings: {disabled: true}}\n",
}
GONE = "environments/prod-west.yaml"

Tree = Mapping[str, bytes]


def change(project: Project) -> Project:
    """Brings the definition into its second state."""
    project.write(CHANGED)
    (project.root / GONE).unlink()
    return project


def run_all(folders: Sequence[Path], steps: Sequence[int], *arguments: str) -> list[tuple[int, int]]:
    """Runs `weft generate --all` in each folder, killed at its step; the exit codes and numbers of steps."""
    runs = [
        {"folder": str(folder), "arguments": ["generate", "--all", *arguments], "step": step}
        for folder, step in zip(folders, steps, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.write.killed"],
        cwd=ROOT,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        input=json.dumps(runs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(code, count) for code, count in json.loads(done.stdout)]


def killed_everywhere(project: Project, work: Path) -> list[Path]:
    """Copies of `project`, the n-th killed at the n-th step of a run; the last run came through."""
    counting = copied(project.root, work / "counting")
    ((code, steps),) = run_all([counting], [0])
    assert code == 0
    assert steps > 0
    every = range(1, steps + 1)
    folders = [copied(project.root, work / f"{step:03}") for step in every]
    codes = [code for code, _ in run_all(folders, every)]
    assert codes == [-signal.SIGKILL] * steps
    return folders


def copied(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def finished(folders: Sequence[Path]) -> list[dict[str, bytes]]:
    """The output of each folder after a plain run that must end well."""
    codes = [code for code, _ in run_all(folders, [0] * len(folders))]
    assert codes == [0] * len(folders)
    return [read_tree(folder / "generated") for folder in folders]


def visible(folder: Path) -> dict[str, bytes]:
    """The output without what is only staged."""
    tree = read_tree(folder / "generated")
    return {path: content for path, content in tree.items() if not path.startswith(JOURNAL)}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The first state generated, the second one defined."""
    return change(generated_fleet(tmp_path_factory.mktemp("before")))


@pytest.fixture(scope="module")
def old(before: Project) -> Tree:
    return before.tree()


@pytest.fixture(scope="module")
def new(before: Project, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """What a run comes to that nobody interrupts."""
    (tree,) = finished([copied(before.root, tmp_path_factory.mktemp("new") / "fleet")])
    assert tree != before.tree()
    return tree


@pytest.fixture(scope="module")
def killed(before: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return killed_everywhere(before, tmp_path_factory.mktemp("killed"))


def lists(tree: Tree, name: str) -> set[str]:
    """The files that the kustomization and the inventory of an environment name, as far as they are there."""
    resources = yaml.safe_load(tree[f"{name}/kustomization.yaml"])["resources"]
    return {f"{name}/{path}" for path in resources}


def test_no_file_is_ever_half_written(killed: list[Path], old: Tree, new: Tree) -> None:
    for folder in killed:
        for path, content in visible(folder).items():
            assert content in (old.get(path), new.get(path)), f"{folder.name}: {path}"


def test_before_the_decision_nothing_has_changed_and_after_it_the_journal_knows(
    killed: list[Path], old: Tree, new: Tree
) -> None:
    decided = [(folder / "generated" / DECIDED).exists() for folder in killed]
    first = decided.index(True)
    # Once it is gone everything is done.
    end = len(decided) - decided[::-1].index(True)
    assert 0 < first < end
    assert all(decided[first:end])
    for folder in killed[:first]:
        assert visible(folder) == old, folder.name
    for folder in killed[end:]:
        assert visible(folder) == new, folder.name
    assert [visible(folder) for folder in killed[first:end]].count(dict(old)) < end - first


def test_lists_are_never_newer_than_what_they_list(killed: list[Path], old: Tree, new: Tree) -> None:
    seen = 0
    for folder in killed:
        tree = visible(folder)
        for name in ("edge-1", "prod-east"):
            listed = lists(new, name)
            if tree[f"{name}/kustomization.yaml"] == new[f"{name}/kustomization.yaml"]:
                seen += 1
                assert {path: tree.get(path) for path in listed} == {path: new[path] for path in listed}
            if tree[f"{name}/inventory.json"] == new[f"{name}/inventory.json"]:
                below = {path for path in tree if path.startswith(f"{name}/")}
                assert below == {path for path in new if path.startswith(f"{name}/")}
    assert seen


def test_a_check_sees_that_something_is_left_to_do(killed: list[Path], new: Tree) -> None:
    codes = [code for code, _ in run_all(killed, [0] * len(killed), "--check")]
    for folder, code in zip(killed, codes, strict=True):
        done = visible(folder) == new and not (folder / "generated" / DECIDED).exists()
        assert code == (0 if done else 1), folder.name


def test_the_next_run_finishes(killed: list[Path], new: Tree, tmp_path: Path) -> None:
    for tree in finished([copied(folder, tmp_path / folder.name) for folder in killed]):
        assert tree == new


def test_a_run_after_a_change_of_mind_undoes(killed: list[Path], old: Tree, tmp_path: Path) -> None:
    folders = [copied(folder, tmp_path / folder.name) for folder in killed]
    for folder in folders:
        shutil.rmtree(folder / "apps" / "extra")
        fleet(folder)
    for tree in finished(folders):
        assert tree == old


def test_a_run_that_finishes_another_may_be_killed_too(killed: list[Path], new: Tree, tmp_path: Path) -> None:
    # The first state after the decision has everything yet to do.
    decided = next(folder for folder in killed if (folder / "generated" / DECIDED).exists())
    for tree in finished(killed_everywhere(Project(decided), tmp_path)):
        assert tree == new


def test_a_first_run_that_is_killed(new: Tree, tmp_path: Path) -> None:
    project = change(fleet(tmp_path / "fleet"))
    for tree in finished(killed_everywhere(project, tmp_path / "killed")):
        assert tree == new


def test_a_new_folder_that_somebody_made_meanwhile_is_filled(new: Tree, tmp_path: Path) -> None:
    """The run is killed after its decision; then a file of the user's is where the new folder was to be."""
    project = change(fleet(tmp_path / "fleet"))
    killed = killed_everywhere(project, tmp_path / "killed")
    decided = [folder for folder in killed if (folder / "generated" / DECIDED).exists()]
    folders = [folder for folder in decided if not (folder / "generated" / "edge-1").exists()]
    assert folders
    for folder in folders:
        Project(folder).write({"generated/edge-1/mine/README.md": "mine\n"})
    for tree in finished(folders):
        assert tree == {**new, "edge-1/mine/README.md": b"mine\n"}


def test_the_journal_of_a_run_that_another_program_damaged_is_refused(
    killed: list[Path], tmp_path: Path
) -> None:
    decided = next(folder for folder in killed if (folder / "generated" / DECIDED).exists())
    damages = [
        "not JSON",
        "[]",
        '{"writes": [["0", "../../escaped"]], "removes": []}',
        '{"writes": [["../0", "edge-1/queue/queue.yaml"]], "removes": []}',
        '{"writes": [], "removes": ["../../component.yaml"]}',
        '{"writes": [], "removes": ["/etc/hostname"]}',
        '{"writes": [], "removes": [], "folders": {"..": ["component.yaml"]}}',
        '{"writes": [], "removes": [], "folders": {"../escaped": ["a.yaml"]}}',
        '{"writes": [], "removes": [], "folders": ["edge-1"]}',
        "[" * 200_000,
    ]
    folders = [copied(decided, tmp_path / str(index)) for index in range(len(damages))]
    for folder, damage in zip(folders, damages, strict=True):
        (folder / "generated" / DECIDED).write_text(damage)
    states = [read_tree(folder) for folder in folders]
    codes = [code for code, _ in run_all(folders, [0] * len(folders))]
    assert codes == [3] * len(folders)
    assert [read_tree(folder) for folder in folders] == states
