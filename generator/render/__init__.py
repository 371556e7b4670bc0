"""Renders units to objects: one Protocol, and a registry with a renderer for each type."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from generator import yamlio
from generator.errors import DefinitionError, WeftError, flatten
from generator.model.document import Document, Places
from generator.model.manifest import Rendered
from generator.model.unit import Unit
from generator.render.base import Preparing, Renderer, Run, objects
from generator.render.locate import Below, Locator
from generator.render.shelf import Shelf


class GroupRenderer:
    """A component that only groups others renders nothing."""

    waits = False
    alone = False

    def render(self, unit: Unit, run: Run) -> Rendered:
        """No objects."""
        return Rendered()


def _jinja() -> Renderer:
    from generator.render.jinja import JinjaRenderer

    return JinjaRenderer()


def _helm() -> Renderer:
    from generator.render.helm import HelmRenderer

    return HelmRenderer()


def _kustomize() -> Renderer:
    from generator.render.kustomize import KustomizeRenderer

    return KustomizeRenderer()


def _static() -> Renderer:
    from generator.render.static import StaticRenderer

    return StaticRenderer()


# A renderer is made when its first unit comes: a run without Jinja2 charts never imports jinja2.
RENDERERS: dict[str, Callable[[], Renderer]] = {
    "component": GroupRenderer,
    "jinja": _jinja,
    "helm": _helm,
    "static": _static,
    "kustomize": _kustomize,
}


@functools.cache
def renderer(kind: str) -> Renderer:
    """The renderer of a component type, one per process."""
    return RENDERERS[kind]()


def prepare(units: Sequence[Unit], run: Run, executor: Executor, jobs: int) -> None:
    """Starts on the threads of `executor`, `jobs` of them, what renders several units of one environment
    for less; call it before their `render`, which gives the same as without. Raises nothing.
    """
    for kind in sorted({unit.component.type for unit in units}):
        found = renderer(kind)
        if isinstance(found, Preparing):
            found.prepare([unit for unit in units if unit.component.type == kind], run, executor, jobs)


def render(unit: Unit, run: Run) -> Rendered:
    """The objects of `unit`; raises WeftError that names component and environment."""
    try:
        rendered = renderer(unit.component.type).render(unit, run)
    except WeftError as error:
        for single in flatten(error):
            single.within(unit.component.label, unit.environment.name)
        raise
    # Only the dialect lets such a document pass.
    kindless = [
        f"{item.source}: a document without a kind is written as it is"
        for item in rendered.objects
        if not item.kind
    ]
    return Rendered(rendered.objects, (*rendered.notes, *kindless)) if kindless else rendered


def forget() -> None:
    """Forgets what was read and rendered so far: files may have changed."""
    renderer.cache_clear()


def replaced(rendered: Rendered, data: bytes, unit: Unit, run: Run) -> Rendered:
    """The manifests in `data`, which a hook made of what was rendered.

    Raises DefinitionError where they are none.
    """
    place = unit.component.place
    try:
        found = objects(yamlio.read(data, "stdin", marks=True), unit, run)
        made = tuple(replace(item, source=place, index=None) for item in found)
    except WeftError as error:
        line = f" (line {error.line})" if error.line else ""
        wrong = DefinitionError.at(
            place,
            f"what `after-generate` printed is no manifest: {error.message}{line}",
            "what it has to say belongs on stderr; stdout replaces the manifests",
        )
        wrong.within(unit.component.label, unit.environment.name)
        raise wrong from error
    return replace(rendered, objects=made)


def locates(unit: Unit) -> bool:
    """Whether `locate` knows more than the file that each object comes from."""
    # What another program made comes from a file, and nobody knows from where in it.
    return isinstance(renderer(unit.component.type), Locator)


def locate(unit: Unit, run: Run) -> Sequence[Places]:
    """For each object that `unit` renders to, in order, where each of its fields comes from.

    It renders the unit again, so it is for findings and explanations only. Raises what `render` raises.
    """
    found = renderer(unit.component.type)
    if isinstance(found, Locator):
        return found.locate(unit, run)
    return [Below(Document(item.source.file, None), ()) for item in found.render(unit, run).objects]


__all__ = [
    "RENDERERS",
    "Renderer",
    "Run",
    "Shelf",
    "forget",
    "locate",
    "locates",
    "prepare",
    "render",
    "renderer",
    "replaced",
]
