"""The component tree: component files, inline subcomponents, globs, groups, and every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop import SEEN, generated, refused, seen, shop, values

APP = "type: jinja\npath: ../chart\n"
TWO = {
    "component.yaml": "subcomponents:\n  - name: app\n    source: ./app\n  - name: web\n    source: ./web\n"
}


def test_a_component_file_may_be_json(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {"app/component.yaml": None, "app/component.json": '{"type": "jinja", "path": "../chart"}'},
    )
    generated(project)
    assert seen(project, "prod/app/app.yaml")["component"] == {
        "name": "app",
        "namespace": None,
        "path": "app",
    }


@pytest.mark.parametrize("folder", ["", "app/"])
def test_yaml_and_json_in_one_folder_are_refused(tmp_path: Path, folder: str) -> None:
    refused(
        tmp_path,
        {f"{folder}component.json": "{}"},
        f"{folder}component.yaml: component.yaml is here beside component.json",
        "delete one of them",
    )


def test_a_missing_component_file_names_the_nearest_folder(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"component.yaml": "subcomponents:\n  - name: app\n    source: ./apps\n"},
        "component.yaml:3:5: apps has no component.yaml",
        "did you mean 'app'?",
    )


def test_a_folder_without_component_file_is_no_root(tmp_path: Path) -> None:
    refused(tmp_path, {"component.yaml": None}, "there is no component.yaml here", "-C DIR")


def test_yml_is_not_read_and_says_so(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/component.yaml": None, "app/component.yml": APP},
        "app/component.yml: component.yml is not read",
        "rename it to component.yaml",
    )


def test_inline_and_nested_inline_subcomponents_get_folders_of_their_own(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": """\
            subcomponents:
              - name: outer
                subcomponents:
                  - name: middle
                    type: component
                    config: {at: middle}
                    subcomponents:
                      - name: leaf
                        type: jinja
                        source: ./chart
                        config: {at: leaf}
                  - name: app
                    source: ./app
            """,
        },
    )
    generated(project)
    assert sorted(project.tree()) == [
        "prod/inventory.json",
        "prod/kustomization.yaml",
        "prod/outer/app/app.yaml",
        "prod/outer/middle/leaf/leaf.yaml",
    ]
    assert values(project, "outer/middle/leaf") == {"at": "leaf"}


def test_source_and_path_are_joined_and_either_alone_will_do(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": """\
            subcomponents:
              - {name: both, source: ./teams, path: a/app}
              - {name: path, path: ./teams/a/app}
              - {name: chart, type: jinja, source: ./charts, path: seen}
            """,
            "teams/a/app/component.yaml": "type: jinja\npath: ../../../chart\n",
            "charts/seen/chart.yaml": "name: seen\n",
            "charts/seen/templates/seen.yaml.j2": SEEN,
        },
    )
    generated(project)
    assert {"prod/both/both.yaml", "prod/path/path.yaml", "prod/chart/chart.yaml"} <= project.tree().keys()


def test_one_folder_may_be_brought_in_under_two_names(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {"component.yaml": "subcomponents:\n  - {name: a, source: ./app}\n  - {name: b, source: app}\n"},
    )
    generated(project)
    assert {"prod/a/a.yaml", "prod/b/b.yaml"} <= project.tree().keys()


def test_a_glob_brings_in_every_folder_with_a_component_sorted_and_named_by_it(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "component.yaml": "subcomponents:\n  - source: ./services/*\n    namespace: shared\n",
            "services/b/component.yaml": "type: jinja\npath: ../../chart\n",
            "services/a/component.json": '{"type": "jinja", "path": "../../chart"}',
            "services/none/readme.txt": "no component\n",
            "services/file": "no folder\n",
        },
    )
    generated(project)
    assert [path for path in project.tree() if path.endswith(".yaml")] == [
        "prod/a/a.yaml",
        "prod/b/b.yaml",
        "prod/kustomization.yaml",
    ]
    assert seen(project, "prod/b/b.yaml")["component"]["namespace"] == "shared"


@pytest.mark.parametrize("pattern", ["./services/*", "./[x]", "./**/none-*", "./app?"])
def test_a_glob_that_matches_nothing_is_refused(tmp_path: Path, pattern: str) -> None:
    refused(
        tmp_path,
        {"component.yaml": f"subcomponents:\n  - source: {pattern!r}\n"},
        f"component.yaml:2:5: `{pattern}` matches no component",
    )


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("{source: ./*, name: a}", "component.yaml:2:19: a glob names its components by their folders"),
        ("{source: ./*, type: jinja}", "component.yaml:2:6: a glob brings in folders with a component file"),
        ("{source: ./*, subcomponents: []}", "component.yaml:2:6: a glob brings in folders"),
        ("{source: './**x'}", "component.yaml:2:6: "),
    ],
)
def test_a_glob_is_no_place_for_other_keys(tmp_path: Path, reference: str, message: str) -> None:
    refused(tmp_path, {"component.yaml": f"subcomponents:\n  - {reference}\n"}, message)


def test_a_glob_of_folders_that_are_no_dns_labels_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "component.yaml": "subcomponents:\n  - source: ./services/*\n",
            "services/My_App/component.yaml": APP,
        },
        "component.yaml:2:5: `My_App` is no DNS label",
    )


def test_a_component_file_that_brings_itself_in_is_a_cycle(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/component.yaml": "subcomponents:\n  - name: again\n    source: ../app\n"},
        "app/component.yaml:3:5: app brings itself in",
    )


def test_the_root_brought_in_from_below_is_a_cycle(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/component.yaml": "subcomponents:\n  - name: again\n    source: ../\n"},
        "app/component.yaml:3:5: . brings itself in",
    )


def test_a_cycle_through_two_files_names_the_way(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "app/component.yaml": "subcomponents:\n  - name: web\n    source: ../web\n",
            "web/component.yaml": "subcomponents:\n  - name: app\n    source: ../app\n",
        },
        "web/component.yaml:3:5: app brings itself in: . -> app -> web -> app",
    )


def test_a_cycle_through_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "link").symlink_to("../app")
    refused(
        tmp_path,
        {"app/component.yaml": "subcomponents:\n  - name: link\n    source: ./link\n"},
        "app/component.yaml:3:5: app/link brings itself in",
    )


def test_two_components_on_one_path_are_refused_and_both_named(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "component.yaml": "subcomponents:\n  - name: app\n    source: ./app\n  - source: ./a*\n",
        },
        "component.yaml:4:5: component `app` is here a second time; component.yaml:2:5 brings it in already",
    )


@pytest.mark.parametrize(
    "name",
    ["Upper", "under_score", "a.b", "-a", "a-", "../x", "a/b", "ä", "a" * 64, "", ".", "app\\n", " app"],
)
def test_a_name_that_is_no_dns_label_is_refused(tmp_path: Path, name: str) -> None:
    refused(
        tmp_path,
        {"component.yaml": f'subcomponents:\n  - source: ./app\n    name: "{name}"\n'},
        "component.yaml:3:5: ",
        "is no DNS label",
    )


@pytest.mark.parametrize("name", ["common", "kustomization", "inventory"])
def test_names_that_weft_keeps_for_itself_are_refused(tmp_path: Path, name: str) -> None:
    refused(
        tmp_path,
        {"component.yaml": f"subcomponents:\n  - source: ./app\n    name: {name}\n"},
        f"component.yaml:3:5: `{name}` is no name for a component",
    )


@pytest.mark.parametrize("name", ["kustomization", "inventory"])
def test_no_environment_has_a_name_of_wefts_own_files(tmp_path: Path, name: str) -> None:
    refused(
        tmp_path,
        {f"environments/{name}.yaml": ""},
        f"environments/{name}.yaml: `{name}` is no name for an environment",
        args=(name,),
    )


@pytest.mark.parametrize("name", ["../x", "kustomization", "inventory", "a/b", "Upper", "x\\n"])
def test_the_root_component_is_no_way_out_of_the_output(tmp_path: Path, name: str) -> None:
    refused(
        tmp_path,
        {"component.yaml": f'type: jinja\npath: ./chart\nname: "{name}"\n'},
        "component.yaml:3:1: ",
    )
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".yaml") == ["component.yaml"]


def test_a_file_that_names_itself_otherwise_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {"app/component.yaml": f"name: application\n{APP}"},
        "app/component.yaml:1:1: this component is named `application`, but its reference is `app`",
    )


@pytest.mark.parametrize(
    "key", ["dialect: weft", "requires: {weft: '>=0'}", "external: [{kind: Service, name: x}]"]
)
def test_keys_of_the_root_are_refused_elsewhere(tmp_path: Path, key: str) -> None:
    refused(
        tmp_path,
        {"app/component.yaml": f"{APP}{key}\n"},
        f"app/component.yaml:3:1: `{key.partition(':')[0]}` belongs into the root component file only",
    )


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            f"{APP}subcomponent: []\n",
            ("app/component.yaml:3:1: unknown key", "did you mean 'subcomponents'?"),
        ),
        (
            "subcomponents:\n  - name: a\n    sorce: ./a\n",
            ("app/component.yaml:3:5: unknown key `sorce`", "did you mean 'source'?"),
        ),
        ("type: jinjja\npath: x\n", ("app/component.yaml:1:1: `type` is", "did you mean 'jinja'?")),
        ("subcomponents: {a: b}\n", ("app/component.yaml:1:1: `subcomponents` is", "expected a list")),
        ("subcomponents: [a]\n", ("app/component.yaml:1:17: `subcomponents[0]` is", "expected a map")),
        (f"{APP}disabled: 'yes'\n", ("app/component.yaml:3:1: `disabled` is",)),
        (f"{APP}labels: {{a: 1}}\n", ("app/component.yaml:3:10: `labels.a` is 1, expected a string",)),
        (f"{APP}deployments: []\n", ("app/component.yaml:3:1: ", "subcomponents of their service")),
        ("- a\n", ("app/component.yaml:1:1: found a list, expected a map",)),
        (
            "subcomponents:\n  - {type: jinja, path: x}\n",
            ("app/component.yaml:2:5: a reference needs a `name`",),
        ),
        ("subcomponents:\n  - name: a\n", ("app/component.yaml:2:5: component `a` has no source",)),
        (
            "subcomponents:\n  - {name: a, type: helm}\n",
            ("app/component.yaml:2:15: component `a` of type helm needs",),
        ),
        ("type: static\n", ("app/component.yaml:1:1: type static needs",)),
        ("source: ../chart\n", ("app/component.yaml:1:1: a component file that only groups others",)),
        (
            "subcomponents:\n  - {name: a, source: ../chart, subcomponents: [{name: b, source: ../b}]}\n",
            ("app/component.yaml:2:33: `a` gets its subcomponents from chart",),
        ),
    ],
)
def test_a_component_file_that_makes_no_sense_is_refused(
    tmp_path: Path, text: str, messages: tuple[str, ...]
) -> None:
    refused(tmp_path, {"app/component.yaml": text}, *messages)


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ("source: https://example.com/app.git", "git https://example.com/app.git is not in weft.lock"),
        ("source: git@example.com:team/app.git", "git git@example.com:team/app.git is not in weft.lock"),
        ("{type: helm, source: oci://example.com/app}", "oci oci://example.com/app is not in weft.lock"),
        ("source: https://example.com/app", "does not say how it is fetched"),
        ("{method: git, source: example.com/app}", "is nothing that `method: git` fetches"),
        ("{method: helm, path: app}", "`method: helm` needs a `source`"),
    ],
)
def test_remote_sources_are_refused_until_they_are_fetched(tmp_path: Path, remote: str, message: str) -> None:
    keys = remote.strip("{}").split(", ")
    text = "subcomponents:\n  - name: app\n" + "".join(f"    {key}\n" for key in keys)
    error = refused(tmp_path, {"component.yaml": text}, message)
    assert any(f"component.yaml:{line}:5: " in error for line in (3, 4))


@pytest.mark.parametrize("key", ["source", "path"])
def test_absolute_folders_are_refused(tmp_path: Path, key: str) -> None:
    refused(
        tmp_path,
        {"component.yaml": f"subcomponents:\n  - name: app\n    {key}: /srv/app\n"},
        f"component.yaml:3:5: `{key}` is absolute",
    )


def test_hooks_are_not_run_and_that_is_said(tmp_path: Path) -> None:
    project = shop(
        tmp_path, {"app/component.yaml": f"{APP}hooks:\n  before-generate: ['touch {tmp_path}/ran']\n"}
    )
    run = generated(project)
    assert "component.yaml:3:5: hooks of `app` are not run; --allow-hooks runs them" in run.err
    assert not (tmp_path / "ran").exists()


def test_every_error_of_the_tree_is_told_in_one_run(tmp_path: Path) -> None:
    refused(
        tmp_path,
        {
            "component.yaml": """\
            subcomponents:
              - name: A
                source: ./app
              - name: app
                source: ./ap
              - name: web
                source: /web
            """,
        },
        "component.yaml:2:5: `A` is no DNS label",
        "component.yaml:5:5: ap has no component.yaml",
        "component.yaml:7:5: `source` is absolute",
    )


@pytest.mark.parametrize("depth", [60, 300])
def test_a_tree_deeper_than_any_service_needs_is_refused(tmp_path: Path, depth: int) -> None:
    inner = "{name: leaf, type: jinja, path: ./chart}"
    for _ in range(depth):
        inner = f"{{name: a, subcomponents: [{inner}]}}"
    refused(tmp_path, {"component.yaml": f"subcomponents: [{inner}]\n"}, "component.yaml", "deeper than")


def test_an_empty_definition_renders_nothing(tmp_path: Path) -> None:
    project = shop(tmp_path, {"component.yaml": "name: shop\n"})
    generated(project)
    assert not [path for path in project.tree() if path.endswith("shop.yaml")]


def test_a_fault_in_a_folder_that_nobody_brings_in_is_nobodys(tmp_path: Path) -> None:
    project = shop(tmp_path, {"unused/component.yaml": "nonsense: [\n", "unused/config/nobody.yaml": "x"})
    generated(project)


def test_a_reference_s_keys_beat_those_of_the_file_it_brings_in(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            **TWO,
            "web/component.yaml": f"{APP}config: {{from: file, only: file}}\nnamespace: file\n",
            "component.yaml": "subcomponents:\n  - name: web\n    source: ./web\n"
            "    config: {from: reference}\n    namespace: reference\n",
        },
    )
    generated(project)
    assert values(project, "web") == {"from": "reference", "only": "file"}
    assert seen(project, "prod/web/web.yaml")["component"]["namespace"] == "reference"


@pytest.mark.parametrize("key", ["source", "path"])
@pytest.mark.parametrize("folder", ['"a\\0b"', "a" * 300])
def test_what_no_file_system_takes_for_a_name_is_refused(tmp_path: Path, key: str, folder: str) -> None:
    reference = f"{{name: app, type: static, {key}: {folder}}}"
    refused(
        tmp_path,
        {"component.yaml": f"subcomponents:\n  - {reference}\n"},
        f"component.yaml:2:31: `{key}` is no path of a folder",
    )
