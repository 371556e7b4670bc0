"""`weft plan`: what publish would change, said before it does, over real repositories."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.project_tree import Project

CHART = {
    "component.yaml": "name: root\nsubcomponents: [{source: ./c/*}]\n",
    "c/web/component.yaml": "type: jinja\npath: ../../chart\n",
    "c/api/component.yaml": "type: jinja\npath: ../../chart\n",
    "chart/chart.yaml": "name: chart\n",
    "chart/values.yaml": "replicas: 2\nimage: example/shop:1.4\npassword: hunter2\n",
    "chart/templates/all.yaml.j2": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ component.name }}", namespace: default}
spec:
  replicas: {{ values.replicas }}
  selector: {matchLabels: {app: "{{ component.name }}"}}
  template:
    metadata: {labels: {app: "{{ component.name }}"}}
    spec: {containers: [{name: app, image: "{{ values.image }}"}]}
---
apiVersion: v1
kind: Secret
metadata: {name: "{{ component.name }}", namespace: default}
stringData: {password: "{{ values.password }}"}
""",
    "environments/common.yaml": "publish:\n  repository: ../manifests.git\n",
    "environments/east.yaml": "labels: {region: east}\n",
    "environments/west.yaml": "labels: {region: west}\n",
}


def git(folder: Path, *arguments: str) -> str:
    names = {
        f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, check=True, env={**_environment(), **names}
    )
    return done.stdout.decode()


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Definitions with two environments, and the bare repository that they are published to."""
    git(tmp_path, "init", "--quiet", "--bare", "manifests.git")
    made = Project(tmp_path / "source").write(CHART)
    commit(made)
    return made


def commit(made: Project) -> None:
    if not (made.root / ".git").exists():
        git(made.root, "init", "--quiet")
        for key in ("user.name", "user.email"):
            git(made.root, "config", key, "t@example.org")
    git(made.root, "add", "--all")
    git(made.root, "commit", "--quiet", "--allow-empty", "--message", "x")


def publish(made: Project, *arguments: str) -> None:
    run = made.weft("publish", *(arguments or ("--all",)))
    assert run.code == 0, run.err


def planned(made: Project, *arguments: str) -> dict[str, Any]:
    """The environments of a plan by name, as JSON has them."""
    run = made.weft("plan", *(arguments or ("--all",)), "-o", "json")
    data = json.loads(run.out)
    assert data["exitCode"] == run.code
    return {item["environment"]: item for item in data["environments"]} | {"exit": run.code, **data["totals"]}


def refs(made: Project) -> str:
    return git(made.root.parent / "manifests.git", "for-each-ref")


def edit(made: Project, branch: str, path: str, content: str) -> None:
    """Somebody's commit on a published branch."""
    clone = made.root.parent / "clone"
    git(made.root.parent, "clone", "--quiet", "--branch", branch, "manifests.git", "clone")
    Project(clone).write({path: content})
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "by hand")
    git(clone, "push", "--quiet")


def test_before_the_first_publication_everything_is_added(shop: Project) -> None:
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert run.out.splitlines() == [
        "east: 4 objects added, on environment/east of ../manifests.git",
        "  + Secret default/api",
        "  + Secret default/web",
        "  + Deployment.apps default/api",
        "  + Deployment.apps default/web",
    ]
    assert refs(shop) == "", "a plan writes nothing"


def test_after_publishing_there_are_no_changes(shop: Project) -> None:
    publish(shop)
    before = refs(shop)
    run = shop.weft("plan", "--all")
    assert (run.code, run.out) == (
        0,
        "east: No changes\nwest: No changes\n0 of 2 environments would change\n",
    )
    assert refs(shop) == before


def test_an_untouched_environment_has_no_changes_and_the_other_its_fields(shop: Project) -> None:
    publish(shop)
    shop.write({"c/web/config/east.yaml": "config: {replicas: 5, image: 'example/shop:1.5'}\n"})
    run = shop.weft("plan", "--all")
    assert run.code == 1
    assert run.out.splitlines() == [
        "east: 1 object changed, on environment/east of ../manifests.git",
        "  ~ Deployment.apps default/web",
        "      spec.replicas: 2 -> 5",
        '      spec.template.spec.containers[app].image: "example/shop:1.4" -> "example/shop:1.5"',
        "west: No changes",
        "1 of 2 environments would change: objects 1 changed",
    ]


def test_what_a_secret_holds_is_in_no_form_of_the_plan(shop: Project) -> None:
    publish(shop)
    shop.write({"chart/values.yaml": CHART["chart/values.yaml"].replace("hunter2", "swordfish")})
    text, data = shop.weft("plan", "--all"), shop.weft("plan", "--all", "-o", "json")
    for run in (text, data):
        assert run.code == 1
        assert "hunter2" not in run.out + run.err
        assert "swordfish" not in run.out + run.err
    assert text.out.count("stringData.password: (sensitive value) changed") == 4


def test_a_component_that_is_gone_is_deleted_and_one_that_moved_is_moved(shop: Project) -> None:
    publish(shop)
    for path in ("c/api/component.yaml", "c/web/component.yaml"):
        (shop.root / path).unlink()
    (shop.root / "c/api").rmdir()
    (shop.root / "c/web").rmdir()
    shop.write(
        {
            "component.yaml": "name: root\nsubcomponents:\n- name: g\n  subcomponents:\n"
            "  - {name: web, type: jinja, path: ./chart}\n"
        }
    )
    found = planned(shop, "east")
    assert [(item["change"], item["kind"], item["name"]) for item in found["east"]["changes"]] == [
        ("deleted", "Secret", "api"),
        ("moved", "Secret", "web"),
        ("deleted", "Deployment", "api"),
        ("moved", "Deployment", "web"),
    ]
    assert (found["deleted"], found["moved"]) == (2, 2)


def test_json_has_the_commit_the_place_the_counts_and_the_objects(shop: Project) -> None:
    publish(shop)
    head = git(shop.root.parent / "manifests.git", "rev-parse", "environment/east").strip()
    shop.write({"c/web/config/east.yaml": "config: {replicas: 5}\n"})
    east = planned(shop)["east"]
    assert (east["status"], east["commit"], east["branch"], east["path"]) == (
        "changed",
        head,
        "environment/east",
        "",
    )
    assert east["counts"] == {"added": 0, "changed": 1, "moved": 0, "deleted": 0}
    assert east["changes"] == [
        {
            "change": "changed",
            "group": "apps",
            "kind": "Deployment",
            "namespace": "default",
            "name": "web",
            "file": "web/web.yaml",
            "fields": [{"path": "spec.replicas", "old": 2, "new": 5}],
        }
    ]


def test_component_shows_that_part_only(shop: Project) -> None:
    publish(shop)
    shop.write({"c/web/config/east.yaml": "config: {replicas: 5}\n"})
    assert shop.weft("plan", "east", "--component", "web").code == 1
    run = shop.weft("plan", "east", "--component", "api")
    assert (run.code, run.out) == (0, "east: No changes\n")
    wrong = shop.weft("plan", "east", "--component", "wep")
    assert wrong.code == 2
    assert "did you mean 'web'?" in wrong.err


def test_an_edit_by_hand_is_named_and_shown_as_what_publishing_undoes(shop: Project) -> None:
    publish(shop)
    text = git(shop.root.parent / "manifests.git", "show", "environment/east:web/web.yaml")
    edit(shop, "environment/east", "web/web.yaml", text.replace("replicas: 2", "replicas: 9"))
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert "      spec.replicas: 9 -> 2\n" in run.out
    assert "  edited by hand, lost with --overwrite-edits: web/web.yaml (changed)\n" in run.out
    assert "publish would refuse this" in run.err
    allowed = shop.weft("plan", "east", "--overwrite-edits")
    assert allowed.code == 1
    assert "refuse" not in allowed.err
    assert planned(shop, "east")["east"]["edited"] == ["web/web.yaml (changed)"]


def test_a_published_file_that_was_broken_by_hand_is_no_failure(shop: Project) -> None:
    publish(shop)
    edit(shop, "environment/east", "web/web.yaml", "kind: [\n")
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert "+ Deployment.apps default/web" in run.out
    assert "what is published cannot be read: web/web.yaml:2" in run.err


def test_what_adoption_would_overwrite_is_named(shop: Project) -> None:
    clone = shop.root.parent / "first"
    git(shop.root.parent, "clone", "--quiet", "manifests.git", "first")
    git(clone, "checkout", "--quiet", "-b", "environment/east")
    Project(clone).write(
        {"web/web.yaml": "kind: ConfigMap\nmetadata: {name: mine}\n", "README.md": "theirs\n"}
    )
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "by others")
    git(clone, "push", "--quiet", "--set-upstream", "origin", "environment/east")
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert "  not weft's, overwritten with --adopt: web/web.yaml\n" in run.out
    assert "  - ConfigMap mine\n" in run.out
    assert "README.md" not in run.out
    assert "--adopt" in run.err


def test_a_published_tree_in_a_path_compares_the_same(shop: Project) -> None:
    there = ("--branch", "main", "--path", "clusters/{environment}")
    publish(shop, "--all", *there)
    run = shop.weft("plan", "--all", *there)
    assert (run.code, run.out.splitlines()[0]) == (0, "east: No changes")
    assert shop.weft("plan", "east").code == 1, "nothing is published on its own branch"


def test_a_repository_out_of_reach_is_no_difference(shop: Project) -> None:
    shop.write({"environments/east.yaml": "publish: {repository: ../nowhere.git}\n"})
    publish(shop, "west")
    run = shop.weft("plan", "--all")
    assert run.code == 4
    assert "west: No changes" in run.out


def test_what_is_refused_is_not_compared(shop: Project) -> None:
    publish(shop)
    twice = CHART["chart/templates/all.yaml.j2"].replace("{{ component.name }}", "same")
    shop.write({"chart/templates/all.yaml.j2": twice})
    run = shop.weft("plan", "east")
    assert run.code == 3
    assert "is there twice" in run.err
    assert run.out == "east: cannot be published\n"


def test_an_environment_without_publish_is_skipped(shop: Project) -> None:
    shop.write(
        {
            "environments/common.yaml": "",
            "environments/west.yaml": "publish: {repository: ../manifests.git}\n",
        }
    )
    publish(shop, "west")
    run = shop.weft("plan", "--all")
    assert run.code == 0
    assert run.out.startswith("east: skipped")


def test_naming_nothing_is_wrong_usage(shop: Project) -> None:
    assert shop.weft("plan").code == 2
    assert shop.weft("plan", "eest").code == 2


def test_another_repository_and_a_selector_choose_as_for_publish(shop: Project) -> None:
    git(shop.root.parent, "init", "--quiet", "--bare", "other.git")
    publish(shop)
    for where in ("../other.git", (shop.root.parent / "other.git").as_uri()):
        run = shop.weft("plan", "-l", "region=east", "--repository", where)
        assert run.code == 1
        assert run.out.splitlines()[0].startswith("east: 4 objects added, on environment/east of ")
        assert "west" not in run.out
    publish(shop, "-l", "region=east", "--repository", "../other.git")
    assert shop.weft("plan", "east", "--repository", "../other.git").code == 0
    assert shop.weft("plan", "--all", "--repository", "../other.git").code == 1
    assert set(planned(shop, "-l", "region in (east)")) & {"east", "west"} == {"east"}
    assert shop.weft("plan", "-l", "region=north").code == 2


def test_a_plain_secret_is_said_and_refused_as_publish_would(shop: Project) -> None:
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert "east: Secret `web` in web/web.yaml would be published for all to read" in run.err
    assert any("Secret `web`" in text for text in planned(shop, "east")["east"]["notes"])
    run = shop.weft("plan", "east", "--no-plain-secrets")
    assert run.code == 1
    assert "publish would refuse this: Secret `web` in web/web.yaml" in run.err
    assert "hunter2" not in run.out + run.err
    publish(shop, "east")
    run = shop.weft("plan", "east", "--no-plain-secrets")
    assert (run.code, run.out) == (0, "east: No changes\n")
    assert "publish would refuse this: Secret `web`" in run.err


def test_definitions_older_than_what_is_published_are_said_and_the_difference_counts(shop: Project) -> None:
    git(shop.root, "branch", "old")
    shop.write({"c/web/config/east.yaml": "config: {replicas: 5}\n"})
    commit(shop)
    publish(shop)
    git(shop.root, "checkout", "--quiet", "old")
    run = shop.weft("plan", "east")
    assert run.code == 1
    assert "      spec.replicas: 5 -> 2\n" in run.out
    assert "publish would refuse this: " in run.err
    assert "is older than" in run.err
    run = shop.weft("plan", "west")
    assert (run.code, run.out) == (0, "west: No changes\n")
    assert "refuse" not in shop.weft("plan", "east", "--force-older").err


def test_a_password_outside_a_secret_is_in_no_form_of_the_plan(shop: Project) -> None:
    template = CHART["chart/templates/all.yaml.j2"].replace(
        'image: "{{ values.image }}"',
        'image: "{{ values.image }}", args: ["{{ values.password }}"], '
        'env: [{name: DB_PASSWORD, value: "{{ values.password }}"}]',
    )
    shop.write({"chart/templates/all.yaml.j2": template})
    publish(shop)
    shop.write({"chart/values.yaml": CHART["chart/values.yaml"].replace("hunter2", "swordfish")})
    for options in ((), ("-o", "json"), ("--component", "web")):
        run = shop.weft("plan", "--all", *options)
        assert run.code == 1
        assert "env[DB_PASSWORD].value" in run.out
        assert not re.search("hunter2|swordfish", run.out + run.err)
    publish(shop)
    log = git(shop.root.parent / "manifests.git", "log", "--all", "--format=%B")
    assert "DB_PASSWORD" in log
    assert not re.search("hunter2|swordfish", log)


def test_what_is_wrong_with_a_skipped_environment_is_told_by_none_of_both(shop: Project) -> None:
    shop.write(
        {
            "environments/common.yaml": "",
            "environments/west.yaml": "publish: {repository: ../manifests.git}\n",
            "environments/east.yaml": "kubernetes: {version: '1.34'}\n",
            "config/east.yaml": "subcomponents: {web: {config: {replicas: many}}}\n",
        }
    )
    for command in ("plan", "publish"):
        run = shop.weft(command, "--all")
        assert run.code in (0, 1), run.err
        assert "east: skipped" in run.out + run.err
        assert "error" not in run.err
        data = json.loads(shop.weft(command, "--all", "-o", "json").out)
        assert data["environments"][0]["findings"] == []
    assert "replicas" in shop.weft("validate", "east").err
    assert shop.weft("plan", "east").code == 0
