"""What validation finds with the schemas, object by object."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.model.document import Position
from generator.model.finding import Code, Finding
from generator.model.manifest import Manifest, Scopes
from generator.validate import schemas
from generator.validate.view import View


def findings(text: str, version: str | None = None, crds: Any = ()) -> list[Finding]:
    documents = [item for item in yaml.safe_load_all(text) if item]
    items = [Manifest(item, Position("chart/all.yaml", 3), "shop") for item in documents]
    view = View("east", {"shop/all.yaml": items}, Scopes(items), version, crds=lambda: list(crds))
    return list(schemas.check(view))


@pytest.mark.parametrize("code", [code for code in schemas.CODES if code.example], ids=lambda code: code.name)
def test_the_example_of_a_code_has_it_and_the_mended_one_has_not(code: Code) -> None:
    assert [finding.code for finding in findings(code.example)] == [code.name]
    assert findings(code.mended) == []


def test_a_finding_has_its_place() -> None:
    [finding] = findings(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {port: 80}}"
    )
    assert (finding.severity, finding.code, finding.field) == ("error", "schema", "data.port")
    assert (finding.file, finding.object, finding.component) == ("shop/all.yaml", "ConfigMap b/a", "shop")
    assert str(finding.source) == "chart/all.yaml:3"


def test_a_removed_api_is_told_once_and_by_the_version_of_the_cluster() -> None:
    text = "{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: a}, spec: {odd: 1}}"
    [finding] = [finding for finding in findings(text, "1.22") if finding.severity == "error"]
    assert (finding.code, finding.severity, finding.hint) == ("removed-api", "error", "use apps/v1")
    assert "removed in 1.16" in finding.message
    codes = [(finding.code, finding.severity) for finding in findings(text, "1.22")]
    assert codes == [("schema-version", "note"), ("removed-api", "error")]
    codes = [(finding.code, finding.severity) for finding in findings(text, "1.15")]
    assert codes == [("schema-version", "note"), ("deprecated-api", "warning"), ("unknown-kind", "note")]


def test_a_deprecated_api_is_checked_too() -> None:
    text = "{apiVersion: v1, kind: Endpoints, metadata: {name: a}, subset: []}"
    assert [finding.code for finding in findings(text, "1.33")] == ["deprecated-api", "schema"]
    assert [finding.code for finding in findings(text, "1.32")] == ["schema"]


def test_definitions_in_the_output_and_of_the_root_are_used() -> None:
    definition = yaml.safe_load(schemas.UNKNOWN.mended.partition("---")[0])
    broken = schemas.UNKNOWN.example.replace("size: 3", "size: big")
    assert [finding.code for finding in findings(broken)] == ["unknown-kind"]
    assert [finding.code for finding in findings(broken, crds=[definition])] == ["schema"]
    both = schemas.UNKNOWN.mended.replace("size: 3", "size: big")
    assert [finding.field for finding in findings(both)] == ["spec.size"]


def test_every_finding_of_an_object_is_told() -> None:
    text = """
apiVersion: v1
kind: Service
metadata: {name: A, labels: {a: 1}}
spec: {type: Nodeport, ports: [{prt: 80}], selectr: {}}
"""
    assert [finding.field for finding in findings(text)] == [
        "metadata.labels.a",
        "metadata.name",
        "spec.ports[0].port",
        "spec.ports[0].prt",
        "spec.selectr",
        "spec.type",
    ]
