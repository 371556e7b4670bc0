"""`weft cache`: what is kept of earlier runs in the user's cache folder."""

from __future__ import annotations

import click

from generator import cache
from generator.cli.messages import say
from generator.errors import DONE, SurroundingsError


@click.group("cache")
def command() -> None:
    """Show or clear what weft keeps of earlier runs.

    It is in `weft` of the user's cache folder: `XDG_CACHE_HOME`, else `~/.cache`. Without it every run
    renders.
    """


@command.command("info")
def info() -> int:
    """Print the folder, how many runs and outputs of programs are kept there, and their size."""
    runs, printed, size = cache.size()
    click.echo(f"folder: {cache.folder() or 'none, since neither XDG_CACHE_HOME nor HOME is set'}")
    click.echo(f"runs: {runs}")
    click.echo(f"outputs of programs: {printed}")
    click.echo(f"size: {size / 1024 / 1024:.1f} MiB")
    return DONE


@command.command("clear")
def clear() -> int:
    """Remove everything that is kept."""
    try:
        removed = cache.clear()
    except OSError as error:
        raise SurroundingsError(f"cannot be removed: {error.strerror}", file=error.filename) from error
    say(f"removed {removed} {'file' if removed == 1 else 'files'}")
    return DONE
