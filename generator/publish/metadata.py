"""What lies beside the manifests: hydrator.metadata and its note for those who promote, .gitattributes."""

from __future__ import annotations

import json
from typing import Any

from generator.gitcmd import Source

METADATA = "hydrator.metadata"
ATTRIBUTES = ".gitattributes"
ATTRIBUTES_TEXT = b"# Written by weft: reviews fold what is generated.\n* linguist-generated\n"


def hydrator_metadata(source: Source) -> bytes | None:
    """The file that tells which commit of the definitions was rendered; None where that is not known."""
    commit = source.commit()
    if commit is None:
        return None
    data: dict[str, Any] = {"drySha": source.revision}
    if source.url:
        data["repoURL"] = source.url
    return (json.dumps({**data, **commit, "references": []}, indent=2, ensure_ascii=False) + "\n").encode()


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
