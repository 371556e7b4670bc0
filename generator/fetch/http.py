"""Method `http`: one YAML or JSON file, or a .tar.gz archive."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.fetch import archive, transfer
from generator.fetch.base import Access, about, refused
from generator.model.source import Locked, Remote

_SUFFIXES = (".yaml", ".yml", ".json")
_PACKED = b"\x1f\x8b"
# Files without a `kind`; what reads them knows what has to be in them.
_OTHERS = ("component", "kustomization")


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
            name = _name(remote.url)
            _check_manifest(remote, loaded.read_bytes(), answer.kind, name)
            loaded.rename(into / name)
    except WeftError as error:
        raise about(transfer.told(error, remote.url, access), remote) from None
    finally:
        loaded.unlink(missing_ok=True)
    return ""


def _check_manifest(remote: Remote, data: bytes, kind: str, name: str) -> None:
    """Refuses the pages with which servers say that something is not there, often with the status 200."""
    if kind == "text/html" or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise _not(remote, "an HTML page and no .tar.gz archive")
    try:
        documents = [item.value for item in yamlio.read(data, "", marks=False) if item.value is not None]
    except WeftError:
        documents = []
    if not documents or not all(isinstance(value, dict) for value in documents):
        raise _not(remote, "no YAML file and no .tar.gz archive")
    if name.partition(".")[0] in _OTHERS:
        return
    for number, value in enumerate(documents, 1):
        if not isinstance(value.get("kind"), str):
            which = "it" if len(documents) == 1 else f"document {number}"
            raise _not(remote, f"no Kubernetes manifest: {which} has no `kind`")


def _not(remote: Remote, what: str) -> DefinitionError:
    return refused(remote, f"this is {what}", "open the URL: does it need a token, or another path?")


def _name(url: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", unquote(urlsplit(url).path).rpartition("/")[2]).lstrip(".")
    return name if name.endswith(_SUFFIXES) else "manifest.yaml"
