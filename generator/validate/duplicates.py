"""Finds objects that an environment would apply twice: one would silently overwrite the other."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.finding import Code, Finding
from generator.model.manifest import Placed
from generator.validate.view import View

DUPLICATE = Code(
    name="duplicate-object",
    severity="error",
    title="Two objects are the same object to Kubernetes",
    meaning="""\
Group, kind, namespace and name make an object's identity; the API version is no part of it. Where
two objects of an environment share it, the one that is applied last overwrites the other, and which
one that is depends on the order of files.""",
    example="""\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
""",
    mended="""\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings-red}
data: {colour: red}
""",
    mend="""\
Give each object a name of its own: in a chart that several deployments share, build the name from
`component.name`, as in `{{ service.name }}-{{ component.name }}`. Where one of the two is left
over, remove it.""",
)

CODES = (DUPLICATE,)


def check(view: View) -> Iterator[Finding]:
    """A finding for each object whose group, kind, namespace and name another one has already."""
    for placed in view.objects:
        if not placed.item.metadata.get("name"):
            continue
        identity = view.identity(placed.item)
        first = view.identities[identity]
        if first.item is not placed.item:
            message = f"{identity} is there twice: {_from(first)} and {_from(placed)}"
            yield view.finding(DUPLICATE, placed, message, hint="give each a name of its own")


def _from(placed: Placed) -> str:
    component, source = placed.item.component, placed.item.source
    return f"from component {component} ({source}, to {placed.file})" if component else f"at {source}"
