"""`weft generate`: renders environments and writes, checks or prints their manifests."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from generator.cli.choices import Shard, environment_options, hook_options, request_of, validation_options
from generator.errors import UsageError

# What the options say of the run's outcome; the others say how it is told, or how it gets there.
_DECIDING = (
    "environments",
    "all",
    "selector",
    "shard",
    "layer",
    "dialect",
    "strict",
    "no_validate",
    "allow_hooks",
)


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
@click.option("--no-cache", is_flag=True, help="Render everything, and use nothing that earlier runs kept.")
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Programs run side by side; one a core by default.",
)
@click.option(
    "--executor",
    metavar="dask://HOST:PORT",
    help="Let the workers of this Dask cluster work off the environments.",
)
@click.option("--layer", multiple=True, metavar="LAYER", help="In the dialect: a layer, the strongest first.")
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
@hook_options
def command(**options: Any) -> int:
    """Render the services tree for each environment into generated/.

    Every option can be set as WEFT_GENERATE_<OPTION>, for example WEFT_GENERATE_JOBS=4.
    """
    if options["stdout"] and (options["check"] or options["format"] == "json"):
        raise UsageError("--stdout prints manifests; it goes with neither --check nor -o json")
    if options["executor"] and (options["component"] or options["allow_hooks"]):
        what = "--component" if options["component"] else "--allow-hooks"
        raise UsageError(f"--executor works off whole environments; it does not go with {what}")
    if not options["output"]:
        # An unset variable of a script would otherwise fill the folder that weft runs in.
        raise UsageError("--output names no folder")
    question = _question(options)
    if question is not None:
        code = _answered(question, options)
        if code is not None:
            return code
    # Only a run that renders needs the pipeline.
    from generator.cli.generation import Generation

    return Generation(request_of(options), options, question).run()


def _question(options: dict[str, Any]) -> Any:
    """The run as the cache asks for it; None for one that is not looked up, nor kept."""
    if options["no_cache"] or options["stdout"] or options["component"]:
        return None
    from generator import cache

    if not cache.enabled():
        return None
    return cache.Question(".", options["output"], {name: options[name] for name in _DECIDING})


def _answered(question: Any, options: dict[str, Any]) -> int | None:
    """Tells what the run came to last time, where nothing has changed; the exit code, or None."""
    finished = question.answer()
    if finished is None:
        return None
    from generator.cli import results
    from generator.cli.messages import note

    try:
        recalled = [results.recalled(item) for item in finished.results]
    except (KeyError, TypeError, ValueError):
        # A record that another version wrote, or nobody.
        return None
    for text in finished.notes:
        note(text)
    return results.tell(recalled, options, os.path.normpath(options["output"]))


__all__: Sequence[str] = ["command"]
