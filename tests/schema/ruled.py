"""Custom resources with rules in CEL, and what the API server of Kubernetes says of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from generator.schema import bundle

JSON = dict[str, Any]

FOLDER = Path(__file__).with_name("rules")
# Made by `python -m tools.rules`, with k8s.io/apiextensions-apiserver of the version in tools/rules/go.mod.
VERDICTS = FOLDER / "verdicts.json"
CHANNELS = ("standard", "experimental")


class Case(NamedTuple):
    """An object, and the definition of its kind in one channel."""

    name: str
    definition: JSON
    object: JSON


def cases() -> Sequence[Case]:
    """Every case; names are unique."""
    return [*_features(), *(case for channel in CHANNELS for case in _bundled(channel))]


def schema(case: Case) -> Any:
    """The openAPIV3Schema of the object's version."""
    version = case.object["apiVersion"].rpartition("/")[2]
    versions = case.definition["spec"]["versions"]
    return next(item["schema"]["openAPIV3Schema"] for item in versions if item["name"] == version)


def verdicts() -> Mapping[str, Any]:
    """What the API server says, by the name of the case: errors of the schema, and of the rules."""
    found: Mapping[str, Any] = json.loads(VERDICTS.read_text(encoding="utf-8"))
    return found


def _features() -> Iterator[Case]:
    definition = _read("features.yaml")[0]
    for fields in _read("features.cases.yaml")[0]:
        base = {"apiVersion": "example.org/v1", "kind": "Gadget", "metadata": {"name": "a"}}
        yield Case(f"Gadget {json.dumps(fields)}", definition, {**base, **fields})


def _bundled(channel: str) -> Iterator[Case]:
    known = {
        (crd["spec"]["group"], crd["spec"]["names"]["kind"]): crd
        for name in ("istio", "flux", "gateway-api")
        for crd in bundle.channels(name)[-1 if channel == "experimental" else 0]
    }
    objects: dict[str, JSON] = {}
    for data in _read("bundled.yaml"):
        name = f"{data['kind']}/{data['metadata']['name']}"
        group = data["apiVersion"].partition("/")[0]
        objects[name if name not in objects else name.replace("/", f".{group}/")] = data
    edited = list(objects.items())
    for of, path, *to in _read("edits.yaml")[0]:
        edited.append((f"{of} {path} {json.dumps(to[0]) if to else 'gone'}", _edited(objects[of], path, to)))
    for name, data in edited:
        definition = known[data["apiVersion"].partition("/")[0], data["kind"]]
        if channel == "standard" or data["apiVersion"].startswith("gateway."):
            yield Case(f"{name} ({channel})", definition, data)


def _edited(data: JSON, path: str, to: Sequence[Any]) -> JSON:
    made = copy.deepcopy(data)
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    node: Any = made
    for step in steps:
        node = node[step]
    if not to:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(to[0])
    else:
        node[last] = to[0]
    return made


def _read(name: str) -> list[Any]:
    return list(yaml.safe_load_all(FOLDER.joinpath(name).read_text(encoding="utf-8")))
