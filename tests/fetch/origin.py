"""Repositories that components are fetched from: real git, with commits, branches and tags as a test says."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.fetch.servers.loopback import Answer, Request
from tests.fixtures.git_http import backend
from tests.project_tree import Project, Run
from tests.publish.manifests import GIT


def git_over_http(folder: Path, authorization: str | None = None) -> Callable[[Request], Answer]:
    """Answers with the repositories below `folder`, as git's own server does; to `authorization` alone."""

    def answer(request: Request) -> Answer:
        if authorization is not None and request.headers.get("Authorization") != authorization:
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        status, headers, body = backend(folder, request.method, request.path, request.headers, request.body)
        return Answer(status, body, headers)

    return answer


def config_map(name: str, **data: str) -> str:
    """The manifest of a ConfigMap."""
    values = "".join(f"  {key}: {value!r}\n" for key, value in data.items())
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\n"
    return text + (f"data:\n{values}" if values else "")


class Origin:
    """A repository with a work tree in `folder`."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.commit(files)

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        """What git prints."""
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.folder,
            env={**os.environ, **GIT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> str:
        """Commits files; the commit's id."""
        Project(self.folder).write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


def static(name: str = "app", folder: str = "m", **data: str) -> dict[str, str]:
    """A component with one ConfigMap."""
    return {
        "component.yaml": f"name: {name}\ntype: static\nsource: ./{folder}\n",
        f"{folder}/{name}.yaml": config_map(name, **data),
    }


def project(root: Path, *references: str) -> Project:
    """A definition with one environment, `prod`, and these references."""
    rows = "".join(f"  - {reference}\n" for reference in references)
    return Project(root).write(
        {"component.yaml": f"subcomponents:\n{rows}", "environments/prod.yaml": "labels: {tier: prod}\n"}
    )


def ok(run: Run) -> Run:
    """The run, which has to have ended well."""
    assert run.code == 0, run.err
    return run


def store(root: Project) -> dict[str, bytes]:
    """What the store holds, without what changes and is no source."""
    top = root.root / ".weft"
    found = {path.relative_to(top): path for path in sorted(top.rglob("*")) if path.is_file()}
    return {name.as_posix(): path.read_bytes() for name, path in found.items() if name.parts[0] != ".state"}


def contents(root: Project) -> list[str]:
    """The folders of the store."""
    top = root.root / ".weft"
    return sorted(path.name for path in top.iterdir() if path.name[0] != ".") if top.is_dir() else []


def lock(root: Project) -> str | None:
    """The lock's text."""
    file = root.root / "weft.lock"
    return file.read_text() if file.is_file() else None


def tarball(entries: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """A .tar.gz with these entries; a TarInfo is one of its own kind."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, entry in entries.items():
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(entry)
            archive.addfile(info, io.BytesIO(entry))
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """An archive's entry for a link."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info
