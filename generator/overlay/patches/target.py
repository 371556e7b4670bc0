"""Which objects a patch is for, and what to say where it is for none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from generator.errors import DefinitionError, nearest
from generator.model.manifest import Manifest
from generator.model.patches import PlacedPatch
from generator.schema import patterns, targets

Matches = Callable[[Manifest], bool]
_WORDS = 8


def matcher(patch: PlacedPatch) -> Matches:
    """Whether an object is one that the patch is for. Raises DefinitionError for a pattern that is none."""
    if patch.target is None:
        return _named(patch.described)
    try:
        return targets.compiled(patch.target)
    except targets.BadTarget as bad:
        raise DefinitionError.at(patch.place, f"`target.{bad.field}`: {bad.message}", bad.hint) from None


def _named(words: Mapping[str, str]) -> Matches:
    """An object by its own words; a namespace counts where the patch says one."""
    namespace = words.get("namespace")

    def matches(item: Manifest) -> bool:
        return (
            item.kind == words["kind"]
            and item.name == words["name"]
            and str(item.data.get("apiVersion") or "") == words["apiVersion"]
            and (namespace is None or item.namespace == namespace)
        )

    return matches


def nothing_met(patch: PlacedPatch, items: Sequence[Manifest]) -> DefinitionError:
    """The error for a patch for none of `items`: what it looked for, and the nearest that is there."""
    wanted = patch.described
    said = ", ".join(f"{word} `{value}`" for word, value in wanted.items())
    return DefinitionError.at(
        patch.place,
        f"the patch matches no object: it looks for {said or 'any object'}",
        hint=_hint(wanted, items),
    )


def _hint(wanted: Mapping[str, str], items: Sequence[Manifest]) -> str:
    if not items:
        return "there are no objects here"
    kinds = sorted({item.kind for item in items})
    alike = [item for item in items if _fits(wanted.get("kind"), item.kind)]
    if not alike:
        near = nearest(wanted["kind"], kinds)
        named = near and nearest(wanted.get("name", ""), {item.name for item in items if item.kind == near})
        if near:
            return f"did you mean kind '{near}'" + (f", name '{named}'?" if named else "?")
        return f"there are {_listed(kinds)}"
    names = sorted({item.name for item in alike})
    if (name := wanted.get("name")) is not None and not any(_fits(name, known) for known in names):
        near = nearest(name, names)
        return f"did you mean '{near}'?" if near else f"there are {_listed(names)}"
    there = sorted({str(item.identity) for item in alike if _fits(wanted.get("name"), item.name)})
    return f"nearest: {_listed(there)}"


def _fits(pattern: str | None, text: str) -> bool:
    return pattern is None or patterns.anchored(pattern)(text)


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _WORDS} more" if len(words) > _WORDS else ""
    return ", ".join(words[:_WORDS]) + more
