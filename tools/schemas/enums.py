"""The values of Kubernetes' string enumerations, read from the Go types that are marked `+enum`.

The published schemas leave them out. The marker is Kubernetes' own: such a type has these values only.
"""

from __future__ import annotations

import re
from typing import Any

from tools.schemas.fetch import Module

_TYPE = re.compile(r"^// \+enum\b.*\n(?://.*\n)*type (\w+) string", re.MULTILINE)
_VALUE = re.compile(r'^\s*\w+\s+(\w+)\s*=\s*"([^"]*)"', re.MULTILINE)
_CAST = re.compile(r'^\s*\w+\s*=\s*(\w+)\("([^"]*)"\)', re.MULTILINE)
# A value that is another constant: what it is cannot be read here.
_OPAQUE = re.compile(r"^\s*\w+\s*=\s*(\w+)\(\w+\.\w+\)", re.MULTILINE)
_IMPORT = re.compile(r'^\s*(\w+)?\s*"k8s\.io/api/(\w+/\w+)"', re.MULTILINE)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\s+\w+\s+(\*|\[\])?(?:(\w+)\.)?(\w+)\s+`json:"(\w+)(,omitempty)?', re.MULTILINE)


def add(definitions: dict[str, Any], api: Module) -> int:
    """Lays the enumerations of the module k8s.io/api over the definitions; returns how many there are."""
    sources = {path.removesuffix("/types.go"): api.read(path) for path in api.files("", "/types.go")}
    values = {folder: _values(text) for folder, text in sources.items()}
    count = 0
    for folder, text in sources.items():
        packages = {alias or path.rpartition("/")[2]: path for alias, path in _IMPORT.findall(text)}
        for struct, body in _STRUCT.findall(text):
            definition = definitions.get(f"io.k8s.api.{folder.replace('/', '.')}.{struct}", {})
            for marker, package, type_name, field, omitted in _FIELD.findall(body):
                options = values.get(packages.get(package, "") if package else folder, {}).get(type_name)
                node = definition.get("properties", {}).get(field)
                if options and node is not None:
                    # To the server a text that may be left out and is empty is one that is left out.
                    empty = [""] if omitted and not marker and "" not in options else []
                    (node["items"] if marker == "[]" else node)["enum"] = sorted(options) + empty
                    count += 1
    return count


def _values(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in _TYPE.findall(text)}
    for name, value in [*_VALUE.findall(text), *_CAST.findall(text)]:
        if name in found and value not in found[name]:
            found[name].append(value)
    opaque = set(_OPAQUE.findall(text))
    return {name: options for name, options in found.items() if options and name not in opaque}
