"""The uncorrected prototype of the founding text: one run tells everything that is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.example.test_example import DEPLOYMENT, PROTOTYPE, SERVICE
from tests.project_tree import Project
from tests.validate.found import report

TEMPLATE = "service-chart/templates/deployment.yaml.j2"
# Both deployments in an API version of its time, without selector; no Service for the host of the routing.
UNCORRECTED = {
    **{path: text for path, text in PROTOTYPE.items() if "manifests" not in path},
    f"{SERVICE}/component.yaml": PROTOTYPE[f"{SERVICE}/component.yaml"].replace(
        "type: static\npath: ./manifests\n", ""
    ),
    TEMPLATE: "".join(
        line
        for line in DEPLOYMENT.replace("apps/v1", "extensions/v1beta1").splitlines(keepends=True)
        if "selector" not in line
    ),
    "generated/prod-east/old": "old",
}


def test_one_run_tells_every_kind_of_error_with_its_source_and_writes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path).write(UNCORRECTED)
    run = project.generate("prod-east")
    assert run.code == 3
    [route, *findings] = [line for line in run.err.splitlines() if line.startswith("error: ")]
    place = f"{SERVICE}/component.yaml:1:11"
    assert route.startswith(f"error: {place}: there is no Service `simple-service` in the output")
    kinds = [(line.split(": ")[1], line.rpartition("component ")[2]) for line in findings]
    canary, stable = f"{SERVICE}/canary", f"{SERVICE}/stable"
    old = "Deployment.extensions simple-service"
    assert kinds == [
        (f"{TEMPLATE}:1", f"{canary}) [duplicate-object]"),
        (f"{TEMPLATE}:1", f"{canary}, {old}) [removed-api]"),
        (f"{TEMPLATE}:1", f"{stable}, {old}) [removed-api]"),
        (f"{TEMPLATE}:5", f"{canary}) [workload-selector]"),
        (f"{TEMPLATE}:5", f"{stable}) [workload-selector]"),
    ]
    assert project.tree() == {"prod-east/old": b"old"}


def test_they_are_of_exactly_four_kinds(tmp_path: Path) -> None:
    project = Project(tmp_path).write(UNCORRECTED)
    for arguments in (("validate", "prod-east", "-o", "json"), ("generate", "prod-east", "-o", "json")):
        run = project.weft(*arguments)
        assert run.code == 3
        [result] = json.loads(run.out)["environments"]
        found = {(finding["code"], finding["severity"]) for finding in result["findings"]}
        assert found == {
            ("duplicate-object", "error"),
            ("removed-api", "error"),
            ("workload-selector", "error"),
        }
        assert {(finding["file"], bool(finding["line"])) for finding in result["findings"]} == {
            (TEMPLATE, True)
        }
        [error] = result["errors"]
        assert error["message"].startswith("there is no Service `simple-service`")
        assert (error["file"], error["line"]) == (f"{SERVICE}/component.yaml", 1)
        assert project.tree() == {"prod-east/old": b"old"}


def test_corrected_step_by_step_each_kind_goes_away(tmp_path: Path) -> None:
    project = Project(tmp_path).write(UNCORRECTED)
    steps = (
        ({TEMPLATE: DEPLOYMENT}, {"duplicate-object"}, 1),
        ({TEMPLATE: DEPLOYMENT.replace("service.name", "component.name")}, set(), 1),
        (PROTOTYPE | {TEMPLATE: DEPLOYMENT.replace("name: {{ service.name }}", _NAMED, 1)}, set(), 0),
    )
    for files, expected, errors in steps:
        [result] = report(project.write(files), "prod-east")["environments"]
        assert {finding["code"] for finding in result["findings"]} == expected
        assert len(result["errors"]) == errors
    assert project.generate("prod-east").code == 0


_NAMED = "name: {{ service.name }}-{{ component.name }}"
