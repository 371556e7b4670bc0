"""What the YAML reader makes of what users write."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from generator import yamlio
from tests.yamlio import readers
from tests.yamlio.values import SCALARS, same

# Beyond the hard texts, forms of numbers and words as go-yaml knows them.
PLAIN = """y Yes on n Off tRue ~ Null 0o17 017 -017 0O17 1_000 0b11 0B11 -0b11 0b-11 0b+1 0b-1_1 -0b-11 0B-11
0x1F 0X1f -0x1F +1 -0 1__0 1_ _1 +_1 -_ + 0x 0o8 09 -09 0_9 08.5 1e3 1E3 1e+3 1e999 -1e999 1e-999 .5
.5e3 .5E-3 .5_0 .5_ .5__0 ._5 .5_e3 .5e3_0 +.5_ . .. .e3 +.5 -.5_0 1. 1.e3 1.5e 1_0.5 1.5_e3 1e5_
0x1p3 12345678901234567890123 18446744073709551615 18446744073709551616 -9223372036854775809
0xFFFFFFFFFFFFFFFFFF 0777777777777777777777777 0_b11 0_x1 0x_1 0b 0b_ 0b2 inf NaN +.NaN +inf
12:30:45 190:20:30 2020-01-01 2020-01-01T00:00:00Z = << 00 0_ 0-1 --1 +-1 1E 1e 1,000 10m 50% 1.2.3
0.0 -0.0 123e400 0e400 ٣""".split()  # noqa: SIM905


def value(text: str) -> Any:
    return yamlio.read(text, "f.yaml")[0].value


def test_plain_scalars_are_those_of_helm(tmp_path: Path) -> None:
    plain = [*PLAIN, *(text for text in SCALARS if text.isascii() and text.isalnum())]
    text = "all:\n" + "".join(f"- {one}\n" for one in plain)
    for one, ours, helms in zip(plain, value(text)["all"], readers.helm(text, tmp_path)["all"], strict=True):
        # helm keeps numbers in 64 bits.
        if type(ours) is int and abs(ours) > 2**53:
            ours = float(ours)
        assert same(ours, helms), one


def test_integers_stay_exact_and_infinity_is_a_float() -> None:
    read = value("[12345678901234567890123, -99999999999999999999, .inf, -.Inf, .nan, 1e3]")
    assert read[:4] == [12345678901234567890123, -99999999999999999999, math.inf, -math.inf]
    assert math.isnan(read[4])
    assert type(read[5]) is float


def test_keys_are_the_text_as_written() -> None:
    read = value("on: 1\n1: 2\n1.0: 3\nnull: 4\n0x10: 5\n'': 6\n!!int 7: 8\n? e\n: 9\n\"a\\tb\": 10\n")
    assert read == {"on": 1, "1": 2, "1.0": 3, "null": 4, "0x10": 5, "": 6, "7": 8, "e": 9, "a\tb": 10}


def test_quoted_and_block_scalars_are_text() -> None:
    assert value("a: 'yes'\nb: \"1\"\nc: |\n  1\nd: >-\n  a\n  b\n") == {
        "a": "yes",
        "b": "1",
        "c": "1\n",
        "d": "a b",
    }


def test_tags() -> None:
    scalars = "!!str 5, !!int '5', !!float 5, !!bool 'yes', !!null '', !!binary w6k=, ! 5"
    read = value(f"[{scalars}, ! [x], !!map {{}}, !!seq []]")
    assert read == ["5", 5, 5.0, True, None, "é", "5", ["x"], {}, []]
    assert type(read[2]) is float


def test_aliases_are_copies() -> None:
    read = value("a: &a {x: [1]}\nb: *a\nc: [*a, *a]\nd: &s text\n*s : *s\n")
    assert read == {"a": {"x": [1]}, "b": {"x": [1]}, "c": [{"x": [1]}] * 2, "d": "text", "text": "text"}
    read["a"]["x"].append(2)
    read["c"][0]["x"].append(3)
    assert read["b"] == read["c"][1] == {"x": [1]}


def test_aliases_within_aliases_are_copies() -> None:
    read = value("a: &a [1]\nb: &b {a: *a}\nc: &c {b: *b, <<: *b}\nd: *c\n")
    assert read["d"] == {"b": {"a": [1]}, "a": [1]}
    lists = [
        read["a"],
        read["b"]["a"],
        read["c"]["b"]["a"],
        read["c"]["a"],
        read["d"]["b"]["a"],
        read["d"]["a"],
    ]
    assert len({id(one) for one in lists}) == len(lists)


def test_the_latest_anchor_of_a_name_counts() -> None:
    assert value("[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]
    assert value("a: &a [&a 1, *a]\nb: *a\n") == {"a": [1, 1], "b": 1}


def test_merge_keys() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {x: 0, <<: [*a, *b]}\nd:\n  <<: {x: 5, y: 6}\n  y: 7\n"
    read = value(text)
    assert read["c"] == {"x": 0, "y": 1, "z": 2}
    assert read["d"] == {"x": 5, "y": 7}
    assert value("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n")["c"] == {"y": 2, "x": 1}


def test_merge_keys_only_where_they_are_plain_keys() -> None:
    assert value("'<<': {a: 1}\nb: <<\nc: [<<]\n") == {"<<": {"a": 1}, "b": "<<", "c": ["<<"]}
    assert value("!!merge <<: {a: 1}\n") == {"a": 1}


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "---\n", "---\n---\n", "null\n", "---\n~\n---\n# a\n...\n"]
)
def test_empty_documents_are_dropped(text: str) -> None:
    assert yamlio.read(text, "f") == []


def test_documents() -> None:
    read = yamlio.read("%YAML 1.2\n---\na: 1\n---\n---\nfalse\n...\n---\n[]\n", "f")
    assert [(document.value, str(document.where())) for document in read] == [
        ({"a": 1}, "f:3:1"),
        (False, "f:6:1"),
        ([], "f:9:1"),
    ]


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: \xc3\xa9\r\nb:\r\n- 1\r\n", "\ufeffa: é\nb:\n- 1\n"])
def test_byte_order_mark_and_line_ends(data: bytes | str) -> None:
    document = yamlio.read(data, "f")[0]
    assert document.value == {"a": "é", "b": [1]}
    assert document.marks == {(): (1, 1), ("a",): (1, 1), ("b",): (2, 1), ("b", 0): (3, 3)}


def test_marks() -> None:
    text = "# x\na:\n  b: [1, {c: 2}]\n  d:\n  - e: 1\n    f: 2\n  -\n    - 3\n"
    document = yamlio.read(text, "f.yaml")[0]
    assert dict(document.marks) == {
        (): (2, 1),
        ("a",): (2, 1),
        ("a", "b"): (3, 3),
        ("a", "b", 0): (3, 7),
        ("a", "b", 1): (3, 10),
        ("a", "b", 1, "c"): (3, 11),
        ("a", "d"): (4, 3),
        ("a", "d", 0): (5, 5),
        ("a", "d", 0, "e"): (5, 5),
        ("a", "d", 0, "f"): (6, 5),
        ("a", "d", 1): (8, 5),
        ("a", "d", 1, 0): (8, 7),
    }
    assert len(document.marks) == 12
    assert str(document.where("a", "d", 0, "missing", 3)) == "f.yaml:5:5"
    assert str(document.where("a", "b", 0, "x")) == "f.yaml:3:7"


def test_marks_of_aliases_and_merged_keys() -> None:
    document = yamlio.read("a: &a\n  x: {y: 1}\nb: *a\nc:\n  z: 1\n  <<: *a\n", "f")[0]
    assert document.where("b").line == 3
    assert document.where("b", "x").line == 2
    assert str(document.where("c", "x", "y")) == "f:2:7"
    assert document.where("c", "z").line == 5


def test_only_the_root_has_a_mark_without_marks() -> None:
    documents = yamlio.read("a: &a {b: 1}\n---\n\nc: {<<: {b: 1}}\n", "f", marks=False, line=10)
    assert [document.marks for document in documents] == [{(): (11, 1)}, {(): (14, 1)}]
    assert documents[1].value == {"c": {"b": 1}}


def test_line_offset() -> None:
    document = yamlio.read("a:\n- 1\n", "f", line=100)[0]
    assert document.marks == {(): (101, 1), ("a",): (101, 1), ("a", 0): (102, 3)}
