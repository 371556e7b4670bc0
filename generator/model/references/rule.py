"""What one row of the table says: where a field is, what it names, and in which form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

ITEM = "*"
"""The step of a path into every item of a list."""

Path = tuple[str, ...]


class Form(Enum):
    """How a field's text says which object is meant."""

    NAME = "the name alone"
    QUALIFIED = "namespace/name, or the name alone"
    GATEWAY = "the same, but for mesh, which means every sidecar"
    HOST = "a Service's host: name, name.ns, name.ns.svc or name.ns.svc.cluster.local"
    DNS = "a DNS name, which means a Service only if it is name.ns.svc or longer, perhaps behind / or |"
    PRINCIPAL = "an Istio or SPIFFE identity: cluster.local/ns/<ns>/sa/<name>"
    ACCOUNT = "system:serviceaccount:<ns>:<name>, or the group system:serviceaccounts:<ns>"
    PREFIX = "the namespace before the slash of namespace/something"
    SELECTOR = "a label selector: matchLabels and matchExpressions"
    LABELS = "a map of labels that must all be there"


# A tuple: looking for a member in a set would hash it, which a member does in Python.
SELECTS = (Form.SELECTOR, Form.LABELS)

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SVC = rf"\.(?P<ns>{_LABEL})\.svc(?:\.{_LABEL})*\.?(?::\d+)?"
_QUALIFIED = rf"(?:(?P<ns>{_LABEL})/)?(?P<name>[^/*$]+)"

# Groups: `*name`, and `*ns` where the text states a namespace. A text that matches not at all names nothing.
PATTERNS: dict[Form, re.Pattern[str]] = {
    Form.QUALIFIED: re.compile(_QUALIFIED),
    Form.GATEWAY: re.compile(rf"(?!mesh$){_QUALIFIED}"),
    Form.HOST: re.compile(
        rf"(?:[^/]+/)?(?:(?P<name>{_LABEL}|\*){_SVC}|(?P<shortname>{_LABEL})(?:\.(?P<shortns>{_LABEL}))?)"
    ),
    Form.DNS: re.compile(rf"(?:.*[/|])?(?P<name>{_LABEL}|\*){_SVC}"),
    Form.PRINCIPAL: re.compile(rf"(?:spiffe://)?[^/]+/ns/(?P<ns>{_LABEL})/(?:sa/(?P<name>[^/*]+)|[^*]*\*)"),
    Form.ACCOUNT: re.compile(
        rf"system:serviceaccount(?:s:(?P<groupns>{_LABEL})|:(?P<ns>{_LABEL}):(?P<name>[^:]+))"
    ),
    Form.PREFIX: re.compile(rf"(?P<name>{_LABEL})/.*"),
}


WHOLE = "*"
"""The name of a reference to all objects of the kind in a namespace."""


class Groups(NamedTuple):
    """By number, the groups of a pattern that hold the name and those that hold the namespace."""

    names: tuple[int, ...]
    spaces: tuple[int, ...]


def _groups(pattern: re.Pattern[str]) -> Groups:
    numbers = pattern.groupindex.items()
    return Groups(
        tuple(number for name, number in numbers if name.endswith("name")),
        tuple(number for name, number in numbers if name.endswith("ns")),
    )


GROUPS = {form: _groups(pattern) for form, pattern in PATTERNS.items()}


class Otherwise(Enum):
    """Where the object is if the reference does not say."""

    OWN = "in the namespace of the object that refers"
    CLUSTER = "outside namespaces"
    ANYWHERE = "in a namespace that the manifest does not tell"


@dataclass(frozen=True, slots=True)
class Rule:
    """One field that names another object.

    `path` leads to the text (or, for a selector, to the map), from where the row stands in the table. The map
    that the text is in is its holder; all other fields of a rule are looked up there.
    """

    path: Path
    form: Form
    group: str
    kind: str
    # Names of fields of the holder; empty where there is none.
    kind_at: str = ""
    group_at: str = ""
    namespace_at: str = ""
    optional_at: str = ""
    otherwise: Otherwise = Otherwise.OWN
    # Paths from the holder to what is meant within the object: data keys, a port, a subset, a listener.
    keys_at: Path = ()
    ports_at: tuple[Path, ...] = ()
    subset_at: Path = ()
    section_at: Path = ()
    # The rule speaks only if this field of the holder has one of these values.
    when: tuple[str, tuple[str, ...]] | None = None
    # Whether the object is missed if it is not there: not so for what only filters, or may be a public name.
    needed: bool = True
    # Whether this is how a container gets the object's content: env, envFrom or a volume.
    mounted: bool = False
    note: str = ""


class Below(NamedTuple):
    """Rows that hold under each of several paths."""

    prefixes: tuple[Path, ...]
    rows: Rows


Rows = tuple["Rule | Below", ...]


def expanded(rows: Rows, prefix: Path = ()) -> Iterator[tuple[Path, Rule]]:
    """Every rule with the whole path from the object; its own `path` is what it says in the table."""
    for row in rows:
        if isinstance(row, Rule):
            yield prefix + row.path, row
        else:
            for following in row.prefixes:
                yield from expanded(row.rows, prefix + following)


def steps(text: str) -> Path:
    """`spec.rules.*.host` as a path; `[a.b/c]` is one step with dots."""
    return tuple(bracketed or plain for bracketed, plain in re.findall(r"\[([^\]]+)\]|([^.\[\]]+)", text))


def paths(text: str) -> Iterator[Path]:
    """Every path that a text means: `{a,b}` is one or the other, and spaces part texts."""
    for word in text.split():
        before, brace, rest = word.partition("{")
        if not brace:
            yield steps(word)
            continue
        inner, _, after = rest.partition("}")
        for choice in inner.split(","):
            yield from paths(before + choice + after)


def to(
    kind: str,
    where: str,
    *,
    group: str = "",
    form: Form = Form.NAME,
    kind_at: str = "",
    group_at: str = "",
    namespace_at: str = "",
    optional_at: str = "",
    otherwise: Otherwise = Otherwise.OWN,
    keys_at: str = "",
    ports_at: str = "",
    subset_at: str = "",
    section_at: str = "",
    when: tuple[str, tuple[str, ...]] | None = None,
    needed: bool = True,
    mounted: bool = False,
    note: str = "",
) -> Rows:
    """Rules for the fields at `where`, all of which name a `kind` of `group`."""
    return tuple(
        Rule(
            path=path,
            form=form,
            group=group,
            kind=kind,
            kind_at=kind_at,
            group_at=group_at,
            namespace_at=namespace_at,
            optional_at=optional_at,
            otherwise=otherwise,
            keys_at=steps(keys_at),
            ports_at=tuple(paths(ports_at)),
            subset_at=steps(subset_at),
            section_at=steps(section_at),
            when=when,
            needed=needed,
            mounted=mounted,
            note=note,
        )
        for path in paths(where)
    )


def namespaces(where: str, *, needed: bool = False, note: str = "") -> Rows:
    """Rules for fields that hold the name of a Namespace."""
    return to("Namespace", where, needed=needed, note=note)


def selecting(
    kind: str, where: str, *, form: Form = Form.SELECTOR, otherwise: Otherwise = Otherwise.OWN
) -> Rows:
    """Rules for fields that choose objects of `kind` by their labels."""
    return to(kind, where, form=form, otherwise=otherwise, needed=False)


def selecting_namespaces(where: str, *, expressions: bool = True) -> Rows:
    """Rules for label selectors over Namespaces, which can hold names under the label that each one has."""
    by_name = (
        *namespaces(f"matchLabels.[{NAME_LABEL}]"),
        *to("Namespace", "matchExpressions.*.values.*", when=("key", (NAME_LABEL,)), needed=False),
    )
    return (
        *selecting("Namespace", where),
        *below(where, by_name if expressions else by_name[:1]),
    )


NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives every Namespace: its name."""


def below(prefix: str, rows: Rows) -> Rows:
    """The rows for every path that `prefix` means."""
    return (Below(tuple(paths(prefix)), rows),)
