"""The options that choose environments, and the run they ask for: the same for every command."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import click

from generator.cli import names
from generator.model.request import Request


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


class Shard(click.ParamType):  # type: ignore[type-arg]
    """`3/8`: the third of eight parts."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The two numbers; fails where they are none, or the part is none of so many."""
        if isinstance(value, tuple):
            return value
        number, slash, parts = str(value).partition("/")
        if not (slash and number.isascii() and number.isdigit() and parts.isascii() and parts.isdigit()):
            self.fail(f"`{value}` is no shard; write 3/8 for the third of eight", param, ctx)
        if not 1 <= int(number) <= int(parts) <= 10_000:
            self.fail(f"there is no part {number} of {parts}; parts count from 1", param, ctx)
        return int(number), int(parts)


def validation_options(command: Any) -> Any:
    """A decorator: whether the output is validated, and how strictly."""
    skip = click.option("--no-validate", is_flag=True, help="Skip validation of the output.")
    return skip(click.option("--strict", is_flag=True, help="Refuse what validation warns of, too.")(command))


def hook_options(command: Any) -> Any:
    """A decorator: whether the commands of components run, and for how long."""
    allow = click.option(
        "--allow-hooks", is_flag=True, help="Run the commands that components have under `hooks`."
    )
    timeout = click.option(
        "--hook-timeout",
        type=click.FloatRange(0.1, 86_400),
        default=600,
        show_default=True,
        metavar="SECONDS",
        help="End a hook that takes longer.",
    )
    return allow(timeout(command))


def request_of(options: Mapping[str, Any]) -> Request:
    """The run that a command's options ask for; an option that the command lacks says nothing."""
    from generator.cache.store import programs

    return Request(
        environments=options["environments"],
        everything=options["all"],
        selectors=options["selector"],
        shard=options.get("shard") or (1, 1),
        component=options.get("component"),
        layers=options.get("layer", ()),
        dialect=options.get("dialect"),
        validate=not options.get("no_validate"),
        strict=bool(options.get("strict")),
        jobs=options.get("jobs") or os.cpu_count() or 1,
        kept=None if options.get("no_cache") else programs(),
        hooks=bool(options.get("allow_hooks")),
        hook_seconds=options.get("hook_timeout") or 600,
    )
