"""Edits of the user's files that are made together or not at all, and only where all still loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator import load
from generator.errors import Several, SurroundingsError, WeftError, flatten
from generator.load import NotFetched, files
from generator.model.definition import Definition, Environment, Failure
from generator.resolve import Resolver
from generator.yamlio.edit import Edited


def save(
    root: str, dialect: str | None, edits: Sequence[Edited], *, values: bool = True
) -> Definition | None:
    """Saves every edit, and returns the definition as it is then; None where it cannot be read anyhow.

    Raises what would be wrong with the definition, its `values` too, and was not before; nothing is
    changed then.
    Raises SurroundingsError where a file cannot be written; those written before it are put back.
    """
    changed = [edit for edit in edits if edit.changed()]
    before, _ = _faults(root, dialect, values)
    with files.instead({edit.file: edit.text().encode() for edit in changed}):
        after, definition = _faults(root, dialect, values)
    known = {_told(error) for error in before}
    new = [error for error in after if _told(error) not in known]
    if new:
        raise Several(new)
    _write(root, changed)
    return definition


def _told(error: WeftError) -> tuple[str | None, str]:
    """An error without its line, which an edit above it moves."""
    return error.file, error.message


def _faults(root: str, dialect: str | None, values: bool) -> tuple[Sequence[WeftError], Definition | None]:
    """All that is wrong with the definition and its values; what is not fetched yet is nothing wrong."""
    try:
        definition = load.load(root, dialect=dialect)
    except WeftError as error:
        return [single for single in flatten(error) if not isinstance(single, NotFetched)], None
    found: list[WeftError] = []
    for level in definition.configs.values():
        found += [failure.error for failure in level.values() if isinstance(failure, Failure)]
    resolver = Resolver(definition)
    for environment in definition.environments.values():
        if not isinstance(environment, Environment):
            found.append(environment.error)
        if not values or not isinstance(environment, Environment):
            continue
        try:
            resolver.units(environment)
        except WeftError as error:
            found.append(error)
    return [single for error in found for single in flatten(error)], definition


def _write(root: str, edits: Sequence[Edited]) -> None:
    done: list[tuple[Path, bytes | None]] = []
    try:
        for edit in edits:
            path = Path(root, edit.file)
            was = path.read_bytes() if path.exists() else None
            edit.save()
            done.append((path, was))
    except (WeftError, OSError) as error:
        for path, was in reversed(done):
            path.unlink() if was is None else path.write_bytes(was)
        if isinstance(error, OSError):
            raise SurroundingsError(f"cannot be written: {error.strerror or error}") from error
        raise
