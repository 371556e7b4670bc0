"""One manifest repository during a run: reads its branches, makes commits beside it, and pushes them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType

from generator.errors import SurroundingsError
from generator.gitcmd import locks, scratch
from generator.gitcmd.address import Address
from generator.gitcmd.process import PLAINLY, Done, Git, GitError, Settings
from generator.gitcmd.trees import Entry
from generator.model.record import record

NOTES = "refs/notes/hydrator.metadata"
_QUIETLY = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
# What tidies up in the background would inherit the lock and hold it for as long as it takes.
_RECEIVE = "--receive-pack=git -c receive.autogc=false receive-pack"
# Enough that a few commits which only quote the line do not hide the one that is looked for.
_MOST = "--max-count=20"
# What git says where somebody else moved, or is just moving, the ref; everything else is a refusal.
_LOST = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "incorrect old value",
    "cannot lock ref",
    "failed to update ref",
    "reference already exists",
    "but expected",
)


@record(frozen=True)
class Identity:
    """Who commits: git's own idea of it, with another author where one is given."""

    name: str | None = None
    email: str | None = None
    sign: bool = False

    @property
    def variables(self) -> Mapping[str, str]:
        """What git is told."""
        pairs = (("GIT_AUTHOR_NAME", self.name), ("GIT_AUTHOR_EMAIL", self.email))
        return {key: value for key, value in pairs if value is not None}


@record(frozen=True)
class Update:
    """A ref that is to move from `old` (None: must not be there) to `new` (None: is to go)."""

    ref: str
    old: str | None
    new: str | None


class Store:
    """The repository at an address. Nothing in it changes but by `push`; use it in a `with`.

    One on this machine is read as it is; of a remote one a private copy without file contents is
    fetched. Commits are made in a folder of their own, which is gone when the run ends.
    """

    def __init__(
        self, address: Address, settings: Settings = (), waiting: Callable[[], None] = lambda: None
    ) -> None:
        self.address = address
        # What git said of the last push that was not carried out.
        self.reason = ""
        # A lock that stays in the way: git was killed there.
        self.obstacle: SurroundingsError | None = None
        near = bool(address.local) or address.url.lower().startswith("file:")
        self._watch = locks.Watch(address.shown, near=near)
        self._settings = (*settings, *address.settings)
        self._waiting = waiting
        self._cleanup = contextlib.ExitStack()
        self._near: Git | None = None
        self._scratch: Git | None = None
        self._algorithm: str | None = None
        self._fetched: set[str] = set()
        self._contents: set[str] = set()
        self._number = 0
        self._pushed = False

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()
        if self._pushed and self.address.local:
            self._tidy()

    # Reading.

    @property
    def algorithm(self) -> str:
        """How the repository computes ids: sha1 or sha256."""
        if self._algorithm is None and self.address.local:
            self._algorithm = self._reader.text("rev-parse", "--show-object-format")
        elif self._algorithm is None:
            self._writer.text("rev-parse", "--git-dir")
        return self._algorithm or "sha1"

    def tip(self, branch: str) -> str | None:
        """The commit that the branch is at now, with its trees at hand; None where there is no branch.

        Raises SurroundingsError where the repository cannot be reached or is none.
        """
        return self._obtain(f"refs/heads/{branch}")

    def branches(self) -> Sequence[str]:
        """The names of all branches, sorted."""
        if self.address.local:
            names = self._reader.text("for-each-ref", "--format=%(refname)", "refs/heads/").splitlines()
        else:
            names = list(scratch.remote_refs(self._writer, "refs/heads/*"))
        return sorted(name.removeprefix("refs/heads/") for name in names)

    def messages(self, branches: Sequence[str]) -> Mapping[str, str]:
        """The message of the newest commit of each of `branches`, by branch."""
        if not branches:
            return {}
        if self.address.local:
            return scratch.messages(self._reader, "refs/heads/", branches)
        with scratch.folder() as folder:
            # Apart from what else is read of the remote: commits without their trees would be in its way.
            git, _ = scratch.make(folder, self.address, self._settings, self.algorithm)
            refspecs = "".join(f"refs/heads/{name}:refs/heads/{name}\n" for name in branches)
            git.run(
                *("fetch", *_QUIETLY, "--depth=1", "--filter=tree:0", "--stdin", scratch.REMOTE),
                stdin=refspecs.encode(errors="surrogateescape"),
                apart=True,
            )
            return scratch.messages(git, "refs/heads/", branches)

    def checked_out(self, branch: str) -> str | None:
        """The work tree of a repository on this machine that has the branch checked out, or None."""
        if not self.address.local:
            return None
        folder = None
        for block in self._reader.text("worktree", "list", "--porcelain").split("\n\n"):
            lines = block.splitlines()
            # The first entry of a bare repository says `bare` and no branch.
            if f"branch refs/heads/{branch}" in lines:
                folder = lines[0].partition(" ")[2]
        return folder

    def entries(self, commit: str, paths: Iterable[str]) -> Mapping[str, Entry]:
        """What stands at each of `paths`, folders among them; what is not there is left out."""
        literally = {"GIT_LITERAL_PATHSPECS": "1"}
        return scratch.listed(
            self._reader.run("ls-tree", "-z", commit, "--", *paths, variables=literally).out
        )

    def level(self, commit: str, path: str) -> Mapping[str, Entry]:
        """The names in one folder, which must be there or be the root."""
        return scratch.listed(self._reader.run("ls-tree", "-z", f"{commit}:{path}").out)

    def files(self, commit: str, path: str) -> Mapping[str, Entry]:
        """Every file below one folder, which must be there or be the root."""
        return scratch.listed(self._reader.run("ls-tree", "-r", "-z", f"{commit}:{path}").out)

    def contents(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of files, by id. Raises SurroundingsError for one that is missing."""
        wanted = list(dict.fromkeys(oids))
        if not wanted:
            return {}
        self._fetch_contents(wanted)
        done = self._reader.run("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in wanted).encode())
        found: dict[str, bytes] = {}
        for oid, content in zip(wanted, scratch.blobs(done.out, len(wanted)), strict=True):
            if content is None:
                raise SurroundingsError(f"{self.address.shown} lacks the object {oid}")
            found[oid] = content
        return found

    def search(self, tip: str, line: str, *, deeper: bool) -> Sequence[tuple[str, str]]:
        """The commits at and before `tip` with that line in their messages, newest first: (id, message).

        As far as the history is at hand; with `deeper` until one is found or all of it is.
        """
        pattern = "".join(f"\\{c}" if c in "\\.[]*^$" else c for c in line)
        steps = ["--deepen=100", "--deepen=2000", "--unshallow"]
        while True:
            # Not by date: two publications of one second, or clocks that differ, would change places.
            listed = ["log", "-z", "--topo-order", _MOST, *PLAINLY, "--format=%H%n%B"]
            done = self._reader.run(*listed, f"--grep=^{pattern}$", tip, "--")
            texts = [text for text in done.out.decode(errors="replace").split("\0") if text.strip()]
            found = [(text.partition("\n")[0], text.partition("\n")[2]) for text in texts]
            if found or not deeper or self.address.local or not steps or not self._shallow():
                return found
            self._fetch((steps.pop(0), "--filter=tree:0"), tip)

    def note(self, commit: str) -> str | None:
        """The text of the commit's note under refs/notes/hydrator.metadata, or None."""
        if self._obtain(NOTES) is None:
            return None
        ref = NOTES if self.address.local else _mine(NOTES)
        done = self._reader.run("notes", "--ref", ref, "list", commit, check=False)
        oid = done.out.decode().strip()
        return self.contents([oid])[oid].decode(errors="replace") if done.code == 0 and oid else None

    # Writing.

    def commit(
        self,
        base: str | None,
        changes: Mapping[str, bytes | None],
        message: str,
        identity: Identity,
    ) -> str:
        """A commit on `base` with `changes` laid over its tree (None removes a file); nobody sees it yet.

        Raises GitError where git refuses, for example for want of an identity.
        """
        self._number += 1
        ref = f"refs/weft/{self._number}"
        scratch.import_tree(self._writer, ref, base, changes)
        parents = ["-p", base] if base else []
        sign = ["-S"] if identity.sign else []
        done = self._writer.run(
            *("commit-tree", *sign, *parents, "-F", "-", f"{ref}^{{tree}}"),
            stdin=message.encode(),
            variables=identity.variables,
        )
        return done.out.decode().strip()

    def push(self, update: Update) -> bool:
        """Moves one ref of the repository, if it is where `update` says; False where it is not.

        Raises GitError where the repository refuses, and SurroundingsError where it cannot be reached.
        """
        lease = f"--force-with-lease={update.ref}:{update.old or ''}"
        refspec = f"{update.new or ''}:{update.ref}"
        arguments = ("push", "--porcelain", "--no-follow-tags", lease, scratch.REMOTE, refspec)
        if self.address.local is None:
            done = self._writer.run(*arguments, check=False, apart=True)
        else:
            with locks.pushing(self.address.local, {update.ref: update.new or ""}, self._waiting) as held:
                done = self._writer.run("push", _RECEIVE, *arguments[1:], check=False, apart=True, keep=held)
        if done.code == 0:
            self._pushed = True
            self.obstacle = self._watch.met(None)
            return True
        reason = scratch.reason(done)
        # A branch cannot be both a name and a folder of names.
        if not any(word in reason for word in _LOST) or "exists; cannot create" in done.err:
            raise self._refusal(update, reason, done)
        self.reason = reason
        self.obstacle = self._watch.met(self._writer.error("push", done).lock)
        return False

    def set_note(self, commit: str, text: str, identity: Identity) -> bool:
        """Writes the commit's note; False where another note was written at the same time."""
        old = self._obtain(NOTES)
        if old is None:
            self._writer.run("update-ref", "-d", NOTES)
        else:
            self._writer.run("update-ref", NOTES, old)
        self._writer.run(
            *("notes", "--ref", NOTES, "add", "--force", "--file=-", commit),
            stdin=text.encode(),
            variables=identity.variables,
        )
        return self.push(Update(NOTES, old, self._writer.text("rev-parse", NOTES)))

    # Within.

    def _tidy(self) -> None:
        """What git does by itself after a push to a repository on this machine."""
        wanted = self._reader.run("config", "--type=bool", "receive.autogc", check=False).out.strip()
        if wanted != b"false":
            self._reader.run("gc", "--auto", "--quiet", check=False)

    @property
    def _reader(self) -> Git:
        if self.address.local is None:
            return self._writer
        if self._near is None:
            near = Git(git_dir=self.address.local, settings=self._settings)
            if not os.path.isdir(self.address.local):
                raise SurroundingsError(f"there is no repository at {self.address.shown}")
            near.text("rev-parse", "--git-dir")
            self._near = near
        return self._near

    @property
    def _writer(self) -> Git:
        if self._scratch is None:
            known = self.algorithm if self.address.local else None
            folder = self._cleanup.enter_context(scratch.folder())
            self._scratch, self._algorithm = scratch.make(folder, self.address, self._settings, known)
        return self._scratch

    def _obtain(self, ref: str) -> str | None:
        """The commit at the repository's `ref`, at hand for reading; None where there is none."""
        if self.address.local is not None:
            done = self._reader.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", check=False)
            return done.out.decode().strip() or None
        if ref not in scratch.remote_refs(self._writer, ref):
            return None
        # Once a branch is here, what is new on it is all that is missing.
        depth = () if ref in self._fetched else ("--depth=1",)
        self._fetch((*depth, "--filter=blob:none"), f"+{ref}:{_mine(ref)}")
        self._fetched.add(ref)
        return self._writer.text("rev-parse", _mine(ref))

    def _fetch(self, options: Sequence[str], refspec: str) -> None:
        self._writer.run("fetch", *_QUIETLY, *options, scratch.REMOTE, refspec, apart=True)

    def _fetch_contents(self, oids: Iterable[str]) -> None:
        """Fetches file contents that the copy of a remote lacks, all at once."""
        if self.address.local is not None:
            return
        missing = [oid for oid in oids if oid not in self._contents]
        self._contents.update(missing)
        if missing:
            # A remote that is told of the commits here takes it that their files are here too. One that
            # cannot leave files out has sent them already, and may refuse to be asked for them.
            self._writer.run(
                *("-c", "fetch.negotiationAlgorithm=noop", "fetch", *_QUIETLY),
                *("--filter=blob:none", "--stdin", scratch.REMOTE),
                stdin="".join(f"{oid}\n" for oid in missing).encode(),
                check=False,
                apart=True,
            )

    def _shallow(self) -> bool:
        return self._writer.text("rev-parse", "--is-shallow-repository") == "true"

    def _refusal(self, update: Update, reason: str, done: Done) -> SurroundingsError:
        if not reason:
            return self._writer.error("push", done)
        said = [
            line.removeprefix("remote:").strip()
            for line in done.err.splitlines()
            if line.startswith(("remote:", "error: cannot"))
        ]
        told = "; ".join(line for line in said if line)
        name = update.ref.removeprefix("refs/heads/")
        return GitError(
            f"{self.address.shown} refuses the push to {name}: {reason}{f' ({told})' if told else ''}",
            hint="the branch may be protected, or a hook may have rejected it: publish with --proposed or to"
            " another branch, or ask for the right to push there",
        )


def _mine(ref: str) -> str:
    """Where the scratch repository keeps what it fetched of `ref`; notes only work below refs/notes/."""
    return f"refs/notes/fetched/{ref.removeprefix('refs/notes/')}" if ref == NOTES else f"refs/fetched/{ref}"
