"""The repository that holds the definitions: its revision, and how that stands to a published one."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.errors import SurroundingsError
from generator.gitcmd.address import Address, address, normalised
from generator.gitcmd.process import PLAINLY, Git, Settings
from generator.model.record import record

# What of the repository's own configuration says who commits, how to sign, and how to reach a remote: CI
# systems leave credentials there.
_BORROWED = ("user.", "author.", "committer.", "credential.", "http.", "url.", "gpg.", "ssh.", "protocol.")
_BORROWED_KEYS = ("core.sshcommand", "core.askpass", "core.gitproxy", "i18n.commitencoding")


class Relation(enum.Enum):
    """How the definitions' revision stands to the one that was published."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    DIVERGED = "diverged"
    # The published revision is not in this repository, though nothing of its history is missing.
    MISSING = "missing"
    # The history was cut off, and what is left does not tell.
    SHALLOW = "shallow"


@record(frozen=True)
class Source:
    """The definitions in `folder`; without a repository there is neither revision nor origin."""

    folder: str
    git: Git | None = None
    revision: str | None = None
    dirty: bool = False
    shallow: bool = False
    origin: str | None = None
    settings: Settings = field(default=(), repr=False)
    _relations: dict[str, Relation] = field(default_factory=dict, repr=False, compare=False)

    def repository(self, text: str | None) -> Address | None:
        """The address of `text`, of origin where that is None; None where there is no origin.

        Raises DefinitionError for what is no address.
        """
        if text is not None:
            return address(text, self.folder)
        return address(self.origin, self.folder) if self.origin else None

    @property
    def url(self) -> str | None:
        """Where others find the definitions: origin, normalised; None where it is on this machine."""
        return normalised(self.origin) if self.origin else None

    def relation(self, published: str) -> Relation:
        """How this revision stands to `published`. Raises GitError where git fails."""
        if published not in self._relations:
            self._relations[published] = self._relation(published)
        return self._relations[published]

    def _relation(self, published: str) -> Relation:
        if self.git is None or self.revision is None:
            return Relation.MISSING
        if published == self.revision:
            return Relation.SAME
        if self.git.run("cat-file", "-e", f"{published}^{{commit}}", check=False).code != 0:
            return Relation.SHALLOW if self.shallow else Relation.MISSING
        if self._ancestor(published, self.revision):
            return Relation.NEWER
        if self._ancestor(self.revision, published):
            return Relation.OLDER
        return Relation.SHALLOW if self.shallow else Relation.DIVERGED

    def _ancestor(self, old: str, new: str) -> bool:
        assert self.git is not None
        done = self.git.run("merge-base", "--is-ancestor", old, new, check=False)
        if done.code not in (0, 1):
            raise self.git.error("merge-base", done)
        return done.code == 0

    def commit(self) -> Mapping[str, Any] | None:
        """Author, date, subject, body and trailers (lines) of the revision; None where there is none."""
        if self.git is None or self.revision is None:
            return None
        form = "%an <%ae>%x00%aI%x00%s%x00%b%x00%(trailers:only=true,unfold=true)"
        shown = self.git.text("log", "-1", *PLAINLY, f"--format={form}", self.revision)
        author, date, subject, body, trailers = shown.split("\0", 4)
        return {
            "author": author,
            "date": date,
            "subject": subject,
            "body": body.strip(),
            "trailers": trailers.splitlines(),
        }


def source(folder: str, outputs: Sequence[str] = ("generated",)) -> Source:
    """The definitions in `folder` with their repository, if they are in one.

    What is at `outputs` below the folder is no input and makes nothing dirty. Raises
    SurroundingsError where the repository cannot be read.
    """
    root = os.path.realpath(folder)
    try:
        import git
    except ImportError as error:
        raise SurroundingsError(f"git was not found: {error}", hint="install git 2.31 or newer") from None
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            revision = repository.head.commit.hexsha if repository.head.is_valid() else None
            known = {
                remote.name: str(remote.config_reader.get_value("url", "")) for remote in repository.remotes
            }
            base = str(repository.working_tree_dir or repository.git_dir)
    except git.InvalidGitRepositoryError:
        return Source(folder=root)
    except (git.GitError, OSError, ValueError) as error:
        raise SurroundingsError(f"the definitions' repository cannot be read: {error}") from None
    program = Git(folder=root)
    origin = known.get("origin") or None
    return Source(
        folder=root,
        git=program,
        revision=revision,
        dirty=_dirty(program, outputs),
        shallow=program.text("rev-parse", "--is-shallow-repository") == "true",
        origin=os.path.join(base, origin) if origin and _is_path(origin, base) else origin,
        settings=_borrowed(program),
    )


def _dirty(program: Git, outputs: Sequence[str]) -> bool:
    excluded = [f":(exclude,literal){path}" for path in outputs]
    done = program.run("status", "--porcelain", "--untracked-files=all", "--", ".", *excluded)
    return bool(done.out.strip())


def _is_path(url: str, base: str) -> bool:
    return "://" not in url and os.path.exists(os.path.join(base, url))


def _borrowed(program: Git) -> Settings:
    """The repository's own settings that hold for what is published from it, by whoever commits."""
    done = program.run("config", "--list", "-z", "--show-scope", "--includes")
    parts = done.out.decode(errors="surrogateescape").split("\0")
    found = []
    for scope, setting in zip(parts[::2], parts[1::2], strict=False):
        key, _, value = setting.partition("\n")
        if scope in ("local", "worktree") and (
            key.lower().startswith(_BORROWED) or key.lower() in _BORROWED_KEYS
        ):
            found.append((key, value))
    return tuple(found)
