"""A run that ended well, and whether everything that it read and wrote is as it was."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import generator
from generator.cache import stat, store
from generator.cache.stat import Seen
from generator.model.filenames import KUSTOMIZATION_FILES
from generator.model.record import record
from generator.model.source import STATE

_FORMAT = 1
# Nothing that weft reads is in them, and they are large.
_WITHOUT = (".git", ".venv", "node_modules", STATE)
_CLIMBS = re.compile(r"(?:\.\.[/\\]*)+")
_PROGRAMS = ("helm", "kustomize", "kubectl")


@record(frozen=True)
class Finished:
    """What a run that ended well has to say when it runs again and nothing changed; JSON data throughout."""

    notes: Sequence[str]
    results: Sequence[Mapping[str, Any]]


@dataclass
class Question:
    """One run: the folder it runs in, its output folder, and all that its options say.

    `answer` before the run says what came of it last time; `keep` after it saves that for the next time.
    A run that does not write has an output folder all the same: what is in it is no input.
    """

    root: str
    output: str
    options: Mapping[str, Any]
    writes: bool = True
    changed: Sequence[str] = field(init=False, default=())
    before: Finished | None = field(init=False, default=None)
    _before: Mapping[str, Seen] | None = field(init=False, default=None)
    _record: Mapping[str, Any] = field(init=False, default_factory=dict)
    _began: int = field(init=False, default=0)

    def answer(self) -> Finished | None:
        """What the run came to last time, if nothing that it read or wrote has changed since.

        Where only the content of some inputs did, `changed` has them and `before` what the run came to.
        """
        self._began = time.time_ns()
        self._before = stat.tree(self.root, self._without)
        record = store.load(self._key)
        if self._before is None or not isinstance(record, dict) or record.get("format") != _FORMAT:
            return None
        fresh = _Comparison(self._began)
        try:
            changed = fresh.differing(self.root, self._before, record["inputs"])
            if changed is None or self._listed() != record["listed"]:
                return None
            if fresh.differing(self.output, self._outputs(record["outputs"]), record["outputs"]) != []:
                return None
            finished = Finished(record["notes"], record["results"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        self._record = record
        if changed:
            self.changed, self.before = changed, finished
            return None
        if fresh.touched:
            # By content all is as it was: next time stat data will do.
            store.save(self._key, record)
        return finished

    @property
    def written(self) -> Collection[str]:
        """The files in the output folder that the run before owned."""
        return self._record.get("outputs", {}).keys() if self.before else ()

    def recalled(self) -> Mapping[str, Any]:
        """What the run before was given to keep as the content of those inputs that have not changed."""
        found = store.load(self._key_of_contents) if self.before else None
        inputs = self._record.get("inputs", {})
        try:
            return {
                path: value
                for path, (content, value) in (found or {}).items()
                if path not in self.changed and content is not None and inputs[path][1] == content
            }
        except (AttributeError, KeyError, TypeError, ValueError):
            return {}

    def keep(
        self,
        finished: Finished,
        files: Collection[str],
        folders: Collection[str],
        *,
        written: Collection[str] = (),
        contents: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Saves what the run came to; `files` are those that it owns in the output folder, `written` those
        that it changed, `contents` is JSON data by the path of an input, which `recalled` gives again.

        Nothing is saved where a file was changed during the run, or so shortly before that the next
        change might not show; nor where one of `folders`, which it read from, is not looked at.
        """
        if any(map(self._unseen, folders)):
            return
        before, after = self._before, stat.tree(self.root, self._without)
        if before is None or after != before:
            return
        if not all(state.settled(self._began) for path, state in before.items() if path[-1] != "/"):
            return
        if any(self._leads_out(path) for path in before if path.rpartition("/")[2] in KUSTOMIZATION_FILES):
            return
        known = self._record
        inputs = _described(self.root, before, known.get("inputs", {}))
        # What was as recorded when the run began, and was not written since, need not be looked at again: if
        # somebody else changes it meanwhile, the next run finds it otherwise than recorded.
        same = known.get("outputs", {})
        same = {path: same[path] for path in files if path in same and path not in written}
        outputs = _described(self.output, self._outputs([path for path in files if path not in same]), {})
        if inputs is None or outputs is None:
            return
        outputs.update(same)
        record = {
            "format": _FORMAT,
            "notes": list(finished.notes),
            "results": list(finished.results),
            "inputs": inputs,
            "outputs": outputs,
            "listed": self._listed(),
        }
        store.save(self._key, record)
        # By digest, since the two are not saved in one step.
        kept = {path: [inputs[path][1], value] for path, value in contents.items() if path in inputs}
        store.save(self._key_of_contents, kept)

    @property
    def _key_of_contents(self) -> str:
        return f"{self._key}.contents"

    @functools.cached_property
    def _without(self) -> Collection[str]:
        """The folders below the root that are not looked at: weft's own output among them."""
        inside = os.path.relpath(self.output, self.root)
        return (*_WITHOUT, inside) if not inside.startswith("..") else _WITHOUT

    def _unseen(self, folder: str) -> bool:
        """Whether a folder is outside the root, or in one that is left out."""
        path = os.path.normpath(folder)
        return path.startswith("..") or any(f"{path}/".startswith(f"{out}/") for out in self._without)

    def _leads_out(self, path: str) -> bool:
        """Whether a kustomization may read what is not looked at."""
        try:
            text = Path(self.root, path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return True
        if any(out in text for out in self._without):
            return True
        return any(climb.count("..") > path.count("/") for climb in _CLIMBS.findall(text))

    def _outputs(self, files: Collection[str]) -> Mapping[str, Seen]:
        found = {path: stat.seen(f"{self.output}/{path}") for path in files}
        return {path: state for path, state in found.items() if state is not None}

    def _listed(self) -> Sequence[str]:
        """What is in the output folder itself: a folder that came since may be an old environment's."""
        try:
            return sorted(os.listdir(self.output)) if self.writes else []
        except OSError:
            return []

    @functools.cached_property
    def _key(self) -> str:
        """The name of the record: the run's question, and all code and programs that answer it."""
        package = Path(generator.__file__).parent
        code = stat.tree(str(package)) or {}
        programs = [(name, shutil.which(name)) for name in _PROGRAMS]
        asked = {
            "weft": generator.__version__,
            "python": sys.version,
            "code": sorted((path, state) for path, state in code.items() if path.endswith((".py", ".gz"))),
            "packages": list(stat.packages(sys.path)),
            "programs": [(name, path, stat.seen(path) if path else None) for name, path in programs],
            "root": os.path.realpath(self.root),
            "output": os.path.realpath(self.output),
            "options": self.options,
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class _Comparison:
    """Compares files with how they were recorded; `touched` where a record was brought up to date."""

    def __init__(self, now: int) -> None:
        self.touched = False
        self._now = now

    def differing(self, top: str, found: Mapping[str, Seen], known: dict[str, list[Any]]) -> list[str] | None:
        """The files with other content, sorted; None where not the same files are there."""
        if found.keys() != known.keys():
            return None
        differing = []
        for path, state in found.items():
            was, content = known[path]
            if was == list(state):
                continue
            if content is None or stat.digest(f"{top}/{path}", state) != content:
                differing.append(path)
                continue
            known[path] = [list(state) if state.settled(self._now) else None, content]
            self.touched = True
        return sorted(differing)


def _described(
    top: str, found: Mapping[str, Seen], known: Mapping[str, list[Any]]
) -> dict[str, list[Any]] | None:
    """Each file with its state, where that can be trusted, and its digest; None where one is changing.

    What is in its state of `known` has the content of then.
    """
    now = time.time_ns()
    described: dict[str, list[Any]] = {}
    for path, state in found.items():
        told = list(state)
        if path[-1] == "/":
            described[path] = [told, None]
            continue
        if known.get(path, _UNKNOWN)[0] == told:
            described[path] = known[path]
            continue
        content = stat.digest(f"{top}/{path}", state)
        if content is None:
            return None
        described[path] = [told if state.settled(now) else None, content]
    return described


_UNKNOWN: list[Any] = [None, None]
