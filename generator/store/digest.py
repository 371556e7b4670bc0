"""The SHA-256 of a folder's content: names, what is executable, links and bytes; no dates, no owners."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from generator.errors import DefinitionError

# They say how git treats a repository's own checkout, and would say it of a vendored copy as well.
_GITS = frozenset((".git", ".gitattributes", ".gitignore", ".gitmodules"))
_CHUNK = 1 << 20


def digest(folder: Path) -> str:
    """The digest of what is below `folder`, in lower-case hex.

    Empty folders do not count: git keeps none. Raises DefinitionError for a link that leads out and for what
    is no file, OSError for what cannot be read.
    """
    top = os.path.realpath(folder)
    total = hashlib.sha256(b"weft 1\0")
    for path in sorted(_paths(str(folder), ""), key=os.fsencode):
        full = f"{folder}/{path}"
        found = os.lstat(full)
        name = os.fsencode(path)
        if stat.S_ISLNK(found.st_mode):
            target = os.fsencode(os.readlink(full))
            _check_link(top, full, path)
            total.update(b"link %d %s %d %s\n" % (len(name), name, len(target), target))
            continue
        if not stat.S_ISREG(found.st_mode):
            raise DefinitionError(f"`{path}` is neither a file, a folder nor a link")
        kind = b"program" if found.st_mode & 0o100 else b"file"
        total.update(b"%s %d %s %s\n" % (kind, len(name), name, _content(full)))
    return total.hexdigest()


def strip(folder: Path) -> None:
    """Removes git's own files from what was fetched, and folders that are empty."""
    for directory, folders, names in os.walk(folder, topdown=False):
        for name in names:
            if name in _GITS:
                os.unlink(os.path.join(directory, name))
        for name in folders:
            path = os.path.join(directory, name)
            if name == ".git" and not os.path.islink(path):
                _remove(path)
            elif not os.path.islink(path) and not os.listdir(path):
                os.rmdir(path)


def _paths(top: str, below: str) -> Iterator[str]:
    for entry in os.scandir(f"{top}/{below}" if below else top):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _paths(top, path)
        else:
            yield path


def _content(path: str) -> bytes:
    hashed = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest().encode()


def _check_link(top: str, full: str, path: str) -> None:
    real = os.path.realpath(full)
    if os.path.isabs(os.readlink(full)) or (real != top and not real.startswith(top + os.sep)):
        raise DefinitionError(f"the link `{path}` leads out of the source")


def _remove(path: str) -> None:
    import shutil

    shutil.rmtree(path)
