"""The parts of an environment that are delivered one by one, and which of them waits for which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator import yamlio
from generator.errors import DefinitionError, suggestion
from generator.model.definition import Component, Environment
from generator.model.document import Position
from generator.model.manifest import Manifest, mapping
from generator.model.output import KUSTOMIZATION
from generator.model.record import record

Edge = tuple[str, str]


@record(frozen=True)
class Part:
    """One component's folder with its objects; `waits_for` are folders that must be ready first."""

    folder: str
    objects: Sequence[Manifest]
    waits_for: Sequence[str] = ()


def manifests(files: Mapping[str, bytes]) -> Mapping[str, Sequence[Manifest]]:
    """The objects of an environment's output, by folder."""
    found: dict[str, list[Manifest]] = {}
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if name.endswith(".yaml") and name != KUSTOMIZATION:
            objects = found.setdefault(folder, [])
            for document in yamlio.read(files[path], path, marks=False):
                objects.append(Manifest(document.value, Position(path), folder))
    return found


def split(environment: Environment, tree: Component, files: Mapping[str, bytes]) -> Sequence[Part]:
    """One part for each folder of the output, in the order of their paths.

    A part waits for those that hold its namespaces and the CRDs of its objects, for what the
    environment file says, and for the nearest component above it, where that makes no circle: what an
    object needs and what a user says weigh more than the tree. Raises DefinitionError for a circle in
    those, for a name that is no component, and for objects that stand outside all folders.
    """
    found = manifests(files)
    if "" in found:
        raise DefinitionError.at(
            environment.deliver_place,
            f"`split: component` needs a folder a component, and {found[''][0].source.file} has none: "
            "the root component renders it",
            hint="make it a subcomponent of its own, or say `split: environment`",
        )
    graph: dict[str, set[str]] = {folder: set() for folder in found}
    for waiting, needed in (*_needs(found), *_said(environment, tree, found)):
        _join(graph, waiting, needed)
    circle = _circle(graph)
    if circle:
        raise DefinitionError.at(
            environment.deliver_place,
            f"with `split: component` these would wait for each other for ever: {' -> '.join(circle)}",
            hint="take one out of `dependsOn`, move a Namespace or CRD to a component of its own, "
            "or say `split: environment`",
        )
    for waiting, needed in _tree(found):
        if waiting not in _reached(graph, needed):
            _join(graph, waiting, needed)
    return [Part(folder, found[folder], sorted(graph[folder])) for folder in sorted(found)]


def _join(graph: dict[str, set[str]], waiting: str, needed: str) -> None:
    if waiting != needed:
        graph[waiting].add(needed)


def _needs(found: Mapping[str, Sequence[Manifest]]) -> Iterator[Edge]:
    """Who lives in whose Namespace, and who is of a kind that whose CRD defines."""
    namespaces: dict[str, str] = {}
    kinds: dict[tuple[object, object], str] = {}
    for folder, objects in found.items():
        for item in objects:
            if item.kind == "Namespace" and not item.group:
                namespaces.setdefault(item.name, folder)
            elif item.kind == "CustomResourceDefinition":
                spec = mapping(item.data, "spec")
                kinds.setdefault((spec.get("group"), mapping(spec, "names").get("kind")), folder)
    for folder, objects in found.items():
        for item in objects:
            for maker in (namespaces.get(item.namespace), kinds.get((item.group, item.kind))):
                if maker is not None:
                    yield folder, maker


def _said(environment: Environment, tree: Component, folders: Iterable[str]) -> Iterator[Edge]:
    """What `dependsOn` in the environment file says, for all components at or below those it names."""
    flux = environment.deliver.flux if environment.deliver else None
    for path, others in ((flux.depends_on if flux else None) or {}).items():
        waiting = _named(path, environment, tree, folders)
        for other in others or ():
            needed = _named(other, environment, tree, folders)
            # A component within the one it would wait for does not wait for itself.
            yield from ((folder, one) for folder in waiting if folder not in needed for one in needed)


def _named(path: str, environment: Environment, tree: Component, folders: Iterable[str]) -> list[str]:
    component = path.strip("/")
    if tree.find(tuple(component.split("/"))) is None:
        known = [item.label for item in tree.walk() if item.path]
        raise DefinitionError.at(
            environment.depends_on_places.get(path),
            f"`dependsOn` names `{path}`, which is no component",
            hint=suggestion(path, known),
        )
    # A component that is disabled here renders nothing, and nothing has to wait for it.
    return [folder for folder in folders if folder == component or folder.startswith(f"{component}/")]


def _tree(found: Iterable[str]) -> Iterator[Edge]:
    """A child with the nearest component above it that renders anything."""
    folders = set(found)
    for folder in sorted(folders):
        above = folder.rpartition("/")[0]
        while above and above not in folders:
            above = above.rpartition("/")[0]
        if above:
            yield folder, above


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """All that `start` waits for, itself included."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(graph[node])
    return reached


def _circle(graph: Mapping[str, set[str]]) -> Sequence[str]:
    """A circle in the graph, its first node again at its end; empty where there is none."""
    done: set[str] = set()
    for start in sorted(graph):
        path: list[str] = []
        steps: list[Iterator[str]] = [iter((start,))]
        while steps:
            node = next(steps[-1], None)
            if node is None:
                steps.pop()
                if path:
                    done.add(path.pop())
            elif node in path:
                return [*path[path.index(node) :], node]
            elif node not in done:
                path.append(node)
                steps.append(iter(sorted(graph[node])))
    return ()
