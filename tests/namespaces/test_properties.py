"""Renaming over every kind of the table: references lead where they led, and renaming back undoes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import yamlio
from generator.model.definition import Component, Environment
from generator.model.document import Position
from generator.model.manifest import Manifest, Scopes
from generator.model.namespaces import ANNOTATION, Mapped, Namespaces
from generator.model.references import references
from generator.model.unit import Unit
from generator.overlay import namespaces
from generator.validate import View, validate
from tests.references.objects import objects

PLACE = Position("component.yaml", 1)
COMPONENT = Component("app", ("app",), "static", "app", None, PLACE)
# Names of namespaces in the generated objects, which are also names of other things there.
TABLES = st.sampled_from(
    [{"shop": "shop-west"}, {"a": "b"}, {"shop": "edge", "a": "a-west"}, {"infra": "x"}, {"none": "some"}]
)
some = settings(max_examples=120, deadline=None)


@st.composite
def environments(draw: st.DrawFn) -> Sequence[Manifest]:
    """Objects of any kinds, Namespaces and Services that they may name among them, each with its own name."""
    found: list[dict[str, Any]] = draw(st.lists(objects(), min_size=1, max_size=5))
    spaces = draw(st.sets(st.sampled_from(["shop", "infra", "a"])))
    services = draw(
        st.sets(st.tuples(st.sampled_from(["web", "a"]), st.sampled_from(["shop", "infra", "a"])))
    )
    found += [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one}} for one in sorted(spaces)]
    found += [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": space}}
        for name, space in sorted(services)
    ]
    for index, data in enumerate(found):
        if data["metadata"]["name"] == "me":
            data["metadata"]["name"] = f"me-{index}"
    return [Manifest(data, PLACE, "app", index) for index, data in enumerate(found)]


def renamed(found: Sequence[Manifest], table: Mapping[str, str]) -> Sequence[Manifest]:
    """The objects in an environment with these names; it never touches what it is given."""
    spaces = Namespaces({old: Mapped(old, new, PLACE, "app") for old, new in table.items()})
    unit = Unit(COMPONENT, Environment("west"), {}, namespaces=spaces)
    before = copy.deepcopy([item.data for item in found])
    laid, _, errors = namespaces.mapped([unit], {unit.path: found}, Scopes(found), ())
    assert not errors
    assert [item.data for item in found] == before
    return [_without_mark(item) for item in laid[unit.path]]


def _without_mark(item: Manifest) -> Manifest:
    if item.kind != "Namespace":
        return item
    metadata = {key: value for key, value in item.metadata.items() if key != "annotations"}
    annotations = {k: v for k, v in item.metadata.get("annotations", {}).items() if k != ANNOTATION}
    return item.with_data(
        {**item.data, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}
    )


def text(found: Sequence[Manifest]) -> str:
    return str(yamlio.emit_all(item.data for item in found))


@some
@given(environments(), TABLES)
def test_renaming_and_renaming_back_gives_the_same_bytes(
    found: Sequence[Manifest], table: Mapping[str, str]
) -> None:
    there = renamed(found, table)
    assert text(renamed(there, {new: old for old, new in table.items()})) == text(found)


@some
@given(environments(), TABLES)
def test_validation_finds_the_same_before_and_after(
    found: Sequence[Manifest], table: Mapping[str, str]
) -> None:
    def told(items: Sequence[Manifest]) -> list[tuple[Any, ...]]:
        view = View("west", {"app/app.yaml": items}, Scopes(items))
        return sorted((one.index, one.code, one.field, one.severity) for one in validate(view))

    assert told(renamed(found, table)) == told(found)


@some
@given(environments(), TABLES)
def test_every_reference_leads_to_the_object_that_it_led_to(
    found: Sequence[Manifest], table: Mapping[str, str]
) -> None:
    there = renamed(found, table)

    def led(items: Sequence[Manifest]) -> list[tuple[Any, ...]]:
        identities: dict[tuple[str, ...], int] = {}
        for index, item in enumerate(items):
            identities.setdefault(tuple(item.identity), index)
        return [
            (
                index,
                one.path,
                identities.get((one.group, one.kind, one.namespace or "", one.name)),
            )
            for index, item in enumerate(items)
            for one in references(item.data)
            if one.name
        ]

    assert led(there) == led(found)


@some
@given(environments(), TABLES)
def test_no_reference_is_left_that_surely_names_the_old_namespace(
    found: Sequence[Manifest], table: Mapping[str, str]
) -> None:
    for item in renamed(found, table):
        assert item.namespace not in table
        for one in references(item.data):
            named = one.name if (one.group, one.kind) == ("", "Namespace") else one.namespace
            assert named not in table or not one.certain
