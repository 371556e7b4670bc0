"""What is measured at which size, by whom and how often; and what weft must reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bench import Step
from benchmarks.workload import Size

_IN_LINE = ("weft", "weft-fills", "kapitan", "kapitan-rs", "kcl", "bare", "honest")
_PER_UNIT = ("helm", "helm-2", "kustomize", "kustomize-2", "kubectl-2")
_AGAIN = ("weft", "kapitan", "kapitan-rs", "kcl")

CASES = {
    "cold": "everything rendered, no output and no cache there",
    "unchanged": "the same again, nothing changed",
    "changed": "the same again, one service's values changed",
    "kustomize": "kustomize overlays, one a unit",
    "validation": "weft with validation and without, everything rendered",
    "helm": "Helm charts whose values do not differ by cluster",
    "growth": "weft alone, everything rendered",
    "publish": "weft publish, nothing changed, against hashing the output",
}


def _each(names: Sequence[str], rounds: int) -> dict[str, int]:
    return dict.fromkeys(names, rounds)


def full() -> list[Step]:
    """The whole benchmark."""
    small, middle, wide = Size(50, 4), Size(200, 5), Size(200, 12)
    # What has a goal comes first, in case the machine is wanted back.
    return [
        Step("cold", small, _each((*_IN_LINE, *_PER_UNIT), 5)),
        Step("cold", middle, {**_each(_IN_LINE, 3), **_each(_PER_UNIT, 1)}),
        Step("unchanged", middle, _each(_AGAIN, 3)),
        Step("changed", middle, _each(_AGAIN, 3)),
        Step("kustomize", middle, _each(("weft-overlays", "kustomize", "kustomize-2"), 1)),
        Step("helm", wide, _each(("weft-charts", "charts", "charts-2"), 1)),
        Step("growth", middle, {"weft": 3}),
        Step("growth", Size(1000, 50), {"weft": 1}),
        Step("publish", Size(1000, 20), {"weft": 3, "hash": 3}),
        Step("validation", middle, _each(("weft", "weft-unvalidated"), 5)),
        Step("growth", wide, {"weft": 3}),
        Step("growth", Size(1000, 20), {"weft": 1}),
        Step("unchanged", small, _each(_AGAIN, 5)),
        Step("changed", small, _each(_AGAIN, 5)),
    ]


def quick() -> list[Step]:
    """The smallest size alone, in under two minutes."""
    small = Size(50, 4)
    cold = {"weft": 3, "weft-fills": 1, "kapitan": 1, "kcl": 3, "bare": 3, "honest": 3, "helm-2": 1}
    return [
        Step("cold", small, cold),
        Step("unchanged", small, {"weft": 3, "kapitan": 1}),
        Step("changed", small, {"weft": 3, "kapitan": 1}),
    ]


def chosen(
    steps: Sequence[Step], only: Sequence[str], sizes: Sequence[Size], rounds: int | None
) -> list[Step]:
    """The steps of the cases `only`, at `sizes` in place of their own; each measured `rounds` times."""
    found = [step for step in steps if not only or step.case in only]
    if sizes:
        # A case's first step stands for all its sizes.
        cases = {step.case: step for step in reversed(found)}
        found = [Step(case, size, cases[case].rounds) for case in CASES if case in cases for size in sizes]
    if rounds:
        found = [Step(step.case, step.size, dict.fromkeys(step.rounds, rounds)) for step in found]
    return found


@dataclass(frozen=True)
class Goal:
    """One row of what weft must reach.

    `faster`: how many times weft is faster than the peer; `slower`: how many times it takes the peer's time;
    `per unit`: its time per unit at this size over that at 200x5; `MiB`: peak memory of a process.
    """

    workload: str
    case: str
    ours: str
    peer: str
    kind: str
    bound: float

    @property
    def against(self) -> str:
        """What the ratio is against: a peer's name, or in words what weft's own figure is held to."""
        return {"per unit": "weft at 200x5", "MiB": "MiB of the largest process"}.get(self.kind, self.peer)

    @property
    def text(self) -> str:
        """The goal in words."""
        return {
            "faster": f"at least {self.bound:g} times faster",
            "slower": f"at most {self.bound:g} times its time",
            "below": f"under {self.bound:g} times its time",
            "per unit": "no more time per unit than at 200x5",
            "MiB": f"under {self.bound:g} MiB in any process",
        }[self.kind]

    def met(self, ratio: float) -> bool:
        """Whether `ratio` reaches the goal."""
        if self.kind == "faster":
            return ratio >= self.bound
        return ratio < self.bound if self.kind in ("below", "MiB") else ratio <= self.bound


# Where helm and kustomize may run two at once, they do: that is the harder comparison.
GOALS = (
    Goal("200x5", "cold", "weft", "kapitan", "faster", 12),
    Goal("200x5", "cold", "weft", "honest", "slower", 2),
    Goal("50x4", "cold", "weft", "kcl", "slower", 1),
    Goal("200x5", "unchanged", "weft", "kapitan", "faster", 100),
    Goal("200x5", "changed", "weft", "kapitan", "faster", 50),
    Goal("200x5", "kustomize", "weft-overlays", "kustomize-2", "faster", 5),
    Goal("200x12", "helm", "weft-charts", "charts-2", "faster", 8),
    Goal("1000x50", "growth", "weft", "weft", "per unit", 1),
    Goal("1000x50", "growth", "weft", "weft", "MiB", 400),
    Goal("1000x20", "publish", "weft", "hash", "below", 3),
)

BASE_OF_GROWTH = ("200x5", "growth", "weft")


def judged(rows: Mapping[tuple[str, str, str], Mapping[str, float]]) -> list[dict[str, object]]:
    """Every goal with its ratio; `ratio` and `met` are null where this run did not measure it.

    `rows` has wall (seconds), peak (MiB) and units by workload, case and peer.
    """
    found: list[dict[str, object]] = []
    for goal in GOALS:
        ratio = _ratio(goal, rows)
        found.append(
            {
                "workload": goal.workload,
                "case": goal.case,
                "peer": goal.against,
                "ratio": None if ratio is None else round(ratio, 3),
                "goal": goal.text,
                "met": None if ratio is None else goal.met(ratio),
            }
        )
    return found


def _ratio(goal: Goal, rows: Mapping[tuple[str, str, str], Mapping[str, float]]) -> float | None:
    ours = rows.get((goal.workload, goal.case, goal.ours))
    if goal.kind == "MiB":
        return ours["peak"] if ours else None
    theirs = rows.get(BASE_OF_GROWTH if goal.kind == "per unit" else (goal.workload, goal.case, goal.peer))
    if not ours or not theirs:
        return None
    if goal.kind == "faster":
        return theirs["wall"] / ours["wall"]
    if goal.kind == "per unit":
        return (ours["wall"] / ours["units"]) / (theirs["wall"] / theirs["units"])
    return ours["wall"] / theirs["wall"]
