"""What weft says of Kubernetes objects, beside what the package kubernetes-validate says of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.schema.kubernetes import Schemas
from tests.schema.edited import BROKEN, GONE, WORKING, Edit

VERSION = "1.31"


class Loader(yaml.CSafeLoader):
    """YAML as JSON: a time is text."""


Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read() -> dict[str, Any]:
    found = {}
    for path in sorted((Path(__file__).parent / "corpus").glob("*.yaml")):
        for item in yaml.load_all(path.read_text(), Loader=Loader):
            metadata = item.get("metadata", {})
            name = f"{item['kind']}/{metadata.get('name', metadata.get('generateName', ''))}"
            found[f"{item['apiVersion']}:{name}" if name in found else name] = item
    return found


CORPUS = read()
SCHEMAS = Schemas(VERSION)


def refused(data: Any) -> list[str]:
    return [problem.message for problem in SCHEMAS.check(data)]


def refused_by_the_package(data: Any) -> bool:
    try:
        kubernetes_validate.validate(data, VERSION, strict=True)
    except kubernetes_validate.ValidationError:
        return True
    return False


def edited(edit: Edit) -> Any:
    data = copy.deepcopy(CORPUS[edit.of])
    *steps, last = [int(step) if step.isdigit() else step for step in edit.path.split(".")]
    place = data
    for step in steps:
        place = place[step]
    if edit.to is GONE:
        del place[last]
    else:
        place[last] = edit.to
    return data


def named(edit: Edit) -> str:
    return f"{edit.of}:{edit.path}"


def test_the_corpus_is_large_and_half_of_it_is_broken() -> None:
    working = len(CORPUS) + len(WORKING)
    assert working + len(BROKEN) >= 150
    assert 0.4 <= working / (working + len(BROKEN)) <= 0.6


@pytest.mark.parametrize("name", CORPUS)
def test_both_take_an_object(name: str) -> None:
    before = copy.deepcopy(CORPUS[name])
    assert refused(CORPUS[name]) == []
    assert not refused_by_the_package(CORPUS[name])
    assert CORPUS[name] == before


@pytest.mark.parametrize("edit", BROKEN, ids=named)
def test_both_refuse_a_broken_object(edit: Edit) -> None:
    data = edited(edit)
    assert len(refused(data)) == 1
    assert refused_by_the_package(data) is (not edit.differs), edit.differs


@pytest.mark.parametrize("edit", WORKING, ids=named)
def test_both_take_an_edited_object(edit: Edit) -> None:
    data = edited(edit)
    assert refused(data) == []
    assert refused_by_the_package(data) is bool(edit.differs), edit.differs


def maps(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all maps whose fields a schema names."""
    if isinstance(data, dict):
        yield path
        for key, item in data.items():
            yield from maps(item, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from maps(item, (*path, index))


# Maps whose keys are the user's. In the schema of a definition, where there may be a list or true and false
# instead of a map, the server takes anything too.
FREE = {
    *("labels", "annotations", "data", "binaryData", "stringData", "matchLabels", "nodeSelector", "selector"),
    *("limits", "requests", "parameters", "capacity", "hard", "default", "defaultRequest", "podFixed"),
    *("volumeAttributes", "properties", "additionalProperties", "items", "status"),
}


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_is_no_crash(draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(sorted(CORPUS)))
    path = draw.draw(st.sampled_from([path for path in maps(CORPUS[name]) if path] or [("metadata",)]))
    data = copy.deepcopy(CORPUS[name])
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = draw.draw(ODD)
    before = copy.deepcopy(data)
    SCHEMAS.check(data)
    Schemas(crds=[data]).check({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}})
    assert data == before


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_an_unknown_field_anywhere_is_named_by_its_path(draw: st.DataObject) -> None:
    name = draw.draw(st.sampled_from(sorted(CORPUS)))
    places = [path for path in maps(CORPUS[name]) if not path or path[-1] not in FREE]
    path = draw.draw(st.sampled_from(places))
    data = copy.deepcopy(CORPUS[name])
    place = data
    for step in path:
        place = place[step]
    place["noSuchField"] = draw.draw(st.sampled_from([1, "text", [], {}, True]))
    found = SCHEMAS.check(data)
    assert [problem.path for problem in found] == [(*path, "noSuchField")]
    assert "noSuchField" in found[0].message
