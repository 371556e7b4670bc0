"""Reads the index.yaml of a Helm repository: the versions of one chart, without composing all the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, suggestion
from generator.model import semver
from generator.model.record import record

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_KEY = re.compile(rb"[A-Za-z0-9][\w.-]*:")
_ENTRIES = re.compile(rb"^entries:\n", re.MULTILINE)
_API = re.compile(rb"^apiVersion:", re.MULTILINE)
# What may mean that lines do not stand for themselves: documents, directives, comments, carriage returns.
_ODD = re.compile(rb"^(?:---|\.\.\.|%| *#)|\r", re.MULTILINE)


@record(frozen=True)
class Entry:
    """One version of a chart: where its package is, relative to the index or not, and its SHA-256."""

    version: str
    url: str
    sha256: str | None


def entries(data: bytes, chart: str) -> Sequence[Entry]:
    """The versions of `chart` that an index.yaml lists; those that Helm passes over are left out.

    Raises DefinitionError for what is no index, and where the chart is not in it.
    """
    listed = _cut(data, chart)
    if listed is None:
        listed = _whole(data, chart)
    if not isinstance(listed, list):
        raise DefinitionError(f"index.yaml has no list of versions for `{chart}`")
    return [entry for entry in map(_entry, listed) if entry is not None]


def newest(versions: Sequence[str]) -> str:
    """A hint that names the newest of `versions`."""
    known = sorted((semver.parse(version) for version in versions), key=lambda each: each.key, reverse=True)
    if not known:
        return "it has no version at all"
    if all(version.before for version in known):
        return f"it has pre-releases only, which a range such as `>=0-0` takes; the newest is {known[0].text}"
    more = f" and {len(known) - 5} older" if len(known) > 5 else ""
    return f"there are {', '.join(version.text for version in known[:5])}{more}"


def _entry(item: Any) -> Entry | None:
    if not isinstance(item, dict):
        return None
    version, urls = item.get("version"), item.get("urls")
    if not isinstance(version, str) or not semver.is_version(version):
        return None
    if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
        return None
    found = item.get("digest")
    digest = _SHA256.fullmatch(found.strip()) if isinstance(found, str) and found.strip() else None
    if found and digest is None:
        raise DefinitionError(
            f"index.yaml has the digest `{str(found)[:80]}` for {version}, expected a SHA-256"
        )
    return Entry(version, urls[0], digest[1].lower() if digest else None)


def _whole(data: bytes, chart: str) -> Any:
    try:
        documents = yamlio.read(data, "index.yaml", marks=False)
    except DefinitionError as error:
        raise DefinitionError(f"its index.yaml is refused: {error}") from None
    index = documents[0].value if len(documents) == 1 else None
    known = index.get("entries") if isinstance(index, dict) else None
    if not isinstance(known, dict) or not isinstance(index, dict) or not index.get("apiVersion"):
        raise DefinitionError(
            "its index.yaml is no index of a Helm repository",
            hint="give the URL that `helm repo add` would get: index.yaml is right below it",
        )
    if chart not in known:
        raise _unknown(chart, map(str, known))
    return known[chart]


def _cut(data: bytes, chart: str) -> Any:
    """What the index has for `chart`, read from its lines alone; None where that is not certain.

    Large repositories list ten thousands of packages. Helm writes one line for each chart's name, less
    indented than all that belongs to it. Raises DefinitionError where the chart is not there.
    """
    top = _ENTRIES.search(data)
    first = re.compile(rb" +").match(data, top.end()) if top else None
    if top is None or first is None or not _API.search(data) or _ODD.search(data, 4):
        return None
    indent = first[0]
    # Items of a list may stand below their key's own column.
    names = re.findall(rb"^" + indent + rb"(?![ -])(.*)\n", data[top.end() :], re.MULTILINE)
    if not all(map(_KEY.fullmatch, names)) or len(set(names)) != len(names):
        return None
    if chart.encode() + b":" not in names:
        raise _unknown(chart, (name.decode().removesuffix(":") for name in names))
    start = data.index(b"\n" + indent + chart.encode() + b":\n", top.end() - 1) + len(indent) + len(chart) + 3
    # The next line that belongs to something else; blank ones belong to what they stand in.
    following = re.compile(rb"^(?!" + indent + rb"[ -])(?![ \t]*$)", re.MULTILINE).search(data, start)
    part = data[start : following.start() if following else len(data)]
    try:
        documents = yamlio.read(part, "index.yaml", marks=False)
    except DefinitionError:
        return None
    return documents[0].value if len(documents) == 1 else None


def _unknown(chart: str, known: Iterable[str]) -> DefinitionError:
    return DefinitionError(f"the repository has no chart `{chart}`", hint=suggestion(chart, known))
