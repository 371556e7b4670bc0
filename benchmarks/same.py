"""Whether all peers make the same objects: a ratio between different work would say nothing."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench, Step
from benchmarks.peers import PEERS
from benchmarks.workload import Size

# Peers whose objects are compared with those of the first.
ALIKE = (
    (
        "weft",
        "weft-overlays",
        "bare",
        "honest",
        "kapitan",
        "kapitan-rs",
        "kcl",
        "helm",
        "kustomize",
        "kubectl-2",
    ),
    ("weft-charts", "charts"),
)


def objects(folder: Path) -> Counter[str]:
    """Every object below `folder` as JSON with sorted keys, and how often it is there."""
    from generator import yamlio

    found: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            documents = yamlio.read(path.read_bytes(), path.name, marks=False)
            found.update(json.dumps(document.value, sort_keys=True) for document in documents)
    return found


def made(names: Sequence[str], size: Size, folder: Path) -> Mapping[str, Counter[str]]:
    """What each of the peers makes of `size`; raises RuntimeError where one fails."""
    found = {}
    for name in names:
        bench = Bench(folder / name, Step("cold", size, {name: 1}), full=True)
        errors = [run.error for run in bench.run() if run.error]
        if errors:
            raise RuntimeError(f"{name}: {errors[0]}")
        found[name] = objects(folder / name / name / PEERS[name].output)
    return found


def compared(size: Size) -> dict[str, bool]:
    """Whether each peer that is there makes the objects of weft, by name."""
    result: dict[str, bool] = {}
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        for group, names in enumerate(ALIKE):
            there = [name for name in names if PEERS[name].missing() is None]
            found = made(there, size, Path(folder, str(group)))
            first = found[names[0]]
            for name in there[1:]:
                result[f"{name} = {names[0]}"] = found[name] == first
    return result
