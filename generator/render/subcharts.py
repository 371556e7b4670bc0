"""Puts charts together with the charts that they depend on, in a temporary folder, for helm to render."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from generator.errors import DefinitionError, SurroundingsError
from generator.model.chart import Subchart
from generator.model.source import STORE
from generator.render import programs
from generator.render.base import Run

# A chart may be the definition's root itself.
_NO_PART = shutil.ignore_patterns(".git", STORE)


def places(run: Run, folder: str) -> Sequence[tuple[str, str]]:
    """For each chart that the one in `folder` depends on: what its files are called as parts of that chart,
    and the folder that they are in. What is deeper comes first."""
    found: list[tuple[str, str]] = []

    def look(folder: str, shown: str) -> None:
        for subchart in run.subcharts.get(folder, ()):
            for name in subchart.names:
                below = f"{shown}charts/{name}/"
                look(subchart.folder, below)
                found.append((below, f"{subchart.folder}/"))

    look(folder, "" if folder == "." else f"{folder}/")
    return found


class Subcharts:
    """Whole charts. Threads share it; each chart that others depend on is packed once."""

    def __init__(self) -> None:
        self._packed: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def whole(self, helm: str, run: Run, folder: str, into: str) -> Path:
        """The chart in `folder` with all that it depends on: itself, or a copy in `into`, once for each.

        Raises SurroundingsError where it cannot be copied, DefinitionError where helm makes no package of
        a chart that it depends on.
        """
        chart = Path(run.root, folder)
        lacking = run.subcharts.get(folder, ())
        if not lacking:
            return chart
        try:
            target = Path(into, "whole", chart.resolve().name)
            shutil.copytree(chart, target, ignore=_NO_PART, ignore_dangling_symlinks=True)
            (target / "charts").mkdir(exist_ok=True)
            for number, subchart in enumerate(lacking):
                # Their own names are inside; these must not be the same as any that is there.
                package = target / "charts" / f"{subchart.name}-weft-{number}.tgz"
                package.write_bytes(self._package(helm, run, subchart))
        except OSError as error:
            raise SurroundingsError(f"the chart cannot be copied: {error.strerror}", file=folder) from error
        return target

    def _package(self, helm: str, run: Run, subchart: Subchart) -> bytes:
        key = (run.root, subchart.folder)
        with self._lock:
            found = self._packed.get(key)
        if found is None:
            with tempfile.TemporaryDirectory(prefix="weft-") as home:
                chart = self.whole(helm, run, subchart.folder, home)
                if subchart.loose:
                    found = _made(helm, run, chart, subchart, home)
                else:
                    found = _archive(chart, subchart.name)
            with self._lock:
                self._packed[key] = found
        return found


def _made(helm: str, run: Run, chart: Path, subchart: Subchart, home: str) -> bytes:
    """The package that helm makes of a chart's folder: without what its .helmignore leaves out."""
    target = tempfile.mkdtemp(dir=home)
    argv = [helm, "package", f"--destination={target}", "--", str(chart.absolute())]
    done = programs.run(argv, run.root, home)
    packages = list(Path(target).iterdir())
    if done.code or len(packages) != 1:
        said = programs.clean(done.err.strip(), run.root, home).removeprefix("Error: ")
        raise DefinitionError(f"helm makes no package of it: {said}", file=subchart.folder)
    return packages[0].read_bytes()


def _archive(chart: Path, name: str) -> bytes:
    """All files of a chart that was a package before."""
    packed = io.BytesIO()
    # No clock in it, and no time spent on making it small.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", dereference=True) as archive,
    ):
        for path in sorted(chart.rglob("*")):
            if path.is_file():
                archive.add(path, f"{name}/{path.relative_to(chart).as_posix()}")
    return packed.getvalue()
