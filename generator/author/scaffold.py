"""A new repository that generates at once, from the files in data/."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.errors import DefinitionError, SurroundingsError, UsageError
from generator.model.filenames import COMPONENT_FILES
from generator.model.formats import DNS_LABEL, RESERVED_NAMES
from generator.model.record import record

_LABEL = re.compile(DNS_LABEL)
_DATA = Path(__file__).parent / "data"
_IGNORE = ".gitignore"


@record(frozen=True)
class Made:
    """What was written: the definition's name, and each file by its path below the folder."""

    name: str
    files: Sequence[str]


def scaffold(folder: str, name: str) -> Made:
    """Writes a new definition called `name` into `folder`, which is made where it is missing.

    A .gitignore that is there gets a line more. Raises UsageError where `name` is no DNS label,
    DefinitionError where a definition or any of the files is there already, SurroundingsError where the
    disk refuses; nothing is left behind then.
    """
    if not _LABEL.fullmatch(name) or name in RESERVED_NAMES:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:63].strip("-")
        raise UsageError(
            f"`{name}` is no name for a definition: it is a DNS label (lower-case letters, digits and `-`)",
            hint=f"weft init {plain}" if _LABEL.fullmatch(plain) and plain not in RESERVED_NAMES else None,
        )
    top = Path(folder)
    files = _files(name)
    _check(top, folder, files)
    written: list[Path] = []
    try:
        for path, text in files.items():
            _write(top / path, text, written)
        _ignore(top / _IGNORE, files[_IGNORE])
    except OSError as error:
        _undo(written)
        raise SurroundingsError(
            f"cannot be written: {error.strerror or error}", file=os.path.relpath(error.filename or folder)
        ) from error
    return Made(name, sorted(files))


def _files(name: str) -> Mapping[str, str]:
    """The text of each file by its path."""
    found: dict[str, str] = {}

    def walk(folder: Path, prefix: str) -> None:
        for entry in folder.iterdir():
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            else:
                # Tools that build packages pass over files that begin with a dot.
                path = _IGNORE if entry.name == "gitignore" else f"{prefix}{entry.name}"
                found[path] = entry.read_text(encoding="utf-8").replace("__NAME__", name)

    walk(_DATA, "")
    return dict(sorted(found.items()))


def _check(top: Path, folder: str, files: Mapping[str, str]) -> None:
    if top.exists() and not top.is_dir():
        raise DefinitionError("found a file, expected a folder", file=os.path.normpath(folder))
    for name in (*COMPONENT_FILES, "component.yml"):
        if (top / name).exists():
            raise DefinitionError(
                "there is a definition here already",
                file=os.path.normpath(os.path.join(folder, name)),
                hint="name another folder: weft init NAME",
            )
    there = [path for path in files if path != _IGNORE and os.path.lexists(top / path)]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise DefinitionError(
            f"is here already{more}, and weft init overwrites nothing",
            file=os.path.normpath(os.path.join(folder, there[0])),
            hint="name another folder: weft init NAME",
        )


def _write(target: Path, text: str, written: list[Path]) -> None:
    for parent in reversed(target.parents):
        if not parent.exists():
            parent.mkdir()
            written.append(parent)
    if target.name == _IGNORE and target.exists():
        return
    # Never over a file that has come since it was looked for.
    with target.open("x", encoding="utf-8") as stream:
        written.append(target)
        stream.write(text)


def _ignore(file: Path, text: str) -> None:
    """Appends what the .gitignore of the user does not say yet."""
    has = file.read_text(encoding="utf-8", errors="surrogateescape")
    wanted = text.splitlines()[-1]
    if wanted in (line.strip() for line in has.splitlines()):
        return
    with file.open("a", encoding="utf-8") as stream:
        stream.write(("" if not has or has.endswith("\n") else "\n") + text)


def _undo(written: Sequence[Path]) -> None:
    for path in reversed(written):
        try:
            path.rmdir() if path.is_dir() else path.unlink()
        except OSError:
            # What a stranger put there meanwhile stays, and so does its folder.
            continue
