"""Placement of many components on many environments: what is shared is worked out once."""

from __future__ import annotations

from pathlib import Path

from benchmarks import placement
from generator import pipeline, resolve
from generator.model.request import Request


def test_equal_selectors_are_evaluated_once_and_equal_stacks_merged_once(tmp_path: Path) -> None:
    services, environments = 25, 40
    placement.write(tmp_path, services, environments)
    request = Request(root=str(tmp_path), everything=True)
    definition = pipeline.define(request)
    resolver = resolve.Resolver(definition)
    units = [
        unit
        for name in resolve.chosen(definition, request)
        for unit in resolver.units(resolve.environment(definition, request, name))
    ]
    selectors = sum("selector" in text for text in placement.PLACEMENTS)
    assert resolver.placements.matcher.evaluated == selectors * environments
    # Values of these differ by layer only, and each environment has one.
    distinct = {(unit.component.label, tuple(unit.environment.layers)) for unit in units}
    assert resolver.values.counted == len(distinct) < len(units) / 5
    shares = [unit.replicas for unit in units if unit.component.name == "service-000"]
    assert sum(filter(None, shares)) == 700
