"""Choosing environments and parts of the tree: names, --all, selectors, --component, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.fleet import ENVIRONMENTS, chosen, fleet, generated_fleet
from tests.project_tree import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A fleet that the tests of this module only print or refuse, so that one is enough."""
    return fleet(tmp_path_factory.mktemp("fleet"))


def printed(project: Project, *args: str) -> set[str]:
    """The environments that a run chose, from what it says about each."""
    run = project.generate("--stdout", *args)
    assert run.code == 0, run.err
    return {line.split(":")[0] for line in run.err.splitlines()}


def test_named_environments_are_written_and_no_others(tmp_path: Path) -> None:
    project = fleet(tmp_path)
    run = project.generate("prod-west", "edge-1", "prod-west")
    assert (run.code, run.out) == (0, "")
    assert chosen(project) == {"edge-1", "prod-west"}
    assert [line.split(":")[0] for line in run.err.splitlines()] == ["edge-1", "prod-west"]


def test_all_is_every_environment(project: Project) -> None:
    assert printed(project, "--all") == set(ENVIRONMENTS)


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        (["region=us"], ["prod-east", "prod-west"]),
        (["region==us"], ["prod-east", "prod-west"]),
        (["region!=us"], ["edge-1"]),
        (["region = us , !legacy"], ["prod-east"]),
        (["legacy"], ["prod-west"]),
        (["tier in (edge, core),region notin (eu)"], ["prod-east", "prod-west"]),
        (["legacy notin (true)"], ["edge-1", "prod-east"]),
        (["region=eu", "legacy"], ["edge-1", "prod-west"]),
        ([""], list(ENVIRONMENTS)),
    ],
    ids=" or ".join,
)
def test_a_selector_chooses_by_labels(project: Project, selectors: list[str], expected: list[str]) -> None:
    assert printed(project, *(part for selector in selectors for part in ("-l", selector))) == set(expected)


def test_names_and_selectors_add_up(project: Project) -> None:
    assert printed(project, "edge-1", "--selector", "legacy") == {"edge-1", "prod-west"}


@pytest.mark.parametrize(
    ("selector", "found", "expected"),
    [
        ("region=us,", "the end", "a label key"),
        ("region us", "`us`", "one of =, ==, !=, in, notin, >, <"),
        ("region in us", "`us`", "`(`"),
        ("region in (us", "the end", "`,` or `)`"),
        ("region in (=)", "`=`", "a label value"),
        ("!", "the end", "a label key"),
        ("!region=us", "`=`", "`,` or the end"),
        ("region=u s", "`s`", "`,` or the end"),
        ("-region", "`-region`", "a label key"),
        ("region=us-", "`us-`", "a label value"),
        ("a..b/region", "`a..b/region`", "a label key"),
        (f"region={'x' * 64}", f"`{'x' * 64}`", "a label value"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_invalid_selector_is_wrong_usage(
    project: Project, selector: str, found: str, expected: str
) -> None:
    run = project.generate("-l", selector)
    assert (run.code, run.out) == (2, "")
    assert f"selector `{selector}`: found {found}, expected {expected}" in run.err


def test_a_selector_that_selects_nothing_is_wrong_usage(project: Project) -> None:
    run = project.generate("-l", "region=mars")
    assert run.code == 2
    assert "no environment matches `region=mars`" in run.err
    assert "edge-1, prod-east, prod-west" in run.err


def test_an_unknown_environment_is_wrong_usage_and_the_nearest_is_named(project: Project) -> None:
    run = project.generate("prod-east", "edge-11")
    assert run.code == 2
    assert "there is no environment `edge-11`" in run.err
    assert "did you mean 'edge-1'?" in run.err
    assert not project.generated.exists()


@pytest.mark.parametrize("name", ["../prod-east", "common", "prod-east/", ".", ""])
def test_a_name_that_is_no_environment_leads_nowhere(project: Project, name: str) -> None:
    run = project.generate(name)
    assert run.code == 2
    assert f"there is no environment `{name}`" in run.err
    assert not project.generated.exists()


def test_naming_no_environment_is_wrong_usage(project: Project) -> None:
    run = project.generate()
    assert run.code == 2
    assert "no environment is named" in run.err
    assert "edge-1, prod-east, prod-west" in run.err


def test_layers_belong_to_the_dialect(project: Project) -> None:
    run = project.generate("--layer", "prod")
    assert run.code == 2
    assert "--dialect fabrikate" in run.err


def test_a_folder_that_holds_no_definition_is_refused(tmp_path: Path) -> None:
    run = Project(tmp_path / "empty").generate("prod")
    assert run.code == 3
    assert "there is no component.yaml here" in run.err


class TestComponent:
    """`--component PATH`: a part of the tree."""

    def test_only_that_part_is_written_and_the_lists_are_those_of_a_full_run(self, tmp_path: Path) -> None:
        project = generated_fleet(tmp_path)
        project.write(
            {
                "config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n",
                "apps/queue/manifests/queue.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\n",
            }
        )
        before = project.tree()
        run = project.generate("prod-east", "--component", "settings")
        assert run.code == 0, run.err
        after = project.tree()
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert changed == {"prod-east/settings/settings.yaml"}
        full = fleet(tmp_path / "full")
        full.generate("prod-east")
        for path in ("prod-east/kustomization.yaml", "prod-east/inventory.json"):
            assert after[path] == full.tree()[path]

    def test_what_the_part_no_longer_renders_goes_and_the_rest_stays(self, tmp_path: Path) -> None:
        project = generated_fleet(tmp_path)
        project.write({"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
        project.write({"apps/settings/chart/templates/settings.yaml.j2": ""})
        run = project.generate("prod-east", "--component", "settings")
        assert run.code == 0, run.err
        tree = project.tree()
        assert "prod-east/settings/settings.yaml" not in tree
        assert "prod-east/queue/queue.yaml" in tree
        assert b"settings" not in tree["prod-east/inventory.json"]
        assert b"queue/queue.yaml" in tree["prod-east/inventory.json"]

    def test_in_a_new_folder_only_the_part_is_listed(self, tmp_path: Path) -> None:
        project = fleet(tmp_path)
        assert project.generate("prod-east", "--component", "queue/").code == 0
        assert sorted(project.tree()) == [
            "prod-east/inventory.json",
            "prod-east/kustomization.yaml",
            "prod-east/queue/queue.yaml",
        ]

    def test_all_of_a_part_removes_no_environment(self, tmp_path: Path) -> None:
        project = generated_fleet(tmp_path)
        (tmp_path / "environments/edge-1.yaml").unlink()
        assert project.generate("--all", "--component", "queue").code == 0
        assert "edge-1" in chosen(project)

    @pytest.mark.parametrize("path", ["setting", "settings/more", "", "../settings"])
    def test_an_unknown_component_is_wrong_usage(self, project: Project, path: str) -> None:
        run = project.generate("prod-east", "--component", path)
        assert run.code == 2
        assert f"there is no component `{path}`" in run.err
        assert not project.generated.exists()
