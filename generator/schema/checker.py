"""Checks objects of one kind against its schema as the API server would read them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.model.document import Path, dotted
from generator.schema import bundle, structural, unique, wording
from generator.schema.wording import Fault

if TYPE_CHECKING:
    import jsonschema_rs

JSON = dict[str, Any]

_SUBDOMAIN = "weft.subdomain"
# Of Kubernetes' own kinds, those whose names have another form than a DNS subdomain.
_NAMES = {
    "Namespace": "weft.label",
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), "weft.segment"),
    **dict.fromkeys(
        ("APIService", "ClusterTrustBundle", "PodCertificateRequest", "StorageVersion"), "weft.segment"
    ),
}
# From this version on the server takes a digit first.
_SERVICE_NAMES_RELAXED = (1, 34)
# What is asked of the server and never stored has no name.
_NAMELESS = re.compile(r".*(Review|List)|Binding|Eviction|TokenRequest|Scale")


class Checker:
    """The schema of one kind, compiled.

    `fill` gives a copy of an object with its defaults; with `always`, nothing can be said without them.
    """

    def __init__(
        self,
        schema: JSON,
        rules: Iterable[unique.Rule],
        fill: Callable[[Any], Any] | None = None,
        always: bool = False,
    ) -> None:
        self._fill = fill
        self._always = always
        self._schema = schema
        self._validator = compiled(schema)
        self._unique = unique.Tree(rules)

    def faults(self, data: Mapping[str, Any]) -> Sequence[Fault]:
        """What the server would refuse in the object, in the order of the paths; nothing is changed."""
        quick = not self._always and self._validator.is_valid(data)
        try:
            found = [] if quick else list(self._refused(data))
        except (RecursionError, ValueError):
            # The validator raises ValueError for it; the readers let nothing else through that it refuses.
            found = [Fault((), "nests deeper than weft can follow")]
        repeated = self._unique.repeated(data)
        if not found and not repeated:
            return ()
        found += [_same_keys(*each) for each in repeated]
        return sorted(set(found), key=lambda fault: (dotted(fault.path), fault.message))

    def _refused(self, data: Mapping[str, Any]) -> Iterator[Fault]:
        encrypted = isinstance(data.get("sops"), dict)
        # What is null counts as left out, and what SOPS adds is gone before the object is applied.
        given = _without_nulls({key: value for key, value in data.items() if not encrypted or key != "sops"})
        read = self._fill(given) if self._fill else given
        for problem in self._validator.iter_errors(read):
            if encrypted and _ciphered(problem.instance):
                continue
            for fault in wording.faults(problem, self._schema, read):
                yield _null(fault, data)


def _same_keys(path: Path, first: Path, rule: unique.Rule) -> Fault:
    keys = " and ".join(f"`{key}`" for key in rule.keys)
    return Fault(path, f"`{dotted(path)}` has the same {keys} as `{dotted(first)}`", rule=f"same {keys}")


def of_builtin(version: bundle.Minor, definition: str, kind: str) -> Checker:
    """The checker of a kind that Kubernetes has itself; `definition` is the name of its schema."""
    known = bundle.kubernetes(version).definitions
    schema: JSON = {"$ref": f"#/$defs/{definition}", "$defs": _reachable([definition], known)}
    metadata = known[definition].get("properties", {}).get("metadata", {})
    if metadata.get("$ref", "").endswith(".ObjectMeta") and not _NAMELESS.fullmatch(kind):
        rule = _NAMES.get(kind, _SUBDOMAIN)
        if kind == "Service":
            rule = "weft.label" if version >= _SERVICE_NAMES_RELAXED else "weft.label-1035"
        _name(schema, rule, known)
    return Checker(schema, unique.of_builtin(kind))


@functools.lru_cache(maxsize=512)
def of_structural(version: bundle.Minor, text: str, pruned: bool) -> Checker:
    """The checker of a custom resource; `text` is the JSON of its openAPIV3Schema.

    Raises ValueError where that is no schema.
    """
    given = json.loads(text)
    known = bundle.kubernetes(version).definitions
    try:
        schema = structural.converted(given, pruned)
    except (AttributeError, KeyError, TypeError):
        raise ValueError("it is not structural") from None
    schema["$defs"] = _reachable([structural.OBJECT_META, "weft.base64"], known)
    _name(schema, _SUBDOMAIN, known)
    fill = functools.partial(structural.filled, given)
    return Checker(schema, unique.of_structural(given), fill, structural.needs_filling(given))


def compiled(schema: Any) -> jsonschema_rs.Validator:
    """A validator; raises ValueError where `schema` is no JSON Schema."""
    import jsonschema_rs

    # Go's regular expressions are those of this engine, not those of JavaScript.
    engine = jsonschema_rs.RegexOptions()
    try:
        return jsonschema_rs.validator_for(schema, pattern_options=engine, validate_formats=True)
    except jsonschema_rs.ValidationError:
        pass
    try:
        return jsonschema_rs.validator_for(
            _without_bad_patterns(schema), pattern_options=engine, validate_formats=True
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as problem:
        raise ValueError(str(problem).partition("\n")[0]) from None


def _without_bad_patterns(node: Any) -> Any:
    import jsonschema_rs

    if isinstance(node, list):
        return [_without_bad_patterns(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _without_bad_patterns(value) for key, value in node.items()}
    if isinstance(node.get("pattern"), str):
        try:
            jsonschema_rs.validator_for(
                {"pattern": node["pattern"]}, pattern_options=jsonschema_rs.RegexOptions()
            )
        except jsonschema_rs.ValidationError:
            del kept["pattern"]
    return kept


def _name(schema: JSON, rule: str, known: Mapping[str, Any]) -> None:
    """Every object that is stored has a name."""
    schema["required"] = sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"})
    metadata = {
        "properties": {"name": {"$ref": f"#/$defs/{rule}"}},
        "anyOf": [{"required": ["name"]}, {"required": ["generateName"]}],
    }
    schema.setdefault("allOf", []).append({"properties": {"metadata": metadata}})
    schema["$defs"][rule] = known[rule]


def _reachable(names: Sequence[str], known: Mapping[str, Any]) -> JSON:
    found: JSON = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = known[name]
            waiting.extend(_references(known[name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix("#/$defs/")
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _ciphered(value: Any) -> bool:
    """Whether a value that SOPS encrypted is the reason, as far as that can be told."""
    if isinstance(value, str):
        return value.startswith("ENC[")
    if isinstance(value, list):
        return any(map(_ciphered, value))
    return False


def _null(fault: Fault, data: Any) -> Fault:
    """A missing field of which the object says null: the server reads that as left out."""
    for step in fault.path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return fault
    last = fault.path[-1] if fault.path else None
    if isinstance(data, Mapping) and last in data and data[last] is None:
        return fault._replace(message=f"`{dotted(fault.path)}` is null, which is the same as missing")
    return fault
