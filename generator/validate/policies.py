"""Evaluates the user's own policies on every object that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.model.document import Position
from generator.model.finding import SEVERITIES, Code, Finding, Severity
from generator.model.manifest import JSON, Manifest, Placed, mapping
from generator.model.policy import Policy, Validation
from generator.validate.matching import Matcher, version
from generator.validate.view import View

if TYPE_CHECKING:
    from generator.cel import Bound, Program
    from generator.cel.policies import Compiled, Values

_DEPLOYMENT = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: web}
spec:
  containers: [{name: web, image: "%s"}]
"""

POLICY = Code(
    name="policy",
    severity="error",
    title="An object breaks a policy of your own",
    meaning="""\
A policy in `policies/` says that objects like this one must be otherwise. Policies are written as
Kubernetes' ValidatingAdmissionPolicy; each expression must be true for every object that the policy
is about. A binding with `Warn` makes the finding a warning, one with `Audit` a note.""",
    example=_DEPLOYMENT % "nginx:latest",
    mended=_DEPLOYMENT % "nginx:1.29.0",
    mend="""\
Change the object as the message says; in the example a policy forbids the tag `latest`. The hint
names the expression's place in the policy.""",
)

CODES = (POLICY,)

# The API server asks no policy about these, so that one cannot forbid its own repair.
_EXEMPT = frozenset(
    f"{kind}{suffix}"
    for kind in ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
    for suffix in ("", "Binding")
) | {"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}
# As many bytes as the API server takes of a message.
_MAX_MESSAGE = 5 * 1024


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
        self._ruled: dict[tuple[str, str, str, bool], Sequence[tuple[Policy, Compiled]]] = {}

    def findings(self) -> Iterator[Finding]:
        """Every finding, object by object."""
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
                yield self._unknown(policy, asked.placed, severity, policy.conditions[0].place, error)
            return
        bound = compiled.bind(asked.values, asked.start)
        for validation, (program, telling) in zip(policy.validations, compiled.validations, strict=True):
            place = validation.expression.place
            try:
                holds = policies.evaluate(program, bound)
                if not isinstance(holds, bool):
                    raise EvaluationError("its value is no bool")
            except EvaluationError as error:
                if policy.fails:
                    yield self._unknown(policy, asked.placed, severity, place, error)
                continue
            if not holds:
                message = _told(compiled, telling, asked, bound) or _message(validation)
                yield self._found(policy, asked.placed, severity, message, f"the policy is in {place}")

    def _unknown(
        self, policy: Policy, placed: Placed, severity: Severity, place: Position, error: Exception
    ) -> Finding:
        # The reason may quote a value.
        reason = "(not shown)" if _secret(placed.item) else str(error)
        unset = "no such key" in reason
        hint = f"the policy is in {place}"
        if unset:
            hint += "; the API server sets defaults first, so ask has(…) or use .?"
        return self._found(policy, placed, severity, f"the expression has no value: {reason}", hint)

    def _found(self, policy: Policy, placed: Placed, severity: Severity, message: str, hint: str) -> Finding:
        text = f"policy `{policy.name}`: {self._view.identity(placed.item)}: {message}"
        return self._view.finding(POLICY, placed, text, hint=hint, severity=severity)


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


def _told(compiled: Compiled, telling: Program | None, asked: _Asked, bound: Values) -> str:
    """The text of a message expression, or the empty string where there is none to show."""
    from generator.cel import EvaluationError, policies

    if telling is None:
        return ""
    if _secret(asked.placed.item):
        # The expression is asked about a Secret without its content, so that it can give none away.
        hidden = {**asked.values, "object": _hidden(asked.placed.item.data)}
        bound = compiled.bind(hidden, policies.begin(hidden))
    try:
        text = policies.evaluate(telling, bound)
    except EvaluationError:
        return ""
    text = text.strip() if isinstance(text, str) else ""
    return "" if "\n" in text or len(text.encode()) > _MAX_MESSAGE else text


def _secret(item: Manifest) -> bool:
    return (item.group, item.kind) == ("", "Secret")


def _hidden(data: JSON) -> JSON:
    shown = dict(data)
    for field in ("data", "stringData"):
        if isinstance(shown.get(field), dict):
            shown[field] = dict.fromkeys(shown[field], "(not shown)")
    # The annotation of `kubectl apply` holds the whole object once more.
    metadata = dict(mapping(data, "metadata"))
    if metadata.get("annotations"):
        metadata["annotations"] = dict.fromkeys(mapping(metadata, "annotations"), "(not shown)")
    return {**shown, "metadata": metadata}
