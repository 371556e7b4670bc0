"""The output folder: one run at a time compares what it made with what is there and writes the difference."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from generator import yamlio
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.manifest import Manifest
from generator.model.output import INVENTORY, KUSTOMIZATION, Changes, Output
from generator.write import inventory
from generator.write.journal import FOLDER, Journal


@dataclass
class OutputTree:
    """The folder `generated/`. `shown` is how messages name it."""

    root: Path
    shown: str
    adopt: bool = False
    _journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self._journal = Journal(self.root)

    @contextlib.contextmanager
    def writing(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Holds the folder for this run: what is staged inside is written at the end, or not at all.

        `waiting` is called once where another run holds the folder. Raises SurroundingsError where
        the disk refuses, and whatever the body raises, with the old output in place.
        """
        try:
            new = not self.root.exists()
            with _locked(self.root, waiting):
                self._journal.recover()
                try:
                    yield
                    self._journal.commit()
                except BaseException:
                    self._journal.abandon()
                    raise
                finally:
                    # A run that wrote nothing leaves no empty folder behind.
                    if new:
                        with contextlib.suppress(OSError):
                            self.root.rmdir()
        except OSError as error:
            name = Path(error.filename).name if error.filename else ""
            raise SurroundingsError(
                f"cannot be written: {error.strerror}{f' ({name})' if name else ''}",
                file=self.shown,
                hint="what was there before is still there, or the next run completes it",
            ) from error

    def interrupted(self) -> bool:
        """Whether a run was interrupted while it wrote; the next one that writes finishes it."""
        return self._journal.pending()

    def kept(self, environment: str, part: Sequence[str]) -> Mapping[str, Sequence[Manifest]]:
        """The files of an earlier run outside the component path `part`, with the objects in them."""
        shown = f"{self.shown}/{environment}"
        owned = inventory.read(self.root / environment, shown) or frozenset()
        kept = {}
        for path in sorted(owned):
            target = self.root / environment / path
            within = path.startswith(f"{'/'.join(part)}/")
            # Kustomizations, those of folders too, are made anew from what is there.
            made = PurePosixPath(path).name == KUSTOMIZATION or path == INVENTORY
            if not within and not made and target.is_file():
                documents = yamlio.read(target.read_bytes(), f"{shown}/{path}", marks=False)
                component = path.rpartition("/")[0]
                kept[path] = [
                    Manifest(document.value, document.where(), component)
                    for document in documents
                    if isinstance(document.value, dict)
                ]
        return kept

    def compare(self, output: Output) -> Changes:
        """What writing `output` would change; raises Several for files in the way."""
        return self._compared(output)[0]

    def stage(self, output: Output) -> Changes:
        """Prepares the changes that `output` makes; they are written when `writing` ends."""
        changes, contents = self._compared(output)
        for path, content in contents.items():
            self._journal.stage_write(f"{output.environment}/{path}", content)
        for path in changes.removed:
            self._journal.stage_remove(f"{output.environment}/{path}")
        return changes

    def stale(self, environments: Collection[str]) -> list[str]:
        """Folders with an inventory whose environment no longer exists."""
        try:
            entries = sorted(
                entry.name for entry in self.root.iterdir() if entry.is_dir() and not entry.is_symlink()
            )
        except FileNotFoundError:
            return []
        return [
            name
            for name in entries
            if name not in environments and name != FOLDER and (self.root / name / INVENTORY).is_file()
        ]

    def _compared(self, output: Output) -> tuple[Changes, Mapping[str, bytes]]:
        folder = self.root / output.environment
        shown = f"{self.shown}/{output.environment}"
        owned = inventory.read(folder, shown)
        decided = self._journal.decided()
        errors: list[WeftError] = []
        added, changed, unchanged = [], [], 0
        new = not os.path.lexists(folder)
        for path, content in output.files.items():
            try:
                present = None if new else self._present(f"{output.environment}/{path}")
                if present is None:
                    added.append(path)
                elif not (path in (owned or ()) or f"{output.environment}/{path}" in decided or self.adopt):
                    raise _in_the_way(f"{shown}/{path}")
                elif present != content:
                    changed.append(path)
                else:
                    unchanged += 1
            except WeftError as error:
                errors.append(error)
        gone = sorted((owned or frozenset()) - set(output.files) - set(output.kept))
        try:
            removed = [path for path in gone if self._present(f"{output.environment}/{path}") is not None]
        except WeftError as error:
            errors.append(error)
        if errors:
            raise Several(errors)
        changes = Changes(output.environment, tuple(added), tuple(changed), tuple(removed), unchanged)
        return changes, {path: output.files[path] for path in (*added, *changed)}

    def _present(self, path: str) -> bytes | None:
        """The content of the file at `path`, None where there is nothing; raises for what is no file."""
        target = self._journal.target(path)
        try:
            with open(target, "rb", buffering=0, opener=_at_once) as file:
                return file.read()
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            raise _in_the_way(f"{self.shown}/{path}", "is a folder where a file is to be") from None
        except NotADirectoryError:
            raise self._in_a_file(path) from None
        except OSError as error:
            raise SurroundingsError(
                f"cannot be read: {error.strerror}", file=f"{self.shown}/{path}"
            ) from error

    def _in_a_file(self, path: str) -> WeftError:
        above = [parent for parent in PurePosixPath(path).parents if (self.root / parent).is_file()]
        return _in_the_way(f"{self.shown}/{above[0]}", "is a file where a folder is to be")


def _at_once(path: str, flags: int) -> int:
    """Opens a file; a pipe in the way is opened, too, and waits for nobody."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _in_the_way(
    file: str, why: str = "is in the way: weft did not write it, so it does not overwrite it"
) -> WeftError:
    return DefinitionError(why, file=file, hint="move it away, or run with --adopt to take a file over")


@contextlib.contextmanager
def _locked(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds a lock on the folder itself, so that no lock file is left in what users commit."""
    import fcntl

    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not _is_still(folder, descriptor):
                # The run that we waited for removed the folder, since it had made it and wrote nothing.
                continue
            yield
            return
        finally:
            os.close(descriptor)


def _is_still(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(folder), os.fstat(descriptor))
    except FileNotFoundError:
        return False
