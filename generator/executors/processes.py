"""Processes that this one forks, and when they pay."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Executor

# What a run that forks must save to pay: below so many units one process has ended before two have begun.
PAYS = 400


def paying(units: int, environments: int, jobs: int) -> int:
    """How many processes are worth forking for so many units; 0 where one does it as well.

    Only Linux forks without harm: elsewhere the system's own libraries do not survive it.
    """
    if sys.platform != "linux" or units < PAYS:
        return 0
    workers = min(jobs, environments, len(os.sched_getaffinity(0)))
    return workers if workers > 1 else 0


def processes(workers: int) -> Executor:
    """Forked processes: they know all that this one knows when the first work comes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=_as_worker)


def _as_worker() -> None:
    """What a worker process does first: an interrupt is its parent's affair, and it ends with its parent."""
    import multiprocessing
    import signal
    from multiprocessing import connection

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        # Nobody tells a worker that its parent was killed: it would wait for work for ever.
        if parent is not None:
            connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
