"""Checks every object against the schemas of Kubernetes and of the custom resources that are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.model.finding import Code, Finding
from generator.model.manifest import Placed
from generator.model.secrets import NOT_SHOWN
from generator.schema import removed, wording
from generator.schema.kubernetes import Problem, Schemas
from generator.validate.view import View

_WORKING = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec:
  containers: [{name: shop, image: shop:1.0}]
"""
_INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  defaultBackend:
    service: {name: shop, port: {number: 80}}
---
"""
_INGRESS += _WORKING

SCHEMA = Code(
    name="schema",
    severity="error",
    title="The API server would refuse the object",
    meaning="""\
The object does not follow the schema of its kind in the environment's Kubernetes version: a field
that the kind does not have, a value of another type or out of range, a field that is missing, a
name or label that Kubernetes does not take, or two list items with one key. Unknown fields are
errors, because the API server drops them without a word, and what they were to do does not happen.

Kinds of Kubernetes, Istio, the Gateway API and Flux are known. Others are known where their
CustomResourceDefinition is in the output or in the tree. What a definition says in CEL is told of
as `schema-rule`. `status` of a bundled custom resource is not looked at.""",
    example=_WORKING.replace("targetPort", "targetport"),
    mended=_WORKING,
    mend="""\
The message has the field's path, what is there and what is expected. Correct it in the file that
the finding names. If the cluster knows the field and weft does not, the cluster has another
version: set `kubernetes.version` of the environment, or put the CustomResourceDefinition into the
tree.""",
)
NOT_SERVED = Code(
    name="not-served",
    severity="error",
    title="The API server has no such kind",
    meaning="""\
The API group is known, but in this version it has no such kind: the kind or `apiVersion` is
mistyped, or the version is newer than the environment's Kubernetes, or the
CustomResourceDefinition does not serve it.""",
    example=_WORKING.replace("kind: Service", "kind: Servce"),
    mended=_WORKING,
    mend="""\
Take the kind or `apiVersion` that the hint names. If the cluster is newer than weft thinks, set
`kubernetes.version` of the environment.""",
)
REMOVED = Code(
    name="removed-api",
    severity="error",
    title="The API version was removed from Kubernetes",
    meaning="""\
The environment's Kubernetes version does not serve this `apiVersion` of the kind any more. Applying
the object fails; where it was applied before, the cluster has it in another version already.""",
    example=_INGRESS.replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1"),
    mended=_INGRESS,
    mend="""\
Move to the replacement that the hint names. Fields may differ between the two versions; once
`apiVersion` is changed, weft checks them. For an older cluster set `kubernetes.version` of the
environment.""",
)
DEPRECATED = Code(
    name="deprecated-api",
    severity="warning",
    title="The API version will be removed",
    meaning="""\
The environment's Kubernetes version, or the custom resource's definition, still serves this
`apiVersion`, but says that a later one will not.""",
    example="""\
apiVersion: v1
kind: Endpoints
metadata: {name: database}
subsets:
  - addresses: [{ip: 10.0.0.7}]
    ports: [{port: 5432}]
---
apiVersion: v1
kind: Service
metadata: {name: database}
spec:
  ports: [{port: 5432}]
""",
    mended="""\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: database, labels: {kubernetes.io/service-name: database}}
addressType: IPv4
endpoints:
  - addresses: [10.0.0.7]
ports: [{port: 5432}]
---
apiVersion: v1
kind: Service
metadata: {name: database}
spec:
  ports: [{port: 5432}]
""",
    mend="Move to the replacement that the hint names before the cluster is updated.",
)
UNKNOWN = Code(
    name="unknown-kind",
    severity="note",
    title="Nothing is known of the kind's fields",
    meaning="""\
The object is a custom resource, and no definition of it is bundled, in the output or in the tree.
So its fields are not checked.""",
    example="""\
apiVersion: example.org/v1
kind: Widget
metadata: {name: first}
spec: {size: 3}
""",
    mended="""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: first}
spec: {size: 3}
""",
    mend="Put the CustomResourceDefinition into the tree, or leave it: nothing is refused for a note.",
)
EXPERIMENTAL = Code(
    name="experimental-field",
    severity="note",
    title="The field is in the experimental channel only",
    meaning="""\
The Gateway API comes in two channels. Clusters with the standard one do not have this field, and
drop it without a word; those with the experimental one have it.""",
    example="""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  rules:
    - sessionPersistence: {type: Cookie, cookie: {lifetimeType: Session}}
""",
    mended="""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  rules:
    - matches: [{path: {value: /}}]
""",
    mend="""\
Make sure that the cluster has the experimental channel, or leave the field out. With the cluster's
own CustomResourceDefinition in the tree, that one decides.""",
)
VERSION = Code(
    name="schema-version",
    severity="note",
    title="Another Kubernetes version is checked against",
    meaning="""\
The schemas of the environment's Kubernetes version are not bundled, so the nearest ones are used. A
field that came or went between the two is judged wrongly. Removed and deprecated API versions are
told by the version that the environment names.""",
    example="",
    mended="",
    mend="Nothing has to be done. A newer weft knows newer versions.",
)

CODES = (SCHEMA, NOT_SERVED, REMOVED, DEPRECATED, UNKNOWN, EXPERIMENTAL, VERSION)

_OF_REASON = {
    "schema": SCHEMA,
    "not-served": NOT_SERVED,
    "deprecated": DEPRECATED,
    "unknown-kind": UNKNOWN,
    "experimental": EXPERIMENTAL,
}


def check(view: View) -> Iterator[Finding]:
    """A finding for each thing that the API server would refuse or warn of."""
    schemas = view.schemas
    if schemas.note and view.objects:
        # It is about no object; the first one lends its place.
        yield view.finding(VERSION, view.objects[0], schemas.note)
    for placed in view.objects:
        yield from _findings(view, schemas, placed)


def _findings(view: View, schemas: Schemas, placed: Placed) -> Iterator[Finding]:
    data = placed.item.data
    version = str(data.get("apiVersion"))
    removal = removed.find(version, placed.item.kind, view.version)
    if removal is not None:
        gone = removal.removed_in(view.version)
        message = f"{removal.kind} in {removal.api_version} is {removal.ends}"
        hint = f"use {removal.replacement}" if removal.replacement else None
        code = REMOVED if gone else DEPRECATED
        yield view.finding(code, placed, message, path=("apiVersion",), hint=hint, about=version)
        if gone:
            return
    for problem in schemas.check(data):
        code = _OF_REASON[problem.reason]
        about = version if code in (NOT_SERVED, DEPRECATED) else problem.rule
        message = _without_secrets(view, problem, data)
        yield view.finding(code, placed, message, path=problem.path, hint=problem.hint, about=about)


def _without_secrets(view: View, problem: Problem, data: Any) -> str:
    """The message of a problem; a value that a Secret beside the object holds is not shown in it."""
    value = data
    for step in problem.path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return problem.message
    if isinstance(value, (str, int)) and view.secret_texts.without(str(value), "") != str(value):
        return problem.message.replace(wording.shown(value), NOT_SHOWN)
    return problem.message
