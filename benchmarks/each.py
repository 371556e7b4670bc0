"""Starts one program per unit: `python each.py JOBS PAIRS COMMAND...`.

PAIRS is a file with an environment and a service a line. In COMMAND, `{environment}` and `{service}` are
filled in; what it prints goes to out/<environment>/<service>.yaml.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def run(unit: str, command: Sequence[str]) -> None:
    """One unit, `environment service`; raises CalledProcessError where the program fails."""
    environment, service = unit.split()
    words = [word.format(environment=environment, service=service) for word in command]
    with open(f"out/{environment}/{service}.yaml", "wb") as stream:
        subprocess.run(words, stdout=stream, stdin=subprocess.DEVNULL, check=True)


def main(jobs: str, pairs: str, *command: str) -> None:
    """Run `command` for each pair, `jobs` at a time."""
    units = Path(pairs).read_text().splitlines()
    for environment in {unit.split()[0] for unit in units}:
        Path("out", environment).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(int(jobs)) as executor:
        for done in [executor.submit(run, unit, command) for unit in units]:
            done.result()


if __name__ == "__main__":
    main(*sys.argv[1:])
