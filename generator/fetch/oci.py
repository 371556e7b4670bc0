"""Fetches Helm charts from OCI registries: by tag, range of versions or digest, each content checked."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError, WeftError, suggestion
from generator.fetch import chart, chartindex, transfer
from generator.fetch.base import Access, about
from generator.fetch.registry import Registry
from generator.fetch.transfer import HttpError
from generator.model import semver
from generator.model.source import Locked, Remote

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_MOST_MANIFEST = 4 * 1024 * 1024
_DIGEST = re.compile(r"(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_RELEASE = re.compile(r"v?\d+\.\d+\.\d+(?:[-+].*)?")


def fetch(remote: Remote, want: Locked | None, into: Path, access: Access) -> str:
    """The chart at `remote.url`, with `remote.path` below it, unpacked; returns `VERSION@DIGEST`.

    `remote.version` is a tag, a range of versions or the manifest's digest; without it the newest release is
    taken. Raises as `base.Fetcher` says.
    """
    try:
        return pull(remote, _wanted(want) or remote.version, into, access)
    except WeftError as error:
        raise about(transfer.told(error, remote.url, access), remote) from error


def pull(remote: Remote, wanted: str | None, into: Path, access: Access, expected: str | None = None) -> str:
    """As `fetch`, for a version, tag, range or digest; `expected` is the package's SHA-256, if it is known.

    Raises WeftError.
    """
    registry = Registry(remote, access)
    reference = _reference(registry, wanted)
    manifest, found = _manifest(registry, reference)
    layer = _layer(manifest)
    with tempfile.TemporaryDirectory(prefix="weft-") as folder:
        package = Path(folder, "chart.tgz")
        registry.download(f"blobs/{layer}", package)
        _check(package.read_bytes(), layer, "the chart")
        if expected is not None and hashlib.sha256(package.read_bytes()).hexdigest() != expected:
            raise DefinitionError("the chart has another SHA-256 than the index of its repository says")
        tagged = reference.replace("_", "+")
        version = tagged if _RELEASE.fullmatch(tagged) and semver.is_version(tagged) else None
        name = registry.name.rpartition("/")[2]
        return f"{chart.unpack(package, into, name, version)}@{found}"


def _wanted(want: Locked | None) -> str | None:
    if want is None:
        return None
    # The version tells a reader what it is; the digest says which.
    return want.resolved.rpartition("@")[2]


def _reference(registry: Registry, wanted: str | None) -> str:
    """The tag or digest to ask for."""
    if wanted is not None and _DIGEST.fullmatch(wanted):
        return wanted
    if wanted is not None and _RELEASE.fullmatch(wanted) and semver.is_version(wanted):
        return wanted.replace("+", "_")
    if wanted is not None and wanted.startswith(("sha256:", "sha512:")):
        raise DefinitionError(f"`{wanted[:80]}` is no digest: expected 64 hexadecimal digits after `sha256:`")
    tags = {tag.replace("_", "+"): tag for tag in registry.tags()}
    if wanted in tags.values() and _TAG.fullmatch(wanted or ""):
        return wanted or ""
    try:
        best = semver.best(sorted(tags), wanted or "")
    except ValueError as error:
        near = suggestion(wanted or "", tags.values())
        raise DefinitionError(f"{error}; and there is no such tag", hint=near) from None
    if best is None:
        raise DefinitionError(f"the registry has no version that fits `{wanted or '*'}`", hint=_newest(tags))
    return tags[best]


def _newest(tags: Iterable[str]) -> str:
    return chartindex.newest([tag for tag in tags if semver.is_version(tag)])


def _manifest(registry: Registry, reference: str) -> tuple[Any, str]:
    """The manifest and its digest."""
    try:
        answer = registry.read(f"manifests/{reference}", _MOST_MANIFEST, _MANIFEST)
    except HttpError as error:
        if error.status != 404:
            raise
        hint = error.hint if _DIGEST.fullmatch(reference) else _known(registry)
        what = reference if _DIGEST.fullmatch(reference) else f"version `{reference.replace('_', '+')}`"
        raise DefinitionError(f"the registry has no {what}", hint=hint) from None
    told = answer.headers.get("docker-content-digest")
    digest = reference if _DIGEST.fullmatch(reference) else told
    if digest is None or not _DIGEST.fullmatch(digest):
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    _check(answer.content, digest, "the manifest")
    try:
        return json.loads(answer.content), digest
    except (ValueError, RecursionError):
        raise DefinitionError("its manifest is no JSON, so this is no OCI registry") from None


def _known(registry: Registry) -> str | None:
    try:
        return _newest([tag.replace("_", "+") for tag in registry.tags()])
    except WeftError:
        return None


def _layer(manifest: Any) -> str:
    """The digest of the chart's package. Raises DefinitionError where the manifest is no chart's."""
    config = manifest.get("config") if isinstance(manifest, dict) else None
    layers = manifest.get("layers") if isinstance(manifest, dict) else None
    kind = config.get("mediaType") if isinstance(config, dict) else None
    if kind != CONFIG or not isinstance(layers, list):
        shown = (
            kind or (manifest.get("mediaType") if isinstance(manifest, dict) else None) or "no image manifest"
        )
        raise DefinitionError(f"this is no Helm chart: its manifest is for `{str(shown)[:80]}`")
    found = _packages(layers)
    if len(found) != 1 or not _DIGEST.fullmatch(found[0]):
        raise DefinitionError(f"its manifest has {len(found)} chart packages, expected one with a digest")
    return found[0]


def _packages(layers: Sequence[Any]) -> list[str]:
    described = [layer for layer in layers if isinstance(layer, dict)]
    return [str(layer.get("digest")) for layer in described if layer.get("mediaType") in CONTENT]


def _check(data: bytes, digest: str, what: str) -> None:
    algorithm, _, expected = digest.partition(":")
    found = hashlib.new(algorithm, data).hexdigest()
    if found != expected:
        raise DefinitionError(
            f"{what} has the digest {algorithm}:{found[:12]}…, and {expected[:12]}… was asked for",
            hint="the registry, or something before it, gives out damaged or exchanged content",
        )
