"""Which subcomponents of a component are there, and in which order: all of them, or those of its `select`."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import DefinitionError, suggestion
from generator.model.definition import Component
from generator.model.stack import Stack


def selected(component: Component, own: Stack) -> Sequence[Component]:
    """The subcomponents that the strongest `select` names, in its order; all where nothing selects.

    Raises DefinitionError for a name that is none of them, or that comes twice, and where there are none.
    """
    source = own.source(lambda keys: keys.select)
    source = source and own.said("select").source(lambda keys: keys.select)
    if source is None:
        return component.children
    if not component.children and not component.pruned:
        raise DefinitionError.at(
            source.where("select"),
            f"`{component.label}` has no subcomponents to select from",
            "`disabled: true` leaves out the component itself",
        )
    children = {child.name: child for child in component.children}
    names: Sequence[str] = source.keys.select or ()
    for index, name in enumerate(names):
        place = source.where("select", index)
        if name not in children and component.pruned:
            continue
        if name not in children:
            message = f"`{component.label}` has no subcomponent `{name}` to select"
            raise DefinitionError.at(place, message, suggestion(name, children))
        if name in names[:index]:
            raise DefinitionError.at(place, f"`{name}` is selected twice", "name it once")
    return [children[name] for name in names if name in children]
