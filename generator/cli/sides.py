"""The two sides of a comparison: the definitions at a revision or in the work tree, and what both make."""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from generator import gitcmd, pipeline, report
from generator.cli.messages import note
from generator.errors import Several, UsageError, WeftError, flatten, suggestion
from generator.load import NotFetched
from generator.model import selector
from generator.model.definition import Definition
from generator.model.finding import Finding
from generator.model.output import Output
from generator.model.record import record
from generator.model.request import Progress, Request
from generator.model.source import STORE
from generator.store import Store

WORK_TREE = "the work tree"

Pair = tuple[str, "Output | None", "Output | None"]


@record(frozen=True)
class Side:
    """The definitions at a revision, or in the work tree, where that is None."""

    definition: Definition
    request: Request
    revision: gitcmd.Revision | None = None

    @property
    def place(self) -> str:
        """Where something is that is on this side."""
        return f"at {self.revision.text}" if self.revision else f"in {WORK_TREE}"

    def has(self, environment: str) -> bool:
        """Whether the environment exists on this side."""
        return environment in self.definition.environments

    def errors(self, output: Output | None) -> Sequence[WeftError]:
        """The errors of an output, each saying on which side it came up."""
        return [
            single for error in (output.errors if output else ()) for single in _told(error, self.revision)
        ]

    def same_as(self, other: Side) -> bool:
        """Whether both sides are the same files, as git knows it."""
        one, two = self.revision, other.revision
        return one is not None and two is not None and (one.tree, one.below) == (two.tree, two.below)


@contextlib.contextmanager
def side(revision: gitcmd.Revision | None, request: Request, *, old: bool = False) -> Iterator[Side]:
    """The side at `revision`, of the work tree where that is None.

    The `old` side is not held to its policies, which a change may mend and a new weft read otherwise.
    Raises WeftError where the definitions as a whole cannot be read there.
    """
    if revision is None:
        yield Side(pipeline.define(request), request)
        return
    with gitcmd.exported(revision) as export:
        for text in export.notes:
            note(f"at {revision.text}: {text}")
        if os.path.isdir(os.path.join(request.root, STORE)):
            Store(Path(request.root)).lend(Path(export.folder))
        there = replace(request, root=export.folder)
        try:
            definition = pipeline.define(there, policies=not old)
        except WeftError as error:
            raise Several(_told(error, revision)) from error
        yield Side(definition, there, revision)


def revision_of(request: Request, text: str | None) -> gitcmd.Revision | None:
    """The revision that an option names; None where it names none. Raises WeftError as `gitcmd.revision`."""
    return None if text is None else gitcmd.revision(request.root, text)


def chosen(request: Request, sides: Sequence[Side]) -> Sequence[str]:
    """The environments that `request` selects on any side, sorted.

    Raises UsageError for a name that exists on no side, and where nothing is selected.
    """
    known = sorted({name for one in sides for name in one.definition.environments})
    for name in request.environments:
        if name not in known:
            raise UsageError(
                f"there is no environment `{name}`: no environments/{name}.yaml", hint=suggestion(name, known)
            )
    if not known:
        raise UsageError("there is no environment yet", hint="write environments/<name>.yaml, one a cluster")
    names = set(known) if request.everything else set(request.environments)
    if request.selectors:
        wanted = selector.parse(request.selectors)
        for one in sides:
            for name, found in one.definition.environments.items():
                # Without its labels nobody knows whether a broken one is meant.
                if found.labels is None or wanted.matches(found.labels):
                    names.add(name)
    if not names:
        raise UsageError(
            f"no environment matches `{'` or `'.join(request.selectors)}`",
            hint=f"environments: {', '.join(known)}",
        )
    return sorted(names)


def pairs(old: Side, new: Side, names: Sequence[str], progress: Progress) -> Iterator[Pair]:
    """What each environment is on both sides: (name, before, after); None where it does not exist.

    Both sides go on together, so that no more than one environment's files are held at a time.
    """
    same = old.same_as(new)
    with (
        contextlib.closing(outputs(old, () if same else names, progress)) as before,
        contextlib.closing(outputs(new, names, progress)) as after,
    ):
        for name in names:
            made = next(after) if new.has(name) else None
            if same:
                yield name, made, made
            else:
                yield name, next(before) if old.has(name) else None, made


def outputs(one: Side, names: Sequence[str], progress: Progress) -> Generator[Output, None, None]:
    """The whole output of those of the environments that the side has, in the order of `names`."""
    known = [name for name in names if one.has(name)]
    if known:
        request = replace(
            one.request, environments=known, everything=False, selectors=(), component=None, layers=()
        )
        yield from pipeline.outputs(one.definition, request, None, progress)


def say_passed_over(old: Side, findings: Sequence[Finding]) -> None:
    """Says how many findings of validation the old side has, which refuse nothing there."""
    if findings:
        number = len({finding.environment for finding in findings})
        environments = report.counted(number, "environment")
        note(
            f"{old.place}: {report.counted(len(findings), 'finding')} of validation in {environments}; "
            "on the old side they refuse nothing"
        )


def _told(error: WeftError, revision: gitcmd.Revision | None) -> Sequence[WeftError]:
    """The single errors, saying at which revision; copies, for several environments may share one."""
    found = [copy.copy(single) for single in flatten(error)]
    for single in found if revision else ():
        single.message = f"at {revision.text}: {single.message}" if revision else single.message
        if revision and isinstance(single, NotFetched):
            single.hint = f"run: weft install --at {revision.text}"
    return found
