"""Placement as pure functions: the environments that one chooses, and replicas divided among them."""

from __future__ import annotations

import bisect
import functools
import hashlib
import heapq
import math
from collections.abc import Iterable, Mapping, Sequence

from generator.model import selector
from generator.model.formats import Placement, Replicas
from generator.model.selector import Labels


class Matcher:
    """Finds the environments of placements; equal selectors are evaluated once.

    `labels` has those of every environment, in order; None where they are not known.
    """

    def __init__(self, labels: Mapping[str, Labels | None]) -> None:
        self._labels = labels
        self._selected: dict[Sequence[str], frozenset[str]] = {}
        self.evaluated = 0

    def members(self, placement: Placement) -> frozenset[str]:
        """The environments that `placement` chooses; raises UsageError for a text that is no selector."""
        names = set(placement.environments or ())
        if placement.selector is not None or placement.environments is None:
            names |= self._matching(tuple(selector.texts(placement.selector)))
        if placement.pods in ("remote", "local") and placement.origin is not None:
            names.add(placement.origin)
        return frozenset(names.difference(placement.exclude or ()).intersection(self._labels))

    def unknown(self, placement: Placement) -> Sequence[str]:
        """The environments of which nobody can say whether `placement` chooses them."""
        if placement.selector is None or _everything(selector.texts(placement.selector)):
            return ()
        said = {*(placement.environments or ()), *(placement.exclude or ())}
        return [name for name, labels in self._labels.items() if labels is None and name not in said]

    def _matching(self, texts: Sequence[str]) -> frozenset[str]:
        if _everything(texts):
            return frozenset(self._labels)
        if texts not in self._selected:
            wanted = selector.parse(texts)
            self.evaluated += len(self._labels)
            self._selected[texts] = frozenset(
                name for name, labels in self._labels.items() if labels is not None and wanted.matches(labels)
            )
        return self._selected[texts]


def _everything(texts: Sequence[str]) -> bool:
    return not texts or not all(text.strip() for text in texts)


def ordered(names: Iterable[str], salt: str) -> Sequence[str]:
    """The names in an order that is stable, no name's place depending on the others, one for each `salt`."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{salt}\0{name}".encode()).digest())


def shares(rule: Replicas, names: Sequence[str]) -> Mapping[str, int] | None:
    """The replicas of each of `names` by a rule with `split`; None where they cannot be divided so.

    Who stands earlier in `names` carries more of the remainder. When a name joins, anywhere, no other
    name's share rises: neither with weights, since shares follow a divisor method. (Where `maxSkew` bends
    what `weights` ask for, this is not promised.)
    """
    total = rule.split or 0
    if not names:
        return {}
    if rule.weights is None and rule.min is None and rule.max is None:
        each, rest = divmod(total, len(names))
        return {name: each + (place < rest) for place, name in enumerate(names)}
    weights = [(rule.weights or {}).get(name, 1) for name in names]
    low, high = rule.min or 0, total if rule.max is None else rule.max
    bounds = [(low, high if weight else low) for weight in weights]
    found = _divided(total, weights, bounds)
    if found is not None and rule.max_skew is not None and max(found) - min(found) > rule.max_skew:
        found = _even(total, weights, bounds, rule.max_skew)
    return dict(zip(names, found, strict=True)) if found is not None else None


def _even(
    total: int, weights: Sequence[int], bounds: Sequence[tuple[int, int]], skew: int
) -> Sequence[int] | None:
    """Of the divisions whose shares differ by `skew` at most, the one nearest the weights."""
    # Whole numbers, since fractions cost the start of every run their import.
    scale = math.lcm(*(weight for weight in weights if weight))
    factors = [scale // weight if weight else 0 for weight in weights]

    def enough(floor: int) -> bool:
        most = sum(min(high, floor + skew) for _, high in bounds)
        return floor + skew >= max(low for low, _ in bounds) and most >= total

    def too_much(floor: int) -> bool:
        return floor > min(high for _, high in bounds) or sum(max(low, floor) for low, _ in bounds) > total

    @functools.cache
    def divided(floor: int) -> Sequence[int] | None:
        within = [(max(low, floor), min(high, floor + skew)) for low, high in bounds]
        return _divided(total, weights, within)

    def distance(floor: int) -> int:
        return sum(share**2 * factor for share, factor in zip(divided(floor) or (), factors, strict=True))

    floors = range(total // len(weights) + 1)
    first, end = bisect.bisect_left(floors, True, key=enough), bisect.bisect_left(floors, True, key=too_much)
    # The distance falls to its least and rises from there, as a convex function does.
    rising = range(first, end - 1)
    best = bisect.bisect_left(rising, True, key=lambda floor: distance(floor + 1) > distance(floor)) + first
    return divided(best) if first < end else None


def _divided(total: int, weights: Sequence[int], bounds: Sequence[tuple[int, int]]) -> Sequence[int] | None:
    """Sainte-Laguë within bounds: the next replica goes where weight / (2 x share + 1) is greatest."""
    given = [low for low, _ in bounds]
    if any(low > high for low, high in bounds) or not sum(given) <= total <= sum(high for _, high in bounds):
        return None
    queue = [
        ((2 * share + 1) / weight, place)
        for place, (share, weight, (low, high)) in enumerate(zip(given, weights, bounds, strict=True))
        if low < high and weight
    ]
    heapq.heapify(queue)
    for _ in range(total - sum(given)):
        _, place = queue[0]
        given[place] += 1
        if given[place] < bounds[place][1]:
            heapq.heapreplace(queue, ((2 * given[place] + 1) / weights[place], place))
        else:
            heapq.heappop(queue)
    return given
