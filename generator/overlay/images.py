"""Gives containers other images: by the image's name another name, tag or digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.model.layers import ImageRule
from generator.model.manifest import Manifest

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class Image(NamedTuple):
    """An image taken apart; a registry's port belongs to its name."""

    name: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parsed(text: str) -> Image:
    """The parts of an image such as `localhost:5000/app:1.2@sha256:…`."""
    rest, _, digest = text.partition("@")
    start = rest.rfind("/") + 1
    last, _, tag = rest[start:].partition(":")
    return Image(rest[:start] + last, tag, digest)


def with_images(items: Sequence[Manifest], rules: Sequence[ImageRule]) -> tuple[Sequence[Manifest], set[str]]:
    """The objects with the images that `rules`, weakest first, give them, and the names that were met.

    A rule looks at the image as it was rendered, never at what another rule made of it.
    """
    words = _words(rules)
    met: set[str] = set()

    def other(text: str) -> str:
        image = parsed(text)
        word = words.get(image.name)
        if word is None:
            return text
        met.add(image.name)
        # A tag and a digest are one word: who gives either speaks for both.
        tag, digest = (word.tag, word.digest) if word.tag or word.digest else (image.tag, image.digest)
        return str(Image(word.name or image.name, tag or "", digest or ""))

    laid = []
    for item in items:
        data = item.data if item.kind == "CustomResourceDefinition" else _changed(item.data, other)
        laid.append(item if data is item.data else item.with_data(data))
    return laid, met


def names(items: Sequence[Manifest]) -> Sequence[str]:
    """The names of the images that the objects' containers have, sorted."""
    found: set[str] = set()

    def seen(text: str) -> str:
        found.add(parsed(text).name)
        return text

    for item in items:
        if item.kind != "CustomResourceDefinition":
            _changed(item.data, seen)
    return sorted(found)


def _words(rules: Sequence[ImageRule]) -> Mapping[str, ImageRule]:
    """For each image all that is said of it, the strongest word on its name and on its tag or digest."""
    words: dict[str, ImageRule] = {}
    for rule in rules:
        weaker = words.get(rule.image, rule)
        pinned = rule if rule.tag or rule.digest else weaker
        words[rule.image] = ImageRule(
            rule.image, rule.place, rule.name or weaker.name, pinned.tag, pinned.digest
        )
    return words


def _changed(value: Any, other: Callable[[str], str]) -> Any:
    """`value` with each image of a container below it changed; the same object where none is."""
    if isinstance(value, dict):
        changed = dict(_entries(value, other))
        return changed if any(changed[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [_changed(item, other) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _entries(value: Mapping[str, Any], other: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if key in _CONTAINERS and isinstance(item, list):
            item = _each(item, lambda container: _text(container, "image", other))
        elif key == "volumes" and isinstance(item, list):
            item = _each(item, lambda volume: _volume(volume, other))
        yield key, _changed(item, other)


def _each(items: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    changed = [change(item) for item in items]
    return changed if any(new is not old for new, old in zip(changed, items, strict=True)) else items


def _volume(volume: Any, other: Callable[[str], str]) -> Any:
    image = volume.get("image") if isinstance(volume, dict) else None
    new = _text(image, "reference", other)
    return volume if new is image else {**volume, "image": new}


def _text(part: Any, key: str, other: Callable[[str], str]) -> Any:
    """`part` with the text at `key` changed, where it has one."""
    text = part.get(key) if isinstance(part, dict) else None
    if not isinstance(text, str) or not text:
        return part
    new = other(text)
    return part if new == text else {**part, key: new}
