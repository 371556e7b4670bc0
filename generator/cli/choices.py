"""The options that choose environments, the same for every command that works on some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from generator.cli import names


class Selectors(click.ParamType):  # type: ignore[type-arg]
    """A label selector; in an environment variable several are separated by `;`."""

    name = "selector"
    envvar_list_splitter = ";"


def environment_options(everything: str = "Every environment.") -> Callable[[Any], Any]:
    """A decorator: environments by name, `--all`, whose help is `everything`, and `-l`."""
    options = (
        click.argument(
            "environments", metavar="[ENVIRONMENT]...", nargs=-1, shell_complete=names.environments
        ),
        click.option("--all", "all", is_flag=True, help=everything),
        click.option(
            "-l",
            "--selector",
            multiple=True,
            type=Selectors(),
            metavar="SELECTOR",
            help="Environments whose labels match; a comma is AND, repeating the option is OR.",
        ),
    )

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
