"""The forms of the report that other programs read: JSON, SARIF, JUnit, and GitHub's workflow commands."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import report

MANIFESTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: first}
data: {port: 80}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second}
data: {port: 80}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: hunter2}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: w}
"""
RULE = "validation: {ignore: [{object: ConfigMap/second, reason: a test of ours}]}\n"
FILE = "app/mani fests/a.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An error, a warning, a note and an accepted error in two environments, and an error of one of three."""
    return shop(
        tmp_path,
        {
            "app/component.yaml": f"type: static\npath: './mani fests'\n{RULE}",
            FILE: MANIFESTS,
            "environments/dev.yaml": "",
            "environments/sick.yaml": "nonsense: 1\n",
        },
    )


def of_form(project: Project, form: str, *args: str, code: int = 3) -> str:
    run = project.weft("validate", *args, "-o", form)
    assert run.code == code, run.err
    assert "hunter2" not in run.out
    return run.out


def test_json_has_every_finding_with_every_part(project: Project) -> None:
    data = report(project, code=3)
    assert [(item["environment"], item["status"]) for item in data["environments"]] == [
        ("dev", "refused"),
        ("prod", "refused"),
        ("sick", "refused"),
    ]
    dev, prod, sick = data["environments"]
    assert prod["findings"] == dev["findings"]
    assert [item["severity"] for item in dev["findings"]] == ["error", "error", "warning", "note"]
    assert dev["findings"][0] == {
        "code": "schema",
        "severity": "error",
        "message": "`data.port` is 80, expected text",
        "component": "app",
        "object": "ConfigMap first",
        "field": "data.port",
        "output": "app/app.yaml",
        "file": FILE,
        "line": 4,
        "column": 8,
        "hint": dev["findings"][0]["hint"],
    }
    assert dev["findings"][1]["accepted"] == "a test of ours"
    assert sick["findings"] == []
    [error] = sick["errors"]
    assert (error["file"], error["line"]) == ("environments/sick.yaml", 1)


def test_sarif_has_a_result_for_what_environments_share_and_a_rule_for_each_code(project: Project) -> None:
    data = json.loads(of_form(project, "sarif"))
    assert (data["version"], len(data["runs"])) == ("2.1.0", 1)
    [run] = data["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "weft"
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert list(rules) == ["plain-secret", "schema", "unknown-kind", "definition"]
    assert all(rule["shortDescription"]["text"] for rule in rules.values())
    assert rules["plain-secret"]["defaultConfiguration"] == {"level": "warning"}
    results = run["results"]
    assert [(item["ruleId"], item["level"], item["properties"]["environments"]) for item in results] == [
        ("schema", "error", ["dev", "prod"]),
        ("schema", "error", ["dev", "prod"]),
        ("plain-secret", "warning", ["dev", "prod"]),
        ("unknown-kind", "note", ["dev", "prod"]),
        ("definition", "error", ["sick"]),
    ]
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "app/mani%20fests/a.yaml"},
                "region": {"startLine": 4, "startColumn": 8},
            },
            "logicalLocations": [{"name": "ConfigMap first", "kind": "object"}],
        }
    ]
    suppressed = [item.get("suppressions") for item in results]
    assert suppressed == [None, [{"kind": "external", "justification": "a test of ours"}], None, None, None]
    prints = [item["partialFingerprints"]["finding/v1"] for item in results if "partialFingerprints" in item]
    assert len(set(prints)) == len(prints) == 4


def test_sarif_follows_its_schema(project: Project) -> None:
    # The schema of OASIS, as the Go module github.com/owenrumney/go-sarif v3.3.0 brings it.
    packed = (Path(__file__).parent / "sarif-2.1.0.schema.json.gz").read_bytes()
    validator = jsonschema_rs.validator_for(json.loads(gzip.decompress(packed)))
    for text in (of_form(project, "sarif"), of_form(project, "sarif", FILE)):
        assert [str(error) for error in validator.iter_errors(json.loads(text))] == []


def test_fingerprints_outlive_moved_lines(project: Project) -> None:
    def prints() -> list[str]:
        results = json.loads(of_form(project, "sarif"))["runs"][0]["results"]
        return [item["partialFingerprints"]["finding/v1"] for item in results[:4]]

    before = prints()
    project.write({FILE: f"# moved\n{MANIFESTS}"})
    assert prints() == before


def suites(text: str) -> Any:
    return ElementTree.fromstring(text)


def test_junit_has_a_suite_for_each_environment_and_a_case_for_each_file(project: Project) -> None:
    project.write({"component.yaml": (project.root / "component.yaml").read_text()})
    root = suites(of_form(project, "junit"))
    assert root.tag == "testsuites"
    counts = {
        suite.get("name"): [suite.get(key) for key in ("tests", "failures", "errors")] for suite in root
    }
    assert counts == {"dev": ["1", "1", "0"], "prod": ["1", "1", "0"], "sick": ["1", "0", "1"]}
    for suite in root:
        assert len(suite.findall("testcase")) == int(suite.get("tests"))
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures"))
        assert len(suite.findall("testcase/error")) == int(suite.get("errors"))
    case = root.find("testsuite[@name='dev']/testcase")
    assert (case.get("classname"), case.get("name")) == ("dev", "app/app.yaml")
    failure = case.find("failure")
    assert failure.get("type") == "schema"
    assert failure.get("message") == "`data.port` is 80, expected text"
    assert failure.text.startswith(f"error: {FILE}:4:8: `data.port` is 80")
    assert [line.split(":")[0] for line in case.find("system-out").text.splitlines() if line[0] != " "] == [
        "warning",
        "note",
    ]


def test_junit_counts_files_and_has_one_failure_each(tmp_path: Path) -> None:
    many = "".join(f"{text}---\n" for text in MANIFESTS.split("---\n")[:2])
    project = Project(tmp_path).write({"a.yaml": many, "b.yaml": "", "c.yaml": MANIFESTS.split("---\n")[3]})
    root = suites(of_form(project, "junit", "a.yaml", "b.yaml", "c.yaml"))
    [suite] = root
    assert [suite.get(key) for key in ("name", "tests", "failures")] == ["manifests", "3", "1"]
    [failure] = root.iter("failure")
    assert failure.get("message") == "`data.port` is 80, expected text (and 1 more)"
    assert failure.text.count("error: ") == 2


def test_junit_without_findings_has_cases_that_pass(tmp_path: Path) -> None:
    root = suites(of_form(shop(tmp_path), "junit", code=0))
    [case] = root.iter("testcase")
    assert list(case) == []
    assert case.get("name") == "app/app.yaml"


CONTROL = "\x01\x08\x0b\x1f\ufffe\U0001f600<&>\"']]>"


def test_junit_holds_what_no_xml_can(tmp_path: Path) -> None:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, f"b{CONTROL}": 1}
    project = Project(tmp_path).write({f"a{CONTROL[:4]}.json": json.dumps(item)})
    root = suites(of_form(project, "junit", "."))
    [failure] = root.iter("failure")
    assert "b?????\U0001f600<&>\"']]>" in failure.get("message")
    [case] = root.iter("testcase")
    assert case.get("name") == "./a????.json"
    for form in ("json", "sarif", "github", "text"):
        run = project.weft("validate", ".", "-o", form)
        assert run.code == 3
        assert "Traceback" not in run.err


def test_github_commands_are_one_line_each_and_escaped(tmp_path: Path) -> None:
    key = "50%,a:b\nc\rd"
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, key: 1}
    project = Project(tmp_path).write({"a,b:c%.json": json.dumps(item)})
    run = project.weft("validate", "a,b:c%.json", "-o", "github")
    assert run.code == 3
    [line] = run.out.split("\n")[:-1]
    properties, _, message = line.removeprefix("::error ").partition("::")
    values = dict(pair.split("=") for pair in properties.split(","))
    assert values["file"] == "a%2Cb%3Ac%25.json"
    assert (values["line"], values["title"]) == ("1", "schema")
    assert int(values["col"]) > 1
    assert "\r" not in line
    assert not re.search(r"%(?!25|0A|0D|2C|3A)", line)
    assert "50%25,a:b" in message


def test_github_commands_tell_environments_errors_and_nothing_accepted(project: Project) -> None:
    lines = of_form(project, "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice", "::error"]
    assert lines[0].startswith(f"::error file={FILE},line=4,col=8,title=schema::`data.port` is 80")
    assert lines[0].endswith("%0Aenvironments: dev, prod")
    assert "second" not in "".join(lines)
    assert "file=environments/sick.yaml,line=1" in lines[3]
    assert lines[3].endswith("%0Aenvironments: sick")


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_a_definition_that_cannot_be_read_is_told_in_the_same_form(tmp_path: Path, form: str) -> None:
    project = shop(tmp_path, {"component.yaml": "nmae: shop\n"})
    run = project.weft("validate", "-o", form)
    assert run.code == 3
    assert "nmae" in run.out
    if form in ("json", "sarif"):
        json.loads(run.out)
    elif form == "junit":
        [suite] = suites(run.out)
        assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("1", "1", "0")
    else:
        assert run.out.startswith("::error file=component.yaml,line=1,col=1,title=definition::")


def test_github_gets_one_notice_for_all_objects_of_an_unknown_kind(project: Project) -> None:
    widgets = "".join(
        f"apiVersion: example.org/v1\nkind: Widget\nmetadata: {{name: w{i}}}\n---\n" for i in range(5)
    )
    (project.root / "environments/sick.yaml").unlink()
    project.write({FILE: widgets})
    [notice] = of_form(project, "github", code=0).splitlines()
    assert notice.startswith("::notice file=app/mani fests/a.yaml,line=2,")
    assert "(10 objects)" in notice
    assert "environments: dev, prod" in notice
