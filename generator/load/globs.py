"""The components that a glob brings in: folders with a component file, but for fetched copies."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from generator.load import files
from generator.model.source import STORE


def components(root: Path, pattern: str, above: Container[str], vendor: str | None) -> list[Path]:
    """The folders below `root` that match, by name; those `above` (resolved paths) are none of them.

    Neither is what is in the store or the `vendor` folder, but for a glob that stands there itself. Raises
    ValueError where the pattern is none.
    """
    kept = [top for top in (STORE, vendor) if top and not pattern.startswith(f"{top}/")]

    def wanted(match: Path) -> bool:
        # `./**` matches the folder that it stands in, too.
        if str(match.resolve()) in above:
            return False
        if any(match.relative_to(root).as_posix().startswith(f"{top}/") for top in kept):
            return False
        return any((match / f"component{suffix}").is_file() for suffix in files.SUFFIXES)

    return sorted(filter(wanted, root.glob(pattern)), key=lambda match: (match.name, match.as_posix()))
