"""Reads access.yaml: for each URL the name of the environment variable that holds its token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from generator.errors import DefinitionError, Several, WeftError
from generator.load import files
from generator.model.document import Position

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load(root: Path) -> tuple[Mapping[str, str], Mapping[str, Position]]:
    """The variables by URL, and where each stands; empty where the root has no access.yaml.

    Raises Several with every fault; what may be a token is shown in none.
    """
    file = files.find(root, ".", "access")
    if file is None:
        return {}, {}
    document = files.read(root, file)
    errors: list[WeftError] = []
    for url, name in document.value.items():
        place = document.where(url)
        if not _is_url(url):
            errors.append(
                DefinitionError.at(place, "a key of access.yaml is no URL", "write https://host/path")
            )
        elif not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            errors.append(
                DefinitionError.at(
                    place,
                    "found something that is no name of an environment variable",
                    "write the name of the variable that holds the token, not the token; if this is one,"
                    " it is in the repository now: revoke it",
                )
            )
    if errors:
        raise Several(errors)
    return dict(document.value), {url: document.where(url) for url in document.value}


def _is_url(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(urlsplit(text).netloc)
    except ValueError:
        return False
