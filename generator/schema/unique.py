"""Finds list items that the API server refuses because another item of the list has the same key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.model.document import Path

# In the path of a rule: each item of a list, or each value of a map.
EACH = "*"

_Seen = dict[tuple[Any, ...], Path]
_Shared = dict[tuple[tuple[str, ...], ...], _Seen]


class Rule(NamedTuple):
    """No two items of the lists at `paths` may have the same values at `keys`.

    `defaults` are the values that the server fills in. With `optional`, items without the keys do not count.
    """

    paths: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    defaults: Mapping[str, Any]
    optional: bool = False


def _rule(keys: str, *paths: str, optional: bool = False, **defaults: Any) -> Rule:
    return Rule(tuple(tuple(path.split(".")) for path in paths), tuple(keys.split()), defaults, optional)


# Of the lists with keys in Kubernetes' own kinds, the server refuses duplicates in these. In others (`env`,
# `imagePullSecrets`) it takes them.
_POD = (
    _rule("name", "containers", "initContainers", "ephemeralContainers"),
    _rule("name", "volumes"),
    _rule("name", "resourceClaims"),
    _rule("name", "schedulingGates"),
    _rule("topologyKey whenUnsatisfiable", "topologySpreadConstraints"),
    *(
        rule
        for containers in ("containers", "initContainers")
        for rule in (
            _rule("mountPath", f"{containers}.*.volumeMounts"),
            _rule("devicePath", f"{containers}.*.volumeDevices"),
            _rule("name", f"{containers}.*.ports", optional=True),
        )
    ),
)
_OTHER = {
    "Service": (
        _rule("name", "spec.ports", optional=True),
        _rule("port protocol", "spec.ports", protocol="TCP"),
    ),
    "CustomResourceDefinition": (_rule("name", "spec.versions"),),
    "ValidatingWebhookConfiguration": (_rule("name", "webhooks"),),
    "MutatingWebhookConfiguration": (_rule("name", "webhooks"),),
}
_POD_SPECS = {
    "Pod": "spec",
    "PodTemplate": "template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        "spec.template.spec",
    ),
}


def of_builtin(kind: str) -> Sequence[Rule]:
    """The rules of one of Kubernetes' own kinds."""
    if kind not in _POD_SPECS:
        return _OTHER.get(kind, ())
    prefix = tuple(_POD_SPECS[kind].split("."))
    return [rule._replace(paths=tuple(prefix + path for path in rule.paths)) for rule in _POD]


def of_structural(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Rule]:
    """The rules that a custom resource's schema states: its lists of the type `map`."""
    items = schema.get("items")
    if isinstance(items, Mapping):
        if schema.get("x-kubernetes-list-type") == "map":
            properties = items.get("properties", {})
            keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
            defaults = {key: properties.get(key, {}).get("default") for key in keys}
            yield Rule((path,), keys, defaults)
        yield from of_structural(items, (*path, EACH))
    for name, child in schema.get("properties", {}).items():
        yield from of_structural(child, (*path, name))
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from of_structural(schema["additionalProperties"], (*path, EACH))


class Tree:
    """The rules of a kind, so arranged that one walk through an object serves all of them."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._steps: dict[str, Tree] = {}
        self._rules: list[Rule] = []
        for rule in rules:
            for path in rule.paths:
                self._at(path)._rules.append(rule)

    def _at(self, path: Sequence[str]) -> Tree:
        node = self
        for step in path:
            if step not in node._steps:
                node._steps[step] = Tree(())
            node = node._steps[step]
        return node

    def repeated(self, data: Any) -> Sequence[tuple[Path, Path, Rule]]:
        """Each item whose keys an earlier one has: (path of the item, path of the earlier one, rule)."""
        found: list[tuple[Path, Path, Rule]] = []
        self._walk(data, (), {}, found)
        return found

    def _walk(self, data: Any, at: Path, shared: _Shared, found: list[tuple[Path, Path, Rule]]) -> None:
        if isinstance(data, list):
            for rule in self._rules:
                if len(rule.paths) > 1:
                    # Lists that a rule names beside each other are one list to it.
                    found.extend(_within(rule, data, at, shared.setdefault(rule.paths, {})))
                elif len(data) > 1 and not _distinct(rule, data):
                    found.extend(_within(rule, data, at, {}))
        for step, child in self._steps.items():
            if step == EACH:
                for key, item in _each(data):
                    child._walk(item, (*at, key), shared, found)
            elif isinstance(data, dict) and step in data:
                child._walk(data[step], (*at, step), shared, found)


def _distinct(rule: Rule, items: list[Any]) -> bool:
    """Whether the first key alone tells all items apart, as it nearly always does."""
    name = rule.keys[0]
    try:
        return len({item[name] for item in items}) == len(items)
    except (KeyError, TypeError):
        return False


def _within(rule: Rule, items: list[Any], at: Path, seen: _Seen) -> Iterator[tuple[Path, Path, Rule]]:
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            continue
        key = tuple(item.get(name, rule.defaults.get(name)) for name in rule.keys)
        # What is no plain value is refused elsewhere.
        if not all(isinstance(part, (str, int, float, type(None))) for part in key):
            continue
        if rule.optional and None in key:
            continue
        first = seen.setdefault(key, (*at, index))
        if first != (*at, index):
            yield (*at, index), first, rule


def _each(data: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(data, list):
        yield from enumerate(data)
    elif isinstance(data, Mapping):
        yield from data.items()
