"""`weft init`: a new repository that generates at once."""

from __future__ import annotations

import os

import click

from generator.author import scaffold
from generator.cli.messages import say


@click.command("init")
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Make a new repository that generates at once.

    With NAME in a new folder of that name, else in the folder that weft runs in. Nothing is overwritten.
    """
    folder = name or "."
    made = scaffold(folder, os.path.basename(os.path.abspath(folder)))
    for path in made.files:
        click.echo(os.path.normpath(os.path.join(folder, path)))
    say(f"{made.name}: {len(made.files)} files; one service, hello, in two environments, staging and prod")
    say("next:")
    steps = [
        *([(f"cd {folder}", "")] if name else []),
        ("weft generate --all", "write the manifests into generated/"),
        ("weft explain prod hello replicas", "where a value comes from"),
        ("weft set --component hello --environment prod replicas=5", "change one, and generate again"),
        ("weft publish --help", "commit the manifests where Flux pulls them"),
    ]
    width = max(len(step) for step, _ in steps)
    for step, why in steps:
        say(f"  {step:<{width}}  {why}".rstrip())
    return 0
