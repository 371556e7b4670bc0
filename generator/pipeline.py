"""The program on one screen: every stage of a run, in order."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace

from generator import load, overlay, plan, render, resolve, uses, yamlio
from generator.errors import DefinitionError, Several, WeftError, flatten
from generator.findings import Findings
from generator.model.definition import ComponentPath, Definition, Environment
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.output import NAMESPACES, Output, rank
from generator.model.request import Progress, Request
from generator.model.unit import Unit
from generator.write import OutputTree


def define(request: Request, *, policies: bool = True) -> Definition:
    """The definition that `request` speaks of; raises WeftError for what all environments share.

    Without `policies` the user's own are not read, and so nothing that is wrong with them refuses it.
    """
    named = None if request.everything or request.selectors else set(request.environments)
    return load.load(
        request.root, dialect=request.dialect, layers=request.layers, wanted=named, judged=policies
    )


def outputs(
    definition: Definition, request: Request, tree: OutputTree | None, progress: Progress
) -> Iterator[Output]:
    """The output of each chosen environment in turn; a refused one carries its errors and findings.

    Raises UsageError where the choice itself is wrong, DefinitionError for a mapping that no environment
    has a use for. `tree` tells which files of an earlier run stay where the request is limited to a part.
    """
    names = resolve.chosen(definition, request)
    uses.check_mapped(definition, request, names)
    paths = plan.paths(definition.tree, definition.dialect)
    findings = Findings(definition, request) if request.validate else None
    run = _Run(definition, request, resolve.Resolver(definition), paths, tree, findings)
    executor = ThreadPoolExecutor(request.jobs)
    try:
        for name in names:
            try:
                yield _output(run, name, executor, progress)
            except WeftError as error:
                yield Output(environment=name, errors=_own(error, name))
    finally:
        # An interrupted run waits for no program that has not begun.
        executor.shutdown(cancel_futures=True)


def _own(error: WeftError, environment: str) -> Sequence[WeftError]:
    """The single errors as one environment has them: several may be refused for one and the same."""
    found = [copy.copy(single) for single in flatten(error)]
    for single in found:
        single.within(None, environment)
    return found


@dataclass(frozen=True)
class _Run:
    """What all environments of a run share."""

    definition: Definition
    request: Request
    resolver: resolve.Resolver
    paths: Mapping[ComponentPath, str]
    tree: OutputTree | None
    findings: Findings | None


def _seen_by(run: _Run, environment: Environment) -> _Run:
    """The run over the definition as the environment sees it, where it gives components other sources."""
    definition = run.definition.seen_by(environment.name)
    if definition is run.definition:
        return run
    paths = plan.paths(definition.tree, definition.dialect)
    return replace(run, definition=definition, resolver=run.resolver.seen_by(environment), paths=paths)


def _output(run: _Run, name: str, executor: Executor, progress: Progress) -> Output:
    """Every stage of one environment, in order."""
    environment = resolve.environment(run.definition, run.request, name)
    run = _seen_by(run, environment)
    units = run.resolver.units(environment)
    part = resolve.part(units, run.request)
    units = [unit for unit in units if part is None or unit.path[: len(part)] == part]
    kept = run.tree.kept(name, part) if run.tree and part else {}
    # The Namespaces of mappings are made anew: what is kept may need them, too.
    kept = {path: objects for path, objects in kept.items() if path != NAMESPACES}
    rendered, failed = _render(units, run.definition, executor, run.request.jobs, progress)
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
        namespaces=units[0].namespaces.mapped if units else {},
        withdrawn=plan.withdrawn(run.paths, environment),
        notes=(
            *run.resolver.placements.left_out(environment),
            *(note for result in rendered.values() for note in result.notes),
        ),
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


def _render(
    units: Sequence[Unit], definition: Definition, executor: Executor, jobs: int, progress: Progress
) -> tuple[Mapping[ComponentPath, Rendered], Sequence[WeftError]]:
    """What each unit renders to, by path, and the errors of those that do not render."""
    run = render.Run(definition.root, definition.dialect, definition.requires)
    progress.started(len(units))
    render.prepare(units, run, executor, jobs)
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
    return rendered, Several(errors).errors
