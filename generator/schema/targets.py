"""Which objects a patch's target means: patterns and selectors, compiled once."""

from __future__ import annotations

from collections.abc import Callable

from generator.errors import UsageError
from generator.model import selector
from generator.model.formats.patches import Target
from generator.model.manifest import Manifest, mapping
from generator.schema import patterns
from generator.schema.formats import spelled

_TEXTS: tuple[tuple[str, Callable[[Manifest], str]], ...] = (
    ("kind", lambda item: item.kind),
    ("name", lambda item: item.name),
    ("namespace", lambda item: item.namespace),
    ("group", lambda item: item.group),
    ("version", lambda item: str(item.data.get("apiVersion") or "").rpartition("/")[2]),
)
_SELECTORS = (("label_selector", "labels"), ("annotation_selector", "annotations"))


class BadTarget(ValueError):
    """A field of a target that is no pattern or no selector; `field` is spelled as in files."""

    def __init__(self, name: str, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.field = spelled(Target, name)
        self.message = message
        self.hint = hint


def compiled(target: Target) -> Callable[[Manifest], bool]:
    """Whether an object is one that the target means. Raises BadTarget."""
    texts = []
    for name, of in _TEXTS:
        if (pattern := getattr(target, name)) is not None:
            try:
                texts.append((patterns.anchored(pattern), of))
            except ValueError as error:
                hint = "write it in Go's syntax, as for kustomize; it is anchored at both ends"
                raise BadTarget(name, str(error), hint) from None
    selectors = []
    for name, key in _SELECTORS:
        if (text := getattr(target, name)) is not None:
            try:
                selectors.append((selector.parse([text]), key))
            except UsageError as error:
                raise BadTarget(name, error.message, error.hint) from None

    def matches(item: Manifest) -> bool:
        return all(fits(of(item)) for fits, of in texts) and all(
            wanted.matches(mapping(item.metadata, key)) for wanted, key in selectors
        )

    return matches
