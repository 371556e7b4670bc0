"""The program on one screen: every stage of a run, in order."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from generator import executors, hooks, load, overlay, plan, render, resolve, uses, yamlio
from generator.errors import DefinitionError, Several, WeftError, flatten
from generator.findings import Findings
from generator.model.definition import ComponentPath, Definition, Environment
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.output import NAMESPACES, Output, rank
from generator.model.record import record
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
    definition: Definition,
    request: Request,
    tree: OutputTree | None,
    progress: Progress,
    executor: Executor | None = None,
) -> Iterator[Output]:
    """The output of each chosen environment in turn; a refused one carries its errors and findings.

    Raises UsageError where the choice itself is wrong, DefinitionError for a mapping that no environment
    has a use for. `tree` tells which files of an earlier run stay where the request is limited to a part.
    `executor` works off whole environments; without one this process does, and for a large run processes
    that it forks.
    """
    names = resolve.chosen(definition, request)
    uses.check_mapped(definition, request, names)
    run = Run(definition, request, tree)
    alone = [
        render.renderer(component.type).alone
        for component in definition.tree.walk()
        if component.type != "component"
    ]
    with executors.chosen(executor, request, len(names), len(alone), sum(alone)) as workers:
        if workers is None:
            yield from run.each(names, progress)
            return
        progress.started(len(names))
        with run.shelf.shared():
            for output in workers.in_order(work_off, run, names):
                progress.unit(output.environment)
                yield output


def work_off(job: executors.Job, names: Sequence[str]) -> Sequence[Output]:
    """What a worker does with a batch of environments. Raises WeftError for what all of them share."""
    with executors.begun(job, lambda request: Run(define(request), request)) as run:
        return list(run.each(names, Progress(), job.jobs))


class Run:
    """What all environments of a run share."""

    def __init__(self, definition: Definition, request: Request, tree: OutputTree | None = None) -> None:
        self.definition = definition
        self.request = request
        self.resolver = resolve.Resolver(definition)
        self.paths = plan.paths(definition.tree, definition.dialect)
        self.tree = tree
        self.findings = Findings(definition, request) if request.validate else None
        self.shelf = render.Shelf(request.kept)

    def seen_by(self, environment: Environment) -> Run:
        """The run over the definition as the environment sees it, where it gives components other sources."""
        definition = self.definition.seen_by(environment.name)
        if definition is self.definition:
            return self
        seen = copy.copy(self)
        seen.definition = definition
        seen.resolver = self.resolver.seen_by(environment)
        seen.paths = plan.paths(definition.tree, definition.dialect)
        return seen

    def made(
        self,
        units: Sequence[Unit],
        executor: Executor,
        progress: Progress,
        beside: Sequence[Manifest] = (),
    ) -> Made:
        """What `units` of one environment render to, composed; `beside` are objects that others made."""
        definition = self.definition
        rendered, failed = _render(units, self, executor, progress)
        # What did not render hides nothing of the rest: all that can be said of it is said in one run.
        units = [unit for unit in units if unit.path in rendered]
        scopes = Scopes([*beside, *(item for result in rendered.values() for item in result.objects)])
        files, errors, told = overlay.compose(units, rendered, self.paths, scopes, definition, beside)
        return Made(units, rendered, scopes, files, failed or errors, bool(failed), told)

    def each(self, names: Sequence[str], progress: Progress, jobs: int | None = None) -> Iterator[Output]:
        """The output of each of the environments `names` in turn, made in this process on `jobs` threads."""
        executor = ThreadPoolExecutor(jobs or self.request.jobs)
        try:
            for name in names:
                try:
                    yield _output(self, name, executor, progress)
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


@record(frozen=True)
class Made:
    """What units of one environment became: `files` are what `units`, those that `rendered`, make together.

    `partial` says that some did not render; then a route may only be wrong because of them.
    """

    units: Sequence[Unit]
    rendered: Mapping[ComponentPath, Rendered]
    scopes: Scopes
    files: Mapping[str, Sequence[Manifest]]
    errors: Sequence[WeftError]
    partial: bool
    told: Sequence[str] = ()

    @property
    def count(self) -> int:
        """How many objects there are."""
        return sum(map(len, self.files.values()))

    @property
    def notes(self) -> Sequence[str]:
        """What a user should know of it."""
        return (*self.told, *(note for result in self.rendered.values() for note in result.notes))

    def texts(self) -> dict[str, bytes]:
        """The bytes of each file; raises DefinitionError for an object that no manifest can hold."""
        return {path: _text(objects) for path, objects in self.files.items()}


def _output(run: Run, name: str, executor: Executor, progress: Progress) -> Output:
    """Every stage of one environment, in order."""
    environment = resolve.environment(run.definition, run.request, name)
    run = run.seen_by(environment)
    everything = run.resolver.units(environment)
    part = resolve.part(everything, run.request)
    units = [unit for unit in everything if part is None or unit.path[: len(part)] == part]
    kept = run.tree.kept(name, part) if run.tree and part else {}
    # The Namespaces of mappings are made anew: what is kept may need them, too.
    kept = {path: objects for path, objects in kept.items() if path != NAMESPACES}
    made = run.made(units, executor, progress, [item for objects in kept.values() for item in objects])
    findings = (
        run.findings.of(
            environment, made.units, made.rendered, kept, made.files, made.scopes, partial=made.partial
        )
        if run.findings
        else ()
    )
    if made.errors:
        return Output(environment=name, errors=made.errors, findings=findings)
    texts = made.texts()
    after = {**kept, **made.files}
    ranks = {path: rank(objects) for path, objects in after.items()}
    mapped = overlay.untold(everything, [item for objects in after.values() for item in objects])
    return Output(
        environment=name,
        files=plan.finish(texts, ranks, split=environment.split, mapped=mapped),
        kept=tuple(kept),
        objects=made.count,
        namespaces=everything[0].namespaces.mapped if everything else {},
        withdrawn=plan.withdrawn(run.paths, environment),
        notes=(*run.resolver.placements.left_out(environment), *made.notes),
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


def _commands(root: str, request: Request, progress: Progress) -> hooks.Hooks:
    hidden = load.access.load(Path(root))[0].values()
    return hooks.Hooks(root, progress.said, request.hook_seconds, tuple(hidden))


def _render(
    units: Sequence[Unit], of: Run, executor: Executor, progress: Progress
) -> tuple[Mapping[ComponentPath, Rendered], Sequence[WeftError]]:
    """What each unit renders to, by path, and the errors of those that do not render."""
    definition, request = of.definition, of.request
    run = render.Run(definition.root, definition.dialect, definition.requires, definition.subcharts, of.shelf)
    progress.started(len(units))
    commands = _commands(definition.root, request, progress) if request.hooks else None
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
            sources = (unit.component.locked, unit.component.origin)
            load.lock.name_source(error, [source for source in sources if source is not None])
            errors.append(error)
        progress.unit(f"{unit.environment.name} {unit.component.label}")
    return rendered, Several(errors).errors
