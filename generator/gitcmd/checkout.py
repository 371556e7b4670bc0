"""The files of a commit of some repository, fetched without its history, as they were committed."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from generator.errors import DefinitionError, nearest
from generator.gitcmd import scratch
from generator.gitcmd.address import Address
from generator.gitcmd.process import Done, Git, GitError
from generator.gitcmd.trees import SUBMODULE, SYMLINK
from generator.model.record import record

MOST_BYTES = 1024 * 1024 * 1024
MOST_FILES = 100_000
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_NAME = re.compile(
    r"(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^\s~^:?*\[\\\x00-\x1f\x7f/.-][^\s~^:?*\[\\\x00-\x1f\x7f]*"
)
_REDIRECT = re.compile(r"^warning: redirecting to (\S+)", re.MULTILINE)
_WANTED = "refs/weft/wanted"
# Progress is how a server that is at work is told from one that is dead.
_FETCH = (
    "fetch",
    "--progress",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
)
# Of contents, so much is in memory at once.
_BATCH = 32 * 1024 * 1024
_LFS = b"version https://git-lfs.github.com/spec/v1"
# A server that sends slowly is not the same as one that is dead.
_PATIENCE = 20


@record(frozen=True)
class Wanted:
    """Which commit: `commit`, or what `version` (a commit or a tag), else `branch`, else HEAD leads to."""

    version: str | None = None
    branch: str | None = None
    commit: str | None = None


@record(frozen=True)
class Checkout:
    """What was written: the commit's id, and what of it is missing."""

    commit: str
    notes: Sequence[str] = ()


def checkout(address: Address, wanted: Wanted, into: Path, *, timeout: float, files: bool) -> Checkout:
    """Writes the files of a commit of the repository to the folder `into`; no filter and no hook runs.

    Submodules are left out. After `timeout` seconds without a byte a server is given up; `files` lets the
    repository be one on this machine. Raises DefinitionError for what the repository does not have and for
    what weft does not take, GitError where git fails.
    """
    for name in filter(None, (wanted.version, wanted.branch)):
        if not _NAME.fullmatch(name):
            raise DefinitionError(f"`{name}` is no name of a branch, a tag or a commit")
    with scratch.folder() as folder:
        git = _repository(folder, address, timeout, files=files)
        commit = _Source(git, address, timeout).obtain(wanted)
        return Checkout(commit, tuple(_write(git, commit, into)))


def _repository(folder: str, address: Address, timeout: float, *, files: bool) -> Git:
    git = Git(
        git_dir=folder,
        settings=(
            *address.settings,
            (f"remote.{scratch.REMOTE}.url", address.url),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("core.logAllRefUpdates", "false"),
            ("core.fsync", "none"),
            ("core.hooksPath", os.devnull),
            ("http.followRedirects", "initial"),
            ("http.lowSpeedLimit", "1"),
            ("http.lowSpeedTime", str(max(1, round(timeout)))),
        ),
        secrets=address.secrets,
        variables={
            **dict(address.variables),
            # What an address leads to must not make git run a program.
            "GIT_ALLOW_PROTOCOL": f"https:http:ssh:git{':file' if files else ''}",
        },
    )
    git.run("init", "--quiet", "--bare", "--template=", folder)
    return git


@record(frozen=True)
class _Source:
    git: Git
    address: Address
    timeout: float

    def obtain(self, wanted: Wanted) -> str:
        """Fetches the commit and returns its id."""
        full = wanted.commit or (
            wanted.version if wanted.version and _FULL.fullmatch(wanted.version) else None
        )
        if full:
            return self._commit(full)
        ref = "HEAD"
        if wanted.version:
            ref = f"refs/tags/{wanted.version}"
        elif wanted.branch:
            ref = f"refs/heads/{wanted.branch}"
        done = self._fetch("--depth=1", f"+{ref}:{_WANTED}")
        if done.code == 0:
            return self.git.text("rev-parse", f"{_WANTED}^{{commit}}")
        if "couldn't find remote ref" not in done.err:
            raise self.git.error("fetch", done)
        if wanted.version and _SHORT.fullmatch(wanted.version):
            return self._searched(wanted.version)
        raise self._missing(ref)

    def _commit(self, commit: str) -> str:
        done = self._fetch("--depth=1", f"+{commit}:{_WANTED}")
        if done.code == 0:
            return self.git.text("rev-parse", f"{_WANTED}^{{commit}}")
        if not any(word in done.err for word in ("not our ref", "unadvertised object", "no such remote ref")):
            raise self.git.error("fetch", done)
        # Some servers give what branches and tags are at, and nothing in between.
        return self._searched(commit)

    def _searched(self, name: str) -> str:
        done = self._fetch("+refs/heads/*:refs/weft/heads/*", "+refs/tags/*:refs/weft/tags/*")
        if done.code:
            raise self.git.error("fetch", done)
        found = self.git.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False)
        if found.code:
            raise DefinitionError(
                f"no branch and no tag there leads to the commit {name}",
                hint="was it rewritten? `weft install --update` takes what the branch is at now",
            )
        return found.out.decode().strip()

    def _fetch(self, *arguments: str) -> Done:
        done = self.git.run(
            *(*_FETCH, *(word for word in arguments if word.startswith("--")), scratch.REMOTE),
            *(word for word in arguments if not word.startswith("--")),
            check=False,
            seconds=self.timeout * _PATIENCE,
            silence=self.timeout,
        )
        for target in _REDIRECT.findall(done.err):
            if _host(target) != _host(self.address.url):
                raise DefinitionError(
                    f"the server redirects to another host: {target}",
                    hint="if that is where it belongs, write that URL",
                )
        return done

    def _missing(self, ref: str) -> DefinitionError:
        kind, _, name = ref.removeprefix("refs/").partition("/")
        if ref == "HEAD":
            return DefinitionError("the repository has no default branch", hint="name one: `branch`")
        listed = self.git.run(
            *("ls-remote", "--quiet", scratch.REMOTE),
            check=False,
            seconds=self.timeout * _PATIENCE,
            silence=self.timeout,
        ).out.decode(errors="replace")
        names = {row.partition("\t")[2] for row in listed.splitlines()}
        own = {row.removeprefix(f"refs/{kind}/") for row in names if row.startswith(f"refs/{kind}/")}
        other = "heads" if kind == "tags" else "tags"
        word = {"tags": "tag", "heads": "branch"}
        if f"refs/{other}/{name}" in names:
            key = "branch" if other == "heads" else "version"
            hint: str | None = f"there is a {word[other]} of that name: give it as `{key}`"
        else:
            near = nearest(name, (item for item in own if not item.endswith("^{}")))
            hint = f"did you mean '{near}'?" if near else None
        return DefinitionError(f"the repository has no {word[kind]} `{name}`", hint=hint)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


# Writing it.


@record(frozen=True)
class _File:
    path: str
    mode: str
    oid: str
    size: int


def _write(git: Git, commit: str, into: Path) -> Iterator[str]:
    rows = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).out
    entries = [_file(row) for row in rows.split(b"\0") if row]
    files = [entry for entry in entries if entry.mode != SUBMODULE]
    size = sum(entry.size for entry in files)
    if size > MOST_BYTES or len(files) > MOST_FILES:
        raise DefinitionError(
            f"the commit holds {len(files)} files with {size // (1024 * 1024)} MiB; weft takes"
            f" {MOST_FILES} with {MOST_BYTES // (1024 * 1024)}"
        )
    links = []
    stored = []
    for batch in _batches(files):
        done = git.run("cat-file", "--batch", stdin="".join(f"{entry.oid}\n" for entry in batch).encode())
        for entry, content in zip(batch, scratch.blobs(done.out, len(batch)), strict=True):
            if content is None:
                raise GitError(f"git did not send the file {entry.path}")
            if entry.mode == SYMLINK:
                links.append((entry.path, os.fsdecode(content)))
                continue
            if content.startswith(_LFS):
                stored.append(entry.path)
            _put(into / entry.path, content, program=entry.mode == "100755")
    for path, target in links:
        reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if not target.isprintable() or target.startswith("/") or reached == ".." or reached.startswith("../"):
            raise DefinitionError(f"the link `{path}` to {target!r} leads out of the repository")
        os.makedirs((into / path).parent, exist_ok=True)
        os.symlink(target, into / path)
    yield from (f"submodule {entry.path} is left out" for entry in entries if entry.mode == SUBMODULE)
    yield from (f"{path} is a pointer to Git LFS, whose files are left out" for path in stored)


def _file(row: bytes) -> _File:
    meta, _, path = row.partition(b"\t")
    mode, _, oid, size = meta.split()
    name = os.fsdecode(path)
    wrong = any(part in ("", ".", "..") or part.lower() == ".git" for part in name.split("/"))
    if wrong or "\\" in name or not name.isprintable():
        raise DefinitionError(f"the commit holds {path!r}, which is no path that weft takes")
    return _File(name, mode.decode(), oid.decode(), int(size) if size != b"-" else 0)


def _batches(files: Sequence[_File]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for entry in files:
        batch.append(entry)
        size += entry.size
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _put(path: Path, content: bytes, *, program: bool) -> None:
    os.makedirs(path.parent, exist_ok=True)
    with open(path, "xb") as file:
        file.write(content)
    if program:
        os.chmod(path, 0o755)
