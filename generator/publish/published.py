"""What a target holds now: its files, which of them are weft's, and what the last publication recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from generator.errors import DefinitionError, SurroundingsError
from generator.gitcmd import Entry, Store, tree_id
from generator.gitcmd.trees import FOLDER, SUBMODULE, SYMLINK
from generator.model import inventory
from generator.model.output import INVENTORY
from generator.model.record import record
from generator.publish import message, metadata
from generator.publish.message import Recorded
from generator.publish.targets import Target

_WHAT = {SYMLINK: "a symbolic link", SUBMODULE: "a submodule"}


@record(frozen=True)
class State:
    """What is at a target. `tip` is where its branch is, `base` the commit that the next one is made on.

    `files` is everything below its path; `owned` is None where no inventory says what weft owns.
    """

    tip: str | None = None
    base: str | None = None
    files: Mapping[str, Entry] = field(default_factory=dict)
    owned: frozenset[str] | None = None
    last: Recorded | None = None

    def ours(self) -> Mapping[str, Entry]:
        """The files that the inventory owns, as far as they are there."""
        return {path: self.files[path] for path in sorted(self.owned or ()) if path in self.files}


def kind(entry: Entry) -> str:
    """What an entry that is no folder is, in words."""
    return _WHAT.get(entry.mode, "a file")


def commits(store: Store, target: Target) -> tuple[str | None, str | None]:
    """Where the target's branch is, and the commit that the next one is made on.

    A proposal that does not exist yet begins at what it proposes to change.
    """
    tip = store.tip(target.branch)
    base = store.tip(target.active) if tip is None and target.branch != target.active else tip
    return tip, base


def holds_path(store: Store, target: Target, base: str) -> bool:
    """Whether the path is there; raises DefinitionError where it leads through what is no folder."""
    parts = target.path.split("/")
    prefixes = ["/".join(parts[: length + 1]) for length in range(len(parts))] if target.path else []
    found = store.entries(base, prefixes) if prefixes else {}
    for path, entry in found.items():
        if entry.mode != FOLDER:
            raise DefinitionError.at(
                target.place,
                f"`{path}` on {target.branch} is {kind(entry)}, expected a folder to publish to",
                hint="publish to another path, or remove it from the branch",
            )
    return not prefixes or target.path in found


def read(store: Store, target: Target, tip: str | None, base: str | None) -> State:
    """The state of a target. Raises WeftError where it cannot be read, or its inventory is damaged."""
    if base is None:
        return State()
    files = store.files(base, target.path) if holds_path(store, target, base) else {}
    # Where no inventory is, nothing of weft's can be overwritten, so all of a long history is not worth it.
    last = last_publication(store, target, base, deeper=INVENTORY in files)
    owned = None
    entry = files.get(INVENTORY)
    if entry is not None:
        try:
            owned = inventory.paths(store.contents([entry.oid])[entry.oid])
        except ValueError as error:
            raise DefinitionError.at(
                target.place,
                f"{INVENTORY} on {target} does not tell what weft owns there: {error}",
                hint="restore it from the branch's history, or remove it and publish with --adopt",
            ) from None
    if last is None and owned is not None and metadata.METADATA in files:
        last = _in_the_tree(store, target, files[metadata.METADATA])
    return State(tip, base, files, owned, last)


def _in_the_tree(store: Store, target: Target, entry: Entry) -> Recorded | None:
    """What hydrator.metadata records: it stays where the commit that had the trailers was squashed."""
    if entry.mode in _WHAT:
        return None
    told = metadata.recorded(store.contents([entry.oid])[entry.oid])
    return Recorded("", target.environment, target.path, told[0], told[1]) if told else None


def last_publication(store: Store, target: Target, base: str, *, deeper: bool) -> Recorded | None:
    """What the newest publication to the target's path recorded, in the history of `base`."""
    for commit, text in store.search(base, message.path_line(target.path), deeper=deeper):
        found = message.recorded(commit, text)
        if found is not None and found.path == target.path:
            return found
    return None


def edited(store: Store, target: Target, state: State) -> Sequence[str]:
    """The files of weft's that somebody changed since the last publication, with what happened to them."""
    if state.last is None or tree_id(state.ours(), store.algorithm) == state.last.digest:
        return ()
    if not state.last.commit:
        return (f"(the tree is not the one that {metadata.METADATA} records)",)
    try:
        there = holds_path(store, target, state.last.commit)
        before = store.files(state.last.commit, target.path) if there else {}
        wrote = before.get(INVENTORY)
        names = inventory.paths(store.contents([wrote.oid])[wrote.oid]) if wrote else frozenset()
    except (ValueError, SurroundingsError):
        return ("(what it was before cannot be read)",)
    changed = []
    for path in sorted(names | (state.owned or frozenset())):
        old, new = before.get(path), state.files.get(path)
        if old != new:
            changed.append(f"{path} ({'added' if old is None else 'deleted' if new is None else 'changed'})")
    return tuple(changed) or ("(the commit that published it was rewritten)",)
