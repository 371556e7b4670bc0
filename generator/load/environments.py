"""Reads environments/: one file a cluster, with the defaults of environments/common.yaml laid under each."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from generator.errors import DefinitionError, WeftError
from generator.load import configs, files
from generator.model.definition import ConfigSet, Environment, Failure
from generator.model.document import Document, Position
from generator.model.formats import (
    DNS_LABEL,
    RESERVED_NAMES,
    Cluster,
    Deliver,
    EnvironmentFile,
    Kubernetes,
    Publish,
)
from generator.model.record import record

FOLDER = "environments"
_LABEL = re.compile(DNS_LABEL)

T = TypeVar("T")


def load(root: Path) -> Mapping[str, Environment | Failure]:
    """The environments by name, sorted; one that cannot be read is a Failure.

    Raises WeftError where the folder or common.yaml is at fault, since all environments depend on them.
    """
    found = dict(files.stems(root, FOLDER))
    common_file = found.pop("common", None)
    common = _read(root, common_file) if common_file else None
    environments: dict[str, Environment | Failure] = {}
    for name, file in found.items():
        try:
            environments[name] = _environment(name, _read(root, file), common)
        except WeftError as error:
            environments[name] = Failure(error)
    return environments


@record(frozen=True)
class _File:
    keys: EnvironmentFile
    document: Document
    configs: ConfigSet


def said_by(environment: Environment, document: Document) -> Environment:
    """The environment with the config of another text of its file; raises WeftError where that is refused."""
    return dataclasses.replace(environment, configs=(_file(document).configs, *environment.configs[1:]))


def _read(root: Path, file: str) -> _File:
    return _file(files.read(root, file))


def _file(document: Document) -> _File:
    keys = files.parse(EnvironmentFile, document)
    # `labels` of an environment select it; only those below `subcomponents` are laid on objects.
    return _File(
        keys, document, configs.flatten(dataclasses.replace(keys, labels=None), document, by_path=True)
    )


def _environment(name: str, own: _File, common: _File | None) -> Environment:
    file = own.document.file
    if not _LABEL.fullmatch(name) or name in RESERVED_NAMES:
        raise DefinitionError(
            f"`{name}` is no name for an environment", file=file, hint="use a DNS label, such as prod-east"
        )
    layers = _layers(own) if own.keys.layers is not None else _layers(common) if common else ()
    return Environment(
        name=name,
        labels=_merged(_field(common, "labels"), own.keys.labels),
        layers=layers,
        kubernetes=_laid_over(Kubernetes, _field(common, "kubernetes"), own.keys.kubernetes),
        cluster=_laid_over(Cluster, _field(common, "cluster"), own.keys.cluster)
        if _field(common, "cluster") or own.keys.cluster
        else None,
        publish=_laid_over(Publish, _field(common, "publish"), own.keys.publish)
        if _field(common, "publish") or own.keys.publish
        else None,
        deliver=_laid_over(Deliver, _field(common, "deliver"), own.keys.deliver),
        external=(*(own.keys.external or ()), *(_field(common, "external") or ())),
        configs=(own.configs, *((common.configs,) if common else ())),
        place=own.document.where(),
        layer_places=_layer_places(own if own.keys.layers is not None else common),
        deliver_place=(own if own.keys.deliver or not common else common).document.where("deliver"),
        depends_on_places={
            path: place for file in (common, own) if file for path, place in _depends_on_places(file)
        },
    )


def _layers(file: _File) -> Sequence[str]:
    for index, layer in enumerate(file.keys.layers or ()):
        if layer in RESERVED_NAMES or not _LABEL.fullmatch(layer):
            place = file.document.where("layers", index)
            raise DefinitionError.at(
                place,
                f"`{layer}` is no name for a layer",
                hint="common is always a layer; others are DNS labels",
            )
    return file.keys.layers or ()


def _layer_places(file: _File | None) -> Mapping[str, Position]:
    layers = file.keys.layers or () if file else ()
    return {layer: file.document.where("layers", index) for index, layer in enumerate(layers) if file}


def _depends_on_places(file: _File) -> Iterator[tuple[str, Position]]:
    flux = file.keys.deliver.flux if file.keys.deliver else None
    for path, others in ((flux.depends_on if flux else None) or {}).items():
        where = ("deliver", "flux", "dependsOn", path)
        yield path, file.document.where(*where)
        for index, other in enumerate(others or ()):
            yield other, file.document.where(*where, index)


def _field(file: _File | None, name: str) -> Any:
    return getattr(file.keys, name) if file else None


def _merged(weaker: Mapping[str, T] | None, stronger: Mapping[str, T] | None) -> Mapping[str, T]:
    # `label: null` takes a default away.
    both: dict[str, T | None] = {**(weaker or {}), **(stronger or {})}
    return {name: value for name, value in both.items() if value is not None}


def _laid_over(cls: Any, weaker: Any, stronger: Any) -> Any:
    """The keys of both, the stronger where both have one; maps below merge key by key."""
    return cls(
        **{
            item.name: _laid(getattr(weaker, item.name, None), getattr(stronger, item.name, None))
            for item in dataclasses.fields(cls)
        }
    )


def _laid(weaker: Any, stronger: Any) -> Any:
    if weaker is None or stronger is None:
        return weaker if stronger is None else stronger
    if dataclasses.is_dataclass(stronger):
        return _laid_over(type(stronger), weaker, stronger)
    return _merged(weaker, stronger) if isinstance(stronger, dict) else stronger
