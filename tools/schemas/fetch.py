"""Downloads packages from registries into a cache folder, and refuses one that is not the pinned content."""

from __future__ import annotations

import base64
import hashlib
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

_TIMEOUT_SECONDS = 120


class Cache:
    """A folder of downloaded packages; what is there and right is not downloaded again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def wheel(self, url: str, sha256: str) -> zipfile.ZipFile:
        """The wheel at `url`; raises SystemExit where its SHA-256 is another."""
        path = self._download(url, url.rpartition("/")[2])
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        return _checked(path, found, sha256)

    def module(self, module: str, version: str, h1: str) -> Module:
        """A Go module as the proxy has it; raises SystemExit where its hash, as in go.sum, is another."""
        # The proxy spells upper-case letters as `!` and the lower-case letter.
        escaped = re.sub(r"[A-Z]", lambda match: f"!{match[0].lower()}", module)
        url = f"https://proxy.golang.org/{escaped}/@v/{version}.zip"
        path = self._download(url, f"{module.replace('/', '_')}@{version}.zip")
        return Module(_checked(path, _h1(path), h1), f"{module}@{version}/")

    def _download(self, url: str, name: str) -> Path:
        path = self._folder / name
        if not path.is_file():
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:
                content = answer.read()
            part = path.with_name(f"{name}.part")
            part.write_bytes(content)
            part.replace(path)
        return path


class Module:
    """The files of a Go module."""

    def __init__(self, archive: zipfile.ZipFile, prefix: str) -> None:
        self._archive = archive
        self._prefix = prefix

    def read(self, path: str) -> str:
        """The text of a file."""
        return self._archive.read(self._prefix + path).decode()

    def files(self, under: str, ending: str) -> Iterator[str]:
        """The paths of the files under a folder whose names end so, sorted."""
        for name in sorted(self._archive.namelist()):
            path = name.removeprefix(self._prefix)
            if path.startswith(under) and path.endswith(ending):
                yield path


def _h1(path: Path) -> str:
    """The hash of a module archive that go.sum and sum.golang.org state."""
    with zipfile.ZipFile(path) as archive:
        lines = [
            f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\n"
            for name in sorted(archive.namelist())
        ]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def _checked(path: Path, found: str, expected: str) -> zipfile.ZipFile:
    if found != expected:
        raise SystemExit(f"{path.name}: the hash is {found}, expected {expected}")
    return zipfile.ZipFile(path)
