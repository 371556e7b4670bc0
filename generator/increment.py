"""Makes again only the components that changed files belong to, where that can be shown to be enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator import resolve, yamlio
from generator.errors import WeftError
from generator.model.definition import ComponentPath, Definition
from generator.model.filenames import COMPONENT_FILES, KUSTOMIZATION_FILES
from generator.model.finding import Finding
from generator.model.manifest import JSON, WORKLOADS, Manifest, mapping, maps
from generator.model.output import INVENTORY, KUSTOMIZATION, Output
from generator.model.record import record
from generator.model.request import Progress
from generator.pipeline import Made, Run
from generator.report import Result

# By type, the files that may lead a program out of a source, and what they do that with.
_FOLLOWED: Mapping[str, tuple[Sequence[str], str]] = {
    "kustomize": (KUSTOMIZATION_FILES, ".."),
    "helm": (("Chart.yaml",), "file://"),
}
# Beyond this share of the tree, rendering everything costs little more.
_MOST = 0.3


@record(frozen=True)
class Before:
    """What the run before made of one environment; `files` are all that it owns, below its folder."""

    objects: int
    files: Collection[str]
    notes: Sequence[str]
    findings: Sequence[Finding]


def outputs(
    run: Run, changed: Sequence[str], before: Mapping[str, Before], generated: Path
) -> Sequence[Output] | None:
    """The outputs of a run that differs from an earlier one in the content of the files `changed` only.

    They hold the files of the components that these belong to; what else the earlier run wrote into
    `generated` is `kept`. None where more than those may differ, or anything is to be told of them.
    """
    parts = _parts(run.definition, changed)
    definition = run.definition
    if parts is None or definition.dialect != "weft" or definition.policies or definition.variants:
        return None
    told = any(item.notes for item in before.values())
    if told and any(file.rpartition("/")[2] in COMPONENT_FILES for file in changed):
        # Which clusters a component is left out of is told for all together.
        return None
    made = []
    try:
        with ThreadPoolExecutor(run.request.jobs) as executor:
            for name in resolve.chosen(run.definition, run.request):
                part = _Part(run, name, parts, before.get(name), generated)
                output = part.output(executor)
                if output is None:
                    return None
                made.append(output)
    except WeftError:
        # A whole run says all that there is to say.
        return None
    return made


def _parts(definition: Definition, changed: Sequence[str]) -> Sequence[ComponentPath] | None:
    """The components whose folders or sources the files are in; None where others may read them."""
    everything = list(definition.tree.walk())
    found: set[ComponentPath] = set()
    for file in changed:
        owners = [item for item in everything if _within(file, item.folder)]
        deepest = max((len(item.folder) for item in owners if item.folder != "."), default=0)
        if not deepest:
            return None
        found.update(item.path for item in owners if len(item.folder) == deepest)
        found.update(item.path for item in everything if item.source and _within(file, item.source))
    sources = {(item.type, item.source) for item in everything if item.source}
    if () in found or any(_reads_elsewhere(definition.root, *source) for source in sources):
        return None
    top = [path for path in found if not any(path[:depth] in found for depth in range(len(path)))]
    concerned = sum(_is_below(item.path, top) for item in everything)
    return sorted(top) if concerned <= _MOST * len(everything) else None


def _within(file: str, folder: str) -> bool:
    return folder == "." or file == folder or file.startswith(f"{folder}/")


def _is_below(path: ComponentPath, tops: Collection[ComponentPath]) -> bool:
    return any(path[: len(top)] == top for top in tops)


def _reads_elsewhere(root: str, kind: str, source: str) -> bool:
    """Whether a program may read files for a component of the type that are not in its source."""
    names, sign = _FOLLOWED.get(kind, ((), ""))
    top = Path(root, source)
    return any(sign in file.read_text(errors="replace") for name in names for file in top.rglob(name))


@record(frozen=True)
class _Part:
    """The components at and below `parts` in one environment."""

    run: Run
    name: str
    parts: Sequence[ComponentPath]
    before: Before | None
    generated: Path

    def output(self, executor: ThreadPoolExecutor) -> Output | None:
        """The environment's output, or None; raises WeftError where something does not render."""
        before = self.before
        if before is None:
            return None
        parts, made = self._made(executor)
        if made.errors or made.notes or not _routes_their_own(made) or _laid_by_others(made, parts):
            return None
        labels = {"/".join(path) for path in parts}
        if any(item.severity != "note" and _names(item.component, labels) for item in before.findings):
            return None
        texts = made.texts()
        theirs = [path for path in before.files if _is_theirs(path, labels)]
        if set(theirs) != texts.keys() or not self._same_for_others(made, texts):
            return None
        return Output(
            environment=self.name,
            files=texts,
            kept=[path for path in before.files if path not in texts],
            objects=before.objects,
            notes=before.notes,
            findings=before.findings,
        )

    def _made(self, executor: ThreadPoolExecutor) -> tuple[Sequence[ComponentPath], Made]:
        environment = resolve.environment(self.run.definition, self.run.request, self.name)

        def near(path: ComponentPath) -> bool:
            return _is_below(path, self.parts) or any(part[: len(path)] == path for part in self.parts)

        units = self.run.resolver.units(environment, near=near)
        # What a deployment renders and what its service makes of it belong together.
        services = [unit.path for unit in units if unit.route and not _is_below(unit.path, self.parts)]
        if services:
            wider = {next((top for top in services if part[: len(top)] == top), part) for part in self.parts}
            return replace(self, parts=sorted(wider))._made(executor)
        own = [unit for unit in units if _is_below(unit.path, self.parts)]
        return self.parts, self.run.made(own, executor, Progress())

    def _same_for_others(self, made: Made, texts: Mapping[str, bytes]) -> bool:
        """Whether all that other objects, and the checks across them, see of the new objects is as it was."""
        old: dict[str, Sequence[Manifest]] = {}
        for path, objects in made.files.items():
            text = (self.generated / self.name / path).read_bytes()
            if text == texts[path]:
                old[path] = objects
                continue
            read = yamlio.read(text, path, marks=False)
            if [_shape(item.value) for item in read] != [_shape(item.data) for item in objects]:
                return False
            old[path] = [item.with_data(was.value) for item, was in zip(objects, read, strict=True)]
        findings = self.run.findings
        if findings is None:
            return True
        environment = resolve.environment(self.run.definition, self.run.request, self.name)
        evidence = [
            findings.evidence(environment, made.units, files, made.scopes) for files in (old, made.files)
        ]
        return evidence[0] == evidence[1]


def _routes_their_own(made: Made) -> bool:
    """Whether every route is of a Service that is among what was made."""
    objects = [item for items in made.files.values() for item in items]
    services = {item.name for item in objects if item.kind == "Service"}
    return all(unit.route.service in services for unit in made.units if unit.route is not None)


def _laid_by_others(made: Made, parts: Collection[ComponentPath]) -> bool:
    """Whether rules from above the parts are laid over them: these may meet nothing else."""
    for unit in made.units:
        layers = unit.layers
        said = [item.component for item in layers.images]
        said += [item.component for item in layers.replicas]
        said += [item.component for item in layers.patches]
        if unit.namespaces or not all(_is_below(path, parts) for path in said):
            return True
    return False


def _names(component: str, labels: Collection[str]) -> bool:
    return any(_within(component, label) for label in labels)


def _is_theirs(path: str, labels: Collection[str]) -> bool:
    """Whether a file holds objects of theirs; kustomizations of folders name files and no more."""
    name = path.rpartition("/")[2]
    return name not in (KUSTOMIZATION, INVENTORY) and any(path.startswith(f"{label}/") for label in labels)


# What an object says to nobody but its own pods. All else may be read by checks of other objects.
_OWN = "(its own)"


def _shape(data: Any) -> Any:
    """`data` without the values that no other object, and no check across objects, looks at."""
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind == "ConfigMap" and data.get("apiVersion") == "v1":
        return {**data, **{key: _blank(data[key]) for key in ("data", "binaryData") if key in data}}
    if kind not in WORKLOADS:
        return data
    return _blank_pods(data)


def _blank(value: Any) -> Any:
    return dict.fromkeys(value, _OWN) if isinstance(value, dict) else value


def _blank_pods(data: JSON) -> JSON:
    """A workload without how many pods it has and what only their containers read."""
    spec = dict(mapping(data, "spec"))
    if isinstance(spec.get("replicas"), int):
        spec["replicas"] = _OWN
    template = dict(mapping(spec, "template"))
    metadata = dict(mapping(template, "metadata"))
    if "annotations" in metadata:
        metadata["annotations"] = _blank(metadata["annotations"])
    if "template" in spec:
        pods = dict(mapping(template, "spec"))
        for key in ("containers", "initContainers"):
            if key in pods:
                pods[key] = [_blank_container(item) for item in maps(pods, key)]
        spec["template"] = {**template, "metadata": metadata, "spec": pods}
    return {**data, "spec": spec}


def _blank_container(container: JSON) -> JSON:
    blank = dict(container)
    for key in ("image", "args", "command", "resources"):
        if key in blank:
            blank[key] = _OWN
    if "env" in blank:
        blank["env"] = [{**item, "value": _OWN} if "value" in item else item for item in maps(blank, "env")]
    return blank


def before_of(results: Iterable[Result], files: Iterable[str]) -> Mapping[str, Before]:
    """What an earlier run made of each environment: its results, and the files that it wrote."""
    paths: dict[str, list[str]] = {}
    for file in files:
        environment, _, path = file.partition("/")
        paths.setdefault(environment, []).append(path)
    return {
        result.environment: Before(
            result.objects, paths.get(result.environment, ()), result.notes, result.findings
        )
        for result in results
    }
