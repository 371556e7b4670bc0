"""Builds many kustomizations in one process, and takes what was printed apart as if each were alone."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from generator import yamlio
from generator.errors import WeftError
from generator.render import programs
from generator.render.base import Run
from generator.render.kustomization import REMOTE, Tree

# kustomize compares each object with all others: more of them in one process cost more than a second one.
MOST = 50
_FEWEST = 5
# A field beside `metadata` says which kustomization an object is of: taking it away leaves what was there.
_FIELD = "x-weft-origin"
_ORIGIN = re.compile(rb"^x-weft-origin:\n  unit: u(\d+)\n", re.M)
_HASH = re.compile(r"-[0-9a-z]{10}$")
_T = TypeVar("_T")


def batches(items: Sequence[_T], jobs: int) -> Iterator[Sequence[_T]]:
    """`items` in parts of about the same size, to be built side by side, `jobs` at a time; none of one."""
    count = -(-len(items) // MOST)
    # Nobody waits for a last part alone, while parts stay worth a process.
    count = max(count, min(-(-count // jobs) * jobs, len(items) // _FEWEST))
    for number in range(count):
        part = items[number * len(items) // count : (number + 1) * len(items) // count]
        if len(part) > 1:
            yield part


def build(command: Sequence[str], folders: Sequence[tuple[str, Tree]], run: Run) -> list[bytes | None]:
    """What `command` prints for each folder alone; None where only a run of its own can tell."""
    none: list[bytes | None] = [None] * len(folders)
    try:
        with tempfile.TemporaryDirectory(prefix="weft-") as home:
            top = Path(home, "together")
            if not _written(top, [os.path.join(run.root, folder) for folder, _ in folders]):
                return none
            done = programs.run((*command, str(top)), run.root, home)
        parts = _parts(done.out, len(folders)) if not done.code else None
        if parts is None:
            return none
        touched = _touched(parts, [tree for _, tree in folders])
    except (WeftError, OSError):
        return none
    return [
        None if not part or number in touched else b"---\n".join(part) for number, part in enumerate(parts)
    ]


def _written(top: Path, folders: Sequence[str]) -> bool:
    """Writes a kustomization of all folders to `top`, a level for each; False where one may look remote."""
    for number, folder in enumerate(folders):
        unit = top / f"u{number}"
        unit.mkdir(parents=True)
        # kustomize takes no absolute path, and goes by real ones.
        relative = os.path.relpath(os.path.realpath(folder), os.path.realpath(unit))
        if REMOTE.search(relative):
            return False
        _write(unit / "kustomization.yaml", {"resources": [relative], "transformers": ["origin.yaml"]})
        origin = {
            "apiVersion": "builtin",
            "kind": "AnnotationsTransformer",
            "metadata": {"name": "origin"},
            "annotations": {"unit": f"u{number}"},
            "fieldSpecs": [{"path": _FIELD, "create": True}],
        }
        _write(unit / "origin.yaml", origin)
    _write(top / "kustomization.yaml", {"resources": [f"u{number}" for number in range(len(folders))]})
    return True


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _parts(out: bytes, count: int) -> list[list[bytes]] | None:
    """The documents by the number of their kustomization, without the field; None where one does not say."""
    parts: list[list[bytes]] = [[] for _ in range(count)]
    # What kustomize prints are maps in block style: such a line is in no text in them.
    for text in re.split(rb"^---\n", out, flags=re.M):
        found = _ORIGIN.findall(text)
        if len(found) != 1 or text.count(_FIELD.encode()) != 1 or int(found[0]) >= count:
            return None
        parts[int(found[0])].append(_ORIGIN.sub(b"", text))
    return parts


def _touched(parts: Sequence[Sequence[bytes]], trees: Sequence[Tree]) -> set[int]:
    """The kustomizations that may have been touched by another.

    In the end kustomize fixes references to objects that were renamed, in all that it builds: a reference
    is a text that is one of the names that the object had. So where no text, and no former name, is that of
    an object of another kustomization, each was built as it is alone.
    """
    if not any(tree.renames for tree in trees):
        return set()
    touched: set[int] = set()
    owners: dict[str, set[int]] = {}
    texts: list[set[str]] = []
    for number, (part, tree) in enumerate(zip(parts, trees, strict=True)):
        values = [document.value for text in part for document in yamlio.read(text, "", marks=False)]
        named = [_name(value) for value in values]
        if not all(named):
            touched.add(number)
        former = _former(named, tree) if tree.renames else set()
        texts.append(former.union(_scalars(values)))
        for name in former:
            owners.setdefault(name, set()).add(number)
    for number, found in enumerate(texts):
        if any(owners[text] != {number} for text in found & owners.keys()):
            touched.add(number)
    return touched


def _name(value: Any) -> str:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""


def _former(names: Iterable[str], tree: Tree) -> set[str]:
    """All names that the objects, which now have `names`, may have had before, and those."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        pending.append(_HASH.sub("", name))
        pending += [name.removeprefix(prefix) for prefix in tree.prefixes]
        pending += [name.removesuffix(suffix) for suffix in tree.suffixes]
    return found


def _scalars(values: Iterable[Any]) -> Iterator[str]:
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        else:
            yield str(value).lower() if isinstance(value, bool) else str(value)
