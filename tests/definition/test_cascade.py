"""The config cascade: who is stronger, how maps, lists and nulls merge, and what comes with the values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shop import documents, generated, refused, seen, shop, values

# Every place that may speak for the component services/app, strongest first: (file, how deep in it).
PLACES = (
    ("environments/prod.yaml", ("services", "app")),
    ("environments/common.yaml", ("services", "app")),
    ("config/prod.yaml", ("services", "app")),
    ("config/eu.yaml", ("services", "app")),
    ("config/live.yaml", ("services", "app")),
    ("config/common.yaml", ("services", "app")),
    ("services/config/prod.yaml", ("app",)),
    ("services/config/eu.yaml", ("app",)),
    ("services/config/live.yaml", ("app",)),
    ("services/config/common.yaml", ("app",)),
    ("services/app/config/prod.yaml", ()),
    ("services/app/config/eu.yaml", ()),
    ("services/app/config/live.yaml", ()),
    ("services/app/config/common.yaml", ()),
    ("services/component.yaml", ("reference",)),
    ("services/app/component.yaml", ()),
    ("chart/values.yaml", ("chart",)),
)
TREE = {
    "component.yaml": "subcomponents:\n  - name: services\n    source: ./services\n",
    "services/app/component.yaml": "type: jinja\npath: ../../chart\n",
    "services/component.yaml": "subcomponents:\n  - name: app\n    source: ./app\n",
    "environments/prod.yaml": "layers: [eu, live]\n",
}


def _place(index: int, config: Any, *, by_path: bool) -> tuple[str, str]:
    """The file of place `index` with `config` in it for the component."""
    file, below = PLACES[index]
    if below == ("chart",):
        return file, yaml.safe_dump(config)
    if below == ("reference",):
        data = yaml.safe_load(TREE[file])
        data["subcomponents"][0]["config"] = config
        return file, yaml.safe_dump(data)
    keys: Any = {"config": config}
    for name in ["/".join(below)] if below and by_path else reversed(below):
        keys = {"subcomponents": {name: keys}}
    return file, yaml.safe_dump({**yaml.safe_load(TREE.get(file, "{}")), **keys})


@pytest.mark.parametrize("by_path", [False, True])
def test_every_place_beats_those_after_it(tmp_path: Path, by_path: bool) -> None:
    # Place n gives the keys k0 to kn: who wins k<n> must be place n at the strongest end.
    files = dict(
        _place(index, {f"k{key}": index for key in range(index + 1)}, by_path=by_path)
        for index in range(len(PLACES))
    )
    # Reversed keys: place n gives kn and all after it, so that the strongest that gives k<n> is place 0..n.
    project = shop(tmp_path, {**TREE, **files})
    generated(project)
    assert values(project, "services/app") == {f"k{key}": key for key in range(len(PLACES))}


def test_a_parents_common_beats_a_childs_environment(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "config/common.yaml": "subcomponents: {app: {config: {a: parent}}}\n",
            "app/config/prod.yaml": "config: {a: child, b: child}\n",
        },
    )
    generated(project)
    assert values(project) == {"a": "parent", "b": "child"}


def test_inline_components_are_configured_by_the_file_above_them(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": """\
            subcomponents:
              - name: group
                subcomponents:
                  - {name: leaf, type: jinja, path: ./chart, config: {a: inline, b: inline}}
            """,
            "config/prod.yaml": "subcomponents: {group: {subcomponents: {leaf: {config: {a: prod}}}}}\n",
        },
    )
    generated(project)
    assert values(project, "group/leaf") == {"a": "prod", "b": "inline"}


def test_maps_merge_and_lists_and_scalars_replace(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.yaml": "m: {a: {x: 1, y: 1}, b: 1}\nl: [1, 2]\ns: 1\nn: null\nf: true\ne: [1]\n",
            "app/config/common.yaml": "config: {m: {a: {y: 2}}, l: [3], s: a, n: {any: type}, f: false,"
            " e: []}\n",
        },
    )
    generated(project)
    assert values(project) == {
        "m": {"a": {"x": 1, "y": 2}, "b": 1},
        "l": [3],
        "s": "a",
        "n": {"any": "type"},
        "f": False,
        "e": [],
    }


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        ("{lists: replace}", {"l": [3], "deep": {"l": [4]}}),
        ("{lists: append}", {"l": [1, 2, 3], "deep": {"l": [1, 4]}}),
        ("{lists: prepend}", {"l": [3, 1, 2], "deep": {"l": [4, 1]}}),
        ("{paths: {deep.l: append}}", {"l": [3], "deep": {"l": [1, 4]}}),
        ("{lists: append, paths: {l: replace}}", {"l": [3], "deep": {"l": [1, 4]}}),
    ],
)
def test_lists_merge_as_the_component_says(tmp_path: Path, merge: str, expected: Any) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.yaml": "l: [1, 2]\ndeep: {l: [1]}\n",
            "app/config/prod.yaml": f"config: {{l: [3], deep: {{l: [4]}}}}\nmerge: {merge}\n",
        },
    )
    generated(project)
    assert values(project) == expected


def test_items_of_a_list_merge_by_key(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: jinja\npath: ../chart\nmerge: {paths: {env: {by: name}}}\n",
            "chart/values.yaml": "env: [{name: A, value: 1, kept: true}, {name: B, value: 2}, plain]\n",
            "app/config/prod.yaml": "config: {env: [{name: C, value: 3}, {name: A, value: 4}, other]}\n",
        },
    )
    generated(project)
    assert values(project)["env"] == [
        {"name": "A", "value": 4, "kept": True},
        {"name": "B", "value": 2},
        "plain",
        {"name": "C", "value": 3},
        "other",
    ]


def test_the_strongest_word_on_merging_counts(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: jinja\npath: ../chart\n"
            "merge: {lists: append, paths: {b: prepend}}\n",
            "chart/values.yaml": "a: [1]\nb: [1]\n",
            "app/config/prod.yaml": "config: {a: [2], b: [2]}\nmerge: {lists: replace}\n",
        },
    )
    generated(project)
    assert values(project) == {"a": [2], "b": [2, 1]}


def test_a_list_by_key_of_what_is_no_key_is_no_crash(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.yaml": "env: [{name: {odd: 1}}, {name: [a]}]\n",
            "app/config/prod.yaml": "config: {env: [{name: {odd: 1}}]}\nmerge: {paths: {env: {by: name}}}\n",
        },
    )
    run = project.generate("prod")
    assert run.code in (0, 3)
    assert "weft itself failed" not in run.err


@pytest.mark.parametrize("merge", ["{lists: merge}", "{list: append}", "{paths: {a: {key: name}}}", "append"])
def test_a_rule_of_merging_that_does_not_exist_is_refused(tmp_path: Path, merge: str) -> None:
    refused(tmp_path, {"app/config/prod.yaml": f"merge: {merge}\n"}, "app/config/prod.yaml:1:")


def test_null_removes_what_is_weaker(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.yaml": "a: {b: 1, c: 2}\nd: 1\n",
            "app/config/common.yaml": "config: {a: {b: null}, d: null, e: null}\n",
            "app/config/prod.yaml": "config: {f: {g: null, h: 1}}\n",
        },
    )
    generated(project)
    assert values(project) == {"a": {"c": 2}, "f": {"h": 1}}


def test_what_null_removed_a_stronger_file_may_give_again(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.yaml": "a: {b: 1, c: 2}\n",
            "app/config/common.yaml": "config: {a: null}\n",
            "app/config/prod.yaml": "config: {a: scalar}\n",
        },
    )
    generated(project)
    assert values(project) == {"a": "scalar"}


HELM = {
    "app/component.yaml": "type: helm\npath: ../release\n",
    "release/Chart.yaml": "apiVersion: v2\nname: release\nversion: 0.1.0\n",
    "release/templates/cm.yaml": """\
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: seen}
    data: {values: {{ omit .Values "global" | toJson | quote }}}
    """,
}


def helm_values(path: Path, files: dict[str, str]) -> Any:
    project = shop(path, {**HELM, **files})
    generated(project)
    return yaml.safe_load(documents(project, "prod/app/app.yaml")[0]["data"]["values"])


def test_null_reaches_helm_as_null_and_takes_a_default_away(tmp_path: Path) -> None:
    seen = helm_values(
        tmp_path,
        {
            "release/values.yaml": "probe: {path: /}\nkept: 1\n",
            "app/config/prod.yaml": "config: {probe: null}\n",
        },
    )
    assert seen == {"kept": 1}


def test_a_map_may_stand_against_a_scalar_of_a_helm_chart(tmp_path: Path) -> None:
    seen = helm_values(
        tmp_path,
        {
            "release/values.yaml": "resources: none\nargs: [a]\nservice: {port: 1}\n",
            "app/config/prod.yaml": "config: {resources: {cpu: 1}, args: {a: b}}\n",
        },
    )
    assert seen == {"resources": {"cpu": 1}, "args": {"a": "b"}, "service": {"port": 1}}


def test_a_map_against_a_scalar_between_files_names_both(tmp_path: Path) -> None:
    files = {
        "app/config/common.yaml": "config:\n  a:\n    b: 1\n",
        "app/config/prod.yaml": "config:\n  x: 1\n  a: {b: {c: 1}}\n",
    }
    message = (
        "app/config/prod.yaml:3:7: `a.b` of `app` is a map here and a scalar at app/config/common.yaml:3:5"
    )
    refused(tmp_path / "jinja", files, message)
    refused(tmp_path / "helm", {**HELM, **files}, message)


@pytest.mark.parametrize(
    ("stronger", "weaker", "words"),
    [
        ("1", "{b: 1}", "a scalar here and a map"),
        ("{b: 1}", "1", "a map here and a scalar"),
        ("{b: 1}", "[1]", "a map here and a list"),
        ("[1]", "{b: 1}", "a list here and a map"),
    ],
)
def test_a_map_against_something_else_in_the_chart_names_both(
    tmp_path: Path, stronger: str, weaker: str, words: str
) -> None:
    refused(
        tmp_path,
        {"chart/values.yaml": f"x: 1\na: {weaker}\n", "app/config/prod.yaml": f"config:\n  a: {stronger}\n"},
        f"app/config/prod.yaml:2:3: `a` of `app` is {words} at chart/values.yaml:2:1",
    )


def test_global_is_inherited_and_the_parent_wins(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **TREE,
            "environments/prod.yaml": "",
            "config/common.yaml": "config: {global: {domain: root, nest: {a: root}}, own: root}\n",
            "services/config/prod.yaml": "config:\n"
            "  global: {domain: mid, team: mid, nest: {a: mid, b: mid}}\n",
            "services/app/config/prod.yaml": "config: {global: {domain: leaf, team: leaf, leaf: leaf}}\n",
            "chart/values.yaml": "global: {domain: chart, chart: chart}\n",
        },
    )
    generated(project)
    assert values(project, "services/app") == {
        "global": {
            "domain": "root",
            "team": "mid",
            "leaf": "leaf",
            "chart": "chart",
            "nest": {"a": "root", "b": "mid"},
        }
    }


def test_global_of_a_sibling_is_not_inherited(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": "subcomponents:\n"
            "  - {name: a, source: ./app, config: {global: {x: 1}}}\n  - {name: b, source: ./app}\n",
        },
    )
    generated(project)
    assert values(project, "b") == {}


def test_the_nearest_namespace_counts_and_the_cascade_says_which_file_speaks(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": """\
            namespace: root
            subcomponents:
              - name: services
                namespace: shared
                subcomponents:
                  - {name: a, source: ./app}
                  - {name: b, source: ./app, namespace: own}
                  - {name: c, source: ./app}
              - {name: d, source: ./app}
            """,
            "config/prod.yaml": "subcomponents: {services/c: {namespace: prod}}\n",
        },
    )
    generated(project)
    found = {
        name: seen(project, f"prod/{name}/{name[-1]}.yaml")["component"]["namespace"]
        for name in ("services/a", "services/b", "services/c", "d")
    }
    assert found == {"services/a": "shared", "services/b": "own", "services/c": "prod", "d": "root"}


def test_a_namespace_that_is_none_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/config/prod.yaml": "namespace: ${environment.name}_x\n"},
        "app/config/prod.yaml:1:1: `prod_x` is no name for a namespace",
    )


def test_disabled_leaves_the_component_and_all_below_it_out(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **TREE,
            "config/prod.yaml": "subcomponents: {services: {disabled: true}}\n",
            "services/config/prod.yaml": "subcomponents: {app: {disabled: false}}\n",
            "environments/test.yaml": "layers: [eu, live]\n",
            "config/eu.yaml": "",
            "config/live.yaml": "",
        },
    )
    generated(project, "--all")
    assert [path for path in project.tree() if path.endswith("app.yaml")] == ["test/services/app/app.yaml"]


def test_a_stronger_file_enables_again(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "app/component.yaml": "type: jinja\npath: ../chart\ndisabled: true\n",
            "app/config/prod.yaml": "disabled: false\n",
            "environments/east.yaml": "",
        },
    )
    generated(project, "--all")
    assert [path for path in project.tree() if path.endswith("app.yaml")] == ["prod/app/app.yaml"]


def test_config_of_a_disabled_component_is_still_read(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"config/prod.yaml": "subcomponents: {app: {disabled: true, confg: {}}}\n"},
        "config/prod.yaml:1:39: unknown key `confg`",
    )


def test_values_as_deep_as_a_file_may_be_are_no_crash(tmp_path: Path) -> None:
    deep = "{a: " * 900 + "1" + "}" * 900
    project = shop(
        tmp_path,
        {
            "app/config/prod.yaml": f"config: {deep}\n",
            "app/config/common.yaml": f"config: {deep}\n",
            "chart/values.yaml": f"{deep}\n",
        },
    )
    run = project.generate("prod")
    assert run.code in (0, 3)
    assert "weft itself failed" not in run.err
