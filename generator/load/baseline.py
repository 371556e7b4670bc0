"""Reads and words the baseline: the findings that were there when a fleet began to validate."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError
from generator.model.definition import Baseline
from generator.model.document import Document
from generator.model.finding import Known
from generator.model.formats import Validation

_ANEW = "remove it, and let weft write it anew: weft validate --all --write-baseline"


def load(root: Path, validation: Validation | None) -> Baseline:
    """The baseline that the definition names, or the one at its root; empty where there is none.

    Raises DefinitionError where the file holds something else.
    """
    named = validation.baseline if validation else None
    file = named or Baseline().file
    if not (root / file).is_file():
        # One that is named is made by the first `weft validate --write-baseline`.
        return Baseline(file)
    try:
        document = yamlio.read_file(root / file, file)
    except DefinitionError as error:
        error.hint = error.hint or _ANEW
        raise
    return Baseline(file, frozenset(known for entry in _entries(document) for known in _read(entry)))


def _entries(document: Document) -> list[Any]:
    value = document.value
    entries = value.get("findings") if isinstance(value, dict) else None
    fields = dict.fromkeys(("code", "component", "object", "field"), str) | {"environments": list}
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), kind) for name, kind in fields.items())
        and isinstance(entry.get("about", ""), str)
        for entry in entries
    ):
        raise DefinitionError(
            "is no baseline of findings",
            file=document.file,
            hint=_ANEW,
        )
    return entries


def _read(entry: Any) -> Iterable[Known]:
    for name in entry["environments"]:
        yield Known(
            str(name),
            entry["code"],
            entry["component"],
            entry["object"],
            entry["field"],
            entry.get("about", ""),
        )


def text(known: Iterable[Known]) -> str:
    """The baseline file: one entry for each finding with its environments, sorted."""
    entries: dict[tuple[str, ...], set[str]] = {}
    for item in known:
        entries.setdefault(tuple(item[1:]), set()).add(item.environment)
    findings = [
        {
            **{
                name: value
                for name, value in zip(Known._fields[1:], entry, strict=True)
                if value or name != "about"
            },
            "environments": sorted(names),
        }
        for entry, names in sorted(entries.items())
    ]
    return json.dumps({"findings": findings}, indent=2, ensure_ascii=False) + "\n"
