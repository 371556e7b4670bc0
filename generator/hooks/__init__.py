"""Runs a component's hooks: shell commands of the user's own, before and after it is fetched and rendered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.definition import Component, ComponentPath
from generator.model.document import Position
from generator.model.record import record
from generator.model.unit import Unit

if TYPE_CHECKING:
    from generator.hooks.process import Done

Moment = Literal["before-install", "after-install", "before-generate", "after-generate"]
_LONGEST = 100


@record(frozen=True)
class Hooks:
    """How hooks are run. `said` gets each line that they print, `seconds` is how long a command may take.

    The values of the environment variables `hidden` are never told, whatever their names.
    """

    root: str
    said: Callable[[str], None]
    seconds: float
    hidden: Collection[str] = ()

    def before_generate(self, units: Iterable[Unit], paths: Mapping[ComponentPath, str]) -> bool:
        """Runs the `before-generate` commands of units, in order; whether there were any.

        `paths` are the files that they render to, below the environment's folder. Raises Several.
        """
        errors: list[WeftError] = []
        ran = False
        for unit in units:
            for command in commands(unit.component, "before-generate"):
                ran = True
                try:
                    output = f"{unit.environment.name}/{paths[unit.path]}"
                    self._run(unit.component, "before-generate", command, unit.environment.name, output)
                except WeftError as error:
                    error.within(unit.component.label, unit.environment.name)
                    errors.append(error)
                    break
        if errors:
            raise Several(errors)
        return ran

    def after_generate(self, unit: Unit, path: str, text: bytes) -> bytes:
        """What the `after-generate` commands make of a unit's manifests, which go to the file `path`.

        Each gets what the one before it printed; one that prints nothing changes nothing.
        Raises WeftError that names component and environment.
        """
        for command in commands(unit.component, "after-generate"):
            try:
                output = f"{unit.environment.name}/{path}"
                printed = self._run(
                    unit.component, "after-generate", command, unit.environment.name, output, text
                )
            except WeftError as error:
                error.within(unit.component.label, unit.environment.name)
                raise
            text = printed if printed.strip() else text
        return text

    def around_install(
        self, components: Iterable[Component], moment: Moment, changed: Callable[[], str | None]
    ) -> None:
        """Runs the commands of components around an install, in order. Raises the first failure.

        `changed` names a fetched source that is no longer what the lock says; that is a failure, too.
        """
        for component in components:
            for command in commands(component, moment):
                try:
                    self._run(component, moment, command, "", "")
                    source = changed()
                    if source is not None:
                        raise DefinitionError.at(
                            component.place,
                            f"{moment} `{_short(command)}` has changed the content of {source}",
                            "let it write elsewhere; run: weft install, which fetches the source again",
                        )
                except WeftError as error:
                    error.within(component.label, None)
                    raise

    def _run(
        self,
        component: Component,
        moment: Moment,
        command: str,
        environment: str,
        output: str,
        stdin: bytes | None = None,
    ) -> bytes:
        # Few runs have a hook, and starting programs takes its time to import.
        from generator.hooks.process import TimedOut, run

        about = f"{component.label} {moment}"
        variables = {
            "WEFT_HOOK_ENVIRONMENT": environment,
            "WEFT_HOOK_COMPONENT": component.label,
            "WEFT_HOOK_OUTPUT": output,
        }
        shown = _short(command)
        place = component.place
        try:
            done = run(
                command,
                str(Path(self.root, component.folder)),
                variables,
                stdin,
                self.seconds,
                lambda line: self.said(f"{about}: {line}"),
                self.hidden,
            )
        except TimedOut:
            raise SurroundingsError.at(
                place,
                f"{moment} `{shown}` was not done after {self.seconds:g} seconds and was ended",
                "give it more with --hook-timeout",
            ) from None
        except OSError as error:
            raise SurroundingsError.at(
                place, f"{moment} `{shown}` cannot be started: {error.strerror}"
            ) from error
        _check(done, place, f"{moment} `{shown}`")
        return done.out


def _check(done: Done, place: Position, what: str) -> None:
    """Raises an error where a command did not end well."""
    if done.code < 0:
        raise SurroundingsError.at(place, f"{what} was killed by signal {-done.code}")
    if done.code:
        said = f": {done.last}" if done.last else ""
        raise DefinitionError.at(place, f"{what} failed with exit code {done.code}{said}")


def _short(command: str) -> str:
    return command if len(command) <= _LONGEST else f"{command[: _LONGEST - 3]}..."


def commands(component: Component, moment: Moment) -> Sequence[str]:
    """The commands of a component for a moment; none where it has no hooks."""
    found: Sequence[str] | None = getattr(component.hooks, moment.replace("-", "_"), None)
    return [command for command in found or () if command.strip()]


def has_any(components: Iterable[Component], moments: Sequence[Moment]) -> bool:
    """Whether a component has commands for any of `moments`."""
    return any(commands(component, moment) for component in components for moment in moments)


GENERATE: Sequence[Moment] = ("before-generate", "after-generate")
INSTALL: Sequence[Moment] = ("before-install", "after-install")

__all__ = ["GENERATE", "INSTALL", "Hooks", "Moment", "commands", "has_any"]
