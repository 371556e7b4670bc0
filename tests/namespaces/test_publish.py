"""A namespace that is published keeps its name: publish and plan refuse another one until it is withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.namespaces.app import DEFAULT, TREE, project
from tests.project_tree import Project, Run
from tests.publish.manifests import GIT, bare, git

ROME = "europe-rome-edge"
BRANCH = f"environment/{ROME}"
UNMAPPED = TREE["component.yaml"].replace("    namespaces:\n      liqo-demo: {mapping: default}\n", "")
SAME = TREE["component.yaml"].replace("mapping: default", "mapping: same")
OTHER = TREE["component.yaml"].replace("mapping: default", "mapping: selected, name: edge")
DEFINITIONS = {"unmapped": UNMAPPED, "same": SAME, "default": TREE["component.yaml"], "edge": OTHER}
NAMES = {"unmapped": "liqo-demo", "same": "liqo-demo", "default": DEFAULT, "edge": "edge"}


class Published:
    """The application in a repository, published to branches of another one."""

    def __init__(self, root: Path, definition: str) -> None:
        self.project: Project = project(root / "definitions", {"component.yaml": DEFINITIONS[definition]})
        self.project.write({"environments/common.yaml": "publish: {repository: ../manifests.git}\n"})
        self.manifests = bare(root / "manifests.git")
        git(self.project.root, "init", "--quiet", "--initial-branch=main")
        self.commit()

    def commit(self, files: dict[str, str] | None = None) -> None:
        """Commits what changed, and `files`."""
        self.project.write(files or {})
        git(self.project.root, "add", "--all")
        git(self.project.root, "commit", "--quiet", "--message", "change")

    def weft(self, *arguments: str, code: int = 0) -> Run:
        """Runs weft, which must end with `code`."""
        run = self.project.weft(*arguments, env=GIT)
        assert run.code == code, run.err
        return run

    def head(self) -> str:
        """The commit that rome's branch is at."""
        return git(self.manifests, "rev-parse", f"refs/heads/{BRANCH}")

    def file(self, path: str) -> str:
        """A file of rome's branch."""
        return git(self.manifests, "show", f"refs/heads/{BRANCH}:{path}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("unmapped", "default"),
        ("same", "edge"),
        ("default", "edge"),
        ("default", "same"),
        ("edge", "unmapped"),
        ("edge", "default"),
    ],
)
def test_another_name_is_refused_while_the_old_one_is_published(
    tmp_path: Path, before: str, after: str
) -> None:
    found = Published(tmp_path, before)
    found.weft("publish", ROME)
    head = found.head()
    found.commit({"component.yaml": DEFINITIONS[after]})
    place = f"environments/{ROME}.yaml:1:1" if after == "unmapped" else "component.yaml:9:7"
    message = (
        f"{place}: namespace `liqo-demo` is published to {BRANCH} as `{NAMES[before]}`,"
        f" and would be `{NAMES[after]}`"
    )
    run = found.weft("publish", ROME, code=3)
    assert message in run.err
    assert "weft withdraw --namespace liqo-demo" in run.err
    assert found.head() == head
    plan = found.weft("plan", ROME, code=1)
    assert f"publish would refuse this: {message}" in plan.err


@pytest.mark.parametrize(("before", "after"), [("unmapped", "same"), ("same", "unmapped")])
def test_a_word_that_changes_no_name_is_no_change_of_mapping(tmp_path: Path, before: str, after: str) -> None:
    found = Published(tmp_path, before)
    found.weft("publish", ROME)
    found.commit({"component.yaml": DEFINITIONS[after]})
    found.weft("publish", ROME)


def test_an_environment_whose_name_does_not_change_is_published(tmp_path: Path) -> None:
    found = Published(tmp_path, "default")
    found.weft("publish", "--all")
    found.commit({"component.yaml": OTHER})
    run = found.weft("publish", "--all", code=3)
    assert "europe-cloud: unchanged" in run.err
    assert "europe-milan-edge: unchanged" in run.err
    assert f"{ROME}: not published" in run.err


def test_once_it_is_withdrawn_it_may_have_another_name(tmp_path: Path) -> None:
    found = Published(tmp_path, "default")
    found.weft("publish", ROME)
    found.weft("withdraw", "--namespace", "liqo-demo", "-l", "type=destination")
    file = f"environments/{ROME}.yaml"
    withdrawn = (found.project.root / file).read_text()
    assert withdrawn != TREE[file]
    # What monitoring sends there has nowhere to go any more.
    found.commit({"monitor/all.yaml": TREE["monitor/all.yaml"].split("---\n")[0]})
    found.weft("publish", ROME, "--allow-shrink")
    assert DEFAULT not in found.file("kustomization.yaml")
    found.commit({"component.yaml": OTHER, file: TREE[file]})
    found.weft("publish", ROME)
    assert "name: edge\n" in found.file("namespaces/mapped.yaml")


def test_a_change_of_mapping_that_comes_with_the_withdrawal_is_no_change(tmp_path: Path) -> None:
    found = Published(tmp_path, "default")
    found.weft("publish", ROME)
    found.weft("withdraw", "--namespace", "liqo-demo", "-l", "type=destination")
    found.commit({"component.yaml": OTHER, "monitor/all.yaml": TREE["monitor/all.yaml"].split("---\n")[0]})
    found.weft("publish", ROME, "--allow-shrink")


@pytest.mark.parametrize(
    ("before", "after"),
    [("default", "edge"), ("edge", "default"), ("edge", "unmapped"), ("unmapped", "edge")],
)
def test_a_namespace_that_others_make_keeps_its_name_too(tmp_path: Path, before: str, after: str) -> None:
    found = Published(tmp_path, before)
    names = ("liqo-demo", "edge", DEFAULT)
    external = "".join(f"  - {{kind: Namespace, name: {name}}}\n" for name in names)
    file = "environments/common.yaml"
    found.commit({file: (found.project.root / file).read_text() + f"external:\n{external}"})
    found.weft("publish", ROME)
    head = found.head()
    found.commit({"component.yaml": DEFINITIONS[after]})
    run = found.weft("publish", ROME, "--allow-shrink", code=3)
    assert (
        f"namespace `liqo-demo` is published to {BRANCH} as `{NAMES[before]}`, and would be `{NAMES[after]}`"
        in run.err
    )
    assert found.head() == head
    found.commit({"component.yaml": DEFINITIONS[before]})
    assert "unchanged" in found.weft("publish", ROME).err


def test_a_namespace_that_a_component_renders_under_the_new_name_keeps_it(tmp_path: Path) -> None:
    found = Published(tmp_path, "edge")
    own = "apiVersion: v1\nkind: Namespace\nmetadata: {name: edge}\n---\n"
    found.commit({"monitor/all.yaml": own + TREE["monitor/all.yaml"]})
    found.weft("publish", ROME)
    found.commit({"component.yaml": DEFINITIONS["default"]})
    run = found.weft("publish", ROME, "--allow-shrink", code=3)
    assert f"namespace `liqo-demo` is published to {BRANCH} as `edge`, and would be `{DEFAULT}`" in run.err


def test_what_tells_the_name_is_there_only_where_the_namespace_is_used(tmp_path: Path) -> None:
    external = f"external: [{{kind: Namespace, name: {DEFAULT}}}]\n"
    found = project(tmp_path, {"environments/common.yaml": external})
    assert found.weft("generate", "--all").code == 0
    told = {
        path.parent.name: "mapped-from" in path.read_text()
        for path in found.generated.glob("*/kustomization.yaml")
    }
    assert told == {"europe-cloud": False, ROME: True, "europe-milan-edge": False}
