"""`weft install` and `weft vendor`: every remote source of a definition into the store and the lock."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path

from generator import load
from generator.errors import DefinitionError, UsageError, suggestion
from generator.fetch.base import TIMEOUT_SECONDS, Access
from generator.install import lockfile, rounds, vendor
from generator.install.rounds import Fresh, Options
from generator.model.definition import Component
from generator.model.record import record
from generator.model.request import Progress
from generator.model.source import LOCK, Key, Lock, Locked


@record(frozen=True)
class Outcome:
    """What an install came to: the tree, the lock before and after, and what was fetched of it."""

    tree: Component
    before: Lock
    after: Lock
    fetched: Sequence[Locked]

    @property
    def added(self) -> Sequence[Locked]:
        """What the lock has now and had not."""
        return [entry for entry in self.after.sources if self.before.find(entry.key) is None]

    @property
    def removed(self) -> Sequence[Locked]:
        """What nothing in the tree asks for any more."""
        return [entry for entry in self.before.sources if self.after.find(entry.key) is None]

    @property
    def moved(self) -> Sequence[tuple[Locked, Locked]]:
        """What is the same source with another content: before and after."""
        pairs = ((self.before.find(entry.key), entry) for entry in self.after.sources)
        return [(old, new) for old, new in pairs if old is not None and old != new]


def install(
    root: Path,
    options: Options,
    *,
    timeout: float = TIMEOUT_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
    progress: Progress | None = None,
) -> Outcome:
    """Fetches what is missing and writes the lock; the lock is written last, and only if all went well.

    Raises UsageError for a name to update that nothing has, Several and other WeftErrors for what is wrong
    with the definition, a source or the surroundings.
    """
    before = load.lock.read(root)
    variables, places = load.access.load(root)
    access = Access(variables, places, timeout, tell)
    empty = Lock(vendor=before.vendor)
    sources = Fresh(root, empty, fetching=True, old=before, update=options.update)
    tree, fetched = rounds.run(root, sources, access, options, progress or Progress())
    _check_names(sources)
    after = Lock(tuple(sorted(sources.lock.sources, key=_key)), before.vendor)
    outcome = Outcome(tree, before, after, [entry for entry in after.sources if entry.key in fetched])
    if sorted(before.sources, key=_key) != list(after.sources):
        if options.locked:
            stale = ", ".join(entry.shown for entry in outcome.removed)
            raise DefinitionError(
                f"nothing in the tree asks for {stale} any more, and --locked changes nothing here",
                file=LOCK,
                hint=f"run: weft install, and commit {LOCK}",
            )
        lockfile.write(root, after)
    return outcome


def write_vendored(root: Path, folder: str, outcome: Outcome) -> Sequence[str]:
    """Copies what the lock names into `folder`, and notes that in the lock; the names of the copies.

    Raises UsageError for a folder that cannot be committed with the definition, and SurroundingsError.
    """
    plain = posixpath.normpath(folder.replace(os.sep, "/"))
    if not _is_below(plain):
        raise UsageError(
            f"`{folder}` is no folder to keep copies in",
            hint="name one below the root: weft vendor third_party",
        )
    vendor.check(root, plain, folder, outcome.tree)
    names = vendor.write(root, plain, outcome.after)
    old = outcome.after.vendor
    if old != plain:
        lockfile.write(root, Lock(outcome.after.sources, plain))
    # Only now: until the lock names the new folder, the old one is what counts.
    if old is not None and posixpath.normpath(old) != plain and _is_below(posixpath.normpath(old)):
        vendor.remove(root, posixpath.normpath(old))
    return names


def _is_below(plain: str) -> bool:
    return plain not in (".", "..") and not posixpath.isabs(plain) and not plain.startswith("../")


def _check_names(sources: Fresh) -> None:
    for name in sources.update or ():
        if name not in sources.seen:
            raise UsageError(f"no remote source is named `{name}`", hint=suggestion(name, sources.seen))


def _key(entry: Locked) -> Key:
    return entry.key


__all__ = ["Fresh", "Options", "Outcome", "install", "write_vendored"]
