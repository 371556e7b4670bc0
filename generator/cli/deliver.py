"""`weft deliver`: writes or prints the descriptors of what pulls the published manifests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from generator import deliver, gitcmd, pipeline, publish, resolve, yamlio
from generator.cli import progress
from generator.cli.choices import environment_options, request_of
from generator.cli.findings import say_findings
from generator.cli.messages import note, say, show_error
from generator.errors import DONE, REFUSED, DefinitionError, WeftError
from generator.model.definition import Definition, Environment
from generator.model.output import Output
from generator.model.request import Request

Files = Mapping[str, bytes]


@click.command("deliver")
@click.argument("system", type=click.Choice(["flux"]))
@environment_options()
@click.option(
    "--output", metavar="DIR", help="Write DIR/<environment>/flux.yaml instead of printing; - is to print."
)
@click.option("--adopt", is_flag=True, help="Take over a file in the way that weft did not write.")
def command(**options: Any) -> int:
    """Print the Flux objects that pull what `weft publish` commits.

    They are a GitRepository and one Kustomization an environment, or one a component where the
    environment says `deliver: {flux: {split: component}}`. With --output each environment has its file,
    in the folder that `flux bootstrap --path=DIR/<environment>` reads.
    """
    folder = None if options["output"] in (None, "-") else os.path.normpath(options["output"])
    return _Deliver(request_of(options), options["system"], folder, adopt=options["adopt"]).run()


class _Deliver:
    """One run of the command."""

    def __init__(self, request: Request, system: str, folder: str | None, *, adopt: bool) -> None:
        self._request = request
        self._target = deliver.Descriptors(Path(folder), folder, system, adopt) if folder else None
        self._codes: list[int] = []

    def run(self) -> int:
        definition = pipeline.define(self._request)
        for text in definition.notes:
            note(text)
        found = self._environments(definition)
        for environment, source in found.values():
            if not deliver.needs_output(environment):
                self._deliver(definition, environment, source, {})
        needing = [name for name, (environment, _) in found.items() if deliver.needs_output(environment)]
        if needing:
            request = replace(self._request, environments=needing, everything=False, selectors=())
            with progress.shown() as shown:
                for output in pipeline.outputs(definition, request, None, shown):
                    if self._passed(output):
                        self._deliver(definition, *found[output.environment], output.files)
        return max(self._codes, default=DONE)

    def _environments(self, definition: Definition) -> Mapping[str, tuple[Environment, deliver.Source]]:
        """The chosen environments that publish somewhere, by name, with where."""
        chosen = resolve.chosen(definition, self._request)
        source = gitcmd.source(definition.root)
        targets = publish.targets(definition, source, chosen, publish.Overrides(), proposed=False)
        found: dict[str, tuple[Environment, deliver.Source]] = {}
        for name, target in targets.items():
            try:
                environment = resolve.environment(definition, self._request, name)
                if isinstance(target, WeftError):
                    raise target
                if target is None:
                    say(f"{name}: skipped, it has no `publish`, so there is nothing to pull")
                else:
                    found[name] = (environment, _source(environment, target))
            except WeftError as error:
                self._refuse(name, error)
        return found

    def _passed(self, output: Output) -> bool:
        for error in output.errors:
            self._refuse(output.environment, error)
        say_findings([(output.environment, output.findings)])
        if any(finding.refuses for finding in output.findings):
            self._codes.append(REFUSED)
        return not output.refused

    def _deliver(
        self, definition: Definition, environment: Environment, source: deliver.Source, files: Files
    ) -> None:
        try:
            objects = deliver.objects(environment, definition.seen_by(environment.name).tree, source, files)
            if self._target is None:
                click.echo(yamlio.emit_all(objects), nl=False)
                return
            changed = self._target.write(environment.name, objects)
            say(f"{environment.name}: {len(objects)} objects, {'written' if changed else 'unchanged'}")
        except WeftError as error:
            self._refuse(environment.name, error)

    def _refuse(self, name: str, error: WeftError) -> None:
        show_error(error, f"{name}: ")
        self._codes.append(error.exit_code)


def _source(environment: Environment, target: publish.Target) -> deliver.Source:
    """Where the environment's manifests are, as its cluster reaches them."""
    flux = environment.deliver.flux if environment.deliver else None
    url = flux.url if flux else None
    if url is None and target.address.local is None:
        url = deliver.pull_url(target.address.url)
    if url is None:
        raise DefinitionError.at(
            environment.deliver_place,
            "Flux pulls by http, https or ssh, and the repository that is published to has no such address",
            hint='say how the cluster reaches it: deliver: {flux: {url: "https://..."}}',
        )
    return deliver.Source(url, target.branch, target.path)
