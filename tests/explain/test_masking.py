"""`weft explain` shows nothing that `weft diff` hides, of objects and of config, whatever it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import shop

APPLIED = '{"kind":"Secret","stringData":{"k":"S17applied"}}'
MANIFESTS = f"""\
apiVersion: v1
kind: Pod
metadata:
  name: px
  annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{APPLIED}'}}
spec:
  volumes: [{{name: v, secret: {{secretName: shownname}}}}]
  containers:
    - name: c
      image: nginx
      args: ["--password=S18arg", "--size=1"]
      env: [{{name: DB_PASSWORD, value: "12345678"}}, {{name: API_TOKEN, value: S19}}, {{name: A, value: b}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: cm}}
data:
  url: https://user:S16@host/
  plain: clear
"""
STATIC = {"app/component.yaml": "type: static\npath: ./m\n", "app/m/a.yaml": MANIFESTS}
HIDDEN = ("12345678", "S16", "S17applied", "S18arg", "S19")
CONTAINER = "spec.containers[0]"


@pytest.mark.parametrize(
    "args",
    [
        ("Pod/px",),
        ("Pod/px", "spec"),
        ("Pod/px", "metadata.annotations"),
        ("Pod/px", "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]"),
        ("Pod/px", f"{CONTAINER}.env"),
        ("Pod/px", f"{CONTAINER}.env[0]"),
        ("Pod/px", f"{CONTAINER}.env[DB_PASSWORD].value"),
        ("Pod/px", f"{CONTAINER}.env[API_TOKEN].value"),
        ("Pod/px", f"{CONTAINER}.args"),
        ("Pod/px", f"{CONTAINER}.args[0]"),
        ("ConfigMap/cm",),
        ("ConfigMap/cm", "data"),
        ("ConfigMap/cm", "data.url"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_object_nothing_is_shown_that_diff_hides(
    tmp_path: Path, args: tuple[str, ...], form: str
) -> None:
    run = shop(tmp_path, STATIC).weft("explain", "prod", *args, "-o", form)
    assert run.code == 0, run.err
    assert not [text for text in HIDDEN if text in run.out + run.err]
    # Long values are cut.
    assert "(not shown)" in run.out or (form == "text" and "..." in run.out)


def test_the_line_of_a_neighbour_gives_nothing_away(tmp_path: Path) -> None:
    project = shop(tmp_path, STATIC)
    for field in (f"{CONTAINER}.env[0].name", f"{CONTAINER}.env[A].value", f"{CONTAINER}.args[1]"):
        for form in ("text", "json"):
            run = project.weft("explain", "prod", "Pod/px", field, "-o", form)
            assert run.code == 0, run.err
            assert not [text for text in HIDDEN if text in run.out]


def test_what_is_no_secret_is_shown_beside_it(tmp_path: Path) -> None:
    project = shop(tmp_path, STATIC)
    whole = project.weft("explain", "prod", "Pod/px").out
    assert "secretName: shownname" in whole
    assert "name: DB_PASSWORD" in whole
    assert "value: b" in whole
    assert "--password=(not shown)" in whole
    assert "https://user:(not shown)@host/" in project.weft("explain", "prod", "ConfigMap/cm").out
    shown = project.weft("explain", "prod", "Pod/px", f"{CONTAINER}.env[API_TOKEN].value", "--show-secrets")
    assert "S19" in shown.out


CONFIG = """\
config:
  envlist:
    - {name: DB_PASSWORD, value: AAAA1}
    - {name: PLAIN, value: clear}
  args: ["--password=CCCC1", "--size=1"]
  cfg: "password: DDDD1"
  url: https://user:EEEE1@host/
  credentials: {user: FFFF1}
  secretName: shownname
  copy: AAAA1
  neutral: GGGG1
  size: 1
"""
TEMPLATE = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  volumes: [{name: v, secret: {secretName: "{{ values.secretName }}"}}]
  containers:
    - name: c
      image: nginx
      env:
{% for item in values.envlist %}
        - name: {{ item.name }}
          value: {{ item.value | upper }}
{% endfor %}
        - name: SOME_TOKEN
          value: {{ values.neutral }}
"""
OF_CONFIG = ("AAAA1", "CCCC1", "DDDD1", "EEEE1", "FFFF1")


def configured(folder: Path) -> Project:
    return shop(folder, {"app/config/common.yaml": CONFIG, "chart/templates/seen.yaml.j2": TEMPLATE})


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("envlist",),
        ("envlist[0]",),
        ("envlist[0].value",),
        ("envlist[DB_PASSWORD].value",),
        ("args",),
        ("args[0]",),
        ("cfg",),
        ("url",),
        ("credentials",),
        ("credentials.user",),
        ("copy",),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_config_is_masked_by_the_same_rule(tmp_path: Path, args: tuple[str, ...], form: str) -> None:
    run = configured(tmp_path).weft("explain", "prod", "app", *args, "-o", form)
    assert run.code == 0, run.err
    assert not [text for text in OF_CONFIG if text in run.out]
    assert "(not shown)" in run.out


def test_a_key_that_only_says_where_a_secret_is_is_shown(tmp_path: Path) -> None:
    project = configured(tmp_path)
    assert "shownname" in project.weft("explain", "prod", "app", "secretName").out
    assert "secretName: shownname" in project.weft("explain", "prod", "app").out
    field = "spec.volumes[0].secret.secretName"
    run = project.weft("explain", "prod", "Pod/p", field)
    assert (run.code, run.out.splitlines()[0]) == (0, f"{field} of Pod/p in prod: shownname")
    assert "shownname  (the value stands in it)" in run.out


@pytest.mark.parametrize("name", ["DB_PASSWORD", "SOME_TOKEN"])
def test_the_values_behind_a_hidden_field_are_hidden(tmp_path: Path, name: str) -> None:
    for form in ("text", "json"):
        run = configured(tmp_path).weft(
            "explain", "prod", "Pod/p", f"spec.containers[0].env[{name}].value", "-o", form
        )
        assert run.code == 0, run.err
        assert not [text for text in ("AAAA1", "GGGG1") if text in run.out]
        assert "envlist[0].value" in run.out or "neutral" in run.out


def test_a_short_secret_is_hidden_within_other_texts(tmp_path: Path) -> None:
    objects = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: a8Zq}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {text: x-a8Zq-y}\n"
    )
    project = shop(tmp_path, {"app/component.yaml": "type: static\npath: ./m\n", "app/m/a.yaml": objects})
    for args in (("ConfigMap/cm",), ("ConfigMap/cm", "data.text")):
        run = project.weft("explain", "prod", *args)
        assert (run.code, "a8Zq" in run.out) == (0, False)
