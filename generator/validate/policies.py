"""Evaluates the user's own policies on every object that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.model.finding import SEVERITIES, Code, Finding, Severity
from generator.model.manifest import Manifest, Placed
from generator.validate.hiding import MAX_MESSAGE, Hiding
from generator.validate.matching import Matcher, version
from generator.validate.view import View

if TYPE_CHECKING:
    from generator.cel import Bound, Program
    from generator.cel.policies import Compiled
    from generator.model.policy import Expression, Policy, Validation

_DEPLOYMENT = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: "%s"}]
"""

_NO_LATEST = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-latest}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: object.spec.containers.all(c, !c.image.endsWith(':latest'))
      message: an image states its version
"""

POLICY = Code(
    name="policy",
    severity="error",
    title="An object breaks a policy of your own",
    meaning="""\
A policy in `policies/` says that objects like this one must be otherwise. Policies are written as
Kubernetes' ValidatingAdmissionPolicy; each expression must be true for every object that the policy
is about. A binding with `Warn` makes the finding a warning, one with `Audit` a note.""",
    beside={"policies/no-latest.yaml": _NO_LATEST},
    example=_DEPLOYMENT % "nginx:latest",
    mended=_DEPLOYMENT % "nginx:1.29.0",
    mend="""\
Change the object as the message says. The hint names the expression's place in the policy. How
policies are written and tried is in docs/guide/policies.md.""",
)

CODES = (POLICY,)

# The API server asks no policy about these, so that one cannot forbid its own repair.
_EXEMPT = frozenset(
    f"{kind}{suffix}"
    for kind in ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
    for suffix in ("", "Binding")
) | {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}


def check(view: View) -> Iterator[Finding]:
    """A finding for each validation that an object does not meet."""
    if view.policies:
        yield from _Run(view).findings()


class _Asked:
    """An object with what expressions see of it, handed to the library once for all policies."""

    def __init__(self, placed: Placed, values: Mapping[str, Any]) -> None:
        from generator.cel import policies

        self.placed = placed
        self.values = values
        self.start = policies.begin(values)


class _Run:
    """The policies of one environment's output."""

    def __init__(self, view: View) -> None:
        # Only here, because the library costs time and most definitions have no policy.
        from generator.cel import policies

        self._view = view
        self._matcher = Matcher(view)
        self._policies = [(policy, policies.compiled(policy)) for policy in view.policies]
        # What the message expressions of an object see, with what must not be shown replaced.
        self._hiding = Hiding(view)
        self._ruled: dict[tuple[str, str, str, bool], Sequence[tuple[Policy, Compiled]]] = {}

    def findings(self) -> Iterator[Finding]:
        """Every finding, object by object."""
        for policy, _ in self._policies:
            if not self._matcher.knows(policy.match):
                yield self._idle(policy)
        for placed in self._view.objects:
            item = placed.item
            if item.group == "admissionregistration.k8s.io" and item.kind in _EXEMPT:
                continue
            asked: _Asked | None = None
            for policy, compiled in self._candidates(item):
                severity = self._severity(policy, item)
                if severity is not None:
                    asked = asked or _Asked(placed, self._values(item))
                    yield from self._of(policy, compiled, asked, severity)

    def _idle(self, policy: Policy) -> Finding:
        return Finding(
            environment=self._view.environment,
            code=POLICY.name,
            severity="note",
            message=f"policy `{policy.name}` is about no kind that weft knows, and about no object",
            source=policy.place,
            hint="compare its apiGroups and resources with the CustomResourceDefinition",
        )

    def _candidates(self, item: Manifest) -> Sequence[tuple[Policy, Compiled]]:
        """The policies that are about such objects, whatever their name and labels are."""
        key = (item.group, version(item), item.kind, self._matcher.cluster_scoped(item))
        if key not in self._ruled:
            self._ruled[key] = [both for both in self._policies if self._matcher.ruled(both[0].match, item)]
        return self._ruled[key]

    def _severity(self, policy: Policy, item: Manifest) -> Severity | None:
        """How the policy holds for the object, or None where it does not."""
        if not self._matcher.matches(policy.match, item):
            return None
        found = [found.severity for found in policy.bindings if self._matcher.matches(found.match, item)]
        return min(found, key=SEVERITIES.index) if found else None

    def _values(self, item: Manifest) -> dict[str, Any]:
        cluster = self._matcher.cluster_scoped(item)
        group = {"group": item.group, "version": version(item)}
        kind = {**group, "kind": item.kind}
        resource = {**group, "resource": self._matcher.resource(item)}
        namespace = "" if cluster else item.namespace or "default"
        if (item.group, item.kind) == ("", "Namespace"):
            namespace = item.name
        return {
            "object": item.data,
            "oldObject": None,
            "namespaceObject": None if cluster else self._matcher.namespace(item),
            "request": {
                "kind": kind,
                "requestKind": kind,
                "resource": resource,
                "requestResource": resource,
                "subResource": "",
                "requestSubResource": "",
                "name": item.name,
                "namespace": namespace,
                "operation": "CREATE",
                "dryRun": False,
            },
        }

    def _of(self, policy: Policy, compiled: Compiled, asked: _Asked, severity: Severity) -> Iterator[Finding]:
        from generator.cel import EvaluationError, policies

        try:
            if not _applies(compiled, asked.start):
                return
        except EvaluationError as error:
            if policy.fails:
                yield self._unknown(policy, asked.placed, severity, policy.conditions[0], error)
            return
        bound = compiled.bind(asked.values, asked.start)
        for validation, (program, telling) in zip(policy.validations, compiled.validations, strict=True):
            rule = validation.expression
            try:
                holds = policies.evaluate(program, bound)
                if not isinstance(holds, bool):
                    raise EvaluationError("its value is no bool")
            except EvaluationError as error:
                if policy.fails:
                    yield self._unknown(policy, asked.placed, severity, rule, error)
                continue
            if not holds:
                message = self._told(compiled, telling, asked) or _message(validation)
                hint = f"the policy is in {rule.place}"
                yield self._found(policy, asked.placed, severity, message, hint, rule)

    def _unknown(
        self, policy: Policy, placed: Placed, severity: Severity, rule: Expression, error: Exception
    ) -> Finding:
        # The reason may quote a value.
        reason = self._hiding.reason(str(error), placed.item)
        unset = "no such key" in reason
        hint = f"the policy is in {rule.place}"
        if unset:
            hint += "; the API server sets defaults first, so ask has(…) or use .?"
        return self._found(policy, placed, severity, f"the expression has no value: {reason}", hint, rule)

    def _told(self, compiled: Compiled, telling: Program | None, asked: _Asked) -> str:
        """The text of a message expression, or the empty string where there is none to show."""
        from generator.cel import EvaluationError, policies

        if telling is None:
            return ""
        # The expression is asked about an object without its secrets, so that it can give none away.
        hidden = dict(asked.values)
        for name in ("object", "namespaceObject"):
            hidden[name] = self._hiding.hidden(asked.values[name])
        bound = compiled.bind(hidden, policies.begin(hidden))
        try:
            text = policies.evaluate(telling, bound)
        except EvaluationError:
            return ""
        text = text.strip() if isinstance(text, str) else ""
        return "" if "\n" in text or len(text.encode()) > MAX_MESSAGE else text

    def _found(
        self,
        policy: Policy,
        placed: Placed,
        severity: Severity,
        message: str,
        hint: str,
        rule: Expression,
    ) -> Finding:
        text = f"policy `{policy.name}`: {self._view.identity(placed.item)}: {message}"
        # The expression and not its number, which another one may have when the policy changes.
        about = f"{policy.name}: {' '.join(rule.text.split())}"
        return self._view.finding(POLICY, placed, text, hint=hint, severity=severity, about=about)


def _applies(compiled: Compiled, bound: Bound) -> bool:
    """Whether all match conditions hold. Raises EvaluationError where one has no value and none is false."""
    from generator.cel import EvaluationError

    failed = None
    for program in compiled.conditions:
        try:
            if program.evaluate(bound) is not True:
                return False
        except EvaluationError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return True


def _message(validation: Validation) -> str:
    message = (validation.message or "").strip()
    return message or f"failed expression: {' '.join(validation.expression.text.split())}"
