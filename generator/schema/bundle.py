"""Reads the bundled schemas: Kubernetes' definitions by minor version, and custom resource definitions."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

JSON = Mapping[str, Any]
Minor = tuple[int, int]

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?!\d)")


class Kubernetes(NamedTuple):
    """What one minor version has: the definition of each kind by apiVersion and kind, and the definitions."""

    kinds: Mapping[str, Mapping[str, str]]
    definitions: Mapping[str, Any]


@functools.cache
def minors() -> Sequence[Minor]:
    """The bundled minor versions of Kubernetes, oldest first."""
    names = (item.name.removesuffix(".json.gz") for item in _folder("kubernetes").iterdir())
    return sorted(found for found in map(minor, names) if found is not None)


def minor(version: str | None) -> Minor | None:
    """(1, 31) of `1.31`, `v1.31.4` or `v1.31.4-gke.100`; None where it is no version."""
    match = _VERSION.match(version or "")
    return (int(match[1]), int(match[2])) if match else None


def written(version: Minor) -> str:
    """`1.31` of (1, 31)."""
    return f"{version[0]}.{version[1]}"


def nearest(version: Minor | None) -> Minor:
    """The bundled minor version to check with: the newest where none is asked for."""
    known = minors()
    return known[-1] if version is None else max(known[0], min(known[-1], version))


@functools.cache
def kubernetes(version: Minor) -> Kubernetes:
    """A bundled minor version."""
    return Kubernetes(**_read("kubernetes", written(version)))


@functools.cache
def channels(name: str) -> Sequence[Sequence[JSON]]:
    """The bundled custom resource definitions of `istio`, `gateway-api` or `flux`, by channel."""
    packed = _read("crds", name)
    for channel in packed["channels"]:
        for crd in channel:
            for version in crd["spec"]["versions"]:
                version["schema"] = {"openAPIV3Schema": packed["schemas"][version["schema"]]}
    found: Sequence[Sequence[JSON]] = packed["channels"]
    return found


def _read(folder: str, name: str) -> Any:
    return json.loads(gzip.decompress(_folder(folder).joinpath(f"{name}.json.gz").read_bytes()))


def _folder(name: str) -> Path:
    return Path(__file__).with_name("data") / name
