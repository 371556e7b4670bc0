"""Names: components and layers that are no DNS labels, files that name themselves otherwise, old words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.convert.edits import Edits
from generator.convert.environments import as_label
from generator.errors import DefinitionError
from generator.load.sites import Site, Sites
from generator.model.definition import Component, ComponentPath, ConfigSet
from generator.model.document import Position


def names(
    own: Sequence[Component],
    found: Mapping[ComponentPath, Sites],
    sets: Sequence[tuple[Component, ConfigSet]],
    edits: Edits,
) -> None:
    """Gives every component the name that weft wants. Raises DefinitionError where there is none for it."""
    labels = {component.path: _label(component, edits) for component in own}
    _collisions(own, labels)
    for component in own:
        site = found[component.path]
        _named(component, labels[component.path], site, edits)
        for place in {(one.file, one.keys): one for one in (site.own, site.reference) if one}.values():
            _words(place, edits)
    _inner_names(own, labels, found, edits)
    for component, config in sets:
        _config_keys(component, config, labels, edits)


def _label(component: Component, edits: Edits) -> str:
    label = as_label(component.name)
    if label is None:
        raise DefinitionError.at(
            component.place, f"there is no DNS label like `{component.name}`", "rename it"
        )
    if label != component.name:
        edits.note(f"component `{component.label}` is called `{label}`: names are DNS labels")
    return label


def _collisions(own: Sequence[Component], labels: Mapping[ComponentPath, str]) -> None:
    taken: dict[ComponentPath, Component] = {}
    for component in own:
        if not component.path:
            continue
        path = (*component.path[:-1], labels[component.path])
        if path in taken:
            raise DefinitionError.at(
                component.place,
                f"`{component.label}` and `{taken[path].label}` would both be called `{path[-1]}`",
                "rename one",
            )
        taken[path] = component


def _named(component: Component, label: str, site: Sites, edits: Edits) -> None:
    if site.naming.value.get("name") not in (None, label) and (site.reference or not component.path):
        edits.set(site.naming.file, (*site.naming.keys, "name"), label, "names are DNS labels")
    # The release's name is part of what a chart renders; Fabrikate takes the name inside the component.
    if component.type == "helm" and component.title != label:
        options = site.reference if site.reference and site.reference.value.get("helm") else site.own
        edits.set(
            options.file,
            (*options.keys, "helm", "release"),
            component.title,
            f"the chart's release keeps its name, which is not that of the component, `{label}`",
        )


def _inner_names(
    own: Sequence[Component],
    labels: Mapping[ComponentPath, str],
    found: Mapping[ComponentPath, Sites],
    edits: Edits,
) -> None:
    """A loaded file is named like its reference; one with several references has no name of its own."""
    users: dict[str, tuple[Site, set[str]]] = {}
    for component in own:
        site = found[component.path].own
        if component.loaded and component.path and site.value.get("name") is not None:
            users.setdefault(site.file, (site, set()))[1].add(labels[component.path])
    for file, (site, wanted) in users.items():
        if len(wanted) > 1:
            edits.take_out(file, ("name",), f"it is brought in as {', '.join(sorted(wanted))}")
        elif site.value["name"] not in wanted:
            edits.set(file, ("name",), min(wanted), "a component is named like its reference")


def _words(site: Site, edits: Edits) -> None:
    value = site.value
    if "generator" in value and "type" in value:
        edits.take_out(site.file, (*site.keys, "generator"), "`type` says it")
    elif "generator" in value:
        place = site.document.where(*site.keys, "generator")
        edits.rename(place, (*site.keys, "generator"), "type", "weft's word for `generator`")
    if "repositories" in value:
        edits.take_out(site.file, (*site.keys, "repositories"), "Fabrikate reads it and does nothing with it")


def _config_keys(
    component: Component, config: ConfigSet, labels: Mapping[ComponentPath, str], edits: Edits
) -> None:
    for path, node in config.nodes.items():
        label = labels.get((*component.path, *path))
        if path and label is not None and label != path[-1]:
            place: Position = node.where()
            edits.rename(place, node.prefix, label, "names are DNS labels")
