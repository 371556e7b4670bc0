"""The definition as it was read: the component tree, its config files, charts and environments."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from generator.errors import WeftError
from generator.model.chart import Subcharts
from generator.model.document import Document, Path, Position
from generator.model.finding import Known
from generator.model.formats import (
    Cluster,
    ConfigKeys,
    Deliver,
    External,
    HelmOptions,
    Hooks,
    Ignore,
    Kubernetes,
    Publish,
    Requires,
    Validation,
)
from generator.model.patches import PlacedPatch
from generator.model.record import record
from generator.model.source import Locked

if TYPE_CHECKING:
    from generator.model.policy import Policy

ComponentPath = tuple[str, ...]


@record(frozen=True)
class Config:
    """The config keys that one place in one file gives one component."""

    keys: ConfigKeys
    document: Document
    prefix: Path = ()

    def where(self, *path: str | int) -> Position:
        """The position of `path` below the component's keys."""
        return self.document.where(*self.prefix, *path)

    def takes_away(self, key: str) -> bool:
        """Whether the file sets `key` to null; leaving it out says nothing."""
        value = self.document.value
        for step in self.prefix:
            value = value[step]
        return isinstance(value, dict) and key in value and value[key] is None


@record(frozen=True)
class ConfigSet:
    """One config file, taken apart: what it says for each component, by path below its level."""

    file: str
    nodes: Mapping[ComponentPath, Config]


@record(frozen=True)
class Failure:
    """A file that could not be read; whoever needs it raises the error.

    Of an environment `labels` are known all the same where only its config is at fault.
    """

    error: WeftError
    labels: Mapping[str, str] | None = None


@record(frozen=True)
class Component:
    """A node of the tree. Folders are relative to the definition's root, `.` for the root itself.

    `origin` is the remote source whose content its definition is in, `locked` that of its `source`,
    `hooks_origin` that of the file which has its `hooks`.
    """

    name: str
    path: ComponentPath
    type: str
    folder: str
    source: str | None
    place: Position
    inline: Sequence[Config] = ()
    # What brought in a component that was loaded; None for the root.
    reference: Config | None = None
    loaded: bool = True
    title: str = ""
    helm: HelmOptions = field(default_factory=HelmOptions)
    hooks: Hooks | None = None
    ignores: Sequence[tuple[Ignore, Position]] = ()
    # The config whose `placement` counts: the reference's before that of the file it loads.
    placed: Config | None = None
    children: Sequence[Component] = ()
    origin: Locked | None = None
    locked: Locked | None = None
    hooks_origin: Locked | None = None
    # Whether some children were left out, since only the others are asked about.
    pruned: bool = False

    @property
    def label(self) -> str:
        """The component as messages name it."""
        return "/".join(self.path) or self.name

    def walk(self) -> Iterator[Component]:
        """This component and all below it, parents first, in the order of the definition."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, path: ComponentPath) -> Component | None:
        """The component at `path` below this one, or None."""
        node: Component | None = self
        for name in path:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node


@record(frozen=True)
class Chart:
    """A Jinja2 chart without its templates: `folder` relative to the root, values, and their schema."""

    folder: str
    name: str
    values: Document
    schema: Document | None = None


@record(frozen=True)
class Baseline:
    """The findings that were accepted when the baseline was written, in the file of that name."""

    file: str = "weft-baseline.json"
    known: frozenset[Known] = frozenset()


@record(frozen=True)
class Environment:
    """One cluster, defaults of environments/common.yaml included; `configs` strongest first."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    layers: Sequence[str] = ()
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    cluster: Cluster | None = None
    publish: Publish | None = None
    deliver: Deliver | None = None
    external: Sequence[External] = ()
    configs: Sequence[ConfigSet] = ()
    place: Position | None = None
    layer_places: Mapping[str, Position] = field(default_factory=dict)
    # Where `deliver` begins, and where its `dependsOn` speaks of a component, by its path as written.
    deliver_place: Position | None = None
    depends_on_places: Mapping[str, Position] = field(default_factory=dict)
    # A pass of the dialect has layers only: no config file is named after the pass itself.
    is_pass: bool = False

    @property
    def split(self) -> bool:
        """Whether each component's folder is built by itself, besides all of them together."""
        flux = self.deliver.flux if self.deliver else None
        return bool(flux and flux.split == "component")


@record(frozen=True)
class Definition:
    """Everything weft was told. `configs` is by component path, then by file stem.

    `sources` are the folders of what was fetched, relative to the root, by what asks for it; `subcharts` what
    Helm charts depend on and do not bring along.
    """

    root: str
    tree: Component
    dialect: str = "weft"
    requires: Requires = field(default_factory=Requires)
    external: Sequence[External] = ()
    environments: Mapping[str, Environment | Failure] = field(default_factory=dict)
    configs: Mapping[ComponentPath, Mapping[str, ConfigSet | Failure]] = field(default_factory=dict)
    charts: Mapping[str, Chart | Failure] = field(default_factory=dict)
    notes: Sequence[str] = ()
    validation: Validation = field(default_factory=Validation)
    baseline: Baseline = field(default_factory=Baseline)
    policies: Sequence[Policy] = ()
    subcharts: Subcharts = field(default_factory=dict)
    # By file and by the place in it of the config that gives them.
    patches: Mapping[tuple[str, Path], Sequence[PlacedPatch] | Failure] = field(default_factory=dict)
    # The definition as environments see it that give components other sources, by their names.
    variants: Mapping[str, Definition] = field(default_factory=dict)

    def seen_by(self, environment: str) -> Definition:
        """The definition with the sources that the environment gives its components."""
        return self.variants.get(environment, self)

    @property
    def trees(self) -> Sequence[Component]:
        """The component trees of all environments: the one that most have first, each once."""
        return (self.tree, *{id(one.tree): one.tree for one in self.variants.values()}.values())

    @property
    def sources(self) -> Iterator[str]:
        """The folders and files beside component and config files that the definition is read from."""
        yield from (one.source for one in self.components() if one.source is not None)
        for found in self.patches.values():
            for patch in () if isinstance(found, Failure) else found:
                if patch.document is not None:
                    yield patch.document.file

    def find(self, path: ComponentPath) -> Component | None:
        """The component at `path` in any of the trees, or None."""
        return next(filter(None, (tree.find(path) for tree in self.trees)), None)

    def components(self) -> Iterator[Component]:
        """The components of all trees; one that several have comes once."""
        yield from {id(one): one for tree in self.trees for one in tree.walk()}.values()

    @property
    def folders(self) -> Sequence[str]:
        """What rendering and validation read besides the definition's own files, relative to its root."""
        more = (self.validation.crds, self.validation.baseline)
        return [path for path in (*self.sources, *more) if path]


def exists_outside(external: Sequence[External], kind: str, namespace: str | None, name: str) -> bool:
    """Whether an `external` entry stands for the object."""
    return any(
        entry.kind == kind
        and (entry.namespace is None or entry.namespace == (namespace or ""))
        and (entry.name is None or fnmatch.fnmatchcase(name, entry.name))
        for entry in external
    )
