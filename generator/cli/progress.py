"""The progress bar of a long run on a terminal; elsewhere, and for a short run, there is none."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

from generator.cli.messages import say
from generator.model.request import Progress

# A run that ends sooner needs no bar, and is spared the import of rich.
_PATIENCE_SECONDS = 0.5


@contextlib.contextmanager
def shown() -> Iterator[Progress]:
    """The callbacks of a run; what they draw on stderr is gone when the run ends."""
    if not sys.stderr.isatty():
        yield Progress(said=say)
        return
    bar = _Bar()
    try:
        yield Progress(bar.start, bar.unit, bar.say)
    finally:
        bar.close()


class _Bar:
    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._total = 0
        self._done = 0
        self._rich: Any = None
        self._task: Any = None

    def start(self, units: int) -> None:
        """More units are to be rendered."""
        self._total += units

    def unit(self, label: str) -> None:
        """One unit is rendered."""
        self._done += 1
        if self._rich is None and time.monotonic() - self._begin > _PATIENCE_SECONDS:
            self._open()
        if self._rich is not None:
            self._rich.update(self._task, completed=self._done, total=self._total, description=label)

    def say(self, line: str) -> None:
        """A line above the bar."""
        if self._rich is not None:
            self._rich.console.print(line, markup=False, highlight=False)
        else:
            say(line)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        self._rich = RichProgress(
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("", total=self._total)
        self._rich.start()

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._rich is not None:
            self._rich.stop()
