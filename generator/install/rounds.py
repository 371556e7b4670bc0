"""Fetches what the tree asks for, then what that asks for, until nothing is missing."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from generator import fetch, gitcmd, load
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.definition import Component
from generator.model.record import record
from generator.model.request import Progress
from generator.model.source import LOCK, STORE, Key, Lock, Locked, Remote
from generator.store import Store


@record(frozen=True)
class Options:
    """How sources are fetched; `update` names those that may move on: None for none, empty for all."""

    dialect: str | None = None
    locked: bool = False
    update: Collection[str] | None = None
    jobs: int = 8


@dataclass
class Fresh(load.Sources):
    """The sources of a definition while they are fetched: `lock` grows with what was found or fetched."""

    old: Lock = field(default_factory=Lock)
    update: Collection[str] | None = None
    seen: set[str] = field(default_factory=set)

    def folder(self, remote: Remote) -> str:
        """The folder of the source's content. Raises NotFetched where it is not here, or is to move on."""
        self.seen.add(remote.name)
        if remote.key in self.folders:
            return self.folders[remote.key]
        if self.lock.find(remote.key) is None and not self.moves(remote):
            known = self.old.find(remote.key)
            if known is not None:
                self.add(known)
        try:
            return super().folder(remote)
        except load.NotFetched:
            self.forget(remote.key)
            raise

    def moves(self, remote: Remote) -> bool:
        """Whether what the lock says of it does not count."""
        if self.update is None:
            return False
        return not self.update or remote.name in self.update

    def wanted(self, remote: Remote) -> Locked | None:
        """What exactly has to be fetched; None for whatever the source is now."""
        return None if self.moves(remote) else self.old.find(remote.key)

    def add(self, locked: Locked) -> None:
        """Notes what a source is."""
        self.lock = Lock((*self.lock.sources, locked), self.lock.vendor)

    def forget(self, key: Key) -> None:
        """Takes a note back."""
        self.lock = Lock(tuple(one for one in self.lock.sources if one.key != key), self.lock.vendor)


def run(
    root: Path, sources: Fresh, access: fetch.Access, options: Options, progress: Progress
) -> tuple[Component, Mapping[Key, Remote]]:
    """Fetches until the tree is whole; the tree, and what was fetched.

    Raises Several with everything that is wrong; what was fetched before stays in the store.
    """
    fetched: dict[Key, Remote] = {}
    while True:
        survey = load.survey(str(root), options.dialect, sources)
        if survey.errors:
            # The lock on the disk does not know them yet.
            for error in survey.errors:
                load.lock.name_source(error, sources.lock.sources)
            raise Several(survey.errors)
        missing: dict[Key, Remote] = {}
        for remote in survey.missing:
            missing.setdefault(remote.key, remote)
        if not missing:
            assert survey.tree is not None
            return survey.tree, fetched
        if missing.keys() & fetched.keys():
            raise SurroundingsError(
                "what was fetched is gone again", file=STORE, hint="does something clean it?"
            )
        _refuse_unlocked(sources, missing.values(), options)
        for locked in _all(Store(root), sources, [*missing.values()], access, options, progress):
            sources.add(locked)
        fetched.update(missing)


def _refuse_unlocked(sources: Fresh, missing: Collection[Remote], options: Options) -> None:
    if not options.locked:
        return
    errors = [
        DefinitionError.at(
            remote.place,
            f"{remote.shown} is not in {LOCK}, and --locked changes nothing there",
            f"run: weft install, and commit {LOCK}",
        )
        for remote in missing
        if sources.old.find(remote.key) is None
    ]
    if errors:
        raise Several(errors)


def _all(
    store: Store,
    sources: Fresh,
    remotes: Sequence[Remote],
    access: fetch.Access,
    options: Options,
    progress: Progress,
) -> Sequence[Locked]:
    """Fetches each, so many at a time; raises Several for all that failed, in the order of the tree."""
    progress.started(len(remotes))

    def one(remote: Remote) -> Locked:
        return _one(store, remote, sources.wanted(remote), access)

    found: list[Locked] = []
    errors: list[WeftError] = []
    try:
        with gitcmd.ended_with_weft():
            futures = _begun(one, remotes, options.jobs)
            for future in as_completed(futures):
                progress.unit(remotes[futures.index(future)].shown)
    except BaseException:
        gitcmd.stop()
        raise
    for future in futures:
        try:
            found.append(future.result())
        except WeftError as error:
            errors.append(error)
    if errors:
        raise Several(errors)
    return found


def _begun(
    work: Callable[[Remote], Locked], remotes: Sequence[Remote], threads: int
) -> Sequence[Future[Locked]]:
    """Begins the work on all; who is interrupted waits for no server, so the threads are daemons."""
    pending = queue.SimpleQueue[tuple[Future[Locked], Remote]]()
    futures: list[Future[Locked]] = []
    for remote in remotes:
        futures.append(Future())
        pending.put((futures[-1], remote))

    def worker() -> None:
        while not pending.empty():
            try:
                future, remote = pending.get_nowait()
            except queue.Empty:
                return
            try:
                future.set_result(work(remote))
            except BaseException as error:
                future.set_exception(error)

    for _ in range(min(threads, len(remotes))):
        threading.Thread(target=worker, daemon=True).start()
    return futures


def _one(store: Store, remote: Remote, want: Locked | None, access: fetch.Access) -> Locked:
    with store.staging() as folder:
        content = folder / "content"
        content.mkdir()
        resolved = fetch.fetcher(remote.method).fetch(remote, want, content, access)
        try:
            sha256 = store.sealed(content)
            remote.check(content)
        except DefinitionError as error:
            raise fetch.about(error, remote) from None
        if want is not None and sha256 != want.sha256:
            raise fetch.refused(
                remote,
                f"its content has changed under the same {_word(remote)}: SHA-256 {sha256[:12]}…,"
                f" but {LOCK} says {want.sha256[:12]}…",
                "ask who publishes it; where the change is meant, run:"
                f" weft install --update{' ' + remote.name if remote.name else ''}",
            )
        store.add(content, sha256)
    return Locked(
        remote.method, remote.url, sha256, resolved, remote.key[2] or None, remote.version, remote.branch
    )


def _word(remote: Remote) -> str:
    return {"git": "commit", "http": "URL"}.get(remote.method, "version")
