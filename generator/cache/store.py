"""The user's cache folder: files by key, bounded in size, replaced whole, never believed when damaged.

Beside the records of runs, which are saved and loaded here, it holds what programs printed: `programs/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

# Of all files together, in bytes; the oldest go first.
MOST_BYTES = 256 * 1024 * 1024
_SUFFIX = ".json"
_PROGRAMS = "programs"
_PRINTED = ".printed"


def folder() -> Path | None:
    """`weft` in the user's cache folder; None where the user has none."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):
        return Path(base, "weft")
    home = os.environ.get("HOME", "")
    return Path(home, ".cache", "weft") if os.path.isabs(home) else None


def enabled() -> bool:
    """Whether there is a cache folder at all."""
    return folder() is not None


def load(key: str) -> Any:
    """What was saved under `key`; None where there is nothing, or it is damaged."""
    top = folder()
    if top is None:
        return None
    try:
        text = (top / f"{key}{_SUFFIX}").read_text(encoding="utf-8")
        sealed, _, body = text.partition("\n")
        return json.loads(body) if sealed == _seal(body) else None
    except (OSError, ValueError, RecursionError):
        return None


def save(key: str, value: Any) -> None:
    """Keeps `value` under `key`. A cache that cannot be written is none, and no error."""
    top = folder()
    if top is None:
        return
    body = json.dumps(value, separators=(",", ":"))
    with contextlib.suppress(OSError):
        top.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=top, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{_seal(body)}\n{body}")
            os.replace(name, top / f"{key}{_SUFFIX}")
        except BaseException:
            os.unlink(name)
            raise
        _bound(top)


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def programs() -> str | None:
    """The folder for what programs print, None where the user has no cache folder.

    Whoever puts something there does not look after the bound, so it is looked after now.
    """
    top = folder()
    if top is None:
        return None
    if (top / _PROGRAMS).is_dir():
        _bound(top)
    return str(top / _PROGRAMS)


def size() -> tuple[int, int, int]:
    """How many records of runs there are, how many outputs of programs, and how many bytes all take."""
    found = _files(folder())
    runs = sum(path.suffix == _SUFFIX and "." not in path.stem for _, _, path in found)
    printed = sum(path.suffix == _PRINTED for _, _, path in found)
    return runs, printed, sum(length for _, length, _ in found)


def clear() -> int:
    """Removes every file; returns how many there were. Raises OSError where one cannot be removed."""
    found = _files(folder())
    for _, _, path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _bound(top: Path) -> None:
    found = sorted(_files(top))
    total = sum(length for _, length, _ in found)
    for _, length, path in found:
        if total <= MOST_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= length


def _files(top: Path | None) -> list[tuple[int, int, Path]]:
    """(date, size, path) of what is in the folder, files of killed runs too."""
    found = []
    for folder in (top, top / _PROGRAMS) if top else ():
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if path.suffix in (_SUFFIX, _PRINTED) or path.name.startswith(".new-"):
                    with contextlib.suppress(OSError):
                        state = path.stat()
                        found.append((state.st_mtime_ns, state.st_size, path))
    return found
