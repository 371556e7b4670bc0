"""The program on one screen: every stage of a run, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

from generator import load, overlay, plan, render, resolve, validate, yamlio
from generator.errors import Several, WeftError
from generator.model.definition import ComponentPath, Definition
from generator.model.manifest import Rendered, Scopes
from generator.model.output import Output, rank
from generator.model.request import Progress, Request
from generator.model.unit import Unit
from generator.write import OutputTree


def define(request: Request) -> Definition:
    """The definition that `request` speaks of; raises WeftError for what all environments share."""
    named = None if request.everything or request.selectors else set(request.environments)
    return load.load(request.root, dialect=request.dialect, layers=request.layers, wanted=named)


def outputs(
    definition: Definition, request: Request, tree: OutputTree, progress: Progress
) -> Iterator[Output]:
    """The output of each chosen environment in turn; a refused one carries its errors and findings.

    Raises UsageError where the choice itself is wrong. `tree` tells which files of an earlier run stay
    where the request is limited to a part.
    """
    names = resolve.chosen(definition, request)
    resolver = resolve.Resolver(definition)
    paths = plan.paths(definition.tree, definition.dialect)
    with ThreadPoolExecutor(request.jobs) as executor:
        for name in names:
            try:
                environment = resolve.environment(definition, request, name)
                units = resolve.part(resolver.units(environment), request)
                rendered = _render(units, definition, executor, progress)
                scopes = Scopes(item for result in rendered.values() for item in result.objects)
                files = overlay.compose(units, rendered, paths, scopes, definition)
                findings = validate.validate(name, files, scopes) if request.validate else ()
                texts = {
                    path: yamlio.emit_all(item.data for item in found).encode()
                    for path, found in files.items()
                }
                kept = tree.kept(name, request.component) if request.component else {}
                yield Output(
                    environment=name,
                    files=plan.finish(texts, {path: rank(found) for path, found in files.items()}, kept),
                    kept=tuple(kept),
                    objects=sum(map(len, files.values())),
                    notes=tuple(note for result in rendered.values() for note in result.notes),
                    findings=findings,
                )
            except WeftError as error:
                yield Output(environment=name, errors=(error,))


def _render(
    units: Sequence[Unit], definition: Definition, executor: Executor, progress: Progress
) -> Mapping[ComponentPath, Rendered]:
    """What each unit renders to, by path. Raises Several with the errors of all units."""
    run = render.Run(definition.root, definition.dialect, definition.requires)
    progress.started(len(units))
    # Renderers that wait for a program run side by side; the others would only queue for the interpreter.
    waiting = {
        unit.path: executor.submit(render.render, unit, run)
        for unit in units
        if render.renderer(unit.component.type).waits
    }
    rendered: dict[ComponentPath, Rendered] = {}
    errors: list[WeftError] = []
    for unit in units:
        try:
            rendered[unit.path] = (
                waiting[unit.path].result() if unit.path in waiting else render.render(unit, run)
            )
        except WeftError as error:
            errors.append(error)
        progress.unit(f"{unit.environment.name} {unit.component.label}")
    if errors:
        raise Several(errors)
    return rendered
