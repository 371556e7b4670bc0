"""Makes the bundled custom resource definitions from the YAML that Go modules carry."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from tools.schemas.fetch import Module

JSON = dict[str, Any]

CONTROLLERS = ("source", "kustomize", "helm", "notification", "image-reflector", "image-automation")

_DROPPED = (
    "description",
    "title",
    "example",
    "externalDocs",
    "x-kubernetes-map-type",
)
_PER_NAME = ("properties", "patternProperties", "definitions", "dependencies")


def definitions(text: str) -> Iterator[JSON]:
    """The custom resource definitions in a file, without what no check reads."""
    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
            yield slim(document)


def slim(crd: JSON) -> JSON:
    """A definition with group, kind, scope and versions only; what `status` may hold is left open."""
    spec = crd["spec"]
    versions = []
    for version in spec["versions"]:
        schema = _stripped(version["schema"]["openAPIV3Schema"])
        if "status" in schema.get("properties", {}):
            # Controllers write it; of what a user applies the server throws it away.
            schema["properties"]["status"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        kept = {
            key: version[key]
            for key in ("name", "served", "storage", "deprecated", "deprecationWarning")
            if key in version
        }
        versions.append({**kept, "schema": {"openAPIV3Schema": schema}})
    return {
        "apiVersion": crd["apiVersion"],
        "kind": crd["kind"],
        "metadata": {"name": crd["metadata"]["name"]},
        "spec": {
            "group": spec["group"],
            "names": {"kind": spec["names"]["kind"], "plural": spec["names"]["plural"]},
            "scope": spec["scope"],
            "versions": versions,
        },
    }


def _stripped(schema: JSON) -> JSON:
    node: JSON = {}
    for key, value in schema.items():
        if key in _DROPPED:
            continue
        if key in _PER_NAME:
            node[key] = {name: _stripped(child) for name, child in value.items()}
        elif isinstance(value, dict) and key not in ("default", "enum"):
            node[key] = _stripped(value)
        elif key in ("allOf", "anyOf", "oneOf"):
            node[key] = [_stripped(child) for child in value]
        else:
            node[key] = value
    return node


def istio(module: Module) -> list[JSON]:
    """Those of Istio."""
    return list(definitions(module.read("kubernetes/customresourcedefinitions.gen.yaml")))


def gateway_api(module: Module, channel: str) -> list[JSON]:
    """Those of a channel of the Gateway API."""
    paths = module.files(f"config/crd/{channel}/gateway.", ".yaml")
    return [crd for path in paths for crd in definitions(module.read(path))]


def flux(release: dict[str, Module], releases: Module) -> list[JSON]:
    """Those of Flux: of its newest release, and versions that earlier releases served.

    `release` are the modules of controllers that have one, `releases` the module that carries whole releases.
    Raises SystemExit where the two do not say the same.
    """
    names = sorted(
        {path.split("/")[3] for path in releases.files("config/data/flux/v", ".yaml")}, key=_number
    )
    newest = _release(releases, names[-1])
    for controller, module in release.items():
        own = [
            crd
            for path in module.files("config/crd/bases/", ".yaml")
            for crd in definitions(module.read(path))
        ]
        carried = {_key(crd): crd for crd in newest if f"{controller}." in crd["spec"]["group"]}
        if carried != {_key(crd): crd for crd in own}:
            raise SystemExit(f"{controller}-controller and Flux {names[-1]} have different definitions")
    found = {_key(crd): copy.deepcopy(crd) for crd in newest}
    _add_earlier(found, releases, names)
    return [found[key] for key in sorted(found)]


def _add_earlier(found: dict[str, JSON], releases: Module, names: list[str]) -> None:
    for later, earlier in reversed(list(zip(names[1:], names[:-1], strict=True))):
        for crd in _release(releases, earlier):
            versions = found.setdefault(_key(crd), {**crd, "spec": {**crd["spec"], "versions": []}})["spec"][
                "versions"
            ]
            known = {version["name"] for version in versions}
            for version in crd["spec"]["versions"]:
                if version["name"] not in known and version["served"]:
                    number = ".".join(later.removeprefix("v").split(".")[:2])
                    warning = f"Flux {number} and later do not serve it"
                    versions.append(
                        {**version, "deprecated": True, "storage": False, "deprecationWarning": warning}
                    )


def _release(releases: Module, name: str) -> list[JSON]:
    texts = (
        releases.read(f"config/data/flux/{name}/{controller}-controller.yaml") for controller in CONTROLLERS
    )
    return [crd for text in texts for crd in definitions(text)]


def _key(crd: JSON) -> str:
    return str(crd["metadata"]["name"])


def _number(release: str) -> list[int]:
    return [int(part) for part in release.removeprefix("v").split(".")]


def packed(groups: Iterable[list[JSON]]) -> JSON:
    """The definitions with each schema once: `schemas`, and in the definitions the number of one.

    Several versions of a kind often have one schema.
    """
    schemas: list[JSON] = []
    out = []
    for crds in groups:
        for crd in crds:
            for version in crd["spec"]["versions"]:
                schema = version.pop("schema")["openAPIV3Schema"]
                if schema not in schemas:
                    schemas.append(schema)
                version["schema"] = schemas.index(schema)
        out.append(crds)
    return {"channels": out, "schemas": schemas}
