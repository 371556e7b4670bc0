"""Writes the input of each peer for one size: the same services, environments and values in its own idiom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import skeleton
from benchmarks.workload import COMMON, NAMESPACE, SPLIT, VARIANTS, Size, environment, merged, service

# What the chart says of the cluster where its values do not differ by cluster.
FLEET = merged(COMMON, environment("e00"))


def dump(value: Any) -> str:
    """JSON, which is YAML in the fewest words; every tool here reads it as either."""
    return json.dumps(value, indent=1) + "\n"


def yaml(value: Any, pad: str = "") -> str:
    """Block YAML as people write it, for values that need no care: every text is quoted."""
    if not isinstance(value, dict):
        return json.dumps(value) + "\n"
    return "".join(
        f"{pad}{key}:\n{yaml(item, pad + '  ')}"
        if isinstance(item, dict) and item
        else f"{pad}{key}: {json.dumps(item)}\n"
        for key, item in value.items()
    )


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write each text to its path below `root`."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def values(root: Path, size: Size) -> None:
    """The plain files that bare, honest, Helm, KCL and nyl read: common, environments/, services/."""
    files = {"common.yaml": yaml(COMMON)}
    files |= {f"environments/{name}.yaml": yaml(environment(name)) for name in size.environment_names()}
    files |= {f"services/{name}.yaml": yaml(service(name)) for name in size.service_names()}
    write(root, files)


def change_values(root: Path, name: str, revision: int) -> None:
    """Edit one service in the plain files."""
    write(root, {f"services/{name}.yaml": yaml(service(name, revision))})


def weft(root: Path, size: Size) -> None:
    """A weft definition: a chart for services, one for deployments, routing in each service."""
    labels = {"cluster": "${environment.name}"}
    labels |= {key: f"${{environment.labels.{key}}}" for key in ("region", "tier")}
    files = {
        **weft_root("services"),
        "services/component.yaml": "name: services\nsubcomponents:\n- source: ./*\n",
        "config/common.yaml": yaml({"config": COMMON, "subcomponents": {"services": {"labels": labels}}}),
    }
    for kind, templates in (
        ("service", skeleton.weft_service()),
        ("deployment", skeleton.weft_deployment()),
    ):
        files[f"charts/{kind}/chart.yaml"] = f"name: {kind}\n"
        files |= {f"charts/{kind}/templates/{file}": text for file, text in templates.items()}
    for name in size.environment_names():
        found = environment(name)
        ours = {"labels": found["environment"]["labels"], "config": {"global": found["global"]}}
        files[f"environments/{name}.yaml"] = yaml(ours)
    for name in size.service_names():
        files[f"services/{name}/component.yaml"] = dump(_weft_service(name))
        files[f"services/{name}/config/common.yaml"] = yaml(_weft_config(name, 0))
    write(root, files)


def weft_root(folder: str) -> dict[str, str]:
    """The root of a definition with one subcomponent; its namespaces are made elsewhere."""
    return {
        "component.yaml": (
            f"name: bench\nnamespace: {NAMESPACE}\nexternal:\n- kind: Namespace\n  name: {NAMESPACE}\n"
            f"subcomponents:\n- name: {folder}\n  source: ./{folder}\n"
        ),
        "environments/common.yaml": 'kubernetes:\n  version: "1.31"\n',
    }


def change_weft(root: Path, name: str, revision: int) -> None:
    """Edit one service in a weft definition."""
    write(root, {f"services/{name}/config/common.yaml": yaml(_weft_config(name, revision))})


def _weft_service(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "jinja",
        "path": "../../charts/service",
        "routing": {"port": 80, "split": SPLIT},
        "subcomponents": [
            {"name": variant, "type": "jinja", "path": "../../charts/deployment"} for variant in VARIANTS
        ],
    }


def _weft_config(name: str, revision: int) -> dict[str, Any]:
    found = service(name, revision)
    return {
        "config": {key: found[key] for key in ("port", "revision", "env", "settings")},
        "labels": {"team": found["team"]},
        "subcomponents": {variant: {"config": found[variant]} for variant in VARIANTS},
    }


def kapitan(root: Path, size: Size) -> None:
    """A Kapitan inventory: a target a unit, its classes common, environment and service; jinja2 input."""
    compile_ = {"compile": [{"input_type": "jinja2", "input_paths": ["templates"], "output_path": "."}]}
    classes = "inventory/classes"
    files = {f"{classes}/common.yml": yaml({"parameters": {"kapitan": compile_, **COMMON}})}
    files |= {f"templates/{file}": text for file, text in skeleton.jinja("inventory.parameters.").items()}
    for name in size.environment_names():
        files[f"{classes}/environments/{name}.yml"] = yaml({"parameters": environment(name)})
    for name in size.service_names():
        files[f"{classes}/services/{name}.yml"] = yaml({"parameters": service(name)})
    for where, name in size.pairs():
        target = {
            "classes": ["common", f"environments.{where}", f"services.{name}"],
            "parameters": {"kapitan": {"vars": {"target": f"{where}-{name}"}}},
        }
        files[f"inventory/targets/{where}-{name}.yml"] = yaml(target)
    write(root, files)


def change_kapitan(root: Path, name: str, revision: int) -> None:
    """Edit one service in a Kapitan inventory."""
    text = yaml({"parameters": service(name, revision)})
    write(root, {f"inventory/classes/services/{name}.yml": text})


def floor(root: Path, size: Size) -> None:
    """Plain values, and plain Jinja2 templates of the same objects."""
    values(root, size)
    write(root, {f"templates/{file}": text for file, text in skeleton.jinja().items()})


def helm(root: Path, size: Size) -> None:
    """A chart with the common values as its own, and a values file an environment and a service."""
    values(root, size)
    write(root, _chart("chart", COMMON))


def _chart(folder: str, defaults: Mapping[str, Any]) -> dict[str, str]:
    files = {f"{folder}/templates/{file}": text for file, text in skeleton.helm().items()}
    chart = "apiVersion: v2\nname: unit\nversion: 1.0.0\n"
    return {**files, f"{folder}/Chart.yaml": chart, f"{folder}/values.yaml": yaml(dict(defaults))}


def fleet_helm(root: Path, size: Size) -> None:
    """The same chart where nothing differs by cluster: for helm a values file a service."""
    values(root, size)
    write(root, _chart("chart", FLEET))


def fleet_weft(root: Path, size: Size) -> None:
    """The same chart as `helm` components of weft."""
    files = {
        **weft_root("services"),
        **_chart("chart", FLEET),
        "services/component.yaml": "name: services\nsubcomponents:\n- source: ./*\n",
    }
    for name in size.environment_names():
        files[f"environments/{name}.yaml"] = yaml({"labels": environment(name)["environment"]["labels"]})
    for name in size.service_names():
        files[f"services/{name}/component.yaml"] = f"name: {name}\ntype: helm\npath: ../../chart\n"
        files[f"services/{name}/config/common.yaml"] = yaml({"config": service(name)})
    write(root, files)


def kustomize(root: Path, size: Size) -> None:
    """A base a service, and an overlay a unit with labels and two patches."""
    from jinja2 import Environment, StrictUndefined

    options = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    jinja = Environment(undefined=StrictUndefined, **options)  # type: ignore[arg-type]
    templates = {file: jinja.from_string(text) for file, text in skeleton.jinja().items()}
    files = {}
    for name in size.service_names():
        found = merged(COMMON, environment("e00"), service(name))
        for file, template in templates.items():
            files[f"bases/{name}/{file}"] = template.render(found)
        files[f"bases/{name}/kustomization.yaml"] = dump({"resources": list(templates)})
    for where, name in size.pairs():
        files |= _overlay(where, name)
    write(root, files)


def _overlay(where: str, name: str) -> dict[str, str]:
    found = merged(COMMON, environment(where), service(name))
    cluster = {"cluster": where, **found["environment"]["labels"]}
    url = f"https://{name}.{found['global']['domain']}"
    changed = {
        "CLUSTER": where,
        "REGION": cluster["region"],
        "PUBLIC_URL": url,
        "LOG_LEVEL": found["global"]["logLevel"],
    }
    env = [{"name": key, "value": value} for key, value in changed.items()]
    deployments = "---\n".join(
        dump(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": f"{name}-{variant}", "namespace": NAMESPACE},
                "spec": {"template": {"spec": {"containers": [{"name": "app", "env": env}]}}},
            }
        )
        for variant in VARIANTS
    )
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": {
            "cluster": where,
            "storage-account": found["global"]["storageAccount"],
            "public-url": url,
        },
    }
    overlay = {
        "resources": [f"../../../bases/{name}"],
        "labels": [{"pairs": cluster}],
        "patchesStrategicMerge": ["deployments.yaml", "configmap.yaml"],
    }
    return {
        f"overlays/{where}/{name}/kustomization.yaml": dump(overlay),
        f"overlays/{where}/{name}/deployments.yaml": deployments,
        f"overlays/{where}/{name}/configmap.yaml": dump(config),
    }


def kustomize_weft(root: Path, size: Size) -> None:
    """The same bases and overlays as `kustomize` components of weft, those of a cluster on in it alone."""
    kustomize(root, size)
    names = size.service_names()
    files = {
        **weft_root("overlays"),
        "overlays/component.yaml": "name: overlays\nsubcomponents:\n- source: ./*\n",
    }
    for where in size.environment_names():
        overlays = [{"name": name, "type": "kustomize", "path": f"./{name}"} for name in names]
        labels = environment(where)["environment"]["labels"]
        files |= {
            f"environments/{where}.yaml": yaml({"labels": labels}),
            f"overlays/{where}/component.yaml": dump({"name": where, "subcomponents": overlays}),
            f"overlays/{where}/config/common.yaml": "disabled: true\n",
            f"overlays/{where}/config/{where}.yaml": "disabled: false\n",
        }
    write(root, files)


KCL_MAIN = """\
import file
import manifests
import yaml

_read = lambda path { yaml.decode(file.read(path)) }
_over = lambda weak, strong { {k = v for k, v in weak if k not in strong} | strong }
_common = _read("common.yaml")
_found = [_read(path) for path in file.glob("environments/*.yaml")]
_environments = [{environment = e.environment, global = _over(_common.global, e.global)} for e in _found]
_services = [_read(path) for path in file.glob("services/*.yaml")]
UNIT
manifests.yaml_stream([o for e in _environments for s in _services for o in _unit(s | e)])
"""


def kcl(root: Path, size: Size) -> None:
    """One KCL program that reads the plain values and makes all objects of all units."""
    from generator import yamlio

    values(root, size)
    program = skeleton.kcl(lambda text: yamlio.read(text, "template", marks=False)[0].value)
    write(root, {"main.k": KCL_MAIN.replace("UNIT", program)})
