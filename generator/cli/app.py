"""The `weft` group: its commands, loaded when they are called, and the one handler of errors."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from generator import __version__
from generator.cli.messages import show_error
from generator.errors import DONE, INTERRUPTED, SURROUNDINGS, SurroundingsError, UsageError, WeftError

# Command: (module, what it does). Help needs the sentence only, so no module is imported for it.
COMMANDS = {
    "add": ("generator.cli.add", "Bring a component in: an entry in component.yaml."),
    "affected": ("generator.cli.affected", "Print which environments and components a change reaches."),
    "cache": ("generator.cli.cache", "Show or clear what weft keeps of earlier runs."),
    "cluster": ("generator.cli.cluster", "Join, list, label and detach clusters, one environment file each."),
    "completion": ("generator.cli.completion", "Print the shell completion script for bash, zsh or fish."),
    "deliver": ("generator.cli.deliver", "Print or write the Flux objects that pull what is published."),
    "diff": ("generator.cli.diff", "Show what differs in the manifests, object by object."),
    "explain": ("generator.cli.explain", "Show where a value or a field comes from, and what it won over."),
    "find": ("generator.cli.find", "Search the components and charts of the tree and the store."),
    "generate": ("generator.cli.generate", "Render the services tree for each environment into generated/."),
    "publish": ("generator.cli.publish", "Commit each environment's manifests where Flux pulls them."),
    "validate": ("generator.cli.validate", "Say what is wrong with the manifests; writes nothing."),
    "withdraw": ("generator.cli.withdraw", "Take components off clusters in the definition."),
    "import": ("generator.cli.importing", "Turn another tool's definition into weft's own."),
    "init": ("generator.cli.init", "Make a new repository that generates at once."),
    "install": ("generator.cli.install", "Fetch remote components and charts, and write weft.lock."),
    "remove": ("generator.cli.remove", "Take components out of component.yaml."),
    "set": ("generator.cli.set", "Set config values of a component in its config file."),
    "vendor": ("generator.cli.vendor", "Copy remote sources into a folder that can be committed."),
    "plan": ("generator.cli.plan", "Show what publish would change, object by object."),
}


class ReaderGone(Exception):
    """Who reads the output has stopped reading."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None leads to click's error, with the nearest name."""
        if cmd_name not in COMMANDS:
            return None
        module: Any = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns; raises ReaderGone where nobody reads any more."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click itself would end with 1, which stands for a difference.
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments; an unknown one is a usage error with a suggestion."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from generator.errors import suggestion

            raise UsageError(f"there is no command `{args[0]}`", hint=suggestion(args[0], COMMANDS))
        return super().resolve_command(ctx, args)


def _change_directory(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not context.resilient_parsing:
        try:
            os.chdir(value)
        except OSError as error:
            raise UsageError(f"-C {value}: {error.strerror}") from None
    return value


@click.group(
    cls=LazyGroup,
    context_settings={"auto_envvar_prefix": "WEFT", "help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@click.option("-C", "directory", metavar="DIR", callback=_change_directory, help="Run as if started in DIR.")
@click.version_option(__version__, "-V", "--version", message="weft %(version)s")
def group(directory: str | None) -> None:
    """Generate the Kubernetes manifests of every cluster from one tree of services.

    Exit codes: 0 done or no difference, 1 a difference, 2 wrong usage, 3 the definition or its output is
    refused, 4 the surroundings failed, 130 interrupted.
    """
    try:
        os.getcwd()
    except FileNotFoundError:
        raise _gone() from None


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns the exit code; every error ends here as a message on stderr."""
    # Manifests are trees, and go when nobody holds them: a collector that looks for cycles among those of an
    # environment, a million maps and lists, finds none.
    gc.set_threshold(2_000_000, 20, 100)
    try:
        result = group.main(list(arguments), prog_name="weft", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except WeftError as error:
        show_error(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except ReaderGone:
        # What Python flushes at exit must not complain again.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return SURROUNDINGS
    except OSError as error:
        show_error(_surroundings(error))
        return SURROUNDINGS
    except Exception as error:
        if os.environ.get("WEFT_DEBUG"):
            raise
        show_error(
            SurroundingsError(
                f"weft itself failed: {type(error).__name__}: {error}",
                hint="this is a bug; please report it with what WEFT_DEBUG=1 prints",
            )
        )
        return SURROUNDINGS


def _surroundings(error: OSError) -> SurroundingsError:
    try:
        os.getcwd()
    except FileNotFoundError:
        return _gone()
    return SurroundingsError(str(error.strerror or error), file=_relative(error.filename))


def _gone() -> SurroundingsError:
    # The shell that has gone into it still knows its name.
    return SurroundingsError(
        f"the folder that weft runs in is not there any more: {os.environ.get('PWD', 'its name is unknown')}",
        hint="go to one that is there, or name it: weft -C DIR ...",
    )


def _relative(path: object) -> str | None:
    """A path for a message: relative to the working folder where it is below it."""
    if not isinstance(path, str):
        return None
    return os.path.relpath(path) if os.path.abspath(path).startswith(os.getcwd() + os.sep) else path
