"""The table of merge keys says what the schemas say that it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from generator.schema import mergekeys

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"


def _merging(minor: str) -> dict[tuple[str, str], Any]:
    """The keys by which each list merges that does, by the name of its type and its own."""
    text = (SCHEMAS / f"v{minor}.0-local-strict" / "_definitions.json").read_text(encoding="utf-8")
    found = {}
    for name, schema in json.loads(text)["$defs"].items():
        for field, node in (schema.get("properties") or {}).items():
            strategy = node.get("x-kubernetes-patch-strategy", "").split(",")
            if "merge" in strategy and "items" in node:
                first = [node[key] for key in ("x-kubernetes-patch-merge-key",) if key in node]
                found[name, field] = node.get("x-kubernetes-list-map-keys", first)
    return found


@pytest.mark.parametrize("minor", ["1.30", "1.37"])
def test_every_list_that_merges_is_in_the_table(minor: str) -> None:
    known = {place: mergekeys.field(*place) for place in _merging(minor)}
    assert {place: field and field.keys for place, field in known.items()} == _merging(minor)


def test_a_container_of_every_workload_is_found_by_its_name() -> None:
    paths = {
        ("v1", "Pod"): ("spec",),
        ("apps/v1", "Deployment"): ("spec", "template", "spec"),
        ("batch/v1", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
    }
    for (api_version, kind), path in paths.items():
        name = mergekeys.type_of(api_version, kind)
        for step in path:
            field = mergekeys.field(name, step)
            assert field is not None
            name = field.type
        containers = mergekeys.field(name, "containers")
        assert containers is not None
        assert containers.keys == ["name"]
        tolerations = mergekeys.field(name, "tolerations")
        assert tolerations is None or tolerations.keys is None
    assert mergekeys.type_of("example.com/v1", "Deployment") is None
