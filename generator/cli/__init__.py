"""The command line: parses, dispatches, prints errors and chooses the exit code; nothing else."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

# errors.INTERRUPTED and SURROUNDINGS, which may not be imported yet when the user gives up.
_INTERRUPTED = 130
_SURROUNDINGS = 4


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `weft` with the arguments (those of the process by default) and exits."""
    code = outcome(arguments)
    # After an interrupt nothing is left to do, and a second one shall find no Python to print a traceback.
    if code != _INTERRUPTED:
        processes = sys.modules.get("multiprocessing")
        if processes is not None and processes.active_children():
            # They end in an order that Python alone knows.
            sys.exit(code)
        atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        code = code or _SURROUNDINGS
    # Python would free a definition map by map, for as long as a small run takes; the system does at once.
    os._exit(code)


def outcome(arguments: Sequence[str] | None = None) -> int:
    """Runs `weft` with the arguments (those of the process by default); the exit code."""
    try:
        from generator.cli.app import run

        return run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except SystemExit as end:
        # So click ends the completion of a word.
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def main_generate(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script `generate`: `weft generate`, with `-C DIR` in front as there."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    before = (
        given[:2] if given[:1] == ["-C"] else given[:1] if given[:1] and given[0].startswith("-C") else []
    )
    main([*before, "generate", *given[len(before) :]])
