"""The components that a glob brings in: folders with a component file, but for fetched copies."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Container
from pathlib import Path

from generator.load import files
from generator.model.source import STORE


def components(
    root: Path, pattern: str, above: Container[str], vendor: str | None, real: Callable[[str], str]
) -> list[str]:
    """The folders that match, relative to `root`, by name; those `above` are none of them.

    `above` has paths without links, such as `real` gives for a folder. Neither is what is in the store or the
    `vendor` folder, but for a glob that stands there itself. Raises ValueError where the pattern is none.
    """
    kept = tuple(f"{top}/" for top in (STORE, vendor) if top and not pattern.startswith(f"{top}/"))
    base = "" if str(root) == "." else f"{root}/"

    def wanted(folder: str) -> bool:
        # `./**` matches the folder that it stands in, too.
        if folder.startswith(kept) or real(folder) in above:
            return False
        return any(os.path.isfile(f"{base}{folder}/component{suffix}") for suffix in files.SUFFIXES)

    found = filter(wanted, (str(match).removeprefix(base) for match in root.glob(pattern)))
    return sorted(found, key=lambda folder: (os.path.basename(folder), folder))
