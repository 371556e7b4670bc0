"""Grouping over environments loses nothing and invents nothing, and a comment never gets too long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.compare import Comparison, FieldChange, Group, ObjectChange, Report, Row, grouped, markdown
from generator.model.manifest import Identity

names = st.sampled_from(["a", "b", "c", "d"])
fields = st.lists(
    st.builds(FieldChange, st.sampled_from(["x", "y", "z"]), st.just(0), st.integers(1, 3)),
    min_size=1,
    max_size=3,
    unique_by=lambda field: field.path,
)
identities = st.builds(Identity, st.just(""), st.just("ConfigMap"), st.just("shop"), names)
changed = st.builds(ObjectChange, st.just("changed"), identities, names, st.none() | names, fields)
others = st.builds(ObjectChange, st.sampled_from(["added", "deleted"]), identities, names)
comparisons = st.dictionaries(
    st.sampled_from([f"e{number}" for number in range(6)]),
    st.builds(Comparison, st.lists(changed | others, max_size=5)),
)


def single(name: str, change: ObjectChange, field: FieldChange | None) -> tuple[Any, ...]:
    said = (field.path, field.old, field.new) if field else ()
    return (name, change.kind, change.identity, change.file, change.previous, *said)


def spread(groups: Sequence[Group]) -> Iterator[tuple[Any, ...]]:
    """Every single change that the groups stand for."""
    for group in groups:
        for name in group.environments:
            for change in group.objects:
                for field in group.fields or (None,):
                    found = field if field is None or isinstance(field, FieldChange) else field.changes[name]
                    yield single(name, change, found)


@given(comparisons)
def test_the_groups_are_all_changes_and_no_others(found: dict[str, Comparison]) -> None:
    wanted = [
        single(name, change, field)
        for name, comparison in found.items()
        for change in comparison.objects
        for field in change.fields or (None,)
    ]
    groups = grouped(found)
    assert Counter(spread(groups)) == Counter(wanted)
    again = grouped(dict(reversed(found.items())))
    assert [group.as_json() for group in groups] == [group.as_json() for group in again]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
named = st.builds(Identity, texts, texts, texts, texts)
anything = st.recursive(texts | st.none() | st.integers(), lambda inner: st.lists(inner, max_size=3))
free = st.builds(
    ObjectChange,
    st.just("changed"),
    named,
    texts,
    st.none() | texts,
    st.lists(st.builds(FieldChange, texts, anything, anything), min_size=1, max_size=3),
)


@given(
    st.dictionaries(texts, st.builds(Comparison, st.lists(free, max_size=4)), max_size=4),
    texts,
    st.integers(5_000, 12_000),
)
def test_a_comment_is_no_longer_than_it_may_be_and_keeps_its_form(
    found: dict[str, Comparison], text: str, limit: int
) -> None:
    report = Report(
        title=text,
        summary="1 of 2 environments differ",
        groups=grouped(found),
        rows=[Row("prod", "", {"changed": 1})],
        problems=[],
        again=text,
    )
    made = markdown(report, limit)
    assert len(made.encode("utf-16-le")) // 2 <= limit
    outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", made)
    assert outside.count("<details>") == outside.count("</details>") == outside.count("</summary>")
    assert not re.search(r"[`@*_\[\]]", outside.replace("**", ""))


def test_a_comment_with_too_many_environments_fits_too() -> None:
    environments = [f"prod-{number:04}-{'x' * 40}" for number in range(1000)]
    change = ObjectChange("added", Identity("", "ConfigMap", "shop", "a"), "a.yaml")
    report = Report(
        title="t" * 1000,
        summary="1000 of 1000 environments differ",
        groups=grouped({name: Comparison([change]) for name in environments}),
        rows=[Row(name, "refused " * 50) for name in environments],
        problems=[f"{'`' * 1000}{number}" for number in range(1000)],
        again="weft diff " + "x" * 1000,
    )
    made = markdown(report)
    assert len(made) <= 65_536
    assert "**In all 1000 environments**" in made
    assert re.search(r"\| and \d+ more \|", made)
    assert re.search(r"(?m)^\.\.\. and \d+ more$", made)
