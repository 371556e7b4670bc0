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
from pathlib import Path, PurePosixPath

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
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True)
        staged = str(len(self._writes))
        (self._folder / staged).write_bytes(content)
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
        for staged, path in writes:
            if not _is_last(path):
                self._replace(staged, path)
        for path in removes:
            self._remove(path)
        for staged, path in writes:
            if _is_last(path):
                self._replace(staged, path)

    def _replace(self, staged: str, path: str) -> None:
        source = self._folder / staged
        if not source.exists():
            return
        target = self.target(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)

    def _remove(self, path: str) -> None:
        target = self.target(path)
        target.unlink(missing_ok=True)
        folder = target.parent
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                break
            folder = folder.parent

    def target(self, path: str) -> Path:
        """The file `path` below the root; raises DefinitionError where a link leads elsewhere."""
        if not inventory.inside(path):
            raise DefinitionError("leaves the output folder", file=path)
        step = self._root
        for part in PurePosixPath(path).parts:
            step = step / part
            if step.is_symlink():
                raise DefinitionError(
                    "is a symbolic link; weft writes through none: it may lead out of the output folder",
                    file=f"{self._root.name}/{step.relative_to(self._root).as_posix()}",
                    hint="delete the link",
                )
        return step


def _is_last(path: str) -> bool:
    return PurePosixPath(path).name in (KUSTOMIZATION, INVENTORY)
