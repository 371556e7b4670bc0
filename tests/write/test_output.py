"""The output tree: its layout, its order, what is rewritten, what is removed and what is never touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.fixtures.fleet import ENVIRONMENTS, PATHS, chosen, generated_fleet
from tests.project_tree import Project, read_tree

GONE = "subcomponents: {queue: {disabled: true}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return generated_fleet(tmp_path)


def stamps(project: Project) -> dict[str, tuple[int, int]]:
    """Which file it is and when it was written, by path, folders too."""
    found = {}
    for path in sorted(project.generated.rglob("*")):
        status = path.stat()
        found[path.relative_to(project.generated).as_posix()] = (status.st_ino, status.st_mtime_ns)
    return found


class TestLayout:
    """What one environment's folder looks like."""

    def test_each_component_has_a_folder_and_a_file(self, project: Project) -> None:
        expected = [f"{name}/{path}" for name in ENVIRONMENTS for path in PATHS]
        assert sorted(project.tree()) == sorted(expected)

    def test_namespaces_apply_first_then_definitions_then_the_rest(self, project: Project) -> None:
        kustomization = yaml.safe_load(project.tree()["edge-1/kustomization.yaml"])
        assert kustomization == {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [
                "space/space.yaml",
                "crds/crds.yaml",
                "queue/queue.yaml",
                "settings/settings.yaml",
            ],
        }

    def test_the_inventory_is_sorted_one_path_a_line(self, project: Project) -> None:
        text = project.tree()["edge-1/inventory.json"].decode()
        assert json.loads(text) == list(PATHS)
        assert text.splitlines() == ["[", *(f'"{path}",' for path in PATHS[:-1]), f'"{PATHS[-1]}"', "]"]

    def test_kustomize_builds_it(self, project: Project) -> None:
        for name in ENVIRONMENTS:
            command = ["kustomize", "build", str(project.generated / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            kinds = [document["kind"] for document in yaml.safe_load_all(done.stdout)]
            assert sorted(kinds) == ["ConfigMap", "ConfigMap", "CustomResourceDefinition", "Namespace"]

    def test_a_component_that_renders_nothing_has_no_file(self, project: Project) -> None:
        project.write({"apps/settings/chart/templates/settings.yaml.j2": "# nothing\n"})
        assert project.generate("edge-1").code == 0
        tree = project.tree()
        assert not [path for path in tree if path.startswith("edge-1/settings")]
        assert b"settings" not in tree["edge-1/kustomization.yaml"]
        assert not (project.generated / "edge-1/settings").exists()

    def test_nothing_is_left_beside_the_environments(self, project: Project) -> None:
        assert sorted(path.name for path in project.generated.iterdir()) == list(ENVIRONMENTS)


class TestChange:
    """A run writes the difference and nothing else."""

    def test_what_is_unchanged_is_not_rewritten(self, project: Project) -> None:
        before = stamps(project)
        run = project.generate("--all")
        assert run.code == 0
        assert [line.split(", ")[1] for line in run.err.splitlines()] == ["unchanged"] * 3
        assert stamps(project) == before

    def test_only_the_file_that_changed_is_rewritten(self, project: Project) -> None:
        before = stamps(project)
        project.write({"environments/edge-1.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
        assert "edge-1: 4 objects in 6 files: 1 changed\n" in project.generate("--all").err
        after = stamps(project)
        changed = {path for path in after if after[path] != before[path]}
        assert changed == {"edge-1/settings", "edge-1/settings/settings.yaml"}

    def test_what_was_edited_by_hand_is_restored(self, project: Project) -> None:
        before = project.tree()
        project.write({"generated/edge-1/queue/queue.yaml": "edited\n"})
        (project.generated / "edge-1/space/space.yaml").unlink()
        assert "edge-1: 4 objects in 6 files: 1 added, 1 changed\n" in project.generate("--all").err
        assert project.tree() == before

    def test_what_is_no_longer_produced_goes_with_its_folder(self, project: Project) -> None:
        project.write({"environments/edge-1.yaml": GONE})
        run = project.generate("--all")
        assert "edge-1: 3 objects in 5 files: 2 changed, 1 removed\n" in run.err
        assert not (project.generated / "edge-1/queue").exists()
        assert (project.generated / "prod-east/queue/queue.yaml").exists()

    def test_a_pass_touches_no_other_environment(self, project: Project) -> None:
        before = stamps(project)
        project.write({"apps/queue/component.yaml": "name: queue\ntype: component\n"})
        assert project.generate("edge-1").code == 0
        assert "edge-1/queue/queue.yaml" not in project.tree()
        after = stamps(project)
        others = [path for path in before if not path.startswith("edge-1")]
        assert [after.get(path) for path in others] == [before[path] for path in others]

    def test_links_and_rights_of_what_is_replaced_do_not_matter(self, project: Project) -> None:
        # A second name for the old bytes keeps them: the file is replaced, not written into.
        target = project.generated / "edge-1/queue/queue.yaml"
        os.link(target, project.root / "kept")
        old = target.read_bytes()
        project.write(
            {"apps/queue/manifests/queue.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: q}\n"}
        )
        assert project.generate("edge-1").code == 0
        assert (project.root / "kept").read_bytes() == old
        assert target.read_bytes() != old


class TestForeign:
    """What weft did not write stays as it is."""

    def test_a_foreign_file_survives(self, project: Project) -> None:
        project.write(
            {
                "generated/README.md": "mine\n",
                "generated/edge-1/queue/notes.md": "mine\n",
                "environments/edge-1.yaml": GONE,
            }
        )
        assert project.generate("--all").code == 0
        tree = project.tree()
        assert tree["README.md"] == tree["edge-1/queue/notes.md"] == b"mine\n"
        assert "edge-1/queue/queue.yaml" not in tree

    @pytest.mark.parametrize("path", ["queue/queue.yaml", "kustomization.yaml"])
    def test_a_file_in_the_way_needs_adopt(self, project: Project, path: str) -> None:
        shutil.rmtree(project.generated / "edge-1")
        project.write({f"generated/edge-1/{path}": "mine\n"})
        before = project.tree()
        run = project.generate("--all")
        assert run.code == 3
        assert f"generated/edge-1/{path}: is in the way" in run.err
        assert "--adopt" in run.err
        assert project.tree() == before
        assert project.generate("--all", "--adopt").code == 0
        assert sorted(read_tree(project.generated / "edge-1")) == list(PATHS)
        assert project.generate("--all", "--check").code == 0

    def test_the_other_environments_are_written(self, project: Project) -> None:
        shutil.rmtree(project.generated)
        project.write({"generated/edge-1/queue/queue.yaml": "mine\n"})
        assert project.generate("--all").code == 3
        assert chosen(project) == set(ENVIRONMENTS)
        assert read_tree(project.generated / "edge-1") == {"queue/queue.yaml": b"mine\n"}


class TestGone:
    """An environment that no longer exists."""

    def test_all_removes_its_folder(self, project: Project) -> None:
        (project.root / "environments/edge-1.yaml").unlink()
        run = project.generate("--all")
        assert run.code == 0
        assert "edge-1: no longer an environment, 6 files removed\n" in run.err
        assert not (project.generated / "edge-1").exists()

    def test_a_run_over_names_does_not(self, project: Project) -> None:
        (project.root / "environments/edge-1.yaml").unlink()
        assert project.generate("prod-east").code == 0
        assert "edge-1" in chosen(project)

    def test_foreign_files_in_it_stay_and_so_does_a_foreign_folder(self, project: Project) -> None:
        (project.root / "environments/edge-1.yaml").unlink()
        foreign = {"docs/kustomization.yaml": b"mine\n", "edge-1/queue/notes.md": b"mine\n"}
        project.write({f"generated/{path}": text for path, text in foreign.items()})
        assert project.generate("--all").code == 0
        rest = {path: text for path, text in project.tree().items() if not path.startswith("prod-")}
        assert rest == foreign

    @pytest.mark.parametrize("text", ['["notes.md"]\n', '{"hosts": ["a"]}\n', "not JSON\n"])
    def test_a_foreign_inventory_makes_no_folder_ours(self, project: Project, text: str) -> None:
        project.write({"generated/ansible/inventory.json": text, "generated/ansible/notes.md": "mine\n"})
        project.generate("--all")
        assert read_tree(project.generated / "ansible") == {
            "inventory.json": text.encode(),
            "notes.md": b"mine\n",
        }

    def test_an_environment_whose_file_is_broken_is_not_gone(self, project: Project) -> None:
        before = project.tree()
        project.write({"environments/edge-1.yaml": "labels: 1\n"})
        assert project.generate("--all").code == 3
        assert project.tree() == before

    def test_a_renamed_environment_takes_its_folder_along(self, project: Project) -> None:
        environments = project.root / "environments"
        (environments / "edge-1.yaml").rename(environments / "edge-2.yaml")
        assert project.generate("--all").code == 0
        assert chosen(project) == {"edge-2", "prod-east", "prod-west"}
