"""A program that runs weft in many folders, and in each kills it at a given step of its work on the disk.

Each run is a process of its own, forked from this one, which has imported everything already: what is
killed is a real process, and a run costs milliseconds. Reads a JSON list of runs from stdin, each with
`folder`, `arguments` and `step` (0 lets it live), and writes a JSON list of `[exit code, steps]`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any

from generator.cli import app

# Loaded before the forks, for speed alone: a run would import them when it needs them.
PRELOADED = (
    "generator.cli.generate",
    "generator.render.jinja",
    "generator.render.static",
    "ruamel.yaml.cyaml",
)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Killer:
    """Counts the steps by which this process changes the disk, and kills it at one of them."""

    def __init__(self, step: int) -> None:
        self.steps = 0
        self._step = step
        self._dead = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & WRITES)
        if self._dead or not (writes or event in CHANGES):
            return
        self.steps += 1
        if self.steps == self._step:
            self._dead = True
            if writes:
                # The file is begun and never finished.
                with open(arguments[0], "wb") as file:
                    file.write(b"torn")
            os.kill(os.getpid(), signal.SIGKILL)


def child(folder: str, arguments: list[str], step: int, report: int) -> None:
    """Runs weft in `folder`, says in the pipe `report` how many steps it took, and exits with its code."""
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    killer = Killer(step)
    sys.addaudithook(killer)
    code = app.run(arguments)
    os.write(report, str(killer.steps).encode())
    os._exit(code)


def run(folder: str, arguments: list[str], step: int) -> tuple[int, int]:
    """The exit code, negative for a signal, and the number of steps of one run."""
    reads, writes = os.pipe()
    process = os.fork()
    if process == 0:
        child(folder, arguments, step, writes)
    os.close(writes)
    with open(reads, encoding="ascii") as answer:
        steps = int(answer.read() or 0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), steps


if __name__ == "__main__":
    for module in (*PRELOADED, "jsonschema_rs"):
        importlib.import_module(module)
    sys.stdout.write(json.dumps([run(**each) for each in json.load(sys.stdin)]))
