"""Refuses to publish a namespace under another name while what was published under the old one is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator import yamlio
from generator.errors import DefinitionError, WeftError
from generator.model.document import Position
from generator.model.manifest import Manifest, mapping, opened
from generator.model.namespaces import ANNOTATION, told_by
from generator.model.output import KUSTOMIZATION, Output
from generator.publish.targets import Target


@dataclass
class _Spaces:
    """The namespaces that objects are in, and the names in the definition, as far as the files tell them."""

    living: set[str] = field(default_factory=set)
    defined: dict[str, str] = field(default_factory=dict)

    def names(self) -> Mapping[str, str]:
        """The name that each namespace of the definition has, if anything is in it."""
        return {self.defined.get(name, name): name for name in sorted(self.living)}


def changed(target: Target, before: Mapping[str, bytes], output: Output) -> Iterator[WeftError]:
    """An error for each namespace that `before` has, in use, under another name than `output`.

    `before` are the files of weft's that are published. A Namespace tells what it is called in the
    definition where that is another name, or the kustomization does; all others have their own.
    """
    new = {namespace: one for namespace, one in output.namespaces.items() if one.name is not None}
    recorded = any(ANNOTATION.encode() in content for content in before.values())
    if not recorded and not any(one.moved for one in new.values()):
        # Nothing was mapped, and nothing is; reading all manifests costs more than the rest.
        return
    there, here = _read(before), _read(output.files)
    for namespace, old in there.names().items():
        one = new.get(namespace)
        name = one.name if one else namespace
        # A mapping to the old name, of another namespace, is no reason to stay.
        if name == old or name not in here.living:
            continue
        yield DefinitionError.at(
            one.place if one else target.place,
            f"namespace `{namespace}` is published to {target} as `{old}`, and would be `{name}`: its objects"
            " would be deleted there and made anew",
            hint=f"take it off first: weft withdraw --namespace {namespace}, then weft publish; after that,"
            " place it again with its new name",
        )


def _read(files: Mapping[str, bytes]) -> _Spaces:
    found = _Spaces(defined=dict(told_by(files.get(KUSTOMIZATION, b""))))
    for item in _manifests(files):
        if item.kind == "Namespace" and not item.group:
            told = mapping(item.metadata, "annotations").get(ANNOTATION)
            if isinstance(told, str):
                found.defined[item.name] = told
        elif item.namespace:
            found.living.add(item.namespace)
    return found


def _manifests(files: Mapping[str, bytes]) -> Iterator[Manifest]:
    for path, content in files.items():
        if not path.endswith((".yaml", ".yml")) or path.rpartition("/")[2] == KUSTOMIZATION:
            continue
        try:
            documents: Sequence[object] = [one.value for one in yamlio.read(content, path, marks=False)]
        except WeftError:
            # Somebody edited it; that is told elsewhere.
            continue
        for document in documents:
            for _, value in opened(document):
                if isinstance(value, dict):
                    yield Manifest(value, Position(path), "")
