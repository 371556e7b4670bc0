"""The two rules of merging against small oracles written from the design alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.formats import ByKey, Merge
from generator.resolve.merge import FabrikateMerge, WeftMerge

KEYS = st.sampled_from("abc")
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["", "x", "y"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=10,
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=3)
RULES = st.sampled_from(["replace", "append", "prepend"])


class Conflict(Exception):
    """A map met something that is no map."""


def conflict(path: tuple[str, ...], base: Any, other: Any) -> Any:
    raise Conflict(".".join(path))


def weft_rule(weaker: dict[str, Any], stronger: dict[str, Any], lists: str, nulls: bool) -> dict[str, Any]:
    """The design's words: maps merge by key, lists and scalars replace, null removes or stays null."""
    merged = dict(weaker)
    for key, value in stronger.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
            if nulls:
                merged[key] = None
        elif below is None:
            merged[key] = weft_rule({}, value, lists, nulls) if isinstance(value, dict) else value
        elif isinstance(value, dict) != isinstance(below, dict):
            raise Conflict(key)
        elif isinstance(value, dict):
            merged[key] = weft_rule(below, value, lists, nulls)
        elif isinstance(value, list) and isinstance(below, list):
            merged[key] = {"replace": value, "append": below + value, "prepend": value + below}[lists]
        else:
            merged[key] = value
    return merged


def fabrikate_rule(collected: Any, read: Any) -> Any:
    """The table of scenarios.md A, row by row."""
    if collected is None:
        return read
    if read is None:
        return collected
    if isinstance(collected, dict):
        if not isinstance(read, dict):
            raise Conflict
        merged = dict(collected)
        for key, value in read.items():
            if value is not None:
                merged[key] = fabrikate_rule(merged.get(key), value)
        return merged
    if isinstance(collected, list):
        if not isinstance(read, list):
            raise Conflict
        return collected + read
    return collected


def outcome(merge: Any, *arguments: Any) -> Any:
    try:
        return merge(*arguments)
    except Conflict:
        return Conflict


@given(MAPS, st.lists(MAPS, min_size=1, max_size=3), RULES, st.booleans())
def test_weft_merges_as_the_design_says(
    chart: dict[str, Any], layers: list[dict[str, Any]], lists: Any, nulls: bool
) -> None:
    def merged(base: Any, over: Any) -> Any:
        for layer in layers:
            base = over(base, layer)
        return base

    before = copy.deepcopy(layers)
    merge = WeftMerge(Merge(lists=lists), conflict, keep_nulls=nulls)
    found = outcome(merged, copy.deepcopy(chart), merge.over)
    assert found == outcome(merged, chart, lambda base, layer: weft_rule(base, layer, lists, nulls))
    assert layers == before


@given(st.lists(MAPS, min_size=1, max_size=4))
def test_fabrikate_merges_as_its_table_says(layers: list[dict[str, Any]]) -> None:
    def merged(under: Any) -> Any:
        collected: Any = {}
        for layer in layers:
            collected = under(collected, layer)
        return collected

    before = copy.deepcopy(layers)
    found = outcome(merged, FabrikateMerge(conflict).under)
    assert found == outcome(merged, fabrikate_rule)
    assert layers == before


ITEMS = st.lists(
    st.one_of(st.sampled_from(["x", 1]), st.fixed_dictionaries({"name": KEYS, "v": st.integers(0, 3)})),
    max_size=4,
    unique_by=lambda item: item["name"] if isinstance(item, dict) else object(),
)


@given(ITEMS, ITEMS)
def test_items_with_one_key_are_one_item(weaker: list[Any], stronger: list[Any]) -> None:
    merge = WeftMerge(Merge(paths={"l": ByKey(by="name")}), conflict, keep_nulls=False)
    merged = merge.over({"l": copy.deepcopy(weaker)}, {"l": stronger})["l"]

    def named(items: list[Any]) -> dict[str, Any]:
        return {item["name"]: item for item in items if isinstance(item, dict)}

    assert named(merged) == {**named(weaker), **named(stronger)}
    # Who was there keeps its place; who is new comes behind, as it stands in the stronger list.
    assert list(named(merged)) == list({**named(weaker), **named(stronger)})
    assert [item for item in merged if not isinstance(item, dict)] == [
        item for item in (*weaker, *stronger) if not isinstance(item, dict)
    ]


@pytest.mark.parametrize(
    ("collected", "read", "expected"),
    [
        ("", "x", ""),
        (0, "x", 0),
        (False, "x", False),
        ("a", {"b": 1}, "a"),
        ("a", [1], "a"),
        ({"a": 1}, 1, Conflict),
        ({"a": 1}, [1], Conflict),
        ([1], {"a": 1}, Conflict),
        ([1], 1, Conflict),
        ([1], [1], [1, 1]),
        ({"a": 1}, {"b": None}, {"a": 1}),
        (None, {"b": None}, {"b": None}),
    ],
)
def test_each_row_of_the_table(collected: Any, read: Any, expected: Any) -> None:
    merge = FabrikateMerge(conflict)
    found = outcome(lambda: merge.under({"k": collected}, {"k": read}))
    assert found == (expected if expected is Conflict else {"k": expected})
