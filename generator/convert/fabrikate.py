"""What has to change in a Fabrikate definition for weft to make of it what Fabrikate makes."""

from __future__ import annotations

from collections.abc import Sequence

from generator import hooks
from generator.convert.config import Facts, configuration
from generator.convert.edits import Edits
from generator.convert.environments import Passes
from generator.convert.names import names
from generator.convert.namespaces import namespaces
from generator.errors import DefinitionError, Several
from generator.load.sites import sites
from generator.model.definition import Component, ConfigSet, Definition, Environment, Failure
from generator.model.record import record
from generator.model.stack import stack


@record(frozen=True)
class Conversion:
    """The changes in files that are there, and the folders of static manifests by what they hold."""

    edits: Edits
    components: Sequence[Component]


def convert(definition: Definition, passes: Passes) -> Conversion:
    """The changes that make weft's own definition of `definition`, which was read in the dialect.

    Raises DefinitionError where a component gets a name that another has.
    """
    edits = Edits()
    own = [component for component in definition.tree.walk() if _own(component)]
    environments = [passes.environment(name, definition) for name in passes.layers]
    facts = [
        Facts(component, [stack(definition, environment, component) for environment in environments])
        for component in own
    ]
    for component in definition.tree.walk():
        if hooks.has_any([component], hooks.GENERATE):
            edits.note(f"{component.place}: hooks of `{component.label}` do not run for the comparison")
        if component.origin is not None and component.loaded:
            edits.note(
                f"{component.place}: `{component.label}` is {component.origin.shown}; weft reads its "
                "files by its own rules; what was written for Fabrikate may have to be converted there"
            )
    found = sites(definition)
    sets = _sets(definition, environments)
    edits.take_out(found[()].own.file, ("dialect",), "weft's own rules are the default")
    names(own, found, sets, edits)
    configuration(facts, sets, found, edits)
    namespaces(facts, found, edits)
    return Conversion(edits, own)


def _own(component: Component) -> bool:
    """Whether the component's files are the user's; those of a fetched one are read as they are."""
    return component.origin is None


def readable(definition: Definition) -> None:
    """Raises Several where a file of the definition is broken, or stands outside its folder."""
    broken = [
        found.error
        for level in definition.configs.values()
        for found in level.values()
        if isinstance(found, Failure)
    ]
    broken += [found.error for found in definition.environments.values() if isinstance(found, Failure)]
    for component in definition.tree.walk():
        for folder in (component.folder, component.source):
            if folder is not None and (folder == ".." or folder.startswith("../")):
                broken.append(
                    DefinitionError.at(
                        component.place,
                        f"`{component.label}` is in {folder}, outside the definition",
                        "copy it into the definition, or import from the folder above",
                    )
                )
    if broken:
        raise Several(broken)


def _sets(
    definition: Definition, environments: Sequence[Environment]
) -> Sequence[tuple[Component, ConfigSet]]:
    """Every config file with the component whose folder it is in."""
    found: list[tuple[Component, ConfigSet]] = []
    for path, level in definition.configs.items():
        component = definition.tree.find(path)
        if component is not None and _own(component):
            found.extend((component, item) for item in level.values() if isinstance(item, ConfigSet))
    for environment in environments:
        found.extend((definition.tree, item) for item in environment.configs)
    return found
