"""Runs git as a program: its environment, its errors, and what of them may be shown."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from generator.errors import SurroundingsError
from generator.model.record import record

# They say which repository git works on; weft names its own, also where a hook of another one started it.
_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
_USER_INFO = re.compile(r"(?<=://)[^/@\s'\"]*@")
_ADVICE = ("hint:", "warning:", "Warning:", "Please make sure you have", "and the repository exists")
_PROGRESS = re.compile(r"(remote: )?(\w+ (objects|deltas): |Total \d)")
_LOCK = re.compile(r"Unable to create '(.+?\.lock)': File exists")

# A user's configuration adds to what `git log` prints, and turns it into other encodings.
PLAINLY = ("--no-show-signature", "--encoding=UTF-8")
Settings = Sequence[tuple[str, str]]
_RUNNING: set[subprocess.Popen[bytes]] = set()
# The handler of a signal may find its own thread within.
_STARTING = threading.RLock()
_CHUNK = 64 * 1024


class GitError(SurroundingsError):
    """git ended with an error; `lock` is the file of a lock that stood in its way."""

    lock: str | None = None


@record(frozen=True)
class Done:
    """What a run of git came to."""

    code: int
    out: bytes
    err: str


@record(frozen=True)
class Git:
    """git in one repository. `settings` are laid over its configuration, `secrets` never shown."""

    folder: str | None = None
    git_dir: str | None = None
    settings: Settings = ()
    secrets: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        check: bool = True,
        variables: Mapping[str, str] | None = None,
        apart: bool = False,
        keep: Sequence[int] = (),
        seconds: float | None = None,
        silence: float | None = None,
    ) -> Done:
        """Runs git and returns what it said; raises GitError where it fails and `check` is set.

        `apart` gives it a session of its own: what ends weft does not end git in the middle of a
        change, and without a terminal no ssh can ask for anything. `keep` are file descriptors that
        it inherits. After so many `seconds` it is ended, with all that it started, and after so many of
        `silence`, in which it printed nothing; both go together, and without `stdin`.
        """

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                ["git", *arguments],
                cwd=self.folder or self.git_dir,
                env=self._environment(variables or {}),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=apart or seconds is not None,
                pass_fds=tuple(keep),
            )

        try:
            done = _completed(start, stdin, seconds, silence)
        except FileNotFoundError:
            raise SurroundingsError("git was not found", hint="install git 2.31 or newer") from None
        except _Silent:
            raise GitError(
                f"git {arguments[0]}: the server said nothing for {silence:g} seconds",
                hint="try again, or wait longer: --timeout",
            ) from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} was not done after {seconds:g} seconds") from None
        result = Done(done.returncode, done.stdout, self.redacted(done.stderr.decode(errors="replace")))
        if check and result.code != 0:
            raise self.error(arguments[0], result)
        return result

    def text(self, *arguments: str, check: bool = True) -> str:
        """What git printed, without the newline at its end."""
        return self.run(*arguments, check=check).out.decode(errors="surrogateescape").rstrip("\n")

    def error(self, what: str, done: Done) -> GitError:
        """The error that `done` stands for, without git's advice."""
        lines = [line.strip() for line in done.err.splitlines() if line.strip()]
        told = [line for line in lines if not line.startswith(_ADVICE) and not _PROGRESS.match(line)] or lines
        ended = f"signal {-done.code}" if done.code < 0 else f"exit code {done.code}"
        error = GitError(f"git {what} failed: {'; '.join(told[:6]) or ended}", hint=_hint(done.err))
        found = _LOCK.search(done.err)
        error.lock = found[1] if found else None
        return error

    def redacted(self, text: str) -> str:
        """`text` without credentials, and without what would move a terminal's cursor."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = "".join(c if c.isprintable() or c in "\n\r\t" else "?" for c in text)
        return _USER_INFO.sub("", text)

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _LOCAL}
        own = {
            # Messages are read here and told in English; nobody answers a prompt.
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            **({"GIT_DIR": self.git_dir} if self.git_dir else {}),
            **configured(self.settings, inherited),
        }
        return {**inherited, **own, **self.variables, **variables}


def stop() -> None:
    """Ends every git that was given a time, with all that it started; for a run that is interrupted."""
    with _STARTING:
        for process in list(_RUNNING):
            _end(process)


@contextlib.contextmanager
def ended_with_weft() -> Iterator[None]:
    """Ends every git that was given a time, too, where weft is asked to terminate meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: object) -> None:
        stop()
        signal.signal(number, before)
        os.kill(os.getpid(), number)

    before: Any = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Silent(Exception):
    """git printed nothing for too long."""


def _completed(
    start: Callable[[], subprocess.Popen[bytes]],
    stdin: bytes | None,
    seconds: float | None,
    silence: float | None,
) -> subprocess.CompletedProcess[bytes]:
    # Who stops all of them must not miss one that has just begun.
    with _STARTING:
        process = start()
        if seconds is not None:
            _RUNNING.add(process)
    with process:
        try:
            if seconds is not None and silence is not None:
                out, err = _heard(process, seconds, silence)
            else:
                out, err = process.communicate(stdin, timeout=seconds)
        except BaseException:
            if seconds is not None:
                _end(process)
            process.kill()
            raise
        finally:
            _RUNNING.discard(process)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def _heard(process: subprocess.Popen[bytes], seconds: float, silence: float) -> tuple[bytes, bytes]:
    """What a process prints to its end. Raises _Silent, and TimeoutExpired after `seconds`."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    streams = list(said)
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = end - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, seconds)
            ready = selector.select(min(silence, left))
            if not ready and silence < left:
                raise _Silent
            for key, _ in ready:
                data = os.read(key.fd, _CHUNK)
                said[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
    process.wait()
    return bytes(said[streams[0]]), bytes(said[streams[1]])


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def configured(settings: Iterable[tuple[str, str]], environment: Mapping[str, str]) -> dict[str, str]:
    """Environment variables that lay `settings` over git's configuration, after those already there."""
    try:
        first = int(environment.get("GIT_CONFIG_COUNT") or 0)
    except ValueError:
        first = 0
    variables = {}
    count = first
    for name, value in settings:
        variables[f"GIT_CONFIG_KEY_{count}"] = name
        variables[f"GIT_CONFIG_VALUE_{count}"] = value
        count += 1
    return {**variables, "GIT_CONFIG_COUNT": str(count)} if variables else {}


def _hint(text: str) -> str | None:
    if "empty ident name" in text or "unable to auto-detect email" in text or "tell me who you are" in text:
        return "set user.name and user.email in git's configuration, or give --author 'Name <mail>'"
    if "terminal prompts disabled" in text or "Authentication failed" in text:
        return "give git the credentials: a credential helper, GIT_ASKPASS, or an SSH key"
    if "Permission denied (" in text:
        return "give git a key that the server knows: ssh-agent, core.sshCommand or GIT_SSH_COMMAND"
    if "Host key verification failed" in text:
        return "put the host's key into known_hosts: ssh-keyscan HOST, compared with what the host says it is"
    if "dubious ownership" in text:
        return "the repository belongs to another user: git config --global --add safe.directory DIR"
    return None
