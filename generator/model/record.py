"""Dataclasses without code generated for each: what a run that has little to do would spend most on."""

from __future__ import annotations

import functools
import operator
import reprlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, kw_only: bool = False) -> Callable[[type], type]:
        """As `dataclass`, of which `fields` and `replace` take it for one; always frozen.

        Where very many objects are made, a dataclass with slots is the better choice.
        """
        assert frozen, "what changes is no record"

        def made(cls: type) -> type:
            cls = dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
            for name, method in _METHODS.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return made


class _Shape(NamedTuple):
    """The fields of a record: what is told of them by the dataclass, looked up once."""

    positional: Sequence[str]
    names: Set[str]
    defaults: Mapping[str, Any]
    factories: Mapping[str, Callable[[], Any]]
    shown: Sequence[str]
    key: Callable[[Any], Any]


@functools.cache
def _shape(cls: type) -> _Shape:
    found = fields(cls)
    compared = [item.name for item in found if item.compare]
    return _Shape(
        positional=[item.name for item in found if not item.kw_only],
        names={item.name for item in found},
        defaults={item.name: item.default for item in found if item.default is not MISSING},
        factories={item.name: item.default_factory for item in found if item.default_factory is not MISSING},
        shown=[item.name for item in found if item.repr],
        key=operator.attrgetter(*compared) if compared else lambda _: (),
    )


def _init(__self: Any, *args: Any, **given: Any) -> None:
    cls = __self.__class__
    shape = _shape(cls)
    state = {**shape.defaults, **given}
    if args:
        first = dict(zip(shape.positional, args, strict=False))
        if len(first) < len(args) or not first.keys().isdisjoint(given):
            raise TypeError(f"{cls.__name__}() got too many arguments")
        state.update(first)
    for name, factory in shape.factories.items():
        if name not in state:
            state[name] = factory()
    if state.keys() != shape.names:
        wrong = ", ".join(map(repr, sorted(state.keys() ^ shape.names)))
        raise TypeError(f"{cls.__name__}() misses an argument, or got one too many: {wrong}")
    object.__setattr__(__self, "__dict__", state)


def _equal(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    cls: Any = self.__class__
    key = _shape(cls).key
    return key(self) == key(other)


def _hash(self: Any) -> int:
    cls: Any = self.__class__
    return hash(_shape(cls).key(self))


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    said = (f"{name}={getattr(self, name)!r}" for name in _shape(self.__class__).shown)
    return f"{self.__class__.__qualname__}({', '.join(said)})"


def _assign(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_METHODS: Mapping[str, Callable[..., Any]] = {
    "__init__": _init,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _assign,
    "__delattr__": _delete,
}

__all__ = ["record"]
