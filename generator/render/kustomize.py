"""Renders folders with a kustomization through kustomize or kubectl, and lets them reach no network."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import NoReturn

from generator import yamlio
from generator.errors import WeftError
from generator.model.document import Document, Position
from generator.model.manifest import Rendered
from generator.model.unit import Unit
from generator.render import kustomization, programs, together
from generator.render.base import Run, objects
from generator.render.kustomization import Tree
from generator.render.once import Once
from generator.render.programs import Finished

# The program, the root, and the folder below it: all that decides what is built.
_Key = tuple[str, str, str]

_HINT = "put kustomize, or kubectl with its `kubectl kustomize`, on PATH"
_KLOG = re.compile(r'^[EF]\d{4} [^\]]*\] "command failed" err=', re.M)


class KustomizeRenderer:
    """Runs `kustomize build`, or `kubectl kustomize`, once for each folder, or for many together. Threads may
    share it."""

    waits = True
    alone = True

    def __init__(self) -> None:
        self._once = Once()
        # Of a folder that is built together with others: what runs that.
        self._building: dict[_Key, Future[None]] = {}
        self._trees: dict[tuple[str, str], Tree] = {}

    def prepare(self, units: Sequence[Unit], run: Run, executor: Executor, jobs: int) -> None:
        """Starts to build together what can be; `render` waits for it, and finds no difference."""
        found: dict[_Key, Tree] = {}
        for unit in units:
            # What is wrong is said where the unit itself is rendered.
            with contextlib.suppress(WeftError):
                tree = self._tree(unit, run)
                key = self._key(unit, run)
                if not tree.alone and key not in self._once and key not in self._building:
                    found[key] = tree
        items = list(found.items())
        if not _quick(items):
            items = [(key, tree) for key, tree in items if not tree.light]
        for batch in together.batches(items, jobs):
            future = executor.submit(self._together, batch, run)
            self._building.update((key, future) for key, _ in batch)
            future.add_done_callback(functools.partial(self._ended, batch))

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The objects that kustomize builds, each from the component's kustomization file.

        Raises SurroundingsError where no kustomize is there or another version, DefinitionError for what
        is wrong with the kustomization, and for what is not in the repository.
        """
        tree = self._tree(unit, run)
        key = self._key(unit, run)
        building = self._building.get(key)
        if building is not None:
            building.result()
        done = self._once.get(key, lambda: _alone(key, tree, run))
        documents = yamlio.read(done.out, tree.file, marks=False)
        plain = [Document(tree.file, document.value) for document in documents]
        return Rendered(tuple(objects(plain, unit, run)))

    def _key(self, unit: Unit, run: Run) -> _Key:
        path = programs.require(("kustomize", "kubectl"), run.requires.kustomize, _HINT)
        return path, os.path.abspath(run.root), unit.component.source or "."

    def _tree(self, unit: Unit, run: Run) -> Tree:
        folder = unit.component.source or "."
        key = (os.path.abspath(run.root), folder)
        if key not in self._trees:
            file = kustomization.find(Path(run.root), folder)
            if file is None:
                _refuse_folder(folder, unit, run)
            locked = unit.component.locked
            top = locked.top(folder) if locked else None
            self._trees[key] = kustomization.read(Path(run.root), folder, file, top)
        return self._trees[key]

    def _together(self, batch: Sequence[tuple[_Key, Tree]], run: Run) -> None:
        path = batch[0][0][0]
        folders = [(key[2], tree) for key, tree in batch]
        for (key, _), out in zip(batch, together.build(_command(path), folders, run), strict=True):
            if out is not None:
                self._once.keep(key, Finished(0, out, ""))

    def _ended(self, batch: Sequence[tuple[_Key, Tree]], _: Future[None]) -> None:
        for key, _tree in batch:
            self._building.pop(key, None)


def _quick(items: Sequence[tuple[_Key, Tree]]) -> bool:
    """Whether it costs little to say of each object where it is from.

    Before version 5 kustomize reads all schemas for it, which takes as long as fifty builds without.
    """
    try:
        light = [key for key, tree in items if tree.light]
        return not light or int(programs.version(light[0][0]).partition(".")[0]) >= 5
    except WeftError:
        return False


def _command(path: str) -> tuple[str, str]:
    return path, "kustomize" if os.path.basename(path) == "kubectl" else "build"


def _alone(key: _Key, tree: Tree, run: Run) -> Finished:
    path, _, folder = key
    with tempfile.TemporaryDirectory(prefix="weft-") as home:
        done = programs.run((*_command(path), f"./{folder}"), run.root, home)
        if done.code:
            said = programs.clean(_complaint(done.err), run.root, home)
            hint = "make it a component of type `helm`" if "--enable-helm" in said else None
            raise kustomization.error(f"kustomize: {said}", Position(tree.file), hint)
    return Finished(0, done.out, "")


def _refuse_folder(folder: str, unit: Unit, run: Run) -> NoReturn:
    if not Path(run.root, folder).is_dir():
        raise kustomization.error(f"there is no folder {folder}", unit.component.place)
    hint = "add a kustomization.yaml, or set `type: static`"
    raise kustomization.error(f"{folder} has no kustomization.yaml", unit.component.place, hint)


def _complaint(said: str) -> str:
    """What kustomize or kubectl says is wrong, on one line and without what surrounds it."""
    start = _KLOG.search(said)
    if start:
        said = said[start.end() :].strip()
        if said.startswith('"'):
            with contextlib.suppress(ValueError):
                said = str(json.loads(said.splitlines()[0]))
        said = said.removeprefix("<").removesuffix(">")
    else:
        said = said[said.find("Error: ") + 7 :] if "Error: " in said else said
    return " ".join(said.split()) or "it failed and did not say why"
