"""Objects that are hard to write as YAML, and how to compare what a reader makes of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

SCALARS = [
    *("y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"),
    *("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL", "~", "", "tRue", "nUll"),
    *("0o17", "0O17", "017", "09", "0_9", "1_000", "1__0", "_1", "1_", "0b11", "0b-11", "0x1F", "0x", "0o8"),
    *(
        "+1",
        "-0",
        "-1",
        "+",
        "-",
        "--",
        "1e3",
        "1E3",
        "1e+3",
        "1.5e",
        "1e",
        "1E",
        ".5",
        "1.",
        "1_0.5",
        ".",
        "..",
    ),
    *("0", "1", "1.0", "1.2.3", "10.0.0.1", "1e999", "12345678901234567890123", "0x1p3", "1,000", "1 000"),
    *(".inf", "-.inf", "+.Inf", ".nan", ".NaN", "NaN", "inf", "Infinity", "nan", "-inf"),
    *(
        "12:30:45",
        "190:20:30",
        "1:30",
        "190:20:30.15",
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "2020-1-1 1:2:3",
    ),
    *(
        "=",
        "<<",
        "---",
        "...",
        "--- a",
        "... a",
        "?",
        "? a",
        ":",
        ": a",
        "a:",
        "a: b",
        "a:b",
        "- a",
        "-a",
        "--a",
    ),
    *(
        "#a",
        "a #b",
        "a#b",
        "a # b",
        " a",
        "a ",
        "a  b",
        "a\tb",
        "\ta",
        "a\t",
        " ",
        "\t",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
    ),
    *(
        "@a",
        "`a",
        "%a",
        "!a",
        "!!str a",
        "&a",
        "*a",
        "|",
        "|-",
        ">",
        "> a",
        "'a",
        '"a',
        "'a'",
        '"a"',
        "it's",
        'a"b',
    ),
    *("{a", "{}", "[a", "[]", "{{ a }}", "a]", "a}", "a,b", ",a", "]", "}", "\\", "a\\nb", "a\\"),
    *(
        "100m",
        "128Mi",
        "1.5Gi",
        "10s",
        "5m",
        "1h",
        "50%",
        "1k",
        "1E",
        "1Ei",
        "100M",
        "0m",
        "01m",
        "1e3m",
        "1_0m",
    ),
    *("/healthz", "/", "//", "--port=80", "--", "nginx:1.2", "http://a/b?c=d&e#f", "a@b", "a%b", "a=b", "=a"),
    *(
        "é",
        "日本",
        "\U0001f600",
        "a\U0001f600b",
        "\u0085",
        "a\u0085b",
        "\u2028",
        "a\u2029b",
        "\ufeff",
        "a\ufeff",
    ),
    *(
        "\x00",
        "a\x00b",
        "\x07",
        "\x1b[0m",
        "\x7f",
        "\x80",
        "\x9f",
        "\xa0",
        "\ufffd",
        "\ufffe",
        "\uffff",
        "\U0010ffff",
    ),
    *(
        "a\nb",
        "a\nb\n",
        "a\nb\n\n",
        "\na",
        " a\nb",
        "a\n b",
        "a\n\tb",
        "\ta\nb",
        "a\n\n\nb\n",
        "a \nb ",
        "a\n   ",
        "a\n",
    ),
    *(
        "a\n   \n",
        "a\n\t\n",
        "a\n   \nb",
        "a\r\nb",
        "a\rb\n",
        "a\n---\nb",
        "a\n...\n",
        "# a\n# b\n",
        "a: b\n- c\n",
        "a\n\n b",
    ),
    *(
        "é\nb\n",
        "\U0001f600\nb",
        "a\n\u2028b",
        "a\n\x7fb",
        "#!/bin/sh\nset -e\n\techo 'a: b' # c\n",
        "- a\n- b\n",
        "%a\n b\n",
    ),
    *("x" * 200, "x y" * 100, "x" * 1500, "'" * 999, '"' * 600, "é" * 1023, "x " * 600 + "\n" + "y" * 90),
]

_LINES = st.lists(
    st.one_of(
        st.text(" \tab#:-'\"é", max_size=6), st.sampled_from(["", " ", "a", "- a", "a: b", "#", "---"])
    ),
    min_size=2,
    max_size=5,
).map("\n".join)
_NUMERIC = st.text("0123456789+-_.:eExobB", max_size=7)
_LONG = st.tuples(st.sampled_from("ax'\"é\U0001f600"), st.integers(990, 1100)).map(
    lambda pair: pair[0] * pair[1]
)
TEXTS = st.one_of(st.sampled_from(SCALARS), st.text(max_size=12), _LINES, _NUMERIC, _LONG)
_FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e16, 1e-7, 1e300, 5e-324, 1000.0, 1.5, 123456789012345680.0]),
)
ATOMS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), _FLOATS, TEXTS)
OBJECTS: st.SearchStrategy[Any] = st.recursive(
    ATOMS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


def nested() -> dict[str, Any]:
    """Every hard text as a value, as a key, in lists of lists and below keys that need the explicit form."""
    long = "k" * 1500
    return {
        "values": {f"v{index}": text for index, text in enumerate(SCALARS)},
        "items": [SCALARS, [SCALARS, [], {}, [[["a\nb"]]]]],
        "keys": {text: index for index, text in enumerate(SCALARS)},
        "maps": [{text: {text: [text, {text: text}]}} for text in SCALARS],
        "long": {
            long: {long: [1, {long: "a\nb\n", "a": {}}]},
            "after": [],
            long + "l": "a\nb",
            long + "m": [[1], 2],
        },
        "numbers": [0, -1, 2**53, -(2**53), 0.0, 1.0, 1e16, 1e-7, -1.5e300, 5e-324, True, False, None],
    }


def longest_key(value: Any) -> int:
    """The characters that the longest key of `value` takes in JSON."""
    if isinstance(value, dict):
        lengths = [len(json.dumps(key, ensure_ascii=False)) for key in value]
        return max([*lengths, *map(longest_key, value.values())], default=0)
    return max(map(longest_key, value), default=0) if isinstance(value, list) else 0


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON data, where numbers of one value count as the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    return type(left) is type(right) and bool(left == right)
