"""Finds what environments that no longer exist left on their branches and paths, and removes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.errors import Several, WeftError, flatten
from generator.gitcmd import Relation, Source, Store, Update, blob_id
from generator.model.output import INVENTORY, Output
from generator.publish import draft, message, metadata, published
from generator.publish.options import Options
from generator.publish.publisher import Publisher
from generator.publish.result import Publication
from generator.publish.targets import PLACEHOLDER, Target

_NAME = "[a-z0-9][-a-z0-9]*"


def find(publisher: Publisher, targets: Iterable[Target], known: Collection[str]) -> Iterator[Publication]:
    """A stale Publication for each place that weft wrote for an environment that is not in `known`.

    They are looked for in the repositories of `targets`: on their branches, on those that fit their
    patterns, and on those whose newest commit is a publication. An inventory and the trailers of the
    last publication prove that they were published, and from these definitions. A repository out of
    reach is passed over: its environments have failed already.
    """
    repositories: dict[str, list[Target]] = {}
    for target in targets:
        repositories.setdefault(target.address.key, []).append(target)
    for group in repositories.values():
        try:
            yield from _left(publisher.store(group[0]), group, known, publisher.source)
        except WeftError:
            continue


def _left(
    store: Store, group: Sequence[Target], known: Collection[str], source: Source
) -> Iterator[Publication]:
    here = {(target.branch, target.path) for target in group}
    for branch in _branches(store, group):
        tip = store.tip(branch)
        for path in _folders(store, tip) if tip else ():
            if (branch, path) in here:
                continue
            found = replace(group[0], branch=branch, active=branch, path=path, place=None)
            last = published.last_publication(store, found, tip or "", deeper=True)
            if last is not None and last.environment not in known and _from_these(last, source):
                target = replace(found, environment=last.environment)
                yield Publication(last.environment, "stale", target, tip)


def _branches(store: Store, group: Sequence[Target]) -> Sequence[str]:
    """The branches to look at, sorted."""
    # Where an environment has all of a branch, nothing else can be on it; its proposals are its own.
    full = {target.branch for target in group if not target.path}
    full |= {f"{target.active}-next" + (f"/{target.path}" if target.path else "") for target in group}
    used = {target.branch for target in group}
    patterns = {_expression(target.patterns[0]) for target in group}
    near: list[str] = []
    others: list[str] = []
    for name in store.branches():
        if name not in full:
            fits = name in used or any(re.fullmatch(pattern, name) for pattern in patterns)
            (near if fits else others).append(name)
    messages = store.messages(others)
    return sorted([*near, *(name for name in others if message.recorded("", messages.get(name, "")))])


def _expression(pattern: str) -> str:
    return _NAME.join(re.escape(part) for part in pattern.split(PLACEHOLDER))


def _folders(store: Store, tip: str) -> Sequence[str]:
    """The folders of a commit that have an inventory; the root is the empty string."""
    paths = (path.rpartition("/") for path in store.files(tip, ""))
    return [above for above, _, name in paths if name == INVENTORY]


def _from_these(last: message.Recorded, source: Source) -> bool:
    """Whether it was published from these definitions: others may publish to the same repository."""
    if last.revision is None:
        return source.revision is None
    return source.relation(last.revision) is not Relation.MISSING


def prune(publisher: Publisher, stale: Publication, options: Options) -> Publication:
    """Removes what a stale publication found: the branch where nothing else is on it, else weft's files."""
    target = stale.target
    assert target is not None
    try:
        store = publisher.store(target)
        for _ in publisher.attempts(store, target.branch):
            if _removed(publisher, store, target, options, stale):
                break
    except WeftError as error:
        stale.status, stale.errors = "failed", flatten(error)
    return stale


def _removed(
    publisher: Publisher, store: Store, target: Target, options: Options, result: Publication
) -> bool:
    tip = store.tip(target.branch)
    state = published.read(store, target, tip, tip)
    empty = Output(environment=target.environment)
    made = draft.make(store, target, empty, {}, state, publisher.source, replace(options, allow_shrink=True))
    if made.errors:
        raise Several(made.errors)
    changes: Mapping[str, bytes | None] = {**made.changes, **_beside(store, target, state)}
    result.status, result.comparison, result.commit = "removed", made.comparison, tip
    if not made.changes or tip is None:
        return True
    ref = f"refs/heads/{target.branch}"
    if not target.path and not state.files.keys() - changes.keys():
        result.commit = None
        return store.push(Update(ref, tip, None))
    prefix = f"{target.path}/" if target.path else ""
    recorded = message.Recorded(
        "", target.environment, target.path, made.digest, publisher.source.revision, publisher.source.dirty
    )
    text = message.compose(f"{target.environment}: environment removed", [], recorded, ())
    result.commit = store.commit(
        tip, {f"{prefix}{path}": content for path, content in changes.items()}, text, publisher.identity
    )
    return store.push(Update(ref, tip, result.commit))


def _beside(store: Store, target: Target, state: published.State) -> Mapping[str, None]:
    """What lies beside the manifests and is weft's."""
    ours = [metadata.METADATA]
    attributes = state.files.get(metadata.ATTRIBUTES)
    if not target.path and attributes is not None:
        text = blob_id(metadata.ATTRIBUTES_TEXT, store.algorithm)
        ours += [metadata.ATTRIBUTES] if attributes.oid == text else []
    return {path: None for path in ours if path in state.files}
