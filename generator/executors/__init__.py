"""Executors that work off environments elsewhere: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import generator
from generator.errors import SurroundingsError
from generator.executors.job import Job, unpacked
from generator.executors.processes import PAYS, paying, processes
from generator.model.record import record
from generator.model.request import Request

T = TypeVar("T")


@record(frozen=True)
class Workers:
    """An executor, and how many batches it works off at once; `own` if it is processes of this one."""

    executor: Executor
    count: int
    units: int
    own: bool = False

    def in_order(self, work: Work, run: Any, names: Sequence[str]) -> Iterator[Any]:
        """What `work` gives for each of the environments `names`, in their order.

        Forked processes find `run` as it is; others begin one of their own. Raises what `work` raises,
        and SurroundingsError where workers are lost.
        """
        jobs = max(1, run.request.jobs // self.count) if self.own else None
        job = Job(os.urandom(16).hex(), run.request, jobs=jobs)
        _BEGUN[job.key] = run
        waiting = deque(_batches(names, self.units, self.count))
        # No more than are worked off soon: what they make waits in memory to be written.
        sent: deque[Future[Any]] = deque()
        try:
            while waiting or sent:
                while waiting and len(sent) < 2 * self.count:
                    sent.append(self.executor.submit(work, job, waiting.popleft()))
                yield from sent.popleft().result()
        except BrokenExecutor as error:
            raise SurroundingsError(
                f"a worker process ended before its work was done: {error}",
                hint="where memory is short, --jobs 1 takes less of it",
            ) from None
        finally:
            _BEGUN.pop(job.key, None)


Work = Callable[[Job, Sequence[str]], Sequence[Any]]

# The runs that this process takes part in; a worker of a cluster has one at a time.
_BEGUN: dict[str, Any] = {}
_TURN = threading.Lock()


@contextlib.contextmanager
def begun(job: Job, begin: Callable[[Request], T]) -> Iterator[T]:
    """The run of a job on this worker, begun where it has not been; one batch at a time has it.

    Raises what `begin` raises, and SurroundingsError where this worker has another weft.
    """
    if job.version != generator.__version__:
        raise SurroundingsError(f"a worker has weft {generator.__version__}, this run weft {job.version}")
    with _TURN:
        if job.key not in _BEGUN:
            # What an earlier run left; its folder goes with it.
            _BEGUN.clear()
            _BEGUN[job.key] = _begin(job, begin)
        yield _BEGUN[job.key]


def _begin(job: Job, begin: Callable[[Request], T]) -> T:
    if job.files is None:
        return begin(job.request)
    folder = tempfile.TemporaryDirectory(prefix="weft-definition-")
    unpacked(job.files, Path(folder.name))
    run = begin(replace(job.request, root=folder.name, jobs=os.cpu_count() or 1, kept=None))
    weakref.finalize(run, folder.cleanup)
    return run


@contextlib.contextmanager
def chosen(
    executor: Executor | None, request: Request, environments: int, units: int, alone: int
) -> Iterator[Workers | None]:
    """The workers for a run over so many environments with so many units each: those of `executor`, else
    forked processes where they pay, else None. `alone` of the units are made best in one process.
    """
    # What a user's commands say is shown as they say it, so they run in one process.
    if environments < 2 or request.component or request.hooks:
        yield None
    elif executor is not None:
        yield Workers(executor, getattr(executor, "workers", 2), units)
    else:
        pays = units >= 10 * alone
        count = paying(environments * units, environments, request.jobs) if pays else 0
        own = processes(count) if count else None
        try:
            yield Workers(own, count, units, own=True) if own else None
        finally:
            if own:
                # Who interrupts a run waits for nobody; else no worker is left when the process ends.
                interrupted = isinstance(sys.exc_info()[1], KeyboardInterrupt)
                own.shutdown(wait=not interrupted, cancel_futures=True)


def _batches(names: Sequence[str], units: int, workers: int) -> Sequence[Sequence[str]]:
    """Environments with `units` units each in batches that are worth sending, and enough for all workers."""
    size = max(1, min(PAYS // max(1, units), len(names) // (2 * max(1, workers))))
    return [names[start : start + size] for start in range(0, len(names), size)]


__all__ = ["Job", "Workers", "begun", "chosen"]
