"""What goes to stderr: errors, notes and summaries, with colour where a terminal shows it."""

from __future__ import annotations

import os
import sys

import click

from generator.errors import WeftError, flatten, grouped


def coloured() -> bool:
    """Whether stderr shows colour: a terminal, and NO_COLOR does not say otherwise."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def say(text: str) -> None:
    """A line to stderr."""
    click.echo(text, err=True)


def label(word: str, colour: str) -> str:
    """`error:` and the like, coloured where that shows."""
    return click.style(f"{word}:", fg=colour, bold=True) if coloured() else f"{word}:"


def show_error(error: WeftError, about: str = "") -> None:
    """Each single error that `error` stands for, alike ones once; `about` says what it concerns."""
    # Few errors are in what was fetched (the store's name stands here, too), and start-up is short.
    if any((single.file or "").startswith(".weft/") for single in flatten(error)):
        from generator.cli.stored import name_source

        name_source(error)
    for single in grouped(flatten(error)):
        say(f"{label('error', 'red')} {about}{single}")


def note(text: str) -> None:
    """Something a user should know and need not act on."""
    say(f"{label('note', 'cyan')} {text}")
