"""Custom resources, encrypted objects, Kubernetes versions: what is checked, and against what."""

from __future__ import annotations

import copy
import gzip
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.schema import bundle, removed
from generator.schema.kubernetes import Problem, Schemas, bundled, newest

DATA = Path(bundle.__file__).with_name("data")
SCHEMAS = Schemas()


def of(text: str) -> Any:
    return yaml.safe_load(text)


def said(text: str, schemas: Schemas = SCHEMAS) -> list[tuple[str, str]]:
    return [(problem.reason, problem.message) for problem in schemas.check(of(text))]


def resource(api_version: str, kind: str, spec: str) -> str:
    return f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}"


ISTIO, GATEWAY, FLUX = "networking.istio.io/v1", "gateway.networking.k8s.io/v1", "toolkit.fluxcd.io"

WORKING = {
    "virtual service": resource(
        ISTIO,
        "VirtualService",
        "{hosts: [a], gateways: [mesh], http: [{match: [{uri: {prefix: /}}], timeout: 5s,"
        " retries: {attempts: 3},"
        " route: [{destination: {host: a, subset: b, port: {number: 80}}, weight: 90},"
        " {destination: {host: a, subset: c}, weight: 10}]}]}",
    ),
    "destination rule": resource(
        "networking.istio.io/v1beta1",
        "DestinationRule",
        "{host: a, subsets: [{name: b, labels: {version: v1}}],"
        " trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}",
    ),
    "gateway of istio": resource(
        ISTIO,
        "Gateway",
        "{selector: {a: b}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*']}]}",
    ),
    "authorization policy": resource(
        "security.istio.io/v1",
        "AuthorizationPolicy",
        "{action: DENY, rules: [{from: [{source: {principals: [a]}}]}]}",
    ),
    "gateway": resource(
        GATEWAY,
        "Gateway",
        "{gatewayClassName: a, addresses: [{value: 1.1.1.1}],"
        " listeners: [{name: http, port: 80, protocol: HTTP}]}",
    ),
    "http route": resource(
        GATEWAY,
        "HTTPRoute",
        "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: a, port: 80, weight: 90}]}]}",
    ),
    "kustomization": resource(
        f"kustomize.{FLUX}/v1",
        "Kustomization",
        "{interval: 10m, path: ./a, prune: true, timeout: null, sourceRef: {kind: GitRepository, name: a}}",
    ),
    "git repository": resource(
        f"source.{FLUX}/v1", "GitRepository", "{interval: 1m, url: 'https://a', ref: {branch: main}}"
    ),
    "helm release": resource(
        f"helm.{FLUX}/v2",
        "HelmRelease",
        "{interval: 1h, chart: {spec: {chart: a, sourceRef: {kind: HelmRepository, name: a}}},"
        " values: {any: {thing: 1}}}",
    ),
    "alert": resource(
        f"notification.{FLUX}/v1beta3",
        "Alert",
        "{providerRef: {name: a}, eventSources: [{kind: Kustomization, name: '*'}]}",
    ),
    "image policy": resource(
        f"image.{FLUX}/v1", "ImagePolicy", "{imageRepositoryRef: {name: a}, policy: {semver: {range: 1.x}}}"
    ),
}


@pytest.mark.parametrize("name", WORKING)
def test_a_custom_resource_that_works(name: str) -> None:
    assert said(WORKING[name]) == []


@pytest.mark.parametrize(
    ("name", "path", "to", "reason", "expected"),
    [
        (
            "virtual service",
            "spec.http.0.route.0.weigth",
            1,
            "schema",
            "unknown field `weigth` in `spec.http[0]",
        ),
        ("virtual service", "spec.http.0.route.0.weight", "90", "schema", 'is "90", expected a whole number'),
        (
            "virtual service",
            "spec.http.0.match.0.uri",
            {"prefix": "/", "exact": "/"},
            "schema",
            "`exact` and `prefix`",
        ),
        (
            "destination rule",
            "spec.host",
            None,
            "schema",
            "`spec.host` is null, which is the same as missing",
        ),
        ("destination rule", "spec.trafficPolicy.loadBalancer.simple", "ROBIN", "schema", '"ROUND_ROBIN"'),
        ("gateway of istio", "spec.servers.0.hosts", "*", "schema", 'is "*", expected a list'),
        ("authorization policy", "spec.action", "REFUSE", "schema", 'is "REFUSE", expected "ALLOW"'),
        ("authorization policy", "apiVersion", "security.istio.io/v2", "not-served", "is not served in"),
        ("gateway", "spec.addresses.0.value", "one.one", "schema", "`spec.addresses[0]`"),
        (
            "gateway",
            "spec.listeners",
            [{"name": "h", "port": 80, "protocol": "HTTP"}] * 2,
            "schema",
            "`spec.listeners[1]` has the same `name` as `spec.listeners[0]`",
        ),
        ("http route", "spec.rules.0.backendRefs.0.port", 80800, "schema", "is 80800, expected 1 to 65535"),
        ("http route", "apiVersion", "gateway.networking.k8s.io/v1alpha2", "not-served", "is not served in"),
        (
            "http route",
            "spec.rules.0.sessionPersistence",
            {"type": "Cookie"},
            "experimental",
            "standard channel",
        ),
        ("http route", "metadata.labels", {"a": 1}, "schema", "`metadata.labels.a` is 1, expected text"),
        ("kustomization", "spec.interval", "ten minutes", "schema", 'is "ten minutes", expected'),
        ("kustomization", "spec.sourceRef.kind", "Git", "schema", 'is "Git", expected "OCIRepository" or'),
        ("kustomization", "metadata.name", "A_b", "schema", '`metadata.name` is "A_b"'),
        ("kustomization", "metadata.lables", {}, "schema", "unknown field `lables` in `metadata`"),
        ("git repository", "spec.url", "ftp://a", "schema", "`spec.url`"),
        (
            "helm release",
            "apiVersion",
            f"helm.{FLUX}/v2beta1",
            "deprecated",
            "Flux 2.7 and later do not serve it",
        ),
        ("image policy", "spec.policy.semver.rnge", "1", "schema", "unknown field `rnge`"),
    ],
)
def test_a_custom_resource_that_is_broken(name: str, path: str, to: Any, reason: str, expected: str) -> None:
    data = of(WORKING[name])
    place = data
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[last] = to
    before = copy.deepcopy(data)
    [problem] = SCHEMAS.check(data)
    assert (problem.reason, expected in problem.message) == (reason, True), problem
    assert data == before


WIDGET = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, required: [spec], properties: {spec: SPEC}}}
    - {name: v1beta1, served: true, deprecated: true, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1alpha1, served: false, schema: {openAPIV3Schema: {type: object}}}
"""


def widgets(spec: str) -> Schemas:
    return Schemas(crds=[of(WIDGET.replace("SPEC", spec))])


@pytest.mark.parametrize(
    ("spec", "takes", "refuses"),
    [
        (
            "{type: object, properties: {a: {type: string}}}",
            ["{a: b}", "{a: null}"],
            ["{b: c}", "{a: 1}", "null", "[]"],
        ),
        ("{type: object}", ["{}"], ["{a: 1}"]),
        ("{type: object, x-kubernetes-preserve-unknown-fields: true}", ["{a: {b: c}}"], ["[]"]),
        (
            "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: object}}}",
            ["{b: 1, a: {}}"],
            ["{a: {b: 1}}"],
        ),
        ("{x-kubernetes-preserve-unknown-fields: true}", ["{a: 1}", "[1]", "text"], []),
        ("{type: object, additionalProperties: {type: integer}}", ["{a: 1, b: null}"], ["{a: b}"]),
        ("{x-kubernetes-int-or-string: true}", ["1", "25%"], ["1.5", "true", "{}"]),
        ("{type: string, nullable: true, enum: [a]}", ["a", "null"], ["b"]),
        ("{type: object, properties: {a: {type: string}}, required: [a]}", ["{a: b}"], ["{}", "{a: null}"]),
        (
            "{type: object, properties: {a: {type: string, default: b}}, required: [a]}",
            ["{}", "{a: null}"],
            ["{a: 1}"],
        ),
        (
            "{type: object, properties: {a: {type: string}, b: {type: string}},"
            " oneOf: [{required: [a]}, {required: [b]}]}",
            ["{a: x}", "{a: x, b: null}"],
            ["{}", "{a: x, b: y}"],
        ),
        (
            "{type: array, items: {type: string}, x-kubernetes-list-type: set}",
            ["[a, b]"],
            ["[a, a]", "[null]"],
        ),
        (
            "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [n, p],"
            " items: {type: object, properties: {n: {type: string}, p: {type: string, default: TCP}}}}",
            ["[{n: a}, {n: b}]", "[{n: a}, {n: a, p: UDP}]"],
            ["[{n: a}, {n: a}]", "[{n: a}, {n: a, p: TCP}]"],
        ),
        (
            "{type: object, x-kubernetes-embedded-resource: true,"
            " x-kubernetes-preserve-unknown-fields: true}",
            ["{apiVersion: v1, kind: Pod, metadata: {name: a}, more: 1}"],
            ["{kind: Pod}", "{apiVersion: v1, kind: Pod, metadata: {nam: a}}"],
        ),
        ("{type: integer, minimum: 1, exclusiveMinimum: true, maximum: 5}", ["2", "5"], ["1", "6", "1.5"]),
        ("{type: integer, format: int32}", ["2147483647"], ["2147483648"]),
        ("{type: string, format: date-time}", ["'2024-01-01T00:00:00Z'"], ["today"]),
        ("{type: string, format: duration}", ["1h30m"], ["1 hour"]),
        ("{type: string, format: no-such-format}", ["anything"], []),
        # A pattern that is no regular expression to Go either counts for nothing.
        ("{type: string, pattern: '(?=a)'}", ["a", "b"], ["1"]),
        ("{type: string, pattern: '^[a-z]+$'}", ["a"], ["A"]),
    ],
)
def test_a_structural_schema_is_read_as_the_server_reads_it(
    spec: str, takes: list[str], refuses: list[str]
) -> None:
    schemas = widgets(spec)
    for value in takes:
        assert said(resource("example.org/v1", "Widget", value), schemas) == [], value
    for value in refuses:
        assert [reason for reason, _ in said(resource("example.org/v1", "Widget", value), schemas)] == [
            "schema"
        ], value


def test_the_versions_of_a_definition() -> None:
    schemas = widgets("{type: object}")
    [deprecated] = schemas.check(of("{apiVersion: example.org/v1beta1, kind: Widget, metadata: {name: a}}"))
    assert (deprecated.reason, deprecated.hint) == ("deprecated", "use example.org/v1")
    for version in ("v1alpha1", "v2"):
        [problem] = schemas.check(
            of(f"{{apiVersion: example.org/{version}, kind: Widget, metadata: {{name: a}}}}")
        )
        assert problem == Problem(
            "not-served",
            ("apiVersion",),
            f"Widget is not served in example.org/{version}",
            "served: example.org/v1, example.org/v1beta1",
        )
    [unknown] = schemas.check(of("{apiVersion: example.org/v1, kind: Gadget, metadata: {name: a}}"))
    assert unknown.reason == "unknown-kind"


@pytest.mark.parametrize(
    "schema", ["[]", "{type: 7}", "{type: object, properties: []}", "{type: no-such-type}"]
)
def test_a_definition_that_is_no_schema_is_no_crash(schema: str) -> None:
    definition = of(WIDGET.replace("{type: object, required: [spec], properties: {spec: SPEC}}", schema))
    found = Schemas(crds=[definition]).check(of(resource("example.org/v1", "Widget", "{a: b}")))
    assert {problem.reason for problem in found} <= {"unknown-kind", "schema"}


def test_the_old_form_of_a_definition() -> None:
    definition = of(
        "{apiVersion: apiextensions.k8s.io/v1beta1, kind: CustomResourceDefinition, metadata: {name: a},"
        " spec: {group: example.org, version: v1, names: {kind: Widget, plural: widgets}, "
        "validation: {openAPIV3Schema: {properties: {spec: {properties: {a: {type: string}}}}}}}}"
    )
    schemas = Schemas(crds=[definition])
    assert said(resource("example.org/v1", "Widget", "{a: b, other: 1}"), schemas) == []
    assert len(said(resource("example.org/v1", "Widget", "{a: 1}"), schemas)) == 1


def test_definitions_of_the_user_come_before_the_bundled_ones() -> None:
    own = WIDGET.replace("example.org", "networking.istio.io").replace("Widget", "VirtualService")
    definition = of(own.replace("SPEC", "{type: object, properties: {mine: {type: string}}}"))
    text = resource(ISTIO, "VirtualService", "{mine: a}")
    assert len(said(text)) == 1
    assert said(text, Schemas(crds=[definition])) == []
    assert said(text, Schemas(more=lambda: [definition])) == []


def test_other_definitions_are_asked_for_where_a_custom_resource_needs_them_only() -> None:
    calls = []
    schemas = Schemas(more=lambda: calls.append(1) or [])  # type: ignore[func-returns-value]
    schemas.check(of("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"))
    assert calls == []
    for kind in ("Widget", "Gadget"):
        assert said(resource("example.org/v1", kind, "{}"), schemas)[0][0] == "unknown-kind"
    assert calls == [1]


def test_what_sops_encrypted_is_passed_over() -> None:
    encrypted = "'ENC[AES256_GCM,data:aaaa,iv:bbbb,tag:cccc,type:int]'"
    sops = "sops: {mac: a, age: [{recipient: b}]}"
    secret = f"{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, data: {{a: {encrypted}}}, {sops}}}"
    assert said(secret) == []
    workload = f"""{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, {sops}, spec: {{
        replicas: {encrypted}, strategy: {{type: {encrypted}}}, selector: {{}},
        template: {{spec: {{containers: [
            {{name: a, image: b, ports: [{{containerPort: {encrypted}}}]}}]}}}}}}}}"""
    assert said(workload) == []
    assert [message for _, message in said(workload.replace("selector:", "selectr:"))] == [
        "`spec.selector` is missing",
        "unknown field `selectr` in `spec`",
    ]
    # Without `sops` it is only text that looks so.
    assert len(said(secret.replace(f", {sops}", ""))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {plain: 98765}}",
        "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {plain: '98765!'}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {db_password: 98765}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: "
        "[{name: a, image: b, env: [{name: API_TOKEN, value: 98765}]}]}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: {env: {password: 98765}}}}",
    ],
)
def test_no_message_shows_a_secret(text: str) -> None:
    found = SCHEMAS.check(of(text))
    assert found
    assert "98765" not in str(found)


def test_what_the_messages_say() -> None:
    def message(text: str) -> tuple[str, str | None]:
        [problem] = SCHEMAS.check(of(text))
        return problem.message, problem.hint

    assert message("{apiVersion: apps/v1, kind: Deploymnt, metadata: {name: a}}") == (
        f"Kubernetes {newest()} has no kind Deploymnt in apps/v1",
        "did you mean 'Deployment'?",
    )
    assert message("{apiVersion: apps/v3, kind: Deployment}")[1] == "Deployment is in apps/v1"
    assert message("{apiVersion: app/v1, kind: Deployment}")[1] == "Deployment is in apps/v1"
    assert message(f"{{apiVersion: {ISTIO}, kind: VirtualServce}}")[1] == "did you mean 'VirtualService'?"
    assert message("{kind: Deployment}") == ("`apiVersion` is missing, or is no text", None)
    assert message("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dta: {}}") == (
        "unknown field `dta`",
        "did you mean 'data'?",
    )
    hint = message("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 1.30}}")[1]
    assert str(hint).startswith("put it in quotes")
    assert message(resource("v1", "Service", "{type: clusterip}")) == (
        '`spec.type` is "clusterip", expected "ClusterIP" or "ExternalName" or "LoadBalancer" or "NodePort"',
        "did you mean 'ClusterIP'?",
    )


def test_the_kubernetes_version_chooses_the_schemas() -> None:
    assert bundled() == ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]
    claim = "{apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: a}, spec: {}}"
    [problem] = Schemas("1.31").check(of(claim))
    assert (problem.reason, problem.hint) == ("not-served", "ResourceClaim is in resource.k8s.io/v1alpha3")
    assert said(claim, Schemas("v1.34.2")) == []
    # A field that came later.
    signal = resource("v1", "Pod", "{containers: [{name: a, image: b, lifecycle: {stopSignal: SIGUSR1}}]}")
    assert len(said(signal, Schemas("1.31"))) == 1
    assert [message for _, message in said(signal, Schemas("1.37")) if "unknown field" in message] == []


@pytest.mark.parametrize(
    ("asked", "used", "told"),
    [
        (None, "1.37", False),
        ("1.31", "1.31", False),
        ("v1.31.4-gke.100", "1.31", False),
        ("1.24", "1.30", True),
        ("v1.99.0", "1.37", True),
        ("newest", "1.37", True),
    ],
)
def test_the_nearest_version_is_used_and_told(asked: str | None, used: str, told: bool) -> None:
    schemas = Schemas(asked)
    assert schemas.version == used
    assert (schemas.note is not None and used in schemas.note) is told


def test_of_a_version_that_is_not_bundled_no_kind_is_refused_that_may_be_there() -> None:
    old = "{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: a}}"
    assert [problem.reason for problem in Schemas("1.24").check(of(old))] == ["unknown-kind"]
    typo = "{apiVersion: apps/v1, kind: Deploymnt, metadata: {name: a}}"
    assert [problem.reason for problem in Schemas("1.24").check(of(typo))] == ["not-served"]


def test_every_kind_that_disappears_between_two_versions_is_in_the_table() -> None:
    versions = bundle.minors()
    for earlier, later in pairwise(versions):
        before, after = bundle.kubernetes(earlier).kinds, bundle.kubernetes(later).kinds
        for api_version, kinds in before.items():
            for kind in set(kinds) - set(after.get(api_version, ())):
                removal = removed.find(api_version, kind, bundle.written(later))
                assert removal is not None, (api_version, kind)
                assert removal.removed == later, (api_version, kind)


def test_nothing_in_the_table_is_served_after_its_end_or_gone_before_it() -> None:
    for removal in removed.every():
        for version in bundle.minors():
            served = removal.kind in bundle.kubernetes(version).kinds.get(removal.api_version, ())
            if removal.removed is not None and version >= removal.removed:
                assert not served, removal
            elif removal.removed is None:
                assert served, removal


@pytest.mark.parametrize(
    ("api_version", "kind", "version", "expected"),
    [
        ("extensions/v1beta1", "Deployment", "1.15", ("deprecated", "apps/v1")),
        ("extensions/v1beta1", "Deployment", "1.16", ("removed", "apps/v1")),
        ("extensions/v1beta1", "Ingress", None, ("removed", "networking.k8s.io/v1")),
        ("networking.k8s.io/v1beta1", "Ingress", "1.18", None),
        ("networking.k8s.io/v1beta1", "IngressList", "1.22", ("removed", "networking.k8s.io/v1")),
        ("policy/v1beta1", "PodSecurityPolicy", "v1.24.3", ("deprecated", "Pod Security Admission")),
        ("batch/v1beta1", "CronJob", "1.25", ("removed", "batch/v1")),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", ("removed", "autoscaling/v2")),
        ("storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", ("removed", "storage.k8s.io/v1")),
        (
            "flowcontrol.apiserver.k8s.io/v1beta3",
            "FlowSchema",
            "1.32",
            ("removed", "flowcontrol.apiserver.k8s.io/v1"),
        ),
        ("v1", "Endpoints", "1.33", ("deprecated", "EndpointSlice")),
        ("v1", "Endpoints", "1.32", None),
        ("apps/v1", "Deployment", None, None),
    ],
)
def test_removed_and_deprecated(
    api_version: str, kind: str, version: str | None, expected: tuple[str, str] | None
) -> None:
    removal = removed.find(api_version, kind, version)
    if expected is None:
        assert removal is None
        return
    assert removal is not None
    assert ("removed" if removal.removed_in(version) else "deprecated") == expected[0]
    assert str(removal.replacement).startswith(expected[1])


def test_the_data_is_small_repeatable_and_attributed() -> None:
    files = sorted(DATA.glob("*/*.json.gz"))
    assert len(files) == len(bundled()) + 3
    assert sum(path.stat().st_size for path in files) < 300_000
    notice = (DATA / "ATTRIBUTION.md").read_text()
    for path in files:
        # The time in the header is 0, and there is no file name.
        assert path.read_bytes()[3:8] == b"\0\0\0\0\0"
        assert b'"description":"' not in gzip.decompress(path.read_bytes())
        assert path.parent.name in notice
    assert "Apache-2.0" in notice
