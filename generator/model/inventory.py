"""The inventory as text: which paths below an environment's folder weft owns."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from generator.model.output import INVENTORY

# Most paths are that plain, and there are many. No part begins with a dot.
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def paths(text: bytes) -> frozenset[str]:
    """The paths that an inventory owns; raises ValueError where it was damaged or is not weft's."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    if not isinstance(found, list) or not all(isinstance(item, str) and inside(item) for item in found):
        raise ValueError("expected a list of paths below this folder")
    if INVENTORY not in found:
        # Other programs have an inventory.json too; what theirs lists is not weft's to remove.
        raise ValueError("it does not list itself, so weft did not write it")
    return frozenset(found)


def inside(path: str) -> bool:
    """Whether a path stays below the folder it is relative to."""
    if _PLAIN.fullmatch(path):
        return True
    pure = PurePosixPath(path)
    return (
        bool(pure.parts)
        and "\0" not in path
        # Half a surrogate pair names no file.
        and not any("\ud800" <= character <= "\udfff" for character in path)
        and not pure.is_absolute()
        and ".." not in pure.parts
        and path == str(pure)
    )
