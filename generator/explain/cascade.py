"""Explains one config value: who speaks for it, who won, and why each of the others lost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.explain.paths import leaf_paths, lookup, overlaid
from generator.explain.places import place_of
from generator.explain.record import ABSENT, Candidate, Explanation, Fate, Reference
from generator.explain.scene import secret_texts
from generator.explain.sources import Source, Sources, Word, trap, why_weaker, word
from generator.explain.tags import origins
from generator.model.document import Path, Position, dotted
from generator.model.formats import ByKey
from generator.model.record import record
from generator.model.secrets import holds_secret

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")


@record(frozen=True)
class _Spoken:
    """What one source says of the key: at `path`, which may lead elsewhere than in the merged values."""

    number: int
    source: Source
    path: Path
    word: Word

    @property
    def null(self) -> bool:
        return self.word.value is None

    @property
    def there(self) -> bool:
        return self.word.depth == len(self.path)

    @property
    def place(self) -> Position:
        return self.source.where(*self.path[: self.word.depth])


class Cascade:
    """Explains config values of one component."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._scene = sources.scene
        self._ground = sources.ground
        self._fill = sources.ground.fill
        self.values: Mapping[str, Any] = (
            self._ground.merged if self._scene.fabrikate else self._fill.fill(self._ground.merged)
        )
        self._secrets = secret_texts(self.values)

    def everything(self) -> Any:
        """All that any source says, one over the other: what may be asked for."""
        whole: dict[str, Any] = {}
        for source in reversed(self._sources.all):
            overlaid(whole, source.values if isinstance(source.values, dict) else {})
        return overlaid(whole, dict(self.values))

    def used(self) -> Any:
        """All values as what renders them has them: helm lays its chart's own under what it is given."""
        chart = next((source for source in self._sources.all if source.kind == "chart"), None)
        values = dict(self.values)
        return _over(values, chart.values) if self._helm and chart is not None else values

    def places(self, values: Any) -> dict[Path, Position]:
        """Where each leaf of `values`, which are all that are used, comes from."""
        found = self.leaves()
        for path in leaf_paths(values):
            first = None if path in found else next(iter(self._spoken(path)), None)
            if first is not None:
                found[path] = first.place
        return {path: found[path] for path in leaf_paths(values) if path in found}

    def explain(self, path: Path) -> Explanation:
        """The explanation of the value at `path` of the config."""
        node = lookup(self._sources.tree, path, ABSENT)
        spoken = list(self._spoken(path))
        givers = self._givers(node, path, spoken)
        candidates = tuple(self._candidates(path, spoken, givers))
        value, written, known = self._value(path, node, spoken, givers)
        references = tuple(self.references(written, path))
        if value is not ABSENT and refers_to_secret(references):
            value = self._scene.shown(value, ("secret",))
        return Explanation(
            environment=self._scene.environment.name,
            component=self._ground.component.label,
            key=dotted(path),
            weft=False,
            value=value,
            candidates=candidates,
            written=known if references else ABSENT,
            references=references,
            notes=tuple(self._notes(spoken, givers)),
            leaves=self.leaves(path),
        )

    def leaves(self, path: Path = ()) -> dict[Path, Position]:
        """Where each leaf of the value at `path` comes from, by its path below it."""
        node = lookup(self._sources.tree, path, ABSENT)
        if node is ABSENT:
            node = lookup(self.values, path, {})
        found: dict[Path, Position] = {}
        for below, origin in origins(node):
            if origin is not None:
                found[below] = self._sources.all[origin.source].where(*origin.path)
            else:
                first = next(iter(self._spoken((*path, *below))), None)
                if first is not None:
                    found[below] = first.place
        return found

    def _spoken(self, path: Path) -> Iterator[_Spoken]:
        """What each source says of `path`, strongest first.

        A list item's place differs from file to file: what a source says of it is found by the item's
        name where lists merge by one, and otherwise is what it says of the list.
        """
        end = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
        origin = getattr(lookup(self._sources.tree, path), "origin", None) if end < len(path) else None
        covered = lookup(self._sources.tree, path[:end], ABSENT) is not ABSENT
        for number, source in enumerate(self._sources.all):
            at = path
            if end < len(path):
                if origin is not None and origin.source == number:
                    at = origin.path
                elif covered or source.kind != "chart":
                    at = self._same_item(source, path, end) or path[:end]
            found = word(source.values, at)
            if found and at == path[:end] != path and isinstance(found.value, list) and self._adds(at):
                # It gives other items of the list.
                continue
            if found is None or (number < len(self._ground.inherited) and at[:1] != ("global",)):
                continue
            if self._scene.fabrikate and found.value is None:
                continue
            yield _Spoken(number, source, at, found)

    def _same_item(self, source: Source, path: Path, end: int) -> Path | None:
        """Where `source` speaks of the item that `path` leads to, in a list that merges by a key."""
        rule = self._rule(path[:end])
        items = lookup(source.values, path[:end])
        if not isinstance(rule, ByKey) or not isinstance(items, list):
            return None
        key = rule.by or "name"
        name = lookup(self._ground.merged, (*path[: end + 1], key))
        for index, item in enumerate(items):
            if isinstance(item, dict) and name is not None and item.get(key) == name:
                at = (*path[:end], index, *path[end + 1 :])
                return at if word(source.values, at) is not None else None
        return None

    def _rule(self, path: Path) -> Any:
        if self._scene.fabrikate:
            return "append"
        rules = self._ground.stack.rules()
        by_path = {tuple(name.split(".")): rule for name, rule in (rules.paths or {}).items()}
        return by_path.get(tuple(str(step) for step in path), rules.lists or "replace")

    def _adds(self, path: Path) -> bool:
        """Whether the lists of several sources are put together at `path`."""
        return bool(self._rule(path) != "replace")

    def _givers(self, node: Any, path: Path, spoken: Sequence[_Spoken]) -> Sequence[int]:
        """The numbers of the sources that the value at `path` is from; none where it is taken away."""
        found = (
            {origin.source for _, origin in origins(node) if origin is not None}
            if node is not ABSENT
            else set()
        )
        if found and self._names_item(path):
            # The item is one because each of them names it so.
            named = itertools.takewhile(lambda item: not item.null, spoken)
            return [item.number for item in named if item.there]
        if found:
            return sorted(found)
        first = next(iter(spoken), None)
        if first is None or (first.null and not self._helm):
            return ()
        # An empty map or list, a null that helm is given, or a Helm chart's own default.
        return (first.number,)

    def _names_item(self, path: Path) -> bool:
        """Whether `path` leads to what identifies an item of a list that merges by a key."""
        rule = self._rule(path[:-2]) if len(path) > 1 and isinstance(path[-2], int) else None
        return isinstance(rule, ByKey) and path[-1] == (rule.by or "name")

    @property
    def _helm(self) -> bool:
        return self._ground.component.type == "helm"

    def _candidates(
        self, path: Path, spoken: Sequence[_Spoken], givers: Sequence[int]
    ) -> Iterator[Candidate]:
        taken: _Spoken | None = None
        takes = {item.number: gone for item in spoken if (gone := self._takes(path, item))}
        single = len(givers) == 1 and not takes
        winner = next((item for item in spoken if item.number in givers), None)
        for item in spoken:
            fate: Fate = "lost"
            reason = ""
            if item.number in givers:
                fate = "won" if single else "merged"
                reason = "" if single else self._part(path, item)
            elif item.number in takes and taken is None:
                fate, reason = "merged", f"takes {', '.join(takes[item.number])} away"
            elif taken is not None:
                reason = f"removed by the null at {taken.place}"
            elif winner is None and item.null:
                fate, reason = "won", "null takes the value away"
            elif winner is not None:
                reason = self._reason(winner, item, path)
            if item.null and taken is None and not self._scene.fabrikate:
                taken = item
            yield Candidate(fate, item.place, self._said(item), item.source.words, reason)

    def _said(self, item: _Spoken) -> Any:
        """What a source says as it may be shown."""
        return self._scene.shown_at(item.source.values, item.path[: item.word.depth], self._secrets)

    def _takes(self, path: Path, item: _Spoken) -> Sequence[str]:
        """What the nulls in a map of a source take away that weaker sources say."""
        if self._scene.fabrikate or self._helm or item.path != path or not item.there:
            return []
        weaker = self._sources.all[item.number + 1 :]
        return [
            dotted(below)
            for below in leaf_paths(item.word.value)
            if below
            and lookup(item.word.value, below) is None
            and lookup(self._sources.tree, (*path, *below), ABSENT) is ABSENT
            and any(lookup(source.values, (*path, *below)) is not None for source in weaker)
        ]

    def _part(self, path: Path, item: _Spoken) -> str:
        if isinstance(item.word.value, dict):
            return "maps merge key by key"
        if self._names_item(path):
            return "items of one name are one item"
        rule = self._rule(item.path)
        if self._scene.fabrikate:
            return "lists are put together, the stronger first"
        if isinstance(rule, ByKey):
            return f"the items merge by `{rule.by or 'name'}`"
        return f"`merge` says {rule}: the stronger list comes {'first' if rule == 'prepend' else 'last'}"

    def _reason(self, winner: _Spoken, item: _Spoken, path: Path) -> str:
        if item.number < winner.number:
            return "what it says is not part of the value"
        if item.there and isinstance(item.word.value, dict):
            return "stronger files say all that it says" if item.word.value else "it says nothing"
        reason = why_weaker(winner.source, item.source)
        both = isinstance(winner.word.value, list) and isinstance(item.word.value, list)
        if both and self._rule(item.path) == "replace":
            return f"{reason}; lists replace as a whole"
        listed = not item.there or item.path != path
        if listed and isinstance(item.word.value, list):
            return f"{reason}; lists replace as a whole"
        return reason

    def _value(
        self, path: Path, node: Any, spoken: Sequence[_Spoken], givers: Sequence[int]
    ) -> tuple[Any, Any, Any]:
        """The value as it is used, and as it is written where one place gives all of it.

        The first as it may be shown, the second as it is, and as it may be shown.
        """
        value = self._scene.shown_at(self.values, path, self._secrets, ABSENT)
        winner = next((item for item in spoken if item.number in givers), None)
        if value is ABSENT and winner is not None and winner.there:
            # Helm lays its chart's values under by itself.
            value = self._said(winner)
        if winner is None or len(givers) > 1 or winner.source.kind == "chart" or self._scene.fabrikate:
            return value, ABSENT, ABSENT
        return value, winner.word.value, self._said(winner)

    def references(self, text: Any, path: Path, seen: frozenset[str] = frozenset()) -> Iterator[Reference]:
        """Each `${…}` in a text that stands at `path`, with what it stands for; then those in that.

        `seen` are names that were followed before.
        """
        for match in _REFERENCE.finditer(text if isinstance(text, str) else ""):
            name = match[1]
            if name is None or name in seen:
                continue
            value = self._fill.fill(f"${{{name}}}", path)
            steps: Path = tuple(name.split("."))
            shown = self._scene.shown(value, steps, self._secrets)
            if steps[0] != "global":
                yield Reference(name, shown, place_of(self._scene.environment, name))
                continue
            spoken = list(self._spoken(steps))
            givers = self._givers(lookup(self._sources.tree, steps, ABSENT), steps, spoken)
            first = next((item for item in spoken if item.number in givers), None)
            yield Reference(name, shown, first.place if first else None)
            if first is not None:
                yield from self.references(first.word.value, steps, seen | {name})

    def _beside(self, winner: Source, loser: Source) -> str:
        """The file in which what `loser` says would win over `winner`."""
        folder = winner.places.where().file.rpartition("/")[0]
        stem = self._scene.environment.name if winner.kind == "environment" else loser.stem
        return f"{folder}/{stem}.yaml"

    def _notes(self, spoken: Sequence[_Spoken], givers: Sequence[int]) -> Iterator[str]:
        winner = next((item for item in spoken if item.number in givers), None)
        if winner is None or len(givers) != 1:
            return
        for item in spoken:
            if item.number not in givers and trap(winner.source, item.source):
                component = self._ground.component.label
                beside = self._beside(winner.source, item.source)
                yield (
                    f"{winner.place} hides {item.place}: a file further up the tree wins, also a `common` "
                    f"over one for {item.source.stem}; to have the other value, say it for `{component}` in "
                    f"{beside}, or take it out of {winner.place.file}"
                )


def _over(values: dict[str, Any], defaults: Any) -> dict[str, Any]:
    """`values` with the defaults that they leave as they are."""
    laid = dict(values)
    for name, default in defaults.items() if isinstance(defaults, dict) else ():
        if name not in laid:
            laid[name] = default
        elif isinstance(laid[name], dict):
            laid[name] = _over(laid[name], default)
    return laid


def refers_to_secret(references: Sequence[Reference]) -> bool:
    """Whether what a value refers to has a name that speaks of a secret."""
    return any(holds_secret(part) for item in references for part in item.name.split("."))
