"""Real git repositories for tests of publishing: a fleet's definitions in one, its manifests in another."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.fixtures.fleet import fleet
from tests.project_tree import Project, Run, read_tree

BESIDE = {".gitattributes", "hydrator.metadata"}
# Nothing of the machine's own configuration, and an identity as CI systems give one.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


@contextlib.contextmanager
def kept_waiting(pipe: Path, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """From when a hook of `process` reads the named pipe: it waits until this ends.

    Fails where the process ends before; opening the pipe as a file would then wait for ever.
    """
    while True:
        try:
            end = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        assert process.poll() is None, "the process ended before its hook read the pipe"
        time.sleep(0.01)
    try:
        yield
    finally:
        os.close(end)


def git(
    folder: Path, *arguments: str, check: bool = True, stdin: str = "", env: Mapping[str, str] | None = None
) -> str:
    """What git printed in `folder`."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **GIT, **(env or {})},
        input=stdin.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stderr.decode()
    return done.stdout.decode().strip()


def bare(folder: Path) -> Path:
    """An empty bare repository that serves as GitHub does: parts of its history, and single objects."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    git(folder, "config", "uploadpack.allowFilter", "true")
    # Nothing that weft pushes may take a commit away from a branch, or from the notes.
    git(folder, "config", "receive.denyNonFastForwards", "true")
    return folder


class Fleet:
    """The definitions of three clusters in a repository, each published to a branch of another one."""

    def __init__(self, root: Path, publish: str = "{repository: ../manifests.git}") -> None:
        self.root = root
        self.project: Project = fleet(root / "definitions")
        self.project.write({"environments/common.yaml": f"publish: {publish}\n"})
        git(self.project.root, "init", "--quiet", "--initial-branch=main")
        self.manifests = bare(root / "manifests.git")
        self.commit("first")

    def commit(self, message: str, files: Mapping[str, str | None] | None = None) -> str:
        """Commits `files` (None: removed) and everything else that changed in the definitions."""
        for path, text in (files or {}).items():
            if text is None:
                (self.project.root / path).unlink()
            else:
                self.project.write({path: text})
        git(self.project.root, "add", "--all")
        git(self.project.root, "commit", "--quiet", "--message", message)
        return git(self.project.root, "rev-parse", "HEAD")

    def colour(self, colour: str) -> str:
        """Commits another colour: one object changes on each cluster."""
        text = f"subcomponents: {{settings: {{config: {{colour: {colour}}}}}}}\n"
        return self.commit(f"paint it {colour}", {"config/common.yaml": text})

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Run:
        """Runs `weft publish`."""
        return self.project.weft("publish", *arguments, env={**GIT, **(env or {})}, cwd=cwd)

    def published(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Runs `weft publish`, which must end well."""
        run = self.run(*arguments, env=env)
        assert run.code == 0, run.err
        return run

    def refused(self, *arguments: str, code: int = 3, env: Mapping[str, str] | None = None) -> str:
        """What weft says where it must refuse; every branch of the manifests stays where it was."""
        before = self.refs()
        run = self.run(*arguments, env=env)
        assert run.code == code, run.err
        assert "Traceback" not in run.err
        assert "weft itself failed" not in run.err
        assert self.refs() == before
        return run.err

    def refs(self, folder: Path | None = None) -> str:
        """Every ref of the manifests with what it is at."""
        return git(folder or self.manifests, "for-each-ref", "--format=%(refname) %(objectname)")

    def head(self, branch: str) -> str:
        """The commit that a branch of the manifests is at; empty where there is none."""
        return git(self.manifests, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", check=False)

    def files(self, branch: str, path: str = "") -> dict[str, str]:
        """The files below `path` of a branch of the manifests."""
        names = git(self.manifests, "ls-tree", "-r", "--name-only", f"refs/heads/{branch}:{path}")
        prefix = f"{path}/" if path else ""
        return {
            name: git(self.manifests, "show", f"refs/heads/{branch}:{prefix}{name}")
            for name in names.splitlines()
        }

    def message(self, branch: str) -> str:
        """The message of the newest commit of a branch."""
        return git(self.manifests, "log", "-1", "--format=%B", f"refs/heads/{branch}")

    def trailer(self, branch: str, key: str) -> str:
        """A trailer of the newest commit of a branch, as git reads it."""
        form = f"--format=%(trailers:key={key},valueonly)"
        return git(self.manifests, "log", "-1", form, f"refs/heads/{branch}")

    def note(self, branch: str) -> str:
        """The hydrator's note on the newest commit of a branch."""
        return git(
            self.manifests, "notes", "--ref=hydrator.metadata", "show", f"refs/heads/{branch}", check=False
        )

    def by_hand(
        self, branch: str, files: Mapping[str, str | None], links: Mapping[str, str] | None = None
    ) -> str:
        """Commits `files` (None: removed) and symbolic `links` to a branch of the manifests as people do."""
        clone = self.root / "by-hand"
        if not clone.exists():
            git(self.root, "clone", "--quiet", str(self.manifests), str(clone))
        git(clone, "fetch", "--quiet", "origin")
        known = bool(self.head(branch))
        git(
            clone,
            "checkout",
            "--quiet",
            "--force",
            *(["--detach"] if known else ["--orphan", branch]),
            *([f"origin/{branch}"] if known else []),
        )
        if not known:
            git(clone, "rm", "-rfq", "--ignore-unmatch", ".")
        for path, text in files.items():
            target = clone / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        for path, goal in (links or {}).items():
            target = clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(goal)
        git(clone, "add", "--all", "--force")
        git(clone, "commit", "--quiet", "--message", "by hand")
        git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        if not known:
            git(clone, "checkout", "--quiet", "--detach")
            git(clone, "branch", "--quiet", "-D", branch)
        return git(clone, "rev-parse", "HEAD")

    def sound(self, folder: Path | None = None) -> None:
        """The manifests hold no broken object, and no lock was left behind."""
        folder = folder or self.manifests
        git(folder, "fsck", "--strict", "--no-dangling", "--connectivity-only")
        git(folder, "fsck", "--strict", "--no-dangling")
        assert [str(path) for path in folder.rglob("*.lock")] == []

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the definitions' work tree, and its index and HEAD."""
        root = self.project.root
        tree = {path: text for path, text in read_tree(root).items() if not path.startswith(".git/")}
        state = {name: (root / ".git" / name).read_bytes() for name in ("HEAD", "index")}
        return {**tree, **state}
