"""Finds references to objects, and to keys in them, that nobody makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.errors import suggestion
from generator.model.finding import Code, Finding
from generator.model.manifest import Manifest, Placed, mapping, maps
from generator.model.references import WHOLE, Found
from generator.validate import builtin
from generator.validate.view import GATEWAY, View, sends_traffic

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - name: shop
    image: shop:1.0
    envFrom: [{configMapRef: {name: %s}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
"""

OBJECT = Code(
    name="missing-object",
    severity="warning",
    title="An object names another that is not there",
    meaning="""\
The object refers to a ConfigMap, Secret, ServiceAccount, PersistentVolumeClaim, Role or any other
object that is neither in the environment's output nor declared as `external`. A pod that needs it
does not start; other kinds wait, or do nothing.""",
    example=_POD % "setings",
    mended=_POD % "settings",
    mend="""\
Correct the name or the namespace. What exists on the cluster without being in the output is
declared, in the root `component.yaml` or in the environment's file: `external: [{kind: Secret,
namespace: shop, name: login}]`; `name` may be a pattern.""",
)

_KEYED = _POD.replace(
    "envFrom: [{configMapRef: {name: %s}}]",
    "env: [{name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: %s}}}]",
)

KEY = Code(
    name="missing-key",
    severity="warning",
    title="An object asks for a key that a ConfigMap or Secret does not have",
    meaning="""\
The ConfigMap or Secret is in the output, and has no such key. A container that takes an environment
variable or a volume from it does not start.""",
    example=_KEYED % "color",
    mended=_KEYED % "colour",
    mend="Correct the key, add it to the ConfigMap or Secret, or mark the reference as `optional: true`.",
)

CODES = (OBJECT, KEY)

# The number that a StatefulSet ends the names of its pods, and of their claims, with.
_ORDINAL = re.compile(r"-\d+$", re.ASCII)
_DATA = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}


def check(view: View) -> Iterator[Finding]:
    """A finding for each reference whose object or key is nowhere; routes have findings of their own."""
    made, claims = set(_made(view)), set(_claims(view))
    for placed, found in view.references:
        if found.selects or found.optional or not found.rule.needed or not found.kind or found.name == WHOLE:
            continue
        if found.namespace is None or found.kind == "Namespace":
            # Without a namespace nobody knows which object is meant; namespaces have a finding of their own.
            continue
        target = view.find(found.group, found.kind, found.namespace, found.name)
        if target is not None:
            yield from _keys(view, placed, found, target)
        elif sends_traffic(placed, found):
            continue
        elif not _elsewhere(view, found) and (found.kind, found.namespace, found.name) not in made:
            numbered = _ORDINAL.sub("", found.name)
            if found.kind != "PersistentVolumeClaim" or (found.namespace, numbered) not in claims:
                yield _finding(view, placed, found)


def _finding(view: View, placed: Placed, found: Found) -> Finding:
    kind = f"{found.kind}.{found.group}" if found.group else found.kind
    where = f" in namespace {found.namespace}" if found.namespace else ""
    alike = [item for _, item in view.kinds.get((found.group, found.kind), ())]
    other = next((item.namespace for item in alike if item.name == found.name), None)
    hint = suggestion(found.name, [item.name for item in alike if item.namespace == found.namespace])
    if other is not None:
        hint = f"there is one in namespace {other or '(none)'}"
    return view.finding(
        OBJECT,
        placed,
        f"{placed.item.identity} refers to {kind} `{found.name}`{where}, which is not in the output",
        path=found.path,
        about=f"{kind} {found.name}",
        hint=builtin.or_declare(hint, "it comes from elsewhere"),
    )


def _elsewhere(view: View, found: Found) -> bool:
    kind, namespace, name = found.kind, found.namespace, found.name
    return builtin.has(kind, namespace, name) or view.external_has(kind, namespace, name)


def _keys(view: View, placed: Placed, found: Found, target: Placed) -> Iterator[Finding]:
    fields = _DATA.get(found.kind) if not found.group else None
    if fields is None:
        return
    known = {key for field in fields for key in mapping(target.item.data, field)}
    for key in found.keys:
        if key not in known:
            yield view.finding(
                KEY,
                placed,
                f"{placed.item.identity} asks for key `{key}` of {target.item.identity}, which has none",
                path=found.path,
                about=f"{found.name}.{key}",
                hint=suggestion(key, known),
            )


def _made(view: View) -> Iterator[tuple[str, str, str]]:
    """(kind, namespace, name) of objects that controllers make from others in the output."""
    for _, item in view.kinds.get(("external-secrets.io", "ExternalSecret"), ()):
        target = mapping(mapping(item.data, "spec"), "target")
        yield "Secret", item.namespace, str(target.get("name") or item.name)
    for _, item in view.kinds.get(("bitnami.com", "SealedSecret"), ()):
        yield "Secret", item.namespace, item.name
    for _, item in view.kinds.get(("cert-manager.io", "Certificate"), ()):
        yield "Secret", item.namespace, str(mapping(item.data, "spec").get("secretName"))
    for _, item in view.kinds.get(("networking.k8s.io", "Ingress"), ()):
        for tls in maps(mapping(item.data, "spec"), "tls") if _certified(item) else ():
            yield "Secret", item.namespace, str(tls.get("secretName"))
    for _, item in view.kinds.get((GATEWAY, "Gateway"), ()):
        for listener in maps(mapping(item.data, "spec"), "listeners") if _certified(item) else ():
            for reference in maps(mapping(listener, "tls"), "certificateRefs"):
                yield "Secret", str(reference.get("namespace") or item.namespace), str(reference.get("name"))


def _certified(item: Manifest) -> bool:
    """Whether cert-manager makes the object's certificates."""
    return any(str(name).startswith("cert-manager.io/") for name in mapping(item.metadata, "annotations"))


def _claims(view: View) -> Iterator[tuple[str, str]]:
    """(namespace, name without its number) of the PersistentVolumeClaims that StatefulSets make."""
    for _, item in view.kinds.get(("apps", "StatefulSet"), ()):
        for claim in maps(mapping(item.data, "spec"), "volumeClaimTemplates"):
            yield item.namespace, f"{mapping(claim, 'metadata').get('name')}-{item.name}"
