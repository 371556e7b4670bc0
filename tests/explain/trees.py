"""Random definitions for the proof of `weft explain`: each value on its own line, and unlike all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

# What a chart writes down: all values as a field each, and some of them in places of a Deployment.
DUMP = """\
apiVersion: example.com/v1
kind: Dump
metadata:
  name: {{ component.path | replace("/", "-") }}
spec:
  {{ values | to_yaml | indent(2) }}
"""
APP = """\
{% macro env(values) -%}
{% for name, value in (values.env | default({})).items() %}
- name: {{ name }}
  value: {{ value | quote }}
{% endfor %}
{%- endmacro %}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ component.path | replace("/", "-") }}
spec:
  replicas: {{ values.count | default(1) }}
  template:
    spec:
{% if values.flag is defined and values.flag %}
      hostNetwork: true
{% endif %}
      containers:
        - name: app
          image: "registry/{{ values.image | default("none") }}"
          env:
            {{ env(values) | indent(12) }}
"""

# A place may speak of a key: its path, and the kind of its value, which is the same everywhere.
KEYS: Mapping[tuple[str, ...], str] = {
    ("count",): "number",
    ("image",): "text",
    ("flag",): "flag",
    ("env", "A"): "text",
    ("env", "B"): "text",
    ("deep", "er", "x"): "text",
    ("deep", "er", "y"): "number",
    ("plain",): "list",
    ("added",): "list",
    ("named",): "named",
    ("global", "g"): "text",
    ("global", "h"): "number",
}
REFERENCES = (
    "${global.g}",
    "${global.h}",
    "a-${environment.labels.region}-b",
    "${environment.labels.region}",
)
NAMED = ("one", "two", "three")


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """The files of a definition with three levels, two environments, a layer, and a chart with defaults."""
    number = iter(range(1000, 100_000))
    files = {
        "chart/chart.yaml": "name: chart\n",
        "chart/values.yaml": _yaml(_config(draw, number, chart=True)),
        "chart/templates/dump.yaml.j2": DUMP,
        "chart/templates/app.yaml.j2": APP,
        # Whatever else is drawn, what may be referred to is there.
        "environments/common.yaml": _yaml({"labels": {"region": f"r{next(number)}"}, "layers": ["shared"]}),
        "config/shared.yaml": "{}\n",
    }
    for name in ("east", "west"):
        keys = _keys(draw, number, ("labels",)) if draw(st.booleans()) else {}
        keys.pop("labels", None)
        if draw(st.booleans()):
            keys["labels"] = {"region": f"r{next(number)}"}
        files[f"environments/{name}.yaml"] = _yaml(keys)
    for folder in ("", "top/", "top/mid/"):
        for stem in ("east", "shared", "common"):
            if draw(st.booleans()):
                files[f"{folder}config/{stem}.yaml"] = _yaml(_keys(draw, number))
    root = {**_keys(draw, number), "subcomponents": [{"name": "top", "source": "./top"}]}
    config = root.setdefault("config", {})
    config["global"] = {"g": f"g{next(number)}", "h": next(number)}
    files["component.yaml"] = _yaml(root)
    rules = {
        "merge": {"paths": {"added": draw(st.sampled_from(["append", "prepend"])), "named": {"by": "name"}}}
    }
    leaf = {"name": "leaf", "type": "jinja", "path": "../chart", **rules, **_keys(draw, number)}
    files["top/component.yaml"] = _yaml(
        {"subcomponents": [{"name": "mid", "source": "./mid"}, leaf], **_keys(draw, number)}
    )
    files["top/mid/component.yaml"] = _yaml(
        {"type": "jinja", "path": "../../chart", **rules, **_keys(draw, number)}
    )
    return files


def _keys(draw: st.DrawFn, number: Iterator[int], without: tuple[str, ...] = ()) -> dict[str, Any]:
    keys: dict[str, Any] = {"config": _config(draw, number)}
    if draw(st.integers(0, 3)) == 0:
        keys["namespace"] = f"ns{next(number)}"
    if draw(st.integers(0, 3)) == 0:
        keys["labels"] = {draw(st.sampled_from(["team", "tier"])): f"t{next(number)}"}
    return {key: value for key, value in keys.items() if value and key not in without}


def _config(draw: st.DrawFn, number: Iterator[int], *, chart: bool = False) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for path in draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=6)):
        kind = KEYS[path]
        if not chart and path[0] != "global" and draw(st.integers(0, 9)) == 0:
            # Null for the key, or for the map that it is in.
            path = path[: draw(st.integers(1, len(path)))]
            kind = "null"
        below = config
        for step in path[:-1]:
            below = below.setdefault(step, {}) if below is not None else None
        if below is not None and (kind != "null" or path[-1] not in below):
            below[path[-1]] = _value(draw, number, kind, plain=chart or path[0] == "global")
    return config


def _value(draw: st.DrawFn, number: Iterator[int], kind: str, *, plain: bool) -> Any:
    if kind == "null":
        return None
    if kind == "flag":
        return draw(st.booleans())
    if kind == "number":
        return next(number)
    if kind == "list":
        return [f"i{next(number)}" for _ in range(draw(st.integers(1, 3)))]
    if kind == "named":
        names = draw(st.lists(st.sampled_from(NAMED), unique=True, min_size=1))
        return [{"name": name, "value": f"n{next(number)}"} for name in names]
    return f"v{next(number)}" if plain or draw(st.integers(0, 3)) else draw(st.sampled_from(REFERENCES))


def _yaml(value: Any) -> str:
    return "\n".join(_lines(value, "")) + "\n" if value else "{}\n"


def _lines(value: Any, pad: str) -> Iterator[str]:
    """Block YAML, each scalar on a line of its own."""
    for name, item in value.items() if isinstance(value, dict) else (("-", item) for item in value):
        head = f"{pad}-" if name == "-" else f"{pad}{name}:"
        if isinstance(item, dict) and item and name == "-":
            first, *rest = _lines(item, f"{pad}  ")
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        elif isinstance(item, (dict, list)) and item:
            yield head
            yield from _lines(item, f"{pad}  ")
        else:
            text = (
                {None: "null", True: "true", False: "false"}.get(item)
                if not isinstance(item, (str, int)) or isinstance(item, bool)
                else None
            )
            yield f"{head} {text if text is not None else item if item not in ({}, []) else '{}'}"


def edited(line: str) -> str:
    """The line with another value of the same kind in the place of its own."""
    head, _, value = line.rpartition(" ")
    if value in ("true", "false"):
        return f"{head} {'false' if value == 'true' else 'true'}"
    if value.isdigit():
        return f"{head} {int(value) + 100_000}"
    return f"{head} edited"


SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: "{{ routing.service }}"
spec:
  selector: {app: app}
  ports:
    - name: http
      port: {{ routing.port | default(80, true) }}
"""
PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ component.name }}
spec:
  template:
    metadata:
      labels:
        app: app
        version: {{ component.name }}
    spec:
      containers: [{name: app, image: app}]
"""


@st.composite
def services(draw: st.DrawFn) -> dict[str, str]:
    """The files of a service with two deployments, of whose routing several files say a part each."""
    number = iter(range(1000, 100_000))
    provider = draw(st.sampled_from(["istio", "gateway-api"]))
    root = {
        "external": [{"kind": "Namespace"}, {"kind": "Gateway"}],
        "namespace": "spaces",
        "config": {"global": {"g": f"g{next(number)}"}},
        "subcomponents": [{"name": "api", "source": "./api"}],
    }
    split = {"stable": 60, "canary": 40}
    own = {"provider": provider, "split": split, **_routing(draw, number)}
    deployments = [{"name": name, "type": "jinja", "path": "../app"} for name in split]
    api = {"type": "jinja", "path": "../service", "routing": own, "subcomponents": deployments}
    files = {
        "component.yaml": _yaml(root),
        "api/component.yaml": _yaml(api),
        "service/chart.yaml": "name: service\n",
        "service/templates/service.yaml.j2": SERVICE,
        "app/chart.yaml": "name: app\n",
        "app/templates/app.yaml.j2": PODS,
    }
    below = {"environments/east.yaml": True, "config/common.yaml": True, "api/config/common.yaml": False}
    for file, inner in below.items():
        keys = {"routing": _routing(draw, number)} if draw(st.booleans()) else {}
        if keys and draw(st.booleans()):
            stable = draw(st.integers(1, 98))
            keys["routing"]["split"] = {"stable": stable, "canary": 100 - stable}
        files[file] = _yaml({"subcomponents": {"api": keys}} if inner and keys else keys)
    return files


def _routing(draw: st.DrawFn, number: Iterator[int]) -> dict[str, Any]:
    """A part of a routing; all values unlike each other."""
    made: dict[str, Any] = {
        "service": f"s{next(number)}",
        "port": next(number),
        "hosts": [f"h{next(number)}.example.com", f"h{next(number)}.${{global.g}}"],
        "gateways": [f"n{next(number)}/w{next(number)}"],
    }
    chosen = draw(st.lists(st.sampled_from(sorted(made)), unique=True, min_size=1))
    return {key: made[key] for key in chosen}
