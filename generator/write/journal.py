"""The journal: staged files and the list of what is to happen, so that an interrupted write can be finished.

Everything is first written into `.weft-journal/` in the output folder. The rename of `journal.json`
into place is the moment that decides: before it a run leaves the output as it was, after it the run,
or the next one, carries every step out. Each step can be repeated without harm.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from generator.errors import DefinitionError
from generator.model import inventory
from generator.model.output import INVENTORY, KUSTOMIZATION

FOLDER = ".weft-journal"
_FILE = "journal.json"


class Journal:
    """Stages changes below `root` and carries them out in the order in which they were staged."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._writes: list[tuple[str, str]] = []
        self._removes: list[str] = []
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
            self._carry_out(*self._read())
        shutil.rmtree(self._folder)
        return True

    def _read(self) -> tuple[list[tuple[str, str]], list[str]]:
        try:
            steps = json.loads((self._folder / _FILE).read_bytes())
            writes = [(str(int(staged)), str(path)) for staged, path in steps["writes"]]
            return writes, [str(path) for path in steps["removes"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
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
        return frozenset(path for _, path in self._read()[0]) if self.pending() else frozenset()

    def stage_write(self, path: str, content: bytes) -> None:
        """Keeps the new content of `path`, relative to the root, until `commit`."""
        if not self._writes:
            self._folder.mkdir(parents=True, exist_ok=True)
        staged = str(len(self._writes))
        with open(f"{self._folder}/{staged}", "wb", buffering=0) as file:
            file.write(content)
        self._writes.append((staged, path))

    def stage_remove(self, path: str) -> None:
        """Keeps in mind that `path` is to go."""
        self._removes.append(path)

    def commit(self) -> None:
        """Carries out what was staged."""
        if not self._writes and not self._removes:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f"{_FILE}.new"
        temporary.write_text(json.dumps({"writes": self._writes, "removes": self._removes}))
        os.replace(temporary, self._folder / _FILE)
        self._carry_out(self._writes, self._removes)
        # The decision goes first: without it the rest of the folder is only waste.
        (self._folder / _FILE).unlink()
        shutil.rmtree(self._folder)

    def abandon(self) -> None:
        """Drops what was staged and not yet committed."""
        if self._folder.is_dir() and not (self._folder / _FILE).exists():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _carry_out(self, writes: Sequence[tuple[str, str]], removes: Sequence[str]) -> None:
        # Time has passed since they were looked at.
        self._plain.clear()
        there = set(os.listdir(self._folder))
        for staged, path in writes:
            if staged in there and not _is_last(path):
                self._replace(staged, path)
        for path in removes:
            self._remove(path)
        for staged, path in writes:
            if staged in there and _is_last(path):
                self._replace(staged, path)

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
            raise DefinitionError("leaves the output folder", file=path)
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


def _is_last(path: str) -> bool:
    return path.rpartition("/")[2] in (KUSTOMIZATION, INVENTORY)
