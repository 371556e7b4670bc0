"""The one evaluator of label selectors against an oracle that follows what Kubernetes documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import UsageError
from generator.model import selector

Labels: TypeAlias = Mapping[str, str]
Condition: TypeAlias = tuple[str, Callable[[Labels], bool]]

KEYS = st.sampled_from(["region", "tier", "in", "notin", "example.org/team", "A_b.c", "x"])
VALUES = st.sampled_from(["", "eu", "us", "in", "notin", "1", "A_b.c-d", "x" * 63])
SPACES = st.sampled_from(["", " ", "  ", "\t"])
LABELS = st.dictionaries(KEYS, VALUES)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """A condition in writing, and what it means."""
    key, value = draw(KEYS), draw(VALUES)
    several = draw(st.lists(VALUES, min_size=1, max_size=3, unique=True))
    gap, gaps = draw(SPACES), [draw(SPACES) for _ in range(4)]
    # Only the words need a space before them.
    word = draw(st.sampled_from([" ", "\t", "  "]))
    listed = "(" + gaps[0] + f"{gaps[1]},{gaps[2]}".join(several) + gaps[3] + ")"
    choices: list[Condition] = [
        (f"{gap}{key}{gap}", lambda labels: key in labels),
        (f"!{gap}{key}", lambda labels: key not in labels),
        (f"{key}{gap}={gap}{value}", lambda labels: key in labels and labels[key] == value),
        (f"{key}{gap}=={gap}{value}", lambda labels: key in labels and labels[key] == value),
        (f"{key}{gap}!={gap}{value}", lambda labels: not (key in labels and labels[key] == value)),
        (f"{key}{word}in{gap}{listed}", lambda labels: key in labels and labels[key] in several),
        (f"{key}{word}notin{gap}{listed}", lambda labels: key not in labels or labels[key] not in several),
    ]
    return draw(st.sampled_from(choices))


@given(st.lists(st.lists(conditions(), max_size=3), max_size=3), st.lists(LABELS, min_size=1, max_size=5))
def test_it_selects_what_the_conditions_say(texts: list[list[Condition]], fleet: list[Labels]) -> None:
    parsed = selector.parse([",".join(text for text, _ in needs) for needs in texts])
    for labels in fleet:
        expected = not texts or any(all(holds(labels) for _, holds in needs) for needs in texts)
        assert parsed.matches(labels) == expected


@given(st.text(alphabet="ab =!<>1,()-./in\t", max_size=20))
def test_any_text_is_a_selector_or_an_error_that_names_it(text: str) -> None:
    with suppress(UsageError):
        assert selector.parse([text]).matches({}) in (True, False)
        return
    with pytest.raises(UsageError, match=re.escape(f"selector `{text}`: found ")):
        selector.parse([text])


@pytest.mark.parametrize(
    "text",
    [
        "a,,b",
        ",a",
        "a=b=c",
        "a in (b",
        "a in b)",
        "a in (b,,)",
        "(a)",
        "a>b",
        "a>=1",
        "é=1",
        "a/b/c",
        "/a",
        "a..b/c",
        f"{'x' * 254}/c",
    ],
)
def test_kubernetes_refuses_it_too(text: str) -> None:
    with pytest.raises(UsageError):
        selector.parse([text])
