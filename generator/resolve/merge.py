"""Merges config values over deepmerge: by weft's rule (the stronger wins, lists replace) or Fabrikate's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deepmerge import Merger

from generator.model.formats import ByKey, Merge

Path = tuple[str, ...]
Conflict = Callable[[Path, Any, Any], Any]


def copied(value: Any, *, keep_nulls: bool = True) -> Any:
    """`value` with containers of its own; without nulls in maps unless they are kept."""
    if isinstance(value, dict):
        return {
            name: copied(item, keep_nulls=keep_nulls)
            for name, item in value.items()
            if keep_nulls or item is not None
        }
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


class WeftMerge(Merger):
    """Lays stronger values over weaker ones. `conflict` raises for a map against something else."""

    # The strategies are functions of the class, which get the merger itself: bound methods would make a
    # cycle of each merge, and only the collector of cycles would ever free it.

    def __init__(self, rules: Merge, conflict: Conflict, *, keep_nulls: bool) -> None:
        self._default = rules.lists or "replace"
        self._paths = {tuple(path.split(".")): rule for path, rule in (rules.paths or {}).items()}
        self._keep_nulls = keep_nulls
        self._conflict = conflict
        own: Any = type(self)
        super().__init__([(list, own._lists), (dict, own._maps)], ["override"], [own._types])

    def over(self, weaker: Any, stronger: Any) -> Any:
        """`stronger` laid over `weaker`, which is changed and returned."""
        return self.merge(weaker, stronger)

    def _maps(self, path: list[str], base: dict[str, Any], stronger: dict[str, Any]) -> Any:
        for name, value in stronger.items():
            if value is None:
                if self._keep_nulls:
                    base[name] = None
                else:
                    base.pop(name, None)
            elif base.get(name) is None:
                base[name] = copied(value, keep_nulls=self._keep_nulls)
            else:
                base[name] = self.value_strategy([*path, name], base[name], value)
        return base

    def _lists(self, path: list[str], base: list[Any], stronger: list[Any]) -> Any:
        rule = self._paths.get(tuple(path), self._default)
        if isinstance(rule, ByKey):
            return self._by_key(path, base, stronger, rule.by or "name")
        if rule == "append":
            return base + copied(stronger)
        if rule == "prepend":
            return copied(stronger) + base
        return copied(stronger)

    def _by_key(self, path: list[str], base: list[Any], stronger: list[Any], key: str) -> list[Any]:
        merged = list(base)
        places = {name: index for index, item in enumerate(merged) if (name := _named(item, key)) is not None}
        for item in stronger:
            name = _named(item, key)
            index = places.get(name) if name is not None else None
            if index is None:
                if name is not None:
                    places[name] = len(merged)
                merged.append(copied(item))
            else:
                merged[index] = self.value_strategy(path, merged[index], item)
        return merged

    def _types(self, path: list[str], base: Any, stronger: Any) -> Any:
        if isinstance(base, dict) or isinstance(stronger, dict):
            return self._conflict(tuple(path), base, stronger)
        return copied(stronger)


def _named(item: Any, key: str) -> str | int | float | None:
    """What identifies `item` in a list that merges by `key`; None where it has no such scalar."""
    name = item.get(key) if isinstance(item, dict) else None
    return name if isinstance(name, (str, int, float)) else None


class FabrikateMerge(Merger):
    """Collects values strongest first, by the table of Fabrikate."""

    def __init__(self, conflict: Conflict) -> None:
        self._conflict = conflict
        own: Any = type(self)
        super().__init__([(list, ["append"]), (dict, own._maps)], ["use_existing"], [own._types])

    def under(self, collected: Any, weaker: Any) -> Any:
        """`collected`, into which the weaker values are filled; it is changed and returned."""
        return self.merge(collected, copied(weaker))

    def _maps(self, path: list[str], collected: dict[str, Any], weaker: Mapping[str, Any]) -> Any:
        for name, value in weaker.items():
            if value is None:
                continue
            if collected.get(name) is None:
                collected[name] = value
            else:
                collected[name] = self.value_strategy([*path, name], collected[name], value)
        return collected

    def _types(self, path: list[str], collected: Any, weaker: Any) -> Any:
        if isinstance(collected, (dict, list)):
            return self._conflict(tuple(path), collected, weaker)
        return collected
