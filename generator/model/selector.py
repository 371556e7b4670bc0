"""Label selectors as Kubernetes has them: the one evaluator, used wherever a cluster is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from generator.errors import UsageError
from generator.model.record import record

_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_PREFIX = r"(?=[^/]{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/"
_KEY = re.compile(rf"(?:{_PREFIX})?{_NAME}")
_VALUE = re.compile(rf"(?:{_NAME})?")
_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!,()<>]|[^ \t\r\n=!,()<>]+|\Z)")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_SPECIAL = ("", "==", "!=", *"=!,()<>")

Labels = Mapping[str, str]


@record(frozen=True)
class Requirement:
    """One condition on a label."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Labels) -> bool:
        """Whether `labels` meet the condition; `!=` and `notin` hold where the label is missing."""
        return _OPERATORS[self.operator](self, labels)


def _integer(text: str | None) -> int | None:
    """The number that Go's ParseInt reads in 64 bits; None for another text."""
    number = int(text) if text is not None and _INTEGER.fullmatch(text) else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _compared(need: Requirement, labels: Labels) -> bool:
    found, (limit,) = _integer(labels.get(need.key)), map(_integer, need.values)
    if found is None or limit is None:
        return False
    return found > limit if need.operator == ">" else found < limit


_OPERATORS: dict[str, Callable[[Requirement, Labels], bool]] = {
    "in": lambda need, labels: labels.get(need.key) in need.values,
    "notin": lambda need, labels: labels.get(need.key) not in need.values,
    "exists": lambda need, labels: need.key in labels,
    "absent": lambda need, labels: need.key not in labels,
    ">": _compared,
    "<": _compared,
}


@record(frozen=True)
class Selector:
    """Alternatives of conditions: one alternative must hold whole; none at all selects everything."""

    alternatives: Sequence[Sequence[Requirement]] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the selector selects what has `labels`."""
        return not self.alternatives or any(
            all(need.matches(labels) for need in needs) for needs in self.alternatives
        )


def is_key(text: str) -> bool:
    """Whether Kubernetes takes `text` for the key of a label."""
    return _KEY.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Whether Kubernetes takes `text` for the value of a label."""
    return _VALUE.fullmatch(text) is not None


def texts(given: str | Sequence[str] | None) -> Sequence[str]:
    """The texts of a selector as a file has it: one, a list of them, or none."""
    return (given,) if isinstance(given, str) else given or ()


def parse(texts: Sequence[str]) -> Selector:
    """The selector of one or more texts; a comma is AND, several texts are OR, an empty text is all.

    Raises UsageError that names what stands where another thing was expected.
    """
    return Selector(tuple(_Parser(text).needs() for text in texts))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def needs(self) -> Sequence[Requirement]:
        needs: list[Requirement] = []
        if not self._peek():
            return needs
        while True:
            needs.append(self._need())
            token = self._next()
            if not token:
                return needs
            if token != ",":
                raise self._error(token, "`,` or the end")

    def _need(self) -> Requirement:
        if self._peek() == "!":
            self._next()
            return Requirement(self._key(), "absent")
        key = self._key()
        operator = self._peek()
        if operator in ("", ","):
            return Requirement(key, "exists")
        self._next()
        if operator in ("=", "=="):
            return Requirement(key, "in", frozenset((self._value(),)))
        if operator == "!=":
            return Requirement(key, "notin", frozenset((self._value(),)))
        if operator in ("in", "notin"):
            return Requirement(key, operator, self._values())
        if operator in (">", "<"):
            return Requirement(key, operator, frozenset((self._number(),)))
        raise self._error(operator, "one of =, ==, !=, in, notin, >, <")

    def _values(self) -> frozenset[str]:
        """The values in parentheses as Kubernetes reads them: around commas there may be empty ones."""
        if (token := self._next()) != "(":
            raise self._error(token, "`(`")
        if self._peek() == ")":
            self._next()
            return frozenset(("",))
        values: set[str] = set()
        while True:
            if self._peek() == ",":
                self._next()
                if not values or self._peek() in (",", ")"):
                    values.add("")
                if self._peek() == ",":
                    self._next()
                elif self._peek() == ")":
                    break
            else:
                values.add(self._given())
                if self._peek() == ")":
                    break
                if self._peek() != ",":
                    raise self._error(self._next(), "`,` or `)`")
        self._next()
        return frozenset(values)

    def _key(self) -> str:
        token = self._next()
        if not _KEY.fullmatch(token):
            raise self._error(token, "a label key")
        return token

    def _value(self) -> str:
        return "" if self._peek() in ("", ",") else self._given()

    def _given(self) -> str:
        token = self._next()
        if token in _SPECIAL or not _VALUE.fullmatch(token):
            raise self._error(token, "a label value")
        return token

    def _number(self) -> str:
        token = self._given()
        if _integer(token) is None:
            raise self._error(token, "a whole number")
        return token

    def _peek(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        return match.group(1) if match else ""

    def _next(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match.group(1)

    def _error(self, found: str, expected: str) -> UsageError:
        shown = f"`{found}`" if found else "the end"
        return UsageError(
            f"selector `{self._text}`: found {shown}, expected {expected}",
            hint="write it as kubectl does: region=eu, tier in (edge, core), !legacy",
        )
