"""The ids that git gives to files and folders, computed without git: a comparison then needs no object."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

FILE = "100644"
TREE = "40000"
# The same as git prints it.
FOLDER = "040000"
SYMLINK = "120000"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """What stands at a path of a tree."""

    mode: str
    oid: str


def blob_id(content: bytes, algorithm: str = "sha1") -> str:
    """The id of a file with this content."""
    digest = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def tree_id(files: Mapping[str, Entry], algorithm: str = "sha1") -> str:
    """The id of the folder that holds exactly `files`, by path."""
    root: dict[str, Any] = {}
    folders: dict[str, dict[str, Any]] = {"": root}
    for path, entry in files.items():
        above, _, name = path.rpartition("/")
        _folder(above, folders)[name] = entry
    return _hash(root, algorithm)


def _folder(path: str, folders: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found = folders.get(path)
    if found is None:
        above, _, name = path.rpartition("/")
        found = folders[path] = {}
        _folder(above, folders)[name] = found
    return found


def _hash(folder: dict[str, Any], algorithm: str) -> str:
    rows = []
    for name, child in folder.items():
        text = name.encode(errors="surrogateescape")
        if isinstance(child, Entry):
            rows.append((text, child.mode, child.oid))
        else:
            # git sorts a folder as if its name ended in a slash.
            rows.append((text + b"/", TREE, _hash(child, algorithm)))
    return level_id(rows, algorithm)


def level_id(rows: list[tuple[bytes, str, str]], algorithm: str) -> str:
    """The id of one level: (name, a folder's with a slash at its end; mode; id)."""
    rows.sort()
    body = b"".join(
        b"%s %s\0%s" % (mode.lstrip("0").encode(), name.rstrip(b"/"), bytes.fromhex(oid))
        for name, mode, oid in rows
    )
    digest = hashlib.new(algorithm, b"tree %d\0" % len(body), usedforsecurity=False)
    digest.update(body)
    return digest.hexdigest()
