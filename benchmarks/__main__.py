"""The command line of the benchmark: what to run, and where the results go."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import plan, plot, publication, report, same
from benchmarks.bench import Bench, Run, Step
from benchmarks.peers import PEERS
from benchmarks.workload import Size

RESULTS = Path(__file__).resolve().parent / "results"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_PART = re.compile(r"(?<=<!-- benchmark: begin -->\n).*?(?=<!-- benchmark: end -->)", re.S)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """The options in `words`; leaves the program where they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "mode", nargs="?", choices=["full", "quick"], default="full", help="quick: 50x4 alone"
    )
    parser.add_argument(
        "--only", action="append", default=[], choices=list(plan.CASES), help="only this case"
    )
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        type=Size.of,
        help="at this size, such as 20x3, in place of its own",
    )
    parser.add_argument(
        "--peer", action="append", default=[], choices=list(PEERS), help="only these peers and weft"
    )
    parser.add_argument("--rounds", type=int, help="measure each so many times")
    parser.add_argument("--every-unit", action="store_true", help="run all units of kustomize, not a part")
    parser.add_argument(
        "--results", type=Path, help="folder for the results; of a full run, benchmarks/results"
    )
    parser.add_argument(
        "--renew", action="store_true", help="measure these cases anew, and keep what is stored of the others"
    )
    return parser.parse_args(words)


def steps_of(options: argparse.Namespace) -> list[Step]:
    """What the options ask for."""
    steps = plan.quick() if options.mode == "quick" else plan.full()
    steps = plan.chosen(steps, options.only, options.size, options.rounds)
    if options.peer:
        kept = [
            {
                name: count
                for name, count in step.rounds.items()
                if name.startswith("weft") or name in options.peer
            }
            for step in steps
        ]
        steps = [Step(step.case, step.size, rounds) for step, rounds in zip(steps, kept, strict=True)]
    return steps


def measure(steps: Sequence[Step], *, every_unit: bool) -> Iterator[list[Run]]:
    """The measurements of each step, in a folder of its own; nothing is deleted before the last has ended."""
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as top:
        for number, step in enumerate(steps):
            folder = Path(top, str(number))
            folder.mkdir()
            if step.case == "publish":
                yield publication.run(folder, step)
            else:
                yield Bench(folder, step, full=every_unit).run()


def main(words: Sequence[str]) -> int:
    """Run, print and write; returns 1 where a run failed or the peers made different objects."""
    options = arguments(words)
    steps = steps_of(options)
    about: dict[str, Any] = {
        "mode": options.mode,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": report.commit(),
        "machine": report.machine(),
        "same_objects": same.compared(Size(1, 2)),
    }
    stored = options.results or (RESULTS if words in ([], ["full"]) or options.renew else None)
    runs: list[Run] = []
    if options.renew:
        runs, about = renewed(json.loads((stored / "latest.json").read_text()), steps, about)
    names = _names([run.peer for run in runs] + [name for step in steps for name in step.rounds])
    for measured in measure(steps, every_unit=options.every_unit):
        runs += measured
        if stored:
            # It takes the better part of an hour: what there is survives an interrupt.
            found = report.data(runs, names, about)
            write(stored, found, report.markdown(found))
    if any(step.case == "publish" for step in steps) and not options.size:
        about["publish_in_process"] = {"files": 10000, "rounds": publication.in_process(10000, 3)}
    found = report.data(runs, names, about)
    text = report.markdown(found)
    print(text, end="")
    if stored:
        write(stored, found, text)
    if stored == RESULTS:
        PAGE.write_text(with_results(PAGE.read_text(), text))
    bad = [run for run in runs if run.error]
    different = [pair for pair, alike in about["same_objects"].items() if not alike]
    for problem in (*(f"{run.peer}: {run.error}" for run in bad), *(f"not so: {pair}" for pair in different)):
        print(problem, file=sys.stderr)
    return 1 if bad or different else 0


def renewed(
    before: dict[str, Any], steps: Sequence[Step], about: dict[str, Any]
) -> tuple[list[Run], dict[str, Any]]:
    """The stored measurements of other steps, and what is said of all: which were made later, and of what.

    All peers of a step are measured side by side, so a step may be measured by itself.
    """
    anew = [(step.case, str(step.size)) for step in steps]
    runs = [Run(**run) for run in before["runs"] if (run["case"], run["workload"]) not in anew]
    told = [item for item in before.get("renewed", []) if (item["case"], item["workload"]) not in anew]
    for case, workload in anew:
        told.append({"case": case, "workload": workload, "commit": about["commit"], "date": about["date"]})
    rest = ("versions", "missing", "goals", "table", "runs")
    return runs, {key: item for key, item in before.items() if key not in rest} | {"renewed": told}


def _names(peers: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(name for name in peers if name in PEERS))
    # Named as missing even where no case could have it.
    return [*names, *(name for name in ("nyl",) if name not in names)]


def write(folder: Path, found: dict[str, Any], text: str) -> None:
    """The three files of the results."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(found, indent=1) + "\n")
    (folder / "latest.md").write_text(f"# The latest run\n\n{text}")
    (folder / "latest.svg").write_text(plot.svg(found["table"]))


def with_results(page: str, text: str) -> str:
    """The page with `text` in the place that is kept for it."""
    picture = "![Wall time of weft and its peers](../benchmarks/results/latest.svg)"
    return _PART.sub(lambda _: f"\n{text}\n{picture}\n\n", page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
