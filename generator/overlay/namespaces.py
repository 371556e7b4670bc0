"""Gives namespaces the names that they have in the environment, and makes those that nobody renders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.errors import DefinitionError, WeftError
from generator.model.definition import ComponentPath, exists_outside
from generator.model.formats import External
from generator.model.manifest import Manifest, Scopes, mapping, names
from generator.model.namespaces import ANNOTATION, BUILT_IN, NONE, Mapped, Namespaces, renaming
from generator.model.references import Rename, renamed
from generator.model.unit import Unit

Objects = Mapping[ComponentPath, Sequence[Manifest]]


def of(units: Sequence[Unit]) -> Namespaces:
    """The mappings of the environment that the units are in."""
    return units[0].namespaces if units else NONE


def as_defined(units: Sequence[Unit], objects: Objects) -> Objects:
    """The objects with the namespaces of the definition, which patches speak of.

    What a chart is told is the namespace's name in the environment, so that it may stand in any text.
    """
    moved = {unit.path: unit for unit in units if unit.mapped_from is not None and unit.namespace is not None}
    if not moved:
        return objects
    found = dict(objects)
    for path, unit in moved.items():
        back = {str(unit.namespace): str(unit.mapped_from)}
        answer = renaming(back, frozenset(), frozenset())
        found[path] = [_renamed(item, back, answer, mark=False) for item in objects[path]]
    return found


def mapped(
    units: Sequence[Unit],
    objects: Objects,
    scopes: Scopes,
    external: Sequence[External],
    beside: Sequence[Manifest] = (),
) -> tuple[Objects, Sequence[Manifest], Sequence[WeftError]]:
    """The objects as the environment has them, the Namespaces that it lacks, and what is refused.

    `beside` are objects of the environment that have their names already, `external` those outside.
    """
    spaces = of(units)
    if not spaces:
        return objects, (), ()
    everything = [item for found in objects.values() for item in found]
    living = _living(everything, scopes)
    used = {*living, *(spaces.defined.get(space, space) for space in _living(beside, scopes))}
    errors = list(_refused(spaces, living, used))
    if errors:
        return objects, (), errors
    services = _services(everything)
    services |= {(spaces.defined.get(space, space), name) for space, name in _services(beside)}
    answer = renaming(spaces.names, services, _hosts([*everything, *beside]))
    laid = {
        path: [_renamed(item, spaces.names, answer, mark=True) for item in found]
        for path, found in objects.items()
    }
    there = {
        item.name
        for item in (*(one for found in laid.values() for one in found), *beside)
        if _is_namespace(item)
    }
    made = [
        _namespace(one, spaces)
        for one in spaces.mapped.values()
        if one.namespace in used
        and one.name not in there
        and one.name not in BUILT_IN
        and not exists_outside(external, "Namespace", None, str(one.name))
    ]
    return laid, made, ()


def untold(units: Sequence[Unit], objects: Sequence[Manifest]) -> Mapping[str, str]:
    """The new names, with those in the definition, that objects use and no Namespace among them tells."""
    spaces = of(units)
    if not spaces.names:
        return {}
    told = {
        (item.name, mapping(item.metadata, "annotations").get(ANNOTATION))
        for item in objects
        if _is_namespace(item)
    }
    used = {item.namespace for item in objects}
    return {new: old for old, new in spaces.names.items() if new in used and (new, old) not in told}


def _refused(spaces: Namespaces, living: Mapping[str, Manifest], used: set[str]) -> Iterator[DefinitionError]:
    taken: dict[str, Mapped] = {}
    for one in spaces.mapped.values():
        if one.namespace not in used:
            continue
        if one.name is None:
            yield DefinitionError.at(
                one.place,
                f"`mapping: default` of namespace `{one.namespace}` needs an origin, and {one.fault}",
                "give the placement of its component an `origin`, or write mapping: selected and a name",
            )
            continue
        other = taken.setdefault(one.name, one)
        if other is not one:
            yield DefinitionError.at(
                one.place,
                f"namespaces `{other.namespace}` ({other.place}) and `{one.namespace}` would both be"
                f" `{one.name}`",
                "give one of them another name",
            )
        elif one.moved and one.name in spaces.names and one.name in used:
            yield DefinitionError.at(
                one.place,
                f"namespace `{one.namespace}` would be `{one.name}`, which is the name of a namespace that is"
                f" mapped itself ({spaces.mapped[one.name].place})",
                "give it another name",
            )
        elif one.moved and one.name in living and one.name not in spaces.mapped:
            there = living[one.name]
            yield DefinitionError.at(
                one.place,
                f"namespace `{one.namespace}` would be `{one.name}`, and {there.identity} of component"
                f" {there.component} is there already",
                "give it another name",
            )


def _living(objects: Sequence[Manifest], scopes: Scopes) -> Mapping[str, Manifest]:
    """The first object that lives in each namespace."""
    found: dict[str, Manifest] = {}
    for item in objects:
        if item.namespace and not scopes.cluster_scoped(item):
            found.setdefault(item.namespace, item)
    return found


def _services(objects: Sequence[Manifest]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (item.namespace, item.name) for item in objects if item.kind == "Service" and not item.group
    )


def _hosts(objects: Sequence[Manifest]) -> frozenset[str]:
    """The hosts that ServiceEntries say are no Service's."""
    entries = (item for item in objects if item.kind == "ServiceEntry")
    return frozenset(host for item in entries for host in names(mapping(item.data, "spec"), "hosts"))


def _is_namespace(item: Manifest) -> bool:
    return item.kind == "Namespace" and not item.group


def _renamed(item: Manifest, names: Mapping[str, str], answer: Rename, *, mark: bool) -> Manifest:
    data = renamed(item.data, answer)
    if _is_namespace(item) and item.name in names:
        metadata = {**mapping(data, "metadata"), "name": names[item.name]}
        if mark:
            metadata["annotations"] = {**mapping(metadata, "annotations"), ANNOTATION: item.name}
        data = {**data, "metadata": metadata}
    return item if data is item.data else item.with_data(data)


def _namespace(one: Mapped, spaces: Namespaces) -> Manifest:
    annotations = {**spaces.annotations, **({ANNOTATION: one.namespace} if one.moved else {})}
    metadata = {
        "name": one.name,
        **({"labels": dict(spaces.labels)} if spaces.labels else {}),
        **({"annotations": annotations} if annotations else {}),
    }
    data = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    return Manifest(data, one.place, one.component)
