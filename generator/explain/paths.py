"""Paths as users write them (`env[LOG_LEVEL].value`, `ports[0].name`), matched against what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.errors import UsageError
from generator.model.document import Path, dotted

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
# What may name an item of a list between brackets, as Kubernetes tells such items apart.
_NAMES = ("name", "mountPath", "devicePath", "topologyKey", "ip", "key", "containerPort", "port")


def parsed(text: str) -> Sequence[tuple[str, bool]]:
    """The steps of a written path; the flag tells that the step stands in brackets.

    Raises UsageError where it is no path.
    """
    steps: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        if steps and text[at] == ".":
            at += 1
        found = _STEP.match(text, at)
        if found is None:
            break
        steps.append((found[1], True) if found[1] is not None else (found[2], False))
        at = found.end()
    if at < len(text) or not steps:
        raise UsageError(f"`{text}` is no path", hint="write one like spec.containers[app].image")
    return steps


def matches(steps: Sequence[tuple[str, bool]], value: Any, by: str | None = None) -> Iterator[Path]:
    """The paths in `value` that the steps may mean, the most literal first.

    Keys with a dot in them may be written without brackets; items of lists by number or by name.
    `by` is a key that identifies items besides those of Kubernetes.
    """
    if not steps:
        yield ()
        return
    if isinstance(value, dict):
        for length in range(1, len(steps) + 1):
            key = ".".join(name for name, _ in steps[:length])
            if key in value and not any(bracketed for _, bracketed in steps[1:length]):
                for rest in matches(steps[length:], value[key], by):
                    yield (key, *rest)
    elif isinstance(value, list):
        name = steps[0][0]
        for index in _items(name, value, by):
            for rest in matches(steps[1:], value[index], by):
                yield (index, *rest)


def _items(name: str, value: Sequence[Any], by: str | None) -> Iterator[int]:
    for key in (*((by,) if by else ()), *_NAMES):
        found = [i for i, item in enumerate(value) if isinstance(item, dict) and _label(item, key) == name]
        if found:
            yield from found
            return
    if name.isascii() and name.isdigit() and int(name) < len(value):
        yield int(name)


def _label(item: dict[str, Any], key: str) -> str | None:
    value = item.get(key)
    if isinstance(value, (dict, list)) or value is None:
        return None
    return str(value)


def named(path: Path, value: Any) -> str:
    """A path in `value` as users write it, items of lists by the names that tell them apart."""
    steps: list[str | int] = []
    for step in path:
        label = _own_name(value, step) if isinstance(value, list) and isinstance(step, int) else None
        steps.append(f"\0{label}" if label is not None else step)
        value = value[step]
    return dotted(tuple(steps)).replace("\0", "")


def _own_name(items: Sequence[Any], index: int) -> str | None:
    """How `matches` finds the item by name, or None where it has none of its own."""
    for key in _NAMES:
        labels = [_label(item, key) for item in items if isinstance(item, dict)]
        own = _label(items[index], key) if isinstance(items[index], dict) else None
        if own is not None:
            return own if labels.count(own) == 1 else None
    return None


def known(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every path in `value`, parents first."""
    children: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = enumerate(value)
    for step, item in children:
        yield (*path, step)
        yield from known(item, (*path, step))


def leaf_paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all scalars and empty containers in `value`."""
    if isinstance(value, (dict, list)) and value:
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaf_paths(item, (*path, step))
    else:
        yield path


def lookup(value: Any, path: Path, default: Any = None) -> Any:
    """What stands at `path` in `value`, or `default`."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return default
    return value


def overlaid(weaker: dict[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """`weaker`, which is changed and returned, with all that `stronger` has; null covers nothing."""
    for name, value in stronger.items():
        below = weaker.get(name)
        if isinstance(value, dict):
            weaker[name] = overlaid(below if isinstance(below, dict) else {}, value)
        elif value is not None or name not in weaker:
            weaker[name] = value
    return weaker
