"""The command line: parses, dispatches, prints errors and chooses the exit code; nothing else."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

# errors.INTERRUPTED, which may not be imported yet when the user gives up.
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `weft` with the arguments (those of the process by default) and exits."""
    try:
        from generator.cli.app import run

        code = run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        # Nothing is left to do, and a second Ctrl-C shall find no Python to print a traceback.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def main_generate(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script `generate`: `weft generate`, with `-C DIR` in front as there."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    before = (
        given[:2] if given[:1] == ["-C"] else given[:1] if given[:1] and given[0].startswith("-C") else []
    )
    main([*before, "generate", *given[len(before) :]])
