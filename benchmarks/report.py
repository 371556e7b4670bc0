"""The figures of a run as data, and as a table in Markdown and on the terminal."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bench import Run, as_json
from benchmarks.peers import PEERS, ROOT, title
from benchmarks.plan import CASES, judged

# Whose time the ratios of a case are multiples of.
_OURS = {"kustomize": "weft-overlays", "helm": "weft-charts"}


def table(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """A row for each workload, case and peer: medians, ratio to weft, and what was run."""
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.workload, run.case, run.peer), []).append(run)
    rows = []
    for (workload, case, peer), found in groups.items():
        good = [run for run in found if not run.error]
        services, environments = map(int, workload.split("x"))
        units = services * environments
        row: dict[str, Any] = {"workload": workload, "case": case, "peer": peer, "rounds": len(good)}
        if good:
            wall = median(run.wall for run in good)
            row |= {
                "wall": round(wall, 4),
                "cpu": round(median(run.cpu for run in good), 4),
                "peak_mib": round(max(run.peak for run in good) / 1024, 1),
                "ms_per_unit": round(wall / units * 1000, 4),
                "units": units,
                "units_run": good[0].units_run,
                "objects": good[0].objects,
            }
        errors = [run.error for run in found if run.error]
        rows.append(row | ({"error": errors[0]} if errors else {}))
    walls = {(row["workload"], row["case"], row["peer"]): row.get("wall") for row in rows}
    for row in rows:
        ours = walls.get((row["workload"], row["case"], _OURS.get(row["case"], "weft")))
        row["ratio"] = round(row["wall"] / ours, 3) if ours and "wall" in row else None
    return rows


def goals(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """What weft must reach, against the rows of this run."""
    return judged(
        {
            (row["workload"], row["case"], row["peer"]): {
                "wall": row["wall"],
                "peak": row["peak_mib"],
                "units": row["units"],
            }
            for row in rows
            if "wall" in row and "error" not in row
        }
    )


def missing(names: Sequence[str]) -> dict[str, str]:
    """The peers among `names` that cannot run here, and why."""
    why = {name: PEERS[name].missing() for name in names}
    return {name: reason for name, reason in why.items() if reason is not None}


def machine() -> dict[str, Any]:
    """The machine, in the words of its operating system."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "os": _system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()


def commit() -> str:
    """The commit of weft's checkout; with `+` where it has changes."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def data(
    runs: Sequence[Run],
    names: Sequence[str],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """All that goes into the JSON file; `names` are the peers that were asked for, `about` goes first."""
    rows = table(runs)
    absent = missing(names)
    return {
        **about,
        "versions": {name: PEERS[name].version() for name in names if name not in absent},
        "missing": [{"peer": name, "reason": reason} for name, reason in absent.items()],
        "goals": goals(rows),
        "table": rows,
        "runs": [as_json(run) for run in runs],
    }


def markdown(found: Mapping[str, Any]) -> str:
    """The goals and the figures of the JSON file `found` as Markdown tables."""
    lines = [_about(found), "", "### Goals", ""]
    lines += ["| workload | case | against | ratio | goal | met |", "|---|---|---|---:|---|---|"]
    for goal in found["goals"]:
        ratio = "" if goal["ratio"] is None else f"{goal['ratio']:.3g}"
        met = {True: "yes", False: "**no**", None: "not measured"}[goal["met"]]
        against = title(goal["peer"])
        lines.append(
            f"| {goal['workload']} | {goal['case']} | {against} | {ratio} | {goal['goal']} | {met} |"
        )
    steps = dict.fromkeys((row["case"], row["workload"]) for row in found["table"])
    for case, workload in steps:
        rows = [row for row in found["table"] if (row["case"], row["workload"]) == (case, workload)]
        lines += ["", f"### {workload}, {case}", "", f"{CASES.get(case, case).capitalize()}.", ""]
        for item in found.get("renewed", []):
            if (item["case"], item["workload"]) == (case, workload):
                lines += [f"Measured by itself, with weft {item['commit']}, {item['date']}.", ""]
        lines += _figures(rows)
    if "publish_in_process" in found:
        lines += ["", "### Publishing without rendering", "", *_in_process(found["publish_in_process"])]
    if found["missing"]:
        lines += ["", "### Missing", ""]
        lines += [f"- {title(item['peer'])}: {item['reason']}" for item in found["missing"]]
    return "\n".join(lines) + "\n"


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [
        "| | wall s | CPU s | peak MiB | ms a unit | times weft | runs |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(rows, key=lambda row: row.get("wall", float("inf"))):
        name = title(row["peer"])
        if "wall" not in row:
            lines.append(f"| {name} | failed: {row['error'].splitlines()[-1]} | | | | | 0 |")
            continue
        part = (
            ""
            if row["units_run"] == row["units"]
            else f" ({row['units_run']} of {row['units']} units, scaled)"
        )
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        lines.append(
            f"| {name}{part} | {row['wall']:.2f} | {row['cpu']:.2f} | {row['peak_mib']:.0f} |"
            f" {row['ms_per_unit']:.2f} | {ratio} | {row['rounds']} |"
        )
    return lines


def _in_process(found: Mapping[str, Any]) -> list[str]:
    rounds = found["rounds"]
    lines = [f"{found['files']:,} files, in one process; medians of {len(rounds)}.", ""]
    lines += ["| | wall s |", "|---|---:|"]
    names = rounds[0] if rounds else {}
    return lines + [f"| {name} | {median(item[name] for item in rounds):.3f} |" for name in names]


def _about(found: Mapping[str, Any]) -> str:
    here = found["machine"]
    return (
        f"weft {found['commit']}, {found['date']}, on {here['cores']} cores of {here['cpu']},"
        f" {here['memory_mib'] / 1024:.0f} GiB, {here['os']}, Python {here['python']}."
    )
