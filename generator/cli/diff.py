"""`weft diff`: what differs between two revisions, or between the definitions and what is published."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

import click

from generator import compare, errors, gitcmd, publish, report, resolve
from generator.cli import progress, sides
from generator.cli.choices import environment_options, hook_options, request_of
from generator.cli.messages import label, note, say
from generator.cli.sides import WORK_TREE, Side
from generator.compare import KINDS, Comparison, Group
from generator.errors import DIFFERENT, DONE, REFUSED, UsageError, WeftError, flatten
from generator.model.finding import Finding
from generator.model.output import Output
from generator.model.record import record
from generator.publish import Target, removed

Status = Literal["changed", "unchanged", "added", "deleted", "skipped", "refused"]
PUBLISHED = "what is published"
_WHOLE: Mapping[str, str] = {"added": "new environment", "deleted": "no longer an environment"}


def revision_options(from_help: str, *, required: bool = False) -> Callable[[Any], Any]:
    """A decorator: `--from`, with that help, and `--to`."""

    def decorate(command: Any) -> Any:
        to = click.option("--to", metavar="REV", help="New side; the work tree by default.")
        return click.option("--from", metavar="REV", required=required, help=from_help)(to(command))

    return decorate


@click.command("diff")
@environment_options("Every environment; the default.")
@revision_options("Old side: a branch, tag or commit; what is published by default.")
@click.option(
    "--component", metavar="PATH", help="Show only the component at PATH (services/simple-service) and below."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 on a difference, too.")
@click.option("--no-validate", is_flag=True, help="Skip validation of the output.")
@click.option(
    "-o",
    "--format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="Format of the report; markdown fits a comment on a pull request.",
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
@hook_options
def command(**options: Any) -> int:
    """Show what differs in the manifests, object by object.

    --from A --to B compares two revisions of the definitions, --from A a revision and the work tree, and no
    --from what is published. The same change in several environments is shown once. REV:FOLDER says where
    the definitions were then. Exits with 1 on a difference. What Secrets hold is not shown.
    """
    return _Diff(options).run()


@record(frozen=True)
class _Result:
    """One environment, compared. `refused` says on which sides it is refused.

    Where it is only findings that refuse the new side, it is compared all the same.
    """

    environment: str
    status: Status
    comparison: Comparison = field(default_factory=Comparison)
    refused: Sequence[str] = ()
    errors: Sequence[WeftError] = ()
    findings: Sequence[tuple[str, Finding]] = ()

    def counts(self) -> dict[str, int]:
        """How many objects were changed, moved, added and deleted."""
        return {kind: self.comparison.count(kind) for kind in KINDS}


class _Diff:
    """One run of the command."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._flags = options
        self._format = options["format"]
        self._component = options["component"].strip("/") if options["component"] else None
        request = request_of({**options, "component": None})
        self._request = request if request.names_any else replace(request, everything=True)
        self._results: list[_Result] = []
        self._old_findings: list[Finding] = []
        self._names = (options["from"] or PUBLISHED, options["to"] or WORK_TREE)

    def run(self) -> int:
        try:
            self._compare()
        except WeftError as error:
            if self._format != "json":
                raise
            self._print_json((), error.exit_code, error)
            return error.exit_code
        code = self._exit_code()
        found = {result.environment: result.comparison for result in self._results}
        groups = compare.grouped(found)
        if self._format == "json":
            self._print_json(groups, code)
            return code
        self._say_problems()
        if self._format == "markdown":
            click.echo(compare.markdown(self._markdown(groups)), nl=False)
        else:
            for line in _lines(groups, self._results):
                click.echo(line)
        return code

    # The two sides.

    def _compare(self) -> None:
        revisions = [sides.revision_of(self._request, self._flags[name]) for name in ("from", "to")]
        with contextlib.ExitStack() as stack:
            new = stack.enter_context(sides.side(revisions[1], self._request))
            if revisions[0] is None:
                self._against_published(new)
                return
            old = stack.enter_context(sides.side(revisions[0], self._request, old=True))
            self._check_component(old, new)
            names = sides.chosen(self._request, (old, new))
            shown = stack.enter_context(progress.shown())
            for name, before, after in sides.pairs(old, new, names, shown):
                self._results.append(self._pair(name, (old, before), (new, after)))
                if before is not None and before is not after:
                    self._old_findings += before.refusing
            sides.say_passed_over(old, self._old_findings)

    def _check_component(self, *known: Side) -> None:
        """Raises UsageError where no side has the component."""
        path = tuple(self._component.split("/")) if self._component else ()
        if all(side.definition.find(path) is None for side in known):
            resolve.component_path(known[-1].definition, self._component or "")

    def _pair(self, name: str, old: tuple[Side, Output | None], new: tuple[Side, Output | None]) -> _Result:
        before, after = old[1], new[1]
        # What validation finds on the old side is no fault of the change, which may well mend it.
        broken = [(side, output) for side, output in (old, new) if output is not None and output.errors]
        if broken:
            return _refused(name, broken)
        comparison = self._compared(before.files if before else {}, after.files if after else {})
        status: Status = "changed" if comparison.objects else "unchanged"
        if self._component is None:
            status = "added" if before is None else "deleted" if after is None else status
        return _judged(_Result(name, status, comparison), new[0], after)

    def _compared(self, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Comparison:
        # All of both is compared, so that what moved out of the component is seen to have moved.
        return compare.compare(old, new).below(self._component)

    def _against_published(self, new: Side) -> None:
        self._check_component(new)
        names = sides.chosen(self._request, (new,))
        source = gitcmd.source(self._request.root)
        targets = publish.targets(new.definition, source, names, publish.Overrides(), proposed=False)
        if all(target is None for target in targets.values()):
            raise UsageError(
                "no environment says where it is published, so there is nothing to compare with",
                hint="compare with a revision: weft diff --from main",
            )
        with publish.Publisher(source, publish.Options(details=True)) as publisher, progress.shown() as shown:
            for output in sides.outputs(new, names, shown):
                self._results.append(self._published(output, targets.get(output.environment), publisher, new))
            if self._request.everything:
                places = [target for target in targets.values() if isinstance(target, Target)]
                for stale in removed.find(publisher, places, new.definition.environments):
                    note(f"{stale.environment}: no longer an environment, still published to {stale.target}")

    def _published(
        self, output: Output, target: Target | WeftError | None, publisher: publish.Publisher, new: Side
    ) -> _Result:
        name = output.environment
        if target is None:
            return _Result(name, "skipped")
        if output.errors:
            return _refused(name, [(new, output)])
        if isinstance(target, WeftError):
            return _Result(name, "refused", errors=flatten(target))
        preview = publisher.preview(output, target)
        if preview.errors and not preview.changed:
            return _Result(name, "refused", errors=preview.errors)
        comparison = self._compared(preview.published, preview.new)
        for text in comparison.unreadable:
            note(f"{name}: what is published cannot be read: {compare.one_line(text)}")
        result = _Result(name, "changed" if comparison.objects else "unchanged", comparison)
        return _judged(result, new, output)

    # What the run says.

    def _exit_code(self) -> int:
        codes = [error.exit_code for result in self._results for error in result.errors]
        codes += [REFUSED for result in self._results if result.findings]
        if not self._flags["exit_zero"]:
            codes += [DIFFERENT for result in self._results if _differs(result)]
        return max(codes, default=DONE)

    def _problems(self) -> Sequence[str]:
        """The errors and findings of all environments, each told once."""
        for result in self._results:
            for error in result.errors:
                error.within(None, result.environment)
        found = [(result.environment, text) for result in self._results for text in _findings(result)]
        return [
            *errors.grouped(error for result in self._results for error in result.errors),
            *(f"{text}\n  environments: {', '.join(names)}" for text, names in report.shared(found)),
        ]

    def _say_problems(self) -> None:
        for text in self._problems():
            say(f"{label('error', 'red')} {text}")

    def _markdown(self, groups: Sequence[Group]) -> compare.Report:
        words = [
            flag for name in ("from", "to") if self._flags[name] for flag in (f"--{name}", self._flags[name])
        ]
        if self._component:
            words += ["--component", self._component]
        return compare.Report(
            title=f"Manifests: from {self._names[0]} to {self._names[1]}",
            summary=_summary(self._results),
            groups=groups,
            rows=[_row(result) for result in self._results],
            problems=self._problems(),
            again=shlex.join(["weft", "diff", *words]),
        )

    def _print_json(self, groups: Sequence[Group], code: int, error: WeftError | None = None) -> None:
        data: dict[str, Any] = {
            "from": self._flags["from"],
            "to": self._flags["to"],
            "environments": [_as_json(result) for result in self._results],
            "changes": [group.as_json() for group in groups],
            "totals": _totals(self._results),
            "exitCode": code,
        }
        if error is not None:
            data |= report.problems((), flatten(error))
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _refused(name: str, refused: Sequence[tuple[Side, Output]]) -> _Result:
    # What is wrong on both sides is told of the new one.
    side, output = refused[-1]
    result = _Result(name, "refused", refused=[side.place for side, _ in refused], errors=side.errors(output))
    return replace(result, findings=_told(side, output))


def _judged(result: _Result, side: Side, output: Output | None) -> _Result:
    """`result` with what refuses the new side, although it can be compared."""
    findings = _told(side, output) if output else ()
    return replace(result, refused=[side.place], findings=findings) if findings else result


def _told(side: Side, output: Output) -> Sequence[tuple[str, Finding]]:
    where = f"{side.place}: " if side.revision else ""
    return [(where, finding) for finding in output.refusing]


def _findings(result: _Result) -> Iterator[str]:
    for where, finding in result.findings:
        yield f"{where}{finding}"


def _differs(result: _Result) -> bool:
    return result.status in ("changed", "added", "deleted")


def _lines(groups: Sequence[Group], results: Sequence[_Result]) -> Iterator[str]:
    told = ""
    for group in groups:
        heading = compare.heading(group, len(results))
        if heading != told:
            if told:
                yield ""
            yield f"{heading}:"
            told = heading
        for line in compare.group_lines(group):
            yield f"  {line}"
    if groups:
        yield ""
    for result in results:
        yield f"{compare.one_line(result.environment)}: {_words(result)}"
    if len(results) > 1:
        yield _summary(results)


def _words(result: _Result) -> str:
    if result.status == "skipped":
        return "skipped, its file says nothing of `publish`"
    if result.status == "refused":
        where = " and ".join(result.refused)
        return f"refused {where}" if where else "cannot be compared with what is published"
    told = "No changes" if result.status == "unchanged" else compare.totals(result.comparison)
    if result.status in _WHOLE:
        told = f"{_WHOLE[result.status]}, {told}"
    beside = compare.beside(result.comparison)
    form = f" (order or form only: {report.counted(len(beside), 'file')})" if beside else ""
    return f"{told}{form}{_refusal(result)}"


def _refusal(result: _Result) -> str:
    number = len(result.findings)
    return (
        f"; refused {' and '.join(result.refused)} for {report.counted(number, 'finding')}" if number else ""
    )


def _row(result: _Result) -> compare.Row:
    told = {"unchanged": "No changes", **_WHOLE}
    if result.status in ("skipped", "refused"):
        return compare.Row(result.environment, _words(result), result.counts())
    words = f"{told.get(result.status, '')}{_refusal(result)}".removeprefix("; ")
    return compare.Row(result.environment, words, result.counts())


def _summary(results: Sequence[_Result]) -> str:
    number = sum(map(_differs, results))
    parts = [f"{count} {kind}" for kind, count in _totals(results).items() if count]
    told = f": objects {', '.join(parts)}" if parts else ""
    refused = sum(result.status == "refused" for result in results)
    rest = f"; {refused} not compared" if refused else ""
    judged = sum(bool(result.findings) and result.status != "refused" for result in results)
    rest += f"; {judged} refused" if judged else ""
    verb = "differs" if number == 1 else "differ"
    return f"{number} of {report.counted(len(results), 'environment')} {verb}{told}{rest}"


def _totals(results: Sequence[_Result]) -> dict[str, int]:
    return {kind: sum(result.comparison.count(kind) for result in results) for kind in KINDS}


def _as_json(result: _Result) -> dict[str, Any]:
    return {
        "environment": result.environment,
        "status": result.status,
        "refused": list(result.refused),
        "counts": result.counts(),
        "files": list(result.comparison.files),
        "unreadable": list(result.comparison.unreadable),
        **report.problems([finding for _, finding in result.findings], result.errors),
    }
