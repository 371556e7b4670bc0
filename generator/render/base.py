"""What every renderer is: one Protocol, and what all of them may know of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import field
from typing import Any, Protocol, runtime_checkable

from generator.errors import DefinitionError
from generator.model.chart import Subcharts
from generator.model.document import Document, Path, Position
from generator.model.formats import Requires
from generator.model.manifest import JSON, Manifest, Rendered
from generator.model.record import record
from generator.model.unit import Unit
from generator.render.shelf import Shelf


@record(frozen=True)
class Run:
    """What holds for all units: the definition's root folder, its dialect, required tool versions, the
    charts that Helm charts need beside what is in their folders, and where what programs print is kept."""

    root: str
    dialect: str = "weft"
    requires: Requires = field(default_factory=Requires)
    subcharts: Subcharts = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf, compare=False, repr=False)


class Renderer(Protocol):
    """Turns a unit into objects. `waits` tells that it waits for another program, so that threads pay;
    `alone`, that it does that best for all environments in one process."""

    waits: bool
    alone: bool

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The objects of `unit`; raises WeftError that names file and line where they are known."""


@runtime_checkable
class Preparing(Protocol):
    """A renderer that renders several units of one environment for less than each by itself."""

    def prepare(self, units: Sequence[Unit], run: Run, executor: Executor, jobs: int) -> None:
        """Starts on the threads of `executor` what `render` then waits for; raises nothing.

        `jobs` of them run side by side. What it starts is to be before all that waits for it.
        """


def objects(documents: Iterable[Document], unit: Unit, run: Run) -> Iterator[Manifest]:
    """The documents as objects. Outside the dialect Lists are opened and each must have a kind."""
    component = unit.component.label
    for index, (data, document, path) in enumerate(opened(documents, run)):
        yield Manifest(data, document.where(*path), component, index)


def opened(documents: Iterable[Document], run: Run) -> Iterator[tuple[JSON, Document, Path]]:
    """Each object with the document that it stands in and its path there; raises as `objects` does."""
    for document in documents:
        if not isinstance(document.value, dict):
            place = document.where()
            raise DefinitionError.at(
                place,
                f"found a {type(document.value).__name__}, expected a Kubernetes object",
            )
        yield from _opened(document.value, document, run, ())


def _opened(data: Any, document: Document, run: Run, path: Path) -> Iterator[tuple[JSON, Document, Path]]:
    place = document.where(*path)
    kind = data.get("kind") if isinstance(data, dict) else None
    if run.dialect == "fabrikate":
        yield data, document, path
        return
    if not isinstance(kind, str) or not kind or not isinstance(data.get("apiVersion"), str):
        missing = "`kind`" if not isinstance(kind, str) or not kind else "`apiVersion`"
        raise DefinitionError.at(place, f"this document has no {missing}, so it is no Kubernetes object")
    if kind.endswith("List") and isinstance(data.get("items"), list):
        for index, item in enumerate(data["items"]):
            yield from _opened(item, document, run, (*path, "items", index))
        return
    metadata = data.get("metadata")
    _check_metadata(kind, metadata, place)
    if not isinstance(metadata, dict) or not (metadata.get("name") or metadata.get("generateName")):
        raise DefinitionError.at(place, f"{kind} has no `metadata.name`")
    yield data, document, path


def _check_metadata(kind: str, metadata: Any, place: Position) -> None:
    """Raises DefinitionError where `metadata` has another shape than every object's has."""
    for key, wanted, words in _METADATA if isinstance(metadata, dict) else ():
        value = metadata.get(key)
        if value is not None and not isinstance(value, wanted):
            raise DefinitionError.at(
                place,
                f"`metadata.{key}` of {kind} is {value!r}, expected {words}",
                "put it in quotes" if wanted is str else None,
            )


_METADATA: tuple[tuple[str, type, str], ...] = (
    ("name", str, "a string"),
    ("generateName", str, "a string"),
    ("namespace", str, "a string"),
    ("labels", dict, "a map"),
    ("annotations", dict, "a map"),
)
