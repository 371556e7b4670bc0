"""How replicas are divided: sum, skew, bounds, and how few move when an environment joins or leaves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.formats import Replicas
from generator.model.placement import ordered, shares

NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,12}[a-z0-9]", fullmatch=True), unique=True, max_size=8)
SALT = st.text(max_size=8)
WEIGHT = st.integers(0, 9)


def divided(rule: Replicas, names: Sequence[str], salt: str = "") -> dict[str, int] | None:
    found = shares(rule, ordered(names, salt))
    return None if found is None else dict(found)


@pytest.mark.parametrize("total", range(1, 51))
def test_every_number_over_up_to_seven_environments(total: int) -> None:
    rule = Replicas(split=total)
    for count in range(1, 8):
        names = [f"cluster-{number}" for number in range(count)]
        before = divided(rule, names)
        assert before is not None
        assert sum(before.values()) == total
        assert max(before.values()) - min(before.values()) <= 1
        for joining in ("a", "cluster-0a", "cluster-3a", "zz"):
            joined(rule, names, joining, "", before)


@given(total=st.integers(1, 50), names=NAMES.filter(bool), salt=SALT)
def test_whoever_joins_nobody_else_gets_more(total: int, names: list[str], salt: str) -> None:
    rule = Replicas(split=total)
    for joining in names:
        others = [name for name in names if name != joining]
        before = divided(rule, others, salt)
        assert before is not None
        joined(rule, others, joining, salt, before)


def joined(rule: Replicas, names: Sequence[str], joining: str, salt: str, before: dict[str, int]) -> None:
    after = divided(rule, [*names, joining], salt)
    assert after is not None
    assert rule.split is not None
    assert all(after[name] <= before[name] for name in names)
    assert sum(after.values()) == rule.split
    moved = sum(before[name] - after[name] for name in names) if names else 0
    assert moved <= -(-rule.split // (len(names) + 1))
    assert not names or after[joining] == moved


@given(total=st.integers(1, 50), names=NAMES, salt=SALT, data=st.data())
def test_equal_inputs_give_equal_results_in_whatever_order_they_come(
    total: int, names: list[str], salt: str, data: st.DataObject
) -> None:
    rule = Replicas(split=total)
    shuffled = data.draw(st.permutations(names))
    assert divided(rule, names, salt) == divided(rule, shuffled, salt)


@given(total=st.integers(1, 60), names=NAMES.filter(bool), data=st.data())
def test_bounds_and_sum_hold_or_it_is_impossible(total: int, names: list[str], data: st.DataObject) -> None:
    weights = data.draw(st.none() | st.dictionaries(st.sampled_from(names), WEIGHT))
    low = data.draw(st.none() | st.integers(0, 9))
    high = data.draw(st.none() | st.integers(max(low or 0, 1), 20))
    skew = data.draw(st.none() | st.integers(1, 5))
    found = divided(Replicas(split=total, weights=weights, min=low, max=high, max_skew=skew), names)
    if found is None:
        idle = [name for name in names if (weights or {}).get(name, 1) == 0]
        most = (high or total) * (len(names) - len(idle)) + (low or 0) * len(idle)
        assert total < (low or 0) * len(names) or total > most or (skew is not None and idle)
        return
    assert sum(found.values()) == total
    assert all((low or 0) <= share <= (high or total) for share in found.values())
    assert skew is None or max(found.values()) - min(found.values()) <= skew
    for name in names:
        if (weights or {}).get(name, 1) == 0:
            assert found[name] == (low or 0)


@given(total=st.integers(1, 60), names=NAMES.filter(lambda names: len(names) > 1), data=st.data())
def test_with_weights_and_bounds_nobody_else_gets_more_either(
    total: int, names: list[str], data: st.DataObject
) -> None:
    weights = data.draw(st.dictionaries(st.sampled_from(names), st.integers(1, 9)))
    low, high = data.draw(st.none() | st.integers(0, 5)), data.draw(st.none() | st.integers(6, 30))
    rule = Replicas(split=total, weights=weights, min=low, max=high)
    before, after = divided(rule, names[1:]), divided(rule, names)
    if before is not None and after is not None:
        assert all(after[name] <= before[name] for name in names[1:])


@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=7), times=st.integers(1, 6))
def test_what_the_weights_divide_evenly_is_divided_so(weights: list[int], times: int) -> None:
    named = {f"cluster-{number}": weight for number, weight in enumerate(weights)}
    found = divided(Replicas(split=sum(weights) * times, weights=named), list(named))
    assert found == {name: weight * times for name, weight in named.items()}


@pytest.mark.parametrize(
    ("total", "weights", "skew", "expected"),
    [
        (10, {"b": 100}, 2, {"a": 2, "b": 4, "c": 2, "d": 2}),
        (20, {"b": 5}, 4, {"a": 6, "b": 9, "c": 5}),
        (20, {"b": 5, "d": 1}, 4, {"a": 4, "b": 8, "c": 4, "d": 4}),
        (10, {"a": 8, "b": 8, "c": 8}, 1, {"a": 3, "b": 3, "c": 2, "d": 2}),
        (100_000, {"a": 9}, 1000, {"a": 25_750, "b": 24_750, "c": 24_750, "d": 24_750}),
    ],
)
def test_weights_use_the_skew_that_they_have(
    total: int, weights: dict[str, int], skew: int, expected: dict[str, int]
) -> None:
    found = shares(Replicas(split=total, weights=weights, max_skew=skew), sorted(expected))
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(
    total=st.integers(1, 12),
    weights=st.lists(WEIGHT | st.just(100), min_size=1, max_size=4),
    skew=st.integers(1, 6),
    low=st.none() | st.integers(0, 3),
    high=st.none() | st.integers(3, 9),
)
def test_with_weights_and_skew_no_division_is_nearer_the_weights(
    total: int, weights: list[int], skew: int, low: int | None, high: int | None
) -> None:
    named = {f"cluster-{number}": weight for number, weight in enumerate(weights)}
    found = divided(Replicas(split=total, weights=named, max_skew=skew, min=low, max=high), list(named))
    known = [
        dict(zip(named, each, strict=True))
        for each in itertools.product(
            range(low or 0, (total if high is None else high) + 1), repeat=len(named)
        )
        if sum(each) == total and max(each) - min(each) <= skew
    ]
    known = [one for one in known if all(named[name] or one[name] == (low or 0) for name in named)]
    assert (found is None) == (not known)
    if found is not None:
        assert found in known
        assert distance(found, named) == min(distance(one, named) for one in known)


def distance(found: Mapping[str, int], weights: Mapping[str, int]) -> Fraction:
    """How far shares are from the weights; least where they are in proportion."""
    return sum((Fraction(found[name] ** 2, weight) for name, weight in weights.items() if weight), Fraction())


def test_single_replicas_of_many_components_do_not_heap_up() -> None:
    names = [f"cluster-{number}" for number in range(5)]
    carried = dict.fromkeys(names, 0)
    for number in range(200):
        for name, share in (divided(Replicas(split=1), names, f"service-{number}") or {}).items():
            carried[name] += share
    assert all(20 <= share <= 60 for share in carried.values())


def test_the_order_of_a_component_never_changes() -> None:
    # It decides who carries the remainder in repositories that exist: another order would move their pods.
    assert list(ordered(["rome", "milan", "cloud", "paris"], "app")) == ["paris", "milan", "rome", "cloud"]
