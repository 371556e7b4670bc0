"""The rules in CEL of a custom resource's schema, by the places that they hold for."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.model.document import Path
from generator.model.manifest import mapping, maps
from generator.schema import seen
from generator.schema.seen import Shape

JSON = Mapping[str, Any]

_RULES = "x-kubernetes-validations"
_STEP = re.compile(r"\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\]")


class Rule(NamedTuple):
    """One of `x-kubernetes-validations`; `field` leads from the value to what the rule is about."""

    text: str
    message: str
    telling: str
    field: Path
    reason: str
    optional_old: bool


# Two places are the same only where they are one: their programs are kept by place.
@dataclass(frozen=True, eq=False)
class Place:
    """A place in a schema that has rules, or has places with rules below it.

    `unable` are rules about what cannot be made so in CEL.
    """

    schema: JSON
    whole: bool
    rules: Sequence[Rule]
    unable: Sequence[Rule]
    properties: Mapping[str, Place] = field(default_factory=dict)
    items: Place | None = None
    values: Place | None = None

    def reached(self, value: Any, path: Path = ()) -> Iterator[tuple[Place, Path, Any]]:
        """Each place with rules that `value` has something for, with its path and the value there."""
        if value is None:
            return
        if self.rules or self.unable:
            yield self, path, value
        if isinstance(value, dict):
            for name, place in self.properties.items():
                if name in value:
                    yield from place.reached(value[name], (*path, name))
            if self.values is not None:
                for name, item in value.items():
                    yield from self.values.reached(item, (*path, name))
        elif isinstance(value, list) and self.items is not None:
            for index, item in enumerate(value):
                yield from self.items.reached(item, (*path, index))

    def seen(self, value: Any) -> Any:
        """`value`, which stands at this place, as its rules see it."""
        return self._shape.seen(value)

    @functools.cached_property
    def typed(self) -> str:
        """What `self` is made of, as an expression over the value: most often `self` alone."""
        return seen.typed(self.schema, "self", self.whole)

    @functools.cached_property
    def _shape(self) -> Shape:
        return seen.shape(self.schema, self.whole)


class Rules:
    """The rules of a kind; `number` is how many of them there are for an object that is created."""

    def __init__(self, schema: JSON) -> None:
        self._schema = schema
        self._defaults = seen.defaults(schema)
        self._root = _place(schema, schema, _ruled(schema), whole=True)
        self.number = _number(self._root)

    def reached(self, data: JSON) -> Sequence[tuple[Place, Path, Any]]:
        """Each place of the object that has rules, with its path and the value there, defaults filled in."""
        if self._root is None:
            return ()
        return list(self._root.reached(self.read(data)))

    def read(self, data: JSON) -> Any:
        """The object as the server has it when it comes to the rules."""
        return seen.read(self._schema, data, self._defaults)


@functools.lru_cache(maxsize=512)
def of_structural(text: str) -> Rules | None:
    """The rules in the JSON of an openAPIV3Schema, or None where it has none for objects that are created."""
    if f'"{_RULES}"' not in text:
        return None
    try:
        rules = Rules(json.loads(text))
    except (AttributeError, KeyError, TypeError, RecursionError):
        # No structural schema, which is told of elsewhere.
        return None
    return rules if rules.number else None


def _ruled(schema: JSON) -> frozenset[int]:
    """The identities of the maps in a schema that have rules, or are around one that has: mostly few."""
    found: set[int] = set()

    def look(node: Any) -> bool:
        items = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        # All of them, not up to the first.
        has = sum([look(item) for item in items]) > 0
        if isinstance(node, dict) and (has or _RULES in node):
            found.add(id(node))
            return True
        return has

    look(schema)
    return frozenset(found)


def _place(rules: JSON, shape: JSON, ruled: frozenset[int], *, whole: bool) -> Place | None:
    """The place of `shape`, with the rules of `rules`: those of `allOf` speak of the shape around them.

    `ruled` are the parts of the schema that have rules somewhere.
    """
    if id(rules) not in ruled or not seen.exposed(shape):
        return None
    own = [
        rule for item in maps(rules, _RULES) if (rule := _rule(item)) is not None and not _transition(rule)
    ]
    known = mapping(shape, "properties")
    properties = {
        name: place
        for name, child in mapping(rules, "properties").items()
        if name in known
        and (place := _place(child, known[name], ruled, whole=seen.embeds(known[name]))) is not None
    }
    inner: dict[str, Place | None] = {}
    for key in ("items", "additionalProperties"):
        both = rules.get(key), shape.get(key)
        if isinstance(both[0], Mapping) and isinstance(both[1], Mapping):
            inner[key] = _place(both[0], both[1], ruled, whole=seen.embeds(both[1]))
    # Most places have none.
    names = "|".join(sorted(set(seen.untyped(shape, "self")))) if own else ""
    unable = [rule for rule in own if names and re.search(rf"\b(?:{names})\b", rule.text)]
    place = Place(
        shape,
        whole,
        [rule for rule in own if rule not in unable],
        unable,
        properties,
        inner.get("items"),
        inner.get("additionalProperties"),
    )
    for part in maps(rules, "allOf"):
        other = _place(part, shape, ruled, whole=whole)
        place = place if other is None else _together(place, other)
    below = (*place.properties.values(), place.items, place.values)
    return place if place.rules or place.unable or any(below) else None


def _together(one: Place | None, other: Place | None) -> Any:
    if one is None or other is None:
        return one or other
    names = {**one.properties, **other.properties}
    properties = {name: _together(one.properties.get(name), other.properties.get(name)) for name in names}
    return Place(
        one.schema,
        one.whole,
        [*one.rules, *other.rules],
        [*one.unable, *other.unable],
        properties,
        _together(one.items, other.items),
        _together(one.values, other.values),
    )


def _rule(item: JSON) -> Rule | None:
    text = item.get("rule")
    if not isinstance(text, str) or not text.strip():
        return None
    steps = _STEP.findall(str(item.get("fieldPath") or ""))
    return Rule(
        text=text,
        message=str(item.get("message") or "").strip(),
        telling=str(item.get("messageExpression") or ""),
        field=tuple(name or re.sub(r"\\(.)", r"\1", quoted) for name, quoted in steps),
        reason=str(item.get("reason") or ""),
        optional_old=item.get("optionalOldSelf") is True,
    )


_QUOTED = re.compile(
    r"""[rR]?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|//[^\n]*""", re.DOTALL
)
_OLD = re.compile(r"(?<![\w.])oldSelf\b")


def _transition(rule: Rule) -> bool:
    """Whether a rule compares with an older object, so that it holds for updates only."""
    return not rule.optional_old and _OLD.search(_QUOTED.sub("''", rule.text)) is not None


def _number(place: Place | None) -> int:
    if place is None:
        return 0
    below = (*place.properties.values(), place.items, place.values)
    return len(place.rules) + len(place.unable) + sum(map(_number, below))
