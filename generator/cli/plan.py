"""`weft plan`: says what `weft publish` would change, object by object and field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any, Literal

import click

from generator import compare, errors, gitcmd, pipeline, publish, report, resolve
from generator.cli import progress
from generator.cli.choices import hook_options, request_of, validation_options
from generator.cli.findings import say_findings
from generator.cli.messages import label, note, say
from generator.cli.publish import overrides_of, target_options
from generator.compare import Comparison
from generator.errors import DIFFERENT, DONE, REFUSED, WeftError, flatten
from generator.model.definition import Definition
from generator.model.output import Output
from generator.model.record import record
from generator.publish import Preview, Target

Status = Literal["changed", "unchanged", "skipped", "failed"]
_KINDS: Sequence[compare.Kind] = ("added", "changed", "moved", "deleted")


@click.command("plan")
@target_options
@click.option(
    "--component", metavar="PATH", help="Show only the component at PATH (services/simple-service) and below."
)
@validation_options
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
@hook_options
def command(**options: Any) -> int:
    """Show what publish would change: each object with its fields, + added ~ changed > moved - deleted.

    Exits with 1 where anything would change, with 0 where nothing would. What Secrets hold is not shown.
    """
    return _Plan(options).run()


@record(frozen=True)
class _Planned:
    """What would happen to one environment. `refusals` are what `publish` would say to it."""

    output: Output
    status: Status
    target: Target | None = None
    commit: str | None = None
    comparison: Comparison = field(default_factory=Comparison)
    edited: Sequence[str] = ()
    adopted: Sequence[str] = ()
    notes: Sequence[str] = ()
    refusals: Sequence[WeftError] = ()
    errors: Sequence[WeftError] = ()

    @property
    def environment(self) -> str:
        return self.output.environment


class _Plan:
    """One run of the command."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._flags = options
        self._json = options["format"] == "json"
        # The whole environment is made, as for publish; what is shown of it is chosen at the end.
        self._request = request_of({**options, "component": None})
        self._component = options["component"].strip("/") if options["component"] else None
        self._results: list[_Planned] = []

    def run(self) -> int:
        try:
            definition = pipeline.define(self._request)
            for text in definition.notes:
                note(text)
            if self._component:
                resolve.component_path(definition, self._component)
            self._plan(definition)
        except WeftError as error:
            if not self._json:
                raise
            self._print_json(error.exit_code, error)
            return error.exit_code
        code = self._exit_code()
        if self._json:
            self._print_json(code)
            return code
        if len(self._results) > 1:
            click.echo(_summary(self._results))
        say_findings([(result.environment, result.output.findings) for result in self._results])
        return code

    def _plan(self, definition: Definition) -> None:
        chosen = resolve.chosen(definition, self._request)
        source = gitcmd.source(self._request.root)
        options = publish.Options(
            adopt=self._flags["adopt"],
            allow_shrink=self._flags["allow_shrink"],
            overwrite_edits=self._flags["overwrite_edits"],
            force_older=self._flags["force_older"],
            no_plain_secrets=self._flags["no_plain_secrets"],
            proposed=self._flags["proposed"],
            details=True,
        )
        targets = publish.targets(
            definition, source, chosen, overrides_of(self._flags), proposed=self._flags["proposed"]
        )
        with publish.Publisher(source, options) as publisher, progress.shown() as shown:
            for output in pipeline.outputs(definition, self._request, None, shown):
                self._report(self._one(output, targets.get(output.environment), publisher))

    def _one(
        self, output: Output, target: Target | WeftError | None, publisher: publish.Publisher
    ) -> _Planned:
        if target is None:
            # What is not published is not judged either: `validate` does that.
            return _Planned(Output(output.environment, objects=output.objects), "skipped")
        if isinstance(target, WeftError) or output.refused:
            found = flatten(target) if isinstance(target, WeftError) else ()
            return _Planned(output, "failed", errors=(*output.errors, *found))
        preview = publisher.preview(output, target)
        if not preview.readable:
            return _Planned(output, "failed", target, preview.commit, errors=preview.errors)
        return self._planned(output, target, preview)

    def _planned(self, output: Output, target: Target, preview: Preview) -> _Planned:
        try:
            # All of both is compared, for a Secret beside the component says what must not be shown of it.
            comparison = compare.compare(preview.published, preview.new).below(self._component)
        except WeftError as error:
            return _Planned(output, "failed", target, preview.commit, errors=flatten(error))
        changed = bool(comparison) if self._component else preview.changed
        return _Planned(
            output,
            "changed" if changed else "unchanged",
            target,
            preview.commit,
            comparison,
            [text for text in preview.edited if self._shows(text)],
            [path for path in preview.adopted if self._shows(path)],
            preview.notes,
            preview.errors,
        )

    def _shows(self, path: str) -> bool:
        return self._component is None or path.startswith(f"{self._component}/")

    # What the run says.

    def _report(self, result: _Planned) -> None:
        self._results.append(result)
        for error in result.errors:
            error.within(None, result.environment)
        if self._json:
            return
        for text in (*result.output.notes, *result.notes):
            note(f"{result.environment}: {text}")
        for text in result.comparison.unreadable:
            note(f"{result.environment}: what is published cannot be read: {compare.one_line(text)}")
        for line in _lines(result):
            click.echo(line)
        for text in errors.grouped(result.errors):
            say(f"{label('error', 'red')} {text}")
        for error in result.refusals:
            note(f"{result.environment}: publish would refuse this: {error}")

    def _exit_code(self) -> int:
        codes = [error.exit_code for result in self._results for error in result.errors]
        codes += [REFUSED for result in self._results if result.status == "failed" and not result.errors]
        codes += [DIFFERENT for result in self._results if result.status == "changed"]
        return max(codes, default=DONE)

    def _print_json(self, code: int, error: WeftError | None = None) -> None:
        data: dict[str, Any] = {
            "environments": [_as_json(result) for result in self._results],
            "totals": _counts(self._results),
            "exitCode": code,
        }
        if error is not None:
            data |= report.problems((), flatten(error))
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _lines(result: _Planned) -> Iterator[str]:
    name = result.environment
    if result.status == "skipped":
        yield f"{name}: skipped, its file says nothing of `publish`"
    elif result.status == "failed":
        yield f"{name}: cannot be published"
    elif result.status == "unchanged":
        yield f"{name}: No changes"
    else:
        place = f"{result.target} of {result.target.address.shown}" if result.target else ""
        yield f"{name}: {compare.totals(result.comparison)}, on {place}"
        yield from (f"  {line}" for line in compare.lines(result.comparison))
    for text in result.edited:
        yield f"  edited by hand, lost with --overwrite-edits: {compare.one_line(text)}"
    for path in result.adopted:
        yield f"  not weft's, overwritten with --adopt: {compare.one_line(path)}"


def _summary(results: Sequence[_Planned]) -> str:
    changed = sum(result.status == "changed" for result in results)
    parts = [f"{number} {word}" for word, number in _counts(results).items() if number]
    told = f": objects {', '.join(parts)}" if parts else ""
    return f"{changed} of {report.counted(len(results), 'environment')} would change{told}"


def _counts(results: Sequence[_Planned]) -> dict[str, int]:
    return {kind: sum(result.comparison.count(kind) for result in results) for kind in _KINDS}


def _as_json(result: _Planned) -> dict[str, Any]:
    target = result.target
    place = (
        {"repository": target.address.shown, "branch": target.branch, "path": target.path} if target else {}
    )
    return {
        "environment": result.environment,
        "status": result.status,
        **place,
        "commit": result.commit,
        "objects": result.output.objects,
        "counts": _counts([result]),
        "changes": [item.as_json() for item in result.comparison.objects],
        "files": list(result.comparison.files),
        "unreadable": list(result.comparison.unreadable),
        "edited": list(result.edited),
        "adopted": list(result.adopted),
        "notes": [*result.output.notes, *result.notes],
        "refusals": report.problems((), result.refusals)["errors"],
        **report.problems(result.output.findings, result.errors),
    }
