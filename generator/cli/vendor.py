"""`weft vendor`: copies what weft.lock names into a folder that can be committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from generator.cli.install import fetching_options, installed
from generator.cli.messages import say
from generator.errors import DONE


@click.command("vendor")
@click.argument("folder", metavar="DIR")
@fetching_options
def command(**options: Any) -> int:
    """Write every remote source into DIR, for builds that reach no network.

    What is missing is fetched first. Commit DIR together with weft.lock, which notes it: from then on
    generate and install find the sources there. Copies that are no longer needed are removed.
    """
    outcome = installed(options)
    from generator.install import write_vendored

    names = write_vendored(Path("."), options["folder"], outcome)
    say(f"{options['folder']}: {len(names)} source{'' if len(names) == 1 else 's'}")
    return DONE
