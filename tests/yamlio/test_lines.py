"""The reader that goes line by line: what it reads is what the parser reads, and the rest it declines."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import WeftError
from generator.yamlio import emit_all, reader
from generator.yamlio.lines import LineReader

WORDS = st.sampled_from(
    [
        *(
            "a",
            "b",
            "app",
            "name",
            "x y",
            "0",
            "01",
            "yes",
            "null",
            "~",
            "1.5",
            "-1",
            "- a",
            "-",
            "#",
            "a #b",
        ),
        *(
            "a#b",
            "a: b",
            "a:",
            ":a",
            "'",
            "''",
            '"',
            '"a',
            "'a'",
            '"a"',
            "[",
            "[a]",
            "{a: 1}",
            "{",
            "|",
            ">",
            "|-",
        ),
        *(
            "&a",
            "*a",
            "!t",
            "<<",
            "%",
            "@",
            "`",
            "?",
            "? a",
            "---",
            "...",
            "é",
            "\u2028",
            "\t",
            "a\tb",
            ",",
            "=",
            "",
        ),
        *(
            "http://x/y?z=1",
            "8080",
            "1Mi",
            "$(A)",
            "${B}",
            "\\n",
            '"a\\nb"',
            "'it''s'",
            "a  ",
            "- - a",
            "k: v # c",
        ),
    ]
)
PIECES = st.sampled_from(
    ["", " ", "  ", "   ", "    ", "- ", "-  ", "-", "a:", "b: ", "'q': ", "# c", "x", "|", "\t"]
)
LINES = st.lists(
    st.one_of(
        st.builds(
            lambda indent, key, value: f"{' ' * indent}{key}{value}",
            st.integers(0, 6),
            st.sampled_from(
                ["a: ", "b: ", "c:", "- ", "- a: ", "- - ", '"d": ', "", "a:", "-", "# ", "e:  "]
            ),
            WORDS,
        ),
        st.builds("".join, st.lists(PIECES, max_size=4)),
        st.sampled_from(
            ["---", "--- ", "", "  ", "---x", "- |", "a: |", "  b: |-", "    text", "    more: text"]
        ),
    ),
    max_size=10,
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-10, 10**6), st.text(max_size=12), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(WORDS, st.text("abc", min_size=1, max_size=3)), inner, max_size=4),
    ),
    max_leaves=15,
)


def parsed(text: str) -> Any:
    """What the parser makes of `text`; None where it refuses it."""
    source = reader.Source(text, "f")
    try:
        encoded = source.encoded()
        documents = reader._composed(source, encoded, reader._libyaml(encoded), marks=True)
    except WeftError:
        return None
    return [(document.value, document.marks[()]) for document in documents]


def agrees(text: str) -> bool:
    """Whether the line reader took `text`; fails where it takes it for something else than the parser."""
    lines = LineReader(reader._one_value)
    taken = False
    # From the fourth time on, a shape has a function.
    for _ in range(5):
        documents = lines.read(text, "f")
        if documents is not None:
            taken = True
            found = [(document.value, document.marks[()]) for document in documents]
            assert repr(found) == repr(parsed(text)), text
    return taken


@settings(max_examples=1500)
@given(LINES)
def test_it_reads_what_the_parser_reads_or_declines(lines: list[str]) -> None:
    agrees("\n".join(lines) + "\n")


@settings(max_examples=200)
@given(st.lists(JSON, min_size=1, max_size=3))
def test_it_agrees_on_what_others_write(values: list[Any]) -> None:
    for style in (None, False, True):
        agrees(yaml.safe_dump_all(values, default_flow_style=style, allow_unicode=True))
        agrees(yaml.safe_dump_all(values, default_flow_style=style, indent=4, width=20))
    agrees(emit_all(values))


@settings(max_examples=300)
@given(
    st.dictionaries(st.one_of(WORDS, st.sampled_from(["<<", "=", "~", "", "x" * 1025])), JSON, max_size=4),
    st.sampled_from([None, 0, 1, 4]),
    st.integers(0, 60),
    st.sampled_from(
        ["", "", " ", "-0", "1e3", "0.5", "NaN", "\t", ",", '"a": 1, ', "#", "\n", "12345678901234567890"]
    ),
)
def test_it_agrees_on_json(value: dict[str, Any], indent: int | None, at: int, put: str) -> None:
    text = json.dumps(value, indent=indent)
    agrees(f"{text}\n")
    agrees(f"{text[:at]}{put}{text[at:]}\n")


@settings(max_examples=200)
@given(JSON, st.data())
def test_it_agrees_on_what_was_broken(value: Any, data: st.DataObject) -> None:
    text = emit_all([value, {"kind": "Pod", "spec": {"containers": [{"name": "a", "args": ["x", "y"]}]}}])
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    agrees(
        text[:at]
        + data.draw(st.sampled_from(["", " ", "  ", "- ", ":", "\n", "'", "#", "|", "\n\n"]))
        + text[at + cut :]
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb:\n  c: x\n  d:\n  - 1\n  - e: 2\n    f: [1, {g: h}]\n",
        "---\n# c\n\na: 'it''s'\nb: \"x\\ty\"\n---\n- - 1\n  - 2\n-\n- {}\n",
        "data:\n  file: |\n    one: 1\n\n    # two\n      three\n  next: |-\n    x\n",
        "a:\nb: # comment\nc: x # comment\n",
        "args:\n- --listen=:8001\n- -v\n- --\nlast: --x\n",
        "list:\n- name: a\n  items:\n  - 1\n  other: 2\n- name: b\n",
        '{\n "name": "a",\n "list": [1, {"b": null, "c": true}]\n}\n',
    ],
)
def test_it_takes_what_manifests_are_made_of(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: *x\n",
        "a: !t 1\n",
        "a: >\n  x\n",
        "a: x\n  y\n",
        "a: 'x\n  y'\n",
        "a: 1\na: 2\n",
        "a: b: c\n",
        "x\n",
        "- |\n \t\n",
        '{"a": 1, "a": 2}\n',
        '{"a": 1.5}\n',
        '{"a": NaN}\n',
        '{"a": "\\u0041"}\n',
    ],
)
def test_it_declines_what_is_not_plain(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize("depth", [99, 101, 500])
def test_depth_is_no_crash(depth: int) -> None:
    agrees("".join(f"{'  ' * level}a:\n" for level in range(depth)) + f"{'  ' * depth}x: 1\n")
    agrees("- " * depth + "x\n")
