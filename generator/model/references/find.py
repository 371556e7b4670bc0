"""The references in one object: the rules of its kind, compiled into a walk of only the fields they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from re import Match, Pattern
from typing import Any, NamedTuple

from generator.model.manifest import CLUSTER_SCOPED
from generator.model.references.rule import (
    GROUPS,
    ITEM,
    PATTERNS,
    SELECTS,
    WHOLE,
    Form,
    Groups,
    Otherwise,
    Path,
    Rule,
)
from generator.model.sops import LATER, ciphered, encrypted, masked

Step = str | int
_Trail = tuple[Any, ...]  # (the trail to the parent, the last step): made flat only for what is found

# Group, kind, namespace, name, and whether the reference states the namespace.
_Target = tuple[str, str, str | None, str, bool]


class Found:
    """One reference in one object. Not to be changed."""

    __slots__ = ("_holder", "_trail", "group", "kind", "name", "namespace", "rule", "stated", "value")

    def __init__(
        self,
        rule: Rule,
        value: Any,
        holder: Mapping[str, Any],
        trail: _Trail,
        target: _Target,
    ) -> None:
        self.rule = rule
        self.value = value
        """The text, or the map of a selector, as the object has it."""
        self._holder = holder
        self._trail = trail
        self.group, self.kind, self.namespace, self.name, self.stated = target
        # kind: empty where the manifest does not say. namespace: empty outside namespaces, and where the
        # object that refers has none; None where the manifest does not tell. name: empty for a selector,
        # WHOLE for all of a namespace. stated: whether the reference itself has the namespace.

    def __repr__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"Found({place}: {self.kind}.{self.group} {self.namespace}/{self.name})"

    @property
    def path(self) -> tuple[Step, ...]:
        """The steps from the object to the text or map."""
        return _flat(self._trail)

    @property
    def holder_path(self) -> tuple[Step, ...]:
        """The steps from the object to the map whose field this is, lists in between left out."""
        path = self.path
        while isinstance(path[-1], int):
            path = path[:-1]
        return path[:-1]

    @property
    def selects(self) -> bool:
        """Whether objects are chosen by labels; there is no name then."""
        return self.rule.form in SELECTS

    @property
    def optional(self) -> bool:
        """Whether the manifest says that the object, or the key in it, need not be there."""
        told = self._holder.get(self.rule.optional_at) if self.rule.optional_at else None
        return told is True or told == LATER

    @property
    def certain(self) -> bool:
        """Whether the text can mean nothing else: `shop.example` may be a Service or a public name."""
        match = PATTERNS[Form.HOST].fullmatch(self.value) if self.rule.form is Form.HOST else None
        return match is None or match["shortns"] is None

    @property
    def keys(self) -> tuple[str, ...]:
        """The data keys of the ConfigMap or Secret that are asked for."""
        found = _at(self._holder, self.rule.keys_at) if self.rule.keys_at else ()
        return tuple(key for key in found if isinstance(key, str) and LATER not in key)

    @property
    def port(self) -> int | str | None:
        """The port of the Service, by number or name."""
        for path in self.rule.ports_at:
            for port in _at(self._holder, path):
                if isinstance(port, int | str) and not isinstance(port, bool):
                    return port
        return None

    @property
    def subset(self) -> str | None:
        """The subset of the host that a DestinationRule must define."""
        return self._text(self.rule.subset_at)

    @property
    def section(self) -> str | None:
        """The listener of a Gateway, the port's name of a Service, or the part of a Workload."""
        return self._text(self.rule.section_at)

    def _text(self, path: Path) -> str | None:
        texts = (text for text in _at(self._holder, path) if isinstance(text, str)) if path else ()
        return next((text for text in texts if LATER not in text), None)


def references(data: Mapping[str, Any]) -> Iterator[Found]:
    """Every reference of an object to another, selectors among them, in the order of its fields.

    What is not of the form that Kubernetes asks for is passed over: schemas tell about it. Text with `$` is
    also passed over, since only whoever replaces it knows the name, and so is what SOPS encrypted.
    """
    kind, version = data.get("kind"), data.get("apiVersion")
    if not isinstance(kind, str) or not isinstance(version, str):
        return iter(())
    found: list[Found] = []
    own: str | None = namespace_of(data)
    if encrypted(data):
        own, data = None if ciphered(own) else own, masked(data)
    _walk(_compiled(version.rpartition("/")[0], kind), data, data, (), own, found)
    return iter(found)


def namespace_of(data: Mapping[str, Any]) -> str:
    """The namespace that an object states, or the empty string."""
    metadata = data.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) else ""


class _Check(NamedTuple):
    """A rule with what can be known of it before an object is seen."""

    rule: Rule
    # One of the three: a name alone, a text with a pattern, a selector.
    plain: bool
    pattern: Pattern[str] | None
    groups: Groups
    # A name alone of a fixed kind, in a namespace that the reference cannot state.
    simple: bool
    # Where the object is if the reference does not say; `own` stands for the namespace of who refers.
    elsewhere: str | None
    own: bool


class _Node(NamedTuple):
    """A place in objects of one kind: the rules for what is there, and where to go on."""

    checks: list[_Check]
    fields: dict[str, _Node]
    items: list[_Node]  # none or one

    def leads_on(self, value: Any) -> bool:
        """Whether there is anything to look at in a map that stands here."""
        return bool(self.checks) or value.__class__ is not dict or not self.fields.keys().isdisjoint(value)


@cache
def _compiled(group: str, kind: str) -> _Node:
    # The table is several hundred rules, and many commands look at no object.
    from generator.model.references.table import rules

    root = _Node([], {}, [])
    for path, rule in rules(group, kind):
        node = root
        for step in path:
            if step == ITEM:
                if not node.items:
                    node.items.append(_Node([], {}, []))
                node = node.items[0]
            else:
                node = node.fields.setdefault(step, _Node([], {}, []))
        node.checks.append(_check(rule))
    return root


def _check(rule: Rule) -> _Check:
    fixed = not (rule.kind_at or rule.group_at)
    cluster = rule.otherwise is Otherwise.CLUSTER or (fixed and (rule.group, rule.kind) in CLUSTER_SCOPED)
    simple = fixed and rule.form is Form.NAME and not rule.when and (cluster or not rule.namespace_at)
    return _Check(
        rule=rule,
        plain=rule.form is Form.NAME,
        pattern=PATTERNS.get(rule.form),
        groups=GROUPS.get(rule.form, Groups((), ())),
        simple=simple,
        elsewhere="" if cluster else None,
        own=not cluster and rule.otherwise is Otherwise.OWN,
    )


def _walk(
    node: _Node, value: Any, holder: Mapping[str, Any], trail: _Trail, own: str | None, found: list[Found]
) -> None:
    checks, fields, items = node
    for check in checks:
        target = _target(check, value, holder, own)
        if target is not None:
            found.append(Found(check.rule, value, holder, trail, target))
    if fields and isinstance(value, dict):
        for key, child in value.items():
            if key in fields:
                _walk(fields[key], child, value, (trail, key), own, found)
    elif items and isinstance(value, list):
        following = items[0]
        for index, child in enumerate(value):
            if following.leads_on(child):
                _walk(following, child, holder, (trail, index), own, found)


def _target(check: _Check, value: Any, holder: Mapping[str, Any], own: str | None) -> _Target | None:
    """What is named, or None if nothing is."""
    rule, plain, pattern, groups, simple, elsewhere, mine = check
    name, stated = "", None
    if plain:
        # `*` and `$` are in no name: patterns, and variables that are replaced later.
        if not isinstance(value, str) or value in _NO_NAMES or "*" in value or LATER in value:
            return None
        name = value
        if simple:
            return rule.group, rule.kind, own if mine else elsewhere, name, False
    elif pattern:
        match = pattern.fullmatch(value) if isinstance(value, str) and len(value) < _LONGEST else None
        if not match:
            return None
        name, stated = _stated(match, groups)
    elif not isinstance(value, dict):
        return None
    if rule.when and holder.get(rule.when[0]) not in rule.when[1]:
        return None
    group, kind = _kind(rule, holder)
    if rule.kind_at and (not kind or (group, kind) in CLUSTER_SCOPED):
        return (group, kind, "", name, False) if kind else None
    if stated is None and rule.namespace_at:
        told = holder.get(rule.namespace_at)
        stated = told if isinstance(told, str) and told else None
        if stated and LATER in stated:
            return group, kind, None, name, False
    if stated is not None:
        return group, kind, stated, name, True
    return group, kind, own if mine else elsewhere, name, False


def _stated(match: Match[str], groups: Groups) -> tuple[str, str | None]:
    """The name, and the namespace if the text has one."""
    name, namespace = WHOLE, None
    for number in groups.names:
        name = match[number] or name
    for number in groups.spaces:
        namespace = match[number] or namespace
    return name, namespace


def _kind(rule: Rule, holder: Mapping[str, Any]) -> tuple[str, str]:
    """Group and kind of what is named; no kind where the holder should say it and does not."""
    group, kind = rule.group, rule.kind
    if rule.kind_at:
        told = holder.get(rule.kind_at, kind)
        kind = told if isinstance(told, str) else ""
    if rule.group_at:
        told = holder.get(rule.group_at)
        if isinstance(told, str):
            group = told.rpartition("/")[0] if rule.group_at == "apiVersion" else told
    return group, "" if LATER in group + kind else kind


# `.` and `~` stand in the place of a namespace.
_NO_NAMES = frozenset(("", ".", "~"))
# Longer text names nothing: a host has at most 253 characters, and matching must not take long.
_LONGEST = 1000


def _flat(trail: _Trail) -> tuple[Step, ...]:
    path: list[Step] = []
    while trail:
        trail, step = trail
        path.append(step)
    return tuple(reversed(path))


def _at(value: Any, path: Path) -> Iterator[Any]:
    """What is at a path, once for every item of lists on the way."""
    if not path:
        yield value
    elif path[0] == ITEM:
        for item in value if isinstance(value, list) else ():
            yield from _at(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
