"""`weft import fabrikate`: another tool's definition turned into weft's own, and both outputs compared."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from generator import compare, convert, load, pipeline, report
from generator.cli import progress
from generator.cli.messages import note, say, show_error
from generator.convert import Conversion, Difference, Passes
from generator.errors import (
    DIFFERENT,
    DONE,
    DefinitionError,
    Several,
    UsageError,
    WeftError,
    flatten,
    suggestion,
)
from generator.model.definition import Environment
from generator.model.output import Output
from generator.model.request import Request

_TOOLS = ("fabrikate",)


class _Tools(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _TOOLS and not args[0].startswith("-"):
            raise UsageError(f"there is nothing to import from `{args[0]}`", hint=suggestion(args[0], _TOOLS))
        return super().resolve_command(ctx, args)


@click.group("import", cls=_Tools, no_args_is_help=True)
def command() -> None:
    """Turn another tool's definition into weft's own."""


@command.command("fabrikate")
@click.argument("folder", metavar="[DIR]", default=".")
@click.option(
    "--output", metavar="DIR", help="Folder to write to, new or empty; DIR-weft beside DIR by default."
)
@click.option(
    "--environment",
    "environments",
    multiple=True,
    metavar="NAME=LAYER,...",
    help="An environment and its layers, the strongest first: prod-east=prod,east. By default every layer "
    "is an environment.",
)
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
def fabrikate(**options: Any) -> int:
    """Turn the Fabrikate definition in DIR into weft's own, in a new folder.

    Then both are generated, the old one by Fabrikate's rules, and what differs is reported object by
    object. DIR is only read. Exits with 1 where something differs that weft cannot explain.
    """
    return _Import(options).run()


@dataclass
class _Compared:
    """One environment: what both sides make of it. `compared` where both make something."""

    environment: str
    compared: bool = True
    objects: int = 0
    differences: Sequence[Difference] = ()
    errors: Sequence[WeftError] = ()

    @property
    def unexplained(self) -> int:
        return sum(1 for item in self.differences if not item.why)


@dataclass
class _Import:
    options: Mapping[str, Any]
    results: list[_Compared] = field(default_factory=list)

    def run(self) -> int:
        root = os.path.normpath(self.options["folder"])
        if not os.path.isdir(root):
            raise UsageError(f"there is no folder {root}")
        output = os.path.normpath(self.options["output"] or _beside(root))
        if not any(os.path.isfile(os.path.join(root, f"component.{end}")) for end in ("yaml", "json")):
            raise DefinitionError("there is no component.yaml, so this is no Fabrikate definition", file=root)
        try:
            passes, conversion = self._converted(root)
        except WeftError as error:
            raise Several(_below(root, error)) from error
        changes = convert.written(root, conversion, passes, output)
        with progress.shown() as shown:
            for name in passes.layers:
                self.results.append(self._compared(root, output, name, passes, shown))
        code = self._code()
        if self.options["format"] == "json":
            click.echo(json.dumps(self._json(output, conversion, changes), indent=2))
        else:
            self._tell(output, conversion, changes)
        return code

    def _converted(self, root: str) -> tuple[Passes, Conversion]:
        try:
            tree = load.load(root, dialect="fabrikate", judged=False).tree
        except WeftError as error:
            for single in flatten(error):
                if isinstance(single, load.NotFetched):
                    single.hint = f"fetch the sources first: weft -C {root} install --dialect fabrikate"
            raise
        layers = convert.stems(root, tree)
        definition = load.load(root, dialect="fabrikate", layers=layers, judged=False)
        convert.readable(definition)
        there = {
            name: item for name, item in definition.environments.items() if isinstance(item, Environment)
        }
        passes = convert.passes(self.options["environments"], layers, there)
        return passes, convert.convert(definition, passes)

    def _compared(self, root: str, output: str, name: str, passes: Passes, shown: Any) -> _Compared:
        jobs = self.options["jobs"] or os.cpu_count() or 1
        named = name in passes.there
        old = Request(
            root=root,
            dialect="fabrikate",
            environments=(name,) if named else (),
            layers=() if named else tuple(passes.layers[name]),
            jobs=jobs,
        )
        new = Request(root=output, environments=(name,), jobs=jobs)
        before, after = made = [_output(request, shown) for request in (old, new)]
        errors = [
            single
            for place, one in zip((root, output), made, strict=True)
            for error in one.errors
            # Both have files of the same names.
            for single in _below(place, error)
        ]
        if errors:
            return _Compared(name, compared=False, errors=errors)
        objects, differences = convert.compared(before.files, after.files)
        return _Compared(name, objects=objects, differences=differences, errors=_findings(root, output, made))

    def _code(self) -> int:
        codes = [error.exit_code for result in self.results for error in result.errors]
        if any(result.unexplained for result in self.results):
            codes.append(DIFFERENT)
        return max(codes, default=DONE)

    def _tell(self, output: str, conversion: Conversion, changes: Sequence[Any]) -> None:
        for change in changes:
            click.echo(f"{'new' if change.new else 'changed'}  {os.path.join(output, change.file)}")
            for why in change.whys:
                click.echo(f"  {why}")
        for text in conversion.edits.notes:
            note(text)
        for result in self.results:
            for error in result.errors:
                show_error(error)
            for line in _lines(result):
                click.echo(line)
            say(_summary(result))
        say(f"next: weft -C {output} validate --all, then weft -C {output} generate --all")

    def _json(self, output: str, conversion: Conversion, changes: Sequence[Any]) -> dict[str, Any]:
        return {
            "output": output,
            "files": [
                {"file": change.file, "new": change.new, "changes": list(change.whys)} for change in changes
            ],
            "notes": conversion.edits.notes,
            "environments": [
                {
                    "name": result.environment,
                    "objects": result.objects,
                    "differences": [item.as_json() for item in result.differences],
                    "errors": [str(error) for error in result.errors],
                }
                for result in self.results
            ],
        }


def _below(folder: str, error: WeftError) -> Sequence[WeftError]:
    """The single errors, with their files called as from where weft runs; copies, for runs may share one."""
    found = [copy.copy(single) for single in flatten(error)]
    for single in found:
        single.file = os.path.normpath(os.path.join(folder, single.file)) if single.file else None
    return found


def _findings(root: str, output: str, made: Sequence[Output]) -> Sequence[WeftError]:
    """The findings for which `weft generate` would refuse the new side, else those for the old, as errors.

    What is wrong with the new definition is what its user mends; the old one's would say the same again.
    """
    before, after = made
    folder, found = (output, after.refusing) if after.refusing else (root, before.refusing)
    return [
        single
        for item in found
        for single in _below(folder, DefinitionError.at(item.source, item.text, item.hint))
    ]


def _beside(root: str) -> str:
    folder = os.path.abspath(root) + "-weft"
    return folder if os.path.isabs(root) else os.path.relpath(folder)


def _output(request: Request, shown: Any) -> Output:
    try:
        definition = pipeline.define(request, policies=False)
        (output,) = pipeline.outputs(definition, request, None, shown)
    except WeftError as error:
        return Output(environment="", errors=(error,))
    return output


def _lines(result: _Compared) -> Iterator[str]:
    """The differences of an environment below their reasons, what nobody can explain first."""
    reasons = sorted({item.why for item in result.differences})
    for why in reasons:
        yield f"{result.environment}: {why or 'not explained; please look at it'}"
        for item in result.differences:
            if item.why == why:
                yield from _told(item)


def _told(item: Difference) -> Iterator[str]:
    what = {"missing": " is not made any more", "new": " is new", "changed": ""}[item.kind]
    yield f"  {item.identity}{what} ({item.file})"
    for change in item.fields:
        yield f"    {compare.field_line(change)}"


def _summary(result: _Compared) -> str:
    if not result.compared:
        return f"{result.environment}: not compared"
    counted = report.counted(result.objects, "object")
    if result.errors:
        counted = f"refused; {counted}"
    if not result.differences:
        return f"{result.environment}: {counted}, the same as before"
    rest = f", {result.unexplained} not explained" if result.unexplained else ", all explained"
    return f"{result.environment}: {counted}, {len(result.differences)} not as before{rest}"


__all__: Sequence[str] = ["command"]
