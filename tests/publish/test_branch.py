"""A branch per environment: what it holds, when it gets a commit, and what the commit says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.fixtures.fleet import ENVIRONMENTS, PATHS, helm_units
from tests.project_tree import environment, read_tree
from tests.publish.manifests import BESIDE, GIT, Fleet, git


def test_each_environment_has_a_branch_with_its_manifests_at_the_root(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    run = fleet.published("--all")
    for name in ENVIRONMENTS:
        files = fleet.files(f"environment/{name}")
        assert set(files) - BESIDE == set(PATHS)
        assert f"cluster: {name}" in files["settings/settings.yaml"]
        assert f"{name}: published {fleet.head(f'environment/{name}')[:10]}" in run.err
    fleet.sound()


def exported(fleet: Fleet, name: str) -> dict[str, bytes]:
    """What an environment's branch holds beside weft's own files, byte for byte."""
    folder = fleet.root / f"export-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    archive = ["git", "archive", f"environment/{name}"]
    env = {**os.environ, **GIT}
    done = subprocess.run(archive, cwd=fleet.manifests, env=env, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=done.stdout, check=True)
    return {path: content for path, content in read_tree(folder).items() if path not in BESIDE}


def test_what_is_published_is_what_generate_writes_and_what_plan_compares(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    assert fleet.project.generate("--all").code == 0
    fleet.published("--all")
    for colour in (None, "rot"):
        if colour:
            fleet.colour(colour)
            assert fleet.project.generate("--all", "--check").code == 1
            planned = fleet.project.weft("plan", "--all", "-o", "json", env=GIT)
            assert planned.code == 1
            told = {item["environment"]: item["changes"] for item in json.loads(planned.out)["environments"]}
            run = fleet.published("--all", "-o", "json")
            done = {item["environment"]: item["changes"] for item in json.loads(run.out)["environments"]}
            assert told == done
            assert fleet.project.generate("--all").code == 0
        for name in ENVIRONMENTS:
            assert exported(fleet, name) == read_tree(fleet.project.generated / name)
        assert fleet.project.generate("--all", "--check").code == 0
        assert fleet.project.weft("plan", "--all", env=GIT).code == 0


def test_every_unit_is_rendered_once_by_generate_plan_and_publish(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    shutil.rmtree(fleet.project.root)
    fleet.project = helm_units(tmp_path / "definitions", 3)
    log, helm = tmp_path / "log", shutil.which("helm")
    shim = tmp_path / "bin/helm"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$1" >> {log}\nexec {helm} "$@"\n')
    shim.chmod(0o755)
    env = {**GIT, "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"}
    where = ("--repository", str(fleet.manifests))
    publish = ("publish", "--no-cache", *where)
    # What helm printed for one of them answers for the next, where they share a cache.
    for caches, runs in ((("a", "b", "c", "d"), (3, 3, 3, 3)), (("e", "e", "e", "f"), (3, 0, 3, 3))):
        for command, cache, count in zip(
            (("generate",), ("plan", *where), publish, publish), caches, runs, strict=True
        ):
            log.write_text("")
            run = fleet.project.weft(*command, "--all", env={**env, "XDG_CACHE_HOME": str(tmp_path / cache)})
            assert run.code in ((0, 1) if command[0] == "plan" else (0,)), run.err
            assert log.read_text().splitlines().count("template") == count, command


def test_an_unchanged_environment_gets_no_commit(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    before = fleet.refs()
    run = fleet.published("--all", "--message", "another message")
    assert fleet.refs() == before
    assert run.err.count("unchanged") == len(ENVIRONMENTS)


def test_only_the_environment_that_changed_gets_a_commit(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    heads = {name: fleet.head(f"environment/{name}") for name in ENVIRONMENTS}
    fleet.commit("edge", {"config/edge-1.yaml": "subcomponents: {settings: {config: {colour: rot}}}\n"})
    fleet.published("--all")
    changed = [name for name in ENVIRONMENTS if fleet.head(f"environment/{name}") != heads[name]]
    assert changed == ["edge-1"]


def test_a_commit_of_the_definitions_that_changes_no_output_moves_the_note_only(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    head, note = fleet.head("environment/prod-east"), fleet.note("environment/prod-east")
    revision = fleet.commit("a comment", {"README.md": "hello\n"})
    fleet.published("prod-east")
    assert fleet.head("environment/prod-east") == head
    assert json.loads(note) != json.loads(fleet.note("environment/prod-east")) == {"drySha": revision}


def test_another_machine_makes_the_same_tree(tmp_path: Path) -> None:
    fleet, other = Fleet(tmp_path / "one"), Fleet(tmp_path / "elsewhere" / "two")
    fleet.published("prod-east")
    other.published("prod-east", env={"GIT_AUTHOR_NAME": "Bob", "TZ": "Asia/Tokyo"})
    mine, theirs = fleet.files("environment/prod-east"), other.files("environment/prod-east")
    mine.pop("hydrator.metadata")
    theirs.pop("hydrator.metadata")
    assert mine == theirs
    digests = {each.trailer("environment/prod-east", "Tree-Digest") for each in (fleet, other)}
    assert len(digests) == 1
    rows = {git(each.manifests, "ls-tree", "environment/prod-east", "settings") for each in (fleet, other)}
    assert len(rows) == 1


def test_the_subject_says_what_changed_and_the_trailers_where_it_comes_from(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    revision = fleet.colour("rot")
    fleet.published("prod-east")
    message = fleet.message("environment/prod-east")
    assert message.splitlines()[0] == "prod-east: ConfigMap settings colour grün to rot"
    assert fleet.trailer("environment/prod-east", "Source-Revision") == revision
    assert fleet.trailer("environment/prod-east", "Source-Dirty") == ""
    assert fleet.trailer("environment/prod-east", "Weft-Version")
    assert fleet.trailer("environment/prod-east", "Tree-Digest")


def test_a_new_image_is_the_subject(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: simple-service}\nspec:\n"
        "  selector: {matchLabels: {app: s}}\n  template:\n    metadata: {labels: {app: s}}\n"
        "    spec: {containers: [{name: s, image: 'example.org/simple-service:1.4'}]}\n"
    )
    fleet.commit("1.4", {"apps/queue/manifests/queue.yaml": deployment})
    fleet.published("prod-east")
    fleet.commit("1.5", {"apps/queue/manifests/queue.yaml": deployment.replace("1.4", "1.5")})
    fleet.published("prod-east")
    subject = fleet.message("environment/prod-east").splitlines()[0]
    assert subject == "prod-east: simple-service image 1.4 to 1.5"


def test_uncommitted_definitions_are_marked_or_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.project.write({"config/common.yaml": "subcomponents: {settings: {config: {colour: rot}}}\n"})
    assert "uncommitted" in fleet.refused("prod-east", "--require-clean")
    fleet.published("prod-east")
    assert fleet.trailer("environment/prod-east", "Source-Dirty") == "true"


def test_what_weft_itself_generated_does_not_make_the_definitions_dirty(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    assert fleet.project.generate("--all").code == 0
    fleet.published("prod-east", "--require-clean")
    assert fleet.trailer("environment/prod-east", "Source-Dirty") == ""


def test_message_trailers_and_author_are_the_users(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    arguments = ("--message", "Ship it", "--trailer", "Reviewed-by: Eve", "--author", "Bob <bob@example.org>")
    fleet.published("prod-east", *arguments)
    assert fleet.message("environment/prod-east").startswith("Ship it\n")
    assert fleet.trailer("environment/prod-east", "Reviewed-by") == "Eve"
    who = git(fleet.manifests, "log", "-1", "--format=%an <%ae> %cn", "environment/prod-east")
    assert who == "Bob <bob@example.org> Ada"


def test_a_trailer_of_wefts_own_and_a_wrong_author_are_wrong_usage(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    assert "weft writes" in fleet.refused("prod-east", "--trailer", "tree-digest: 1", code=2)
    assert "Key: value" in fleet.refused("prod-east", "--trailer", "nonsense", code=2)
    assert "Name <mail" in fleet.refused("prod-east", "--author", "Bob", code=2)


def test_the_identity_may_come_from_the_definitions_own_configuration(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.project.root, "config", "user.name", "Local")
    git(fleet.project.root, "config", "user.email", "local@example.org")
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    variables = {name: value for name, value in environment(GIT).items() if name not in names}
    command = fleet.project.command("publish", "prod-east")
    subprocess.run(command, cwd=fleet.project.root, env=variables, check=True)
    assert git(fleet.manifests, "log", "-1", "--format=%an %ce", "environment/prod-east") == (
        "Local local@example.org"
    )


def test_reviews_fold_the_branch_and_a_users_gitattributes_stay(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.by_hand("environment/prod-west", {".gitattributes": "*.yaml text\n"})
    fleet.published("prod-east", "prod-west")
    assert "linguist-generated" in fleet.files("environment/prod-east")[".gitattributes"]
    assert fleet.files("environment/prod-west")[".gitattributes"] == "*.yaml text"


def test_the_definitions_work_tree_and_index_are_not_touched(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, publish="{repository: ., branch: 'rendered/{environment}'}")
    before = fleet.snapshot()
    fleet.published("--all")
    assert fleet.snapshot() == before
    assert git(fleet.project.root, "status", "--porcelain") == ""
    branches = git(fleet.project.root, "branch", "--format=%(refname:short)").splitlines()
    assert branches == ["main", *(f"rendered/{name}" for name in ENVIRONMENTS)]
    fleet.sound(fleet.project.root / ".git")


def test_a_checked_out_branch_is_refused_in_any_work_tree(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, publish="{repository: ., branch: 'rendered/{environment}'}")
    fleet.published("--all")
    side = tmp_path / "side"
    git(fleet.project.root, "worktree", "add", "--quiet", str(side), "rendered/prod-east")
    fleet.colour("rot")
    head = git(fleet.project.root, "rev-parse", "rendered/prod-east")
    run = fleet.run("--all")
    assert run.code == 3
    assert "rendered/prod-east is checked out in a work tree" in run.err
    assert git(fleet.project.root, "rev-parse", "rendered/prod-east") == head
    assert git(side, "status", "--porcelain") == ""
    assert "prod-west: published" in run.err


def test_definitions_in_a_folder_of_their_repository_publish_to_it(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, publish="{repository: ., branch: 'rendered/{environment}'}")
    root = fleet.project.root
    (root / "deep").mkdir()
    for name in ("apps", "component.yaml", "config", "environments"):
        git(root, "mv", name, f"deep/{name}")
    fleet.commit("moved")
    before = fleet.snapshot()
    run = fleet.run("prod-east", cwd=root / "deep")
    assert run.code == 0, run.err
    assert "inventory.json" in git(root, "ls-tree", "--name-only", "rendered/prod-east")
    assert fleet.snapshot() == before


def test_the_default_repository_is_origin(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, publish="{}")
    assert "names no repository" in fleet.refused("prod-east")
    git(fleet.project.root, "remote", "add", "origin", "../manifests.git")
    fleet.published("prod-east")
    assert fleet.head("environment/prod-east")


def test_an_environment_without_publish_is_skipped_with_a_line(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    (fleet.project.root / "environments/common.yaml").unlink()
    fleet.commit(
        "one only",
        {"environments/edge-1.yaml": "publish: {repository: ../manifests.git, branch: edge}\n"},
    )
    run = fleet.published("--all")
    assert "prod-east: skipped" in run.err
    assert fleet.head("edge")
    fleet.published("prod-east", "--repository", "../manifests.git", "--branch", "b/{environment}")
    assert fleet.head("b/prod-east")


def test_environments_are_chosen_as_for_generate(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("-l", "region=us,!legacy")
    assert fleet.head("environment/prod-east")
    assert not fleet.head("environment/prod-west")
    assert "did you mean 'prod-east'" in fleet.refused("prod-eats", code=2)
    assert "no environment is named" in fleet.refused(code=2)


def test_the_json_report_has_commit_branch_path_counts_and_objects(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    fleet.colour("rot")
    run = fleet.published("prod-east", "-o", "json")
    (result,) = json.loads(run.out)["environments"]
    assert result["status"] == "published"
    assert result["commit"] == fleet.head("environment/prod-east")
    assert (result["branch"], result["path"]) == ("environment/prod-east", "")
    assert result["counts"] == {"added": 0, "changed": 1, "moved": 0, "deleted": 0}
    assert [(item["kind"], item["name"]) for item in result["changes"]] == [("ConfigMap", "settings")]


def test_definitions_outside_a_repository_are_published_without_a_revision(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    (fleet.project.root / ".git").rename(tmp_path / "gone")
    fleet.published("prod-east")
    assert fleet.trailer("environment/prod-east", "Source-Revision") == ""
    assert "hydrator.metadata" not in fleet.files("environment/prod-east")
    assert fleet.note("environment/prod-east") == ""


def test_the_json_report_is_utf_8_everywhere(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.commit("umlaut", {"environments/edge-1.yaml": "größe: 1\n"})
    run = fleet.run("edge-1", "-o", "json", env={"PYTHONIOENCODING": "ascii"})
    assert (run.code, run.err) == (3, "")
    assert "größe" in json.loads(run.out)["environments"][0]["errors"][0]["message"]
