"""`--executor dask://…` against a real scheduler and real workers, one of which is killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project_tree import Project, environment, read_tree

ENVIRONMENTS = 12
COMPONENTS = 40

# The first that runs says whose it is and waits to be killed; the others are the real kustomize.
KUSTOMIZE = """\
#!/bin/sh
if mkdir {state}/first 2>/dev/null; then
    echo $PPID > {state}/pid.new && mv {state}/pid.new {state}/pid
    exec cat {state}/pipe
fi
exec {kustomize} "$@"
"""


@dataclass
class Cluster:
    """A scheduler with two workers of one thread; `folder` is where the workers keep their files."""

    address: str
    folder: Path
    processes: list[subprocess.Popen[bytes]]


def started(module: str, *arguments: str, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A program of Dask."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *arguments],
        env=environment(variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def address(file: Path) -> str:
    """Where the scheduler that writes `file` listens, as soon as it does."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if file.exists() and file.read_text().endswith("}"):
            return str(json.loads(file.read_text())["address"]).replace("tcp://", "dask://")
        time.sleep(0.05)
    raise AssertionError("the scheduler did not start")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """See `Cluster`; its kustomize is the one above."""
    state, folder = tmp_path / "state", tmp_path / "workers"
    state.mkdir()
    folder.mkdir()
    os.mkfifo(state / "pipe")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kustomize").write_text(KUSTOMIZE.format(state=state, kustomize=shutil.which("kustomize")))
    (programs / "kustomize").chmod(0o755)
    variables = {"PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(folder)}
    file = tmp_path / "scheduler.json"
    local = ("--host", "127.0.0.1")
    processes = [
        started("dask_scheduler", *local, "--port", "0", "--scheduler-file", str(file), variables={})
    ]
    try:
        found = address(file)
        tcp = found.replace("dask://", "tcp://")
        for _ in range(2):
            options = (tcp, *local, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder))
            processes.append(started("dask_worker", *options, variables=variables))
        yield Cluster(found, state, processes)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        # The program of the worker that was killed still waits for the pipe.
        with contextlib.suppress(OSError):
            os.close(os.open(state / "pipe", os.O_WRONLY | os.O_NONBLOCK))


def definition(root: Path) -> Project:
    """Static and kustomize components in so many environments that each worker gets several batches."""
    project = Project(root)
    for number in range(COMPONENTS):
        name = f"c{number:02}"
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '{number}'}}\n"
        component = f"name: {name}\ntype: static\npath: manifests\n"
        project.write(
            {f"services/{name}/manifests/x.yaml": text, f"services/{name}/component.yaml": component}
        )
    kustomization = "namePrefix: k-\nresources: [x.yaml]\n"
    project.write(
        {
            "component.yaml": "name: root\nnamespace: shop\nexternal: [{kind: Namespace}]\n"
            "subcomponents: [{source: ./services/*}]\n",
            "services/k/component.yaml": "name: k\ntype: kustomize\npath: k\n",
            "services/k/k/kustomization.yaml": kustomization,
            "services/k/k/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
        }
    )
    for number in range(ENVIRONMENTS):
        project.write({f"environments/e{number:02}.yaml": f"namespace: n{number}\n"})
    return project


def test_a_lost_worker_changes_no_byte(tmp_path: Path, cluster: Cluster) -> None:
    project = definition(tmp_path / "definition")
    assert project.weft("generate", "--all", "--no-cache", "--output", "alone").code == 0
    ready(cluster)
    run = subprocess.Popen(
        [sys.executable, "-m", "generator", "generate", "--all", "--no-cache", "--executor", cluster.address],
        cwd=project.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 60
    while not (cluster.folder / "pid").exists() and time.monotonic() < end and run.poll() is None:
        time.sleep(0.02)
    lost = int((cluster.folder / "pid").read_text())
    assert lost in [process.pid for process in cluster.processes[1:]]
    os.kill(lost, signal.SIGKILL)
    _, told = run.communicate(timeout=120)
    assert run.returncode == 0, told.decode()
    assert read_tree(project.root / "generated") == read_tree(project.root / "alone")
    # Each worker was sent the definition once.
    unpacked = [path for path in (tmp_path / "workers").glob("weft-definition-*") if path.is_dir()]
    assert len(unpacked) == 2


def ready(cluster: Cluster) -> None:
    """Waits until both workers have found the scheduler."""
    from distributed import Client

    with Client(cluster.address.replace("dask://", "tcp://"), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


def test_what_is_refused_is_told_as_without_a_cluster(tmp_path: Path, cluster: Cluster) -> None:
    project = definition(tmp_path / "definition")
    project.write({"environments/e03.yaml": "namespace: Not-A-Name\n"})
    (cluster.folder / "first").mkdir()
    ready(cluster)
    alone = project.weft("generate", "--all", "--no-cache", "--output", "alone")
    run = project.weft("generate", "--all", "--no-cache", "--executor", cluster.address)
    assert (run.code, alone.code) == (3, 3)
    assert run.err == alone.err
    assert read_tree(project.root / "generated") == read_tree(project.root / "alone")


def test_no_scheduler_and_no_address_are_told(tmp_path: Path) -> None:
    project = definition(tmp_path / "definition")
    nobody = project.weft("generate", "--all", "--executor", "dask://127.0.0.1:1")
    assert (nobody.code, nobody.out) == (4, "")
    assert "no Dask scheduler answers at 127.0.0.1:1" in nobody.err
    for wrong in ("processes", "dask://", "dask://host", "dask://host:port", "tcp://host:1"):
        run = project.weft("generate", "--all", "--executor", wrong)
        assert run.code == 2, run.err
        assert "dask://HOST:PORT" in run.err
    part = project.weft("generate", "--all", "--component", "services", "--executor", "dask://127.0.0.1:1")
    assert part.code == 2
    assert not (project.root / "generated").exists()
