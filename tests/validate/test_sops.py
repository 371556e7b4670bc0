"""What SOPS encrypted is unknown and no finding; what it left in plain sight is one."""

from __future__ import annotations

import pytest

from tests.validate.found import codes, found
from tests.validate.texts import (
    POD,
    SERVICE,
    SHOP,
    container,
    deployment,
    gateway,
    istio,
    job,
    of,
    pod,
    secret,
)

SETTINGS = "{age: [], mac: x, version: 3.9.0}"


def enc(kind: str = "str") -> str:
    """What SOPS leaves in the place of a value."""
    return f"'ENC[AES256_GCM,data:{kind},iv:b,tag:c,type:{kind}]'"


def sops(text: str) -> str:
    """The object with what SOPS adds."""
    if text.startswith("{"):
        return f"{text[:-1]}, sops: {SETTINGS}}}"
    return f"{text}sops: {SETTINGS}\n"


def env(entry: str) -> str:
    return container(f"env: [{{name: A, valueFrom: {{configMapKeyRef: {entry}}}}}]")


SETTING = of("ConfigMap", "c", "data: {a: b}")
MOUNT = "volumeMounts: [{name: %s, mountPath: /x}]"
# Each is wrong without `sops`: the ciphertext is then the value.
UNKNOWN = {
    "the name of a ConfigMap": (container(f"envFrom: [{{configMapRef: {{name: {enc()}}}}}]"),),
    "whether a ConfigMap is optional": (env(f"{{name: gone, key: a, optional: {enc('bool')}}}"),),
    "the key of a ConfigMap": (env(f"{{name: c, key: {enc()}}}"), SETTING),
    "the namespace of an object that refers": (
        container("envFrom: [{configMapRef: {name: c}}]").replace(
            "name: p, ", f"name: p, namespace: {enc()}"
        ),
        SETTING,
    ),
    "a mounted volume": (container(MOUNT % enc()),),
    "the name of a volume": (
        pod(f"volumes: [{{name: {enc()}, emptyDir: {{}}}}]").replace(
            "image: a:1", f"image: a:1, {MOUNT % 'x'}"
        ),
    ),
    "how a Job starts again": (job("batch/v1", "Job", "name: j").replace("Never", enc()),),
    "the selector of a workload": (deployment(f"selector: {{matchLabels: {{app: {enc()}}}}}"),),
    "the labels of a template": (
        deployment("selector: {matchLabels: {app: x}}").replace("app: shop", f"app: {enc()}"),
    ),
    "the selector of a Service": (SERVICE.replace("app: shop", f"app: {enc()}"),),
    "the labels of pods": (POD.replace("app: shop", f"app: {enc()}"), SERVICE),
    "a port of a probe": (container(f"livenessProbe: {{httpGet: {{port: {enc()}}}}}"),),
    "the name of a container's port": (
        container(
            f"ports: [{{name: {enc()}, containerPort: 80}}], livenessProbe: {{httpGet: {{port: web}}}}"
        ),
    ),
    "a target port": (SERVICE.replace("port: 80", f"port: 80, targetPort: {enc()}"), POD),
    "the name of a target port": (
        POD.replace("image: shop:1.0", f"image: shop:1.0, ports: [{{name: {enc()}, containerPort: 80}}]"),
        SERVICE.replace("port: 80", "port: 80, targetPort: web"),
    ),
    "the host of a route": (istio(f"{{route: [{{destination: {{host: {enc()}}}}}]}}"),),
    "the port of a route": (
        istio(f"{{route: [{{destination: {{host: shop, port: {{number: {enc('int')}}}}}}}]}}"),
        SHOP,
    ),
    "the subset of a route": (istio(f"{{route: [{{destination: {{host: shop, subset: {enc()}}}}}]}}"), SHOP),
    "weights": (
        istio("{route: [%s, %s]}" % ((f"{{destination: {{host: shop}}, weight: {enc('int')}}}",) * 2)),
        SHOP,
    ),
    "the ports of a Service": (
        SERVICE.replace("port: 80", f"port: {enc('int')}"),
        POD,
        gateway("{name: shop, port: 80}"),
    ),
    "the port of a backend": (gateway(f"{{name: shop, port: {enc('int')}}}"), SHOP),
    "the name of a backend": (gateway(f"{{name: {enc()}, port: 80}}"),),
    "the kind of a target": (
        of(
            "HorizontalPodAutoscaler",
            "s",
            f"spec: {{maxReplicas: 3, scaleTargetRef: {{apiVersion: apps/v1, kind: {enc()}, name: gone}}}}",
            "autoscaling/v2",
        ),
    ),
}


@pytest.mark.parametrize("texts", UNKNOWN.values(), ids=UNKNOWN)
def test_what_sops_encrypted_is_unknown(texts: tuple[str, ...]) -> None:
    assert codes(*texts)
    first, *others = texts
    assert [str(finding) for finding in found(sops(first), *others)] == []


def test_what_stays_plain_beside_it_is_checked() -> None:
    text = container(f"args: [{enc()}], envFrom: [{{configMapRef: {{name: gone}}}}]")
    assert codes(sops(text)) == ["missing-object"]
    assert codes(sops(SERVICE)) == ["service-selects-nothing"]


HALF = f"stringData: {{user: eve, empty: '', a: {enc()}}}"
PLAIN = {
    "no settings": (SETTINGS, "stringData.user"),
    "another suffix": ("{unencrypted_suffix: _plain}", "stringData.user"),
    "a fitting suffix": ("{unencrypted_suffix: ser}", None),
    "the key's regex": ("{encrypted_regex: ^a$}", None),
    "the field's regex": ("{encrypted_regex: ^(data|stringData)$}", "stringData.user"),
    "a regex of what stays": ("{unencrypted_regex: ^us}", None),
    "a regex of what else stays": ("{unencrypted_regex: ^metadata$}", "stringData.user"),
    "a suffix of what is encrypted": ("{encrypted_suffix: a}", "stringData.user"),
    "a suffix that the key has not": ("{encrypted_suffix: z}", None),
    "comments that say it": ("{unencrypted_comment_regex: plain}", None),
    "a regex that Python cannot read": ("{encrypted_regex: '^\\pN('}", None),
}


@pytest.mark.parametrize(("settings", "field"), PLAIN.values(), ids=PLAIN)
def test_a_plain_value_beside_encrypted_ones_is_found_unless_the_settings_want_it(
    settings: str, field: str | None
) -> None:
    told = found(secret(f"{HALF}, sops: {settings}"))
    assert [(item.code, item.field) for item in told] == ([("plain-secret", field)] if field else [])
    assert all("`stringData.user`" in item.message and "eve" not in str(item) for item in told)
