"""Compiles the rules of one place in a custom resource's schema, as the API server evaluates them."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple

from generator.cel.engine import CompileError, EvaluationError, Program, environment

# What is known to hold is remembered, up to so many values of a place.
_REMEMBERED = 1000


class Text(NamedTuple):
    """A rule, or what tells of it; with `optional_old` it may ask for `oldSelf`, which there is not."""

    text: str
    optional_old: bool = False


class Rules:
    """The rules of a place. `typed` is what `self` is made of, as an expression over the value.

    `refused` are those that do not compile, by index.
    """

    def __init__(self, rules: Sequence[Text], typed: str) -> None:
        """Raises SurroundingsError where the library is not installed."""
        self._environment = environment(("self",))
        self._texts = [_within(rule, typed) for rule in rules]
        self._typed = typed
        self._held: set[bytes] = set()
        self._programs: dict[int, Program] = {}
        self.refused: dict[int, CompileError] = {}
        self._all = self._together(range(len(rules))) if len(rules) > 1 else None
        if self._all is None:
            self._all = self._together(self._able())

    def _able(self) -> Sequence[int]:
        """The rules that compile, by index; the others become `refused`."""
        for index in range(len(self._texts)):
            try:
                self._program(index)
            except CompileError as error:
                self.refused[index] = error
        return list(self._programs)

    def _together(self, indexes: Sequence[int]) -> Program | None:
        """Rules as one: one evaluation where nothing is wrong, as it nearly always is."""
        try:
            return self._environment.compile(" && ".join(f"({self._texts[index]}\n)" for index in indexes))
        except CompileError:
            return None

    def _program(self, index: int) -> Program:
        program = self._programs.get(index)
        if program is None:
            program = self._environment.compile(self._texts[index])
            if program.result not in ("bool", "dyn"):
                raise CompileError(f"its value is of type {program.result}, expected bool")
            self._programs[index] = program
        return program

    def hold(self, value: Any) -> bool:
        """Whether all rules that compile are true for `value`; where not, each has to be asked."""
        if self._all is None:
            return True
        # Of equal bytes the values are equal, types and all; ten times as fast as JSON.
        key = marshal.dumps(value, 2)
        if key in self._held:
            return True
        if not _true(self._all, self._environment.bind({"self": value})):
            return False
        if len(self._held) >= _REMEMBERED:
            self._held.clear()
        self._held.add(key)
        return True

    def holds(self, index: int, value: Any) -> bool:
        """Whether one rule, which compiles, is true for `value`. Raises EvaluationError."""
        found = self._program(index).evaluate(self._environment.bind({"self": value}))
        if not isinstance(found, bool):
            raise EvaluationError("its value is no bool")
        return found

    def told(self, telling: Text, value: Any) -> str:
        """The text that an expression gives. Raises CompileError, EvaluationError."""
        program = self._environment.compile(_within(telling, self._typed))
        found = program.evaluate(self._environment.bind({"self": value}))
        if not isinstance(found, str):
            raise EvaluationError("its value is no string")
        return found


def _within(rule: Text, typed: str) -> str:
    """The rule with `self` of its types, and `oldSelf` that has no value; both as variables of a macro."""
    # A rule may end with a comment, which the end of the line ends.
    text = f"[optional.none()].map(oldSelf, {rule.text}\n)[0]" if rule.optional_old else rule.text
    return text if typed == "self" else f"[{typed}].map(self, {text}\n)[0]"


def _true(program: Program, bound: Any) -> bool:
    try:
        return program.evaluate(bound) is True
    except EvaluationError:
        return False
