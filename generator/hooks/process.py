"""Runs one shell command in a session of its own, tells what it prints, and ends it with the run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import IO, Any

from generator.model.record import record
from generator.model.secrets import names_secret

# Shorter values are no secrets, and would be found everywhere.
_SHORTEST = 6
_LAST_LINES = 5
_LONGEST_LINE = 2000
_HIDDEN = "***"
# For what has left the session of its command.
_PATIENCE_SECONDS = 5


class TimedOut(Exception):
    """The command took longer than it may."""


@record(frozen=True)
class Done:
    """How a command ended, what it printed, and the last lines that it complained with."""

    code: int
    out: bytes
    last: str


def run(
    command: str,
    folder: str,
    variables: Mapping[str, str],
    stdin: bytes | None,
    seconds: float,
    said: Callable[[str], None],
    hidden: Collection[str] = (),
) -> Done:
    """Runs `command` with sh in `folder` and waits for its end; `said` gets each line of its stderr.

    What it prints is returned where it gets `stdin`, and told as well otherwise. It sees weft's own
    environment and `variables`; secrets in there and the values of `hidden` are told as `***`. Whatever
    ends the waiting ends the command and all that it started. Raises TimedOut, and OSError where it
    cannot start.
    """
    environment = {**os.environ, **variables}
    secrets = _secrets(environment, hidden)
    lines: list[str] = []
    out: list[bytes] = []

    def tell(line: bytes) -> str:
        text = _shown(line, secrets)
        said(text)
        return text

    with _ended_on_termination() as ending:
        wanted = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        process = _start(command, folder, environment, wanted)
        ending.of(process)
        assert process.stdout is not None
        assert process.stderr is not None
        threads = [
            _each(process.stderr, lambda line: lines.append(tell(line))),
            _each(process.stdout, out.append if stdin is not None else tell),
        ]
        if process.stdin is not None:
            threads.append(_fed(process.stdin, stdin or b""))
        _wait(process, seconds, threads)
    return Done(process.returncode, b"".join(out), "; ".join(line for line in lines[-_LAST_LINES:] if line))


def _wait(process: subprocess.Popen[bytes], seconds: float, threads: Sequence[threading.Thread]) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise TimedOut from None
    finally:
        # What it left running in the background goes with it, or would keep its output open for good.
        _end(process)
        process.wait()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)


def _start(command: str, folder: str, environment: Mapping[str, str], stdin: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _each(stream: IO[bytes], take: Callable[[bytes], object]) -> threading.Thread:
    def read() -> None:
        with stream:
            for line in stream:
                take(line)

    return _started(read)


def _fed(stream: IO[bytes], data: bytes) -> threading.Thread:
    def write() -> None:
        # A command need not read what it is given.
        with contextlib.suppress(OSError):
            stream.write(data)
        with contextlib.suppress(OSError):
            stream.close()

    return _started(write)


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


class _Ending:
    """What is to end before weft does, and the signal that asked weft to, if it has come."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: int | None = None
        self.before: Any = signal.SIG_DFL

    def of(self, process: subprocess.Popen[bytes]) -> None:
        """The command has started; what was asked for while it did happens now."""
        self._process = process
        self._go()

    def terminate(self, number: int, frame: object) -> None:
        """The handler of the signal."""
        self._asked = number
        self._go()

    def _go(self) -> None:
        if self._asked is not None and self._process is not None:
            _end(self._process)
            signal.signal(self._asked, self.before)
            os.kill(os.getpid(), self._asked)


@contextlib.contextmanager
def _ended_on_termination() -> Iterator[_Ending]:
    """Ends a command, too, where weft is asked to terminate: in its own session it would not notice."""
    ending = _Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    # Before the command starts: it may be there, and weft asked to end, before `Popen` returns.
    ending.before = signal.signal(signal.SIGTERM, ending.terminate)
    try:
        yield ending
    finally:
        signal.signal(signal.SIGTERM, ending.before)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _secrets(environment: Mapping[str, str], hidden: Collection[str]) -> list[str]:
    found = {value for name, value in environment.items() if names_secret(name) or name in hidden}
    # Of `USER:PASSWORD`, the password alone is one as well.
    found |= {environment[name].partition(":")[2] for name in hidden if name in environment}
    return sorted(
        (value for value in found if len(value) >= _SHORTEST), key=lambda value: (-len(value), value)
    )


def _shown(line: bytes, secrets: list[str]) -> str:
    text = line.decode(errors="replace").rstrip("\r\n")
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    text = "".join(c if c.isprintable() or c == "\t" else "?" for c in text)
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}..."
