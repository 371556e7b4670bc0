"""Reads the user's files into the frozen model, with source positions; merges nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator.errors import DefinitionError, Several, UsageError, WeftError
from generator.load import (
    access,
    baseline,
    charts,
    configs,
    effects,
    environments,
    files,
    lock,
    placements,
    sources,
)
from generator.load.customresources import crds, named_crds
from generator.load.foreign import manifests
from generator.load.lock import NotFetched, Sources
from generator.load.tree import TreeLoader
from generator.model.chart import Subcharts
from generator.model.definition import Component, ConfigSet, Definition, Environment, Failure
from generator.model.document import Document
from generator.model.document import Path as DocumentPath
from generator.model.filenames import POLICIES
from generator.model.formats import ComponentFile, FabrikateComponentFile, Requires, Validation
from generator.model.patches import PlacedPatch
from generator.model.record import record
from generator.model.source import Remote

if TYPE_CHECKING:
    from generator.model.policy import Policy

Clusters = Mapping[str, Environment | Failure]


def load(
    root: str = ".",
    *,
    dialect: str | None = None,
    layers: Sequence[str] = (),
    wanted: Collection[str] | None = None,
    judged: bool = True,
    hooks: bool = False,
) -> Definition:
    """The definition in the folder `root`.

    `wanted` are the environments whose config is needed (all where None), `layers` the dialect's;
    policies are read where it is to be `judged`; a note names each component whose hooks do not run, unless
    `hooks` says that they do.
    Raises Several or another WeftError where shared files are at fault; a file that only some
    environments reach becomes a Failure in its place.
    """
    folder = Path(root)
    document = _root_file(folder)
    dialect = dialect or _dialect(document)
    if layers and dialect != "fabrikate":
        raise UsageError(
            "`--layer` belongs to the dialect: add `--dialect fabrikate`",
            hint="outside it, layers stand in environments/<name>.yaml",
        )
    _check_versions(document)
    clusters = environments.load(folder)
    fetched = Sources(folder, lock.read(folder))
    tree = _tree(folder, dialect, document, fetched)
    if misplaced := placements.check(tree, clusters):
        raise Several(misplaced)
    # A share depends on who is disabled anywhere.
    wanted = None if placements.splits(tree) else wanted
    config = configs.ConfigLoader(
        folder, dialect, _wanted(clusters, wanted, layers), _known(clusters) if dialect == "weft" else None
    )
    levels = config.load(tree)
    if config.errors:
        raise Several(config.errors)
    names = () if dialect == "fabrikate" else clusters if wanted is None else wanted
    own, others = sources.load(folder, fetched, config, sources.Seen(tree, levels), clusters, names)
    if dialect == "fabrikate":
        configs.check_layers(layers, config.stems, list(clusters))
    keys = files.parse(_file_class(dialect), document)
    seen = {name: found for name, found in others.items() if isinstance(found, sources.Seen)}
    trees = (own, *{id(found): found for found in seen.values()}.values())
    if misplaced := [*placements.check_others(own.tree, [found.tree for found in trees])]:
        raise Several(misplaced)
    components = [component for found in trees for component in found.tree.walk()]
    definition = Definition(
        root=root,
        tree=tree,
        dialect=dialect,
        requires=keys.requires or Requires(),
        external=keys.external or (),
        environments=_checked({**clusters, **_failures(others)}, own, seen, config),
        configs=own.levels,
        charts=charts.load(folder, components),
        subcharts=_subcharts(folder, components, fetched),
        validation=keys.validation or Validation(),
        baseline=baseline.load(folder, keys.validation),
        policies=_policies(folder, tree) if judged else (),
        patches=_patches(folder, trees, clusters) if dialect == "weft" else {},
        notes=(
            *config.notes,
            *(() if hooks else _hooks(tree)),
            *placements.nowhere(tree, clusters),
            *_dead_config(dialect, tree, own.levels, clusters),
        ),
    )
    variants = {
        id(found): replace(definition, tree=found.tree, configs=found.levels) for found in seen.values()
    }
    return replace(definition, variants={name: variants[id(found)] for name, found in seen.items()})


def _dialect(document: Document) -> str:
    return "fabrikate" if document.value.get("dialect") == "fabrikate" else "weft"


def _root_file(folder: Path) -> Document:
    file = files.find(folder, ".", "component")
    if file is None:
        raise DefinitionError(
            "there is no component.yaml here, so this is not the root of a definition",
            hint="go to its folder, or name it: weft -C DIR ...",
        )
    return files.read(folder, file)


def survey(root: str, dialect: str | None, sources: Sources) -> Survey:
    """The component tree alone, what of it is still to be fetched, and what else is wrong with it.

    Below what is not there yet there may be more. Raises WeftError where the root file cannot be read.
    """
    document = _root_file(Path(root))
    _check_versions(document)
    loader = TreeLoader(Path(root), dialect or _dialect(document), sources)
    tree = None
    try:
        tree = loader.load_root(document)
        errors = [*loader.errors]
    except WeftError as error:
        errors = [*loader.errors, error]
    if tree is not None:
        errors += _dependencies(Path(root), tree.walk(), sources)[1]
    missing = tuple(error.remote for error in errors if isinstance(error, NotFetched))
    return Survey(tree, missing, tuple(error for error in errors if not isinstance(error, NotFetched)))


@record(frozen=True)
class Survey:
    """What a look at the tree has found: no `tree` where its root is not there yet."""

    tree: Component | None
    missing: Sequence[Remote]
    errors: Sequence[WeftError]


def _tree(folder: Path, dialect: str, document: Document, fetched: Sources) -> Component:
    loader = TreeLoader(folder, dialect, fetched)
    tree = loader.load_root(document)
    if loader.errors:
        raise Several(loader.errors)
    return tree


def _subcharts(folder: Path, components: Iterable[Component], fetched: Sources) -> Subcharts:
    subcharts, errors = _dependencies(folder, components, fetched)
    if errors:
        raise Several(errors)
    return subcharts


def _dependencies(
    folder: Path, components: Iterable[Component], sources: Sources
) -> tuple[Subcharts, Sequence[WeftError]]:
    components = [component for component in components if component.type == "helm"]
    if not components:
        return {}, ()
    # Imported by who has charts alone, as policies are by who has policies.
    from generator.load import dependencies

    return dependencies.subcharts(folder, components, sources)


def _policies(folder: Path, tree: Component) -> tuple[Policy, ...]:
    if not (folder / POLICIES).exists():
        return ()
    from generator.load import policies

    return policies.load(folder, tree)


def _file_class(dialect: str) -> Any:
    return FabrikateComponentFile if dialect == "fabrikate" else ComponentFile


def _wanted(clusters: Clusters, wanted: Collection[str] | None, layers: Sequence[str]) -> set[str]:
    names = set(clusters) if wanted is None else set(wanted)
    stems = {"common", *names, *layers}
    for name in names:
        cluster = clusters.get(name)
        if isinstance(cluster, Environment):
            stems.update(cluster.layers)
    return stems


def _known(clusters: Clusters) -> set[str] | None:
    known = {"common", *clusters}
    for cluster in clusters.values():
        if isinstance(cluster, Failure):
            # A broken environment file may name the layer; its own error is enough.
            return None
        known.update(cluster.layers)
    return known


def _failures(others: Mapping[str, sources.Seen | Failure]) -> Clusters:
    return {name: found for name, found in others.items() if isinstance(found, Failure)}


def _checked(
    clusters: Clusters, own: sources.Seen, others: Mapping[str, sources.Seen], config: configs.ConfigLoader
) -> dict[str, Environment | Failure]:
    checked: dict[str, Environment | Failure] = {}
    for name, cluster in clusters.items():
        faults: list[WeftError] = []
        if isinstance(cluster, Environment):
            tree = others.get(name, own).tree
            faults = [error for found in cluster.configs for error in configs.check([tree], found)]
            faults += configs.unknown_layers(cluster.layer_places, config.stems, clusters)
            if config.dialect == "fabrikate":
                faults += [error for found in cluster.configs for error in configs.beyond_fabrikate(found)]
        checked[name] = Failure(Several(faults), cluster.labels) if faults else cluster
    return checked


def _patches(
    root: Path, trees: Sequence[sources.Seen], clusters: Clusters
) -> dict[tuple[str, DocumentPath], Sequence[PlacedPatch] | Failure]:
    """The patches of every config that gives some; what is wrong with them is a Failure."""
    sets = [one for seen in trees for level in seen.levels.values() for one in level.values()]
    sets += [one for cluster in clusters.values() for one in getattr(cluster, "configs", ())]
    said = [config for one in sets if isinstance(one, ConfigSet) for config in one.nodes.values()]
    said += [config for seen in trees for component in seen.tree.walk() for config in component.inline]
    found: dict[tuple[str, DocumentPath], Sequence[PlacedPatch] | Failure] = {}
    for config in said:
        at = (config.document.file, config.prefix)
        if config.keys.patches and at not in found:
            try:
                # Imported by who has some, as policies are.
                from generator.load import patches

                found[at] = patches.read(root, config)
            except WeftError as error:
                found[at] = Failure(error)
    return found


def _hooks(tree: Component) -> Iterator[str]:
    for component in tree.walk():
        # Those around an install are told of by `weft install`.
        if component.hooks and (component.hooks.before_generate or component.hooks.after_generate):
            yield f"{component.place}: hooks of `{component.label}` are not run; --allow-hooks runs them"


def _dead_config(dialect: str, tree: Component, levels: configs.Levels, clusters: Clusters) -> Iterator[str]:
    # Fabrikate's users hand config to groups as a habit, and its rules are not weft's to judge.
    if dialect != "fabrikate":
        yield from effects.without_effect(tree, levels, clusters.values())


def _check_versions(document: Document) -> None:
    """Refuses another weft before anything else is read: a newer one's keys would only look like mistakes."""
    requires = document.value.get("requires")
    for program, wanted in requires.items() if isinstance(requires, dict) else ():
        # Whether helm and kustomize are of that version shows when one is needed; whether it is a range, now.
        version = __version__ if program == "weft" else None
        if isinstance(wanted, str) and not _satisfies(version, wanted, document, program):
            raise DefinitionError.at(
                document.where("requires", program),
                f"this definition needs weft {wanted}, and this is {__version__}",
            )


def _satisfies(version: str | None, wanted: str, document: Document, program: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        accepted = SpecifierSet(wanted)
    except InvalidSpecifier:
        place = document.where("requires", program)
        raise DefinitionError.at(
            place, f"`{wanted}` is no version range", hint="write one like >=0.1,<1"
        ) from None
    return version is None or accepted.contains(version, prereleases=True)


__all__ = [
    "NotFetched",
    "Sources",
    "Survey",
    "access",
    "crds",
    "load",
    "lock",
    "manifests",
    "named_crds",
    "survey",
]
