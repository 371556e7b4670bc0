"""Other names in the fields that name objects, each in the form that its field has."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from re import Match
from typing import Any

from generator.model.references.find import Found, Step, namespace_of, references
from generator.model.references.rule import GROUPS, PATTERNS, WHOLE, Form, Otherwise

Rename = Callable[[Found], "tuple[str | None, str] | None"]
"""The namespace (None: as it is) and name that the object has from now on; None where both stay."""

_Path = tuple[Step, ...]


def renamed(data: Mapping[str, Any], rename: Rename) -> Mapping[str, Any]:
    """The object with what `rename` answers in place of each name: `data` itself where nothing changes.

    `rename` is asked for every reference with a name, and so for the object's own namespace (kind Namespace,
    at `metadata.namespace`), but never for the object's own name. Where a field leaves the namespace out, it
    still does afterwards if the object moves along with the one that it names; otherwise the namespace is
    written, if the field has a place for it. Nothing of `data` is changed; unchanged parts are shared.
    """
    asked = [(found, rename(found)) for found in references(data) if found.name]
    own = next(
        (answer[1] for found, answer in asked if answer and found.path == ("metadata", "namespace")),
        namespace_of(data),
    )
    if own == namespace_of(data) and not any(answer for _, answer in asked):
        return data
    edit = _Edit(data)
    for found, answer in asked:
        namespace, name = answer or (None, found.name)
        _replace(edit, found, found.namespace if namespace is None else namespace, name, own)
    return edit.data


def _replace(edit: _Edit, found: Found, namespace: str | None, name: str, own: str) -> None:
    form, rule = found.rule.form, found.rule
    implied = own if rule.otherwise is Otherwise.OWN and found.namespace else found.namespace
    write = namespace if namespace != (found.namespace if found.stated else implied) else None
    if form is not Form.NAME:
        text = edit.at(found.path)
        match = PATTERNS[form].fullmatch(text)
        if match:
            edit.put(found.path, _spliced(form, match, write, name))
        return
    if name != found.name:
        edit.put(found.path, name)
    if write and rule.namespace_at:
        edit.put((*found.holder_path, rule.namespace_at), write)


def _spliced(form: Form, match: Match[str], namespace: str | None, name: str) -> str:
    """The matched text with another name, and another namespace unless None; the rest as it was."""
    text = match.string
    names, spaces = GROUPS[form]
    parts = [(match.span(index), name) for index in names if match[index] not in (None, WHOLE)]
    if namespace is not None:
        parts += [(match.span(index), namespace) for index in spaces if match[index]]
    for (start, end), value in sorted(parts, reverse=True):
        text = text[:start] + value + text[end:]
    if namespace and not any(match[index] for index in spaces):
        if form in (Form.QUALIFIED, Form.GATEWAY):
            return f"{namespace}/{text}"
        if form is Form.HOST:
            return f"{text}.{namespace}.svc.cluster.local"
    return text


class _Edit:
    """A copy in the making: containers on the way to a change are copied once, all others are shared."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self._mine: set[int] = set()

    def at(self, path: _Path) -> Any:
        """What is at a path now."""
        value: Any = self.data
        for step in path:
            value = value[step]
        return value

    def put(self, path: _Path, value: str) -> None:
        """Puts a text at a path whose containers all exist; what is there already needs no copy."""
        holder = self.at(path[:-1])
        if (holder.get(path[-1]) if isinstance(holder, dict) else holder[path[-1]]) == value:
            return
        self.data = container = self._own(self.data)
        for step in path[:-1]:
            container[step] = self._own(container[step])
            container = container[step]
        container[path[-1]] = value

    def _own(self, container: Any) -> Any:
        if id(container) not in self._mine:
            container = copy.copy(container)
            self._mine.add(id(container))
        return container
