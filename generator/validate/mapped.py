"""Finds texts that name a namespace as the definition calls it, where the environment calls it otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.model.document import Path
from generator.model.finding import Code, Finding
from generator.validate.view import View

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: shop}
spec:
  containers:
  - name: shop
    image: shop:1.0
    env: [{name: BACKEND, value: "http://backend%s:8080"}]
"""

UNMAPPED = Code(
    name="unmapped-namespace",
    severity="warning",
    title="A text names a namespace that has another name in the environment",
    meaning="""\
`namespaces` gives the namespace another name in this environment. weft renames it wherever a field says
which object is meant. In an environment variable, an argument, a ConfigMap's text or a field of a kind
that weft does not know, it only sees a text that looks like the old name, and leaves it alone: what it
leads to is not there any more.""",
    example=_POD % ".shop.svc",
    mended=_POD % "",
    mend="""\
Leave the namespace out where it is the own one, or let the chart write it: `{{ component.namespace }}` in a
Jinja2 chart and `{{ .Release.Namespace }}` in a Helm chart are the name in the environment. A static file
can be patched in the environment's file. Where the text means something else, accept the finding with
`validation: {ignore: […]}`.""",
    beside={
        "component.yaml": (
            "type: static\npath: ./manifests\nnamespaces:\n  shop: {mapping: selected, name: shop-edge}\n"
        ),
    },
)

CODES = (UNMAPPED,)

_FIELD = re.compile(r"namespaces?$", re.IGNORECASE)
_OPTION = re.compile(r"-n|--[\w-]*namespace")


def check(view: View) -> Iterator[Finding]:
    """One finding for each field with such a text."""
    # Objects are in one that has its old name where its mapping is refused: no text names it too early.
    living = {placed.item.namespace for placed in view.objects} if view.mapped else set()
    names = {old: new for old, new in view.mapped.items() if old not in living}
    if not names:
        return
    texts = _Texts(view, names)
    for placed in view.objects:
        item = placed.item
        # What is encoded nobody can read, and nobody should.
        hidden = item.kind == "Secret" and not item.group
        data = {key: value for key, value in item.data.items() if not (hidden and key == "data")}
        for path, namespace in texts.naming(data):
            yield view.finding(
                UNMAPPED,
                placed,
                f"{view.identity(item)} names namespace `{namespace}`, which is"
                f" `{view.mapped[namespace]}` here",
                path=path,
                about=namespace,
                hint="let the chart write the component's namespace, or patch it here",
            )


class _Texts:
    """Knows the forms in which a text names one of the mapped namespaces."""

    def __init__(self, view: View, names: Mapping[str, str]) -> None:
        self._mapped = names
        self._services = {
            (placed.item.namespace, placed.item.name) for placed in view.kinds.get(("", "Service"), ())
        }
        words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        end = r"(?![\w-])"
        self._any = re.compile(words)
        self._host = re.compile(rf"(?<![\w.-])([a-z0-9][a-z0-9-]*)\.({words})(?![\w-]|\.\w)")
        self._forms = [
            re.compile(form)
            for form in (
                rf"\.({words})\.svc{end}",
                rf"system:serviceaccounts?:({words}){end}",
                rf"/ns/({words}){end}",
                rf"/namespaces/({words}){end}",
                rf"(?i:namespaces?)[\"']?(?:\s*(?:[:=]|[=!][=~])\s*\[?\s*|\s+)[\"']?({words})(?![\w.-])",
            )
        ]

    def naming(self, data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
        """The path of each text in an object that names a namespace, and the namespace."""
        yield from self._walk(data, (), "")

    def _walk(self, value: Any, path: Path, before: str) -> Iterator[tuple[Path, str]]:
        if isinstance(value, dict):
            for key, child in value.items():
                yield from self._walk(child, (*path, key), _about(value, key))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                last = value[index - 1] if index else None
                option = isinstance(last, str) and _OPTION.fullmatch(last)
                yield from self._walk(child, (*path, index), "namespace" if option else before)
        elif isinstance(value, str) and self._any.search(value):
            namespace = self._named(value, before, annotation=path[:2] == ("metadata", "annotations"))
            if namespace is not None:
                yield path, namespace

    def _named(self, text: str, before: str, *, annotation: bool) -> str | None:
        if text in self._mapped and _FIELD.search(before):
            return text
        owner, slash, _ = text.partition("/")
        if annotation and slash and owner in self._mapped:
            return owner
        for form in self._forms:
            match = form.search(text)
            if match:
                return match[1]
        for match in self._host.finditer(text):
            if (self._mapped[match[2]], match[1]) in self._services:
                return match[2]
        return None


def _about(holder: Mapping[str, Any], key: object) -> str:
    """What a field is about: an environment variable says it by its name, a rule by its resources."""
    if key == "value":
        return str(holder.get("name", ""))
    resources = holder.get("resources")
    if key == "resourceNames" and isinstance(resources, list) and "namespaces" in resources:
        return "namespaces"
    return str(key)
