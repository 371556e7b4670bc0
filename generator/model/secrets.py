"""What must not be shown: names that speak of secrets, and text that may hold one."""

from __future__ import annotations

import re
from typing import Any

_NAME = re.compile(r"pass(word|wd|phrase)?|secret|token|credential|private|api_?key", re.IGNORECASE)


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


def shown_line(line: str, text: str) -> str:
    """`line` of `text` for a message; only its key where it may hold a secret."""
    line = line.strip()
    if names_secret(line) or "kind: Secret" in text:
        key, colon, _ = line.partition(":")
        return f"{key}{colon} (not shown)" if colon else "(not shown)"
    return line if len(line) <= 120 else f"{line[:117]}..."
