"""The founding scenarios: copies of the folders in docs/scenarios, and what weft makes of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.project_tree import ROOT, Project, Run
from tests.publish.manifests import GIT, bare, git

SCENARIOS = ROOT / "docs" / "scenarios"


class Scenario:
    """A copy of one folder in a repository, beside it the manifest repository that its environments name."""

    def __init__(self, root: Path, name: str) -> None:
        """Copy the scenario `name` below `root`."""
        shutil.copytree(SCENARIOS / name, root / name)
        self.project = Project(root / name)
        self.manifests = bare(root / "manifests.git")
        git(self.project.root, "init", "--quiet", "--initial-branch=main")
        self.commit()

    def commit(self) -> None:
        """Commit the definition as it is, as whoever changed it would."""
        git(self.project.root, "add", "--all")
        git(self.project.root, "commit", "--quiet", "--allow-empty", "--message=change")

    def weft(self, *args: str, code: int = 0) -> Run:
        """Run weft, which must end with `code`."""
        run = self.project.weft(*args, env=GIT)
        assert run.code == code, run.err
        return run

    def objects(self, environment: str) -> dict[tuple[str, str], Any]:
        """What was generated for an environment, by kind and name."""
        found = {}
        for file in sorted((self.project.generated / environment).rglob("*.yaml")):
            if file.name != "kustomization.yaml":
                for item in yaml.safe_load_all(file.read_text()):
                    found[item["kind"], item["metadata"]["name"]] = item
        return found

    def replicas(self, deployment: str) -> dict[str, int]:
        """The replicas of a Deployment in each environment that has it."""
        folders = sorted(self.project.generated.iterdir())
        found = {folder.name: self.objects(folder.name).get(("Deployment", deployment)) for folder in folders}
        return {name: item["spec"]["replicas"] for name, item in found.items() if item is not None}

    def published(self, branch: str, path: str = "") -> dict[str, str]:
        """The manifests that a clone of the branch has below `path`."""
        names = git(self.manifests, "ls-tree", "-r", "--name-only", branch, *([path] if path else [])).split()
        kept = [name for name in names if name.endswith((".yaml", ".json"))]
        return {name: git(self.manifests, "show", f"{branch}:{name}") for name in kept}

    def head(self, branch: str) -> str:
        """The commit that a branch is at."""
        return git(self.manifests, "rev-parse", branch)
