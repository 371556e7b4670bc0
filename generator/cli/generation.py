"""A run of `weft generate` that renders: pipeline, output folder, and what is kept for the next run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from generator import hooks, load, pipeline, report
from generator.cache import Finished, Question
from generator.cli import progress
from generator.cli.messages import note, say
from generator.cli.results import recalled, remembered, tell
from generator.errors import DONE, DefinitionError, WeftError, flatten
from generator.model.definition import Definition
from generator.model.output import INVENTORY, KUSTOMIZATION, Output
from generator.model.request import Request
from generator.report import Result
from generator.write import OutputTree


class Generation:
    """One run of the command."""

    def __init__(self, request: Request, options: dict[str, Any], question: Question | None) -> None:
        self._request = request
        self._question = question
        self._options = options
        shown = os.path.normpath(options["output"])
        self._tree = OutputTree(Path(options["output"]), shown, adopt=options["adopt"])
        self._json = options["format"] == "json"
        self._results: list[Result] = []

    def run(self) -> int:
        """Renders, writes and tells; returns the exit code. Raises WeftError for what concerns all."""
        try:
            known = load.files.Known(self._question.recalled() if self._question else {})
            with load.files.recalling(known):
                definition = pipeline.define(self._request)
            for text in definition.notes:
                note(text)
            part = self._part(definition)
            if part is not None:
                self._consume(part, definition)
                self._results = [
                    _whole(result, output) for result, output in zip_longest(self._results, part)
                ]
            else:
                with self._executor(definition) as executor, progress.shown() as shown:
                    outputs = pipeline.outputs(definition, self._request, self._tree, shown, executor)
                    self._consume(outputs, definition)
        except WeftError as error:
            if not self._json:
                raise
            # What could not be written is no change, so there is nothing to say of single environments.
            click.echo(report.as_json((), error.exit_code, flatten(error)), nl=False)
            return error.exit_code
        pending = self._tree.interrupted()
        code = tell(self._results, self._options, self._tree.shown, interrupted=pending)
        if self._question is not None and code == DONE and not pending:
            self._keep(self._question, definition, known.read)
        return code

    def _part(self, definition: Definition) -> Sequence[Output] | None:
        """The outputs where it is enough to make a part of them again, else None."""
        question = self._question
        if question is None or question.before is None:
            return None
        from generator import increment

        results = [recalled(item) for item in question.before.results]
        before = increment.before_of(results, question.written)
        run = pipeline.Run(definition, self._request, self._tree)
        return increment.outputs(run, question.changed, before, Path(self._options["output"]))

    @contextlib.contextmanager
    def _executor(self, definition: Definition) -> Iterator[Executor | None]:
        if not self._options["executor"]:
            yield None
            return
        for component in definition.tree.walk():
            if component.source and component.source.startswith(("..", "/")):
                raise DefinitionError.at(
                    component.place,
                    f"`{component.source}` is outside the definition, so no worker of a cluster can read it",
                    hint="copy it into the definition, or leave --executor out",
                )
        from generator.executors.dask import Dask

        with Dask(self._options["executor"]) as executor:
            yield executor

    def _keep(self, question: Question, definition: Definition, read: Mapping[str, Any]) -> None:
        """Saves what the run came to, for the next that finds everything unchanged."""
        if self._request.hooks and hooks.has_any(definition.tree.walk(), hooks.GENERATE):
            # Nobody knows what a command reads.
            return
        # What this run removed is gone: the next has nothing to say of it.
        results = [result for result in self._results if result.files]
        files = [f"{result.environment}/{path}" for result in results for path in result.paths]
        question.keep(
            Finished(definition.notes, [remembered(result) for result in results]),
            files,
            definition.folders,
            written={path for result in results for path in _written(result)},
            contents=read,
        )

    def _consume(self, outputs: Iterable[Output], definition: Definition) -> None:
        if self._options["stdout"]:
            self._results = [self._printed(output) for output in outputs]
        elif self._options["check"]:
            self._results = [self._compared(output) for output in outputs]
            self._prune(definition, stage=False)
        else:
            with self._tree.writing(lambda: say("waiting for another run to finish writing")):
                self._results = [self._staged(output) for output in outputs]
                self._prune(definition, stage=True)

    def _staged(self, output: Output) -> Result:
        return self._guarded(output, self._tree.stage)

    def _compared(self, output: Output) -> Result:
        return self._guarded(output, self._tree.compare)

    def _guarded(self, output: Output, step: Any) -> Result:
        if output.refused:
            return Result.of(output)
        try:
            return Result.of(output, step(output))
        except WeftError as error:
            return Result.of(output, error=error)

    def _printed(self, output: Output) -> Result:
        for path, content in {} if output.refused else output.files.items():
            if path.rpartition("/")[2] not in (KUSTOMIZATION, INVENTORY):
                click.echo(f"# Source: {output.environment}/{path}\n{content.decode()}", nl=False)
        return Result.of(output)

    def _prune(self, definition: Definition, *, stage: bool) -> None:
        if not self._request.everything or definition.dialect == "fabrikate" or self._request.component:
            return
        if self._request.shard[0] > 1:
            # Environments that are gone are in no shard, so the first takes care of them.
            return
        if self._results and all(result.refused for result in self._results):
            # What is wrong may be shared, and then nothing changes.
            return
        for name in self._tree.stale(definition.environments):
            gone = Output(environment=name)
            self._results.append(self._staged(gone) if stage else self._compared(gone))


def _written(result: Result) -> Iterator[str]:
    """The files of the output folder that were made or changed."""
    changes = result.changes
    for path in (*changes.added, *changes.changed) if changes is not None else ():
        yield f"{result.environment}/{path}"


def _whole(result: Result, output: Output | None) -> Result:
    """The result of a part and of all that stays beside it; None is the output of what is no environment."""
    if output is None or result.changes is None:
        return result
    kept = tuple(output.kept)
    changes = replace(result.changes, unchanged=result.changes.unchanged + len(kept))
    return replace(result, files=result.files + len(kept), paths=(*result.paths, *kept), changes=changes)
