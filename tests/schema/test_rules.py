"""Rules in CEL of custom resources: the verdicts of the API server, and what weft says beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.finding import Finding
from generator.schema import bundle
from generator.schema.seen import escaped
from generator.validate import CODES, rules
from tests.project_tree import read_tree
from tests.schema import ruled
from tests.schema.ruled import Case
from tests.shop import OLD, shop
from tests.validate.found import found, told

TREE = {"app/component.yaml": "type: static\npath: ./manifests\n"}
ROUTE = CODES["schema-rule"].example

VERDICTS = ruled.verdicts()
CASES = ruled.cases()
# What a failed evaluation is called is the library's, and the rule stands beside it.
_FAILED = re.compile(r"evaluating rule: |call arguments did not match")


def judged(case: Case) -> Sequence[Finding]:
    """The findings on the object of a case, with the definition beside it."""
    return found(json.dumps(case.definition), json.dumps(case.object))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_api_server_says_the_same(case: Case) -> None:
    verdict = VERDICTS[case.name]
    findings = judged(case)
    refused = [item for item in findings if item.code == "schema" and "unknown field" not in item.message]
    assert bool(refused) == bool(verdict["schema"])
    broken = [item for item in findings if item.code == "schema-rule"]
    said = sorted((_steps(item.field), _message(item.message)) for item in broken)
    assert said == sorted((_steps(error["field"]), _expected(error)) for error in verdict["rules"])


def _steps(path: str) -> list[str]:
    """A path without the difference between fields, keys and numbers, which each writes its own way."""
    return [] if path == "<nil>" else [step for step in re.split(r"[.\[\]]", path) if step]


def _expected(error: Any) -> str:
    if error["type"] == "FieldValueDuplicate":
        return "a duplicate"
    return "no value" if _FAILED.search(error["message"]) else " ".join(error["message"].split())


def _message(message: str) -> str:
    if ", which has no value: " in message:
        return "no value"
    if " is a duplicate: " in message:
        return "a duplicate"
    return message.partition(": ")[2]


GADGET = "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {{name: a}}\n{}\n"
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.org}
spec:
  group: example.org
  names: {kind: Gadget, plural: gadgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              x-kubernetes-validations: [%s]
              properties:
                size: {type: integer}
                token: {type: string}
                list: {type: array, items: {type: integer}}
                times: {type: object, additionalProperties: {type: string, format: duration}}
"""


def said(rule: str, spec: str) -> list[tuple[str, str, str]]:
    """What is said of a Gadget of that spec beside a definition with that rule."""
    gadget = GADGET.format(f"spec: {spec}")
    return [(item.code, item.field, item.message) for item in found(DEFINITION % rule, gadget)]


def test_the_example_on_the_page_has_the_finding_alone_and_the_mended_one_nothing() -> None:
    [finding] = found(CODES["schema-rule"].example)
    assert (finding.code, finding.severity) == ("schema-rule", "error")
    assert found(CODES["schema-rule"].mended) == []


def test_an_environment_is_refused_for_a_rule_that_is_not_true(tmp_path: Path) -> None:
    project = shop(tmp_path, {**OLD, **TREE, "app/manifests/route.yaml": ROUTE})
    before = read_tree(project.generated)
    run = project.weft("generate", "--all")
    assert run.code == 3
    assert run.err.startswith(
        "error: app/manifests/route.yaml:6:18: `spec.rules[0].matches[0].path` breaks a rule of HTTPRoute: "
        "must not contain '//' when type one of ['Exact', 'PathPrefix'] (component app, "
        "HTTPRoute.gateway.networking.k8s.io shop) [schema-rule]\n"
        "  hint: the rule is `(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true`\n"
    ), run.err
    assert read_tree(project.generated) == before


def test_a_finding_of_a_rule_can_be_ignored_and_kept_in_a_baseline(tmp_path: Path) -> None:
    project = shop(tmp_path, {**TREE, "app/manifests/route.yaml": ROUTE})
    assert project.weft("validate", "--write-baseline").code == 0
    assert [item["accepted"] for item in told(project, code=0)] == ["in the baseline"]
    # Another rule at the same field is another finding.
    project.write({"app/manifests/route.yaml": ROUTE.replace("//cart", "/../cart")})
    assert [item["code"] for item in told(project, code=3)] == ["schema-rule"]


def test_only_a_channel_refuses() -> None:
    definitions = dict(bundle_kinds("BackendTLSPolicy"))
    assert set(definitions) == set(ruled.CHANNELS)
    policy = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "BackendTLSPolicy",
        "metadata": {"name": "a"},
        "spec": {
            "targetRefs": [{"group": "", "kind": "Service", "name": "shop"}],
            "validation": {"hostname": "a.example.org", "caCertificateRefs": []},
        },
    }
    alone = [found(json.dumps(definitions[name]), json.dumps(policy)) for name in ruled.CHANNELS]
    assert [[item.code for item in findings if item.code == "schema-rule"] for findings in alone] == [
        ["schema-rule"],
        [],
    ]
    [finding] = [item for item in found(json.dumps(policy)) if item.field == "spec.validation"]
    assert (finding.code, finding.severity) == ("experimental-field", "note")
    assert "breaks a rule of the standard channel: must specify either" in finding.message


def bundle_kinds(kind: str) -> Iterator[tuple[str, Any]]:
    """The definition of a kind of the Gateway API in each channel."""
    for name, channel in zip(ruled.CHANNELS, bundle.channels("gateway-api"), strict=True):
        yield name, next(crd for crd in channel if crd["spec"]["names"]["kind"] == kind)


@pytest.mark.parametrize(
    ("rule", "spec", "reason"),
    [
        ("{rule: 'size(self.list'}", "{}", "missing ')'"),
        ("{rule: nonsense > 1}", "{}", "`nonsense` is not known"),
        ("{rule: 'self.size + 1 == 2 ? 3 : 4'}", "{size: 1}", "expected bool"),
        ("{rule: \"'a'.find('b') == ''\"}", "{}", "rewrite it with `matches`"),
        ("{rule: 'self.list.all(x, self.list.all(y, x == y))'}", f"{{list: {[1] * 200}}}", "more steps"),
        (
            "{rule: \"self.times.all(k, self.times[k] > duration('1s'))\"}",
            "{times: {a: 2s}}",
            "a map of times",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_a_note_with_the_reason(rule: str, spec: str, reason: str) -> None:
    other = "{rule: '!has(self.size) || self.size != 9', message: not 9}"
    [(code, field, message)] = said(f"{rule}, {other}", spec)
    assert (code, field) == ("rules-not-evaluated", "spec")
    assert message.startswith("a rule in CEL of Gadget is not evaluated, `")
    assert reason in message
    # What can be evaluated beside it is.
    refusing = other.replace("!has(self.size) || self.size != 9", "false")
    assert [item[0] for item in said(f"{rule}, {refusing}", spec)] == ["schema-rule", "rules-not-evaluated"]


def test_a_rule_alone_must_be_a_bool_as_well() -> None:
    definition = (DEFINITION % "").replace("token: {type: string}", "token: {type: string, TIME}")
    time = "format: duration, x-kubernetes-validations: [{rule: self}]"
    gadget = GADGET.format("spec: {token: 2s}")
    [finding] = found(definition.replace("TIME", time), gadget)
    assert finding.code == "rules-not-evaluated"
    assert "its value is of type duration, expected bool" in finding.message


def test_a_message_gives_no_secret_away() -> None:
    rule = "{rule: self.token == 'x', messageExpression: \"'it is ' + self.token\"}"
    assert said(rule, "{token: hunter2}") == [
        ("schema-rule", "spec", "`spec` breaks a rule of Gadget: it is (not shown)")
    ]
    [(_, _, message)] = said("{rule: int(self.token) > 1}", "{token: hunter2}")
    assert "hunter2" not in message


def test_what_is_encrypted_is_not_judged() -> None:
    rule = "{rule: self.token == 'x', message: x}"
    encrypted = GADGET.format("spec: {token: 'ENC[AES256_GCM,data:a]'}\nsops: {mac: a}")
    assert "schema-rule" not in [item.code for item in found(DEFINITION % rule, encrypted)]
    assert [code for code, _, _ in said(rule, "{token: 'ENC[AES256_GCM,data:a]'}")] == ["schema-rule"]


def test_rules_are_compiled_once_for_all_objects() -> None:
    route = CODES["schema-rule"].mended
    found(route)
    before = rules._compiled.cache_info().misses
    assert not found(*(route.replace("name: shop", f"name: shop-{number}") for number in range(200)))
    assert rules._compiled.cache_info().misses == before


@given(st.text(alphabet="ab_.-/0é", max_size=12))
def test_no_two_fields_have_one_name_in_rules(name: str) -> None:
    known = escaped(name)
    assert known is None or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", known)
    if known is not None:
        words = (("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__"))
        back = re.sub("|".join(word for word, _ in words), lambda match: dict(words)[match[0]], known)
        assert back == name
