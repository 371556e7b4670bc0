"""What a component and those above it lay over rendered objects: images, replicas, patches."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from generator.errors import DefinitionError
from generator.model.definition import Component, Config, Definition, Failure
from generator.model.document import Path, Position
from generator.model.formats import Image
from generator.model.interpolate import Interpolation
from generator.model.layers import ImageRule, Layers, ReplicaRule, Scoped
from generator.model.patches import PlacedPatch
from generator.model.stack import Stack

T = TypeVar("T")

_NAME = re.compile(r"(?:[^\s:@/]+(?::[0-9]+)?/)?[^\s:@]+")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_ALGORITHMS = ("sha256", "sha384", "sha512")
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}")


def layers(
    definition: Definition, component: Component, own: Stack, fill: Interpolation, above: Layers
) -> Layers:
    """The layers of a component's objects, weakest first; those of the components `above` come last.

    Raises DefinitionError for what is no name, tag or digest of an image, and what broke a patch.
    """
    if not any(config.keys.images or config.keys.replicas or config.keys.patches for config in own.configs):
        return above
    images = [
        Scoped(component.path, _image(name, value, place, fill))
        for name, value, place in _entries(own, "images")
    ]
    replicas = [
        Scoped(component.path, ReplicaRule(name, place, value))
        for name, value, place in _entries(own, "replicas")
    ]
    patches = [Scoped(component.path, patch) for patch in _patches(definition, own, fill)]
    return Layers((*images, *above.images), (*replicas, *above.replicas), (*patches, *above.patches))


def _entries(own: Stack, key: str) -> Sequence[tuple[str, Any, Position]]:
    """What the component's own configs say by name, weakest first; null takes away what weaker ones say."""
    found: list[tuple[str, Any, Position]] = []
    for config in reversed(own.said(key).configs):
        for name, value in (getattr(config.keys, key) or {}).items():
            if value is None:
                found = [entry for entry in found if entry[0] != name]
            else:
                found.append((name, value, config.where(key, name)))
    return found


def _image(name: str, value: str | Image, place: Position, fill: Interpolation) -> ImageRule:
    filled = fill.at(place)
    if not _NAME.fullmatch(name):
        bare = name.partition("@")[0]
        tagged = bare.rfind(":") > bare.rfind("/")
        raise DefinitionError.at(
            place,
            f"`{name}` is no name of an image",
            f"write the name alone: {bare[: bare.rfind(':')] if tagged else bare}" if bare else None,
        )
    if isinstance(value, str):
        return _pinned(ImageRule(name, place), _text(filled.fill(value), place), place)
    other, tag, digest = (_text(filled.fill(part), place) for part in (value.name, value.tag, value.digest))
    if other is not None and not _NAME.fullmatch(other):
        raise DefinitionError.at(place, f"`{other}` is no name of an image", "give its tag as `tag`")
    if other is None and tag is None and digest is None:
        raise DefinitionError.at(
            place, f"nothing is said of the image `{name}`", "give `tag`, `digest` or `name`"
        )
    return _checked(ImageRule(name, place, other, tag, digest), place)


def _pinned(rule: ImageRule, text: str | None, place: Position) -> ImageRule:
    """The rule with what a text gives: a tag, a digest, or both as `tag@digest`."""
    tag, at, digest = (text or "").partition("@")
    if not at and ":" in tag:
        tag, digest = "", tag
    return _checked(dataclasses.replace(rule, tag=tag or None, digest=digest or None), place, bare=True)


def _checked(rule: ImageRule, place: Position, *, bare: bool = False) -> ImageRule:
    if bare and rule.tag is None and rule.digest is None:
        raise DefinitionError.at(place, f"the tag of the image `{rule.image}` is empty")
    if rule.tag is not None and not _TAG.fullmatch(rule.tag):
        longer = f"to give it another name, write `{rule.image}: {{name: ...}}`" if "/" in rule.tag else None
        raise DefinitionError.at(place, f"`{rule.tag}` is no tag of an image", longer)
    if rule.digest is not None and not _DIGEST.fullmatch(rule.digest):
        name, colon, tag = rule.digest.rpartition(":")
        other = bare and colon and name not in _ALGORITHMS
        hint = f"write `{rule.image}: {{name: {name}, tag: {tag}}}`" if other else None
        raise DefinitionError.at(
            place, f"`{rule.digest}` is no digest of an image", hint or "one is `sha256:` and 64 digits"
        )
    return rule


def _text(value: Any, place: Position) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise DefinitionError.at(place, f"{value!r} is no text", "put it in quotes where it is written")


def _patches(definition: Definition, own: Stack, fill: Interpolation) -> Iterator[PlacedPatch]:
    for config in reversed(own.said("patches").configs):
        if config.keys.patches:
            yield from (_filled(patch, fill) for patch in patches_of(definition, config))


def patches_of(definition: Definition, config: Config) -> Sequence[PlacedPatch]:
    """The patches that `config` gives, in its order; raises what broke one of their files."""
    found = definition.patches[config.document.file, config.prefix]
    if isinstance(found, Failure):
        raise found.error
    return found


def _filled(patch: PlacedPatch, fill: Interpolation) -> PlacedPatch:
    def where(path: Path) -> Position:
        return patch.where(*path)

    content = fill.by(where).fill(patch.content)
    target = patch.target
    if target is not None:
        at = fill.at(patch.place)
        words: Mapping[str, Any] = {
            name: _text(at.fill(value), patch.place) for name, value in vars(target).items()
        }
        target = target if words == vars(target) else dataclasses.replace(target, **words)
    # One that refers to nothing stays itself, and may be laid in many environments.
    if content is patch.content and target is patch.target:
        return patch
    return dataclasses.replace(patch, content=content, target=target)
