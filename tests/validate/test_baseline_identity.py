"""What an accepted finding does not cover: another fault at the same place stays visible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import shop
from tests.validate.found import told

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: %s}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  validations: [{expression: "%s", message: "%s"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: %s}
spec: {policyName: %s, validationActions: [Deny]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{%s}]\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: a
    image: a:1
    envFrom: [{configMapRef: {name: %s}}]
"""
KEY = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: a
    image: a:1
    env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: %s}}}]
"""


def policy(name: str, expression: str, message: str = "no") -> str:
    return POLICY % (name, expression, message, name, name)


def project(root: Path, manifest: str, **more: str) -> Project:
    files: dict[str, str | None] = {
        "app/component.yaml": "type: static\npath: ./manifests\n",
        "app/manifests/a.yaml": manifest,
        **more,
    }
    return shop(root, files)


def accepted(made: Project) -> None:
    run = made.weft("validate", "--write-baseline")
    assert run.code == 0, run.err
    assert made.weft("validate", "--strict").code == 0


def test_a_policy_is_not_accepted_for_another(tmp_path: Path) -> None:
    made = project(tmp_path, SETTINGS, **{"policies/one.yaml": policy("one", "has(object.data.colour)")})
    accepted(made)
    made.write({"policies/two.yaml": policy("two", "has(object.data.size)")})
    run = made.weft("validate")
    assert run.code == 3
    assert run.err.count("error: ") == 1
    assert "policy `two`" in run.err


def test_an_expression_is_not_accepted_for_another_and_its_message_may_change(tmp_path: Path) -> None:
    made = project(tmp_path, SETTINGS, **{"policies/one.yaml": policy("one", "has(object.data.colour)")})
    accepted(made)
    made.write({"policies/one.yaml": policy("one", "has(object.data.colour)", "other words")})
    assert made.weft("validate").code == 0
    made.write({"policies/one.yaml": policy("one", "has(object.data.size)")})
    assert made.weft("validate").code == 3


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (SERVICE % "port: 80, prt: 1", SERVICE % "port: 80, prot: 1", "schema"),
        (SERVICE % "port: web", SERVICE % "port: 700000", "schema"),
        (SERVICE % "prt: 80", SERVICE % "port: web", "schema"),
        (POD % "gone", POD % "lost", "missing-object"),
        (f"{SETTINGS}---\n{KEY % 'c'}", f"{SETTINGS}---\n{KEY % 'd'}", "missing-key"),
        (
            SERVICE % "port: 80" + "  selector: {app: a}\n",
            SERVICE % "port: 80" + "  selector: {app: b}\n",
            "service-selects-nothing",
        ),
        (SETTINGS.replace("v1", "v2"), SETTINGS.replace("v1", "v3"), "not-served"),
    ],
)
def test_another_fault_at_the_same_place_is_new(tmp_path: Path, old: str, new: str, code: str) -> None:
    made = project(tmp_path, old)
    accepted(made)
    made.write({"app/manifests/a.yaml": new})
    assert [item["code"] for item in told(made, "--strict", code=3) if "accepted" not in item] == [code]


def test_the_same_fault_with_another_value_is_the_old_one(tmp_path: Path) -> None:
    made = project(tmp_path, SERVICE % "port: web")
    accepted(made)
    made.write({"app/manifests/a.yaml": SERVICE % "port: http"})
    assert made.weft("validate", "--strict").code == 0
