"""Which objects a policy is about, by the rules and selectors of Kubernetes' admission."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.model.manifest import JSON, Manifest, mapping
from generator.schema import resources
from generator.validate.view import View

if TYPE_CHECKING:
    from generator.model.policy import LabelSelector, MatchResources, ResourceRule

_NAME_LABEL = "kubernetes.io/metadata.name"


class Matcher:
    """Decides for the objects of one environment's output."""

    def __init__(self, view: View) -> None:
        self._scopes = view.scopes
        self._namespaces = {item.item.name: item.item.data for item in view.kinds.get(("", "Namespace"), ())}
        self._items = [placed.item for placed in view.objects]
        self._plurals = dict(_declared_plurals(view))

    def cluster_scoped(self, item: Manifest) -> bool:
        """Whether the object lives outside namespaces."""
        return self._scopes.cluster_scoped(item)

    def resource(self, item: Manifest) -> str:
        """The resource in the plural, such as `deployments`."""
        return self._plurals.get((item.group, item.kind)) or resources.plural(item.kind)

    def namespace(self, item: Manifest) -> JSON:
        """The object's Namespace as the cluster has it, as far as the output tells."""
        name = item.namespace or "default"
        data = self._namespaces.get(
            name, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )
        return {**data, "metadata": {**mapping(data, "metadata"), "labels": _labels(data, name)}}

    def ruled(self, match: MatchResources, item: Manifest) -> bool:
        """Whether a rule is about such objects, whatever their name and labels are."""
        rules = match.resource_rules
        return not rules or any(self._covers(rule, match, item) for rule in rules)

    def knows(self, match: MatchResources) -> bool:
        """Whether a rule is about any kind that Kubernetes, a definition or an object here has."""
        declared = {(group, name) for (group, _), name in self._plurals.items()}
        for rule in match.resource_rules or ():
            for group in rule.api_groups or ():
                for resource in rule.resources or ():
                    name = resource.partition("/")[0]
                    found = any(_listed((group,), one) and _listed((name,), two) for one, two in declared)
                    if found or resources.known(group, name):
                        return True
        return not match.resource_rules or any(self.ruled(match, item) for item in self._items)

    def matches(self, match: MatchResources, item: Manifest) -> bool:
        """Whether all of `match` is about the object."""
        return (
            (not match.resource_rules or self._named(match.resource_rules, match, item))
            and not self._named(match.exclude_resource_rules or (), match, item)
            and selects(match.object_selector, mapping(item.metadata, "labels"))
            and self._namespace_selected(match.namespace_selector, item)
        )

    def _named(self, rules: Sequence[ResourceRule], match: MatchResources, item: Manifest) -> bool:
        return any(
            (not rule.resource_names or item.name in rule.resource_names) and self._covers(rule, match, item)
            for rule in rules
        )

    def _covers(self, rule: ResourceRule, match: MatchResources, item: Manifest) -> bool:
        if rule.scope not in (None, "*") and (rule.scope == "Cluster") != self.cluster_scoped(item):
            return False
        # What weft writes is created: a rule for `UPDATE` alone compares with what was there before.
        if not {"CREATE", "*"} & set(rule.operations or ()):
            return False
        # Objects are not converted between versions, as the API server does; they are taken as they are.
        versions = ("*",) if match.match_policy != "Exact" else rule.api_versions or ()
        resources = [name.removesuffix("/*") for name in rule.resources or ()]
        return (
            _listed(rule.api_groups or (), item.group)
            and _listed(versions, version(item))
            and _listed(resources, self.resource(item))
        )

    def _namespace_selected(self, selector: LabelSelector | None, item: Manifest) -> bool:
        if selector is None:
            return True
        if self.cluster_scoped(item):
            # A Namespace is selected by its own labels, and nothing else outside namespaces is left out.
            is_namespace = (item.group, item.kind) == ("", "Namespace")
            return not is_namespace or selects(selector, _labels(item.data, item.name))
        return selects(selector, mapping(mapping(self.namespace(item), "metadata"), "labels"))


def version(item: Manifest) -> str:
    """The API version without its group."""
    return str(item.data.get("apiVersion") or "").rpartition("/")[2]


def _labels(data: JSON, name: str) -> dict[str, Any]:
    return {**mapping(mapping(data, "metadata"), "labels"), _NAME_LABEL: name}


def _listed(items: Sequence[str], wanted: str) -> bool:
    return "*" in items or wanted in items


def selects(selector: LabelSelector | None, labels: Mapping[str, Any]) -> bool:
    """Whether `labels` are what the selector wants; no selector wants nothing."""
    if selector is None:
        return True
    if any(labels.get(name) != value for name, value in (selector.match_labels or {}).items()):
        return False
    for wanted in selector.match_expressions or ():
        name, values = wanted.key or "", wanted.values or ()
        held = {
            "In": labels.get(name) in values,
            "NotIn": labels.get(name) not in values,
            "Exists": name in labels,
            "DoesNotExist": name not in labels,
        }
        if not held[wanted.operator or "Exists"]:
            return False
    return True


def _declared_plurals(view: View) -> Iterator[tuple[tuple[str, str], str]]:
    declared = view.kinds.get(("apiextensions.k8s.io", "CustomResourceDefinition"), ())
    for data in (*view.crds(), *(placed.item.data for placed in declared)):
        spec = mapping(data, "spec")
        names = mapping(spec, "names")
        if names.get("plural"):
            yield (str(spec.get("group")), str(names.get("kind"))), str(names["plural"])
