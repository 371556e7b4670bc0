"""What SOPS encrypted in an object, and what it left in plain sight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generator.model.document import Path

LATER = "$"
"""Stands for a text that only whoever replaces it knows; in no name of an object."""

# The settings in the object say what is encrypted; without any of them SOPS takes this one.
_DEFAULT = {"unencrypted_suffix": "_unencrypted"}
_RULES = ("unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex")
_BY_COMMENT = ("unencrypted_comment_regex", "encrypted_comment_regex")


def encrypted(data: Any) -> bool:
    """Whether SOPS has encrypted the object, or some of it: it leaves a key of its own."""
    return isinstance(data, dict) and isinstance(data.get("sops"), dict)


def ciphered(value: Any) -> bool:
    """Whether something in the value is what SOPS writes in the place of what it encrypts."""
    if isinstance(value, dict):
        return any(map(ciphered, value.values()))
    if isinstance(value, list):
        return any(map(ciphered, value))
    return isinstance(value, str) and value.startswith("ENC[")


def hides(data: Any, *values: Any) -> bool:
    """Whether SOPS encrypted something in `values`, which are of the object: nobody knows them then."""
    return encrypted(data) and any(map(ciphered, values))


def masked(value: Any) -> Any:
    """A copy of what is in an encrypted object, with LATER in the place of each encrypted text."""
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return LATER if ciphered(value) else value


def plain(secret: Mapping[str, Any]) -> Path | None:
    """The path of what anybody can read of a Secret's content, or None.

    It is that of `stringData` or `data` where nothing in it is encrypted, else that of the first key whose
    value SOPS would have encrypted by the settings that it left in the object. It never encrypts empty text.
    """
    for field in ("stringData", "data"):
        content = secret.get(field)
        if not isinstance(content, dict):
            if content:
                return (field,)
            continue
        filled = {key: value for key, value in content.items() if value}
        if filled and not any(hides(secret, value) for value in filled.values()):
            return (field,)
        for key, value in filled.items():
            if not ciphered(value) and not _left(secret["sops"], (field, str(key))):
                return (field, key)
    return None


def _left(settings: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether the settings leave a value in plain sight, as far as can be told without the comments."""
    if any(settings.get(name) for name in _BY_COMMENT):
        return True
    given = {name: str(settings[name]) for name in _RULES if settings.get(name)} or _DEFAULT
    return any(_fits(name, text, path) is not name.startswith("encrypted") for name, text in given.items())


def _fits(name: str, text: str, path: tuple[str, ...]) -> bool:
    if name.endswith("suffix"):
        return any(step.endswith(text) for step in path)
    try:
        return any(re.search(text, step) for step in path)
    except re.error:
        # Go reads some that Python does not: nothing is claimed of those.
        return not name.startswith("encrypted")
