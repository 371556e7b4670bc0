"""`weft publish`: commits environments' manifests to the branches and paths that Flux pulls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from generator import errors, gitcmd, pipeline, publish, report, resolve
from generator.cli import progress
from generator.cli.choices import environment_options, hook_options, request_of
from generator.cli.findings import say_findings
from generator.cli.messages import label, note, say
from generator.cli.settled import asked, recall, remember
from generator.errors import DONE, REFUSED, DefinitionError, WeftError, flatten
from generator.model.definition import Definition
from generator.model.output import Output
from generator.publish import Publication, Target, removed


def target_options(command: Any) -> Any:
    """The options that choose environments and say where they are published; `plan` has them too."""
    for option in reversed(
        (
            click.option("--repository", metavar="URL|PATH", help="Publish there; `origin` by default."),
            click.option("--branch", metavar="NAME", help="Publish to it; `{environment}` is filled in."),
            click.option(
                "--path", metavar="PATH", help="Folder in the branch; `{environment}` is filled in."
            ),
            click.option("--proposed", is_flag=True, help="Publish to <branch>-next, for GitOps Promoter."),
            click.option("--adopt", is_flag=True, help="Take over files in the way that weft did not write."),
            click.option("--allow-shrink", is_flag=True, help="Let most or all objects be deleted."),
            click.option("--overwrite-edits", is_flag=True, help="Drop what was edited on the branch."),
            click.option("--force-older", is_flag=True, help="Publish definitions that are not newer."),
            click.option(
                "--no-plain-secrets", is_flag=True, help="Refuse Secrets with data that is not encrypted."
            ),
        )
    ):
        command = option(command)
    return environment_options()(command)


@click.command("publish")
@target_options
@click.option("--prune-environments", is_flag=True, help="With --all: remove environments that are gone.")
@click.option("--require", type=click.Choice(["all", "any"]), default="all", help="What counts as success.")
@click.option("--require-clean", is_flag=True, help="Refuse definitions with uncommitted changes.")
@click.option("--strict", is_flag=True, help="Refuse what validation warns of, too.")
@click.option("--no-cache", is_flag=True, help="Render everything, and use nothing that earlier runs kept.")
@click.option("-m", "--message", metavar="TEXT", help="Begin the commit's message with it.")
@click.option("--trailer", multiple=True, metavar="KEY: VALUE", help="Add a trailer to the message.")
@click.option("--author", metavar="NAME <MAIL>", help="Author of the commit; as git has it by default.")
@click.option("--sign", is_flag=True, help="Sign the commit as git is configured to.")
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs to run side by side.")
@hook_options
def command(**options: Any) -> int:
    """Commit each environment's manifests to its branch or path, and push them.

    Where to is in the environment's `publish`: repository, branch and path. Nothing is committed where
    nothing changed, and nothing that validation refuses.
    """
    return _Publish(options).run()


def overrides_of(options: dict[str, Any]) -> publish.Overrides:
    """Where the options say to publish to."""
    return publish.Overrides(options["repository"], options["branch"], options["path"])


Places = Mapping[str, Target | WeftError | None]


class _Publish:
    """One run of the command."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._flags = options
        self._json = options["format"] == "json"
        self._request = request_of(options)
        self._options = publish.Options(
            adopt=options["adopt"],
            allow_shrink=options["allow_shrink"],
            overwrite_edits=options["overwrite_edits"],
            force_older=options["force_older"],
            no_plain_secrets=options["no_plain_secrets"],
            proposed=options["proposed"],
            message=options["message"],
            trailers=options["trailer"],
            author=options["author"],
            sign=options["sign"],
            details=self._json,
        )
        self._results: list[Publication] = []
        self._question = None if options["no_cache"] else asked(options)

    def run(self) -> int:
        try:
            definition = pipeline.define(self._request)
            for text in definition.notes:
                note(text)
            source = gitcmd.source(self._request.root)
            if source.dirty and self._flags["require_clean"]:
                raise DefinitionError("the definitions have uncommitted changes", hint="commit them first")
            with publish.Publisher(
                source, self._options, lambda: say("waiting for another run to finish publishing")
            ) as publisher:
                self._publish(definition, publisher)
        except WeftError as error:
            if not self._json:
                raise
            self._print_json(error.exit_code, error)
            return error.exit_code
        return self._finish()

    def _publish(self, definition: Definition, publisher: publish.Publisher) -> None:
        chosen = resolve.chosen(definition, self._request)
        places = publish.targets(
            definition,
            publisher.source,
            chosen,
            overrides_of(self._flags),
            proposed=self._flags["proposed"],
        )
        settled = self._settled(chosen, places, publisher)
        for result in settled or self._rendered(definition, places, publisher):
            self._report(result)
        if self._question is not None and not settled:
            remember(self._question, definition, self._results)
        if self._request.everything and not self._flags["proposed"]:
            found = [target for target in places.values() if isinstance(target, Target)]
            for stale in list(removed.find(publisher, found, definition.environments)):
                prune = self._flags["prune_environments"]
                self._report(removed.prune(publisher, stale, self._options) if prune else stale)

    def _settled(
        self, chosen: Sequence[str], places: Places, publisher: publish.Publisher
    ) -> Sequence[Publication]:
        """The results of all environments where nothing has to be rendered for them, else none."""
        known = recall(self._question) if self._question is not None else {}
        results = []
        for name in chosen:
            target = places.get(name)
            if name not in known or isinstance(target, WeftError):
                return ()
            result = self._skipped(known[name]) if target is None else publisher.settled(known[name], target)
            if result is None:
                return ()
            results.append(result)
        return results

    def _rendered(
        self, definition: Definition, places: Places, publisher: publish.Publisher
    ) -> Iterator[Publication]:
        with progress.shown() as shown:
            for output in pipeline.outputs(definition, self._request, None, shown):
                yield self._one(output, places.get(output.environment), publisher)

    def _one(
        self, output: Output, target: Target | WeftError | None, publisher: publish.Publisher
    ) -> Publication:
        if isinstance(target, Target):
            return publisher.publish(output, target)
        result = Publication(output.environment, "skipped", objects=output.objects)
        if target is not None:
            result.status, result.errors = "failed", flatten(target)
        return result

    @staticmethod
    def _skipped(known: Publication) -> Publication:
        return Publication(known.environment, "skipped", objects=known.objects)

    # What the run says.

    def _report(self, result: Publication) -> None:
        self._results.append(result)
        for error in result.errors:
            error.within(None, result.environment)
        if self._json:
            return
        for text in result.notes:
            note(f"{result.environment}: {text}")
        for text in errors.grouped(result.errors):
            say(f"{label('error', 'red')} {text}")
        say(_line(result))

    def _finish(self) -> int:
        code = self._exit_code()
        if self._json:
            self._print_json(code)
        else:
            say_findings([(result.environment, result.findings) for result in self._results])
        return code

    def _exit_code(self) -> int:
        if self._flags["require"] == "any" and any(result.succeeded for result in self._results):
            return DONE
        codes = [error.exit_code for result in self._results for error in result.errors]
        codes += [REFUSED for result in self._results if result.status == "failed" and not result.errors]
        return max(codes, default=DONE)

    def _print_json(self, code: int, error: WeftError | None = None) -> None:
        data: dict[str, Any] = {
            "environments": [
                {**result.as_json(), **report.problems(result.findings, result.errors)}
                for result in self._results
            ],
            "exitCode": code,
        }
        if error is not None:
            data |= report.problems((), flatten(error))
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _line(result: Publication) -> str:
    return "".join(_words(result))


def _words(result: Publication) -> Iterator[str]:
    yield f"{result.environment}: "
    place = f"{result.target} of {result.target.address.shown}" if result.target else ""
    commit = (result.commit or "")[:10]
    if result.status == "published":
        yield f"published {commit} to {place} ({_counted(result)})"
    elif result.status == "unchanged":
        yield f"unchanged, {place} is at {commit or 'nothing'}"
    elif result.status == "removed":
        yield f"removed from {place}"
    elif result.status == "stale":
        yield f"no longer an environment, and still published to {place}; --prune-environments removes it"
    elif result.status == "skipped":
        yield "skipped, its file says nothing of `publish`"
    else:
        yield f"not published{f' to {place}' if place else ''}"


def _counted(result: Publication) -> str:
    counts = result.counts()
    parts = [f"{number} {word}" for word, number in counts.items() if number]
    return f"objects: {', '.join(parts)}" if parts else "no object differs"
