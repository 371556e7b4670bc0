"""Which environments a Fabrikate definition becomes: it has layers only, and its user names the clusters."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from generator.errors import DefinitionError, UsageError, suggestion
from generator.load import files
from generator.model.definition import Component, Definition, Environment
from generator.model.formats import DNS_LABEL, RESERVED_NAMES
from generator.model.record import record

_LABEL = re.compile(DNS_LABEL)
# What the one environment of a definition without layers is called: `common` is weft's own word.
ONLY = "default"


@record(frozen=True)
class Passes:
    """Environments with the layers that each takes from the definition as it is, the strongest first.

    `there` are those that the definition has files for already. `renamed` says what each layer is called
    after the conversion, where that is another name.
    """

    layers: Mapping[str, Sequence[str]]
    there: Collection[str]
    renamed: Mapping[str, str]

    def environment(self, name: str, definition: Definition) -> Environment:
        """The environment as the dialect has it. Raises what broke its file."""
        found = definition.environments.get(name)
        if isinstance(found, Environment):
            return found
        return Environment(name=name, layers=tuple(self.layers[name]), is_pass=True)

    def written(self, name: str) -> Sequence[str]:
        """The layers that the environment's file names; its own name is none."""
        layers = [self.renamed.get(layer, layer) for layer in self.layers[name]]
        return layers[1:] if layers[:1] == [name] else layers


def stems(root: str, tree: Component) -> Sequence[str]:
    """The layers: every name of a config file but `common`, sorted. Raises what `files.stems` raises."""
    found = {
        stem
        for component in tree.walk()
        if component.loaded
        for stem, _ in files.stems(Path(root), files.join(component.folder, "config"))
    }
    return sorted(found - {"common"})


def passes(given: Sequence[str], layers: Sequence[str], existing: Mapping[str, Environment]) -> Passes:
    """The environments that `given` says (`prod-east=prod,east`, or `prod`), and those that exist.

    Where it says nothing and none exists, every layer is one. Raises UsageError where `given` names a
    layer that does not exist, leaves one out, or makes an environment of what is a layer of another.
    """
    wanted = [_parsed(text, layers) for text in given]
    if not wanted and not existing:
        wanted = [(layer, (layer,)) for layer in layers] or [(ONLY, ())]
    renamed = _renamed(layers)
    chosen: dict[str, Sequence[str]] = {name: found.layers for name, found in existing.items()}
    for name, named in wanted:
        label = renamed.get(name, name) if not given else name
        if label in chosen:
            raise UsageError(f"environment `{label}` is named twice")
        chosen[label] = named
    result = Passes(chosen, tuple(existing), renamed)
    _check(result, layers)
    return result


def _parsed(text: str, layers: Sequence[str]) -> tuple[str, Sequence[str]]:
    name, equals, listed = text.partition("=")
    named = [layer.strip() for layer in (listed if equals else name).split(",") if layer.strip()]
    if not _LABEL.fullmatch(name) or name in RESERVED_NAMES:
        raise UsageError(
            f"`{name}` is no name for an environment", hint="write NAME=LAYER,LAYER: prod-east=prod,east"
        )
    for index, layer in enumerate(named):
        if layer == "common":
            raise UsageError(f"`{text}`: `common` is always a layer, the weakest", hint="leave it out")
        if layer not in layers:
            raise UsageError(
                f"there is no layer `{layer}`: no config/{layer}.yaml anywhere",
                hint=suggestion(layer, layers),
            )
        if layer in named[:index]:
            raise UsageError(f"`{text}`: `{layer}` is there twice, which weft does not do")
    return name, named


def _renamed(layers: Sequence[str]) -> Mapping[str, str]:
    """A DNS label for each layer whose name is none. Raises DefinitionError where two get the same."""
    renamed: dict[str, str] = {}
    taken = {layer for layer in layers if _LABEL.fullmatch(layer)}
    for layer in layers:
        if layer in taken:
            continue
        label = as_label(layer)
        if label is None or label in taken:
            raise DefinitionError(
                f"config/{layer}.yaml: `{layer}` is no name for a layer, and `{label or ''}` is taken",
                hint="layers are DNS labels (lower-case letters, digits and `-`): rename its files",
            )
        taken.add(label)
        renamed[layer] = label
    return renamed


def as_label(name: str) -> str | None:
    """The DNS label most like `name`, or None where there is none."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:63].strip("-")
    return label if _LABEL.fullmatch(label) and label not in RESERVED_NAMES else None


def _check(result: Passes, layers: Sequence[str]) -> None:
    used: dict[str, str] = {}
    for name, named in result.layers.items():
        for layer in result.written(name):
            used.setdefault(layer, name)
        own = [result.renamed.get(layer, layer) for layer in named]
        if name not in result.there and name in own[1:]:
            raise UsageError(
                f"config/{name}.yaml would be the strongest of environment `{name}`, and not what it is "
                f"in {','.join(named)}",
                hint=f"name the environment otherwise: --environment {'-'.join(own)}={','.join(named)}",
            )
        if name not in result.there and name not in own and name in layers:
            raise UsageError(
                f"environment `{name}` would get config/{name}.yaml, too, which is not among its layers",
                hint=f"name the environment otherwise: --environment {name}-cluster={','.join(named)}",
            )
    for name in result.layers:
        if name in used:
            raise UsageError(
                f"`{name}` is a layer of `{used[name]}`, so no environment can have that name",
                hint=f"name the environment otherwise: --environment {name}-cluster={name}",
            )
    left = [
        layer
        for layer in layers
        if result.renamed.get(layer, layer) not in used
        and result.renamed.get(layer, layer) not in result.layers
    ]
    if left:
        named = " ".join(f"--environment {as_label(layer) or layer}={layer}" for layer in left)
        raise UsageError(
            f"config/{left[0]}.yaml is a layer of no environment"
            + (f", as are {len(left) - 1} more" if left[1:] else ""),
            hint=f"add it to one, or make it one: {named}",
        )
