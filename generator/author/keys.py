"""Keys and values as a user types them: `env.LOG_LEVEL=debug`, `hosts[0]=a.example.com`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, UsageError
from generator.model.document import Path

_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")
# The words and numbers of YAML that everybody takes for such: not `NO`, a country, nor `0644`, a mode.
_WORDS = {
    **dict.fromkeys(("null", "Null", "NULL", "~"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})(\.[0-9]{1,300})?")


def parsed(text: str) -> Path:
    """The path that `text` names: dots part keys, `\\.` is a dot, `[0]` an index, `[a.b]` a key with dots.

    Raises UsageError where it names none.
    """
    steps: list[str | int] = []
    word, at, pending = "", 0, False
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            word, at, pending = word + text[at + 1], at + 2, True
        elif char == ".":
            if pending:
                steps.append(word)
            elif at == 0 or text[at - 1] != "]":
                raise _nothing(text)
            word, at, pending = "", at + 1, False
            if at == len(text):
                raise _nothing(text)
        elif char == "[" and "]" in text[at:]:
            if pending:
                steps.append(word)
            inner, _, _ = text[at + 1 :].partition("]")
            if not inner:
                raise _nothing(text)
            steps.append(int(inner) if _INDEX.fullmatch(inner) else inner)
            word, at, pending = "", at + len(inner) + 2, False
        else:
            word, at, pending = word + char, at + 1, True
    if pending:
        steps.append(word)
    if not steps or isinstance(steps[0], int):
        raise _nothing(text)
    return tuple(steps)


def _nothing(text: str) -> UsageError:
    return UsageError(
        f"`{text}` is no key",
        hint=r"write it like env.LOG_LEVEL, a\.b for a key with a dot, list[0] for an item",
    )


def assignment(text: str, *, string: bool) -> tuple[Path, Any]:
    """The path and the value of `key.path=value`. Raises UsageError where it is none."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"`{text}` says no value", hint="write key.path=value")
    return parsed(key), value if string else typed(value)


def typed(text: str) -> Any:
    """What `text` means: a plain decimal number, true, false, null, `[…]` or `{…}`; else the text itself.

    Text in quotes is what is within them. Raises UsageError for a `[…]` or `{…}` that is no YAML, or that
    no config can hold.
    """
    if text[:1] in ("[", "{"):
        value = _read(text)
        if fault := unfit(value):
            raise UsageError(f"`{text}` cannot be set: {fault}", hint="quote it to set it as text")
        return value
    if text in _WORDS:
        return _WORDS[text]
    if number := _NUMBER.fullmatch(text):
        return float(text) if number[1] else int(text)
    if text[:1] in ("'", '"') and "\n" not in text and "#" not in text:
        quoted = _tried(text)
        return quoted if isinstance(quoted, str) else text
    return text


def unfit(value: Any) -> str | None:
    """Why no config can hold a value, such as infinity; None where it can."""
    try:
        yamlio.to_json(value)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def _tried(text: str) -> Any:
    try:
        return _read(text)
    except UsageError:
        return text


def _read(text: str) -> Any:
    try:
        documents = yamlio.read(text.encode(), "value")
    except DefinitionError as error:
        raise UsageError(
            f"`{text}` is no YAML: {error.message}", hint="quote it for the shell, or give --string"
        ) from None
    if len(documents) != 1:
        return text
    return documents[0].value


def leaves(values: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a map with its path; an empty map is one."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value
