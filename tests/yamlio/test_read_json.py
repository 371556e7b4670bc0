"""What the JSON reader reads and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import yamlio
from generator.errors import DefinitionError
from tests.yamlio.values import OBJECTS, same

CASES: dict[str, tuple[bytes, int, int, str]] = {
    "nothing": (b" \n", 2, 1, "expected a value, found the end of the file"),
    "duplicate key": (b'{"a": 1,\n "b": {},\n "a": 2}', 3, 2, "duplicate key 'a', first on line 1"),
    "not UTF-8": (b'{"a":\n "\xe9"}', 2, 3, "byte 0xe9 is not UTF-8"),
    "NaN": (b"[NaN]", 1, 2, "expected a value, found 'NaN'"),
    "Infinity": (b"[\n-Infinity]", 2, 1, "expected a value, found '-Infinity'"),
    "number too large": (b"[1, 1e999]", 1, 5, "the number 1e999 is too large"),
    "huge integer": (b"[" + b"1" * 5000 + b"]", 1, 2, "more than 4,300 digits"),
    "leading zero": (b"[01]", 1, 2, "expected a value, found '01'"),
    "lone surrogate": (b'{"a": "x\\ud800"}', 1, 7, "unpaired surrogate \\ud800"),
    "lone surrogate in a key": (b'{"\\udc00": 1}', 1, 2, "unpaired surrogate \\udc00"),
    "trailing data": (b'{"a": 1}\n{"b": 2}', 2, 1, "expected the end of the file"),
    "trailing comma": (b"[1,]", 1, 4, "expected a value, found ']'"),
    "trailing comma in a mapping": (b'{"a": 1,}', 1, 9, "expected a key in double quotes, found '}'"),
    "comment": (b'{"a": 1 // b\n}', 1, 9, "expected ',' or '}', found '//'"),
    "missing comma": (b"[1 2]", 1, 4, "expected ',' or ']', found '2'"),
    "wrong bracket": (b"[1}", 1, 3, "expected ',' or ']', found '}'"),
    "missing colon": (b'{"a" 1}', 1, 6, "expected ':', found '1'"),
    "key without quotes": (b"{a: 1}", 1, 2, "expected a key in double quotes, found 'a'"),
    "no end": (b'{"a": [1,\n', 2, 1, "expected a value, found the end of the file"),
    "text without end": (b'["abc', 1, 2, "never ends"),
    "line break in a text": (b'["a\nb"]', 1, 4, "a control character or line break in a text"),
    "unknown escape": (b'["\\q"]', 1, 3, "an unknown escape"),
    "escape without digits": (b'["\\u12"]', 1, 4, "four hexadecimal digits"),
    "levels": (b"[" * 100_000, 1, 1001, "more than 1,000 levels"),
    "levels of mappings": (b'{"a":' * 1001, 1, 5001, "more than 1,000 levels"),
    "nodes": (b"[" + b"1," * 1_000_000 + b"1]", 1, 2_000_000, "more than 1,000,000 nodes"),
}


@pytest.mark.parametrize(("data", "line", "column", "words"), CASES.values(), ids=CASES)
def test_refused(data: bytes, line: int, column: int, words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        yamlio.read_json(data, "f.json")
    assert words in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.column) == ("f.json", line, column)


@given(value=OBJECTS)
def test_any_object(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert same(yamlio.read_json(text.encode(), "f").value, value)


def test_marks() -> None:
    document = yamlio.read_json(b'\xef\xbb\xbf\r\n {"a": {"b": [1, [2]]},\r\n  "c": null}\r\n', "f.json")
    assert document.value == {"a": {"b": [1, [2]]}, "c": None}
    assert dict(document.marks) == {
        (): (2, 2),
        ("a",): (2, 3),
        ("a", "b"): (2, 9),
        ("a", "b", 0): (2, 15),
        ("a", "b", 1): (2, 18),
        ("a", "b", 1, 0): (2, 19),
        ("c",): (3, 3),
    }


def test_scalars() -> None:
    assert yamlio.read_json(b' "\\ud83d\\ude00" ', "f").value == "\U0001f600"
    assert yamlio.read_json(b"123456789012345678901234567890", "f").value == 123456789012345678901234567890
    assert str(yamlio.read_json(b"[1, -0.5, 1e3, true, false, null]", "f").value) == (
        "[1, -0.5, 1000.0, True, False, None]"
    )


def test_a_thousand_levels_are_read() -> None:
    assert yamlio.read_json(b"[" * 1000 + b"]" * 1000, "f").value[0]


def check_place(error: DefinitionError) -> None:
    assert error.file == "f"
    assert error.line
    assert error.column


@given(text=st.text('{}[]:,"\\\\ \n0-1.eEtruenlasf', max_size=20))
def test_any_input_is_read_as_python_reads_it_or_refused(text: str) -> None:
    try:
        value = yamlio.read_json(text.encode(), "f").value
    except DefinitionError as error:
        check_place(error)
    else:
        assert same(json.loads(text), value)
