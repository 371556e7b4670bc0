"""The folder that descriptors are written to: a file an environment, and never over somebody else's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, SurroundingsError
from generator.model.output import INVENTORY
from generator.model.record import record

_MARK = "# Made by `weft deliver {system}`: change environments/ and run it again.\n"


@record(frozen=True)
class Descriptors:
    """The folder `root`, which messages name `shown`; a file of it is `<environment>/<system>.yaml`."""

    root: Path
    shown: str
    system: str
    adopt: bool = False

    def write(self, environment: str, objects: Sequence[Mapping[str, Any]]) -> bool:
        """Writes the objects to the environment's file; returns whether it changed.

        Raises DefinitionError for what is in the way, SurroundingsError where the disk refuses.
        """
        folder = self.root / environment
        target = folder / f"{self.system}.yaml"
        shown = f"{self.shown}/{environment}/{self.system}.yaml"
        mark = _MARK.format(system=self.system).encode()
        text = mark + yamlio.emit_all(objects).encode()
        try:
            self._check(folder, target, shown, mark)
            if target.exists() and target.read_bytes() == text:
                return False
            folder.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f".{target.name}.new")
            new.write_bytes(text)
            os.replace(new, target)
        except OSError as error:
            raise SurroundingsError(f"cannot be written: {error.strerror}", file=shown) from error
        return True

    def _check(self, folder: Path, target: Path, shown: str, mark: bytes) -> None:
        if folder.is_symlink() or target.is_symlink():
            raise DefinitionError(
                "is a symbolic link, and what it leads to may lie outside the folder", file=shown
            )
        if (folder / INVENTORY).exists():
            raise DefinitionError(
                "would stand among the manifests that weft generates",
                file=shown,
                hint="give --output another folder, such as the one that Flux is bootstrapped from",
            )
        if target.exists() and not target.read_bytes().startswith(mark) and not self.adopt:
            raise DefinitionError(
                "is in the way: weft did not write it, so it does not overwrite it",
                file=shown,
                hint="move it away, or run with --adopt to take it over",
            )
