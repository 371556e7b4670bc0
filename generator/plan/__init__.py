"""Which unit goes to which path, and in which order files apply; renders nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from generator import yamlio
from generator.errors import DefinitionError
from generator.model.definition import Component, ComponentPath, Environment
from generator.model.namespaces import mapped_lines
from generator.model.output import INVENTORY, KUSTOMIZATION, apply_order, inventory_bytes


def paths(tree: Component, dialect: str) -> Mapping[ComponentPath, str]:
    """The output file of each component, below the environment's folder.

    Raises DefinitionError where two components of the dialect, which names files by the name inside
    the component, land on one path; outside it the tree itself rules that out.
    """
    if dialect != "fabrikate":
        return {component.path: _path(component) for component in tree.walk()}
    found: dict[ComponentPath, str] = {}
    takers: dict[str, Component] = {}
    for component, folder in _fabrikate(tree, ()):
        path = "/".join((*folder, f"{component.title}.yaml"))
        if path in takers and takers[path].type != "component" and component.type != "component":
            twin = takers[path]
            raise DefinitionError.at(
                component.place,
                f"components `{twin.label}` ({twin.place}) and `{component.label}` both land on {path}",
                hint="rename one",
            )
        if component.type != "component":
            takers[path] = component
        found[component.path] = path
    return found


def withdrawn(paths: Mapping[ComponentPath, str], environment: Environment) -> frozenset[str]:
    """The output files of the components, and those below them, that the environment's own file disables."""
    nodes = environment.configs[0].nodes if environment.configs else {}
    off = {path for path, config in nodes.items() if config.keys.disabled}
    if not off:
        return frozenset()
    return frozenset(
        file for path, file in paths.items() if any(path[:end] in off for end in range(len(path) + 1))
    )


def _path(component: Component) -> str:
    return "/".join((*component.path, f"{component.name}.yaml"))


def _fabrikate(component: Component, folder: tuple[str, ...]) -> Iterable[tuple[Component, tuple[str, ...]]]:
    """Components with their folders: an inlined one writes beside its parent."""
    if component.path and component.loaded:
        folder = (*folder, component.name)
    yield component, folder
    for child in component.children:
        yield from _fabrikate(child, folder)


def finish(
    files: Mapping[str, bytes],
    ranks: Mapping[str, int],
    *,
    split: bool = False,
    mapped: Mapping[str, str] | None = None,
) -> Mapping[str, bytes]:
    """An environment's files with its kustomization and its inventory.

    `ranks` say when each file applies, those of an earlier run that stay among them. With
    `split` each folder has a kustomization of its own, so that it can be built without those below it.
    `mapped` are the names in the definition of namespaces that no Namespace among the files tells.
    """
    order = apply_order(ranks)
    made = {KUSTOMIZATION: mapped_lines(mapped or {}) + _kustomization(order)}
    if split:
        folders: dict[str, list[str]] = {}
        for path in order:
            folder, slash, name = path.rpartition("/")
            folders.setdefault(folder + slash, []).append(name)
        for folder, names in folders.items():
            made.setdefault(f"{folder}{KUSTOMIZATION}", _kustomization(names))
    return {**files, **made, INVENTORY: inventory_bytes((*order, *made, INVENTORY))}


def _kustomization(resources: Sequence[str]) -> bytes:
    # kustomize 5.2 and later take a kustomization that says nothing at all for a mistake, and so does Flux
    # before 2.3, which then prunes nothing.
    said = {} if resources else {"buildMetadata": ["originAnnotations"]}
    return yamlio.emit(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(resources),
            **said,
        }
    ).encode()
