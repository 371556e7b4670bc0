"""Fetches charts from Helm repositories: an index.yaml, and the packages that it lists."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

from generator.errors import DefinitionError, WeftError
from generator.fetch import chart, chartindex, oci, transfer
from generator.fetch.base import Access, about, refused
from generator.fetch.chartindex import Entry
from generator.model import semver
from generator.model.secrets import without_credentials
from generator.model.source import Locked, Remote

# The largest public index has some 25 MB.
_MOST_INDEX = 64 * 1024 * 1024
# Helm's own limit is 20 MB for each file of a chart.
_MOST_PACKAGE = 64 * 1024 * 1024


def fetch(remote: Remote, want: Locked | None, into: Path, access: Access) -> str:
    """The chart `remote.path` of the repository at `remote.url`, unpacked; returns its version.

    Which version is Helm's rule: the one written so, else the newest in the range, else the newest release.
    Raises as `base.Fetcher` says.
    """
    if not remote.path:
        raise refused(remote, "`path` is missing", "give the chart's name in the repository as `path`")
    try:
        if urlsplit(remote.url).scheme == "oci":
            return oci.fetch(remote, want, into, access)
        entry = _chosen(remote, _listed(remote, access), want.resolved if want else remote.version)
        url = _join(remote.url, entry.url)
        if urlsplit(url).scheme == "oci":
            return _from_registry(remote, entry, url, into, access)
        # Two ranges may come to one version.
        data = access.shared.get(("package", url), lambda: _package(remote, want, entry, url, access))
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            package = Path(folder, "chart.tgz")
            package.write_bytes(data)
            chart.unpack(package, into, remote.path, entry.version)
    except WeftError as error:
        raise about(transfer.told(error, remote.url, access), remote) from error
    return entry.version


def _package(remote: Remote, want: Locked | None, entry: Entry, url: str, access: Access) -> bytes:
    """The package, as the index describes it. Raises WeftError."""
    token = access.token(url)
    if token is None and _origin(url) == _origin(remote.url):
        token = access.token(remote.url)
    # What is checked afterwards may come from anywhere, as packages on GitHub do.
    checked = bool(entry.sha256 or want)
    data = transfer.read(
        transfer.Request(url, token=token, timeout=access.timeout, most=_MOST_PACKAGE, elsewhere=checked)
    ).content
    found = hashlib.sha256(data).hexdigest()
    if entry.sha256 not in (None, found):
        raise DefinitionError(
            f"{without_credentials(url)} has the SHA-256 {found[:12]}…, "
            f"and the index says {(entry.sha256 or '')[:12]}…",
            hint="the package was damaged or exchanged; tell whoever keeps the repository",
        )
    return data


def _listed(remote: Remote, access: Access) -> Sequence[Entry]:
    url = _join(remote.url, "index.yaml")

    def get() -> bytes:
        token = access.token(remote.url)
        return transfer.read(
            transfer.Request(url, token=token, timeout=access.timeout, most=_MOST_INDEX)
        ).content

    return chartindex.entries(access.shared.get(("helm", url), get), remote.path or "")


def _chosen(remote: Remote, listed: Sequence[Entry], wanted: str | None) -> Entry:
    try:
        version = semver.best((entry.version for entry in listed), wanted or "")
    except ValueError as error:
        raise DefinitionError(str(error)) from None
    if version is not None:
        return next(entry for entry in listed if entry.version == version)
    raise DefinitionError(
        f"the repository has no version of `{remote.path}` that fits `{wanted or '*'}`",
        hint=chartindex.newest([entry.version for entry in listed]),
    )


def _from_registry(remote: Remote, entry: Entry, url: str, into: Path, access: Access) -> str:
    """A package that the index says is in a registry: `oci://host/name:tag`."""
    place, _, tag = url.rpartition(":")
    if "/" in tag:
        place, tag = url, entry.version
    oci.pull(Remote("oci", place, remote.place, version=tag), tag, into, access, expected=entry.sha256)
    return entry.version


def _join(repository: str, reference: str) -> str:
    """Where `reference` is, seen from the repository; a query of the repository's URL is kept."""
    base = urlsplit(repository)
    folder = urlunsplit((base.scheme, base.netloc, f"{base.path.rstrip('/')}/", "", ""))
    joined = urljoin(folder, reference)
    if base.query and not urlsplit(joined).query and _origin(joined) == _origin(repository):
        return f"{joined}?{base.query}"
    return joined


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
