"""`weft generate`: renders environments and writes, checks or prints their manifests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from generator import pipeline, report
from generator.cli import progress
from generator.cli.choices import Shard, environment_options, request_of, validation_options
from generator.cli.findings import say_errors, say_findings
from generator.cli.messages import note, say
from generator.errors import DIFFERENT, DONE, REFUSED, UsageError, WeftError, flatten
from generator.model.definition import Definition
from generator.model.output import INVENTORY, KUSTOMIZATION, Output
from generator.model.request import Request
from generator.report import Result
from generator.write import OutputTree


@click.command("generate")
@environment_options("Every environment; folders of environments that are gone are removed.")
@click.option(
    "--component", metavar="PATH", help="Only the component at PATH (services/simple-service) and below."
)
@click.option(
    "--shard",
    type=Shard(),
    metavar="N/M",
    help="Only the Nth of M parts of the environments, for a CI matrix.",
)
@click.option("--output", metavar="DIR", default="generated", show_default=True, help="Folder to write to.")
@click.option("--stdout", is_flag=True, help="Print the manifests and write nothing.")
@click.option(
    "--check", is_flag=True, help="Write nothing; list what would change and exit 1 if anything would."
)
@click.option("--adopt", is_flag=True, help="Take over files in the way that weft did not write.")
@validation_options
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Programs run side by side; one a core by default.",
)
@click.option("--layer", multiple=True, metavar="LAYER", help="In the dialect: a layer, the strongest first.")
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
def command(**options: Any) -> int:
    """Render the services tree for each environment into generated/.

    Every option can be set as WEFT_GENERATE_<OPTION>, for example WEFT_GENERATE_JOBS=4.
    """
    if options["stdout"] and (options["check"] or options["format"] == "json"):
        raise UsageError("--stdout prints manifests; it goes with neither --check nor -o json")
    if not options["output"]:
        # An unset variable of a script would otherwise fill the folder that weft runs in.
        raise UsageError("--output names no folder")
    return _Generate(request_of(options), options).run()


class _Generate:
    """One run of the command."""

    def __init__(self, request: Request, options: dict[str, Any]) -> None:
        self._request = request
        self._options = options
        shown = os.path.normpath(options["output"])
        self._tree = OutputTree(Path(options["output"]), shown, adopt=options["adopt"])
        self._json = options["format"] == "json"
        self._results: list[Result] = []

    def run(self) -> int:
        try:
            definition = pipeline.define(self._request)
            for text in definition.notes:
                note(text)
            with progress.shown() as shown:
                outputs = pipeline.outputs(definition, self._request, self._tree, shown)
                self._consume(outputs, definition)
        except WeftError as error:
            if not self._json:
                raise
            # What could not be written is no change, so there is nothing to say of single environments.
            click.echo(report.as_json((), error.exit_code, flatten(error)), nl=False)
            return error.exit_code
        return self._finish()

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

    # What the run says at its end.

    def _finish(self) -> int:
        code = self._exit_code()
        if self._json:
            click.echo(report.as_json(self._results, code), nl=False)
            return code
        self._say_problems()
        for result in self._results:
            if self._options["check"] and result.changes:
                for line in report.change_lines(result.changes, self._tree.shown):
                    click.echo(line)
            say(report.summary(result, check=self._options["check"]))
        if self._options["check"] and self._tree.interrupted():
            say(f"{self._tree.shown}: a run was interrupted while it wrote; the next one finishes it")
        return code

    def _say_problems(self) -> None:
        notes = [(result.environment, text) for result in self._results for text in result.notes]
        for text, environments in report.shared(notes):
            note(f"{', '.join(environments)}: {text}")
        say_errors((result.environment, result.errors) for result in self._results)
        say_findings([(result.environment, result.findings) for result in self._results])

    def _exit_code(self) -> int:
        codes = [error.exit_code for result in self._results for error in result.errors]
        if any(finding.refuses for result in self._results for finding in result.findings):
            codes.append(REFUSED)
        if self._options["check"] and (any(r.changes for r in self._results) or self._tree.interrupted()):
            codes.append(DIFFERENT)
        return max(codes, default=DONE)


__all__: Sequence[str] = ["command"]
