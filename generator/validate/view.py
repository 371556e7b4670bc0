"""The objects of one environment as the checks look at them, with indexes that several checks share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.model.definition import exists_outside
from generator.model.document import Path, Position
from generator.model.finding import Code, Finding, Severity
from generator.model.formats import External
from generator.model.manifest import JSON, Identity, Manifest, Placed, Scopes, mapping, pod_template
from generator.model.record import record
from generator.model.references import Found, references
from generator.model.secrets import SecretTexts
from generator.model.sops import ciphered, hides
from generator.schema.kubernetes import Schemas
from generator.validate import builtin

if TYPE_CHECKING:
    from generator.model.policy import Policy

ISTIO = "networking.istio.io"
GATEWAY = "gateway.networking.k8s.io"

_Ruling = dict[tuple[str | None, str], list["Placed"]]

_ROUTES = frozenset(
    (
        (ISTIO, "VirtualService"),
        *((GATEWAY, f"{protocol}Route") for protocol in ("HTTP", "GRPC", "TCP", "TLS", "UDP")),
        ("networking.k8s.io", "Ingress"),
    )
)


def sends_traffic(placed: Placed, found: Found) -> bool:
    """Whether a reference is the destination of a route; its parents, and names it answers to, are not."""
    if (placed.item.group, placed.item.kind) not in _ROUTES or found.selects or not found.rule.needed:
        return False
    return (found.group, found.kind) == ("", "Service") and not found.rule.section_at


class Pods(NamedTuple):
    """The pods that a workload makes: their namespace, labels and spec."""

    owner: Placed
    namespace: str
    labels: Mapping[str, Any]
    spec: JSON


def pod_path(kind: str) -> Path:
    """Where a workload of that kind has the spec of its pods."""
    if kind == "Pod":
        return ("spec",)
    template: Path = ("spec", "template", "spec")
    return ("spec", "jobTemplate", *template) if kind == "CronJob" else template


def completed(host: str) -> bool:
    """Whether Istio takes a Service's host for one: it completes names without a dot, and no others."""
    return "." not in host or ".svc." in host


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _may_carry(pods: Pods, labels: Mapping[str, Any]) -> bool:
    """Whether pods carry all of `labels`, as far as SOPS did not encrypt theirs, and some of that it did."""
    carried = [(pods.labels.get(label), value) for label, value in labels.items()]
    return any(ciphered(has) for has, _ in carried) and all(
        has == value or ciphered(has) for has, value in carried
    )


def _carry(pods: Pods, labels: Mapping[str, Any]) -> bool:
    return all(
        pods.labels.get(label) == value or builtin.sets(pods.owner.item, label, value)
        for label, value in labels.items()
    )


@record(frozen=True)
class Grade:
    """How severe findings are: `strict` makes warnings errors, `lenient` errors warnings.

    What would be lost in silence stays an error.
    """

    strict: bool = False
    lenient: bool = False

    def of(self, code: Code, severity: Severity) -> Severity:
        """The severity of a finding that is `severity` as a rule."""
        if self.lenient and severity == "error" and code.name != "duplicate-object":
            return "warning"
        return "error" if self.strict and severity == "warning" else severity


@record(frozen=True)
class View:
    """What checks may look at; nothing of it is ever changed.

    `version` is the cluster's Kubernetes version as the user wrote it. `crds` gives definitions of custom
    resources that are known beside those in the output; it is called where a kind is unknown without it.
    `policies` are the user's own. `partial` says that objects are missing that could not be made or read.
    `mapped` has the names of namespaces that have others than in the definition.
    """

    environment: str
    files: Mapping[str, Sequence[Manifest]]
    scopes: Scopes
    version: str | None = None
    external: Sequence[External] = ()
    crds: Callable[[], Sequence[JSON]] = lambda: ()
    policies: Sequence[Policy] = ()
    grade: Grade = Grade()
    partial: bool = False
    mapped: Mapping[str, str] = field(default_factory=dict)
    # The components whose pods placement runs in other environments.
    elsewhere: frozenset[str] = frozenset()
    # The components whose replicas placement says: how many, and where.
    divided: Mapping[str, tuple[int, Position]] = field(default_factory=dict)

    @functools.cached_property
    def objects(self) -> Sequence[Placed]:
        """Every object, in the order of the files."""
        return [Placed(file, item) for file, items in self.files.items() for item in items]

    @functools.cached_property
    def identities(self) -> Mapping[Identity, Placed]:
        """The first object of each identity; cluster-scoped ones have no namespace."""
        found: dict[Identity, Placed] = {}
        for placed in self.objects:
            found.setdefault(self.identity(placed.item), placed)
        return found

    @functools.cached_property
    def kinds(self) -> Mapping[tuple[str, str], Sequence[Placed]]:
        """The objects by group and kind."""
        found: dict[tuple[str, str], list[Placed]] = {}
        for placed in self.objects:
            found.setdefault((placed.item.group, placed.item.kind), []).append(placed)
        return found

    @functools.cached_property
    def schemas(self) -> Schemas:
        """The kinds that are known; definitions among the objects come first."""
        found = self.kinds.get(("apiextensions.k8s.io", "CustomResourceDefinition"), ())
        return Schemas(self.version, [placed.item.data for placed in found], self.crds)

    @functools.cached_property
    def secret_texts(self) -> SecretTexts:
        """What the Secrets among the objects hold, which no message may show."""
        return SecretTexts(placed.item.data for placed in self.kinds.get(("", "Secret"), ()))

    @functools.cached_property
    def pods(self) -> Mapping[str, Sequence[Pods]]:
        """The pods of every workload, by namespace."""
        found: dict[str, list[Pods]] = {}
        for placed in self.objects:
            template = pod_template(placed.item.data)
            if template is not None:
                labels = mapping(mapping(template, "metadata"), "labels")
                pods = Pods(placed, placed.item.namespace, labels, mapping(template, "spec"))
                found.setdefault(pods.namespace, []).append(pods)
        return found

    @functools.cached_property
    def references(self) -> Sequence[tuple[Placed, Found]]:
        """Every reference to another object, selectors among them, with the object that has it."""
        return [(placed, found) for placed, named in self._named for found in named]

    @functools.cached_property
    def _named(self) -> Sequence[tuple[Placed, Sequence[Found]]]:
        """What each object refers to."""
        return [(placed, list(references(placed.item.data))) for placed in self.objects]

    @functools.cached_property
    def routes(self) -> Sequence[tuple[Placed, Found]]:
        """The references by which routes send traffic to Services."""
        routing = {id(placed.item) for kind in _ROUTES for placed in self.kinds.get(kind, ())}
        return [
            (placed, found)
            for placed, named in self._named
            if id(placed.item) in routing
            for found in named
            if sends_traffic(placed, found)
        ]

    @functools.cached_property
    def routed(self) -> frozenset[tuple[str | None, str]]:
        """(namespace, name) of every Service that a route sends traffic to."""
        return frozenset((found.namespace, found.name) for _, found in self.routes)

    @functools.cached_property
    def rules(self) -> Mapping[tuple[str | None, str], Sequence[Placed]]:
        """The DestinationRules by the (namespace, name) of their Service."""
        return self._ruling[0]

    @functools.cached_property
    def mistaken_rules(self) -> Mapping[tuple[str | None, str], Sequence[Placed]]:
        """The DestinationRules whose host looks like that of the Service and is not, since it has a dot."""
        return self._ruling[1]

    @functools.cached_property
    def _ruling(self) -> tuple[_Ruling, _Ruling]:
        right: _Ruling = {}
        mistaken: _Ruling = {}
        for placed, found in self.references:
            if found.rule.path == ("host",) and placed.item.kind == "DestinationRule":
                rules = right if completed(str(found.value)) else mistaken
                rules.setdefault((found.namespace, found.name), []).append(placed)
        return right, mistaken

    def identity(self, item: Manifest) -> Identity:
        """The identity of an object, without a namespace where its kind has none."""
        identity = item.identity
        return identity._replace(namespace="") if self.scopes.cluster_scoped(item) else identity

    def selected(self, namespace: str, selector: Mapping[str, Any]) -> Sequence[Pods]:
        """The workloads in `namespace` whose pods carry every label of `selector`.

        Labels that the workload's controller sets count as carried, and those that SOPS encrypted.
        """
        # A Service's own check asks, and so does each route to it.
        key = (namespace, *selector.items()) if all(map(_is_text, selector.values())) else None
        found = self._selections.get(key) if key else None
        if found is None:
            found = self._select(namespace, selector)
            if key:
                self._selections[key] = found
        return found

    @functools.cached_property
    def _selections(self) -> dict[tuple[Any, ...], Sequence[Pods]]:
        """What `selected` has found so far."""
        return {}

    def _select(self, namespace: str, selector: Mapping[str, Any]) -> Sequence[Pods]:
        set_later = {label: value for label, value in selector.items() if label in builtin.SET_LATER}
        wanted = selector
        if set_later:
            wanted = {label: value for label, value in selector.items() if label not in set_later}
        rarest = self.pods.get(namespace, ())
        if all(map(_is_text, wanted.values())):
            # Of the labels the rarest has the fewest pods to look at.
            labels = self._labelled
            labelled = [labels.get((namespace, label, value), ()) for label, value in wanted.items()]
            rarest = min(labelled, key=len, default=rarest)
        found = [pods for pods in rarest if wanted.items() <= pods.labels.items()]
        found += [pods for pods in self._ciphered.get(namespace, ()) if _may_carry(pods, wanted)]
        return [pods for pods in found if _carry(pods, set_later)] if set_later else found

    @functools.cached_property
    def _ciphered(self) -> Mapping[str, Sequence[Pods]]:
        """The pods of workloads of whose labels SOPS encrypted some, by namespace."""
        hidden = {
            namespace: [pods for pods in several if hides(pods.owner.item.data, pods.labels)]
            for namespace, several in self.pods.items()
        }
        return {namespace: several for namespace, several in hidden.items() if several}

    @functools.cached_property
    def _labelled(self) -> Mapping[tuple[str, str, str], Sequence[Pods]]:
        """The pods of workloads by namespace, label and value."""
        found: dict[tuple[str, str, str], list[Pods]] = {}
        for pods in (pods for several in self.pods.values() for pods in several):
            for label, value in pods.labels.items():
                if isinstance(value, str):
                    found.setdefault((pods.namespace, label, value), []).append(pods)
        return found

    def find(self, group: str, kind: str, namespace: str, name: str) -> Placed | None:
        """The object of that identity in the output, or None."""
        return self.identities.get(Identity(group, kind, namespace, name))

    def external_has(self, kind: str, namespace: str | None, name: str) -> bool:
        """Whether an `external` entry says that the object exists."""
        return exists_outside(self.external, kind, namespace, name)

    def finding(
        self,
        code: Code,
        placed: Placed,
        message: str,
        *,
        path: Path = (),
        hint: str | None = None,
        severity: Severity | None = None,
        about: str = "",
    ) -> Finding:
        """A finding about the field at `path` of an object; `about` is what it has beside the field."""
        item = placed.item
        return Finding(
            environment=self.environment,
            code=code.name,
            severity=self.grade.of(code, severity or code.severity),
            message=message,
            source=item.source,
            component=item.component,
            file=placed.file,
            object=str(self.identity(item)),
            path=path,
            hint=hint,
            index=item.index,
            about=about,
        )
