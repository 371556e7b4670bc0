"""What an explanation is about: the definition in one environment, and what may be shown of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from generator import render, resolve
from generator.explain.contents import Contents
from generator.explain.paths import leaf_paths, lookup
from generator.explain.record import HIDDEN
from generator.model import secrets as secrecy
from generator.model.definition import Component, ComponentPath, Definition, Environment
from generator.model.document import Path
from generator.model.record import record
from generator.model.request import Request
from generator.resolve import Ground

# What Secrets hold is told apart by `Contents`.
_NO_TEXTS = secrecy.SecretTexts(())


@record(frozen=True)
class Scene:
    """A definition in one environment. With `secrets` nothing is masked, else what Secrets hold is too."""

    definition: Definition
    environment: Environment
    secrets: bool = False
    contents: Contents = field(default_factory=Contents)
    # The definition with the trees of all environments, where `definition` has this one's.
    whole: Definition | None = None

    @functools.cached_property
    def resolver(self) -> resolve.Resolver:
        """The resolver of the definition; what falls to this environment depends on all others."""
        return resolve.Resolver(self.whole or self.definition).seen_by(self.environment)

    @property
    def run(self) -> render.Run:
        """What renderers may know."""
        known = self.definition
        return render.Run(known.root, known.dialect, known.requires, known.subcharts)

    @property
    def fabrikate(self) -> bool:
        """Whether Fabrikate's rules hold."""
        return self.definition.dialect == "fabrikate"

    def component(self, path: ComponentPath) -> Component:
        """The component at a path that is known to exist."""
        found = self.definition.tree.find(path)
        assert found is not None
        return found

    def grounds(self, path: ComponentPath) -> Sequence[Ground]:
        """What the component at `path` and each above it stand on, the root first; raises WeftError."""
        return self.resolver.grounds(self.environment, path)

    def shown(
        self, value: Any, names: Sequence[str | int] = (), secrets: frozenset[str] = frozenset()
    ) -> Any:
        """`value` as it may be shown where `names` lead to it; `secrets` are texts not to be shown."""
        if self.secrets:
            return value
        if any(isinstance(name, str) and secrecy.holds_secret(name) for name in names):
            return HIDDEN
        return self.without(masked(value, deep=True), secrets)

    def without(self, value: Any, secrets: frozenset[str]) -> Any:
        """`value` with a placeholder for each scalar that holds one of `secrets`, or what Secrets hold."""
        return self.contents.masked(_without(value, secrets))

    def shown_at(self, values: Any, path: Path, secrets: frozenset[str], default: Any = None) -> Any:
        """What stands at `path` in config as it may be shown: what stands beside and above it counts."""
        value = lookup(values if self.secrets else masked(values, deep=True), path, default)
        return value if value is default else self.shown(value, (), secrets)


def masked(value: Any, *, deep: bool = False) -> Any:
    """A copy of `value` masked by the rule of a comparison; with `deep`, as config is."""
    hidden = secrecy.covered(value, lambda _: secrecy.Covered(), deep=deep)
    return secrecy.shown(hidden, _NO_TEXTS, HIDDEN)


def _without(value: Any, secrets: frozenset[str]) -> Any:
    if not secrets:
        return value
    if isinstance(value, dict):
        return {name: _without(item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, secrets) for item in value]
    text = str(value)
    return HIDDEN if value is not None and any(secret in text for secret in secrets) else value


def secret_texts(values: Any) -> frozenset[str]:
    """The texts that `values` hold in secret places, those long enough not to stand in others by chance."""
    hidden = masked(values, deep=True)
    texts = (
        str(lookup(values, path))
        for path in leaf_paths(values)
        if lookup(hidden, path) != lookup(values, path)
    )
    return frozenset(text for text in texts if len(text) > 2)


def scene(definition: Definition, request: Request, name: str, *, secrets: bool) -> Scene:
    """The environment `name` of `definition`; raises what is wrong with its file."""
    environment = resolve.environment(definition, request, name)
    return Scene(definition.seen_by(name), environment, secrets, whole=definition)
