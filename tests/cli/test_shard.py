"""`--shard N/M`: parts of the environments for a CI matrix, which together are the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ environment.name }}\n"
FILES = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: app, type: jinja, path: ./chart}]\n",
    "chart/chart.yaml": "name: app\n",
    "chart/templates/app.yaml.j2": MANIFEST,
    **{f"environments/c{number}.yaml": "labels: {tier: edge}\n" for number in range(7)},
}


def shard(root: Path, number: int, parts: int, *args: str) -> dict[str, bytes]:
    project = Project(root / f"{number}-{parts}").write(FILES)
    run = project.generate("--all", "--shard", f"{number}/{parts}", *args)
    assert run.code == 0, run.err
    return project.tree()


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 10])
def test_all_shards_are_the_whole_and_none_has_what_another_has(tmp_path: Path, parts: int) -> None:
    whole = Project(tmp_path / "whole").write(FILES)
    assert whole.generate("--all").code == 0
    union: dict[str, bytes] = {}
    sizes = []
    for number in range(1, parts + 1):
        part = shard(tmp_path, number, parts)
        assert not union.keys() & part.keys()
        union.update(part)
        sizes.append(len({path.partition("/")[0] for path in part}))
    assert union == whole.tree()
    assert max(sizes) - min(sizes) <= 1


def test_the_first_shard_removes_what_is_no_longer_an_environment(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES)
    assert project.generate("--all").code == 0
    (tmp_path / "environments/c0.yaml").unlink()
    assert project.generate("--all", "--shard", "2/2").code == 0
    assert "c0/kustomization.yaml" in project.tree()
    assert project.generate("--all", "--shard", "1/2").code == 0
    assert "c0/kustomization.yaml" not in project.tree()


@pytest.mark.parametrize("value", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/2/3", "/", "1/99999999"])
def test_what_is_no_shard_is_wrong_usage(tmp_path: Path, value: str) -> None:
    run = Project(tmp_path).write(FILES).generate("--all", f"--shard={value}")
    assert run.code == 2
    assert value.partition("/")[0] in run.err
    assert "Traceback" not in run.err
