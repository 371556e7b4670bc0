"""What lies beside the manifests: hydrator.metadata and its note for those who promote, .gitattributes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.gitcmd import Source
from generator.model.secrets import without_credentials

METADATA = "hydrator.metadata"
ATTRIBUTES = ".gitattributes"
# Beyond what the contract has: git's id of the tree that the inventory owns.
DIGEST = "treeDigest"
_REFERENCE = {
    f"argocd-reference-commit-{key.lower()}": key
    for key in ("author", "date", "subject", "body", "sha", "repoURL")
}
_REFERENCE_LINE = re.compile(r"^Argocd-reference-commit-\w+:.*(\n[ \t].*)*\n?", re.IGNORECASE | re.MULTILINE)
_SHAPES = {
    "author": re.compile(r"[^<>]*<[^<>@\s]+@[^<>@\s]+>"),
    "date": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "sha": re.compile(r"[0-9a-f]{5,64}"),
}
ATTRIBUTES_TEXT = b"# Written by weft: reviews fold what is generated.\n* linguist-generated\n"


def hydrator_metadata(source: Source, commit: Mapping[str, Any], digest: str) -> bytes:
    """The file that tells which commit of the definitions was rendered, and to which tree."""
    data: dict[str, Any] = {"drySha": source.revision}
    if source.url:
        data["repoURL"] = source.url
    told = {**commit, "references": references(commit["trailers"]), DIGEST: digest}
    del told["trailers"]
    told["body"] = _REFERENCE_LINE.sub("", told["body"]).strip()
    return (json.dumps({**data, **told}, indent=2, ensure_ascii=False) + "\n").encode()


def references(trailers: Sequence[str]) -> Sequence[dict[str, Any]]:
    """The commit that one of the definitions came from, such as the application's, as Argo CD reads trailers.

    One with a value that Argo CD would not take is left out.
    """
    found: dict[str, str] = {}
    for line in trailers:
        name, _, text = line.partition(":")
        key = _REFERENCE.get(name.strip().lower())
        value = _value(key, text.strip()) if key else None
        if key and value:
            found[key] = value
    return [{"commit": {key: found[key] for key in _REFERENCE.values() if key in found}}] if found else []


def _value(key: str | None, text: str) -> str | None:
    if key == "body":
        try:
            body = json.loads(text)
        except ValueError:
            return None
        return body if isinstance(body, str) else None
    if key == "repoURL":
        # Whatever a trailer holds is published: a credential must not be.
        return without_credentials(text)
    shape = _SHAPES.get(key or "")
    return text if shape is None or shape.fullmatch(text) else None


def recorded(content: bytes) -> tuple[str, str | None] | None:
    """Digest and revision that a hydrator.metadata of weft's own tells; None where it tells no digest."""
    try:
        data = json.loads(content)
    except ValueError:
        return None
    digest = data.get(DIGEST) if isinstance(data, dict) else None
    revision = data.get("drySha") if digest else None
    return (digest, revision if isinstance(revision, str) else None) if isinstance(digest, str) else None


def note(revision: str) -> str:
    """The text of the note on a publication's commit."""
    return json.dumps({"drySha": revision})


def noted(text: str | None) -> str | None:
    """The revision that a note tells, or None where it tells none."""
    try:
        data = json.loads(text or "null")
    except ValueError:
        return None
    revision = data.get("drySha") if isinstance(data, dict) else None
    return revision if isinstance(revision, str) and revision else None
