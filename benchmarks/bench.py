"""Runs one case: prepares every peer's input, measures them in turn, and checks what they made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers import HERE, MOST_UNITS, PEERS, Peer, has_no_cache, variables
from benchmarks.workload import OBJECTS, VARIANTS, Size, service

_KIND = re.compile(rb"^kind: ", re.M)


@dataclass(frozen=True)
class Step:
    """One case at one size: who takes part, and how often each is measured."""

    case: str
    size: Size
    rounds: dict[str, int]


@dataclass(frozen=True)
class Run:
    """What one measurement came to. Seconds; KiB for the peak of the largest process."""

    workload: str
    case: str
    peer: str
    round: int
    wall: float
    cpu: float
    peak: int
    # Objects in the output, and units that were run where not all were: wall and cpu are scaled up to all.
    objects: int
    units_run: int
    error: str = ""


class Bench:
    """One step at work in a folder of its own."""

    def __init__(self, folder: Path, step: Step, *, full: bool = False) -> None:
        self._step = step
        self._full = full
        self._folder = folder
        self._home = folder / "home"

    def run(self) -> list[Run]:
        """Every measurement of the step; the peers take turns."""
        taking = [PEERS[name] for name in self._step.rounds]
        taking = [peer for peer in taking if peer.missing() is None]
        for peer in taking:
            peer.prepare(self._root(peer), self._step.size)
            self._write_pairs(peer)
            if self._step.case in ("unchanged", "changed"):
                self._measure(peer, 0)
                # Of a run right after the input was written nothing is kept: the next change might not show.
                self._measure(peer, 0)
        runs = []
        for number in range(1, max(self._step.rounds.values(), default=0) + 1):
            for peer in taking:
                if number <= self._step.rounds[peer.name]:
                    runs.append(self._round(peer, number))
                    _say(runs[-1])
        return runs

    def _root(self, peer: Peer) -> Path:
        return self._folder / peer.name

    def _write_pairs(self, peer: Peer) -> None:
        pairs = list(self._step.size.pairs())
        most = MOST_UNITS.get(str(self._step.size), 100)
        if peer.sampled and not self._full and len(pairs) > most:
            # Evenly spread, so that every environment has its part.
            pairs = [pairs[index * len(pairs) // most] for index in range(most)]
        text = "".join(f"{environment} {service}\n" for environment, service in pairs)
        self._pairs_file(peer).write_text(text)

    def _pairs_file(self, peer: Peer) -> Path:
        return self._folder / f"{peer.name}.pairs"

    def _round(self, peer: Peer, number: int) -> Run:
        if self._step.case == "changed":
            assert peer.change, f"{peer.name} has no way to change a service"
            peer.change(self._root(peer), "s0001", number)
        elif self._step.case != "unchanged":
            self._set_aside(self._root(peer) / peer.output)
            self._set_aside(self._home)
        return self._measure(peer, number)

    def _set_aside(self, folder: Path) -> None:
        """Moves `folder` out of the way. To delete it would fall on the next to write: ext4 passes the
        inodes of some minutes' deleted files over one by one, which can cost more than all the rest.
        """
        if folder.exists():
            gone = self._folder / "gone"
            gone.mkdir(exist_ok=True)
            folder.rename(gone / str(len(os.listdir(gone))))

    def command(self, peer: Peer) -> list[str]:
        """The command line of `peer`."""
        words = list(peer.command())
        if peer.each:
            each = [sys.executable, str(HERE / "each.py"), str(peer.each), str(self._pairs_file(peer))]
            return [*each, *words]
        cold = self._step.case not in ("unchanged", "changed")
        return [*words, "--no-cache"] if cold and peer.ours and has_no_cache() else words

    def _changed(self, peer: Peer, number: int) -> bool:
        """Whether the Deployments of the changed service, and no others, have the revision of this round."""
        revision = service("s0001", number)["revision"].encode()
        files = (self._root(peer) / peer.output).rglob("*.yaml")
        found = sum(path.read_bytes().count(revision) for path in files)
        return found == len(VARIANTS) * self._step.size.environments

    def _measure(self, peer: Peer, number: int) -> Run:
        self._home.mkdir(parents=True, exist_ok=True)
        code, cost, said = measured(self.command(peer), self._root(peer), self._home)
        size = self._step.size
        units = len(self._pairs_file(peer).read_text().splitlines()) if peer.each else size.units
        objects = count_objects(self._root(peer) / peer.output)
        error = ""
        if code:
            error = f"exit code {code}: {said[-300:]}"
        elif objects != units * OBJECTS:
            error = f"{objects} objects where there should be {units * OBJECTS}"
        elif self._step.case == "changed" and number and not self._changed(peer, number):
            error = "the changed service is not in the output"
        scale = size.units / units
        return Run(
            str(size),
            self._step.case,
            peer.name,
            number,
            cost["wall"] * scale,
            cost["cpu"] * scale,
            int(cost["peak"]),
            objects,
            units,
            error,
        )


def measured(command: Sequence[str], root: Path, home: Path) -> tuple[int, dict[str, float], str]:
    """Exit code, cost (wall and cpu in seconds, peak in KiB) and standard error of `command` in `root`."""
    result = home.parent / "cost.json"
    wrapper = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(result)]
    done = subprocess.run(
        [*wrapper, *command],
        cwd=root,
        env=variables(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        return done.returncode, {"wall": 0.0, "cpu": 0.0, "peak": 0}, said
    cost = json.loads(result.read_text())
    return int(cost["code"]), cost, said


def count_objects(folder: Path) -> int:
    """Kubernetes objects in the YAML files below `folder`; a kustomization lists files and is none."""
    files = (path for path in folder.rglob("*.yaml") if path.name != "kustomization.yaml")
    return sum(len(_KIND.findall(path.read_bytes())) for path in files)


def as_json(run: Run) -> dict[str, object]:
    """`run` as JSON data, rounded to what the clock can tell."""
    return {**asdict(run), "wall": round(run.wall, 4), "cpu": round(run.cpu, 4)}


def _say(run: Run) -> None:
    found = run.error or f"{run.wall:.2f} s, cpu {run.cpu:.2f} s, {run.peak / 1024:.0f} MiB"
    print(f"{run.workload} {run.case} {run.peer} #{run.round}: {found}", file=sys.stderr, flush=True)
