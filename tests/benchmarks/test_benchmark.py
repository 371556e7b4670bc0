"""The benchmark as a program: equal work for all, complete results, and nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import plan, report
from benchmarks.__main__ import PAGE, RESULTS, renewed, with_results
from benchmarks.bench import Bench, Run, Step
from benchmarks.peers import MOST_UNITS, PEERS
from benchmarks.workload import OBJECTS, Size
from tests.project_tree import ROOT, environment

# Beside weft, what this machine is sure to have.
THERE = ("bare", "honest", "helm", "kustomize")


@dataclass(frozen=True)
class Results:
    """What one run of the benchmark left."""

    folder: Path
    out: str
    json: dict[str, Any]
    left: list[str]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder, scratch = tmp_path_factory.mktemp("results"), tmp_path_factory.mktemp("scratch")
    command = [sys.executable, "-m", "benchmarks", "--results", str(folder), "--rounds", "2"]
    for option, values in {
        "--only": ("cold", "changed", "helm"),
        "--size": ("2x2",),
        "--peer": ("bare", "honest", "charts"),
    }.items():
        command += [word for value in values for word in (option, value)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment({"TMPDIR": str(scratch)}), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads((folder / "latest.json").read_text())
    return Results(folder, done.stdout.decode(), found, [path.name for path in scratch.iterdir()])


def test_every_peer_makes_the_objects_of_weft(results: Results) -> None:
    same = results.json["same_objects"]
    assert {f"{name} = weft" for name in (*THERE, "weft-overlays")} | {"charts = weft-charts"} <= same.keys()
    assert set(same.values()) == {True}


def test_each_run_has_all_objects_and_its_cost(results: Results) -> None:
    runs = results.json["runs"]
    taking = {("cold", "weft"), ("cold", "bare"), ("cold", "honest"), ("changed", "weft")}
    taking |= {("cold", "weft-fills"), ("helm", "weft-charts"), ("helm", "charts")}
    assert {(run["case"], run["peer"]) for run in runs} == taking
    assert len(runs) == 2 * len(taking)
    for run in runs:
        assert (run["objects"], run["error"]) == (4 * OBJECTS, "")
        assert min(run["wall"], run["cpu"], run["peak"]) > 0


def test_the_peers_take_turns(results: Results) -> None:
    cold = [(run["round"], run["peer"]) for run in results.json["runs"] if run["case"] == "cold"]
    assert [number for number, _ in cold] == [1, 1, 1, 1, 2, 2, 2, 2]
    first, second = ({peer for _, peer in turn} for turn in (cold[:4], cold[4:]))
    assert first == second == {"weft", "weft-fills", "bare", "honest"}


def test_the_results_say_where_they_come_from(results: Results) -> None:
    found = results.json
    assert {"cpu", "cores", "memory_mib", "os", "python"} <= found["machine"].keys()
    assert set(found["versions"]) == {run["peer"] for run in found["runs"]}
    assert "nyl" in {item["peer"] for item in found["missing"]}
    assert "nyl" in (results.folder / "latest.md").read_text()


def test_every_goal_is_named_and_one_that_was_not_measured_is_neither_met_nor_missed(
    results: Results,
) -> None:
    goals = results.json["goals"]
    assert len(goals) == len(plan.GOALS)
    for goal in goals:
        assert goal.keys() == {"workload", "case", "peer", "ratio", "goal", "met"}
        assert (goal["ratio"], goal["met"]) == (None, None)


def test_a_case_can_be_measured_anew_and_says_so(results: Results) -> None:
    about = {"commit": "later", "date": "2030-01-01"}
    runs, told = renewed(results.json, [Step("changed", Size(2, 2), {"weft": 1})], about)
    assert {run.case for run in runs} == {"cold", "helm"}
    assert (told["commit"], told["date"]) == (results.json["commit"], results.json["date"])
    found = report.data([*runs, Run("2x2", "changed", "weft", 1, 0.5, 0.4, 1024, 24, 4)], ["weft"], told)
    assert [row["wall"] for row in found["table"] if row["case"] == "changed"] == [0.5]
    text = report.markdown(found)
    assert text.count("Measured by itself, with weft later, 2030-01-01.") == 1
    assert "Measured by itself" in text.partition("### 2x2, changed")[2].partition("###")[0]


def test_the_picture_has_a_bar_for_each_row(results: Results) -> None:
    root = xml.etree.ElementTree.fromstring((results.folder / "latest.svg").read_text())
    assert len(root.findall("{http://www.w3.org/2000/svg}rect")) == len(results.json["table"])


def test_the_table_is_printed_and_nothing_is_left_behind(results: Results) -> None:
    assert results.out
    assert results.out in (results.folder / "latest.md").read_text()
    assert results.left == []


@pytest.mark.parametrize(
    ("wall", "peak", "met"),
    [
        ({"weft": 1.0, "kapitan": 12.0, "honest": 0.5}, 399.0, True),
        ({"weft": 1.0, "kapitan": 11.9, "honest": 0.49}, 400.0, False),
    ],
)
def test_a_goal_is_met_at_its_bound_and_missed_beyond(wall: dict[str, float], peak: float, met: bool) -> None:
    rows = {
        ("200x5", "cold", name): {"wall": value, "peak": 50.0, "units": 1000.0}
        for name, value in wall.items()
    }
    rows["1000x50", "growth", "weft"] = {"wall": 50.0, "peak": peak, "units": 50000.0}
    found = {goal["peer"]: goal["met"] for goal in plan.judged(rows) if goal["met"] is not None}
    assert found == {"kapitan": met, "honest": met, "MiB of the largest process": met}


def test_a_peer_that_makes_too_little_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = replace(PEERS["bare"], command=lambda: [sys.executable, "-c", "pass"])
    failing = replace(PEERS["honest"], command=lambda: [sys.executable, "-c", "raise SystemExit('no')"])
    monkeypatch.setitem(PEERS, "bare", idle)
    monkeypatch.setitem(PEERS, "honest", failing)
    runs = Bench(tmp_path, Step("cold", Size(1, 1), {"bare": 1, "honest": 1})).run()
    assert [run.error for run in runs] == ["0 objects where there should be 6", "exit code 1: no"]
    assert [row["ratio"] for row in report.table(runs)] == [None, None]
    assert all("wall" not in row for row in report.table(runs))


def test_a_slow_peer_builds_a_part_and_its_time_is_scaled_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEERS, "helm", replace(PEERS["helm"], sampled=True))
    monkeypatch.setitem(MOST_UNITS, "3x2", 2)
    (run,) = Bench(tmp_path, Step("cold", Size(3, 2), {"helm": 1})).run()
    assert (run.units_run, run.objects, run.error) == (2, 2 * OBJECTS, "")
    assert {path.parent.name for path in (tmp_path / "helm" / "out").rglob("*.yaml")} == {"e01", "e02"}
    cost = json.loads((tmp_path / "cost.json").read_text())
    assert (run.wall, run.cpu) == (3 * cost["wall"], 3 * cost["cpu"])
    (row,) = report.table([run])
    assert (row["units_run"], row["units"]) == (2, 6)


def test_the_page_holds_the_stored_results() -> None:
    page = PAGE.read_text()
    stored = RESULTS / "latest.json"
    text = report.markdown(json.loads(stored.read_text())) if stored.exists() else ""
    assert (with_results(page, text) == page) if text else ("no whole run yet" in page)
