"""Compiles the expressions of a policy, each in the environment that the API server gives it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from generator.cel.engine import (
    Bound,
    CompileError,
    Environment,
    EvaluationError,
    Program,
    environment,
    without_strings,
)
from generator.model.policy import Expression, Policy, Validation
from generator.model.record import record

_VARIABLES = ("namespaceObject", "object", "oldObject", "request")
_USER = re.compile(r"\brequest\s*\.\s*\??\s*userInfo\b")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_UNBOUND = re.compile(r'No value with name "variables\.(\w+)"')


class BadExpressions(Exception):
    """The expressions that do not compile, each with why."""

    def __init__(self, faults: list[tuple[Expression, CompileError]]) -> None:
        super().__init__(str(faults))
        self.faults = faults


@record(frozen=True)
class Compiled:
    """The programs of a policy."""

    environment: Environment
    variables: tuple[tuple[str, Environment, Program], ...]
    conditions: tuple[Program, ...]
    validations: tuple[tuple[Program, Program | None], ...]

    def bind(self, values: Mapping[str, Any], start: Bound) -> Values:
        """`values`, which `start` holds too, and the policy's variables that follow from them."""
        if not self.variables:
            return Values(start, {})
        bound, failed = dict(values), dict[str, str]()
        for name, scope, program in self.variables:
            try:
                bound[f"variables.{name}"] = evaluate(program, Values(scope.bind(bound), failed))
            except EvaluationError as error:
                # It only counts where it is used, and there an `||` may make up for it.
                failed[name] = str(error)
        return Values(self.environment.bind(bound), failed)


@record(frozen=True)
class Values:
    """What expressions are evaluated with, and why variables among it have no value."""

    bound: Bound
    failed: Mapping[str, str]


def evaluate(program: Program, values: Values) -> Any:
    """The value. Raises EvaluationError, for a variable without a value with that variable's reason."""
    try:
        return program.evaluate(values.bound)
    except EvaluationError as error:
        match = _UNBOUND.search(str(error))
        if match is None or match[1] not in values.failed:
            raise
        raise EvaluationError(f"variables.{match[1]}: {values.failed[match[1]]}") from None


def begin(values: Mapping[str, Any]) -> Bound:
    """`values` for all policies: for match conditions, which see no variables, and what has none."""
    return environment(_VARIABLES).bind(values)


def compiled(policy: Policy) -> Compiled:
    """The programs of `policy`, made once. Raises BadExpressions; SurroundingsError without the library."""
    return _compiled(tuple(policy.variables), tuple(policy.conditions), tuple(policy.validations))


@functools.cache
def _compiled(
    variables: tuple[Expression, ...], conditions: tuple[Expression, ...], validations: tuple[Validation, ...]
) -> Compiled:
    faults: list[tuple[Expression, CompileError]] = []

    def program(scope: Environment, expression: Expression, wanted: str | None) -> Any:
        try:
            return _program(scope, expression.text, wanted)
        except CompileError as error:
            faults.append((expression, error))
            return None

    first = scope = environment(_VARIABLES)
    types: dict[str, Any] = dict.fromkeys(_VARIABLES)
    made: list[tuple[str, Environment, Program]] = []
    for variable in variables:
        one = program(scope, variable, None)
        if _NAME.fullmatch(variable.name) is None:
            faults.append((variable, CompileError(f"a variable cannot be named `{variable.name}`")))
        elif one is not None:
            made.append((variable.name, scope, one))
        types[f"variables.{variable.name}"] = one.result_type if one is not None else None
        scope = Environment(types)
    result = Compiled(
        environment=scope,
        variables=tuple(made),
        conditions=tuple(program(first, item, "bool") for item in conditions),
        validations=tuple(
            (
                program(scope, item.expression, "bool"),
                program(scope, item.message_expression, "string") if item.message_expression else None,
            )
            for item in validations
        ),
    )
    if faults:
        raise BadExpressions(faults)
    return result


def _program(scope: Environment, text: str, wanted: str | None) -> Program:
    user = _USER.search(without_strings(text))
    if user:
        raise CompileError("`request.userInfo` is not there: who applies the manifests is not known")
    program = scope.compile(text)
    if wanted and program.result not in (wanted, "dyn"):
        raise CompileError(f"its value is of type {program.result}, expected {wanted}")
    if wanted is None and program.result.startswith("optional_type"):
        raise CompileError("a variable cannot be optional", hint="end it with .orValue(…)")
    return program
