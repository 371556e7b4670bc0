"""Environments worked off by other processes: the same bytes, and no process that is left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from generator import pipeline
from generator.model.output import Output
from generator.model.request import Progress, Request
from tests.fixtures.fleet import fleet
from tests.project_tree import Project, environment, read_tree

MANY = 120

T = TypeVar("T")


def many(project: Project) -> Project:
    """So many components in five environments that processes pay, and one environment that is refused."""
    for number in range(MANY):
        name = f"c{number:03}"
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '{number}'}}\n"
        component = f"name: {name}\ntype: static\npath: manifests\n"
        project.write(
            {f"services/{name}/manifests/x.yaml": text, f"services/{name}/component.yaml": component}
        )
    project.write({"component.yaml": "name: root\nsubcomponents: [{source: ./services/*}]\n"})
    for number in range(5):
        project.write({f"environments/e{number}.yaml": f"labels: {{n: '{number}'}}\nnamespace: n{number}\n"})
    project.write({"environments/bad.yaml": "subcomponents: {c001: {namespace: Not-A-Name}}\n"})
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """See `many`."""
    return many(Project(tmp_path / "definition"))


def made(root: Path, executor: Executor | None) -> list[Output]:
    """The outputs of all environments."""
    request = Request(root=str(root), everything=True)
    return list(pipeline.outputs(pipeline.define(request), request, None, Progress(), executor))


def executors() -> Iterator[Executor]:
    """One that shares memory, one that begins with a copy of it, and one that begins with nothing."""
    yield ThreadPoolExecutor(2)
    for method in ("fork", "spawn"):
        yield ProcessPoolExecutor(2, multiprocessing.get_context(method))


def told(outputs: list[Output]) -> list[object]:
    """All that a run makes of its outputs."""
    return [
        (
            one.environment,
            one.files,
            one.objects,
            one.notes,
            one.findings,
            [str(error) for error in one.errors],
        )
        for one in outputs
    ]


def test_every_executor_gives_what_one_process_gives(tmp_path: Path) -> None:
    project = fleet(tmp_path / "definition")
    project.write({"environments/bad.yaml": "subcomponents: {settings: {namespace: Not-A-Name}}\n"})
    alone = told(made(project.root, None))
    assert any(one[-1] for one in alone)  # type: ignore[index]
    for executor in executors():
        with executor:
            assert told(made(project.root, executor)) == alone


def test_processes_give_the_bytes_and_words_of_one(project: Project) -> None:
    alone = project.weft("generate", "--all", "--no-cache", "--jobs", "1", "--output", "alone")
    several = project.weft("generate", "--all", "--no-cache", "--jobs", "4", "--output", "several")
    assert (alone.code, several.code) == (3, 3)
    assert several.err == alone.err
    assert several.out == alone.out
    assert read_tree(project.root / "several") == read_tree(project.root / "alone")
    assert len(read_tree(project.root / "alone")) > 5 * MANY


def descendants(pid: int) -> set[int]:
    """The processes below `pid`."""
    found: set[int] = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found |= {int(folder.name)} | descendants(int(folder.name))
    return found


def until(condition: Callable[[], T]) -> T:
    """What `condition` gives when it gives something."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


@pytest.fixture
def held(project: Project, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of two workers, each of which waits for a kustomize that does not end."""
    for name in ("k0", "k1"):
        text = "resources: [../../c000/manifests/x.yaml]\n"
        component = f"name: {name}\ntype: kustomize\npath: k\n"
        project.write(
            {f"services/{name}/component.yaml": component, f"services/{name}/k/kustomization.yaml": text}
        )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("kustomize", "kubectl"):
        (programs / name).write_text(f"#!/bin/sh\nexec cat {pipe}\n")
        (programs / name).chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "generate", "--all", "--no-cache", "--jobs", "2"],
        cwd=project.root,
        env=environment({"PATH": f"{programs}:{os.environ['PATH']}"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        for pid in {process.pid} | descendants(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()
        # Programs whose worker is gone still wait for the pipe.
        with contextlib.suppress(OSError):
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


def workers(process: subprocess.Popen[bytes]) -> list[int]:
    """The two workers of a run, once each of them has started a program; the empty list before."""
    found = [pid for pid in descendants(process.pid) if len(descendants(pid)) > 0]
    return found if len(found) == 2 else []


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_with_a_run_that_is_killed(held: subprocess.Popen[bytes]) -> None:
    found = until(lambda: workers(held))
    held.kill()
    held.wait()
    until(lambda: not any(map(alive, found)))


def test_a_worker_that_is_killed_is_told_and_nothing_is_written(
    held: subprocess.Popen[bytes], project: Project
) -> None:
    for pid in until(lambda: workers(held)):
        # With the first of them the others may be ended already.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, told_of = held.communicate(timeout=60)
    assert held.returncode == 4, told_of
    assert b"a worker process ended before its work was done" in told_of
    assert b"Traceback" not in told_of
    assert not (project.root / "generated").exists()
