"""Reads weft.lock, and finds the content of each source that the tree asks for."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import DefinitionError, WeftError, flatten
from generator.load import files
from generator.model.document import Document
from generator.model.formats.lock import LockFile
from generator.model.source import LOCK, STORE, Key, Lock, Locked, Remote
from generator.store import Store

_FORMAT = 1


class NotFetched(DefinitionError):
    """A source that the lock or the store does not have: `weft install` would fetch it."""

    remote: Remote


def read(root: Path) -> Lock:
    """The lock of the definition in `root`; an empty one where there is none. Raises WeftError."""
    if not (root / LOCK).is_file():
        return Lock()
    try:
        document = files.read(root, LOCK)
    except DefinitionError:
        _check_conflict(root)
        raise
    _check_format(document)
    keys = files.parse(LockFile, document)
    entries: dict[Key, Locked] = {}
    for index, entry in enumerate(keys.sources or ()):
        locked = Locked(
            method=entry.method or "",
            url=entry.url or "",
            sha256=entry.sha256 or "",
            resolved=entry.resolved or "",
            path=entry.path,
            version=entry.version,
            branch=entry.branch,
        )
        if locked.key in entries:
            raise DefinitionError.at(
                document.where("sources", index),
                f"{locked.shown} is here a second time",
                "two changes of the lock were merged: delete one of the two, and run `weft install`",
            )
        entries[locked.key] = locked
    if keys.vendor is not None and posixpath.isabs(keys.vendor):
        raise DefinitionError.at(document.where("vendor"), "`vendor` is absolute; elsewhere it is not there")
    return Lock(tuple(entries.values()), keys.vendor)


def _check_conflict(root: Path) -> None:
    for number, line in enumerate((root / LOCK).read_bytes().splitlines(), 1):
        if line.startswith((b"<<<<<<<", b">>>>>>>")):
            raise DefinitionError(
                "git's marks of a merge conflict are here",
                file=LOCK,
                line=number,
                hint=f"take one side: git checkout --ours {LOCK} (or --theirs); then run: weft install",
            )


def name_source(error: WeftError, sources: Sequence[Locked]) -> None:
    """Adds to an error in a file of the store which of the sources that is."""
    for single in flatten(error):
        digest = (single.file or "").removeprefix(f"{STORE}/").partition("/")[0]
        found = next((entry for entry in sources if entry.folder == digest), None)
        if found is not None and found.shown not in single.message:
            single.message = f"{single.message} (in {found.shown})"


def _check_format(document: Document) -> None:
    version = document.value.get("version")
    if version != _FORMAT:
        raise DefinitionError.at(
            document.where("version"),
            f"this lock has format {version!r}, and this weft knows format {_FORMAT}",
            "use the weft that wrote it, or delete the file and run `weft install`",
        )


@dataclass
class Sources:
    """Where the content of remote sources is, for a definition in `root`.

    `folders` are those found so far, relative to the root; `fetching` says that what is missing is fetched.
    """

    root: Path
    lock: Lock
    folders: dict[Key, str] = field(default_factory=dict)
    fetching: bool = False

    @property
    def store(self) -> Store:
        """What was fetched."""
        return Store(self.root)

    def folder(self, remote: Remote) -> str:
        """The folder of the source's content, verified. Raises NotFetched where there is none."""
        if remote.key not in self.folders:
            self.folders[remote.key] = self._find(remote)
        return self.folders[remote.key]

    def locked(self, remote: Remote) -> Locked | None:
        """The source's entry in the lock."""
        return self.lock.find(remote.key)

    def owner(self, folder: str) -> tuple[Locked, str] | None:
        """The source in whose content `folder` lies, and the content's folder; None for the user's own."""
        for key, top in self.folders.items():
            if folder == top or folder.startswith(f"{top}/"):
                locked = self.lock.find(key)
                return (locked, top) if locked else None
        return None

    def shown(self, folder: str) -> str:
        """A folder as messages name it."""
        owner = self.owner(folder)
        if owner is None:
            return folder
        below = folder.removeprefix(owner[1]).lstrip("/")
        return f"{below} in {owner[0].shown}" if below else owner[0].shown

    def _find(self, remote: Remote) -> str:
        locked = self.locked(remote)
        if locked is None:
            raise _missing(remote, f"{remote.shown} is not in {LOCK}", "run: weft install")
        if self.lock.vendor is not None:
            copy = posixpath.join(self.lock.vendor, locked.vendored)
            if (self.root / copy).is_dir():
                if self.store.verified(self.root / copy, locked.sha256):
                    return posixpath.normpath(copy)
                # Who fetches can mend it; what is fetched is kept in the store first.
                if not self.fetching:
                    raise _missing(
                        remote,
                        f"{copy} is not what {LOCK} says of {remote.shown}: its SHA-256 is another",
                        f"run: weft vendor {self.lock.vendor}",
                    )
        if self.store.holds(locked):
            return f"{STORE}/{locked.folder}"
        if self.store.path(locked).is_dir():
            raise _missing(
                remote,
                f"{STORE}/{locked.folder} is not what {LOCK} says of {remote.shown}: its SHA-256 is another",
                "run: weft install",
            )
        vendor = self.lock.vendor
        hint = f"run: weft vendor {vendor}, and commit {vendor}" if vendor else "run: weft install"
        raise _missing(remote, f"{remote.shown} is locked, but it is not here", hint)


def _missing(remote: Remote, message: str, hint: str) -> NotFetched:
    error = NotFetched.at(remote.place, message, hint)
    error.remote = remote
    return error
