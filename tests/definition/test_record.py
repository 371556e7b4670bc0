"""Records: what they do is what frozen dataclasses do, but for the words of errors."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.record import record


class _Fields:
    """A class body that both decorators get."""

    a: Any
    b: Any = 5
    c: list[Any] = field(default_factory=list)
    d: Any = field(default="secret", repr=False, compare=False)


def _same() -> type:
    return type("Same", (), {name: vars(_Fields)[name] for name in ("__annotations__", "b", "c", "d")})


Plain: Any = dataclass(frozen=True)(_same())
Record: Any = record(frozen=True)(_same())
Record.__qualname__ = Plain.__qualname__ = "Same"


@record(frozen=True, kw_only=True)
class _Named:
    one: int
    two: int = 2


@record(frozen=True)
class _More(_Named):
    three: int = 3


ARGUMENTS = st.lists(st.integers(0, 2) | st.just(()), max_size=5)
NAMED = st.dictionaries(st.sampled_from("abcdx"), st.integers(0, 2), max_size=4)


def _made(cls: Any, positional: list[Any], named: dict[str, Any]) -> Any:
    try:
        return cls(*positional, **named)
    except TypeError:
        return None


@given(ARGUMENTS, NAMED, ARGUMENTS, NAMED)
def test_a_record_is_made_compared_and_shown_as_a_frozen_dataclass(
    args: list[Any], named: dict[str, Any], others: list[Any], other_named: dict[str, Any]
) -> None:
    plain, mine = _made(Plain, args, named), _made(Record, args, named)
    assert (plain is None) == (mine is None)
    if plain is None:
        return
    assert vars(plain) == vars(mine)
    assert repr(plain) == repr(mine)
    plain2, mine2 = _made(Plain, others, other_named), _made(Record, others, other_named)
    assert (plain == plain2) == (mine == mine2)
    if mine == mine2:
        mine, mine2 = replace(mine, c=()), replace(mine2, c=())
        assert hash(mine) == hash(mine2)


def test_fields_and_replace_take_it_for_a_dataclass() -> None:
    assert [item.name for item in fields(Record)] == ["a", "b", "c", "d"]
    assert replace(Record(1), b=2) == Record(1, 2)
    assert Record(1) != Plain(1)
    assert Record(1).c is not Record(1).c


def test_it_does_not_change_once_made() -> None:
    made = Record(1)
    with pytest.raises(FrozenInstanceError):
        made.a = 2
    with pytest.raises(FrozenInstanceError):
        del made.a


def test_it_is_copied_and_goes_to_other_processes() -> None:
    made = _More(3, one=1)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == copy.deepcopy(made) == made
    assert hash(copy.copy(made)) == hash(made)


def test_named_fields_are_given_by_name() -> None:
    assert _Named(one=1) == _Named(one=1, two=2) != _Named(one=2)
    assert repr(_More(4, one=1)) == "_More(one=1, two=2, three=4)"
    for wrong in (lambda: _Named(1), lambda: _Named(two=1), lambda: _Named(one=1, none=1)):  # type: ignore[misc, call-arg]
        with pytest.raises(TypeError, match="_Named"):
            wrong()
