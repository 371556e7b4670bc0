"""What weft writes as YAML or as JSON is read the same by YAML 1.1, 1.2, helm and weft."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from generator import yamlio
from tests.yamlio import readers
from tests.yamlio.values import OBJECTS, SCALARS, longest_key, nested, same

READER = pytest.mark.parametrize("reader", readers.READERS.values(), ids=readers.READERS)


@READER
def test_every_hard_text_as_value_and_key(reader: Callable[[str], Any]) -> None:
    for key, value in nested().items():
        assert same(reader(yamlio.emit(value)), value), key


@READER
@pytest.mark.parametrize("text", SCALARS)
def test_hard_text_as_a_whole_document(reader: Callable[[str], Any], text: str) -> None:
    assert reader(yamlio.emit(text)) == text
    assert reader(yamlio.to_json(text)) == text


@READER
@given(value=OBJECTS)
def test_any_object(reader: Callable[[str], Any], value: Any) -> None:
    assert same(reader(yamlio.emit(value)), value)


@READER
@given(value=OBJECTS)
def test_any_object_as_json(reader: Callable[[str], Any], value: Any) -> None:
    assume(longest_key(value) <= 1000)
    text = yamlio.to_json(value)
    assert "\n" not in text
    assert same(json.loads(text), value)
    assert same(reader(text), value)
    assert same(reader(f"a:\n  b: {text}\n"), {"a": {"b": value}})


def test_helm_reads_hard_texts(tmp_path: Path) -> None:
    value = nested()
    assert same(readers.helm(yamlio.emit(value), tmp_path), value)
    short = {"all": list(SCALARS), "keys": {text: text for text in SCALARS if len(text) < 900}}
    # A key of quotes is twice as long when it is written.
    short["keys"].pop('"' * 600)
    assert same(readers.helm(yamlio.to_json(short), tmp_path), short)


def test_helm_reads_any_object(tmp_path: Path) -> None:
    values: list[Any] = []

    @settings(max_examples=300, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(OBJECTS)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    read = readers.helm(yamlio.emit({"all": values}), tmp_path)["all"]
    assert len(read) == len(values)
    for found, value in zip(read, values, strict=True):
        assert same(found, value), yamlio.emit(value)


@given(value=OBJECTS)
def test_written_twice_is_the_same(value: Any) -> None:
    text = yamlio.emit(value)
    assert yamlio.emit(readers.own(text)) == text


def test_many_documents() -> None:
    values = [{"a": 1}, ["b"], "c\nd", {}, 1.5]
    text = yamlio.emit_all(values)
    assert text == "---\na: 1\n---\n- b\n---\n|-\n  c\n  d\n---\n{}\n---\n1.5\n"
    assert [document.value for document in yamlio.read(text, "f")] == values
