"""The arithmetic of a split beside destinations of other hosts, by the rule that PipeCD's stages follow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.overlay.shares import Backend, shares


@st.composite
def splits(draw: st.DrawFn) -> list[int]:
    """Weights that sum to 100."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=4)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]


@given(splits(), st.integers(0, 4), st.integers(0, 100))
def test_shares_sum_to_what_others_leave_and_the_primary_takes_the_rest(
    weights: list[int], primary: int, others: int
) -> None:
    backends = [Backend(f"b{index}", f"v{index}", weight) for index, weight in enumerate(weights)]
    name = backends[primary % len(backends)].name
    found = shares(backends, name, others)
    assert sum(weight for _, weight in found) == 100 - others
    assert found[0][0].name == name
    rest = [(item, weight) for item, weight in found if item.name != name]
    expected = [(item, item.weight * (100 - others) // 100) for item in backends if item.name != name]
    assert rest == [(item, weight) for item, weight in expected if weight]
    assert all(0 <= weight <= 100 for _, weight in found)


def test_an_example_of_the_rule() -> None:
    stable, canary = Backend("stable", "stable", 67), Backend("canary", "canary", 33)
    # V = 80; canary = floor(33 * 80 / 100) = 26; the primary has what is left.
    assert shares([canary, stable], "stable", 20) == [(stable, 54), (canary, 26)]
    assert shares([Backend("stable", "s", 0), Backend("canary", "c", 100)], "stable", 0) == [
        (Backend("stable", "s", 0), 0),
        (Backend("canary", "c", 100), 100),
    ]
