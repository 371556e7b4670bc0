"""Regular expressions of users: Go's syntax, in an engine whose time is linear in the text."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

_LITERAL = re.compile(r"[A-Za-z0-9_-]*")


@functools.lru_cache(maxsize=4096)
def anchored(pattern: str) -> Callable[[str], bool]:
    """Whether all of a text is what `pattern` says. Raises ValueError where it is no pattern."""
    if _LITERAL.fullmatch(pattern):
        return pattern.__eq__
    # By itself first: `a)|(b` would become one in the group.
    _compiled(pattern)
    return _compiled(f"^(?:{pattern})$")


def _compiled(pattern: str) -> Callable[[str], bool]:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except jsonschema_rs.ValidationError:
        raise ValueError(f"`{pattern}` is no regular expression") from None
    return validator.is_valid
