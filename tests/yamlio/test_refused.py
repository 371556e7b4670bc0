"""What the YAML reader refuses: always with file, line, column and plain words."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import yamlio
from generator.errors import DefinitionError

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)
MERGE_BOMB = "a0: &a0 {x: [1, 1, 1, 1]}\n" + "".join(
    f"a{n}: &a{n} {{<<: *a{n - 1}, l{n}: *a{n - 1}, r{n}: *a{n - 1}}}\n" for n in range(1, 40)
)
DEEP_ALIAS = "a: &a " + "[" * 600 + "]" * 600 + "\nb: " + "[" * 600 + "*a" + "]" * 600 + "\n"
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 1002))

CASES: dict[str, tuple[bytes | str, int, int, str]] = {
    "duplicate key": ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, 3, "duplicate key 'c', first on line 3"),
    "duplicate key, quoted": ("on: 1\n'on': 2\n", 2, 1, "duplicate key 'on', first on line 1"),
    "duplicate key in braces": ("a: {b: 1, b: 2}\n", 1, 11, "duplicate key 'b', first on line 1"),
    "duplicate key by alias": ("a: &a b\nb: 1\n*a : 2\n", 3, 1, "duplicate key 'b', first on line 2"),
    "duplicate tagged key": ("a: 1\n!!str a: 2\n", 2, 1, "duplicate key 'a', first on line 1"),
    "duplicate merge key": ("a: {<<: {b: 1}, <<: {c: 1}}\n", 1, 17, "duplicate key '<<', first on line 1"),
    "not UTF-8": (b"a: 1\nb: \xc3\xa9\xe9\n", 2, 5, "byte 0xe9 is not UTF-8"),
    "not UTF-8 behind a BOM": (b"\xef\xbb\xbfab\xff", 1, 3, "byte 0xff is not UTF-8"),
    "UTF-16": (b"\xff\xfea\x00", 1, 1, "byte 0xff is not UTF-8"),
    "surrogate as bytes": (b"a: \xed\xa0\x80\n", 1, 4, "byte 0xed is not UTF-8"),
    "surrogate as text": ("a: 1\nb: \ud800\n", 2, 4, "unpaired surrogate U+D800"),
    "surrogate as escape": ('a: "\\ud800"\n', 1, 5, "\\ud800 is half of a character"),
    "surrogates as escapes": ('a: "\\ud83d\\ude00"\n', 1, 5, "\\ud83d is half of a character"),
    "surrogate as long escape": ('a: "\\U0000d800"\n', 1, 5, "\\U0000d800 is half of a character"),
    "escape beyond Unicode": ('a: "\\U00110000"\n', 1, 5, "\\U00110000 is no character"),
    "tab before a key": ("a:\n\tb: c\n", 2, 1, "a tab as indentation"),
    "tab behind spaces": ("a:\n  b: 1\n  \tc: 1\n", 3, 3, "a tab as indentation"),
    "tab before an item": ("a:\n  - b\n\t- c\n", 3, 1, "a tab as indentation"),
    "tab behind a dash": ("-\tfoo: bar\n", 1, 2, "a tab as indentation"),
    "tab in a block": ("a: |\n  b\n\tc\n", 3, 1, "a tab as indentation"),
    "NUL": (b"a: 1\nb: x\x00y\n", 2, 5, "a NUL character"),
    "control character": ("a: \x1b[0m\n", 1, 4, "the control character U+001B"),
    "DEL": ("a: \x7f\n", 1, 4, "the control character U+007F"),
    "C1": ("a: é\x9f\n", 1, 5, "the control character U+009F"),
    "noncharacter": ("a: \ufffe\n", 1, 4, "the control character U+FFFE"),
    "levels of brackets": ("[" * 1001 + "]" * 1001, 1, 1001, "more than 1,000 levels"),
    "100,000 brackets": ("[" * 100_000, 1, 1001, "more than 1,000 levels"),
    "100,000 braces": ("{a: " * 100_000, 1, 4001, "more than 1,000 levels"),
    "100,000 dashes": ("- " * 100_000, 1, 2001, "more than 1,000 levels"),
    "levels of indentation": (
        "\n".join(" " * n + "a:" for n in range(1100)),
        1001,
        1001,
        "more than 1,000 levels",
    ),
    "levels of an alias": (DEEP_ALIAS, 2, 604, "more than 1,000 levels, those of aliases counted"),
    "levels of a chain of aliases": (CHAIN, 1000, 14, "more than 1,000 levels, those of aliases counted"),
    "nodes": ("[" + "1," * 1_000_000 + "]", 1, 2_000_000, "more than 1,000,000 nodes"),
    "billion laughs": (BOMB, 6, 45, "more than 1,000,000 nodes, those of aliases counted"),
    "billion merges": (MERGE_BOMB, 12, 16, "more than 1,000,000 nodes, those of aliases counted"),
    "unknown anchor": ("a: &base 1\nb: *bse\n", 2, 4, "unknown anchor 'bse'"),
    "anchor of another document": ("a: &a 1\n---\nb: *a\n", 3, 4, "unknown anchor 'a'"),
    "anchor within itself": ("a: &a\n  b: [*a]\n", 2, 7, "the anchor 'a' contains itself"),
    "merge within itself": ("a: &a\n  <<: *a\n", 2, 7, "the anchor 'a' contains itself"),
    "merge of a scalar": ("a:\n  <<: 1\n", 2, 3, "'<<' takes a mapping or a list of mappings"),
    "merge of nothing": ("a:\n  <<:\n", 2, 3, "'<<' takes a mapping"),
    "merge of a list of scalars": ("a: &a [1]\nb: {<<: *a}\n", 2, 5, "'<<' takes a mapping"),
    "mapping as key": ("a: {{ foo }}\n", 1, 5, "a key must be text"),
    "list as key": ("? [a]\n: b\n", 1, 3, "a key must be text"),
    "alias of a list as key": ("a: &a [1]\n*a : b\n", 2, 1, "a key must be text"),
    "missing key": ("a: 1\n?\n: b\n", 2, 2, "a key is missing"),
    "unknown tag": ("a: !foo 1\n", 1, 4, "unknown tag !foo"),
    "unknown tag on a mapping": ("a: !!set {b}\n", 1, 4, "unknown tag !!set"),
    "unknown tag on a key": ("!foo a: 1\n", 1, 1, "unknown tag !foo"),
    "unknown tag handle": ("a: !f!x 1\n", 1, 4, "an unknown tag"),
    "tag of a list on a mapping": ("a: !!seq {}\n", 1, 4, "the tag !!seq on a mapping"),
    "tag that does not fit": ("a: !!int foo\n", 1, 4, "'foo' is no !!int"),
    "bool that is a number": ("a: !!bool 1\n", 1, 4, "'1' is no !!bool"),
    "float that is too large": ("a: !!float 1" + "0" * 400 + "\n", 1, 4, "too large"),
    "binary that is not base64": ("a: !!binary 'a-b'\n", 1, 4, "not base64"),
    "binary that is not UTF-8": ("a: !!binary /w==\n", 1, 4, "not UTF-8"),
    "huge integer": ("a:\n- " + "1" * 5000 + "\n", 2, 3, "more than 4,300 digits"),
    "colon in a value": ("a: b: c\n", 1, 5, "a ': ' where no key can stand"),
    "indentation too small": (
        "a:\n  b: 1\n c: 2\n",
        3,
        2,
        "expected a key of the mapping that begins on line 1",
    ),
    "list where a key belongs": ("a: b\n- c\n", 2, 1, "expected a key of the mapping that begins on line 1"),
    "key where an item belongs": (
        "- a\nb: c\n",
        2,
        1,
        "expected a '- ' item of the list that begins on line 1",
    ),
    "item behind a key": ("a: - b\n", 1, 4, "a '- ' where no list item can stand"),
    "line without colon": ("a: 1\nfoo\nb: 2\n", 2, 1, "'foo' is neither a key nor a part"),
    "long key": ("b: 1\n" + "a" * 2000 + ": 1\n", 2, 1, "is neither a key"),
    "list without end": ("a: [1, 2\nb: 3\n", 2, 2, "expected ',' or ']' in the list that begins on line 1"),
    "mapping without end": ("a: {b: 1\n", 2, 1, "expected ',' or '}' in the mapping that begins on line 1"),
    "quotes without end": ("a: 1\nb: 'x\n\n", 2, 4, "the quoted text that begins here never ends"),
    "unknown escape": ('a: "x\\q"\n', 1, 6, "an unknown escape in double quotes: \\q"),
    "escape without digits": ('a: "\\u12"\n', 1, 7, "expected hexadecimal digits"),
    "at sign": ("a: @x\n", 1, 4, "a value cannot begin with '@'"),
    "backtick": ("a: `x`\n", 1, 4, "a value cannot begin with '`'"),
    "lone star": ("a: *\n", 1, 5, "expected a name after '*'"),
    "closing bracket": ("a: ]\n", 1, 4, "expected a value"),
    "text behind the end": ('"a" b\n', 1, 5, "expected the end of the document"),
    "YAML 2": ("%YAML 2.0\n---\na: 1\n", 1, 1, "expected YAML 1.1 or 1.2"),
    "directive": ("%FOO\n---\na: 1\n", 1, 5, "an unknown directive"),
    "anything else": ("a: |0\n", 1, 5, "cannot be read as YAML: found an indentation indicator equal to 0"),
}


@pytest.mark.parametrize("marks", [True, False], ids=["marks", "no marks"])
@pytest.mark.parametrize(("data", "line", "column", "words"), CASES.values(), ids=CASES)
def test_refused(data: bytes | str, line: int, column: int, words: str, marks: bool) -> None:
    with pytest.raises(DefinitionError) as caught:
        yamlio.read(data, "some/file.yaml", marks=marks)
    assert words in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.column) == ("some/file.yaml", line, column)


def test_lines_are_counted_from_the_offset() -> None:
    for text, line in (
        ("a: 1\na: 2\n", 12),
        ("a: b: c\n", 11),
        ("a: 1\nb: {<<: 1}\n", 12),
        ("a: \x01\n", 11),
    ):
        for marks in (True, False):
            with pytest.raises(DefinitionError) as caught:
                yamlio.read(text, "f", line=10, marks=marks)
            assert caught.value.line == line
    with pytest.raises(DefinitionError, match="first on line 11"):
        yamlio.read("a: 1\na: 2\n", "f", line=10, marks=False)


def test_hints() -> None:
    for text, hint in (
        ("a:\n\tb: c\n", "spaces only"),
        ("a: &base 1\nb: *bse\n", "did you mean 'base'?"),
        ("a: !foo 1\n", "!!binary"),
        ("a" * 2000 + "\nb: 1\n", "': '"),
        ("a: 1\n" + "b" * 2000 + ": 1\n", "'? '"),
        (b"\xff", "UTF-8"),
    ):
        with pytest.raises(DefinitionError) as caught:
            yamlio.read(text, "f")
        assert hint in (caught.value.hint or "")


def test_a_thousand_levels_are_read() -> None:
    assert yamlio.read("[" * 1000 + "]" * 1000, "f")[0].value[0]
    assert yamlio.read("\n".join(" " * n + "a:" for n in range(1000)), "f")[0].value["a"]["a"]


@pytest.mark.parametrize("text", [BOMB, MERGE_BOMB], ids=["aliases", "merges"])
def test_a_bomb_of_aliases_is_not_expanded(text: str) -> None:
    yamlio.read("a: 1\n", "f")
    tracemalloc.start()
    try:
        with pytest.raises(DefinitionError):
            yamlio.read(text, "f")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_the_aliases_of_a_stream_count_together() -> None:
    one = "---\na: &a [" + "1," * 999 + "]\nb: [" + "*a," * 400 + "]\n"
    assert len(yamlio.read(one * 2, "f", marks=False)) == 2
    with pytest.raises(DefinitionError, match="1,000,000 nodes"):
        yamlio.read(one * 3, "f", marks=False)


def check_place(error: DefinitionError) -> None:
    assert error.file == "f"
    assert error.line
    assert error.column


@given(
    text=st.one_of(
        st.text(" \n\t:-?#&*!|>'\"%@`{}[],ab1~<\\\r", max_size=40),
        st.lists(
            st.sampled_from([*"{}[]:-?&*!|>,", "a", "*a", "&a", "<<", ": ", "- ", "\n", "  ", "\n  ", "a: "])
        ).map("".join),
        st.binary(max_size=20),
    )
)
def test_any_input_is_read_or_refused(text: str | bytes) -> None:
    outcomes = []
    for marks in (True, False):
        try:
            outcomes.append(repr([document.value for document in yamlio.read(text, "f", marks=marks)]))
        except DefinitionError as error:
            check_place(error)
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
