"""What a filter may cost: checks of those that make much of little, and a count of what all make."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from generator.render import limits

Filter = Callable[..., Any]


def guarded(filters: Mapping[str, Filter], budget: Callable[[], limits.Budget]) -> dict[str, Filter]:
    """`filters`, each with its check, and its result counted in what `budget` gives."""
    return {name: _guarded(name, function, budget) for name, function in filters.items()}


def _guarded(name: str, function: Filter, budget: Callable[[], limits.Budget]) -> Filter:
    check = _CHECKS.get(name)
    # Jinja passes its context, environment or evaluation context as the first argument where a filter asks.
    offset = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        if check is not None:
            before, value, after = args[:offset], args[offset], args[offset + 1 :]
            args = (*before, check(value, after, kwargs), *after)
        return budget().sized(function(*args, **kwargs))

    return bounded


def _wide(value: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    limits.widths([*args, *kwargs.values()])
    return value


def _weighed(value: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    if value.__class__ is str and not args and not kwargs:
        return value
    limits.widths([*args, *kwargs.values()])
    return limits.weighed(value)


def _indent(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    limits.widths([*args, *kwargs.values()])
    width = kwargs.get("width", args[0] if args else 4)
    piece = width if isinstance(width, str) else " " * width if isinstance(width, int) else ""
    limits.repeated(piece, str(value).count("\n") + 1, "indent")
    return value


def _wordwrap(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    limits.widths([*args, *kwargs.values()])
    breaks = kwargs.get("wrapstring", args[2] if len(args) > 2 else None)
    limits.repeated(str(breaks or "\n"), len(str(value)), "wordwrap")
    return value


def _replace(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    old, new = (*args, *(kwargs[name] for name in ("old", "new") if name in kwargs), "", "")[:2]
    limits.replaced(str(value), str(old), str(new))
    return value


def _join(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    items = limits.weighed(list(value))
    limits.repeated(str(kwargs.get("d", args[0] if args else "")), len(items), "join")
    return items


def _format(value: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    limits.formatted(str(value), [*args, *kwargs.values()])
    return value


def _sum(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    start = kwargs.get("start", args[1] if len(args) > 1 else 0)
    if not isinstance(start, (int, float)):
        raise limits.LimitExceeded("`sum` adds numbers only")
    return value


def _string(value: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    limits.text(value)
    return value


_CHECKS: dict[str, Callable[[Any, Any, Mapping[str, Any]], Any]] = {
    **dict.fromkeys(("center", "batch", "slice"), _wide),
    **dict.fromkeys(
        ("to_yaml", "to_json", "quote", "b64encode", "sha256", "tojson", "pprint", "urlencode", "xmlattr"),
        _weighed,
    ),
    "indent": _indent,
    "wordwrap": _wordwrap,
    "replace": _replace,
    "join": _join,
    "format": _format,
    "sum": _sum,
    "string": _string,
}
