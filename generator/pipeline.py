"""The program on one screen: every stage of a run, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from generator import hooks, load, overlay, plan, render, resolve, yamlio
from generator.errors import DefinitionError, Several, WeftError
from generator.findings import Findings
from generator.model.definition import ComponentPath, Definition
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.output import Output, rank
from generator.model.request import Progress, Request
from generator.model.unit import Unit
from generator.write import OutputTree


def define(request: Request, *, policies: bool = True) -> Definition:
    """The definition that `request` speaks of; raises WeftError for what all environments share.

    Without `policies` the user's own are not read, and so nothing that is wrong with them refuses it.
    """
    named = None if request.everything or request.selectors else set(request.environments)
    return load.load(
        request.root,
        dialect=request.dialect,
        layers=request.layers,
        wanted=named,
        judged=policies,
        hooks=request.hooks,
    )


def outputs(
    definition: Definition, request: Request, tree: OutputTree | None, progress: Progress
) -> Iterator[Output]:
    """The output of each chosen environment in turn; a refused one carries its errors and findings.

    Raises UsageError where the choice itself is wrong. `tree` tells which files of an earlier run stay
    where the request is limited to a part.
    """
    names = resolve.chosen(definition, request)
    paths = plan.paths(definition.tree, definition.dialect)
    findings = Findings(definition, request) if request.validate else None
    run = _Run(definition, request, resolve.Resolver(definition), paths, tree, findings)
    executor = ThreadPoolExecutor(request.jobs)
    try:
        for name in names:
            try:
                yield _output(run, name, executor, progress)
            except WeftError as error:
                yield Output(environment=name, errors=(error,))
    finally:
        # An interrupted run waits for no program that has not begun.
        executor.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Run:
    """What all environments of a run share."""

    definition: Definition
    request: Request
    resolver: resolve.Resolver
    paths: Mapping[ComponentPath, str]
    tree: OutputTree | None
    findings: Findings | None


def _output(run: _Run, name: str, executor: Executor, progress: Progress) -> Output:
    """Every stage of one environment, in order."""
    environment = resolve.environment(run.definition, run.request, name)
    units = run.resolver.units(environment)
    part = resolve.part(run.definition, units, run.request)
    units = [unit for unit in units if part is None or unit.path[: len(part)] == part]
    kept = run.tree.kept(name, part) if run.tree and part else {}
    rendered, failed = _render(units, run, executor, progress)
    # What did not render hides nothing of the rest: all that can be said of it is said in one run.
    units = [unit for unit in units if unit.path in rendered]
    beside = [item for objects in kept.values() for item in objects]
    scopes = Scopes([*beside, *(item for result in rendered.values() for item in result.objects)])
    files, errors = overlay.compose(units, rendered, run.paths, scopes, run.definition, beside)
    findings = (
        run.findings.of(environment, units, rendered, kept, files, scopes, partial=bool(failed))
        if run.findings
        else ()
    )
    if failed or errors:
        # A route may only be wrong because of what did not render.
        return Output(environment=name, errors=failed or errors, findings=findings)
    texts = {path: _text(objects) for path, objects in files.items()}
    ranks = {path: rank(objects) for path, objects in {**kept, **files}.items()}
    return Output(
        environment=name,
        files=plan.finish(texts, ranks, split=environment.split),
        kept=tuple(kept),
        objects=sum(map(len, files.values())),
        notes=tuple(note for result in rendered.values() for note in result.notes),
        findings=findings,
    )


def _text(objects: Sequence[Manifest]) -> bytes:
    """A file's bytes; raises DefinitionError for an object that no manifest can hold, such as infinity."""
    try:
        return yamlio.emit_all(item.data for item in objects).encode()
    except (TypeError, ValueError):
        for item in objects:
            try:
                yamlio.emit(item.data)
            except (TypeError, ValueError) as error:
                raise DefinitionError.at(
                    item.source, f"{item.identity} of {item.component}: {error}"
                ) from None
        raise


def _hooked(
    rendered: Rendered,
    unit: Unit,
    run: render.Run,
    paths: Mapping[ComponentPath, str],
    commands: hooks.Hooks | None,
) -> Rendered:
    """What the `after-generate` commands of a unit make of what it rendered."""
    if commands is None or not hooks.has_any([unit.component], ["after-generate"]):
        return rendered
    text = _text(rendered.objects)
    printed = commands.after_generate(unit, paths[unit.path], text)
    return rendered if printed == text else render.replaced(rendered, printed, unit, run)


def _render(
    units: Sequence[Unit], of: _Run, executor: Executor, progress: Progress
) -> tuple[Mapping[ComponentPath, Rendered], Sequence[WeftError]]:
    """What each unit renders to, by path, and the errors of those that do not render."""
    definition, request = of.definition, of.request
    run = render.Run(definition.root, definition.dialect, definition.requires, definition.subcharts)
    progress.started(len(units))
    commands = hooks.Hooks(definition.root, progress.said, request.hook_seconds) if request.hooks else None
    if commands and commands.before_generate(units, of.paths):
        # They may have changed what an environment before this one was rendered from.
        render.forget()
    render.prepare(units, run, executor, request.jobs)
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
            result = waiting[unit.path].result() if unit.path in waiting else render.render(unit, run)
            rendered[unit.path] = _hooked(result, unit, run, of.paths, commands)
        except WeftError as error:
            errors.append(error)
        progress.unit(f"{unit.environment.name} {unit.component.label}")
    return rendered, Several(errors).errors
