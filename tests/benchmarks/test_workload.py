"""The benchmark's work: the same on every machine, and of the size that is said."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import trees
from benchmarks.workload import Size, environment, merged, service
from tests.project_tree import ROOT, read_tree
from tests.project_tree import environment as variables

TREES = ("weft", "kapitan", "floor", "helm", "fleet_helm", "fleet_weft", "kustomize", "kustomize_weft", "kcl")


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path, content in read_tree(folder).items():
        found.update(f"{path}\0".encode() + content)
    return found.hexdigest()


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_the_same_in_every_process(tmp_path: Path, tree: str) -> None:
    imports = "from pathlib import Path; from benchmarks import trees; from benchmarks.workload import Size"
    write = f"{imports}; trees.{tree}(Path('.'), Size(3, 2))"
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        command = [sys.executable, "-c", write]
        subprocess.run(command, cwd=folder, env=variables({"PYTHONHASHSEED": seed}), check=True)
    assert read_tree(tmp_path / "1")
    assert digest(tmp_path / "1") == digest(tmp_path / "2")


def test_a_unit_is_six_objects_of_about_nine_kilobytes(tmp_path: Path) -> None:
    trees.floor(tmp_path, Size(1, 1))
    command = [sys.executable, str(ROOT / "benchmarks" / "floor.py"), "bare"]
    subprocess.run(command, cwd=tmp_path, env=variables(), check=True)
    (text,) = read_tree(tmp_path / "out").values()
    assert text.count(b"\nkind: ") == 6
    assert 8500 < len(text) < 9500


def test_no_two_environments_have_a_label_set_in_common() -> None:
    labels = [
        merged(environment(name), service("s0001"))["environment"] for name in Size(1, 50).environment_names()
    ]
    assert len({str(item) for item in labels}) == 50


def test_a_revision_changes_one_file_of_a_tree(tmp_path: Path) -> None:
    for write, change in (
        (trees.weft, trees.change_weft),
        (trees.kapitan, trees.change_kapitan),
        (trees.floor, trees.change_values),
    ):
        root = tmp_path / write.__name__
        write(root, Size(2, 2))
        before = read_tree(root)
        change(root, "s0001", 1)
        after = read_tree(root)
        assert before.keys() == after.keys()
        assert len([path for path, content in after.items() if before[path] != content]) == 1


@pytest.mark.parametrize("text", ["", "5", "0x3", "3x0", "3x", "-1x2", "3x2x1"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="services x environments"):
        Size.of(text)
