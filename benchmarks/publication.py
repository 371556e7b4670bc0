"""The case `publish`: publishing what is published already, against hashing the output."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from benchmarks import trees
from benchmarks.bench import Run, Step, measured
from benchmarks.peers import HERE, ROOT, variables, weft
from benchmarks.workload import OBJECTS

_ROUND = re.compile(r"(?m)^\d+: (.*)$")
_FIGURE = re.compile(r"([a-z][a-z' -]*) (\d+\.\d+)")


def run(folder: Path, step: Step) -> list[Run]:
    """Publishes once, then measures `weft publish` and the hashing in turn."""
    root, home = folder / "weft", folder / "home"
    home.mkdir(parents=True)
    trees.weft(root, step.size)
    target = "publish:\n  repository: ../manifests.git\n"
    common = root / "environments" / "common.yaml"
    common.write_text(common.read_text() + target)
    (root / ".gitignore").write_text("/generated/\n")
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "manifests.git")], check=True)
    for step_of_git in ("init --quiet", "add --all", "commit --quiet --message=bench"):
        subprocess.run(["git", *step_of_git.split()], cwd=root, env=variables(home), check=True)
    commands = {
        "weft": weft("publish", "--all"),
        "hash": [sys.executable, str(HERE / "hash_output.py"), "generated"],
    }
    for words in (weft("generate", "--all"), commands["weft"]):
        code, _, said = measured(words, root, home)
        if code:
            return [Run(str(step.size), step.case, "weft", 1, 0, 0, 0, 0, step.size.units, said[-300:])]
    runs = []
    for number in range(1, max(step.rounds.values()) + 1):
        for name, words in commands.items():
            code, cost, said = measured(words, root, home)
            runs.append(
                Run(
                    str(step.size),
                    step.case,
                    name,
                    number,
                    cost["wall"],
                    cost["cpu"],
                    int(cost["peak"]),
                    step.size.units * OBJECTS,
                    step.size.units,
                    f"exit code {code}: {said[-300:]}" if code else "",
                )
            )
            print(f"{runs[-1].workload} publish {name}: {cost['wall']:.2f} s", file=sys.stderr, flush=True)
    return runs


def in_process(files: int, rounds: int) -> list[dict[str, float]]:
    """The seconds of benchmarks/publish.py, a round an item: publishing without rendering, in one process."""
    done = subprocess.run(
        [sys.executable, str(HERE / "publish.py"), str(files), str(rounds)],
        env=variables(Path.home()) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr, sep="", end="", file=sys.stderr)
    # Each line is figures behind their names.
    return [
        {name: float(value) for name, value in _FIGURE.findall(line)} for line in _ROUND.findall(done.stdout)
    ]
