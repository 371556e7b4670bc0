"""`weft add` and `weft remove`: entries in component files, with all else in them left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.project_tree import Project, read_tree

COMPONENT = """\
# the shop
name:   shop
subcomponents:
  # what all need
  - name: base   # first
    type: static
    path: ./base
  - source: ./services/*
"""
URL = "https://example.com/x"
FILES = {
    "component.yaml": COMPONENT,
    "base/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    "services/web/component.yaml": "type: static\npath: ./m\n",
    "services/web/m/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
    "other/component.yaml": "type: static\npath: ../base\n",
    "environments/prod.yaml": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path).write(FILES)


def test_an_entry_comes_last_and_every_other_byte_stays(project: Project) -> None:
    run = project.weft("add", "other", "--source", "./other")
    assert run.code == 0, run.err
    text = (project.root / "component.yaml").read_text()
    assert text.startswith(COMPONENT)
    assert yaml.safe_load(text)["subcomponents"][-1] == {"name": "other", "source": "./other"}
    assert "component.yaml: added `other`" in run.err
    assert project.weft("add", "other", "--source", "./other").err == "unchanged\n"
    assert project.generate("prod", "--no-validate").code == 0
    assert "prod/other/other.yaml" in project.tree()


def test_a_remote_source_is_added_before_it_is_fetched(project: Project) -> None:
    run = project.weft(
        *("add", "far", "--source", "https://example.com/charts", "--method", "helm", "--type", "helm"),
        *("--path", "redis", "--version", "1.2.3"),
    )
    assert run.code == 0, run.err
    assert "next: weft install" in run.err
    entry = yaml.safe_load((project.root / "component.yaml").read_text())["subcomponents"][-1]
    assert entry == {
        "name": "far",
        "type": "helm",
        "source": "https://example.com/charts",
        "method": "helm",
        "path": "redis",
        "version": "1.2.3",
    }


def test_a_chart_may_describe_itself_in_json(project: Project) -> None:
    template = FILES["base/a.yaml"].replace(": a}", ": j}")
    project.write({"chart/chart.json": "{}", "chart/templates/a.yaml.j2": template})
    assert project.weft("add", "far", "--type", "jinja", "--path", "chart").code == 0
    run = project.generate("prod", "--no-validate")
    assert run.code == 0, run.err
    assert "prod/far/far.yaml" in project.tree()


def test_below_another_component_it_is_its_file_that_changes(project: Project) -> None:
    run = project.weft(
        "add", "more", "--type", "static", "--source", "../../base", "--component", "services/web"
    )
    assert run.code == 2
    run = project.weft("add", "more", "--type", "static", "--source", "../../base", "--component", "web")
    assert run.code == 0, run.err
    loaded = yaml.safe_load((project.root / "services/web/component.yaml").read_text())
    assert loaded["subcomponents"] == [{"name": "more", "type": "static", "source": "../../base"}]
    run = project.weft("add", "deep", "--type", "static", "--source", "./base", "--component", "base")
    assert run.code == 0, run.err
    assert yaml.safe_load((project.root / "component.yaml").read_text())["subcomponents"][0][
        "subcomponents"
    ] == [{"name": "deep", "type": "static", "source": "./base"}]
    run = project.weft("remove", "more", "--component", "web")
    assert run.code == 0, run.err
    assert (project.root / "services/web/component.yaml").read_text() == "type: static\npath: ./m\n"


def test_what_is_removed_is_gone_and_every_other_byte_stays(project: Project) -> None:
    run = project.weft("remove", "base")
    assert run.code == 0, run.err
    text = (project.root / "component.yaml").read_text()
    assert text.startswith("# the shop\nname:   shop\nsubcomponents:\n")
    assert text.endswith("  - source: ./services/*\n")
    assert "base" not in text
    assert (project.root / "base/a.yaml").exists()


COMMENTED = """\
name: shop
subcomponents:
# first,
# of two lines
- {name: a, type: static, path: base}
- name: b   # no heading
  type: static
  path: base
# c's
- name: c
  type: static
  path: base
- {name: d, type: static, path: base}

# what all need: e and f
- {name: e, type: static, path: base}
- {name: f, type: static, path: base}

# the last
- {name: g, type: static, path: base}
# the end
"""


@pytest.mark.parametrize(
    ("names", "gone"),
    [
        (["a"], "# first,\n# of two lines\n- {name: a, type: static, path: base}\n"),
        (["b"], "- name: b   # no heading\n  type: static\n  path: base\n"),
        (["c"], "# c's\n- name: c\n  type: static\n  path: base\n"),
        (["e"], "- {name: e, type: static, path: base}\n"),
        (["f"], "- {name: f, type: static, path: base}\n"),
        (["g"], "# the last\n- {name: g, type: static, path: base}\n"),
        (list("abcdefg"), COMMENTED[len("name: shop\n") : -len("# the end\n")]),
    ],
)
def test_the_comment_right_above_an_entry_goes_with_it(project: Project, names: list[str], gone: str) -> None:
    project.write({"component.yaml": COMMENTED})
    run = project.weft("remove", *names)
    assert run.code == 0, run.err
    assert (project.root / "component.yaml").read_text() == COMMENTED.replace(gone, "")


def test_config_of_what_is_removed_goes_with_it_when_that_is_asked_for(project: Project) -> None:
    project.write(
        {
            "config/common.yaml": "subcomponents:\n  base: {namespace: x}\n  web: {namespace: w}  # stays\n",
            "environments/prod.yaml": "labels: {a: b}\nsubcomponents:\n  base: {namespace: z}\n",
        }
    )
    before = read_tree(project.root)
    run = project.weft("remove", "base")
    assert run.code == 3
    assert "there is config for `base` here, which would speak of nothing" in run.err
    assert "weft remove --with-config" in run.err
    assert read_tree(project.root) == before
    run = project.weft("remove", "base", "--with-config")
    assert run.code == 0, run.err
    assert "environments/prod.yaml: removed the config of `base`" in run.err
    assert (project.root / "config/common.yaml").read_text() == (
        "subcomponents:\n  web: {namespace: w}  # stays\n"
    )
    assert (project.root / "environments/prod.yaml").read_text() == "labels: {a: b}\n"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (
            ("add", "x", "--source", "./othr"),
            3,
            "component.yaml:10:5: othr has no component.yaml\n  hint: did you",
        ),
        (("add", "X_y", "--source", "./other"), 3, "component.yaml:9:5: `X_y` is no DNS label"),
        (
            ("add", "base", "--source", "./other"),
            2,
            "`base` is at component.yaml:5:5 already, with other keys",
        ),
        (("add", "web", "--source", "./other"), 2, "`web` is there already: a glob brings it in"),
        (("add", "x"), 3, "component `x` has no source, no type and no subcomponents"),
        (("add", "x", "--source", "./other", "--component", "bse"), 2, "there is no component `bse`"),
        (("add", "x", "--source", "./other", "--method", "ftp"), 2, "ftp"),
        (("add", "x", "--type", "static", "--source", "./bse"), 2, "there is no folder bse\n  hint: did you"),
        (
            ("add", "x", "--type", "static", "--path", "m2", "--component", "web"),
            2,
            "there is no folder services/web/m2\n  hint: did you mean",
        ),
        (("add", "x", "--type", "helm", "--source", "./base"), 2, "base has no Chart.yaml"),
        (("add", "x", "--type", "jinja", "--path", "base"), 2, "base has no chart.yaml"),
        (("add", "x", "--type", "kustomize", "--source", "base"), 2, "base has no kustomization.yaml"),
        (
            ("add", "x", "--type", "helm", "--method", "helm", "--source", URL),
            2,
            "needs its name\n  hint: give",
        ),
        (
            ("add", "x", "--method", "git", "--source", URL, "--version", "v1", "--branch", "main"),
            2,
            "--branch says nothing beside --version",
        ),
        (
            ("add", "x", "--type", "static", "--source", "./base", "--version", "1"),
            2,
            "--version says nothing of a local source",
        ),
        (("add", "x", "--source", "./other", "--branch", "b"), 2, "--branch says nothing of a local source"),
        (("remove", "bas"), 2, "`shop` has no subcomponent `bas`\n  hint: did you mean 'base'?"),
        (("remove", "base", "bas"), 2, "`shop` has no subcomponent `bas`"),
        (
            ("remove", "web"),
            2,
            "`web` is brought in by a glob, at component.yaml:8:5\n  hint: delete its folder",
        ),
        (("remove",), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    project: Project, args: tuple[str, ...], code: int, message: str
) -> None:
    before = read_tree(project.root)
    run = project.weft(*args)
    assert run.code == code, run.err
    assert message in run.err
    assert read_tree(project.root) == before


def test_a_file_that_does_not_parse_is_left_as_it_was(project: Project) -> None:
    project.write({"component.yaml": "name: shop\nsubcomponents: [\n"})
    before = read_tree(project.root)
    for args in (("add", "x", "--source", "./other"), ("remove", "base")):
        run = project.weft(*args)
        assert run.code == 3
        assert "component.yaml:" in run.err
        assert read_tree(project.root) == before


def test_a_deployment_that_the_routing_names_is_not_taken_out(project: Project) -> None:
    project.write({"component.yaml": COMPONENT + "routing: {split: {base: 100}}\n"})
    before = read_tree(project.root)
    run = project.weft("remove", "base")
    assert run.code == 3
    assert "component.yaml:" in run.err
    assert "base" in run.err
    assert read_tree(project.root) == before


def test_a_fetched_component_is_not_edited(tmp_path: Path) -> None:
    from tests.fetch.origin import Origin

    origin = Origin(
        tmp_path / "origin", {"component.yaml": "subcomponents:\n- {name: in, type: static, path: m}\n"}
    )
    origin.commit({"m/a.yaml": FILES["base/a.yaml"]})
    project = Project(tmp_path / "root").write(
        {"component.yaml": f"subcomponents:\n- {{name: far, method: git, source: '{origin.url}'}}\n"}
    )
    assert project.weft("install").code == 0
    run = project.weft("remove", "in", "--component", "far")
    assert run.code == 2
    assert "`far` is fetched from git " in run.err
    project.write({"environments/prod.yaml": ""})
    assert project.weft("set", "--component", "far/in", "a=1").code == 0
    assert yaml.safe_load((project.root / "config/common.yaml").read_text()) == {
        "subcomponents": {"far": {"subcomponents": {"in": {"config": {"a": 1}}}}}
    }
