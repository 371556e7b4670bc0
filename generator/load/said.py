"""What a component file or a reference says by itself, checked; what it leads to is the tree's affair."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from generator.errors import DefinitionError
from generator.load import files
from generator.model.definition import Config
from generator.model.document import Position
from generator.model.filenames import COMPONENT_FILES
from generator.model.formats import DNS_LABEL, RESERVED_NAMES, ConfigKeys, HelmOptions, Ignore

_LABEL = re.compile(DNS_LABEL)
_FABRIKATE_NAME = re.compile(r"^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$")
# What file systems take for one name.
_LONGEST = 255
_ROOT_KEYS = ("dialect", "requires", "external")
_ROOT_VALIDATION = ("crds", "baseline")
_KEYS = tuple(item.name for item in dataclasses.fields(ConfigKeys))


def name_of(said: str | None, config: Config, place: Position, dialect: str) -> str:
    """The name that a reference or a file gives; raises DefinitionError where it is none."""
    if said is None:
        raise DefinitionError.at(place, "a reference needs a `name`", None)
    where = config.where("name") if "name" in keys_of(config) else place
    allowed = _FABRIKATE_NAME if dialect == "fabrikate" else _LABEL
    if not allowed.fullmatch(said):
        wanted = "DNS label (lower-case letters, digits and `-`, at most 63)"
        if dialect == "fabrikate":
            wanted = "file name (letters, digits, `.`, `_` and `-`)"
        raise DefinitionError.at(where, f"`{said}` is no {wanted}")
    if said in RESERVED_NAMES:
        raise DefinitionError.at(
            where, f"`{said}` is no name for a component: weft keeps it for its own files", None
        )
    return said


def check_file(keys: Any, own: Config, name: str, dialect: str, *, below_root: bool, fetched: bool) -> None:
    """Raises DefinitionError for what a component file may not say where it is: `name` is its reference."""
    if not below_root:
        if keys.name is not None:
            name_of(keys.name, own, own.where("name"), dialect)
        return
    for key in _ROOT_KEYS:
        if getattr(keys, key) is not None:
            raise DefinitionError.at(
                own.where(key), f"`{key}` belongs into the root component file only", None
            )
    if dialect == "fabrikate":
        if keys.name is not None:
            name_of(keys.name, own, own.where("name"), dialect)
    elif keys.name not in (None, name):
        raise DefinitionError.at(
            own.where("name"),
            f"this component is named `{keys.name}`, but its reference is `{name}`",
            f"name the reference `{keys.name}`" if fetched else f"name it `{name}`, or leave the name out",
        )


def local(keys: Any, config: Config, folder: str) -> str | None:
    """The folder of a local source, from the root; raises DefinitionError for a path that is none."""
    source, path = keys.source, keys.path
    if source is None and path is None:
        return None
    for key, value in (("source", source), ("path", path)):
        if value is not None and (
            "\0" in value or any(len(part.encode()) > _LONGEST for part in value.split("/"))
        ):
            raise DefinitionError.at(config.where(key), f"`{key}` is no path of a folder", None)
        if value is not None and value.startswith("/"):
            raise DefinitionError.at(
                config.where(key),
                f"`{key}` is absolute; on another machine it would be elsewhere",
                "write it relative to this file",
            )
    return files.join(folder, source, path)


def ignores(config: Config) -> tuple[tuple[Ignore, Position], ...]:
    """The findings that a reference or a file accepts, with their places."""
    keys: Any = config.keys
    validation = keys.validation
    for key in _ROOT_VALIDATION if config.prefix or config.document.file not in COMPONENT_FILES else ():
        if validation is not None and getattr(validation, key) is not None:
            raise DefinitionError.at(
                config.where("validation", key), f"`{key}` belongs into the root component file only"
            )
    found = (validation.ignore if validation else None) or ()
    return tuple((item, config.where("validation", "ignore", i)) for i, item in enumerate(found))


def inline(keys: Any, config: Config) -> tuple[Config, ...]:
    """The config keys that stand inline, if any do."""
    given = isinstance(keys, ConfigKeys) and any(getattr(keys, name) is not None for name in _KEYS)
    return (config,) if given else ()


def keys_of(config: Config) -> dict[str, Any]:
    """The keys of a reference or a file as they are written."""
    value = config.document.value
    for step in config.prefix:
        value = value[step]
    return value if isinstance(value, dict) else {}


def placed(*configs: Config | None) -> Config | None:
    """The strongest of `configs` that says where the component goes; null there is everywhere."""
    for config in configs:
        if config is not None and "placement" in keys_of(config):
            return config if getattr(config.keys, "placement", None) is not None else None
    return None


def helm(config: Config | None, keys: Any) -> HelmOptions:
    """The options of a `helm` component; its reference's come before its own."""
    above = getattr(config.keys, "helm", None) if config else None
    own = getattr(keys, "helm", None)
    return above or own or HelmOptions()
