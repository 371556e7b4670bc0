"""The user's own policies, over whole runs: what they find, about which objects, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.diff.history import History
from tests.policies.cluster import DEPLOYMENT, RULE, binding, policy, project
from tests.project_tree import Project

PODS = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}"
ANY = "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}"
IN_PROD = "namespaceSelector: {matchLabels: {env: prod}}"


def findings(shop: Project, *args: str) -> list[tuple[str, str, str]]:
    """(severity, object, message) of each finding of a policy."""
    run = shop.weft("validate", "prod", "-o", "json", *args)
    assert run.out, run.err
    told = [item for part in json.loads(run.out)["environments"] for item in part["findings"]]
    return [
        (item["severity"], item["object"], item["message"].split(": ", 2)[2])
        for item in told
        if item["code"] == "policy"
    ]


def broken(tmp_path: Path, *policies: str, manifests: str = DEPLOYMENT) -> list[str]:
    """The messages of a run with `policies`."""
    return [message for _, _, message in findings(project(tmp_path, manifests, *policies))]


NO_LATEST = policy(
    "no-latest",
    "object.spec.template.spec.containers.all(c,\n  !c.image.endsWith(':latest'))",
    message="message: images have a version",
)


def test_a_broken_policy_refuses_the_environment_and_names_object_source_and_policy(tmp_path: Path) -> None:
    shop = project(tmp_path, DEPLOYMENT, NO_LATEST)
    run = shop.generate("prod")
    assert run.code == 3
    assert "app/app.yaml:5:1: policy `no-latest`: Deployment.apps shop/web: images have a version" in run.err
    assert "hint: the policy is in policies/1.yaml:8:5" in run.err
    assert shop.tree() == {}


def test_a_policy_that_holds_changes_nothing(tmp_path: Path) -> None:
    manifests = DEPLOYMENT.replace("nginx:latest", "nginx:1.29")
    plain = project(tmp_path / "plain", manifests)
    shop = project(tmp_path / "shop", manifests, NO_LATEST)
    assert (plain.generate("prod").code, shop.generate("prod").code) == (0, 0)
    assert shop.tree() == plain.tree()


@pytest.mark.parametrize(
    ("actions", "code", "severity"),
    [("Deny", 3, "error"), ("Warn", 0, "warning"), ("Audit", 0, "note"), ("Warn, Audit", 0, "warning")],
)
def test_the_binding_says_how_grave_it_is(tmp_path: Path, actions: str, code: int, severity: str) -> None:
    shop = project(tmp_path, DEPLOYMENT, NO_LATEST, binding("no-latest", actions))
    assert shop.generate("prod").code == code
    assert [found[0] for found in findings(shop)] == [severity]


def test_a_binding_says_for_which_objects(tmp_path: Path) -> None:
    stage = binding("no-latest", "Deny", "{namespaceSelector: {matchLabels: {env: stage}}}")
    prod = binding("no-latest", "Warn", f"{{{IN_PROD}}}")
    assert broken(tmp_path / "1", NO_LATEST, stage) == []
    found = findings(project(tmp_path / "2", DEPLOYMENT, NO_LATEST, f"{stage}---\n{prod}"))
    assert [severity for severity, _, _ in found] == ["warning"]


SELECTED = [
    (IN_PROD, True),
    ("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}", True),
    ("namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}", False),
    ("namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}", True),
    ("objectSelector: {matchLabels: {tier: front}}", True),
    ("objectSelector: {matchLabels: {tier: back}}", False),
    ("objectSelector: {matchExpressions: [{key: tier, operator: In, values: [front, back]}]}", True),
    ("objectSelector: {matchExpressions: [{key: tier, operator: Exists}]}", True),
    (f"excludeResourceRules: [{ANY}]", False),
    (f"excludeResourceRules: [{PODS}]", True),
]


def test_selectors_choose_the_objects(tmp_path: Path) -> None:
    policies = [
        policy(f"p{n}", f"object.spec.replicas <= {n - 100}", match=match)
        for n, (match, _) in enumerate(SELECTED)
    ]
    found = broken(tmp_path, *policies)
    expected = [
        f"failed expression: object.spec.replicas <= {n - 100}"
        for n, (_, holds) in enumerate(SELECTED)
        if holds
    ]
    assert sorted(found) == sorted(expected)


RULED = [
    (ANY, True),
    ("{apiGroups: [apps], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}", True),
    (
        "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments/scale]}",
        False,
    ),
    ("{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: ['deployments/*']}", True),
    ("{apiGroups: [apps], apiVersions: [v1], operations: [DELETE], resources: [deployments]}", False),
    ("{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}", False),
    ("{apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs]}", False),
    ("{apiGroups: [apps], apiVersions: [v1beta1], operations: [CREATE], resources: [deployments]}", True),
    ("{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [statefulsets]}", False),
    (
        "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments],"
        " resourceNames: [web]}",
        True,
    ),
    (
        "{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments],"
        " resourceNames: [api]}",
        False,
    ),
    (
        "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: Namespaced}",
        True,
    ),
    (
        "{apiGroups: [apps], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: Cluster}",
        False,
    ),
]


def test_rules_choose_the_objects(tmp_path: Path) -> None:
    told = "message: rule %s"
    policies = [
        policy(f"p{n}", "object.kind != 'Deployment'", rule=rule, message=told % n)
        for n, (rule, _) in enumerate(RULED)
    ]
    found = findings(project(tmp_path, DEPLOYMENT, *policies))
    expected = [
        ("error", "Deployment.apps shop/web", f"rule {n}") for n, (_, holds) in enumerate(RULED) if holds
    ]
    assert sorted(found) == sorted(expected)


def test_an_exact_policy_is_about_its_versions_alone(tmp_path: Path) -> None:
    rule = "{apiGroups: [apps], apiVersions: [v1beta1], operations: [CREATE], resources: [deployments]}"
    assert broken(tmp_path, policy("never", "false", rule=rule, match="matchPolicy: Exact")) == []


def test_resources_of_a_custom_kind_are_named_by_its_definition(tmp_path: Path) -> None:
    manifests = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: oxen.farm.example}
spec:
  group: farm.example
  scope: Namespaced
  names: {kind: Ox, plural: oxen, singular: ox, listKind: OxList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: farm.example/v1
kind: Ox
metadata: {name: bill, namespace: shop}
"""
    rule = "{apiGroups: [farm.example], apiVersions: [v1], operations: [CREATE], resources: [oxen]}"
    told = policy(
        "never",
        "request.resource.resource != 'oxen'",
        rule=rule,
        message="messageExpression: \"request.operation + ' ' + request.name + ' in ' + request.namespace\"",
    )
    assert broken(tmp_path, told, manifests=manifests) == ["CREATE bill in shop"]


def test_variables_follow_from_each_other_and_conditions_narrow_down(tmp_path: Path) -> None:
    spec = """\
matchConditions:
- {name: front, expression: "object.metadata.labels.tier == 'front'"}
variables:
- {name: containers, expression: object.spec.template.spec.containers}
- name: large
  expression: |
    variables.containers.filter(c,
      quantity(c.resources.limits.memory).isGreaterThan(quantity('1Gi')))
- {name: unused, expression: object.spec.nothing.there}
"""
    text = "variables.large.map(c, c.name).join(', ') + ' of ' + string(variables.containers.size())"
    told = f'messageExpression: "{text}"'
    small = policy("small", "variables.large.size() == 0", spec=spec, message=told)
    assert broken(tmp_path / "1", small) == ["web of 2"]
    assert broken(tmp_path / "2", small.replace("'front'", "'back'")) == []


def test_a_namespace_is_known_to_its_objects(tmp_path: Path) -> None:
    known = policy(
        "known",
        "namespaceObject.metadata.labels.env != 'prod' ||\n"
        "namespaceObject.metadata.name != 'shop' || oldObject != null",
    )
    assert len(broken(tmp_path, known)) == 1


def test_an_expression_without_a_value_is_a_finding_unless_failures_are_ignored(tmp_path: Path) -> None:
    expression = "object.spec.strategy.type == 'Recreate'"
    fails = policy("fails", expression)
    (message,) = broken(tmp_path / "1", fails)
    assert message == "the expression has no value: no such key: strategy"
    assert broken(tmp_path / "2", policy("fails", expression, spec="failurePolicy: Ignore")) == []
    assert broken(tmp_path / "3", policy("fails", f"{expression} || true")) == []
    guarded = "object.spec.?strategy.?type.orValue('Recreate') == 'Recreate'"
    assert broken(tmp_path / "4", policy("fails", guarded)) == []
    run = project(tmp_path / "5", DEPLOYMENT, fails).generate("prod")
    assert "the API server sets defaults first, so ask has(…) or use .?" in run.err


def test_a_failing_variable_counts_where_it_is_used(tmp_path: Path) -> None:
    spec = "variables:\n- {name: kind, expression: object.spec.strategy.type}"
    assert broken(tmp_path / "1", policy("v", "variables.kind == 'x' || true", spec=spec)) == []
    assert broken(tmp_path / "2", policy("v", "variables.kind == 'x'", spec=spec)) == [
        "the expression has no value: variables.kind: no such key: strategy"
    ]


def test_a_failing_match_condition_is_a_finding_unless_another_says_no(tmp_path: Path) -> None:
    failing = '- {name: odd, expression: "object.spec.nothing == 1"}\n'
    spec = f"matchConditions:\n{failing}"
    assert broken(tmp_path / "1", policy("c", "true", spec=spec)) == [
        "the expression has no value: no such key: nothing"
    ]
    spec += '- {name: none, expression: "false"}\n'
    assert broken(tmp_path / "2", policy("c", "true", spec=spec)) == []


@pytest.mark.parametrize(
    "message",
    [
        "messageExpression: object.metadata.nothing + 'x'\nmessage: plain",
        "messageExpression: \"'two' + '\\\\n' + 'lines'\"\nmessage: plain",
        "messageExpression: \"'  '\"\nmessage: plain",
        "message: plain",
    ],
)
def test_the_message_stands_in_for_an_expression_that_has_no_text(tmp_path: Path, message: str) -> None:
    assert broken(tmp_path, policy("m", "false", message=message)) == ["plain"]


SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: shop}
data: {key: aHVudGVyMg==}
stringData: {password: hunter2}
"""
SECRETS = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [secrets]}"


TELLING = [
    ("false", "messageExpression: \"'it is ' + object.stringData.password + object.data.key\""),
    ("object.stringData[object.stringData.password] == ''", ""),
    ("quantity(object.stringData.password).isInteger()", ""),
    ("variables.word == 'x'", "messageExpression: \"'it is ' + variables.word.upperAscii()\""),
    ("variables.found == 'x'", ""),
]


def test_no_message_shows_what_a_secret_holds(tmp_path: Path) -> None:
    spec = """\
variables:
- {name: word, expression: object.stringData.password + ''}
- {name: found, expression: "object.stringData[object.data.key]"}
"""
    policies = [
        policy(f"p{n}", expression, rule=SECRETS, message=message, spec=spec)
        for n, (expression, message) in enumerate(TELLING)
    ]
    shop = project(tmp_path, SECRET, *policies)
    for run in (shop.generate("prod"), shop.weft("validate", "prod", "-o", "json")):
        said = (run.out + run.err).lower()
        told = [line for line in said.splitlines() if "policy `" in line]
        assert len(told) == len(TELLING)
        assert all("(not shown)" in line for line in told), told
        assert "hunter2" not in said
        assert "ahvudgvymg" not in said


def test_what_iterates_without_end_is_stopped(tmp_path: Path) -> None:
    manifests = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n" + "".join(
        f"  k{number}: v\n" for number in range(2000)
    )
    rule = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}"
    nested = "object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != '')))"
    assert broken(tmp_path, policy("slow", nested, rule=rule), manifests=manifests) == [
        "the expression has no value: it takes more steps than CEL allows"
    ]


def test_integers_of_any_size_can_be_compared(tmp_path: Path) -> None:
    manifests = DEPLOYMENT.replace("replicas: 7", "replicas: 99999999999999999999")
    assert broken(tmp_path, policy("few", "object.spec.replicas <= 5"), manifests=manifests) == [
        "failed expression: object.spec.replicas <= 5"
    ]


def test_policies_are_not_asked_about_policies(tmp_path: Path) -> None:
    assert broken(tmp_path, policy("never", "false", rule=ANY), manifests=policy("deployed", "true")) == []


def test_a_component_may_live_in_the_folder(tmp_path: Path) -> None:
    shop = project(tmp_path, DEPLOYMENT, policy("never", "false"))
    shop.write({"component.yaml": "subcomponents:\n- {name: app, type: static, source: ./policies}\n"})
    assert shop.generate("prod").code == 0
    assert "ValidatingAdmissionPolicy" in shop.tree()["prod/app/app.yaml"].decode()


REFUSED = {
    "syntax": (
        policy("p", "object.spec.\n  replicas <="),
        "10:20",
        "Syntax error: mismatched input the end\n",
    ),
    "misspelt function": (
        policy("p", "object.metadata.name.endWith('x')"),
        "9:28",
        "did you mean 'endsWith'?",
    ),
    "second line": (
        policy("p", "true &&\nobjct.kind == ''"),
        "10:7",
        "did you mean 'object.kind'?",
    ),
    "variable": (
        policy("p", "variables.imgs == 1", spec="variables: [{name: images, expression: '1'}]"),
        "",
        "images",
    ),
    "own variable": (
        policy("p", "true", spec="variables: [{name: a, expression: variables.a}]"),
        "",
        "`variables.a`",
    ),
    "not a bool": (
        policy("p", "object.spec.replicas + 1"),
        "9:7",
        "its value is of type int, expected bool",
    ),
    "not a string": (policy("p", "true", message="messageExpression: '1 + 1'"), "", "expected string"),
    "authorizer": (policy("p", "authorizer.path('/').check('get').allowed()"), "", "it asks the cluster"),
    "parameters": (policy("p", "params.max > 1"), "", "without parameters"),
    "user": (policy("p", "request.userInfo.username != 'me'"), "", "who applies the manifests is not known"),
    "find": (policy("p", "object.kind.find('[a-z]') == 'x'"), "", "rewrite it with `matches`"),
    "named format": (policy("p", "format.named('x').hasValue()"), "", "weft knows these alone"),
    "two variables": (
        policy("p", "object.metadata.labels.all(k, v, v != '')"),
        "",
        "no macros with two variables",
    ),
    "pattern": (policy("p", "object.kind.matches('[')"), "", "invalid pattern"),
    "look-ahead": (policy("p", "object.kind.matches(r'(?!a)b')"), "", "RE2 has no look-around"),
    "paramKind": (
        policy("p", "true", spec="paramKind: {apiVersion: v1, kind: ConfigMap}"),
        "7:3",
        "`spec.paramKind` is not supported",
    ),
    "unknown key": (
        policy("p", "true", spec="matchCondition: []"),
        "7:3",
        "'matchConditions'",
    ),
    "no rules": (
        policy("p", "true").replace("resourceRules", "excludeResourceRules"),
        "",
        "resourceRules` is missing",
    ),
    "no name": (policy("''", "true"), "3:", "name"),
    "kind": (policy("p", "true").replace("Policy\n", "Polcy\n"), "2:", "did you mean"),
    "twice": (
        policy("p", "true") + "---\n" + policy("p", "true"),
        "13:",
        "is also in policies/",
    ),
    "no such policy": (
        policy("p", "true") + "---\n" + binding("q", "Deny"),
        "",
        "there is no policy `q`",
    ),
    "Deny and Warn": (policy("p", "true") + "---\n" + binding("p", "Deny, Warn"), "", "exclude each other"),
    "resource": (
        policy("p", "false", rule=RULE.replace("deployments", "deployment")),
        "6:",
        "'deployments'?",
    ),
    "resource's kind": (
        policy("p", "false", rule=RULE.replace("deployments", "Deployment/scale")),
        "",
        "'deployments'?",
    ),
    "no resource": (
        policy("p", "false", rule=RULE.replace("deployments", "pods")),
        "",
        "no resource `pods` in",
    ),
    "group": (policy("p", "false", rule=RULE.replace("[apps]", "[app]")), "6:", "did you mean 'apps'?"),
    "far group": (policy("p", "false", rule=RULE.replace("[apps]", "[zzz]")), "", "no API group `zzz`"),
    "near group": (
        policy("p", "false", rule=RULE.replace("[apps]", "[networking.k8.io]")),
        "",
        "did you mean 'networking.k8s.io'?",
    ),
    "any group": (
        policy("p", "false", rule=ANY.replace("resources: ['*']", "resources: [pod]")),
        "",
        "'pods'?",
    ),
    "bundled": (
        policy(
            "p",
            "false",
            rule=ANY.replace("apiGroups: ['*']", "apiGroups: [networking.istio.io]").replace(
                "resources: ['*']", "resources: [virtualservice]"
            ),
        ),
        "",
        "did you mean 'virtualservices'?",
    ),
    "binding's rule": (
        policy("p", "true")
        + "---\n"
        + binding("p", "Deny", f"{{resourceRules: [{RULE.replace('deployments', 'pod')}]}}"),
        "",
        "no resource `pod`",
    ),
    "action": (policy("p", "true") + "---\n" + binding("p", "Denny"), "", "did you mean 'Deny'?"),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one run says of all of REFUSED, each in a file of its own and with a name of its own."""
    texts = [
        text.replace("{name: p}", f"{{name: p{number}}}").replace(
            "policyName: p\n", f"policyName: p{number}\n"
        )
        for number, (text, _, _) in enumerate(REFUSED.values())
    ]
    run = project(tmp_path_factory.mktemp("refused"), DEPLOYMENT, *texts).generate("prod")
    assert run.code == 3
    assert "Traceback" not in run.err
    return run.err


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_not_be_evaluated_as_written_is_refused(refusals: str, case: str) -> None:
    _, place, words = REFUSED[case]
    file = f"policies/{list(REFUSED).index(case) + 1}.yaml:"
    said = "".join(part for part in re.split("^error: ", refusals, flags=re.M) if part.startswith(file))
    assert said.startswith(file + place), refusals
    assert words in said


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("expression: object.kind == nosuch", "7:32"),
        ('expression: "object.kind == nosuch"', "7:33"),
        ("expression: |\n      object.kind ==\n      nosuch", "9:7"),
        ("expression: >-\n      object.kind ==\n        nosuch", "9:9"),
        ("expression: >\n      object.kind ==\n\n      nosuch", "10:7"),
    ],
)
def test_a_fault_is_shown_where_it_stands_in_the_file(tmp_path: Path, written: str, place: str) -> None:
    text = policy("p", "true").replace("  - expression: |-\n      true\n", f"  - {written}\n")
    lines = text.splitlines()
    # The expression is the last of the file, and its key always on the same line.
    first = next(number for number, line in enumerate(lines, start=1) if "- expression:" in line)
    line, column = map(int, place.split(":"))
    run = project(tmp_path, DEPLOYMENT, text).generate("prod")
    assert f"policies/1.yaml:{line - 7 + first}:{column}: policy `p`" in run.err


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {note: "see hunter3secret"}}
spec:
  containers:
  - name: web
    image: nginx
    args: [--db-password=hunter2secret]
    env:
    - {name: DB_PASSWORD, value: hunter2secret}
    - {name: URL, value: "pg://shop:hunter2secret@db/hunter3secret"}
    - {name: SIZE, value: large}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: shop}
stringData: {word: hunter3secret}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data: {token: hunter2secret, size: small}
"""


def test_no_message_shows_what_secret_names_hold_in_any_object(tmp_path: Path) -> None:
    entries = "object.spec.containers[0].env.map(e, e.name + ' ' + e.value).join(', ')"
    more = "object.spec.containers[0].args[0] + object.metadata.annotations.note"
    config = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}"
    value = "object.spec.containers[0].env[0].value"
    found = broken(
        tmp_path,
        policy("a", "false", rule=PODS, message=f'messageExpression: "{entries}"'),
        policy("b", "false", rule=PODS, message=f'messageExpression: "{more}"'),
        policy("c", "false", rule=config, message="messageExpression: object.data.token + object.data.size"),
        policy("d", f"object.metadata.annotations[{value}] == ''", rule=PODS),
        policy("e", f"quantity({value}).isInteger()", rule=PODS),
        manifests=POD,
    )
    assert len(found) == 5
    assert "hunter" not in "".join(found)
    assert "DB_PASSWORD (not shown), URL pg://shop:(not shown)@db/(not shown), SIZE large" in found
    assert "--db-password=(not shown)see (not shown)" in found
    assert "(not shown)small" in found
    assert "the expression has no value: no such key: (not shown)" in found


@pytest.mark.parametrize(
    ("groups", "resources", "said"),
    [
        ("'', apps, batch", "deployments, pods, cronjobs", False),
        ("extensions", "ingresses", False),
        ("'*'", "pods/exec, virtualservers", False),
        ("policy", "podsecuritypolicies", True),
        ("policy", "podsecuritypolicies, poddisruptionbudgets", False),
        ("networking.istio.io", "virtualservices, others", False),
        ("scheduling.x-k8s.io", "podgroups", True),
        ("networking.gke.io", "managedcertificates", True),
        ("argoproj.io", "'*'", True),
    ],
)
def test_a_policy_about_what_nobody_knows_is_noted(
    tmp_path: Path, groups: str, resources: str, said: bool
) -> None:
    rule = f"{{apiGroups: [{groups}], apiVersions: ['*'], operations: ['*'], resources: [{resources}]}}"
    shop = project(tmp_path, DEPLOYMENT, policy("p", "true", rule=rule))
    shop.write({"environments/stage.yaml": "labels: {}\n"})
    run = shop.generate("--all")
    assert run.code == 0, run.err
    assert run.err.count("policy `p` is about no kind that weft knows, and about no object\n") == said


def test_a_custom_resource_that_the_output_has_is_known(tmp_path: Path) -> None:
    manifests = "apiVersion: argoproj.io/v1\nkind: Rollout\nmetadata: {name: web, namespace: shop}\n"
    rule = "{apiGroups: [argoproj.io], apiVersions: ['*'], operations: ['*'], resources: [rollouts]}"
    run = project(tmp_path, manifests, policy("p", "true", rule=rule)).generate("prod")
    assert "policy `p`" not in run.err


def test_a_change_that_mends_a_policy_is_compared(tmp_path: Path) -> None:
    rule = RULE.replace("deployments", "deployment")
    here = History(tmp_path, {"policies/p.yaml": policy("p", "true", rule=rule)})
    here.write({"policies/p.yaml": policy("p", "true")})
    assert "prod-east: No changes\n" in here.diff("--from", "HEAD", code=0).out
    assert here.affected("--from", "HEAD")["environments"] == []
    here.commit()
    here.write({"policies/p.yaml": policy("p", "true", rule=rule)})
    assert "did you mean 'deployments'?" in here.diff("--from", "HEAD", code=3).err
