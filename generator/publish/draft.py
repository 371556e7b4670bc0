"""What a publication would change, and everything that speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from generator import compare
from generator.compare import Comparison
from generator.errors import DefinitionError, SurroundingsError, WeftError
from generator.gitcmd import Entry, Relation, Source, Store, blob_id, tree_id
from generator.gitcmd.trees import FILE, SUBMODULE, SYMLINK
from generator.model.output import NAMESPACES, Output
from generator.model.record import record
from generator.publish import mappings, metadata, published
from generator.publish.options import Options
from generator.publish.published import State
from generator.publish.targets import Target


@record(frozen=True)
class Draft:
    """The changes that a publication makes below its path (None removes a file); none where it is up to date.

    `before` are the contents of what is replaced or removed, and of what stays as it is among the
    output's files. `comparison` is None where there is nothing to compare with.
    """

    state: State
    changes: Mapping[str, bytes | None] = field(default_factory=dict)
    digest: str = ""
    before: Mapping[str, bytes] = field(default_factory=dict)
    comparison: Comparison | None = None
    edited: Sequence[str] = ()
    adopted: Sequence[str] = ()
    notes: Sequence[str] = ()
    errors: Sequence[WeftError] = ()


def unchanged(store: Store, target: Target, base: str, digest: str) -> bool:
    """Whether the target holds exactly the files of the tree `digest`, what lies beside manifests aside.

    One folder is read. A no may still be a yes, where others keep files beside weft's.
    """
    level = dict(store.level(base, target.path))
    level.pop(metadata.METADATA, None)
    level.pop(metadata.ATTRIBUTES, None)
    flat = {name: Entry(entry.mode, entry.oid) for name, entry in level.items()}
    return tree_id(flat, store.algorithm) == digest


def entries(output: Output, algorithm: str) -> Mapping[str, Entry]:
    """The output's files as git will have them."""
    return {path: Entry(FILE, blob_id(content, algorithm)) for path, content in output.files.items()}


def make(
    store: Store,
    target: Target,
    output: Output,
    new: Mapping[str, Entry],
    state: State,
    source: Source,
    options: Options,
) -> Draft:
    """The draft that makes `output`, whose `entries` are `new`, of `state`; `errors` speak against it.

    Raises SurroundingsError where the repository cannot be read.
    """
    owned = state.owned or frozenset()
    gone = sorted(path for path in owned - new.keys() if path in state.files)
    changes: dict[str, bytes | None] = dict.fromkeys(gone)
    for path, entry in new.items():
        if state.files.get(path) != entry:
            changes[path] = output.files[path]
    digest = tree_id(new, store.algorithm)
    if not changes:
        return Draft(state, digest=digest)
    adopted = sorted(path for path in (*new, metadata.METADATA) if path in state.files and path not in owned)
    if state.owned is not None:
        # It is weft's wherever an inventory is.
        adopted = [path for path in adopted if path != metadata.METADATA]
    before = _before(store, output, state, new, changes)
    comparison = compare.compare(before, output.files) if before or options.details else None
    edited = published.edited(store, target, state)
    errors = [
        *_in_the_way(target, state, new, gone, adopted, options),
        *_edits(target, edited, options),
        *_older(store, target, state, source, options),
        *_shrunk(output, comparison, options),
        *mappings.changed(target, before, output),
        *_checked_out(store, target),
    ]
    notes = list(_untold(target, state))
    return Draft(state, changes, digest, before, comparison, edited, adopted, notes, errors)


def _before(
    store: Store,
    output: Output,
    state: State,
    new: Mapping[str, Entry],
    changes: Mapping[str, bytes | None],
) -> Mapping[str, bytes]:
    replaced = {
        path: state.files[path]
        for path in changes
        if path in state.files and state.files[path].mode != SUBMODULE
    }
    contents = store.contents(entry.oid for entry in replaced.values())
    same = {path: output.files[path] for path in new if path not in changes}
    return {**same, **{path: contents[entry.oid] for path, entry in replaced.items()}}


def _in_the_way(
    target: Target,
    state: State,
    new: Mapping[str, Entry],
    gone: Sequence[str],
    adopted: Sequence[str],
    options: Options,
) -> Iterator[WeftError]:
    rest = state.files.keys() - set(gone)
    folders = {parent for path in rest for parent in _parents(path)}
    for path in new if rest else ():
        for parent in rest.intersection(_parents(path)):
            yield _blocked(target, parent, f"{published.kind(state.files[parent])} where a folder is to be")
        if path in folders:
            yield _blocked(target, path, "a folder where a file is to be")
    links = [path for path in adopted if state.files[path].mode in (SYMLINK, SUBMODULE)]
    for path in links:
        yield _blocked(target, path, f"{published.kind(state.files[path])} where a file is to be")
    others = [path for path in adopted if path not in links]
    if others and not options.adopt:
        yield DefinitionError.at(
            target.place,
            f"in the way on {target.branch}, and not written by weft: {_some(others)}",
            hint="publish elsewhere, or take it over with --adopt; weft plan shows what that overwrites",
        )


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _blocked(target: Target, path: str, what: str) -> WeftError:
    full = f"{target.path}/{path}" if target.path else path
    return DefinitionError.at(
        target.place, f"`{full}` on {target.branch} is {what}", hint="remove it from the branch"
    )


def _edits(target: Target, edited: Sequence[str], options: Options) -> Iterator[WeftError]:
    if edited and not options.overwrite_edits:
        yield DefinitionError.at(
            target.place,
            f"somebody edited what was published to {target}: {_some(edited)}",
            hint="bring the edits into the definitions, or drop them with --overwrite-edits",
        )


def _untold(target: Target, state: State) -> Iterator[str]:
    if state.owned is not None and state.last is None:
        yield (
            f"what the last publication to {target} recorded is gone, so nobody can tell whether it was"
            " edited since, or is newer than these definitions"
        )


def _older(
    store: Store, target: Target, state: State, source: Source, options: Options
) -> Iterator[WeftError]:
    if state.last is None or state.last.revision is None or options.force_older:
        return
    text = store.note(state.last.commit) if state.last.commit else None
    revision = metadata.noted(text) or state.last.revision
    relation = source.relation(revision)
    if relation is Relation.SHALLOW:
        yield SurroundingsError(
            "the definitions' history was cut off: nobody can tell whether it is newer than"
            f" {revision[:12]}, which {target} was published from",
            hint="fetch more of it: git fetch --unshallow (fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in"
            " GitLab CI), or publish all the same with --force-older",
        )
        return
    told = {
        Relation.OLDER: f"is older than {revision[:12]}, which",
        Relation.DIVERGED: f"has diverged from {revision[:12]}, which",
        Relation.MISSING: f"does not know {revision[:12]}, which",
    }.get(relation)
    if told:
        mine = source.revision[:12] if source.revision else "a folder without a history"
        yield DefinitionError.at(
            target.place,
            f"{mine} {told} {target} was published from",
            hint="get the newest definitions (git pull), or publish these all the same with --force-older",
        )


def _shrunk(output: Output, comparison: Comparison | None, options: Options) -> Iterator[WeftError]:
    if comparison is None or options.allow_shrink:
        return
    # What the definition takes off this cluster by name is no accident, nor are Namespaces made for it.
    meant = {*output.withdrawn, NAMESPACES} if output.withdrawn else set()
    lost = sum(item.kind == "deleted" and item.file not in meant for item in comparison.objects)
    had = output.objects - comparison.count("added") + lost
    if lost and (output.objects == 0 or lost * 2 > had):
        yield DefinitionError(
            f"{lost} of {had} published objects would be deleted",
            hint="if that is meant, say so with --allow-shrink; weft plan lists them",
        )


def _checked_out(store: Store, target: Target) -> Iterator[WeftError]:
    folder = store.checked_out(target.branch)
    if folder is not None:
        yield DefinitionError.at(
            target.place,
            f"branch {target.branch} is checked out in a work tree of {target.address.shown}",
            hint="publish to another branch, or check another one out there",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}"
