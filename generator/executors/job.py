"""What a worker is told of a run: the request, and where it does not see them, the definition's files."""

from __future__ import annotations

import io
import os
from pathlib import Path

import generator
from generator.errors import SurroundingsError
from generator.model.record import record
from generator.model.request import Request

# Nothing that rendering reads is in them.
_LEFT_OUT = frozenset((".git", ".venv", "node_modules", "__pycache__"))


@record(frozen=True)
class Job:
    """What a worker needs to know to work off environments of one run.

    `key` is the same for all batches of a run, and of no other. `files` is the definition as a tar
    archive, for workers that do not see its folder.
    """

    key: str
    request: Request
    version: str = generator.__version__
    # How many programs a worker runs at once; None where it has a machine for itself.
    jobs: int | None = None
    files: bytes | None = None


def packed(root: str) -> bytes:
    """The files below `root` as a tar archive, without what weft never reads.

    Raises SurroundingsError for a link that leads out of it, which no worker could follow.
    """
    import tarfile

    archive = io.BytesIO()
    top = os.path.realpath(root)
    with tarfile.open(fileobj=archive, mode="w", dereference=True) as tar:
        for folder, folders, files in os.walk(top):
            folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
            for name in (*folders, *sorted(files)):
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, top)
                if os.path.islink(path) and not _inside(os.path.realpath(path), top):
                    raise SurroundingsError(
                        "is a link that leads out of the definition, so it cannot be shipped to workers",
                        file=shown,
                    )
                tar.add(path, shown, recursive=os.path.islink(path) and os.path.isdir(path))
    return archive.getvalue()


def unpacked(files: bytes, folder: Path) -> None:
    """Puts what `packed` packed into an empty folder."""
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(files)) as tar:
        tar.extractall(folder, filter="data")


def _inside(path: str, top: str) -> bool:
    return os.path.commonpath((path, top)) == top
