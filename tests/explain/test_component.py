"""`weft explain ENV COMPONENT [KEY]` on whole programs: who won, who lost, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project_tree import ROOT, Project
from tests.shop import shop

CHART = {
    "chart/values.yaml": "size: 1\nenv:\n  A: default\n  Z: '${literal}'\nports: [80]\n",
    "environments/prod.yaml": "labels: {region: eu}\n",
}


def explained(project: Project, *args: str) -> dict[str, Any]:
    run = project.weft("explain", "-o", "json", *args)
    assert run.code == 0, run.err
    found: dict[str, Any] = json.loads(run.out)
    return found


def single(project: Project, *args: str) -> dict[str, Any]:
    (found,) = explained(project, *args)["explanations"]
    assert isinstance(found, dict)
    return found


def candidates(found: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """(fate, file:line, value) of each candidate."""
    return [(item["fate"], f"{item['file']}:{item['line']}", item["value"]) for item in found["candidates"]]


def test_the_founding_example_names_the_file_that_each_cluster_has_its_storage_account_from() -> None:
    run = Project(ROOT).weft("explain", "prod-east", "services/simple-service", "env.STORAGE_ACCOUNT")
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        "env.STORAGE_ACCOUNT of services/simple-service in prod-east: east-storage\n"
        "  won  services/simple-service/config/prod-east.yaml:4:5  east-storage"
        "  config/prod-east of services/simple-service\n"
    )


def test_every_place_of_the_cascade_is_listed_strongest_first(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "environments/prod.yaml": "layers: [blue]\nsubcomponents: {app: {config: {size: 9}}}\n",
            "environments/common.yaml": "subcomponents:\n  app:\n    config:\n      size: 8\n",
            "config/blue.yaml": "subcomponents:\n  app:\n    config:\n      size: 7\n",
            "app/config/prod.yaml": "config:\n  size: 6\n",
            "app/config/blue.yaml": "config:\n  size: 5\n",
            "app/config/common.yaml": "config:\n  size: 4\n",
            "component.yaml": "subcomponents:\n  - name: app\n    source: ./app\n    config: {size: 3}\n",
            "app/component.yaml": "type: jinja\npath: ../chart\nconfig:\n  size: 2\n",
        },
    )
    found = single(project, "prod", "app", "size")
    assert found["value"] == 9
    assert candidates(found) == [
        ("won", "environments/prod.yaml:2", 9),
        ("lost", "environments/common.yaml:4", 8),
        ("lost", "config/blue.yaml:4", 7),
        ("lost", "app/config/prod.yaml:2", 6),
        ("lost", "app/config/blue.yaml:2", 5),
        ("lost", "app/config/common.yaml:2", 4),
        ("lost", "component.yaml:4", 3),
        ("lost", "app/component.yaml:4", 2),
        ("lost", "chart/values.yaml:1", 1),
    ]
    assert all(item["reason"] for item in found["candidates"][1:])


def test_a_parents_common_that_hides_a_childs_environment_is_pointed_out(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "config/common.yaml": "subcomponents:\n  app:\n    config:\n      size: 2\n",
            "app/config/prod.yaml": "config:\n  size: 3\n",
        },
    )
    run = project.weft("explain", "prod", "app", "size")
    assert run.code == 0
    assert run.out == (
        "size of app in prod: 2\n"
        "  won   config/common.yaml:4:7    2  config/common of the root\n"
        "  lost  app/config/prod.yaml:2:3  3  config/prod of app; "
        "a file further up the tree wins, and config/common of the root is further up\n"
        "  lost  chart/values.yaml:1:1     1  the chart's values; a chart's values are the weakest\n"
        "  note: config/common.yaml:4:7 hides app/config/prod.yaml:2:3: a file further up the tree wins, "
        "also a `common` over one for prod; to have the other value, say it for `app` in config/prod.yaml, "
        "or take it out of config/common.yaml\n"
    )
    # What the note says mends it.
    project.write({"config/prod.yaml": "subcomponents: {app: {config: {size: 3}}}\n"})
    assert single(project, "prod", "app", "size")["value"] == 3


def test_what_all_environments_share_hides_a_file_of_the_tree_too(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "environments/common.yaml": "subcomponents: {app: {config: {size: 2}}}\n",
            "app/config/prod.yaml": "config:\n  size: 3\n",
        },
    )
    (note,) = single(project, "prod", "app", "size")["notes"]
    assert "environments/common.yaml:1:32 hides app/config/prod.yaml:2:3" in note
    assert "in environments/prod.yaml, or take it out of environments/common.yaml" in note


def test_null_takes_away_what_is_weaker(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "app/config/prod.yaml": "config:\n  size: null\n  env: null\n",
            "app/config/common.yaml": "config: {size: 4}\n",
        },
    )
    found = single(project, "prod", "app", "size")
    assert "value" not in found
    assert candidates(found) == [
        ("won", "app/config/prod.yaml:2", None),
        ("lost", "app/config/common.yaml:1", 4),
        ("lost", "chart/values.yaml:1", 1),
    ]
    assert found["candidates"][1]["reason"] == "removed by the null at app/config/prod.yaml:2:3"
    below = single(project, "prod", "app", "env.A")
    assert candidates(below)[0] == ("won", "app/config/prod.yaml:3", None)
    assert "size" not in project.weft("explain", "prod", "app").out


@pytest.mark.parametrize(
    ("rule", "value", "places"),
    [
        ("replace", [90], ["app/config/prod.yaml:2"]),
        ("append", [80, 90], ["chart/values.yaml:5", "app/config/prod.yaml:2"]),
        ("prepend", [90, 80], ["app/config/prod.yaml:2", "chart/values.yaml:5"]),
    ],
)
def test_lists_tell_which_file_gives_which_item(
    tmp_path: Path, rule: str, value: list[int], places: list[str]
) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "app/component.yaml": f"type: jinja\npath: ../chart\nmerge: {{lists: {rule}}}\n",
            "app/config/prod.yaml": "config:\n  ports: [90]\n",
        },
    )
    found = single(project, "prod", "app", "ports")
    assert found["value"] == value
    fates = {item["fate"] for item in found["candidates"]}
    assert fates == ({"won", "lost"} if rule == "replace" else {"merged"})
    run = project.weft("explain", "prod", "app", "-o", "json")
    whole = json.loads(run.out)["places"]
    assert [
        f"{whole[f'config.ports[{i}]']['file']}:{whole[f'config.ports[{i}]']['line']}"
        for i in range(len(value))
    ] == places
    if rule == "replace":
        assert found["candidates"][1]["reason"].endswith("lists replace as a whole")


def test_items_that_merge_by_name_are_explained_by_it(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "chart/values.yaml": "vars:\n- name: one\n  value: a\n  keep: k\n- name: two\n  value: b\n",
            "app/component.yaml": "type: jinja\npath: ../chart\nmerge: {paths: {vars: {by: name}}}\n",
            "app/config/prod.yaml": "config:\n  vars:\n"
            "  - name: two\n    value: B\n  - name: one\n    value: A\n",
        },
    )
    found = single(project, "prod", "app", "vars[one].value")
    assert (found["key"], found["value"]) == ("vars[0].value", "A")
    assert candidates(found) == [
        ("won", "app/config/prod.yaml:6", "A"),
        ("lost", "chart/values.yaml:3", "a"),
    ]
    assert candidates(single(project, "prod", "app", "vars[one].keep")) == [
        ("won", "chart/values.yaml:4", "k")
    ]
    named = candidates(single(project, "prod", "app", "vars[one].name"))
    assert [fate for fate, _, _ in named] == ["merged", "merged"]


def test_references_show_what_they_stand_for_and_where(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "config/common.yaml": "config:\n  global:\n    domain: ${environment.name}.example.com\n",
            "app/config/common.yaml": "config:\n  env:\n    URL: https://${global.domain}/${environment.labels.region}\n",
        },
    )
    found = single(project, "prod", "app", "env.URL")
    assert found["value"] == "https://prod.example.com/eu"
    assert found["written"] == "https://${global.domain}/${environment.labels.region}"
    assert found["references"] == [
        {
            "name": "global.domain",
            "value": "prod.example.com",
            "file": "config/common.yaml",
            "line": 3,
            "column": 5,
        },
        {"name": "environment.name", "value": "prod", "file": "environments/prod.yaml"},
        {
            "name": "environment.labels.region",
            "value": "eu",
            "file": "environments/prod.yaml",
            "line": 1,
            "column": 10,
        },
    ]
    inherited = single(project, "prod", "app", "global.domain")
    assert inherited["written"] == "${environment.name}.example.com"
    # A chart's own `${` is text.
    assert single(project, "prod", "app", "env.Z")["value"] == "${literal}"
    text = project.weft("explain", "prod", "app", "env.URL").out
    assert "  ${global.domain} is prod.example.com at config/common.yaml:3:5\n" in text


def test_global_of_a_component_above_wins(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "config/common.yaml": "config: {global: {domain: above}}\n",
            "app/config/prod.yaml": "config: {global: {domain: own}}\n",
        },
    )
    found = single(project, "prod", "app", "global.domain")
    assert found["value"] == "above"
    assert found["candidates"][1]["reason"] == "the `global` of shop, a component above, wins"


def test_without_a_key_the_whole_config_is_yaml_with_the_place_of_each_leaf(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "app/config/common.yaml": "namespace: spaces\nlabels: {team: a}\nconfig:\n  env:\n"
            "    A: own\n    T: |\n      two\n      lines\n  none: {}\n",
        },
    )
    run = project.weft("explain", "prod", "app")
    data = yaml.safe_load(run.out)
    assert data["config"] == {
        "size": 1,
        "env": {"A": "own", "Z": "${literal}", "T": "two\nlines\n"},
        "ports": [80],
        "none": {},
    }
    assert data["namespace"] == "spaces"
    comments = {
        line.split("#")[0].strip(): line.split("# ")[1] for line in run.out.splitlines()[1:] if "#" in line
    }
    assert comments == {
        "namespace: spaces": "app/config/common.yaml:1:1",
        "team: a": "app/config/common.yaml:2:10",
        "size: 1": "chart/values.yaml:1:1",
        "A: own": "app/config/common.yaml:5:5",
        'Z: "${literal}"': "chart/values.yaml:4:3",
        "T: |": "app/config/common.yaml:6:5",
        "- 80": "chart/values.yaml:5:9",
        "none: {}": "app/config/common.yaml:9:3",
    }
    assert len({line.index("#") for line in run.out.splitlines()[1:] if "#" in line}) == 1


def test_wefts_own_keys_are_explained_by_their_own_rules(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "component.yaml": "namespace: root\nlabels: {team: root}\n"
            "subcomponents: [{name: app, source: ./app}]\n",
            "app/component.yaml": "type: jinja\npath: ../chart\nnamespace: own-${environment.labels.region}\n"
            "labels: {team: own, tier: web}\nannotations: {example.com/a: x}\n",
            "app/config/prod.yaml": "disabled: false\nmerge: {lists: append}\n",
        },
    )
    namespace = single(project, "prod", "app", "namespace")
    assert (namespace["kind"], namespace["value"]) == ("weft", "own-eu")
    assert candidates(namespace) == [
        ("won", "app/component.yaml:3", "own-${environment.labels.region}"),
        ("lost", "component.yaml:1", "root"),
    ]
    assert namespace["references"][0]["name"] == "environment.labels.region"
    team = single(project, "prod", "app", "labels.team")
    assert candidates(team) == [("won", "component.yaml:2", "root"), ("lost", "app/component.yaml:4", "own")]
    both = [item["key"] for item in explained(project, "prod", "app", "labels")["explanations"]]
    assert sorted(both) == ["labels.team", "labels.tier"]
    assert single(project, "prod", "app", "annotations.example.com/a")["value"] == "x"
    assert single(project, "prod", "app", "annotations[example.com/a]")["value"] == "x"
    assert single(project, "prod", "app", "disabled")["value"] is False
    assert single(project, "prod", "app", "merge.lists")["value"] == "append"
    assert single(project, "prod", "app", "overrideNamespace")["value"] is False


def test_null_for_a_namespace_leaves_it_to_the_component_above(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": "namespace: root\nsubcomponents: [{name: app, source: ./app}]\n",
            "app/config/prod.yaml": "namespace: null\n",
            "app/config/common.yaml": "namespace: weak\n",
        },
    )
    found = single(project, "prod", "app", "namespace")
    assert found["value"] == "root"
    assert candidates(found) == [
        ("lost", "app/config/prod.yaml:1", None),
        ("lost", "app/config/common.yaml:1", "weak"),
        ("won", "component.yaml:1", "root"),
    ]


def test_a_key_of_config_and_of_weft_is_explained_as_both(tmp_path: Path) -> None:
    project = shop(tmp_path, {"app/config/prod.yaml": "namespace: weft\nconfig: {namespace: config}\n"})
    found = explained(project, "prod", "app", "namespace")["explanations"]
    assert [(item["kind"], item["value"]) for item in found] == [("config", "config"), ("weft", "weft")]
    assert single(project, "prod", "app", "config.namespace")["value"] == "config"


def test_a_split_replaces_as_a_whole(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": "subcomponents: [{name: app, source: ./app}]\n",
            "app/component.yaml": "type: jinja\npath: ../chart\nrouting: {port: 80, split: {a: 60, b: 40}}\n"
            "subcomponents:\n- {name: a, type: jinja, path: ../chart}\n"
            "- {name: b, type: jinja, path: ../chart}\n",
            "app/config/prod.yaml": "routing: {split: {a: 100}}\n",
        },
    )
    found = single(project, "prod", "app", "routing.split")
    assert candidates(found) == [
        ("won", "app/config/prod.yaml:1", {"a": 100}),
        ("lost", "app/component.yaml:3", {"a": 60, "b": 40}),
    ]
    gone = single(project, "prod", "app", "routing.split.b")
    assert "value" not in gone
    keys = [item["key"] for item in explained(project, "prod", "app", "routing")["explanations"]]
    assert sorted(keys) == ["routing.port", "routing.split"]


def test_a_disabled_component_is_explained_too(tmp_path: Path) -> None:
    project = shop(tmp_path, {**CHART, "config/prod.yaml": "subcomponents: {app: {disabled: true}}\n"})
    assert single(project, "prod", "app", "disabled")["value"] is True
    assert single(project, "prod", "app", "size")["value"] == 1
    run = project.weft("explain", "prod", "app")
    assert run.out.startswith("# app in prod, where it is left out\n")
    assert run.err == ("note: it is disabled here, at config/prod.yaml:1:23\n")


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (("prod", "app", "A"), "nothing says anything of `A` for `app` in prod", "did you mean 'env.A'?"),
        (
            ("prod", "app", "env.AA"),
            "nothing says anything of `env.AA` for `app` in prod",
            "did you mean 'env.A'?",
        ),
        (("prod", "app", "a..b"), "`a..b` is no path", "write one like spec.containers[app].image"),
        (("prod", "ap", "size"), "there is no component `ap`", "did you mean 'app'?"),
        (
            ("prd", "app", "size"),
            "there is no environment `prd`: no environments/prd.yaml",
            "did you mean 'prod'?",
        ),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest_name(
    tmp_path: Path, args: tuple[str, ...], message: str, hint: str
) -> None:
    run = shop(tmp_path, CHART).weft("explain", *args)
    assert (run.code, run.out) == (2, "")
    assert run.err == f"error: {message}\n  hint: {hint}\n"


def test_secrets_are_masked_unless_asked_for(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "app/config/common.yaml": "config:\n  db:\n    password: hunter2x\n  url: postgres://u:hunter2x@db\n"
            "  global: {token: tok3nvalue}\n  header: Bearer ${global.token}\n",
        },
    )
    for args in ((), ("db.password",), ("db",), ("url",), ("header",), ("global",)):
        for form in ("text", "json"):
            run = project.weft("explain", "prod", "app", *args, "-o", form)
            assert run.code == 0
            assert "hunter2x" not in run.out, args
            assert "tok3nvalue" not in run.out, args
            assert "(not shown)" in run.out
    assert "hunter2x" in project.weft("explain", "prod", "app", "db.password", "--show-secrets").out


def test_a_helm_charts_defaults_are_the_weakest_and_null_reaches_helm(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: helm\npath: ./helm\nconfig:\n  size: 2\n  gone: null\n",
            "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/helm/values.yaml": "size: 1\nimage: nginx\ngone: 1\n",
        },
    )
    assert candidates(single(project, "prod", "app", "size")) == [
        ("won", "app/component.yaml:4", 2),
        ("lost", "app/helm/values.yaml:1", 1),
    ]
    image = single(project, "prod", "app", "image")
    assert (image["value"], candidates(image)) == ("nginx", [("won", "app/helm/values.yaml:2", "nginx")])
    gone = single(project, "prod", "app", "gone")
    assert (gone["value"], candidates(gone)[0]) == (None, ("won", "app/component.yaml:5", None))


def test_without_a_key_a_helm_charts_own_values_are_shown_too(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: helm\npath: ./helm\nconfig:\n  size: 2\n  gone: null\n  empty: {}\n"
            "  deep: {mine: 1}\n  own: [{name: mine}]\n",
            "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/helm/values.yaml": "size: 1\ngone: 1\nempty: {e: 1}\ndeep:\n  theirs: 2\n"
            "own: [{name: theirs}]\nhosts:\n- name: a\ndb: {password: hunter2x}\nnone: {}\n",
        },
    )
    run = project.weft("explain", "prod", "app")
    assert (run.code, run.err) == (0, "")
    assert "hunter2x" not in run.out
    assert yaml.safe_load(run.out) == {
        "config": {
            "size": 2,
            "gone": None,
            "empty": {"e": 1},
            "deep": {"mine": 1, "theirs": 2},
            "own": [{"name": "mine"}],
            "hosts": [{"name": "a"}],
            "db": {"password": "(not shown)"},
            "none": {},
        }
    }
    places = explained(project, "prod", "app")["places"]
    assert {key: f"{place['file']}:{place['line']}" for key, place in places.items()} == {
        "config.size": "app/component.yaml:4",
        "config.gone": "app/component.yaml:5",
        "config.empty.e": "app/helm/values.yaml:3",
        "config.deep.mine": "app/component.yaml:7",
        "config.deep.theirs": "app/helm/values.yaml:5",
        "config.own[0].name": "app/component.yaml:8",
        "config.hosts[0].name": "app/helm/values.yaml:8",
        "config.db.password": "app/helm/values.yaml:9",
        "config.none": "app/helm/values.yaml:10",
    }


def test_the_dialect_is_explained_by_fabrikates_rules(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: root\nsubcomponents: [{name: app, source: ./app}]\n",
            "config/east.yaml": "subcomponents: {app: {config: {list: [a], size: 1}, namespace: strong}}\n",
            "config/common.yaml": "subcomponents:\n"
            "  app: {config: {list: [b], size: 2, none: null}, namespace: weak}\n",
            "app/component.yaml": "name: app\ntype: static\npath: ./m\n",
            "app/m/a.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n",
        }
    )
    args = ("east", "app", "--dialect", "fabrikate", "--layer", "east")
    size = single(project, *args, "size")
    assert candidates(size) == [("won", "config/east.yaml:1", 1), ("lost", "config/common.yaml:2", 2)]
    listed = single(project, *args, "list")
    assert (listed["value"], [item["fate"] for item in listed["candidates"]]) == (
        ["a", "b"],
        ["merged", "merged"],
    )
    assert single(project, *args, "namespace")["value"] == "strong"
    run = project.weft("explain", "other", "app", "--dialect", "fabrikate", "--layer", "east")
    assert (run.code, run.err) == (2, "error: these layers make `east`, not `other`\n")


@pytest.mark.parametrize(
    ("key", "value", "places"),
    [
        ("hosts[0].name", "a", [("won", "app/helm/values.yaml:2", "a")]),
        ("hosts[a].name", "a", [("won", "app/helm/values.yaml:2", "a")]),
        ("nested[0].ports[0][1]", 2, [("won", "app/helm/values.yaml:4", 2)]),
        ("hosts", [{"name": "a"}], [("won", "app/helm/values.yaml:1", [{"name": "a"}])]),
        (
            "own[0].name",
            "mine",
            [
                ("won", "app/component.yaml:4", "mine"),
                ("lost", "app/helm/values.yaml:5", [{"name": "theirs"}]),
            ],
        ),
    ],
)
def test_items_of_lists_of_a_helm_charts_defaults_have_places_of_their_own(
    tmp_path: Path, key: str, value: Any, places: list[tuple[str, str, Any]]
) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: helm\npath: ./helm\nconfig:\n  own: [{name: mine}]\n",
            "app/helm/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
            "app/helm/values.yaml": "hosts:\n- name: a\nnested:\n- ports: [[1, 2]]\nown:\n- name: theirs\n",
        },
    )
    found = single(project, "prod", "app", key)
    assert (found["value"], candidates(found)) == (value, places)


def test_references_are_followed_to_the_end(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "config/common.yaml": "config:\n  global:\n    domain: example.com\n"
            "    alias: www.${global.domain}\n",
            "app/config/common.yaml": "config: {env: {URL: 'https://${global.alias}'}}\n",
        },
    )
    found = single(project, "prod", "app", "env.URL")
    assert [(item["name"], item["value"], item["line"]) for item in found["references"]] == [
        ("global.alias", "www.example.com", 4),
        ("global.domain", "example.com", 3),
    ]


def test_a_null_that_takes_a_key_away_shapes_the_value(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **CHART,
            "app/config/prod.yaml": "config:\n  env: {A: null}\n",
            "app/config/common.yaml": "config:\n  env: {B: null}\n",
        },
    )
    found = single(project, "prod", "app", "env")
    assert found["value"] == {"Z": "${literal}"}
    assert [(item["fate"], item["file"], item.get("reason")) for item in found["candidates"]] == [
        ("merged", "app/config/prod.yaml", "takes A away"),
        ("lost", "app/config/common.yaml", "what it says is not part of the value"),
        ("merged", "chart/values.yaml", "maps merge key by key"),
    ]
