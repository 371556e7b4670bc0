"""Asks the rules in CEL of custom resources' definitions about every object that they hold for."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.model.document import Path, dotted
from generator.model.finding import Code, Finding
from generator.model.manifest import Placed
from generator.model.sops import hides
from generator.schema.kubernetes import EXPERIMENTAL as CHANNEL
from generator.schema.rules import Place, Rule, Rules
from generator.validate.hiding import MAX_MESSAGE, Hiding
from generator.validate.schemas import EXPERIMENTAL
from generator.validate.view import View

if TYPE_CHECKING:
    from generator.cel import rules as compiling

_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  rules:
    - matches: [{path: {value: %s}}]
"""

RULE = Code(
    name="schema-rule",
    severity="error",
    title="The API server would refuse the object for a rule of its kind",
    meaning="""\
The definition of a custom resource has rules in CEL (`x-kubernetes-validations`), and one of them is
not true for the object, or has no value for it. The kinds of Istio, the Gateway API and Flux have
such rules, and so may every definition in the output or in the tree. Defaults are filled in before.
Rules that compare with the object before a change (`oldSelf`) are not asked: that is not known.

Rules are asked where the Python package cel-expr-python is installed, and only about objects that
follow their schema in types and required fields, as the API server does.""",
    example=_ROUTE % "/shop//cart",
    mended=_ROUTE % "/shop/cart",
    mend="""\
The message is the rule's own and has the field's path; the hint has the rule. Correct the field in
the file that the finding names. If the cluster's definition has another rule, put it into the tree.""",
)
LEFT_OUT = Code(
    name="rules-not-evaluated",
    severity="note",
    title="Rules of custom resources were not asked",
    meaning="""\
Definitions of custom resources have rules in CEL, which hold for objects of the environment. Either
the Python package cel-expr-python is not installed, and none of them was asked, or it cannot
evaluate one. An object that breaks such a rule is refused by the API server only.""",
    example="",
    mended="",
    mend="""\
`pip install 'weft[policies]'` installs the package; there are builds for Python 3.11 and newer. Of a
rule that cannot be evaluated the note has the reason; nothing has to be done.""",
)

CODES = (RULE, LEFT_OUT)

_LONGEST_RULE = 200
_SAID = {
    "FieldValueForbidden": "is forbidden",
    "FieldValueRequired": "is required",
    "FieldValueDuplicate": "is a duplicate",
}


def check(view: View) -> Iterator[Finding]:
    """A finding for each rule that is not true for an object; notes of what was not asked."""
    run = _Run(view)
    for placed in view.objects:
        found = view.schemas.rules(placed.item.data)
        if found:
            yield from run.findings(placed, found)
    yield from run.left_out()


class _Broken(NamedTuple):
    """A rule that refuses an object: at which place, which value, and why it has none where it has none."""

    place: Place
    path: Path
    value: Any
    rule: Rule
    reason: str | None = None


class _Run:
    """The rules that hold for one environment's output."""

    def __init__(self, view: View) -> None:
        self._view = view
        # Without the library: how many rules by kind and apiVersion.
        self._unasked: dict[tuple[str, str], int] = {}
        # What the library cannot evaluate, told once.
        self._unable: dict[tuple[str, str], Finding] = {}

    @functools.cached_property
    def _hiding(self) -> Hiding:
        return Hiding(self._view)

    def findings(self, placed: Placed, found: Sequence[Rules]) -> Iterator[Finding]:
        """Every finding on an object; `found` are its rules, and those of a wider channel."""
        broken = list(self._broken(placed, found[0]))
        if not broken:
            return
        # What another channel takes is no error, as with fields.
        refused = {item.path for item in self._broken(placed, found[1])} if len(found) > 1 else None
        for item in broken:
            if refused is None or item.path in refused:
                yield self._finding(placed, found[0], item)
            else:
                path = (*item.path, *item.rule.field)
                message = f"{_subject(path)} breaks a rule of the standard channel: {_default(item.rule)}"
                yield self._view.finding(
                    EXPERIMENTAL, placed, message, path=path, hint=CHANNEL, about=_line(item.rule.text)
                )

    def left_out(self) -> Iterator[Finding]:
        """Notes of the rules that were not asked."""
        yield from self._unable.values()
        if self._unasked:
            number = sum(self._unasked.values())
            rules = "1 rule in CEL was" if number == 1 else f"{number} rules in CEL were"
            kinds = ", ".join(sorted({kind for kind, _ in self._unasked}))
            yield Finding(
                environment=self._view.environment,
                code=LEFT_OUT.name,
                severity=LEFT_OUT.severity,
                message=f"{rules} not evaluated ({kinds}): the Python package cel-expr-python is not "
                "installed (pip install 'weft[policies]', for Python 3.11 and newer)",
                source=self._view.objects[0].item.source,
            )

    def _broken(self, placed: Placed, rules: Rules) -> Iterator[_Broken]:
        reached = rules.reached(placed.item.data)
        if not reached:
            return
        if not _available():
            self._unasked[placed.item.kind, str(placed.item.data.get("apiVersion"))] = rules.number
            return
        for place, path, value in reached:
            for rule in place.unable:
                self._cannot(placed, path, rule, "it is about a map of times or durations")
            if place.rules and not hides(placed.item.data, value):
                yield from self._at(placed, place, path, value)

    def _at(self, placed: Placed, place: Place, path: Path, value: Any) -> Iterator[_Broken]:
        from generator.cel import EvaluationError, LimitError

        programs, seen = _compiled(place), place.seen(value)
        for index, error in programs.refused.items():
            more = f" ({error.hint})" if error.hint else ""
            self._cannot(placed, path, place.rules[index], f"{error.message}{more}")
        if programs.hold(seen):
            return
        for index, rule in enumerate(place.rules):
            try:
                if index not in programs.refused and not programs.holds(index, seen):
                    yield _Broken(place, path, value, rule)
            except LimitError as limit:
                self._cannot(placed, path, rule, str(limit))
            except EvaluationError as failed:
                yield _Broken(place, path, value, rule, self._hiding.reason(str(failed), placed.item))

    def _cannot(self, placed: Placed, path: Path, rule: Rule, reason: str) -> None:
        key = (placed.item.kind, rule.text)
        if key not in self._unable:
            about = _line(rule.text)
            message = f"a rule in CEL of {placed.item.kind} is not evaluated, `{_short(about)}`: {reason}"
            self._unable[key] = self._view.finding(LEFT_OUT, placed, message, path=path, about=about)

    def _finding(self, placed: Placed, rules: Rules, broken: _Broken) -> Finding:
        rule, about = broken.rule, _line(broken.rule.text)
        path: Path = (*broken.path, *rule.field)
        hint: str | None = f"the rule is `{_short(about)}`"
        if broken.reason is not None:
            path = broken.path
            message = (
                f"{_subject(path)} breaks a rule of {placed.item.kind}, which has no value: {broken.reason}"
            )
        else:
            said = self._told(placed, rules, broken) or rule.message
            hint = hint if said else None
            what = _SAID.get(rule.reason) or f"breaks a rule of {placed.item.kind}"
            message = f"{_subject(path)} {what}: {said or _default(rule)}"
        return self._view.finding(RULE, placed, message, path=path, hint=hint, about=about)

    def _told(self, placed: Placed, rules: Rules, broken: _Broken) -> str:
        """The text of a message expression, or the empty string where there is none to show."""
        from generator.cel import CompileError, EvaluationError
        from generator.cel.rules import Text

        rule = broken.rule
        if not rule.telling:
            return ""
        # It is asked about an object without its secrets, so that it can give none away.
        value = rules.read(self._hiding.hidden(placed.item.data))
        try:
            for step in broken.path:
                value = value[step]
            text = (
                _compiled(broken.place)
                .told(Text(rule.telling, rule.optional_old), broken.place.seen(value))
                .strip()
            )
        except (CompileError, EvaluationError, LookupError, TypeError, ValueError):
            return ""
        return "" if "\n" in text or len(text.encode()) > MAX_MESSAGE else text


@functools.cache
def _available() -> bool:
    from generator import cel

    return cel.available()


@functools.lru_cache(maxsize=4096)
def _compiled(place: Place) -> compiling.Rules:
    """The programs of a place, made once in the process."""
    from generator.cel import rules as compiling

    texts = [compiling.Text(rule.text, rule.optional_old) for rule in place.rules]
    return compiling.Rules(texts, place.typed)


def _subject(path: Path) -> str:
    return f"`{dotted(path)}`" if path else "the object"


def _default(rule: Rule) -> str:
    return rule.message or f"failed rule: {_line(rule.text)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_RULE else f"{text[: _LONGEST_RULE - 3]}..."
