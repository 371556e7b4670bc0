"""The laws of JSON merge, JSON 6902 and strategic merge, over generated objects."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.overlay.patches import json6902, jsonmerge, strategic

NAMES = st.sampled_from(["a", "b", "c/d", "e~f", "name", ""])
SCALARS = st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from(["", "x", "y"]))
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(NAMES, VALUES, max_size=4)
# A patch: null removes.
PATCHES = st.dictionaries(
    NAMES,
    st.recursive(
        st.none() | SCALARS | st.lists(VALUES, max_size=2),
        lambda below: st.dictionaries(NAMES, below, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def _difference(before: Any, after: Any) -> Any:
    """The JSON merge patch that makes `after` of `before`."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return after
    gone = dict.fromkeys(before.keys() - after.keys())
    changed = {
        key: _difference(before.get(key), value)
        for key, value in after.items()
        if key not in before or _differ(before[key], value)
    }
    return {**gone, **changed}


def _differ(one: Any, other: Any) -> bool:
    # To Python, True is 1.
    return repr(one) != repr(other)


@given(MAPS, PATCHES)
def test_a_json_merge_patch_laid_twice_is_laid_once(data: Any, patch: Any) -> None:
    before = copy.deepcopy((data, patch))
    once = jsonmerge.merged(data, patch)
    assert jsonmerge.merged(once, patch) == once
    assert (data, patch) == before


@given(MAPS)
def test_an_empty_json_merge_patch_changes_nothing(data: Any) -> None:
    assert jsonmerge.merged(data, {}) == data


@given(MAPS, MAPS)
def test_the_difference_of_two_objects_makes_one_of_the_other(before: Any, after: Any) -> None:
    assert jsonmerge.merged(before, _difference(before, after)) == after


def test_the_examples_of_rfc_7386() -> None:
    examples: list[tuple[Any, Any, Any]] = [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ]
    for target, patch, result in examples:
        assert jsonmerge.merged(target, patch) == result


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


@given(MAPS, st.sampled_from(["new", "n/w", "n~w", "~1", "n~0/w"]), VALUES)
def test_what_is_added_and_removed_is_gone(data: Any, key: str, value: Any) -> None:
    before = copy.deepcopy(data)
    path = _pointer(key)
    added = json6902.patched(data, [{"op": "add", "path": path, "value": value}])
    assert added == {**data, key: value}
    assert json6902.patched(added, [{"op": "test", "path": path, "value": value}]) == added
    assert json6902.patched(added, [{"op": "remove", "path": path}]) == data == before


@given(st.lists(SCALARS, max_size=4), SCALARS, st.data())
def test_items_are_added_before_the_one_at_an_index(items: list[Any], value: Any, data: Any) -> None:
    index = data.draw(st.integers(0, len(items)))
    step = "-" if index == len(items) and data.draw(st.booleans()) else str(index)
    added = json6902.patched({"l": items}, [{"op": "add", "path": f"/l/{step}", "value": value}])
    assert added == {"l": [*items[:index], value, *items[index:]]}
    assert json6902.patched(added, [{"op": "remove", "path": f"/l/{index}"}]) == {"l": items}


@given(MAPS, st.sampled_from(["new", "n/w"]), VALUES)
def test_a_moved_value_is_that_which_was_there(data: Any, key: str, value: Any) -> None:
    data = {**data, "from": value}
    moved = json6902.patched(data, [{"op": "move", "from": "/from", "path": _pointer(key)}])
    copied = json6902.patched(data, [{"op": "copy", "from": "/from", "path": _pointer(key)}])
    assert copied == {**data, key: value}
    assert moved == {name: item for name, item in copied.items() if name != "from"}


def test_what_one_operation_puts_in_the_next_may_change_without_changing_the_patch() -> None:
    operations = [
        {"op": "add", "path": "/a", "value": {"b": []}},
        {"op": "add", "path": "/a/b/-", "value": 1},
    ]
    for _ in range(2):
        assert json6902.patched({}, operations) == {"a": {"b": [1]}}


# Of a kind that has no merge keys: strategic merge is JSON merge, except that types may not change.
CUSTOM = {"apiVersion": "example.com/v1", "kind": "Widget"}
FLAT = st.dictionaries(NAMES, st.none() | SCALARS | st.lists(SCALARS, max_size=2), max_size=4)


@given(st.dictionaries(NAMES, SCALARS, max_size=4), st.dictionaries(NAMES, st.none() | SCALARS, max_size=4))
def test_maps_of_custom_resources_merge_as_json(data: Any, patch: Any) -> None:
    data, patch = {**CUSTOM, "spec": {"m": data}}, {"spec": {"m": patch}}
    before = copy.deepcopy((data, patch))
    once = strategic.merged(data, patch)
    assert once == jsonmerge.merged(data, patch)
    assert strategic.merged(once, patch) == once
    assert (data, patch) == before


ENV = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("ABCD")}, optional={"value": st.sampled_from(["1", "2"])}),
    max_size=4,
    unique_by=lambda item: item["name"],
)


def _deployment(env: Any) -> Any:
    containers = [{"name": "app", "env": env}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


@given(ENV, ENV)
def test_items_by_name_are_those_of_both_with_the_words_of_the_patch(base: Any, patch: Any) -> None:
    merged = strategic.merged(_deployment(base), _deployment(patch))
    env = merged["spec"]["template"]["spec"]["containers"][0]["env"]
    named = {item["name"]: item for item in base}
    ours = [item["name"] for item in patch]
    # First those of the patch, then the others, each in its order.
    assert [item["name"] for item in env] == [*ours, *(name for name in named if name not in ours)]
    for item in env:
        of_patch = next((given for given in patch if given["name"] == item["name"]), {})
        assert item == {**named.get(item["name"], {}), **of_patch}
    assert strategic.merged(merged, _deployment(patch)) == merged
