"""The objects of an environment as a run would write them, and how to find one by its name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from generator import overlay, plan, render
from generator.errors import Several, UsageError, WeftError, nearest, suggestion
from generator.explain.scene import Scene
from generator.model.definition import ComponentPath
from generator.model.manifest import Manifest, Rendered, Scopes
from generator.model.record import record
from generator.model.unit import Unit

# What kubectl takes for a kind besides its name.
_SHORT = {
    "cj": "cronjob",
    "cm": "configmap",
    "crd": "customresourcedefinition",
    "deploy": "deployment",
    "ds": "daemonset",
    "hpa": "horizontalpodautoscaler",
    "ing": "ingress",
    "ingresses": "ingress",
    "netpol": "networkpolicy",
    "networkpolicies": "networkpolicy",
    "ns": "namespace",
    "pdb": "poddisruptionbudget",
    "po": "pod",
    "pv": "persistentvolume",
    "pvc": "persistentvolumeclaim",
    "rs": "replicaset",
    "sa": "serviceaccount",
    "sts": "statefulset",
    "svc": "service",
    "vs": "virtualservice",
}


@record(frozen=True)
class Stage:
    """The units of an environment, what each rendered, and the objects of each output file."""

    units: Mapping[ComponentPath, Unit]
    rendered: Mapping[ComponentPath, Rendered]
    paths: Mapping[ComponentPath, str]
    files: Mapping[str, Sequence[Manifest]]
    # What a run would refuse the environment for; the other objects can be explained all the same.
    errors: Sequence[WeftError] = ()

    @property
    def scopes(self) -> Scopes:
        """Which kinds are cluster-scoped in the environment."""
        return Scopes(item for result in self.rendered.values() for item in result.objects)

    def unit(self, item: Manifest) -> Unit:
        """The unit that an object belongs to."""
        found = [unit for unit in self.units.values() if unit.component.label == item.component]
        # The root's label is its name, which a component below may have too.
        return next((unit for unit in found if self._holds(unit, item)), found[0])

    def _holds(self, unit: Unit, item: Manifest) -> bool:
        return any(found is item for found in self.files.get(self.paths[unit.path], ()))


@record(frozen=True)
class Target:
    """An object of the output, and the file that it is in."""

    item: Manifest
    file: str

    @property
    def words(self) -> str:
        """The object as a user names it."""
        return _words(self.item)


def stage(scene: Scene) -> Stage:
    """Everything that the environment renders; raises WeftError where its values do not resolve."""
    units = scene.resolver.units(scene.environment)
    rendered: dict[ComponentPath, Rendered] = {}
    errors: list[WeftError] = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as executor:
        waiting = {
            unit.path: executor.submit(render.render, unit, scene.run)
            for unit in units
            if render.renderer(unit.component.type).waits
        }
        for unit in units:
            try:
                found = waiting.get(unit.path)
                rendered[unit.path] = found.result() if found else render.render(unit, scene.run)
            except WeftError as error:
                errors.append(error)
    paths = plan.paths(scene.definition.tree, scene.definition.dialect)
    scopes = Scopes(item for result in rendered.values() for item in result.objects)
    made = [unit for unit in units if unit.path in rendered]
    files, refused, _ = overlay.compose(made, rendered, paths, scopes, scene.definition)
    # Routes lack the pods of what did not render; that is no error of its own.
    return Stage({unit.path: unit for unit in made}, rendered, paths, files, errors or refused)


def target(stage: Stage, text: str) -> Target:
    """The object that KIND/NAMESPACE/NAME or KIND/NAME names; the kind may have its group behind a dot.

    Raises UsageError where no object is meant, or several are, and what keeps objects from being there.
    """
    kind, *names = text.split("/")
    kind, _, group = kind.partition(".")
    found = [
        Target(item, file)
        for file, items in stage.files.items()
        for item in items
        if item.kind.lower() == kind.lower() and (not group or item.group == group) and _named(item, names)
    ]
    if len(found) == 1:
        return found[0]
    known = [_words(item) for items in stage.files.values() for item in items]
    if found:
        several = sorted({_words(one.item) for one in found})
        if len(several) == 1:
            raise UsageError(
                f"`{text}` is there {len(found)} times: in {', '.join(one.file for one in found)}",
                hint="weft generate refuses that; give each a name of its own",
            )
        raise UsageError(f"`{text}` may be {' or '.join(several)}", hint="give group and namespace too")
    if stage.errors:
        raise Several(stage.errors)
    near = _near(stage, text)
    hint = f"did you mean '{near}'?" if near else suggestion(text, known)
    raise UsageError(f"there is no object `{text}`", hint=hint)


def speaks_of_kind(stage: Stage, text: str) -> bool:
    """Whether `text` begins with the kind of one of the objects, in any case, or as kubectl has it."""
    return bool(_of_kind(stage, text))


def _of_kind(stage: Stage, text: str) -> Sequence[Manifest]:
    kind = text.partition("/")[0].partition(".")[0].lower()
    names = {kind, kind.removesuffix("s"), _SHORT.get(kind, kind)}
    return [item for items in stage.files.values() for item in items if item.kind.lower() in names]


def _near(stage: Stage, text: str) -> str | None:
    """The object of the kind that `text` begins with whose name is most like the one that it ends with."""
    name = text.rpartition("/")[2].lower()
    found = {item.name.lower(): item for item in reversed(_of_kind(stage, text))}
    near = name if name in found else nearest(name, found)
    return _words(found[near]) if near is not None else None


def _named(item: Manifest, names: Sequence[str]) -> bool:
    if len(names) == 1:
        return item.name == names[0]
    return len(names) == 2 and (item.namespace, item.name) == tuple(names)


def _words(item: Manifest) -> str:
    kind = f"{item.kind}.{item.group}" if item.group else item.kind
    return "/".join(part for part in (kind, item.namespace, item.name) if part)
