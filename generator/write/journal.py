"""The journal: staged files and the list of what is to happen, so that an interrupted write can be finished.

Everything is first written into `.weft-journal/` in the output folder. The rename of `journal.json`
into place is the moment that decides: before it a run leaves the output as it was, after it the run,
or the next one, carries every step out. Each step can be repeated without harm.

A folder of the output that is not there yet is staged as a folder, and comes into place as a whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.errors import DefinitionError
from generator.model import inventory
from generator.model.output import INVENTORY, KUSTOMIZATION

FOLDER = ".weft-journal"
_FILE = "journal.json"
# Where folders that are not there yet are staged.
_NEW = "new"


class _Steps(NamedTuple):
    """What is to happen: files to put into place, files to remove, and whole folders with their files."""

    writes: Sequence[tuple[str, str]]
    removes: Sequence[str]
    folders: Mapping[str, Sequence[str]]

    def paths(self) -> Iterator[str]:
        """The files that are written."""
        yield from (path for _, path in self.writes)
        yield from (f"{top}/{path}" for top, files in self.folders.items() for path in files)


class Journal:
    """Stages changes below `root` and carries them out in the order in which they were staged."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._writes: list[tuple[str, str]] = []
        self._removes: list[str] = []
        # Folders at the top of the output: of those that are new the files, of others None.
        self._tops: dict[str, list[str] | None] = {}
        self._made: set[str] = set()
        # Folders below the root through which no link leads, as of this run's present step.
        self._plain: set[str] = set()

    def recover(self) -> bool:
        """Finishes or undoes what an interrupted run left; returns whether there was anything."""
        if self._folder.is_symlink():
            raise DefinitionError(
                "is a symbolic link, expected weft's own folder", file=FOLDER, hint="delete the link"
            )
        if not self._folder.is_dir():
            return False
        if (self._folder / _FILE).is_file():
            self._carry_out(self._read())
        shutil.rmtree(self._folder)
        return True

    def _read(self) -> _Steps:
        try:
            steps = json.loads((self._folder / _FILE).read_bytes())
            return _Steps(
                [(str(int(staged)), str(path)) for staged, path in steps["writes"]],
                [str(path) for path in steps["removes"]],
                # Before version 0.2 there were none.
                {_name(top): list(map(str, files)) for top, files in steps.get("folders", {}).items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DefinitionError(
                f"is damaged: {error}",
                file=f"{FOLDER}/{_FILE}",
                hint="delete the folder, then generate again: the output may be half new",
            ) from None

    def pending(self) -> bool:
        """Whether an interrupted run left something to finish."""
        return (self._folder / _FILE).is_file()

    def decided(self) -> frozenset[str]:
        """The files that an interrupted run was to write: weft's own, though no inventory lists them yet."""
        return frozenset(self._read().paths()) if self.pending() else frozenset()

    def stage_write(self, path: str, content: bytes) -> None:
        """Keeps the new content of `path`, relative to the root, until `commit`."""
        if not inventory.inside(path):
            raise _outside(path)
        top, _, rest = path.partition("/")
        if top not in self._tops:
            self._tops[top] = [] if rest and not os.path.lexists(self._root / top) else None
        files = self._tops[top]
        if files is None:
            staged = str(len(self._writes))
            self._writes.append((staged, path))
        else:
            staged = f"{_NEW}/{path}"
            files.append(rest)
        target = f"{self._folder}/{staged}"
        folder = os.path.dirname(target)
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)
            self._made.add(folder)
        with open(target, "wb", buffering=0) as file:
            file.write(content)

    def stage_remove(self, path: str) -> None:
        """Keeps in mind that `path` is to go."""
        self._removes.append(path)

    def commit(self) -> None:
        """Carries out what was staged."""
        folders = {top: files for top, files in self._tops.items() if files is not None}
        steps = _Steps(self._writes, self._removes, folders)
        if not any(steps):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f"{_FILE}.new"
        temporary.write_text(json.dumps(steps._asdict()))
        os.replace(temporary, self._folder / _FILE)
        self._carry_out(steps)
        # The decision goes first: without it the rest of the folder is only waste.
        (self._folder / _FILE).unlink()
        shutil.rmtree(self._folder)

    def abandon(self) -> None:
        """Drops what was staged and not yet committed."""
        if self._folder.is_dir() and not (self._folder / _FILE).exists():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _carry_out(self, steps: _Steps) -> None:
        # Time has passed since they were looked at.
        self._plain.clear()
        there = set(os.listdir(self._folder))
        writes = [(staged, path) for staged, path in steps.writes if staged in there]
        for top, files in steps.folders.items():
            writes += self._put(top, files)
        for staged, path in writes:
            if not _is_last(path):
                self._replace(staged, path)
        for path in steps.removes:
            self._remove(path)
        for staged, path in writes:
            if _is_last(path):
                self._replace(staged, path)

    def _put(self, top: str, files: Sequence[str]) -> list[tuple[str, str]]:
        """Puts a staged folder into place; where somebody has made it since, what is left to do of it."""
        staged = f"{self._folder}/{_NEW}/{top}"
        if not os.path.isdir(staged):
            return []
        try:
            os.rename(staged, self.target(top))
            return []
        except OSError:
            if not os.path.lexists(f"{self._root}/{top}"):
                raise
        return [
            (f"{_NEW}/{top}/{path}", f"{top}/{path}") for path in files if os.path.lexists(f"{staged}/{path}")
        ]

    def _replace(self, staged: str, path: str) -> None:
        target = self.target(path)
        try:
            os.replace(f"{self._folder}/{staged}", target)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(f"{self._folder}/{staged}", target)

    def _remove(self, path: str) -> None:
        target = Path(self.target(path))
        target.unlink(missing_ok=True)
        folder = target.parent
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                break
            folder = folder.parent

    def target(self, path: str) -> str:
        """The file `path` below the root; raises DefinitionError where a link leads elsewhere."""
        if not inventory.inside(path):
            raise _outside(path)
        step = ""
        for part in path.split("/")[:-1]:
            step = f"{step}/{part}" if step else part
            if step not in self._plain:
                self._refuse_link(step)
                self._plain.add(step)
        self._refuse_link(path)
        return f"{self._root}/{path}"

    def _refuse_link(self, path: str) -> None:
        if os.path.islink(f"{self._root}/{path}"):
            raise DefinitionError(
                "is a symbolic link; weft writes through none: it may lead out of the output folder",
                file=f"{self._root.name}/{path}",
                hint="delete the link",
            )


def _outside(path: str) -> DefinitionError:
    return DefinitionError("leaves the output folder", file=path)


def _name(top: str) -> str:
    """`top`; raises ValueError where it is no name of a folder."""
    if not inventory.inside(top) or "/" in top:
        raise ValueError(f"`{top}` is no folder's name")
    return top


def _is_last(path: str) -> bool:
    return path.rpartition("/")[2] in (KUSTOMIZATION, INVENTORY)
