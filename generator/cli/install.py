"""`weft install`: fetches remote sources into .weft/ and writes weft.lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from generator.cli import installhooks, progress
from generator.cli.choices import hook_options
from generator.cli.messages import note, say
from generator.errors import DONE, UsageError
from generator.fetch.base import TIMEOUT_SECONDS
from generator.model.source import Locked


def fetching_options(command: Any) -> Any:
    """A decorator: how sources are fetched, for every command that does."""
    options = (
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            metavar="N",
            help="Sources fetched side by side.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.1, 3600),
            default=TIMEOUT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="Give a server up that sends nothing for so long.",
        ),
        click.option(
            "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("install")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--locked", is_flag=True, help="Refuse to change weft.lock; for CI.")
@click.option("--update", is_flag=True, help="Move the sources NAME (all without one) to what they are now.")
@click.option(
    "--at", metavar="REVISION", help="Fetch what weft.lock names at REVISION, for weft diff; changes no lock."
)
@fetching_options
@hook_options
def command(**options: Any) -> int:
    """Fetch remote components and charts into .weft/, and write weft.lock.

    What the lock names is fetched exactly so, and only if it is not there yet. `--update` looks for newer
    commits and versions, and prints what has moved. generate and the other commands read the store alone.
    """
    if options["names"] and not options["update"]:
        raise UsageError(f"`{options['names'][0]}` names what to update", hint="add --update")
    if options["locked"] and options["update"]:
        raise UsageError("--locked and --update contradict each other")
    if options["at"]:
        return _install_at(options["at"], options)
    installhooks.before(options)
    outcome = installed(options)
    installhooks.after(outcome, options)
    for line in _changes(outcome):
        click.echo(line)
    _say_count(outcome)
    vendor = outcome.after.vendor
    if vendor and (outcome.added or outcome.moved):
        note(f"{vendor} does not have what is new: run weft vendor {vendor}")
    return DONE


def _install_at(text: str, options: dict[str, Any]) -> int:
    """Fetches what a revision's lock names into the store of the work tree; runs no hooks."""
    if options["update"]:
        raise UsageError("--at and --update contradict each other")
    from generator import gitcmd
    from generator.store import Store

    with gitcmd.exported(gitcmd.revision(".", text)) as export:
        Store(Path(".")).lend(Path(export.folder))
        _say_count(installed({**options, "locked": True}, Path(export.folder)), f"at {text}: ")
    return DONE


def _say_count(outcome: Any, where: str = "") -> None:
    number, fetched = len(outcome.after.sources), len(outcome.fetched)
    counted = f"{number} source{'' if number == 1 else 's'}"
    say(f"{where}{counted}: {fetched} fetched, {number - fetched} here already")


def installed(options: dict[str, Any], root: Path = Path(".")) -> Any:
    """Installs as the options say; what came of it."""
    # Only a run that fetches needs it all.
    from generator.install import Options, install

    with progress.shown() as shown:
        return install(
            root,
            Options(
                dialect=options["dialect"],
                locked=bool(options.get("locked")),
                update=options["names"] if options.get("update") else None,
                jobs=options["jobs"],
            ),
            timeout=options["timeout"],
            tell=note,
            progress=shown,
        )


def _changes(outcome: Any) -> Sequence[str]:
    lines = [f"added {_state(entry)} {entry.shown}" for entry in outcome.added]
    for old, new in outcome.moved:
        states = [_state(old), _state(new)]
        if states[0] == states[1]:
            note(f"{new.shown}: {states[0]} has another content than before")
            states = [
                f"{state} sha256:{entry.sha256[:12]}" for state, entry in zip(states, (old, new), strict=True)
            ]
        lines.append(f"moved {' -> '.join(states)} {new.shown}")
    return [*lines, *(f"removed {_state(entry)} {entry.shown}" for entry in outcome.removed)]


def _state(entry: Locked) -> str:
    """What a source was resolved to, as short as it can be told apart."""
    if entry.method == "git":
        return entry.resolved[:12]
    return entry.resolved or f"sha256:{entry.sha256[:12]}"
