"""Selectors mean what Kubernetes' own parser says: recorded verdicts, and what holds of every selector."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from generator.errors import UsageError
from generator.model import selector

CORPUS = json.loads((Path(__file__).parent / "kubernetes.json").read_text(encoding="utf-8"))


def verdict(text: str) -> str | None:
    """What weft says of a selector, in the words of the corpus."""
    try:
        found = selector.parse([text])
    except UsageError:
        return None
    return "".join("01"[found.matches(labels)] for labels in CORPUS["labels"])


def test_every_recorded_verdict_of_kubernetes_is_weft_s_too() -> None:
    different = {text: (said, verdict(text)) for text, said in CORPUS["cases"] if verdict(text) != said}
    assert different == {}


def test_the_corpus_has_enough_of_both() -> None:
    said = [said for _, said in CORPUS["cases"]]
    assert len(said) > 1500
    assert said.count(None) > 300
    assert len(said) - said.count(None) > 400


@given(st.text(alphabet="abx15 =!<>(),-./_", max_size=16))
def test_it_is_a_selector_or_refused_and_nothing_else(text: str) -> None:
    assert verdict(text) is None or set(verdict(text) or "0") <= set("01")


@given(
    st.lists(st.sampled_from([text for text, said in CORPUS["cases"] if said and text.strip()]), max_size=4)
)
def test_a_list_is_or_and_an_empty_one_is_all(texts: list[str]) -> None:
    wanted = selector.parse(texts)
    said = dict(CORPUS["cases"])
    for index, labels in enumerate(CORPUS["labels"]):
        assert wanted.matches(labels) == (not texts or any(said[text][index] == "1" for text in texts))
