"""Compiles CEL expressions and evaluates them, over the library cel-expr-python; errors without its dress."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.cel.functions import UNSUPPORTED, functions
from generator.errors import SurroundingsError, nearest

_PROBLEM = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)$", re.MULTILINE)
_STATUS = re.compile(r"^[A-Z_]+: (.*?)(?: \[[A-Z_]+\])?$", re.DOTALL)
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_MATCHES = re.compile(
    r"""\bmatches\(\s*(?:[^,()'"]+,\s*)?([rR]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))\s*\)"""
)
_STRING = re.compile(r"""[rRbB]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")
# RE2, which evaluates `matches`, has neither: each would make it more than linear.
_NOT_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|\(\?P=")
_STANDARD = (
    "bool",
    "bytes",
    "charAt",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "hasValue",
    "indexOf",
    "int",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "map",
    "matches",
    "optional.none",
    "optional.of",
    "or",
    "orValue",
    "replace",
    "size",
    "split",
    "startsWith",
    "string",
    "substring",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "value",
    "all",
    "exists",
    "exists_one",
    "filter",
)
_INT64 = 2**63
_OVER_BUDGET = "Iteration budget exceeded"


class CompileError(Exception):
    """An expression that is not CEL, or not what was asked for; line and column count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


class EvaluationError(Exception):
    """An expression that has no value for these data. The text may quote them."""


class LimitError(EvaluationError):
    """An expression that the library gives up on, which the API server may not."""


def _library() -> Any:
    try:
        from cel_expr_python import cel
    except ImportError:
        raise SurroundingsError(
            "policies need the Python package cel-expr-python, which is not installed",
            hint="pip install 'weft[policies]'; there are builds for Python 3.11 and newer",
        ) from None
    return cel


def available() -> bool:
    """Whether the library is installed; imports it."""
    try:
        _library()
    except SurroundingsError:
        return False
    return True


class Program:
    """A compiled expression."""

    def __init__(self, library: Any, environment: Environment, compiled: Any) -> None:
        self._library = library
        self._environment = environment
        self._compiled = compiled
        self._type = compiled.return_type()

    @property
    def result(self) -> str:
        """The type of the value as far as it is known: `bool`, `string`, `dyn`, `optional_type<dyn>`, …"""
        return str(self._type.name()).lower()

    @property
    def result_type(self) -> Any:
        """The library's own type of the value, for a variable that holds it."""
        return self._type

    def evaluate(self, bound: Bound) -> Any:
        """The value. Raises EvaluationError."""
        value = self._evaluated(bound)
        try:
            plain = value.plain_value()
        except TypeError:
            raise EvaluationError("the value is optional: end the expression with .orValue(…)") from None
        if value.type() != self._library.Type.ERROR:
            return plain
        if "out of range for" not in str(plain) or bound.narrowed:
            raise _failed(str(plain))
        bound.narrow()
        return self.evaluate(bound)

    def _evaluated(self, bound: Bound) -> Any:
        try:
            return self._compiled.eval(bound.activation)
        except RuntimeError as error:
            raise _failed(str(error)) from None


class Bound:
    """Variables with their values, handed to the library once for all expressions."""

    def __init__(self, environment: Any, values: Mapping[str, Any]) -> None:
        self._environment = environment
        self._values = values
        self.narrowed = False
        try:
            self.activation = environment.Activation(values)
        except RuntimeError:
            self.narrow()

    def narrow(self) -> None:
        """Makes doubles of integers that CEL cannot hold, as the API server's JSON reader does."""
        self.narrowed = True
        self.activation = self._environment.Activation(
            {key: _narrow(item) for key, item in self._values.items()}
        )


class Environment:
    """The names that expressions may use; `variables` gives the type of each, None for any."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        """Raises SurroundingsError where the library is not installed."""
        self._library = _library()
        dyn = self._library.Type.DYN
        self._names = tuple(variables)
        self._environment = self._library.NewEnv(
            variables={name: dyn if kind is None else kind for name, kind in variables.items()},
            extensions=_extensions(),
        )
        self._programs: dict[str, Program] = {}

    def compile(self, text: str) -> Program:
        """The program of an expression, the same for the same text. Raises CompileError."""
        program = self._programs.get(text)
        if program is None:
            try:
                compiled = self._environment.compile(text)
            except RuntimeError as error:
                raise self._refused(text, str(error)) from None
            program = self._programs[text] = Program(self._library, self, compiled)
            self._check_patterns(text)
        return program

    def bind(self, values: Mapping[str, Any]) -> Bound:
        """Values for the variables; one that is left out has none, which is an error where it is used."""
        return Bound(self._environment, values)

    def _refused(self, expression: str, told: str) -> CompileError:
        found = [(int(line), int(column), message) for line, column, message in _PROBLEM.findall(told)]
        if not found:
            deep = "recursion limit" in told
            return CompileError("it nests deeper than CEL allows" if deep else _told(told))
        names = [_UNDECLARED.match(message) for _, _, message in found]
        # One cause may have several errors: the one that can be explained comes first.
        for (line, column, _), name in zip(found, names, strict=True):
            reason = name and (UNSUPPORTED.get(name[1]) or UNSUPPORTED.get(_root(name[1])))
            if name and reason:
                column = _start(expression, line, column, name[1])
                return CompileError(f"`{name[1]}` is not supported here", line, column, reason)
        (line, column, message), name = found[0], names[0]
        if name is None:
            # What else could have stood there is most of the grammar.
            message = message.partition(" expecting {")[0].replace("'<EOF>'", "the end")
            return CompileError(message, line, column)
        near = nearest(name[1], self._known(name[1]))
        hint = f"did you mean '{near}'?" if near else None
        return CompileError(
            f"`{name[1]}` is not known", line, _start(expression, line, column, name[1]), hint
        )

    def _known(self, name: str) -> set[str]:
        """What may have been meant by `name`."""
        if _root(name) == "variables":
            return {known for known in self._names if _root(known) == "variables"}
        if "." in name:
            # The name of a variable, with a field of it.
            rest = name.removeprefix(_root(name))
            return {known + rest for known in self._names} | {function.name for function in functions()}
        return {*_STANDARD, *self._names, *(function.name for function in functions())}

    def _check_patterns(self, text: str) -> None:
        """Raises CompileError for a constant pattern that RE2 refuses, before it meets an object."""
        for match in _MATCHES.finditer(text):
            try:
                pattern = self._environment.compile(match[1]).eval().value()
                re.compile(pattern)
                fault = "RE2 has no look-around and no back-reference" if _NOT_RE2.search(pattern) else None
            except re.error as error:
                # What Python does not know, such as \z, RE2 may; only what is broken in both is refused.
                fault = str(error) if not str(error).startswith("bad escape") else None
            except (RuntimeError, OverflowError, TypeError):
                fault = None
            if fault:
                line = text.count("\n", 0, match.start(1)) + 1
                column = match.start(1) - (text.rfind("\n", 0, match.start(1)) + 1) + 1
                raise CompileError(f"`matches` has an invalid pattern: {fault}", line, column)


def _root(name: str) -> str:
    return name.partition(".")[0]


def _start(expression: str, line: int, column: int, name: str) -> int:
    """Where `name` begins; the library names the place of its last dot, or of the parenthesis behind it."""
    text = expression.split("\n")[line - 1]
    for begin in (column - 1 - len(name), column - 1 - len(name.rpartition(".")[0])):
        if begin >= 0 and text.startswith(name, begin):
            return begin + 1
    return column


@functools.cache
def environment(names: tuple[str, ...]) -> Environment:
    """The environment whose variables are `names`, of any type; one for the process."""
    return Environment(dict.fromkeys(names))


def without_strings(text: str) -> str:
    """An expression with empty strings in the place of its string literals."""
    return _STRING.sub("''", text)


@functools.cache
def _extensions() -> Sequence[Any]:
    from cel_expr_python.ext import ext_optional, ext_strings

    return [ext_optional.ExtOptional(), ext_strings.ExtStrings(), _kubernetes()]


def _kubernetes() -> Any:
    library = _library()
    kinds = library.Type
    types = {
        "map": kinds.Map(kinds.STRING, kinds.DYN),
        "list": kinds.List(kinds.DYN),
        "dyn": kinds.DYN,
        "string": kinds.STRING,
        "bool": kinds.BOOL,
        "int": kinds.INT,
        "double": kinds.DOUBLE,
    }
    overloads: dict[str, list[Any]] = {}
    for item in functions():
        overloads.setdefault(item.name, []).append(
            library.Overload(
                f"kubernetes_{item.name}_{'_'.join(item.parameters)}_{item.member}".replace(".", "_").lower(),
                types[item.result],
                [types[name] for name in item.parameters],
                is_member=item.member,
                impl=item.call,
            )
        )
    declared = [library.FunctionDecl(name, found) for name, found in overloads.items()]
    return library.CelExtension("kubernetes", declared)


def _failed(text: str) -> EvaluationError:
    return (LimitError if _OVER_BUDGET in text else EvaluationError)(_told(text))


def _told(text: str) -> str:
    """The library's sentence without its status words, short, and on one line."""
    match = _STATUS.match(text)
    sentence = " ".join((match[1] if match else text).split())
    if _OVER_BUDGET in sentence:
        return "it takes more steps than CEL allows"
    # Both quote the whole value, which is no help and may be long.
    for quoted in (" for 'object", " for 'Python function"):
        sentence = sentence.partition(quoted)[0]
    missing = re.match(r'Key not found in map : "(.*)"', sentence)
    if missing:
        return f"no such key: {missing[1]}"
    return sentence if len(sentence) <= 200 else f"{sentence[:197]}..."


def _narrow(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _narrow(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_narrow(item) for item in value]
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return value
