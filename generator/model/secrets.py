"""What must not be shown: names that speak of secrets, and text that may hold one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

NOT_SHOWN = "(not shown)"

_NAME = re.compile(r"pass(word|wd|phrase)?|secret|token|credential|private|api_?key", re.IGNORECASE)

# Keys that speak of a secret and say where it is, or how long, but not what it is: `secretName`.
_ABOUT = re.compile(
    r"(names?|refs?|namespace|type|kind|path|ur[il]|seconds|ttl|policy|mode|size|algorithm)$", re.IGNORECASE
)
# kubectl keeps the whole object once more in this annotation.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# Deeper than any schema of Kubernetes.
_DEEPEST = 100
# Of what a Secret holds, shorter texts stand everywhere by chance.
_SHORTEST = 4
# So long a text is found within others, too, whatever its key in the Secret is.
_TELLING = 8
_WORDS = r"(?:pass(?:word|wd|phrase)?|secret|token|credential|private|api_?key)"
# `--password=x`, `password: x`, `"password":"x"` and `scheme://user:x@host`, within longer texts.
_ASSIGNED = re.compile(
    rf"(?P<head>{_WORDS}[\w.-]*(?:[\"']?[ \t]*=[ \t]*|[\"'][ \t]*:[ \t]*|:[ \t]+))[^\s].*", re.IGNORECASE
)
_USERINFO = re.compile(r"(?P<head>://[^/@\s:]*:)[^/@\s]+(?=@)")

# `user:password@host:path`, which git takes for a path and people for an address.
_SCP_PASSWORD = re.compile(r"^[^/@\s:]+:(?!//)[^@\s]*@(?=[^/@\s:]+:)")
_QUERY = re.compile(r"(?<=[?&])([^=&\s]*)=([^&\s]*)")


def names_secret(name: str) -> bool:
    """Whether a key's or label's name says that its value is nobody's business."""
    return _NAME.search(name) is not None


def redacted(value: Any) -> Any:
    """`value` with a placeholder for what secret names hold; the same object where they hold nothing."""
    if isinstance(value, dict):
        hidden = {
            name: NOT_SHOWN if isinstance(name, str) and names_secret(name) else redacted(item)
            for name, item in value.items()
        }
        return hidden if any(hidden[name] is not item for name, item in value.items()) else value
    if isinstance(value, list):
        items = [redacted(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def holds_secret(name: str) -> bool:
    """Whether what a field or key of this name holds is secret; `secretName` only says where it is."""
    return name == LAST_APPLIED or (names_secret(name) and not _ABOUT.search(name))


def covered(data: Any, cover: Callable[[Any], Any], *, deep: bool = False) -> Any:
    """A copy of an object in which `cover` has replaced each text and number under a secret name.

    Secret names are those of fields, of keys in a ConfigMap's data and of entries such as those of `env`,
    whose value stands beside the name. What only says where the secret is, such as `secretName`, stays.
    With `deep` all that a map under a secret name holds is covered too: config follows no schema.
    """
    config = isinstance(data, dict) and data.get("kind") == "ConfigMap"
    free = [data.get("data"), data.get("binaryData")] if config else []

    def holds(name: str, fields: Any) -> bool:
        if any(fields is part for part in free):
            return names_secret(name)
        return holds_secret(name)

    def walk(value: Any, below: bool, depth: int) -> Any:
        if depth > _DEEPEST:
            return cover("") if below else value
        if isinstance(value, dict):
            named = "value" in value and names_secret(str(value.get("name") or ""))
            return {
                name: walk(
                    item,
                    (deep and below) or (named and name == "value") or holds(str(name), value),
                    depth + 1,
                )
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [walk(item, below, depth + 1) for item in value]
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        return cover(value) if below and plain else value

    return walk(data, False, 0)


class Covered(str):
    """A text that is compared and never shown."""


def shown(value: Any, texts: SecretTexts, placeholder: str, *, whole: bool = False, depth: int = 0) -> Any:
    """A copy of `value` with the placeholder for what is `Covered`, encrypted by SOPS, or holds `texts`.

    With `whole` it stands for every scalar. What is nested past all sense is cut off.
    """
    if isinstance(value, (dict, list)) and depth > _DEEPEST:
        return "(nested too deeply to show)"
    if isinstance(value, dict):
        return {
            name: shown(item, texts, placeholder, whole=whole, depth=depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [shown(item, texts, placeholder, whole=whole, depth=depth + 1) for item in value]
    if whole or isinstance(value, Covered) or (isinstance(value, str) and value.startswith("ENC[")):
        return placeholder
    return texts.without(value, placeholder) if isinstance(value, str) else value


class SecretTexts:
    """What the Secrets among some objects hold, as it is written and decoded, to be hidden elsewhere."""

    def __init__(self, objects: Iterable[Any]) -> None:
        whole: set[str] = set()
        within: set[str] = set()
        for name, text in contents(objects):
            if len(text) >= _SHORTEST and not text.startswith("ENC["):
                whole.add(text)
                if len(text) >= _TELLING or names_secret(name):
                    within.add(text)
        self._whole = frozenset(whole)
        longest = sorted(within, key=lambda text: (-len(text), text))
        self._within = re.compile("|".join(map(re.escape, longest))) if longest else None

    def without(self, text: str, placeholder: str) -> str:
        """`text` with the placeholder for what may be a secret in it, or in the place of all of it."""
        if text.strip() in self._whole:
            return placeholder
        if self._within is not None:
            text = self._within.sub(lambda _: placeholder, text)
        for pattern in (_ASSIGNED, _USERINFO):
            text = pattern.sub(lambda match: f"{match['head']}{placeholder}", text)
        return text


def contents(objects: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Each key of the Secrets in `objects` with its text, as it stands in a field and as the other has it."""
    for data in objects:
        if data.get("kind") != "Secret" or "/" in str(data.get("apiVersion") or ""):
            continue
        for field in ("data", "stringData"):
            content = data.get(field)
            for name, value in content.items() if isinstance(content, dict) else ():
                if value is None or isinstance(value, bool):
                    continue
                text = str(value).strip()
                yield str(name), text
                try:
                    if field == "data":
                        yield str(name), base64.b64decode(text, validate=True).decode().strip()
                    else:
                        yield str(name), base64.b64encode(str(value).encode()).decode()
                except (binascii.Error, ValueError):
                    # Encrypted, or no text.
                    continue


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


def without_credentials(url: str) -> str:
    """`url` without user and password, and without what a secret name in its query holds."""
    bare = _SCP_PASSWORD.sub("", re.sub(r"(?<=://)[^/@\s]*@", "", url))
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
