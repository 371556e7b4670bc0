"""The user's policies: Kubernetes' ValidatingAdmissionPolicy and its binding, and what weft makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from generator.model.document import Position
from generator.model.finding import Severity
from generator.model.formats import key as entry
from generator.model.record import record

ApiVersion = Literal["admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1"]
Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]
Action = Literal["Deny", "Warn", "Audit"]


@record(frozen=True, kw_only=True)
class PolicyMetadata:
    """`metadata` of a policy or a binding."""

    name: str | None = entry("Its name.", minLength=1)
    labels: Mapping[str, str] | None = entry("Labels; they have no effect.")
    annotations: Mapping[str, str] | None = entry("Annotations; they have no effect.")


@record(frozen=True, kw_only=True)
class LabelRequirement:
    """An entry of `matchExpressions`."""

    key: str | None = entry("The label.", minLength=1)
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] | None = entry("How it is compared.")
    values: tuple[str, ...] | None = entry("The values of `In` and `NotIn`.")


@record(frozen=True, kw_only=True)
class LabelSelector:
    """Which labels an object, or its Namespace, must have."""

    match_labels: Mapping[str, str] | None = entry("Labels with their values.")
    match_expressions: tuple[LabelRequirement, ...] | None = entry("Comparisons, all of which must hold.")


@record(frozen=True, kw_only=True)
class ResourceRule:
    """Which resources a policy is about."""

    api_groups: tuple[str, ...] | None = entry('API groups; `""` is the core group, `*` any.')
    api_versions: tuple[str, ...] | None = entry("Versions; `*` for any.")
    operations: tuple[Operation, ...] | None = entry("Weft's objects are created: `CREATE` or `*`.")
    resources: tuple[str, ...] | None = entry("Resources in the plural, such as `deployments`; `*` for any.")
    resource_names: tuple[str, ...] | None = entry("Names of objects; any where it is left out.")
    scope: Literal["Cluster", "Namespaced", "*"] | None = entry(
        "Objects in namespaces, outside of them, or both."
    )


@record(frozen=True, kw_only=True)
class MatchResources:
    """Which objects a policy is about."""

    resource_rules: tuple[ResourceRule, ...] | None = entry("An object must match one of these.")
    exclude_resource_rules: tuple[ResourceRule, ...] | None = entry("An object must match none of these.")
    namespace_selector: LabelSelector | None = entry("Labels of the object's Namespace.")
    object_selector: LabelSelector | None = entry("Labels of the object.")
    match_policy: Literal["Exact", "Equivalent"] | None = entry(
        "`Equivalent`, the default: other versions of the same group match as well."
    )


@record(frozen=True, kw_only=True)
class NamedExpression:
    """A variable or a match condition."""

    name: str | None = entry("Its name.", minLength=1)
    expression: str | None = entry("CEL.", minLength=1)


@record(frozen=True, kw_only=True)
class AuditAnnotation:
    """What the API server writes into its audit log; weft only checks that it compiles."""

    key: str | None = entry("Its key.", minLength=1)
    value_expression: str | None = entry("CEL, a string.", minLength=1)


@record(frozen=True, kw_only=True)
class ValidationEntry:
    """An expression that must be true."""

    expression: str | None = entry("CEL, a bool.", minLength=1)
    message: str | None = entry("What is said where it is false.")
    message_expression: str | None = entry("CEL, a string that is said in its place.", minLength=1)
    reason: Literal["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"] | None = entry(
        "The API server's status; it has no effect here."
    )


@record(frozen=True, kw_only=True)
class PolicySpec:
    """`spec` of a ValidatingAdmissionPolicy."""

    match_constraints: MatchResources | None = entry("Which objects the policy is about.")
    match_conditions: tuple[NamedExpression, ...] | None = entry("Expressions that narrow that down.")
    variables: tuple[NamedExpression, ...] | None = entry(
        "Expressions that others use as `variables.<name>`."
    )
    validations: tuple[ValidationEntry, ...] | None = entry("What must hold.")
    audit_annotations: tuple[AuditAnnotation, ...] | None = entry("For the API server's audit log.")
    failure_policy: Literal["Fail", "Ignore"] | None = entry(
        "What an expression without a value means; `Fail`."
    )
    param_kind: Any = entry("Not supported: parameters are objects in the cluster.")


@record(frozen=True, kw_only=True)
class PolicyFile:
    """A ValidatingAdmissionPolicy in policies/"""

    api_version: ApiVersion | None = entry("`admissionregistration.k8s.io/v1`.")
    kind: Literal["ValidatingAdmissionPolicy"] | None = entry("`ValidatingAdmissionPolicy`.")
    metadata: PolicyMetadata | None = entry("Its name.")
    spec: PolicySpec | None = entry("What it says.")


@record(frozen=True, kw_only=True)
class BindingSpec:
    """`spec` of a ValidatingAdmissionPolicyBinding."""

    policy_name: str | None = entry("The policy.", minLength=1)
    validation_actions: tuple[Action, ...] | None = entry(
        "`Deny`: an error, `Warn`: a warning, `Audit`: a note."
    )
    match_resources: MatchResources | None = entry("For which objects; for all of the policy's by default.")
    param_ref: Any = entry("Not supported: parameters are objects in the cluster.")


@record(frozen=True, kw_only=True)
class BindingFile:
    """A ValidatingAdmissionPolicyBinding in policies/"""

    api_version: ApiVersion | None = entry("`admissionregistration.k8s.io/v1`.")
    kind: Literal["ValidatingAdmissionPolicyBinding"] | None = entry("`ValidatingAdmissionPolicyBinding`.")
    metadata: PolicyMetadata | None = entry("Its name.")
    spec: BindingSpec | None = entry("Which policy it puts in force, and how.")


@record(frozen=True)
class Expression:
    """A CEL expression, its name where it has one, and where it stands."""

    text: str
    place: Position
    name: str = ""


@record(frozen=True)
class Validation:
    """An expression that must be true, and what is said where it is not."""

    expression: Expression
    message: str | None = None
    message_expression: Expression | None = None


@record(frozen=True)
class Binding:
    """For which of a policy's objects it holds, and with which severity."""

    severity: Severity
    match: MatchResources = field(default_factory=MatchResources)


@record(frozen=True)
class Policy:
    """A policy of the user's own. `fails` says that an expression without a value is a finding."""

    name: str
    place: Position
    match: MatchResources
    validations: Sequence[Validation]
    conditions: Sequence[Expression] = ()
    variables: Sequence[Expression] = ()
    fails: bool = True
    bindings: Sequence[Binding] = (Binding("error"),)
