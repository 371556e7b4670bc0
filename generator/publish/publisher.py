"""Publishes the environments of a run, one after the other, each on its own: one's failure stops no other."""

from __future__ import annotations

import contextlib
import copy
import functools
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from generator import compare
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError, flatten
from generator.gitcmd import Relation, Source, Store, Update, tree_id
from generator.model.output import INVENTORY, KUSTOMIZATION, Output
from generator.publish import draft, message, metadata, published, secrets
from generator.publish.draft import Draft
from generator.publish.options import Options
from generator.publish.preview import Preview
from generator.publish.result import Publication
from generator.publish.targets import Target

# With some twenty publishers on one branch, the unluckiest loses about that often.
_ATTEMPTS = 30
_LONGEST_WAIT_SECONDS = 1.0


class Publisher:
    """What a run publishes with; a `with` closes what it opened. `waiting` is called before a wait."""

    def __init__(self, source: Source, options: Options, waiting: Callable[[], None] = lambda: None) -> None:
        self.source = source
        self._options = options
        self.identity = options.identity()
        self._trailers = options.own_trailers()
        self._waiting = waiting
        self._stores: dict[str, Store] = {}
        self._unreachable: dict[str, WeftError] = {}
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def publish(self, output: Output, target: Target) -> Publication:
        """Publishes `output` to `target`, but a refused one; what went wrong is in the result."""
        result = Publication(output.environment, "failed", target, objects=output.objects)
        result.notes += output.notes
        result.findings = output.findings
        result.errors = [single for error in output.errors for single in flatten(error)]
        if output.refused:
            return result
        try:
            plain, refused = self._plain_secrets(output)
            if refused:
                raise Several(refused)
            result.notes += plain
            result.lasting = tuple(result.notes)
            store, tip, base = self._open(target)
            for attempt in self.attempts(store, target.branch):
                if attempt:
                    tip, base = published.commits(store, target)
                if self._attempt(store, target, output, result, tip, base):
                    break
        except WeftError as error:
            result.errors = flatten(error)
        return result

    def settled(self, known: Publication, target: Target) -> Publication | None:
        """What `publish` would say of an output that was `known` to come to nothing new, or None.

        `known` tells the tree that would be published. None where the target holds another one, or none
        that can be read: then there is something to do or to tell.
        """
        try:
            store, _, base = self._open(target)
            digest = known.tree.get(store.algorithm)
            if base is None or digest is None or not published.holds_path(store, target, base):
                return None
            if not draft.unchanged(store, target, base, digest):
                return None
        except WeftError:
            return None
        result = replace(known, status="unchanged", target=target, commit=base, notes=list(known.lasting))
        self._move_note(store, target, base, result)
        return result

    def preview(self, output: Output, target: Target) -> Preview:
        """What `publish` would do with `output`; what went wrong is in the result."""
        try:
            store, tip, base = self._open(target)
            made = self._draft(store, target, output, tip, base)
        except WeftError as error:
            return Preview(
                output.environment, target, new=output.files, readable=False, errors=flatten(error)
            )
        plain, refused = self._plain_secrets(output)
        return Preview(
            environment=output.environment,
            target=target,
            commit=tip,
            published=made.before if made.changes else output.files,
            new=output.files,
            edited=made.edited,
            adopted=made.adopted,
            notes=[*plain, *made.notes],
            changed=bool(made.changes),
            errors=[*refused, *made.errors],
        )

    def standing(self, target: Target) -> Mapping[str, bytes]:
        """The manifests that weft owns at `target`, by path below it.

        Raises WeftError where nobody can tell, since it is out of reach or its inventory is damaged.
        """
        store, tip, base = self._open(target)
        ours = published.read(store, target, tip, base).ours()
        held = {
            path: entry
            for path, entry in ours.items()
            if path.rpartition("/")[2] not in (KUSTOMIZATION, INVENTORY)
        }
        contents = store.contents(entry.oid for entry in held.values())
        return {path: contents[entry.oid] for path, entry in held.items()}

    def store(self, target: Target) -> Store:
        """The repository of a target, opened once a run. Raises WeftError where it was out of reach."""
        key = target.address.key
        if key in self._unreachable:
            # A copy: an error says which environment it came up in.
            raise copy.copy(self._unreachable[key])
        if key not in self._stores:
            made = Store(target.address, self.source.settings, self._waiting)
            self._stores[key] = self._cleanup.enter_context(made)
        return self._stores[key]

    def attempts(self, store: Store, name: str) -> Iterator[int]:
        """Numbers from 0, with a pause before each but the first, while a lost race is worth another try.

        Raises SurroundingsError where it no longer is.
        """
        for attempt in range(_ATTEMPTS):
            if attempt:
                _wait(attempt)
            yield attempt
            if store.obstacle is not None:
                raise store.obstacle
        raise SurroundingsError(
            f"{name} could not be moved in {_ATTEMPTS} attempts: {store.reason}",
            hint="others keep moving it: try again; or a git that was killed left a lock in that repository",
        )

    def _open(self, target: Target) -> tuple[Store, str | None, str | None]:
        store = self.store(target)
        try:
            return store, *published.commits(store, target)
        except SurroundingsError as error:
            # The next environment need not wait for the same time-out.
            self._unreachable[target.address.key] = copy.copy(error)
            raise

    def _draft(
        self, store: Store, target: Target, output: Output, tip: str | None, base: str | None
    ) -> Draft:
        new = draft.entries(output, store.algorithm)
        if base is not None and published.holds_path(store, target, base):
            digest = tree_id(new, store.algorithm)
            if draft.unchanged(store, target, base, digest):
                return Draft(published.State(tip=tip, base=base), digest=digest)
        state = published.read(store, target, tip, base)
        return draft.make(store, target, output, new, state, self.source, self._options)

    def _attempt(
        self,
        store: Store,
        target: Target,
        output: Output,
        result: Publication,
        tip: str | None,
        base: str | None,
    ) -> bool:
        made = self._draft(store, target, output, tip, base)
        if made.errors:
            raise Several(made.errors)
        result.notes += [text for text in made.notes if text not in result.notes]
        result.tree = {store.algorithm: made.digest}
        if not made.changes:
            result.status, result.commit = "unchanged", base
            if base is not None:
                self._move_note(store, target, base, result)
            return True
        text, recorded = self._message(output, target, made)
        commit = store.commit(base, self._changes(target, made), text, self.identity)
        if not store.push(Update(f"refs/heads/{target.branch}", tip, commit)):
            return False
        result.status, result.commit, result.comparison = "published", commit, made.comparison
        result.first = made.comparison is None
        if recorded.revision:
            self._note(store, commit, recorded.revision, result)
        return True

    def _changes(self, target: Target, made: Draft) -> Mapping[str, bytes | None]:
        """The changes from the root of the branch, with what lies beside the manifests."""
        beside: dict[str, bytes | None] = {}
        told = self._source_commit
        if told is not None:
            beside[metadata.METADATA] = metadata.hydrator_metadata(self.source, told, made.digest)
        elif metadata.METADATA in made.state.files:
            beside[metadata.METADATA] = None
        if not target.path and metadata.ATTRIBUTES not in made.state.files:
            beside[metadata.ATTRIBUTES] = metadata.ATTRIBUTES_TEXT
        prefix = f"{target.path}/" if target.path else ""
        return {f"{prefix}{path}": content for path, content in {**made.changes, **beside}.items()}

    @functools.cached_property
    def _source_commit(self) -> Mapping[str, Any] | None:
        return self.source.commit()

    def _message(self, output: Output, target: Target, made: Draft) -> tuple[str, message.Recorded]:
        recorded = message.Recorded(
            commit="",
            environment=target.environment,
            path=target.path,
            digest=made.digest,
            revision=self.source.revision,
            dirty=self.source.dirty,
        )
        if made.comparison is None:
            count = f"{output.objects} object{'' if output.objects == 1 else 's'}"
            subject, body = f"{target.environment}: first publication, {count}", []
        else:
            subject = compare.headline(target.environment, made.comparison)
            body = list(compare.lines(made.comparison))
        text = self._options.message or subject
        return message.compose(text, body, recorded, self._trailers), recorded

    def _move_note(self, store: Store, target: Target, base: str, result: Publication) -> None:
        """Where nothing changed, the note of the last publication moves on to this revision."""
        revision = self.source.revision
        last = published.last_publication(store, target, base, deeper=False) if revision else None
        if last is None or revision is None:
            return
        known = metadata.noted(store.note(last.commit))
        if known is None or self.source.relation(known) is Relation.NEWER:
            self._note(store, last.commit, revision, result)

    def _note(self, store: Store, commit: str, revision: str, result: Publication) -> None:
        """Writes the note. The branch is published without it, so a failure is told and no more."""
        try:
            for _ in self.attempts(store, "refs/notes/hydrator.metadata"):
                if store.set_note(commit, metadata.note(revision), self.identity):
                    return
        except WeftError as error:
            told = f"{error.place}: {error.message}" if error.file else error.message
            result.notes.append(f"the note for GitOps Promoter was not written: {told}")

    def _plain_secrets(self, output: Output) -> tuple[Sequence[str], Sequence[WeftError]]:
        """What to say of Secrets that are not encrypted, and what refuses them; one of both is empty."""
        found = [
            f"Secret `{name}` in {path} would be published for all to read"
            for path, name in secrets.plain(output.files)
        ]
        advice = "encrypt it with SOPS, or use an ExternalSecret or SealedSecret"
        if self._options.no_plain_secrets:
            return (), [DefinitionError(text, hint=advice) for text in found]
        return [f"{text}; {advice}" for text in found], ()


def _wait(attempt: int) -> None:
    """A pause that differs between those who lost the same race."""
    longest = min(_LONGEST_WAIT_SECONDS, 0.02 * 2 ** min(attempt, 10))
    time.sleep(random.uniform(longest / 4, longest))
