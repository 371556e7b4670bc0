"""What the work itself costs, as a plain script: `python floor.py bare|honest`.

`bare` loads values, merges, renders Jinja2 and writes the text. `honest` parses what it rendered, with the
fastest parser among weft's dependencies (libyaml, through ruamel.yaml), and emits it again. Neither checks
anything, compares with what is there, or imports a line of weft.
"""

from __future__ import annotations

import json
import os
import re
import sys
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import events
from ruamel.yaml.cyaml import CParser

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./@%=-]*(?::[A-Za-z0-9_./@%=-]+)*\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


class _Resolved(dict[str, Any]):
    """What unquoted scalars mean, each looked at once."""

    def __missing__(self, text: str) -> Any:
        value: Any = {"true": True, "false": False, "null": None, "": None}.get(text, text)
        if re.fullmatch(r"-?(?:0|[1-9]\d*)", text):
            value = int(text)
        elif re.fullmatch(r"-?(?:0|[1-9]\d*)\.\d+", text):
            value = float(text)
        self[text] = value
        return value


_resolved = _Resolved()


def load(text: str) -> list[Any]:
    """The documents of a stream; anchors and tags are not expected."""
    get = CParser(text).get_event
    scalar, end = events.ScalarEvent, events.StreamEndEvent
    starts = {events.MappingStartEvent: dict, events.SequenceStartEvent: list}
    ends = (events.MappingEndEvent, events.SequenceEndEvent)
    root: list[Any] = []
    box: Any = root
    key: str | None = None
    stack: list[tuple[Any, str | None]] = []
    while True:
        event = get()
        kind = event.__class__
        if kind is scalar:
            if key is None and box.__class__ is dict:
                key = event.value
                continue
            value = _resolved[event.value] if event.implicit[0] else event.value
        elif kind in starts:
            stack.append((box, key))
            box, key = starts[kind](), None
            continue
        elif kind in ends:
            value = box
            box, key = stack.pop()
        elif kind is end:
            return root
        else:
            continue
        if key is None:
            box.append(value)
        else:
            box[key] = value
            key = None


@lru_cache(maxsize=16384)
def _text(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def emit(value: Any, pad: str, out: list[str]) -> None:
    """Block YAML, line by line; lists stand at the indentation of their key."""
    if value.__class__ is dict:
        for key, item in value.items():
            _line(f"{pad}{_text(key)}:", item, pad if item.__class__ is list else pad + "  ", out)
    else:
        for item in value:
            if item.__class__ in (dict, list) and item:
                first = len(out)
                emit(item, pad + "  ", out)
                out[first] = f"{pad}- {out[first][len(pad) + 2 :]}"
            else:
                _line(f"{pad}-", item, pad, out)


def _line(head: str, item: Any, pad: str, out: list[str]) -> None:
    if item.__class__ is str:
        out.append(f"{head} {_text(item)}")
    elif item.__class__ in (dict, list) and item:
        out.append(head)
        emit(item, pad, out)
    else:
        out.append(f"{head} {json.dumps(item)}")


def merged(weak: dict[str, Any], strong: dict[str, Any]) -> dict[str, Any]:
    """Key by key, `strong` over `weak`."""
    result = dict(weak)
    for key, value in strong.items():
        old = result.get(key)
        both = value.__class__ is dict and old.__class__ is dict
        result[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return result


def read(path: str) -> Any:
    """The one document of a file."""
    with open(path) as stream:
        return load(stream.read())[0]


def main(kind: str) -> None:
    """Render every service for every environment into out/."""
    jinja = Environment(
        loader=FileSystemLoader("templates"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates = [jinja.get_template(name) for name in sorted(os.listdir("templates"))]
    common = read("common.yaml")
    services = {name: read(f"services/{name}") for name in sorted(os.listdir("services"))}
    for where in sorted(os.listdir("environments")):
        base = merged(common, read(f"environments/{where}"))
        folder = f"out/{where.removesuffix('.yaml')}"
        os.makedirs(folder, exist_ok=True)
        for name, values in services.items():
            found = merged(base, values)
            text = "\n---\n".join([template.render(found) for template in templates]) + "\n"
            if kind == "honest":
                lines: list[str] = []
                for value in load(text):
                    lines.append("---")
                    emit(value, "", lines)
                text = "\n".join(lines) + "\n"
            with open(f"{folder}/{name}", "w") as stream:
                stream.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
