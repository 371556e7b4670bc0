"""The one tree of typed errors: what went wrong, where, what would be right, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

DONE = 0
DIFFERENT = 1
USAGE = 2
REFUSED = 3
SURROUNDINGS = 4
INTERRUPTED = 130


class Place(Protocol):
    """Anything that says where it stands; `model.document.Position` does."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int | None: ...
    @property
    def column(self) -> int | None: ...


class WeftError(Exception):
    """An error with data; nothing here prints. `exit_code` is what the program ends with."""

    exit_code = REFUSED

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint
        self.component: str | None = None
        self.environment: str | None = None

    def within(self, component: str | None, environment: str | None) -> None:
        """Says during whose rendering the error came up; who knows it first is right."""
        self.component = self.component or component
        self.environment = self.environment or environment

    @classmethod
    def at(cls, place: Place | None, message: str, hint: str | None = None) -> Self:
        """The error at a place of the user's files, as far as one is known."""
        if place is None:
            return cls(message, hint=hint)
        return cls(message, file=place.file, line=place.line, column=place.column, hint=hint)

    @property
    def place(self) -> str:
        """`file:line:column` as far as it is known, or the empty string."""
        parts = [self.file or ""]
        if self.file and self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def __str__(self) -> str:
        return self.told(self.within_words((self.component,), (self.environment,)))

    def told(self, about: str) -> str:
        """Place, message, what it is about, and hint."""
        text = f"{self.place}: {self.message}" if self.file else self.message
        text = f"{text} ({about})" if about else text
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    @staticmethod
    def within_words(components: Iterable[str | None], environments: Iterable[str | None]) -> str:
        """`components a, b and 3 more, environment c`; empty where nothing is known."""
        words = []
        for noun, names in (("component", components), ("environment", environments)):
            known = list(dict.fromkeys(name for name in names if name))
            if known:
                more = f" and {len(known) - 3} more" if len(known) > 3 else ""
                words.append(f"{noun}{'s' if len(known) > 1 else ''} {', '.join(known[:3])}{more}")
        return ", ".join(words)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders with their data, not only with their message.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(kind: type[WeftError], message: str, state: dict[str, object]) -> WeftError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class UsageError(WeftError):
    """The command line asks for something that does not exist or does not go together."""

    exit_code = USAGE


class DefinitionError(WeftError):
    """The user's definition, or what it renders to, is refused."""

    exit_code = REFUSED


class SurroundingsError(WeftError):
    """Something outside the definition failed: the disk, git, helm or kustomize."""

    exit_code = SURROUNDINGS


class Several(WeftError):
    """All the errors of one stage, in a stable order, each reported once."""

    def __init__(self, errors: Iterable[WeftError]) -> None:
        unique: dict[str, WeftError] = {}
        for error in errors:
            for single in error.errors if isinstance(error, Several) else (error,):
                unique.setdefault(str(single), single)
        self.errors: Sequence[WeftError] = tuple(unique.values())
        super().__init__("\n".join(str(error) for error in self.errors))

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The highest exit code of the errors."""
        return max((error.exit_code for error in self.errors), default=REFUSED)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def grouped(errors: Iterable[WeftError]) -> Sequence[str]:
    """The errors as texts; those that differ only in component and environment are told once."""
    groups: dict[str, list[WeftError]] = {}
    for error in errors:
        groups.setdefault(error.told(""), []).append(error)
    return [
        group[0].told(WeftError.within_words((e.component for e in group), (e.environment for e in group)))
        for group in groups.values()
    ]


def flatten(error: WeftError) -> Sequence[WeftError]:
    """The single errors that `error` stands for."""
    return error.errors if isinstance(error, Several) else (error,)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where nothing is near."""
    import difflib

    found = difflib.get_close_matches(name, sorted(candidates), n=1, cutoff=0.5)
    return found[0] if found else None


def suggestion(name: str, candidates: Iterable[str]) -> str | None:
    """A hint that names the nearest candidate, else lists the first of them, or None."""
    known = sorted(set(candidates))
    near = nearest(name, known)
    if near is not None:
        return f"did you mean '{near}'?"
    if not known:
        return None
    shown = ", ".join(known[:10])
    return f"known: {shown}" + (f" and {len(known) - 10} more" if len(known) > 10 else "")
