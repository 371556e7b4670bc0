"""What Helm charts of the tree depend on: where each of it is, and what is still to be fetched."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.load import files, remotes
from generator.load.lock import Sources
from generator.model import chart, semver
from generator.model.chart import Subchart
from generator.model.definition import Component
from generator.model.document import Document, Position
from generator.model.record import record

_DEEPEST = 20


def subcharts(
    root: Path, components: Iterable[Component], sources: Sources
) -> tuple[chart.Subcharts, Sequence[WeftError]]:
    """The charts that the components' charts, and those in turn, need beside their own charts/ folders.

    With an error for each that is wrong; NotFetched for each that is not here.
    """
    found = _Finder(root, sources)
    for component in components:
        if component.type == "helm" and component.source is not None:
            found.look(component.source, ())
    return found.charts, found.errors


@dataclass
class _Finder:
    root: Path
    sources: Sources
    charts: dict[str, Sequence[Subchart]] = field(default_factory=dict)
    errors: list[WeftError] = field(default_factory=list)

    def look(self, folder: str, above: Sequence[str]) -> None:
        """Finds what the chart in `folder` lacks; `above` are the charts that brought it here."""
        if folder in self.charts:
            return
        self.charts[folder] = ()
        try:
            wanted = _Wanted.read(self.root, folder)
        except WeftError:
            # helm says what is wrong with it, and only in environments that have it.
            return
        if wanted is None or not wanted.entries:
            return
        here = _brought(self.root / folder / "charts")
        lacking = []
        for index, entry in enumerate(wanted.entries):
            try:
                name = _text(entry, "name")
                if name in here or not entry.get("repository"):
                    # Of what has no repository helm itself says that it is missing.
                    continue
                found = self._subchart(folder, name, entry, wanted, index)
                lacking.append(replace(found, names=(name, *filter(None, [_text(entry, "alias")]))))
            except WeftError as error:
                self.errors.append(error)
        unique: dict[str, Subchart] = {}
        for subchart in lacking:
            twin = unique.get(subchart.folder, subchart)
            names = tuple(dict.fromkeys((*twin.names, *subchart.names)))
            unique[subchart.folder] = replace(twin, names=names)
        self.charts[folder] = tuple(unique.values())
        for subchart in unique.values():
            if subchart.folder in (*above, folder) or len(above) > _DEEPEST:
                place = wanted.document.where("dependencies")
                self.errors.append(DefinitionError.at(place, f"`{subchart.name}` depends on itself"))
                continue
            self.look(subchart.folder, (*above, folder))

    def _subchart(
        self, folder: str, name: str, entry: Mapping[str, Any], wanted: _Wanted, index: int
    ) -> Subchart:
        at = wanted.document.where(wanted.key, index)
        repository, version = _text(entry, "repository"), _text(entry, "version")
        try:
            semver.within(version)
        except ValueError as error:
            raise DefinitionError.at(at, f"dependency `{name}`: {error}") from None
        if repository.startswith("file://"):
            return self._beside(folder, name, repository, version, at)
        if repository.startswith(("@", "alias:")):
            raise DefinitionError.at(
                at,
                f"dependency `{name}` names a repository by the name that one machine's helm knows it by:"
                f" `{repository}`",
                "write the repository's URL, or commit the chart into charts/",
            )
        exact = wanted.locked(index, name, self.root, folder)
        foreign = self.sources.owner(folder) is not None
        remote = remotes.chart(repository, name, exact or version, at, foreign=foreign)
        return Subchart(name, self.sources.folder(remote))

    def _beside(self, folder: str, name: str, repository: str, version: str, at: Position) -> Subchart:
        """A chart in another folder of the same definition, or of the same source."""
        path = repository.removeprefix("file://")
        target = posixpath.normpath(posixpath.join(folder, path))
        owner = self.sources.owner(folder)
        top = owner[1] if owner else "."
        outside = target != top and not target.startswith("" if top == "." else f"{top}/")
        if path.startswith("/") or outside or target.startswith(".."):
            whose = owner[0].shown if owner else "the definition"
            raise DefinitionError.at(
                at, f"dependency `{name}`: `{repository}` leads out of {whose}", "commit it into charts/"
            )
        other = files.find_chart(self.root, target)
        if other is None:
            raise DefinitionError.at(
                at, f"dependency `{name}`: there is no chart in {self.sources.shown(target)}"
            )
        actual, there = other.value.get("version"), other.value.get("name")
        if there != name:
            raise DefinitionError.at(at, f"dependency `{name}`: the chart in {target} is named `{there}`")
        if not semver.is_version(str(actual)) or not semver.within(version)(semver.parse(str(actual))):
            raise DefinitionError.at(
                at, f"dependency `{name}`: {target} has version {actual}, and `{version}` is wanted"
            )
        return Subchart(name, target, loose=True)


@record(frozen=True)
class _Wanted:
    """The dependencies that a chart lists, and its lock, if it has one."""

    document: Document
    key: str
    entries: Sequence[Mapping[str, Any]]
    api: Any

    @classmethod
    def read(cls, root: Path, folder: str) -> _Wanted | None:
        """What the chart in `folder` depends on; None where there is no chart. Raises WeftError."""
        described = files.find_chart(root, folder)
        if described is None:
            return None
        document = described
        if not described.value.get("dependencies") and (root / folder / "requirements.yaml").is_file():
            document = files.read(root, files.join(folder, "requirements.yaml"))
        entries = document.value.get("dependencies") or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise DefinitionError.at(document.where("dependencies"), "`dependencies` is no list of charts")
        return cls(document, "dependencies", entries, described.value.get("apiVersion"))

    def locked(self, index: int, name: str, root: Path, folder: str) -> str | None:
        """The version that the chart's own lock has for an entry; None where there is no lock.

        Raises DefinitionError where the lock was made for other dependencies.
        """
        names = [file for file in ("Chart.lock", "requirements.lock") if (root / folder / file).is_file()]
        if not names:
            return None
        lock = files.read(root, files.join(folder, names[0]))
        entries = lock.value.get("dependencies")
        known = entries if isinstance(entries, list) else []
        listed = [entry for entry in known if isinstance(entry, dict)]
        found = chart.digests(self.entries, listed)
        fits = lock.value.get("digest") in found[: 2 if self.api == "v1" else 1]
        if not fits or index >= len(listed) or listed[index].get("name") != name:
            raise DefinitionError.at(
                lock.where("digest"),
                f"{names[0]} was made for other dependencies than there are now",
                f"run `helm dependency update {folder}`, or delete the file: weft.lock has the versions then",
            )
        return str(listed[index].get("version"))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return "" if value is None else str(value)


def _brought(folder: Path) -> frozenset[str]:
    """The names of the charts in a charts/ folder."""
    try:
        entries = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    names = set()
    for entry in entries:
        described: Any = None
        if entry.is_dir() and not entry.name.startswith((".", "_")):
            described = _described(entry / "Chart.yaml")
        elif entry.suffix == ".tgz":
            described = _packed(entry)
        if isinstance(described, dict) and isinstance(described.get("name"), str):
            names.add(described["name"])
    return frozenset(names)


def _described(file: Path) -> Any:
    try:
        return yamlio.read_file(file, file.name).value
    except WeftError:
        # helm says what is wrong with it.
        return None


def _packed(file: Path) -> Any:
    # Imported late: few definitions have packed charts, and all of them start.
    import tarfile
    import zlib

    try:
        with tarfile.open(file) as archive:
            for member in archive:
                if re.fullmatch(r"(?:\./)?[^/]+/Chart\.yaml", member.name) and member.isfile():
                    stream = archive.extractfile(member)
                    documents = yamlio.read(stream.read() if stream else b"", "Chart.yaml", marks=False)
                    return documents[0].value if documents else None
    except (OSError, EOFError, tarfile.TarError, zlib.error, WeftError):
        return None
    return None
