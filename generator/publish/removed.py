"""Finds what environments that no longer exist left on their branches and paths, and removes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from generator.errors import Several, WeftError, flatten
from generator.gitcmd import Relation, Source, Store, Update, blob_id
from generator.model.output import INVENTORY, Output
from generator.publish import draft, message, metadata, published
from generator.publish.options import Options
from generator.publish.publisher import Publisher
from generator.publish.result import Publication
from generator.publish.targets import PLACEHOLDER, Target

_NAME = r"(?P<environment>[a-z0-9][-a-z0-9]*)"


def find(publisher: Publisher, targets: Iterable[Target], known: Collection[str]) -> Iterator[Publication]:
    """A stale Publication for each place that weft wrote for an environment that is not in `known`.

    They are looked for where the environments' own targets say `{environment}`. An inventory and the
    trailers of the last publication prove that they were published, and from these definitions. A
    repository out of reach is passed over: its environments have failed already.
    """
    seen: set[tuple[str, tuple[str, str]]] = set()
    for target in targets:
        key = (target.address.key, target.patterns)
        if key not in seen and any(PLACEHOLDER in pattern for pattern in target.patterns):
            seen.add(key)
            try:
                yield from _left(publisher.store(target), target, known, publisher.source)
            except WeftError:
                continue


def _left(store: Store, like: Target, known: Collection[str], source: Source) -> Iterator[Publication]:
    branch_pattern, path_pattern = like.patterns
    for branch in store.branches():
        named = re.fullmatch(_expression(branch_pattern), branch)
        name = named.groupdict().get("environment") if named else None
        if named is None or name in known or (name is None and PLACEHOLDER not in path_pattern):
            continue
        tip = store.tip(branch)
        for path, environment in _paths(store, tip, path_pattern, name) if tip else ():
            if environment not in known:
                target = replace(
                    like, environment=environment, branch=branch, active=branch, path=path, place=None
                )
                if tip is not None and _is_ours(store, target, tip, source):
                    yield Publication(environment, "stale", target, tip)


def _paths(store: Store, tip: str | None, pattern: str, name: str | None) -> Iterator[tuple[str, str]]:
    parts = "/".join(part for part in pattern.split("/") if part not in ("", "."))
    if name is not None:
        yield parts.replace(PLACEHOLDER, name), name
    elif tip is not None:
        for folder in store.folders(tip):
            found = re.fullmatch(_expression(parts), folder)
            if found:
                yield folder, found["environment"]


def _expression(pattern: str) -> str:
    first, *rest = (re.escape(part) for part in pattern.split(PLACEHOLDER))
    return first + "".join(
        (_NAME if index == 0 else "(?P=environment)") + part for index, part in enumerate(rest)
    )


def _is_ours(store: Store, target: Target, tip: str, source: Source) -> bool:
    """Whether weft published it, and from these definitions: others may publish to the same repository."""
    inventory = f"{target.path}/{INVENTORY}" if target.path else INVENTORY
    if inventory not in store.entries(tip, [inventory]):
        return False
    last = published.last_publication(store, target, tip, deeper=True)
    if last is None or last.environment != target.environment:
        return False
    if last.revision is None:
        return source.revision is None
    return source.relation(last.revision) is not Relation.MISSING


def prune(publisher: Publisher, stale: Publication, options: Options) -> Publication:
    """Removes what a stale publication found: the branch where nothing else is on it, else weft's files."""
    target = stale.target
    assert target is not None
    try:
        store = publisher.store(target)
        for _ in publisher.attempts(store, target):
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
    made = draft.make(store, target, empty, state, publisher.source, replace(options, allow_shrink=True))
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
