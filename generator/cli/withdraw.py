"""`weft withdraw`: takes components off clusters in the definition; the next publish removes them there."""

from __future__ import annotations

from collections.abc import Sequence

import click

from generator.cli import names
from generator.cli.choices import Selectors
from generator.cli.messages import note, say
from generator.errors import DONE, UsageError


@click.command("withdraw")
@click.argument("component", required=False)
@click.option("--namespace", metavar="NAMESPACE", help="Everything that is in this namespace.")
@click.option(
    "--cluster",
    "clusters",
    multiple=True,
    metavar="NAME",
    shell_complete=names.environments,
    help="Only from this cluster; may be repeated.",
)
@click.option(
    "-l",
    "--selector",
    multiple=True,
    type=Selectors(),
    metavar="SELECTOR",
    help="Only from clusters whose labels match; a comma is AND, repeating the option is OR.",
)
def command(
    component: str | None, namespace: str | None, clusters: Sequence[str], selector: Sequence[str]
) -> int:
    """Take a component, or all that is in a namespace, off every cluster, or off those that are chosen.

    It is recorded in the clusters' files in environments/, as `disabled: true` of the component; the next
    publish removes its objects. Take the line out to place it again.
    """
    from generator import pipeline, resolve
    from generator.clusters.fleet import Fleet
    from generator.clusters.withdraw import withdraw
    from generator.model.request import Request

    if (component is None) == (namespace is None):
        raise UsageError(
            "name either a component or a namespace", hint="weft withdraw services/web -l region=eu"
        )
    fleet = Fleet(".")
    request = Request(
        environments=clusters,
        selectors=selector,
        everything=not clusters and not selector,
    )
    # What is taken off one cluster may fall to others, so all of them are read.
    definition = pipeline.define(Request(everything=True), policies=False)
    chosen = resolve.chosen(definition, request)
    made = withdraw(definition, fleet, chosen, component=component, namespace=namespace)
    for one in made:
        if one.file is None or not one.file.save():
            say(f"{one.environment}: nothing to withdraw")
        else:
            say(f"{one.environment}: withdrew {', '.join(one.components)} ({one.file.file})")
    if any(one.file is not None for one in made):
        note("`weft publish` removes it from the clusters")
    return DONE
