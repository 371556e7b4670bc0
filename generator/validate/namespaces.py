"""Finds namespaces that objects live in and that nobody creates or declares."""

from __future__ import annotations

from collections.abc import Iterator

from generator.errors import suggestion
from generator.model.finding import Code, Finding
from generator.model.manifest import Placed
from generator.model.sops import hides
from generator.validate.view import View

UNDECLARED = Code(
    name="undeclared-namespace",
    severity="warning",
    title="A namespace is used, and nobody creates it",
    meaning="""\
Objects state a namespace for which the environment's output has no Namespace. On a cluster that
does not have it yet, none of them can be applied.""",
    example="""\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
""",
    mended="""\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
""",
    mend="""\
Add a Namespace to the tree, or declare that it exists: `external: [{kind: Namespace, name: shop}]`
in the root `component.yaml` or in the environment's file.""",
)

CODES = (UNDECLARED,)

# Every cluster has them.
_BUILT_IN = frozenset(("default", "kube-system", "kube-public", "kube-node-lease"))


def check(view: View) -> Iterator[Finding]:
    """One finding for each namespace, at the first object that is in it."""
    created = {placed.item.name for placed in view.kinds.get(("", "Namespace"), ())}
    used: dict[str, list[Placed]] = {}
    for placed in view.objects:
        namespace = placed.item.namespace
        known = not namespace or namespace in created or namespace in _BUILT_IN
        known = known or hides(placed.item.data, namespace)
        if not known and not view.scopes.cluster_scoped(placed.item):
            used.setdefault(namespace, []).append(placed)
    for namespace, found in used.items():
        # One that should have another name here has its own where that is refused.
        if namespace in view.mapped or view.external_has("Namespace", None, namespace):
            continue
        count = f"{len(found)} objects are" if len(found) > 1 else f"{found[0].item.identity} is"
        yield view.finding(
            UNDECLARED,
            found[0],
            f"{count} in namespace `{namespace}`, which is neither in the output nor declared",
            path=("metadata", "namespace"),
            about=namespace,
            hint=suggestion(namespace, created)
            or f"add a Namespace, or `external: [{{kind: Namespace, name: {namespace}}}]`",
        )
