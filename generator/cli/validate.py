"""`weft validate`: says what is wrong with environments' manifests, or with any others."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from generator import findings, load, pipeline, report, resolve, validate
from generator.cli import names, progress
from generator.cli.choices import Selectors, hook_options, request_of
from generator.cli.findings import say_errors, say_findings
from generator.cli.messages import note, say
from generator.errors import DONE, REFUSED, DefinitionError, SurroundingsError, UsageError, WeftError, flatten
from generator.load import baseline
from generator.model.definition import Definition
from generator.model.output import Output
from generator.model.request import Request
from generator.report import Result, counted, forms
from generator.schema import bundle

_ABOUT_ENVIRONMENTS = ("all", "selector", "component", "write_baseline", "layer", "dialect")
_FORMATS = ("text", "json", "sarif", "junit", "github")


@click.command("validate")
@click.argument("words", metavar="[ENVIRONMENT|FILE|-]...", nargs=-1, shell_complete=names.environments)
@click.option("--all", "all", is_flag=True, help="Every environment, as where none is named.")
@click.option(
    "-l",
    "--selector",
    multiple=True,
    type=Selectors(),
    metavar="SELECTOR",
    help="Environments whose labels match; a comma is AND, repeating the option is OR.",
)
@click.option(
    "--component", metavar="PATH", help="Only the component at PATH (services/simple-service) and below."
)
@click.option("--strict", is_flag=True, help="Make warnings errors.")
@click.option(
    "--write-baseline", is_flag=True, help="Accept today's findings: record them in the baseline file."
)
@click.option(
    "--kubernetes-version",
    metavar="VERSION",
    help="For files: the cluster's version; the newest by default.",
)
@click.option("-o", "--format", type=click.Choice(_FORMATS), default="text", help="Format of the report.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
@click.option("--layer", multiple=True, metavar="LAYER", help="In the dialect: a layer, the strongest first.")
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
@hook_options
def command(**options: Any) -> int:
    """Say what is wrong with the manifests of environments, or with those in files and folders.

    Without a name it looks at every environment. Files and folders may come from anywhere, `-` is stdin.
    Exits with 3 where anything is wrong. Each finding has a code, explained in docs/findings.
    """
    files = _files(options["words"])
    if files:
        return _validate_files(files, options)
    return _Validate(options).run()


def _files(words: Sequence[str]) -> Sequence[str]:
    """The words, where they are files; none where they are environments."""
    files = [word for word in words if word == "-" or (os.path.exists(word) and not _environment(word))]
    if files and len(files) < len(words):
        other = next(word for word in words if word not in files)
        what = "an environment" if _environment(other) else "neither a file nor an environment"
        raise UsageError(f"`{files[0]}` is a file, and `{other}` is {what}", hint="give either")
    if words and not files:
        missing = [word for word in words if "/" in word or word.endswith((".yaml", ".yml", ".json"))]
        if missing:
            raise UsageError(f"there is no file `{missing[0]}`")
    return files


def _environment(word: str) -> bool:
    # `./prod` is the folder, though the environment has that name.
    return (
        "/" not in word
        and word != "common"
        and any(Path("environments", f"{word}{suffix}").is_file() for suffix in (".yaml", ".json"))
    )


def _validate_files(files: Sequence[str], options: dict[str, Any]) -> int:
    clashing = [name for name in _ABOUT_ENVIRONMENTS if options[name]]
    if clashing:
        option = clashing[0].replace("_", "-")
        raise UsageError(f"--{option} is about environments, and `{files[0]}` is a file")
    version = options["kubernetes_version"]
    if version is not None and bundle.minor(version) is None:
        raise UsageError(f"`{version}` is no Kubernetes version", hint="write it as in 1.31")
    stdin = sys.stdin.buffer.read() if "-" in files else b""
    result = Result("", 0, 0, (), (), ())
    try:
        manifests, places, errors = load.manifests(files, stdin)
        found = findings.of_manifests(
            manifests, places, version, strict=options["strict"], partial=bool(errors)
        )
        objects = sum(map(len, manifests.values()))
        if not objects and not errors:
            raise _nothing(files)
        result = Result("", objects, len(manifests), (), found, errors, paths=list(manifests))
    except WeftError as error:
        if options["format"] == "text":
            raise
        result.errors = flatten(error)
    return _finish([result], options)


def _nothing(files: Sequence[str]) -> WeftError:
    """The error where there is nothing to look at, as after a program that failed before the pipe."""
    named = ["stdin" if file == "-" else file for file in files]
    hint = "the program before the pipe wrote none" if files == ["-"] else "name other files or folders"
    return DefinitionError("found no manifest", file=", ".join(named), hint=hint)


class _Validate:
    """One run over environments."""

    def __init__(self, options: dict[str, Any]) -> None:
        # The whole is looked at, since objects of one component name those of others, and a part is told.
        request = request_of({**options, "environments": options["words"], "component": None})
        if options["kubernetes_version"]:
            raise UsageError(
                "--kubernetes-version is for files",
                hint="an environment's file says `kubernetes: {version: ...}`",
            )
        request = replace(request, thorough=True)
        if not request.names_any and not options["layer"]:
            request = replace(request, everything=True)
        if options["write_baseline"] and options["format"] != "text":
            raise UsageError("--write-baseline writes a file and gives no report; it does not go with -o")
        self._options = options
        self._request: Request = request
        self._component = options["component"].strip("/") if options["component"] else None

    def run(self) -> int:
        try:
            definition = pipeline.define(self._request)
            # They are looked at even where no object needs them.
            load.named_crds(definition)
            if self._component is not None:
                resolve.component_path(definition, self._component)
            with progress.shown() as shown:
                # Of each environment only what is told is kept: a fleet's files would fill the memory.
                outputs = pipeline.outputs(definition, self._request, None, shown)
                results = [self._result(output) for output in outputs]
        except WeftError as error:
            if self._options["format"] == "text":
                raise
            failed = Result("", 0, 0, (), (), flatten(error))
            return _finish([failed], self._options)
        if self._options["write_baseline"]:
            return self._write_baseline(definition, results)
        code = _finish(results, self._options)
        self._say_gone(definition, results)
        self._say_unused(definition, results)
        self._say_origin(definition, results)
        return code

    def _result(self, output: Output) -> Result:
        """What is told of the output; what is in other components is left out."""
        result = Result.of(output)
        if self._component is not None:
            result.paths = [path for path in result.paths if path.startswith(f"{self._component}/")]
            # In canonical YAML only the line between two objects begins so.
            result.objects = sum(output.files[path].count(b"\n---\n") + 1 for path in result.paths)
            result.findings = [item for item in result.findings if self._looked_at(item.component)]
        return result

    def _write_baseline(self, definition: Definition, results: Sequence[Result]) -> int:
        """Records what was found; what other environments or components had stays recorded."""
        say_errors((result.environment, result.errors) for result in results)
        if any(result.errors for result in results):
            say("the baseline stays as it is, since not everything could be looked at")
            return max(error.exit_code for result in results for error in result.errors)
        seen = {result.environment for result in results}
        old = definition.baseline.known
        kept = {
            known for known in old if known.environment not in seen or not self._looked_at(known.component)
        }
        if self._request.everything:
            kept = {known for known in kept if known.environment in definition.environments}
        new = {
            finding.known
            for result in results
            for finding in result.findings
            if finding.severity != "note" and finding.accepted in (None, validate.BASELINE)
        }
        file = definition.baseline.file
        try:
            Path(definition.root, file).write_text(baseline.text(kept | new), encoding="utf-8", newline="\n")
        except OSError as error:
            raise SurroundingsError(f"cannot be written: {error.strerror}", file=file) from None
        added, gone = len(new - old), len(old - kept - new)
        say(f"{file}: {counted(len(kept | new), 'finding')}, {added} new, {gone} gone")
        return DONE

    def _looked_at(self, component: str) -> bool:
        return self._component is None or f"{component}/".startswith(f"{self._component}/")

    def _say_gone(self, definition: Definition, results: Sequence[Result]) -> None:
        if any(result.errors for result in results):
            return
        seen = {result.environment for result in results}
        found = {finding.known for result in results for finding in result.findings}
        gone = {
            known
            for known in definition.baseline.known - found
            if known.environment in seen and self._looked_at(known.component)
        }
        if gone:
            note(
                f"{definition.baseline.file}: {counted(len(gone), 'finding')} of it are gone; "
                "`weft validate --write-baseline` takes them out"
            )

    def _say_origin(self, definition: Definition, results: Sequence[Result]) -> None:
        """Names the way to the value behind a finding in a template: one command, not one for each."""
        templates = {item.label for item in definition.components() if item.type == "jinja"}
        found = (
            finding
            for result in results
            for finding in result.findings
            if finding.refuses and finding.component in templates and finding.object and finding.path
        )
        # What is missing has no value.
        first = next((finding for finding in found if finding.about != "required"), None)
        if first is not None and self._options["format"] == "text":
            kind, _, name = (first.object or "").partition(" ")
            target = shlex.join([first.environment, f"{kind.partition('.')[0]}/{name}", first.field])
            note(f"where a value comes from is told by `weft explain {target}`")

    def _say_unused(self, definition: Definition, results: Sequence[Result]) -> None:
        whole = self._request.everything and self._component is None
        if whole and not any(result.errors for result in results):
            found = [finding for result in results for finding in result.findings]
            for place in validate.unused(definition, found):
                note(f"{place}: this `ignore` fits no finding of any environment")


def _finish(results: Sequence[Result], options: dict[str, Any]) -> int:
    codes = [error.exit_code for result in results for error in result.errors]
    codes += [REFUSED for result in results if result.refused]
    code = max(codes, default=DONE)
    form = options["format"]
    if form == "json":
        click.echo(report.as_json(results, code), nl=False)
    elif form == "sarif":
        click.echo(forms.sarif(results, validate.CODES), nl=False)
    elif form == "junit":
        click.echo(forms.junit(results), nl=False)
    elif form == "github":
        click.echo(forms.github(results), nl=False)
    else:
        say_errors((result.environment, result.errors) for result in results)
        say_findings([(result.environment, result.findings) for result in results], everything=True)
        for result in results:
            say(_line(result))
    return code


def _line(result: Result) -> str:
    name = f"{result.environment}: " if result.environment else ""
    if result.errors:
        return f"{name}refused{'' if result.findings else ' before it could be looked at'}"
    counts = {
        severity: sum(1 for item in result.findings if item.severity == severity and item.accepted is None)
        for severity in ("error", "warning")
    }
    said = [counted(number, severity) for severity, number in counts.items() if number]
    return f"{name}{counted(result.objects, 'object')}, {' and '.join(said) or 'nothing is wrong'}"
