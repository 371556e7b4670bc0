"""The command line: parses, dispatches, prints errors and chooses the exit code; nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `weft` with the arguments (those of the process by default) and exits."""
    from generator.cli.app import run

    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def generate(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script `generate`: `weft generate`, with `-C DIR` in front as there."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    before = (
        given[:2] if given[:1] == ["-C"] else given[:1] if given[:1] and given[0].startswith("-C") else []
    )
    main([*before, "generate", *given[len(before) :]])
