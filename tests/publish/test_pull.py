"""What Flux does with a publication: a clone of the branch or path builds, with nothing else within reach."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.fixtures.fleet import ENVIRONMENTS
from tests.project_tree import ROOT, Project
from tests.publish.manifests import GIT, Fleet, git

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"
BRANCH = "{repository: ../manifests.git}"


def built(folder: Path) -> list[tuple[str, str]]:
    """Kind and name of each object that `kustomize build` makes of a folder."""
    done = subprocess.run(["kustomize", "build", str(folder)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return sorted((item["kind"], item["metadata"]["name"]) for item in yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("publish", [BRANCH, PATH], ids=["branch", "path"])
def test_a_clone_builds_with_the_source_moved_away_and_reaches_every_file(
    tmp_path: Path, publish: str
) -> None:
    fleet = Fleet(tmp_path, publish)
    fleet.published("--all")
    fleet.colour("rot")
    fleet.published("--all")
    fleet.project.root.rename(tmp_path / "moved-away")
    for name in ENVIRONMENTS:
        clone = tmp_path / f"clone-{name}"
        branch, path = ("main", f"clusters/{name}") if publish == PATH else (f"environment/{name}", ".")
        git(
            tmp_path,
            "clone",
            "--quiet",
            "--depth=1",
            "--branch",
            branch,
            fleet.manifests.as_uri(),
            str(clone),
        )
        folder = clone / path
        kinds = [("ConfigMap", "queue"), ("ConfigMap", "settings")]
        kinds += [("CustomResourceDefinition", "widgets.example.org"), ("Namespace", "shop")]
        assert built(folder) == kinds
        resources = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
        manifests = {str(file.relative_to(folder)) for file in folder.rglob("*.yaml")}
        assert set(resources) == manifests - {"kustomization.yaml"}
        assert not [entry for entry in resources if ".." in entry or "://" in entry or entry.startswith("/")]
        beside = {".gitattributes", "hydrator.metadata"}
        there = {
            str(file.relative_to(folder))
            for file in folder.rglob("*")
            if file.is_file() and ".git" not in file.relative_to(folder).parts
        }
        assert there - beside == set(json.loads((folder / "inventory.json").read_text()))


def test_the_projects_own_example_is_published_and_builds(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    copy = tmp_path / "example"
    copy.mkdir()
    names = ("component.yaml", "environments", "services", "service-chart", "infrastructure")
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in names), str(copy)], check=True)
    run = Project(copy).weft(
        "publish", "--all", "--repository", str(fleet.manifests), "--branch", "{environment}", env=GIT
    )
    assert run.code == 0, run.err
    git(tmp_path, "clone", "--quiet", "--branch", "prod-east", str(fleet.manifests), str(tmp_path / "clone"))
    assert ("Service", "simple-service") in built(tmp_path / "clone")
