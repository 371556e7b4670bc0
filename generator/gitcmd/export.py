"""A revision of the definitions as a folder: what a checkout of it would hold, made beside the repository."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from generator.errors import SurroundingsError, UsageError, nearest
from generator.gitcmd import scratch
from generator.gitcmd.process import Done, Git
from generator.gitcmd.trees import SUBMODULE
from generator.model.record import record

# Nothing of the repository's but its objects, attributes and filters may take part.
_SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "false"),
    ("core.sparseCheckout", "false"),
    ("core.splitIndex", "false"),
)
_DEEPEN = (
    "fetch it: git fetch --unshallow, and a branch with git fetch origin NAME:NAME"
    " (fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab CI)"
)
_DEEPEST = 10


@record(frozen=True)
class Revision:
    """A commit of the definitions' repository. `text` is how the user names it.

    `below` is the definitions' folder in it, empty for the root; `tree` is the id of everything that the
    commit holds, `git_dir` the repository and `top` its work tree, if it has one.
    """

    text: str
    commit: str
    tree: str
    below: str
    git_dir: str
    top: str | None


@record(frozen=True)
class Export:
    """A revision in a temporary folder: `folder` holds the definitions; `notes` say what is missing."""

    folder: str
    notes: Sequence[str] = ()


def revision(folder: str, text: str) -> Revision:
    """The revision that `text` names for the definitions in `folder`.

    `REV:FOLDER` names another folder, where the definitions were elsewhere. Raises UsageError where there
    is no such revision, or no such folder in it, and SurroundingsError where there is no repository, or
    one whose history was cut off before it.
    """
    if text.startswith("-") or not text or not text.isprintable():
        raise UsageError(f"`{_plain(text)}` is no revision", hint="name a branch, a tag or a commit")
    git, git_dir, top = _repository(folder)
    name, named = _parts(text)
    commit = _commit(git, name)
    below = _folder(git, named)
    outside = below == ".." or below.startswith(("../", "/"))
    if below and (outside or git.text("cat-file", "-t", f"{commit}:{below}", check=False) != "tree"):
        raise UsageError(
            f"there is no folder `{below}` at `{name}`",
            hint=f"where the definitions had another folder then, name it: {name}:FOLDER",
        )
    return Revision(text, commit, git.text("rev-parse", f"{commit}^{{tree}}"), below, git_dir, top)


@contextlib.contextmanager
def exported(wanted: Revision) -> Iterator[Export]:
    """The whole of a revision in a temporary folder, gone at the end.

    Definitions may use what is beside them, so no folder is left out. Line endings and filters are as in
    a checkout; neither work tree nor index is touched, and no hook runs. What a submodule holds is taken
    from its repository, as far as that is at hand. Raises SurroundingsError where git fails.
    """
    with scratch.folder() as made:
        made = os.path.realpath(made)
        top = os.path.join(made, "tree")
        os.mkdir(top)
        place = _Place(wanted.git_dir, wanted.top, top, os.path.join(made, "index"))
        notes = list(_check_out(place, wanted.commit, "", 0))
        yield Export(os.path.join(top, wanted.below), notes)


# Finding the revision.


def _repository(folder: str) -> tuple[Git, str, str | None]:
    git = Git(folder=os.path.realpath(folder))
    done = git.run("rev-parse", "--absolute-git-dir", check=False)
    if done.code != 0:
        if "not a git repository" not in done.err:
            raise git.error("rev-parse", done)
        raise SurroundingsError(
            "the definitions are in no git repository, so they have no revisions",
            hint="run it in a clone, or git init",
        )
    top = git.text("rev-parse", "--show-toplevel", check=False)
    return git, _text(done), top or None


def _parts(text: str) -> tuple[str, str | None]:
    """Revision and folder; what searches commit messages may hold a colon of its own."""
    if text.startswith(":") or "^{/" in text:
        return text, None
    name, colon, below = text.partition(":")
    return name, below if colon else None


def _folder(git: Git, named: str | None) -> str:
    """The definitions' folder in the repository; as git has it, `./` and `../` begin where weft runs."""
    here = git.text("rev-parse", "--show-prefix", check=False)
    if named is None:
        named = here
    elif named in (".", "..") or named.startswith(("./", "../")):
        named = here + named
    path = posixpath.normpath(named)
    return "" if path == "." else path


def _commit(git: Git, name: str) -> str:
    found = git.run("rev-parse", "--verify", name, check=False)
    if found.code == 0:
        commit = git.run("rev-parse", "--verify", f"{_text(found)}^{{commit}}", check=False)
        if commit.code == 0:
            return _text(commit)
        if git.run("cat-file", "-e", _text(found), check=False).code == 0:
            raise UsageError(f"`{name}` is no commit", hint="name a branch, a tag or a commit")
        found = commit
    if ".." in name:
        raise UsageError(f"`{name}` is a range of revisions", hint="name each side: --from A --to B")
    near = _near(git, name)
    reason = _reason(found)
    if git.text("rev-parse", "--is-shallow-repository", check=False) == "true":
        raise SurroundingsError(
            f"`{name}` is not in this clone, whose history was cut off{reason}",
            hint=f"{near} Or {_DEEPEN}" if near else _DEEPEN,
        )
    raise UsageError(
        f"`{name}` is no revision of this repository{reason}",
        hint=near or "git branch --all and git tag list what there is",
    )


def _near(git: Git, name: str) -> str | None:
    listed = git.text(
        "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags", "refs/remotes"
    )
    found = nearest(name, listed.splitlines())
    return f"did you mean '{found}'?" if found else None


def _reason(done: Done) -> str:
    lines = [line.strip() for line in done.err.splitlines() if line.startswith(("fatal:", "error:"))]
    return f" (git: {lines[0].partition(': ')[2]})" if lines else ""


# Writing it.


@record(frozen=True)
class _Place:
    """From which repository to which folder. `top` is the repository's own work tree."""

    git_dir: str
    top: str | None
    target: str
    index: str

    @property
    def git(self) -> Git:
        return Git(
            folder=self.target,
            git_dir=self.git_dir,
            settings=_SETTINGS,
            variables={"GIT_WORK_TREE": self.target, "GIT_INDEX_FILE": self.index},
        )


def _check_out(place: _Place, commit: str, prefix: str, depth: int) -> Iterator[str]:
    """Writes a commit, its submodules too; yields a note for each that stays empty."""
    git = place.git
    git.run("read-tree", commit)
    git.run("checkout-index", "--all", "--quiet")
    listed = git.run("ls-files", "--stage", "-z").out.decode(errors="surrogateescape")
    os.unlink(place.index)
    links = [row.partition("\t") for row in listed.split("\0") if row.startswith(SUBMODULE)]
    names = _submodules(git, place.target) if links else {}
    for meta, _, path in links:
        oid = meta.split()[1]
        source = _repository_of(place, names.get(path), path, oid) if depth < _DEEPEST else None
        if source is None:
            yield f"submodule {prefix}{path} is empty: its commit {oid[:12]} is not at hand here"
            continue
        target = os.path.join(place.target, path)
        os.makedirs(target, exist_ok=True)
        top = os.path.join(place.top, path) if place.top else None
        yield from _check_out(_Place(source, top, target, place.index), oid, f"{prefix}{path}/", depth + 1)


def _submodules(git: Git, top: str) -> Mapping[str, str]:
    """The names of the submodules by their paths."""
    file = os.path.join(top, ".gitmodules")
    if os.path.islink(file) or not os.path.isfile(file):
        return {}
    done = git.run(
        "config", "--file", file, "-z", "--get-regexp", r"^submodule\..*\.path$", check=False
    ).out.decode(errors="surrogateescape")
    rows = (row.partition("\n") for row in done.split("\0") if row)
    return {path: key.removeprefix("submodule.").removesuffix(".path") for key, _, path in rows}


def _repository_of(place: _Place, name: str | None, path: str, oid: str) -> str | None:
    """The git folder that has a submodule's commit: where git keeps it, or in the work tree."""
    folders = []
    # git refuses such names too: they would lead out of the folder.
    if name and not name.startswith(("/", "-")) and ".." not in name.split("/"):
        folders.append(place.git.text("rev-parse", "--git-path", f"modules/{name}"))
    if place.top:
        folders.append(os.path.join(place.top, path, ".git"))
    for folder in folders:
        if not os.path.exists(folder):
            continue
        at = Git(folder=os.path.dirname(folder) if folder.endswith("/.git") else folder)
        done = at.run("rev-parse", "--absolute-git-dir", check=False)
        found = _text(done)
        if (
            done.code == 0
            and Git(git_dir=found).run("cat-file", "-e", f"{oid}^{{commit}}", check=False).code == 0
        ):
            return found
    return None


def _text(done: Done) -> str:
    return done.out.decode(errors="surrogateescape").strip()


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
