"""Every mistake in a placement is refused where it stands, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.placement.fleet import fleet, replicas
from tests.project_tree import Project

# The placement; the text in it that the error points to, or none for the key itself; the error; its hint.
CASES = {
    "both each and split": (
        "{replicas: {each: 1, split: 2}}",
        "replicas",
        "`each` and `split` are both given, and they contradict each other",
        "`each` is the number in every environment, `split` the number in all of them together",
    ),
    "neither": ("{replicas: {}}", "replicas", "found neither `each` nor `split`", "{each: 1}"),
    "each with what belongs to split": (
        "{replicas: {each: 1, maxSkew: 1}}",
        "maxSkew",
        "`maxSkew` says how to split, and `each` splits nothing",
        "write `split`, or leave `maxSkew` out",
    ),
    "no replicas": ("{replicas: {each: 0}}", "each", "`subcomponents[0].placement.replicas.each` ", ""),
    "too many": ("{replicas: {split: 1000000}}", "split", "`subcomponents[0].placement.replicas.split` ", ""),
    "a share that is no number": (
        "{replicas: {split: many}}",
        "split",
        '`subcomponents[0].placement.replicas.split` is "many", expected a whole number',
        "",
    ),
    "a weight below nothing": (
        "{replicas: {split: 3, weights: {rome: -1}}}",
        "rome",
        "`subcomponents[0]",
        "",
    ),
    "unknown environment": (
        "{environments: [rom]}",
        "rom]",
        "there is no environment `rom`: no environments/rom.yaml",
        "did you mean 'rome'?",
    ),
    "unknown environment to exclude": (
        "{exclude: [milan, clod]}",
        "clod",
        "there is no environment `clod`",
        "did you mean 'cloud'?",
    ),
    "unknown origin": (
        "{pods: remote, origin: clout}",
        "origin",
        "there is no environment `clout`",
        "did you mean 'cloud'?",
    ),
    "unknown environment with a weight": (
        "{replicas: {split: 2, weights: {milano: 2}}}",
        "milano",
        "there is no environment `milano`",
        "did you mean 'milan'?",
    ),
    "remote without origin": ("{pods: remote}", "pods", "`pods: remote` needs an `origin`", "origin: <env"),
    "local without origin": ("{pods: local}", "pods", "`pods: local` needs an `origin`", ""),
    "local without the origin": (
        "{pods: local, origin: cloud, exclude: [rome, cloud]}",
        "cloud]",
        "`pods: local` runs pods on `cloud` only, and here it is taken out",
        "leave one of them out",
    ),
    "remote to the origin alone": (
        "{pods: remote, origin: cloud, environments: [cloud], replicas: {split: 4}}",
        "pods",
        "the pods of `app` run nowhere: it goes to cloud only, and placement lets none run there",
        "place it on more environments, or change `pods`, here or in a placement above",
    ),
    "remote to the origin alone, since a selector selects no other": (
        "{selector: type=satellite, pods: remote, origin: cloud}",
        "pods",
        "the pods of `app` run nowhere: it goes to cloud only, and",
        "place it on more environments",
    ),
    "remote to the origin alone, since all others are excluded": (
        "{exclude: [milan, rome], pods: remote, origin: cloud, replicas: {split: 1}}",
        "pods",
        "the pods of `app` run nowhere: it goes to cloud only, and",
        "",
    ),
    "another word for pods": (
        "{pods: somewhere}",
        "pods",
        '`subcomponents[0].placement.pods` is "somewhere", expected "all" or "remote" or "local"',
        "",
    ),
    "a selector that is none": (
        "{selector: 'type=('}",
        "selector",
        "selector `type=(`: found `(`, expected a label value",
        "write it as kubectl does",
    ),
    "a selector of several that is none": (
        "{selector: [type, 'region in eu']}",
        "'region",
        "selector `region in eu`: found `eu`, expected `(`",
        "",
    ),
    "a weight for an environment that it is not placed on": (
        "{selector: type=destination, replicas: {split: 2, weights: {cloud: 2}}}",
        "cloud",
        "`app` has a weight for `cloud`, which it is not placed on",
        "its pods run on: milan, rome",
    ),
    "a weight for an environment without pods": (
        "{pods: remote, origin: cloud, replicas: {split: 2, weights: {cloud: 2}}}",
        "cloud",
        "`app` has a weight for `cloud`, which runs none of its pods",
        "its pods run on: milan, rome",
    ),
    "min above max": ("{replicas: {split: 9, min: 4, max: 2}}", "min", "`min` 4 is more than `max` 2", ""),
    "a min that is too much": (
        "{replicas: {split: 5, min: 2}}",
        "split",
        "5 replicas of `app` cannot be divided over 3 environments with `min: 2`",
        "its pods run on: cloud, milan, rome",
    ),
    "a max that is too little": (
        "{environments: [rome], replicas: {split: 5, max: 2}}",
        "split",
        "5 replicas of `app` cannot be divided over 1 environment with `max: 2`",
        "",
    ),
    "weights of nothing": (
        "{replicas: {split: 5, weights: {cloud: 0, milan: 0, rome: 0}}}",
        "split",
        "5 replicas of `app` cannot be divided over 3 environments with these weights",
        "",
    ),
    "a skew that the weights exclude": (
        "{replicas: {split: 9, maxSkew: 2, weights: {cloud: 0}}}",
        "split",
        "9 replicas of `app` cannot be divided over 3 environments with `maxSkew: 2` and these weights",
        "",
    ),
    "an unknown key": (
        "{selectors: a=b}",
        "selectors",
        "unknown key `selectors`",
        "did you mean 'selector'?",
    ),
    "a word": ("everywhere", None, '`subcomponents[0].placement` is "everywhere", expected a map', ""),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(tmp_path: Path, case: str) -> None:
    placement, at, said, hint = CASES[case]
    column = 5 if at is None else len("    placement: ") + placement.rindex(at) + 1
    project = fleet(tmp_path, placement)
    run = project.generate("--all")
    assert (run.code, run.out) == (3, "")
    assert f"error: component.yaml:4:{column}: {said}" in run.err
    assert hint in run.err
    written = replicas(project) if project.generated.exists() else {}
    assert written == {}


@pytest.mark.parametrize(
    ("outer", "inner", "at", "names"),
    [
        ("{pods: remote, origin: cloud}", "{pods: local, origin: cloud}", "pods", "cloud, milan, rome"),
        ("{pods: local, origin: cloud}", "{pods: remote, origin: cloud}", "pods", "cloud, milan, rome"),
        ("{environments: [milan]}", "{pods: local, origin: cloud}", "pods", "milan"),
        (
            "{pods: local, origin: cloud}",
            "{exclude: [cloud], replicas: {split: 2}}",
            "exclude",
            "milan, rome",
        ),
        ("{pods: local, origin: cloud, replicas: {split: 2}}", "{exclude: [cloud]}", "", "milan, rome"),
    ],
)
def test_placements_that_leave_no_pods_together_are_refused(
    tmp_path: Path, outer: str, inner: str, at: str, names: str
) -> None:
    project = nested(tmp_path, outer, inner)
    run = project.generate("--all")
    column = len("        placement: {") + 1 if at == "pods" else 9
    assert (run.code, run.out) == (3, "")
    said = (
        f"error: component.yaml:7:{column}: the pods of `shop/app` run nowhere: it goes to {names} only, and"
    )
    assert said in run.err
    assert not project.generated.exists() or replicas(project, "shop/app/app.yaml") == {}


def test_a_placement_that_says_nothing_of_pods_may_leave_none(tmp_path: Path) -> None:
    project = nested(tmp_path, "{pods: remote, origin: cloud}", "{environments: [cloud]}")
    run = project.generate("--all")
    assert run.code == 0, run.err
    assert replicas(project, "shop/app/app.yaml") == {}
    assert "note: cloud: the pods of `shop/app` run nowhere: it goes to cloud only, and" in run.err
    assert "(component.yaml:7:9)" in run.err
    told = project.weft("explain", "cloud", "shop/app").err
    assert told == "note: its workloads run nowhere, and it has everything else here\n"


def nested(root: Path, outer: str, inner: str) -> Project:
    """A definition whose component `shop` has the placement `outer`, and `inner` that of `app` below it."""
    text = f"""\
        subcomponents:
          - name: shop
            placement: {outer}
            subcomponents:
              - name: app
                source: ./app
                placement: {inner}
        """
    return fleet(root, "{}", files={"component.yaml": text})


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    run = fleet(tmp_path, "{exclude: [rom], pods: local, replicas: {each: 1, split: 1}}").generate("--all")
    lines = [line.split(":")[3] for line in run.err.splitlines() if line.startswith("error: ")]
    assert lines == ["27", "33", "46"]


@pytest.mark.parametrize("file", ["config/rome.yaml", "environments/rome.yaml"])
def test_it_belongs_into_component_yaml(tmp_path: Path, file: str) -> None:
    project = fleet(
        tmp_path, "{}", files={file: "subcomponents:\n  app:\n    placement: {exclude: [rome]}\n"}
    )
    run = project.generate("rome")
    assert run.code == 3
    assert f"error: {file}:3:5: unknown key `placement`" in run.err
    assert "hint: `placement` belongs into component.yaml or to a reference there" in run.err
    assert not project.generated.exists() or replicas(project) == {}


def test_a_weight_on_a_deployment_that_is_not_placed_there_is_refused(tmp_path: Path) -> None:
    text = """\
        subcomponents:
          - name: web
            routing: {split: {stable: 90, canary: 10}}
            subcomponents:
              - {name: stable, source: ./app}
              - {name: canary, source: ./app, placement: {environments: [rome]}}
        """
    project = fleet(tmp_path, "{}", files={"component.yaml": text})
    run = project.generate("cloud")
    assert run.code == 3
    assert "error: component.yaml:3:35: `canary` has weight 10, but it is disabled here, not" in run.err


def test_the_sources_of_some_environments_say_no_placement_of_their_own(tmp_path: Path) -> None:
    app = "type: static\npath: ../app/manifests\nnamespace: demo\n"
    files = {
        "config/rome.yaml": "subcomponents: {app: {source: ../own}}\n",
        "own/component.yaml": app + "placement: {replicas: {each: 2}}\n",
    }
    project = fleet(tmp_path, "{}", files=files)
    project.write({"component.yaml": "subcomponents:\n  - {name: app, source: ./app}\n"})
    run = project.generate("--all")
    assert run.code == 3
    assert "error: own/component.yaml:4:1: the placement of `app` counts in all environments, and" in run.err
    assert not project.generated.exists()
    project.write({"own/component.yaml": app})
    assert project.generate("--all").code == 0


@pytest.mark.parametrize(
    "rule",
    ["images: {web: '2.0'}", "replicas: {web: 3}", "patches: [{target: {name: web}, patch: {data: {a: b}}}]"],
)
def test_a_rule_for_all_may_be_about_what_is_not_placed_there(tmp_path: Path, rule: str) -> None:
    project = fleet(tmp_path, "{selector: type=destination}", files={"config/common.yaml": f"{rule}\n"})
    run = project.generate("--all", "--no-validate")
    assert run.code == 0, run.err
    (note,) = [line for line in run.err.splitlines() if line.startswith("note: ")]
    assert note.startswith("note: cloud: config/common.yaml:1:")
    assert note.endswith("; app is not in this environment")
    assert sorted(replicas(project)) == ["milan", "rome"]
    # What one environment says is about that one.
    project.write({"config/common.yaml": "", "config/cloud.yaml": f"{rule}\n"})
    run = project.generate("--all", "--no-validate")
    assert run.code == 3
    assert "error: config/cloud.yaml:1:" in run.err
    assert "  hint: `app` is not in this environment: where the rule is for it, say it there\n" in run.err
