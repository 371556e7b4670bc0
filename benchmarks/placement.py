"""Measures placement of many services on many environments: `python -m benchmarks.placement [SERVICES ENVS]`.

It prints what each stage takes, and how much work was shared. Nothing is rendered, since placement decides
before that.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator import pipeline, resolve
from generator.model.request import Request

REGIONS = ("eu", "us", "ap", "sa", "af")
TIERS = ("edge", "core", "lab")
# What the services say, in turn: few selectors, as in a real tree, and shares by each rule.
PLACEMENTS = (
    "{selector: 'tier in (edge, core)', replicas: {split: 700}}",
    "{selector: region=eu, replicas: {each: 2}}",
    "{selector: [region=us, region=ap], replicas: {split: 350, min: 1}}",
    "{selector: '!legacy', exclude: [cluster-007], replicas: {split: 900, weights: {cluster-001: 5}}}",
    "{replicas: {split: 60}}",
)
TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ component.name }}}\n"


def write(root: Path, services: int, environments: int) -> None:
    """A definition of that size below `root`: one chart, values by layer, labels in three dimensions."""
    files = {
        "component.yaml": "subcomponents:\n  - {name: services, source: ./services}\n",
        "services/component.yaml": "subcomponents:\n  - source: ./*\n",
        "chart/chart.yaml": "name: chart\n",
        "chart/values.yaml": "image: app:1.0\n",
        "chart/templates/app.yaml.j2": TEMPLATE,
        "config/common.yaml": "config: {global: {domain: example.com}}\n",
        "config/edge.yaml": "config: {global: {size: small}}\n",
        "config/core.yaml": "config: {global: {size: large}}\n",
        "config/lab.yaml": "config: {global: {size: none}}\n",
    }
    for number in range(services):
        name = f"services/service-{number:03}"
        placement = PLACEMENTS[number % len(PLACEMENTS)]
        files[f"{name}/component.yaml"] = f"type: jinja\npath: ../../chart\nplacement: {placement}\n"
        files[f"{name}/config/common.yaml"] = f"config: {{image: 'app:{number}'}}\n"
    for number in range(environments):
        tier = TIERS[number % len(TIERS)]
        legacy = ", legacy: 'true'" if number % 11 == 0 else ""
        labels = f"{{region: {REGIONS[number % len(REGIONS)]}, tier: {tier}{legacy}}}"
        files[f"environments/cluster-{number:03}.yaml"] = f"labels: {labels}\nlayers: [{tier}]\n"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Prints the seconds that the block took."""
    began = time.perf_counter()
    yield
    print(f"{what:40} {time.perf_counter() - began:7.3f} s")


def main(services: int = 200, environments: int = 500) -> None:
    """Writes the definition, and measures loading, placing and resolving it."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), services, environments)
        request = Request(root=folder, everything=True)
        with measured("load"):
            definition = pipeline.define(request)
        resolver = resolve.Resolver(definition)
        with measured(f"place {services} services on {environments}"):
            placed = 0
            for component in definition.tree.walk():
                spread = resolver.placements.spread(component.path)
                placed += len(spread.names) if spread is not None else 0
        with measured("resolve all environments"):
            names = resolve.chosen(definition, request)
            units = sum(len(resolver.units(resolve.environment(definition, request, name))) for name in names)
        print(f"placed {placed}, units {units}, selectors evaluated {resolver.placements.matcher.evaluated}")
        print(f"stacks merged {resolver.values.counted} for {units} units")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
