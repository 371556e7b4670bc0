"""`weft withdraw` and `weft cluster detach`: withdraw, publish, detach, in this order and twice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.namespaces.app import TREE, project
from tests.project_tree import ROOT, Project, Run, read_tree
from tests.publish.manifests import GIT, Fleet, bare, git

EAST = "environment/prod-east"


def run(fleet: Fleet, *arguments: str) -> Run:
    """Runs weft in the definitions."""
    done = fleet.project.weft(*arguments, env=GIT)
    assert "Traceback" not in done.err
    assert "weft itself failed" not in done.err
    return done


def refused(fleet: Fleet, *arguments: str, code: int = 3) -> str:
    """What a refused run says; nothing was written or pushed."""
    before = read_tree(fleet.project.root), fleet.refs()
    done = run(fleet, *arguments)
    assert done.code == code, done.err
    assert (read_tree(fleet.project.root), fleet.refs()) == before
    return done.err


def environment(fleet: Fleet, name: str) -> Path:
    return fleet.project.root / f"environments/{name}.yaml"


def test_withdraw_publish_detach(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    message = refused(fleet, "cluster", "detach", "prod-east")
    assert (
        "environments/prod-east.yaml:1:1: 4 components are still placed on `prod-east`: crds, queue,"
        " settings, space (environment prod-east)\n"
        "  hint: take it off first: weft withdraw crds --cluster prod-east"
    ) in message
    assert (
        f"4 objects of 4 components are still published to {EAST}: crds, queue, settings, space"
    ) in message
    done = run(fleet, "withdraw", "--namespace", "shop", "--cluster", "prod-east")
    assert done.code == 0, done.err
    assert "prod-east: withdrew crds, queue, settings, space (environments/prod-east.yaml)" in done.err
    assert environment(fleet, "prod-east").read_text() == (
        "labels: {region: us, tier: core}\nsubcomponents:\n"
        "  crds:\n    disabled: true\n  queue:\n    disabled: true\n"
        "  settings:\n    disabled: true\n  space:\n    disabled: true\n"
    )
    fleet.commit("withdraw")
    message = refused(fleet, "cluster", "detach", "prod-east")
    assert "still placed" not in message
    assert "still published" in message
    # What withdraw recorded is no accidental loss, though it is everything.
    fleet.published("--all")
    assert set(fleet.files(EAST)) == {
        ".gitattributes",
        "hydrator.metadata",
        "inventory.json",
        "kustomization.yaml",
    }
    head = fleet.head(EAST)
    fleet.published("--all")
    assert fleet.head(EAST) == head
    done = run(fleet, "cluster", "detach", "prod-east")
    assert done.code == 0, done.err
    assert "prod-east: removed environments/prod-east.yaml" in done.err
    assert not environment(fleet, "prod-east").exists()
    done = run(fleet, "cluster", "detach", "prod-east")
    assert done.code == 0
    assert "prod-east: there is no such cluster, so nothing to detach" in done.err
    fleet.commit("detach")
    fleet.published("--all", "--prune-environments")
    assert not fleet.head(EAST)
    assert run(fleet, "validate", "--all").code == 0


def test_an_empty_target_builds(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    run(fleet, "withdraw", "--namespace", "shop", "--cluster", "edge-1")
    assert run(fleet, "generate", "edge-1").code == 0
    folder = fleet.project.generated / "edge-1"
    assert sorted(read_tree(folder)) == ["inventory.json", "kustomization.yaml"]
    # Without it kustomize 5.2 and later take it for a mistake, and Flux prunes nothing.
    assert "buildMetadata" in (folder / "kustomization.yaml").read_text()
    for program in (["kustomize", "build"], ["kubectl", "kustomize"]):
        done = subprocess.run([*program, str(folder)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_one_component_from_some_clusters_twice(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    done = run(fleet, "withdraw", "queue", "-l", "region=us,!legacy", "-l", "tier=edge")
    assert done.code == 0
    assert done.err == (
        "edge-1: withdrew queue (environments/edge-1.yaml)\n"
        "prod-east: withdrew queue (environments/prod-east.yaml)\n"
        "note: `weft publish` removes it from the clusters\n"
    )
    before = read_tree(fleet.project.root)
    done = run(fleet, "withdraw", "queue", "-l", "region=us,!legacy", "-l", "tier=edge")
    assert (done.code, done.err) == (0, "edge-1: nothing to withdraw\nprod-east: nothing to withdraw\n")
    done = run(fleet, "withdraw", "--namespace", "shop", "--cluster", "prod-east")
    done = run(fleet, "withdraw", "--namespace", "shop", "--cluster", "prod-east")
    assert (done.code, done.err) == (0, "prod-east: nothing to withdraw\n")
    assert read_tree(fleet.project.root) != before
    fleet.commit("withdraw")
    fleet.published("--all")
    assert "queue/queue.yaml" not in fleet.files("environment/edge-1")
    assert "queue/queue.yaml" in fleet.files("environment/prod-west")


def test_everywhere_without_a_selector(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    assert run(fleet, "withdraw", "settings").code == 0
    assert run(fleet, "generate", "--all").code == 0
    assert not [path for path in fleet.project.tree() if "settings" in path]


def test_where_the_file_speaks_of_the_component_already(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    text = "subcomponents:\n  # the queue\n  queue:\n    labels: {a: b}   # hm\n    disabled: false\n"
    fleet.project.write({"environments/edge-1.yaml": text})
    assert run(fleet, "withdraw", "queue", "--cluster", "edge-1").code == 0
    assert environment(fleet, "edge-1").read_text() == text.replace("false", "true")


def test_what_is_lost_beside_is_still_an_accident(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    run(fleet, "withdraw", "queue", "--cluster", "prod-east")
    text = "subcomponents: {settings: {disabled: true}, crds: {disabled: true}}\n"
    fleet.commit("accident", {"config/prod-east.yaml": text})
    message = fleet.refused("prod-east")
    assert "2 of 3 published objects would be deleted" in message


def test_config_and_placements_that_speak_of_it_are_named(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.project.write(
        {
            "config/edge-1.yaml": "config: {a: 1}\n",
            "component.yaml": (
                "name: fleet\nnamespace: shop\nsubcomponents:\n- source: './apps/*'\n"
                "  placement: {exclude: [edge-1], selector: 'tier'}\n"
            ),
        }
    )
    message = refused(fleet, "cluster", "detach", "edge-1")
    assert "still placed" not in message
    assert "config/edge-1.yaml: config of `edge-1`, which nothing would read any more" in message
    assert "component.yaml:5:25: this placement names `edge-1`" in message


def test_a_target_out_of_reach(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, publish="{repository: ../gone.git}")
    run(fleet, "withdraw", "--namespace", "shop", "--cluster", "edge-1")
    message = refused(fleet, "cluster", "detach", "edge-1", code=4)
    assert "gone.git" in message


def test_a_broken_environment_is_not_detached(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.project.write({"environments/edge-1.yaml": "labels: 7\n"})
    assert "environments/edge-1.yaml:1:1" in refused(fleet, "cluster", "detach", "edge-1")
    assert "environments/edge-1.yaml:1:1" in refused(fleet, "withdraw", "queue")
    done = run(fleet, "withdraw", "queue", "--cluster", "prod-east")
    assert done.code == 0, done.err


def test_objects_are_counted_as_such(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: shop}\n"
    folder = next((fleet.project.root / "apps").rglob("*.yaml")).parents[1] / "queue"
    manifest = next(path for path in folder.rglob("*.yaml") if "kind:" in path.read_text())
    manifest.write_text(f"{manifest.read_text()}---\n{text}")
    for name in ("crds", "settings", "space"):
        run(fleet, "withdraw", name, "--cluster", "prod-east")
    fleet.commit("more")
    fleet.published("prod-east")
    message = refused(fleet, "cluster", "detach", "prod-east")
    assert f"2 objects of 1 component are still published to {EAST}: queue" in message


def test_an_environment_that_is_not_published(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    (fleet.project.root / "environments/common.yaml").unlink()
    run(fleet, "withdraw", "--namespace", "shop", "--cluster", "edge-1")
    assert run(fleet, "cluster", "detach", "edge-1").code == 0


SPLIT = {
    "component.yaml": "name: shop\nsubcomponents: [{source: './apps/*'}]\n",
    "apps/web/component.yaml": (
        "name: web\ntype: static\nsource: ./m\n"
        "placement: {replicas: {split: 4, max: 2}, environments: [a, b]}\n"
    ),
    "apps/web/m/web.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
        "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
        "    spec: {containers: [{name: web, image: 'web:1'}]}\n"
    ),
    "environments/a.yaml": "",
    "environments/b.yaml": "",
    "environments/c.yaml": "",
}


def test_what_would_be_refused_then_is_refused_at_once(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    project = type(fleet.project)(tmp_path / "split").write(SPLIT)
    before = read_tree(project.root)
    done = project.weft("withdraw", "web", "--cluster", "a")
    assert done.code == 3
    assert "4 replicas of `web` cannot be divided over 1 environment" in done.err
    assert read_tree(project.root) == before
    # However many environments are refused for it, it is one mistake.
    rule = SPLIT["apps/web/component.yaml"].replace("max: 2}, environments: [a, b]", "max: 1}, exclude: [d]")
    project.write({"apps/web/component.yaml": rule.replace("split: 4", "split: 3")})
    project.write({"environments/d.yaml": ""})
    done = project.weft("withdraw", "web", "--cluster", "a")
    assert done.code == 3
    assert done.err.count("error:") == 1
    assert "with `max: 1` (environments b, c)" in done.err
    project.write(SPLIT)
    assert project.weft("withdraw", "web").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name either a component or a namespace"),
        (["queue", "--namespace", "shop"], "name either a component or a namespace"),
        (["queu"], "there is no component `queu`\n  hint: did you mean 'queue'?"),
        (
            ["--namespace", "shopp"],
            "no component is in the namespace `shopp` on any of 3 clusters\n  hint: did you mean 'shop'?",
        ),
        (["queue", "--cluster", "edge"], "there is no environment `edge`"),
        (["queue", "-l", "tier=none"], "no environment matches `tier=none`"),
        (["queue", "-l", "=="], "selector `==`"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], message: str) -> None:
    fleet = Fleet(tmp_path)
    assert message in refused(fleet, "withdraw", *arguments, code=2)


def test_a_near_name_is_told(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    done = run(fleet, "cluster", "detach", "prod-eats")
    assert done.code == 0
    assert "note: there is one called `prod-east`" in done.err
    assert git(fleet.project.root, "status", "--porcelain") == ""


def test_a_namespace_that_is_made_for_what_is_withdrawn_goes_with_it(tmp_path: Path) -> None:
    alone = TREE["component.yaml"].partition("  - name: monitor\n")[0]
    found = project(tmp_path / "definitions", {"component.yaml": alone})
    found.write({"environments/common.yaml": "publish: {repository: ../manifests.git}\n"})
    git(found.root, "init", "--quiet", "--initial-branch=main")
    manifests = bare(tmp_path / "manifests.git")
    branch = "environment/europe-rome-edge"
    for arguments in (
        ["cluster", "list"],
        ["withdraw", "--namespace", "liqo-demo", "-l", "type=destination"],
    ):
        assert found.weft(*arguments, env=GIT).code == 0
        git(found.root, "add", "--all")
        git(found.root, "commit", "--quiet", "--message=change")
        done = found.weft("publish", "europe-rome-edge", env=GIT)
        assert done.code == 0, done.err
        names = git(manifests, "ls-tree", "-r", "--name-only", branch).splitlines()
        assert ("namespaces/mapped.yaml" in names) == ("app/app.yaml" in names) == ("list" in arguments)
    assert found.weft("cluster", "detach", "europe-rome-edge", env=GIT).code == 0


def test_a_deployment_that_has_traffic_is_not_withdrawn(tmp_path: Path) -> None:
    split = "weight 10"
    routed = Project(tmp_path / "routed")
    for name in ("services", "service-chart", "environments", "component.yaml", "infrastructure"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, routed.root / name)
    before = read_tree(routed.root)
    done = routed.weft("withdraw", "services/simple-service/canary", "--cluster", "prod-east")
    assert done.code == 3
    assert f"`canary` has {split}" in done.err
    assert read_tree(routed.root) == before


def test_no_namespace_is_none(tmp_path: Path) -> None:
    assert "no component is in the namespace ``" in refused(
        Fleet(tmp_path), "withdraw", "--namespace=", code=2
    )
