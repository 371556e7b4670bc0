"""Runs weft in processes forked from one that has imported it: each a process of its own, without the start.

Starting Python and importing weft is most of what a short run costs, and the suite has thousands of them. A
test process starts one server, which forks a child for each run; the child takes over directory, environment
and standard files, runs the command line as `python -m generator` does, and answers with the exit code.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What Python reads when it starts, a fork can no longer take from the environment.
_READ_AT_START = ("PYTHON", "LC_", "LANG")


def python_path() -> str:
    """Where Python finds weft and the tests; a run with another path is none for a fork."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))


def fits(variables: Mapping[str, str]) -> bool:
    """Whether a fork can run with the environment `variables`."""
    if variables.get("PYTHONPATH") != python_path():
        return False
    at_start = {
        name: value
        for source in (variables, os.environ)
        for name, value in source.items()
        if name.startswith(_READ_AT_START) and name != "PYTHONPATH"
    }
    return all(variables.get(name) == os.environ.get(name) for name in at_start)


def run(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], stdin: bytes
) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of weft with `arguments` in `folder`; stdin holds `stdin`."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        request = json.dumps([list(arguments), str(folder), dict(variables)]).encode()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(_server())
            socket.send_fds(connection, [b"."], [given.fileno(), out.fileno(), err.fileno()])
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(64), b""))
        out.seek(0)
        err.seek(0)
        if not answer:
            raise AssertionError(f"weft died: {err.read().decode()}")
        return int(answer), out.read(), err.read()


@functools.cache
def _server() -> str:
    """The socket of this process's server, which is started by the first run."""
    folder = tempfile.mkdtemp(prefix="weft-forks-")
    path = f"{folder}/socket"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forks", path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": python_path()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    atexit.register(_stop, server, path)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return path


def _stop(server: subprocess.Popen[bytes], path: str) -> None:
    server.terminate()
    server.wait()
    Path(path).unlink(missing_ok=True)
    Path(path).parent.rmdir()


def serve(path: str) -> None:
    """Forks a child for each connection to the socket at `path`, until it is told to end."""
    _import_weft()
    # Nobody waits for the children, and their own children are theirs.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _child(connection)
            connection.close()


def _import_weft() -> None:
    import generator

    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        # The CEL library starts threads, which a fork would lose.
        if module.name != "generator.__main__" and not module.name.startswith("generator.cel"):
            importlib.import_module(module.name)
    for name in ("jinja2", "jsonschema_rs", "ruamel.yaml.cyaml", "deepmerge", "rich.progress"):
        importlib.import_module(name)


def _child(connection: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    arguments, folder, variables = json.loads(b"".join(iter(lambda: connection.recv(65536), b"")))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    from generator.cli import outcome

    code = outcome(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(str(code).encode())
    connection.close()
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
