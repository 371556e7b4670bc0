"""What must not be shown: names that speak of secrets, and text that may hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_NAME = re.compile(r"pass(word|wd|phrase)?|secret|token|credential|private|api_?key", re.IGNORECASE)

_QUERY = re.compile(r"(?<=[?&])([^=&\s]*)=([^&\s]*)")


def names_secret(name: str) -> bool:
    """Whether a key's or label's name says that its value is nobody's business."""
    return _NAME.search(name) is not None


def redacted(value: Any) -> Any:
    """`value` with a placeholder for what secret names hold; the same object where they hold nothing."""
    if isinstance(value, dict):
        hidden = {
            name: "(not shown)" if isinstance(name, str) and names_secret(name) else redacted(item)
            for name, item in value.items()
        }
        return hidden if any(hidden[name] is not item for name, item in value.items()) else value
    if isinstance(value, list):
        items = [redacted(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def held(values: Any, below: bool = False) -> Iterator[str]:
    """The texts that `values` hold under secret names."""
    if isinstance(values, dict):
        for name, item in values.items():
            yield from held(item, below or (isinstance(name, str) and names_secret(name)))
    elif isinstance(values, list):
        for item in values:
            yield from held(item, below)
    elif below and isinstance(values, (str, int)) and not isinstance(values, bool):
        yield str(values)


def plain_field(secret: Any) -> str | None:
    """The field of a Secret, `stringData` or `data`, whose content anybody can read, or None.

    SOPS leaves a key of its own, and `ENC[…]` in the place of what it encrypts; empty text stays as it is.
    """
    for field in ("stringData", "data"):
        content = secret.get(field)
        values = [item for item in content.values() if item] if isinstance(content, dict) else [content]
        encrypted = isinstance(secret.get("sops"), dict) and any(
            isinstance(item, str) and item.startswith("ENC[") for item in values
        )
        if any(values) and not encrypted:
            return field
    return None


def without_credentials(url: str) -> str:
    """`url` without user and password, and without what a secret name in its query holds."""
    bare = re.sub(r"(?<=://)[^/@\s]*@", "", url)
    return _QUERY.sub(lambda match: f"{match[1]}=…" if names_secret(match[1]) else match[0], bare)


def shown_line(line: str, text: str, values: Any) -> str:
    """`line` of `text`, rendered from `values`, for a message; without what may be a secret."""
    line = line.strip()
    if any(len(secret) > 2 and secret in line for secret in held(values)):
        return "(not shown: it holds a secret)"
    if names_secret(line) or "kind: Secret" in text:
        key, colon, _ = line.partition(":")
        return f"{key}{colon} (not shown)" if colon else "(not shown)"
    return line if len(line) <= 120 else f"{line[:117]}..."
