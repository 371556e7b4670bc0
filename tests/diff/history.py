"""A fleet's definitions with a history, and runs of the commands that look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fixtures.fleet import fleet
from tests.project_tree import Project, Run
from tests.publish.manifests import GIT, git

Files = Mapping[str, str | None]


class History:
    """Definitions below `folder` of a git repository, committed once."""

    def __init__(self, root: Path, files: Files | None = None, folder: str = "") -> None:
        self.root = root
        self.project: Project = fleet(root / folder)
        self.write(files or {})
        git(root, "init", "--quiet", "--initial-branch=main")
        self.first = self.commit()

    def write(self, files: Files) -> None:
        """Writes files below the definitions' root; None takes one away."""
        for path, text in files.items():
            if text is None:
                (self.project.root / path).unlink()
            else:
                self.project.write({path: text})

    def commit(self, files: Files | None = None) -> str:
        """Commits `files` and all else that changed; returns the commit."""
        self.write(files or {})
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "--message", "change")
        return git(self.root, "rev-parse", "HEAD")

    def diff(self, *arguments: str, code: int = 1, cwd: Path | None = None) -> Run:
        """Runs `weft diff`, which must end with `code`."""
        run = self.project.weft("diff", *arguments, env=GIT, cwd=cwd)
        assert run.code == code, run.err + run.out
        assert "Traceback" not in run.err
        assert "weft itself failed" not in run.err
        return run

    def json(self, *arguments: str, code: int = 1) -> Any:
        """What `weft diff -o json` says."""
        return json.loads(self.diff(*arguments, "-o", "json", code=code).out)

    def affected(self, *arguments: str) -> Any:
        """What `weft affected` says."""
        run = self.project.weft("affected", *arguments, env=GIT)
        assert run.code == 0, run.err
        assert run.out.count("\n") == 1
        return json.loads(run.out)
