"""What an environment's Secrets hold, so that nothing of it is shown where it comes from or goes to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from generator.explain.record import HIDDEN
from generator.model import secrets
from generator.model.document import Path
from generator.model.manifest import Manifest
from generator.model.record import record

_FIELDS = ("data", "stringData")
# A shorter text stands in others, or in a Secret's, by chance; one of fewer than three anywhere.
_TELLING = 6
_SHORTEST = 3
# Under a secret name so long a text is found within others.
_NAMED = 4


@record(frozen=True)
class Contents:
    """The texts that Secrets hold, also decoded; `plain` are names of objects, which are no secret."""

    texts: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    # Those of `texts` that are found within others too.
    telling: frozenset[str] = frozenset()

    def masked(self, value: Any) -> Any:
        """`value` with a placeholder for each scalar that Secrets hold, or that holds what they do."""
        if not self.texts:
            return value
        if isinstance(value, dict):
            return {name: self.masked(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        return HIDDEN if self._hold(value) else value

    def stand_in(self, text: str) -> bool:
        """Whether any of it stands in `text`, a short one by chance perhaps."""
        return any(one in text for one in self.texts)

    def _hold(self, value: Any) -> bool:
        text = "" if value is None or isinstance(value, bool) else str(value).strip()
        if len(text) < _SHORTEST or text in self.plain or text == HIDDEN:
            return False
        if text in self.texts or any(one in text for one in self.telling):
            return True
        word = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
        return len(text) >= _TELLING and any(word.search(one) for one in self.texts)


def contents(objects: Iterable[Manifest]) -> Contents:
    """What the Secrets among `objects` hold."""
    found = list(objects)
    plain: set[str] = set()
    for item in found:
        plain.update((item.kind, item.name, item.namespace, str(item.data.get("apiVersion"))))
    held = [
        (name, text)
        for name, text in secrets.contents(item.data for item in found)
        if len(text) >= _SHORTEST and not text.startswith("ENC[")
    ]
    telling = (
        text for name, text in held if len(text) >= (_NAMED if secrets.names_secret(name) else _TELLING)
    )
    return Contents(frozenset(text for _, text in held), frozenset(plain), frozenset(telling))


def is_secret(item: Manifest) -> bool:
    """Whether it is a Secret of Kubernetes."""
    return item.kind == "Secret" and not item.group


def in_secret(item: Manifest, path: Path) -> bool:
    """Whether the field at `path` is what a Secret holds, or a part of it."""
    return is_secret(item) and path[:1] in tuple((name,) for name in _FIELDS)


def without_secret(patch: dict[str, Any]) -> dict[str, Any]:
    """An entry of `patches`, with a placeholder for what it lays over a Secret, or may."""
    target = patch.get("target")
    content = patch.get("patch")
    kind = target.get("kind", "Secret") if isinstance(target, dict) else None
    if kind is None and isinstance(content, dict):
        kind = content.get("kind")
    if kind is not None and not re.search("Secret|[^A-Za-z]", str(kind)):
        return patch
    if kind is None and "Secret" not in str(content):
        return patch
    hidden = {name: patch[name] for name in patch}
    for name in ("patch", "merge"):
        value = patch.get(name)
        if isinstance(value, dict):
            hidden[name] = {key: HIDDEN if key in _FIELDS else item for key, item in value.items()}
        elif isinstance(value, list) or (isinstance(value, str) and any(key in value for key in _FIELDS)):
            hidden[name] = HIDDEN
    return hidden


def without_data(item: Manifest, value: Any) -> Any:
    """A whole object, with a placeholder for what it holds if it is a Secret, and for what SOPS adds."""
    hidden = _FIELDS if is_secret(item) else ()
    return {
        name: HIDDEN if name in hidden or (name == "sops" and isinstance(part, dict)) else part
        for name, part in value.items()
    }
