"""The workers of a Dask cluster as an executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from generator.errors import SurroundingsError, UsageError
from generator.executors.job import Job, packed


class Dask(Executor):
    """The workers of a Dask cluster. The definition goes to each worker once, whatever it works off.

    Batches of a worker that is lost are worked off by another. Raises UsageError for an address that is
    none and SurroundingsError where nobody answers there.
    """

    def __init__(self, address: str, seconds: float = 10) -> None:
        where = urlsplit(address)
        try:
            port = where.port
        except ValueError:
            port = None
        if where.scheme != "dask" or not where.hostname or port is None or where.path not in ("", "/"):
            raise UsageError(
                f"`{address}` is no executor", hint="write dask://HOST:PORT, the address of a Dask scheduler"
            )
        try:
            import distributed
        except ImportError:
            raise SurroundingsError(
                "--executor dask:// needs the package `distributed`", hint="pip install 'weft[dask]'"
            ) from None
        try:
            # Its own annotations are not complete.
            connect: Any = distributed.Client
            address = f"tcp://{where.hostname}:{port}"
            self._client = connect(address, timeout=seconds, set_as_default=False)
        except (OSError, TimeoutError):
            raise SurroundingsError(f"no Dask scheduler answers at {where.hostname}:{port}") from None
        self.workers = sum(self._client.nthreads().values())
        if not self.workers:
            self._client.close()
            raise SurroundingsError(f"the Dask scheduler at {where.hostname}:{port} has no workers")
        self._shipped: dict[str, Any] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `concurrent.futures.Executor` has it; a Job among `args` is shipped."""
        sent = [self._ship(item) if isinstance(item, Job) else item for item in args]
        # Not by their content: the same batch of another run is another batch.
        made = self._client.submit(fn, *sent, **kwargs, pure=False, retries=3)
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        made.add_done_callback(lambda done: _settle(future, done))
        return future

    def _ship(self, job: Job) -> Any:
        if job.key not in self._shipped:
            full = replace(job, files=packed(job.request.root))
            self._shipped[job.key] = self._client.scatter(full, broadcast=True, hash=False)
        return self._shipped[job.key]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster; what it still works on for this run is given up."""
        self._shipped.clear()
        self._client.close()


def _settle(future: Future[Any], done: Any) -> None:
    try:
        future.set_result(done.result())
    except BaseException as error:
        future.set_exception(error)
