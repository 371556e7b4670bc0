"""What an explanation is about: the definition in one environment, and what may be shown of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from generator import render, resolve
from generator.explain.contents import Contents
from generator.explain.record import HIDDEN
from generator.model.definition import Component, ComponentPath, Definition, Environment
from generator.model.request import Request
from generator.model.secrets import held, names_secret, redacted
from generator.resolve import Ground


@dataclass(frozen=True)
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
        if any(isinstance(name, str) and names_secret(name) for name in names):
            return HIDDEN
        return self.contents.masked(_without(redacted(value), secrets))


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
    """The texts under secret names that are long enough not to stand in others by chance."""
    return frozenset(text for text in held(values) if len(text) > 2)


def scene(definition: Definition, request: Request, name: str, *, secrets: bool) -> Scene:
    """The environment `name` of `definition`; raises what is wrong with its file."""
    environment = resolve.environment(definition, request, name)
    return Scene(definition.seen_by(name), environment, secrets, whole=definition)
