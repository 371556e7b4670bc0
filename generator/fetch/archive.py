"""Unpacks .tar.gz archives: files, folders and links within, nothing outside the folder, no bombs."""

from __future__ import annotations

import contextlib
import gzip
import lzma
import os
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from generator.errors import DefinitionError

MOST_BYTES = 512 * 1024 * 1024
MOST_ENTRIES = 50_000
# Text packs to a tenth, seldom to a fiftieth; so little may be anything.
MOST_RATIO = 200
_SMALL = 16 * 1024 * 1024
_LONGEST = 255
_DEEPEST = 64
_CHUNK = 256 * 1024


@dataclass
class _Budget:
    """What may still come out of an archive of `packed` bytes."""

    packed: int
    bytes: int = 0
    entries: int = 0

    def take(self, number: int) -> None:
        self.bytes += number
        if self.bytes > MOST_BYTES:
            raise DefinitionError(
                f"the archive holds more than {MOST_BYTES // (1024 * 1024)} MiB, the most that weft unpacks"
            )
        if self.bytes > _SMALL and self.bytes > MOST_RATIO * self.packed:
            raise DefinitionError(f"the archive grows to more than {MOST_RATIO} times its size when unpacked")

    def entry(self) -> None:
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise DefinitionError(f"the archive has more than {MOST_ENTRIES} entries")


def unpack(file: Path, into: Path) -> None:
    """Unpacks the .tar.gz (or .tar) `file` into the folder `into`.

    Files get mode 0644, or 0755 where their owner may execute them. Raises DefinitionError for what is no
    whole archive, for names and links that lead out of it, for names that are there twice, for devices, and
    for more than the limits above.
    """
    budget = _Budget(file.stat().st_size)
    links: list[tuple[str, str]] = []
    names: set[str] = set()
    try:
        with _reader(file, budget) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                budget.entry()
                if not member.isdir():
                    _once(_name(member.name), names)
                _member(archive, member, into, links)
            # tarfile stops at the end of the archive; gzip's own checksum comes after it.
            while stream.read(_CHUNK):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as error:
        raise DefinitionError(f"the archive is damaged or cut off: {error}") from None
    except tarfile.TarError as error:
        raise DefinitionError(f"this is no .tar.gz archive, or it is cut off: {error}") from None
    if not budget.entries:
        raise DefinitionError("the archive is empty")
    # Only now: an entry must not be written through a link that the archive has brought.
    for name, target in links:
        _link(into, name, target)


class _Counted:
    """A stream of unpacked bytes that never gives more than the budget has."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if 0 <= size <= _CHUNK else _CHUNK)
        self._budget.take(len(data))
        return data


@contextlib.contextmanager
def _reader(file: Path, budget: _Budget) -> Iterator[IO[bytes]]:
    with open(file, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        yield cast("IO[bytes]", _Counted(stream, budget))


def _member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path, links: list[tuple[str, str]]
) -> None:
    name = _name(member.name)
    if member.isdir():
        _folder(into, name)
    elif member.isfile() and not member.issparse():
        _folder(into, posixpath.dirname(name))
        source = archive.extractfile(member)
        assert source is not None
        target = into / name
        try:
            with open(target, "wb") as out:
                while chunk := source.read(_CHUNK):
                    out.write(chunk)
        except (IsADirectoryError, NotADirectoryError):
            raise DefinitionError(f"the archive has `{name}` as a file and as a folder") from None
        os.chmod(target, 0o755 if member.mode & 0o100 else 0o644)
    elif member.issym():
        _check_link(name, member.linkname)
        links.append((name, member.linkname))
    elif member.islnk():
        other = _name(member.linkname)
        if not other:
            raise DefinitionError(f"the archive holds the link `{name}` to its own top")
        links.append((name, posixpath.relpath(other, posixpath.dirname(name) or ".")))
    else:
        raise DefinitionError(f"the archive holds `{name}`, which is neither a file, a folder nor a link")


def _once(name: str, names: set[str]) -> None:
    """Which of two would be kept differs between programs, and so what a reviewer saw."""
    if name in names:
        raise DefinitionError(f"the archive has `{name}` twice")
    names.add(name)


def _name(name: str) -> str:
    """The path of an entry, plain; raises DefinitionError for one that is not below the archive's top."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts:
        raise DefinitionError(f"the archive holds `{_printable(name)}`, which leads out of it")
    if not name.isprintable():
        raise DefinitionError(f"the archive holds `{_printable(name)}`, a name that cannot be shown")
    plain = posixpath.normpath(name)
    if len(parts) > _DEEPEST or any(len(os.fsencode(part)) > _LONGEST for part in parts):
        raise DefinitionError(f"the archive holds `{_printable(name[:80])}…`, which is too long a name")
    return "" if plain == "." else plain


def _check_link(name: str, target: str) -> None:
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    if not target or target.startswith("/") or "\\" in target or reached == ".." or reached.startswith("../"):
        raise DefinitionError(
            f"the archive holds a link out of it: `{_printable(name)}` to `{_printable(target)}`"
        )


def _link(into: Path, name: str, target: str) -> None:
    above = name.split("/")[:-1]
    if any(os.path.islink(into.joinpath(*above[:end])) for end in range(1, len(above) + 1)):
        raise DefinitionError(f"the archive holds `{_printable(name)}` below a link")
    _folder(into, "/".join(above))
    try:
        if os.path.lexists(into / name):
            os.unlink(into / name)
    except IsADirectoryError:
        raise DefinitionError(f"the archive has `{name}` as a link and as a folder") from None
    os.symlink(target, into / name)


def _folder(into: Path, name: str) -> None:
    try:
        os.makedirs(into / name, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DefinitionError(f"the archive has `{name}` as a file and as a folder") from None


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
