"""Method `http`: one YAML or JSON file, or a .tar.gz archive."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator import yamlio
from generator.errors import WeftError
from generator.fetch import archive, transfer
from generator.fetch.base import Access, about, refused
from generator.model.source import Locked, Remote

_SUFFIXES = (".yaml", ".yml", ".json")
_PACKED = b"\x1f\x8b"


def fetch(remote: Remote, want: Locked | None, into: Path, access: Access) -> str:
    """Nothing: the URL says it all, and the digest in the lock what it held. Raises as the Protocol says."""
    loaded = into.with_name(f"{into.name}.download")
    request = transfer.Request(remote.url, token=access.token(remote.url), timeout=access.timeout)
    try:
        answer = transfer.download(request, loaded)
        with open(loaded, "rb") as file:
            start = file.read(len(_PACKED))
        if start == _PACKED:
            archive.unpack(loaded, into)
        else:
            _check_manifest(remote, loaded, answer.kind)
            loaded.rename(into / _name(remote.url))
    except WeftError as error:
        raise about(error, remote) from None
    finally:
        loaded.unlink(missing_ok=True)
    return ""


def _check_manifest(remote: Remote, file: Path, kind: str) -> None:
    """Refuses what is no YAML, above all the pages with which servers say that something is not there."""
    data = file.read_bytes()
    what = "an HTML page" if kind == "text/html" or data.lstrip()[:1] == b"<" else "no YAML file"
    try:
        documents = [item.value for item in yamlio.read(data, "", marks=False) if item.value is not None]
    except WeftError:
        documents = []
    if not documents or not all(isinstance(value, dict) for value in documents):
        raise refused(
            remote,
            f"this is {what} and no .tar.gz archive",
            "open the URL: does it need a token, or another path?",
        )


def _name(url: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", unquote(urlsplit(url).path).rpartition("/")[2]).lstrip(".")
    return name if name.endswith(_SUFFIXES) else "manifest.yaml"
