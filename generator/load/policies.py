"""Reads the user's policies from policies/, and refuses what would not be evaluated as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError, suggestion
from generator.load import files
from generator.model.definition import Component
from generator.model.document import Document, Position
from generator.model.filenames import POLICIES
from generator.model.finding import SEVERITIES, Severity
from generator.model.policy import (
    Binding,
    BindingFile,
    BindingSpec,
    Expression,
    MatchResources,
    Policy,
    PolicyFile,
    PolicyMetadata,
    PolicySpec,
    ResourceRule,
    Validation,
)

_SEVERITY: dict[str, Severity] = {"Deny": "error", "Warn": "warning", "Audit": "note"}
_PARAMETERS = "parameters are objects in a cluster, and weft asks none"
_HINTS = {"status": "remove it: it is the cluster's"}


def load(folder: Path, tree: Component) -> tuple[Policy, ...]:
    """The policies of the definition in `folder`, by name; none where `policies/` is a component's folder.

    Raises Several with every fault, and SurroundingsError where the CEL library is missing.
    """
    if any(part.folder == POLICIES or part.folder.startswith(f"{POLICIES}/") for part in tree.walk()):
        return ()
    found: dict[str, Policy] = {}
    bindings: list[tuple[Document, BindingFile]] = []
    errors: list[WeftError] = []
    for _, file in files.stems(folder, POLICIES):
        try:
            documents = _read(folder / file, file)
        except WeftError as error:
            errors.append(error)
            continue
        for document in documents:
            try:
                parsed = _parsed(document)
                if isinstance(parsed, BindingFile):
                    bindings.append((document, parsed))
                else:
                    _add(found, _policy(document, parsed))
            except WeftError as error:
                errors.append(error)
    errors.extend(_bind(found, bindings))
    for policy in found.values():
        errors.extend(_faults(folder, policy))
    if errors:
        raise Several(errors)
    return tuple(found[name] for name in sorted(found))


def _read(path: Path, file: str) -> list[Document]:
    if path.suffix == ".json":
        return [yamlio.read_file(path, file)]
    try:
        return yamlio.read(path.read_bytes(), file)
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror or error}", file=file) from error


def _parsed(document: Document) -> PolicyFile | BindingFile:
    kinds = {"ValidatingAdmissionPolicy": PolicyFile, "ValidatingAdmissionPolicyBinding": BindingFile}
    kind = document.value.get("kind") if isinstance(document.value, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise DefinitionError.at(
            document.where("kind"),
            f"found {f'the kind `{kind}`' if kind else 'no kind'}, expected a ValidatingAdmissionPolicy",
            hint=suggestion(str(kind), kinds) or f"{POLICIES}/ holds policies that weft evaluates itself",
        )
    parsed: PolicyFile | BindingFile = files.parse(kinds[kind], document, _HINTS)
    _required(document, parsed.api_version, "apiVersion")
    _required(document, parsed.metadata and parsed.metadata.name, "metadata", "name")
    _required(document, parsed.spec, "spec")
    return parsed


def _required(document: Document, value: Any, *path: str | int) -> None:
    if not value:
        raise DefinitionError.at(document.where(*path[:-1]), f"`{_dotted(path)}` is missing")


def _dotted(path: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _policy(document: Document, file: PolicyFile) -> Policy:
    spec = file.spec or PolicySpec()
    if spec.param_kind is not None:
        raise DefinitionError.at(
            document.where("spec", "paramKind"),
            "`spec.paramKind` is not supported",
            hint=f"{_PARAMETERS}: write the values into the expressions",
        )
    rules = spec.match_constraints and spec.match_constraints.resource_rules
    _required(document, rules, "spec", "matchConstraints", "resourceRules")
    _check_rules(document, spec.match_constraints, "spec", "matchConstraints")
    if not spec.audit_annotations:
        _required(document, spec.validations, "spec", "validations")
    return Policy(
        name=(file.metadata or PolicyMetadata()).name or "",
        place=document.where("metadata", "name"),
        match=spec.match_constraints or MatchResources(),
        validations=tuple(_validations(document, spec)),
        conditions=tuple(_named(document, spec.match_conditions, "matchConditions")),
        variables=tuple(_named(document, spec.variables, "variables")),
        fails=spec.failure_policy != "Ignore",
    )


def _check_rules(document: Document, match: MatchResources | None, *path: str | int) -> None:
    for name in ("resourceRules", "excludeResourceRules"):
        rules = match and (match.resource_rules if name == "resourceRules" else match.exclude_resource_rules)
        for index, rule in enumerate(rules or ()):
            where = (*path, name, index)
            _required(document, rule.api_groups is not None, *where, "apiGroups")
            _required(document, rule.api_versions, *where, "apiVersions")
            _required(document, rule.operations, *where, "operations")
            _required(document, rule.resources, *where, "resources")
            _check_targets(document, rule, *where)


def _check_targets(document: Document, rule: ResourceRule, *where: str | int) -> None:
    """Refuses a group or a resource that there cannot be: the policy would be passed over in silence."""
    from generator.schema import resources

    groups = rule.api_groups or ()
    for index, group in enumerate(groups):
        hint = resources.group_fault(group)
        if hint:
            place = document.where(*where, "apiGroups", index)
            raise DefinitionError.at(place, f"there is no API group `{group}`", hint)
    for index, resource in enumerate(rule.resources or ()):
        hint = resources.resource_fault(groups, resource.partition("/")[0])
        if hint:
            place = document.where(*where, "resources", index)
            named = " or ".join(f"`{group}`" if group else "the core group" for group in groups)
            raise DefinitionError.at(place, f"there is no resource `{resource}` in {named}", hint)


def _validations(document: Document, spec: PolicySpec) -> Iterator[Validation]:
    for index, entry in enumerate(spec.validations or ()):
        path: tuple[str | int, ...] = ("spec", "validations", index)
        _required(document, entry.expression, *path, "expression")
        telling = None
        if entry.message_expression:
            telling = Expression(entry.message_expression, document.where(*path, "messageExpression"))
        place = document.where(*path, "expression")
        yield Validation(Expression(entry.expression or "", place), entry.message, telling)


def _named(document: Document, entries: Any, name: str) -> Iterator[Expression]:
    for index, entry in enumerate(entries or ()):
        _required(document, entry.name, "spec", name, index, "name")
        _required(document, entry.expression, "spec", name, index, "expression")
        yield Expression(entry.expression, document.where("spec", name, index, "expression"), entry.name)


def _add(found: dict[str, Policy], policy: Policy) -> None:
    if policy.name in found:
        raise DefinitionError.at(
            policy.place, f"the policy `{policy.name}` is also in {found[policy.name].place}", "rename one"
        )
    found[policy.name] = policy


def _bind(found: dict[str, Policy], bindings: list[tuple[Document, BindingFile]]) -> Iterator[WeftError]:
    """Puts bindings into their policies; yields what is wrong with them."""
    bound: dict[str, list[Binding]] = {}
    for document, file in bindings:
        try:
            binding, name = _binding(document, file), (file.spec and file.spec.policy_name) or ""
        except WeftError as error:
            yield error
            continue
        if name in found:
            bound.setdefault(name, []).append(binding)
        else:
            place = document.where("spec", "policyName")
            hint = suggestion(name, found)
            yield DefinitionError.at(place, f"there is no policy `{name}` in {POLICIES}/", hint)
    for name, several in bound.items():
        found[name] = replace(found[name], bindings=tuple(several))


def _binding(document: Document, file: BindingFile) -> Binding:
    spec = file.spec or BindingSpec()
    if spec.param_ref is not None:
        raise DefinitionError.at(
            document.where("spec", "paramRef"), "`spec.paramRef` is not supported", hint=_PARAMETERS
        )
    _required(document, spec.policy_name, "spec", "policyName")
    actions = spec.validation_actions or ()
    _required(document, actions, "spec", "validationActions")
    if "Deny" in actions and "Warn" in actions:
        raise DefinitionError.at(
            document.where("spec", "validationActions"), "`Deny` and `Warn` exclude each other", "keep one"
        )
    _check_rules(document, spec.match_resources, "spec", "matchResources")
    severity = min((_SEVERITY[action] for action in actions), key=SEVERITIES.index)
    return Binding(severity, spec.match_resources or MatchResources())


def _faults(folder: Path, policy: Policy) -> Iterator[WeftError]:
    from generator.cel import policies

    try:
        policies.compiled(policy)
    except policies.BadExpressions as bad:
        for expression, error in bad.faults:
            place = _inside(folder, expression, error.line, error.column)
            yield DefinitionError.at(
                place, f"policy `{policy.name}`: the expression is refused: {error.message}", error.hint
            )


def _inside(folder: Path, expression: Expression, line: int, column: int) -> Position:
    """Where in the file the `column` of the `line` of an expression stands, as far as it can be told."""
    place = expression.place
    if place.line is None or place.column is None or not place.file.endswith(".yaml"):
        return place
    lines = (folder / place.file).read_text("utf-8-sig").splitlines()
    key, _, head = lines[place.line - 1][place.column - 1 :].partition(":")
    head = head.strip()
    if not head.startswith(("|", ">")):
        written = lines[place.line - 1].find(expression.text.split("\n")[0], place.column + len(key))
        return place if written < 0 or line > 1 else Position(place.file, place.line, written + column)
    # Lines of a folded block are one line of the expression, so that characters are counted and not lines.
    offset = sum(len(text) + 1 for text in expression.text.split("\n")[: line - 1]) + column - 1
    rest = lines[place.line :]
    indent = next((len(text) - len(text.lstrip()) for text in rest if text.strip()), 0)
    for number, text in enumerate(rest, start=place.line + 1):
        if head.startswith(">") and not text.strip():
            continue
        length = len(text[indent:]) + 1
        if offset < length:
            return Position(place.file, number, indent + offset + 1)
        offset -= length
    return place
