"""What publishing refuses: older definitions, hand edits, shrinking, plain secrets, refused output."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.publish.manifests import Fleet, git

BRANCH = "environment/prod-east"


def clone(fleet: Fleet, *arguments: str) -> Fleet:
    """Another checkout of the definitions, which publishes to the same manifests."""
    folder = fleet.root / "second"
    source = fleet.project.root.as_uri() if arguments else str(fleet.project.root)
    git(fleet.root, "clone", "--quiet", *arguments, source, str(folder))
    other = Fleet.__new__(Fleet)
    other.root, other.manifests = fleet.root, fleet.manifests
    other.project = type(fleet.project)(folder)
    return other


def test_definitions_older_than_what_is_published_are_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    old = clone(fleet)
    fleet.published("prod-east")
    fleet.colour("rot")
    fleet.published("prod-east")
    git(old.project.root, "fetch", "--quiet")
    message = old.refused("prod-east")
    assert "is older than" in message
    assert "git pull" in message
    old.published("prod-east", "--force-older")
    assert "grün" in fleet.files(BRANCH)["settings/settings.yaml"]


def test_definitions_that_have_diverged_are_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    other = clone(fleet)
    fleet.colour("rot")
    fleet.published("prod-east")
    git(other.project.root, "fetch", "--quiet")
    other.colour("blau")
    assert "has diverged from" in other.refused("prod-east")
    other.published("prod-east", "--force-older")


def test_a_published_revision_that_was_never_fetched_is_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    other = clone(fleet)
    fleet.colour("rot")
    fleet.published("prod-east")
    assert "does not know" in other.refused("prod-east")


def test_the_revision_that_a_later_run_found_unchanged_counts(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    between = clone(fleet)
    between.colour("rot")
    git(fleet.project.root, "pull", "--quiet", str(between.project.root), "main")
    fleet.colour("grün")
    fleet.published("prod-east")
    git(between.project.root, "fetch", "--quiet")
    assert "is older than" in between.refused("prod-east")


def test_a_history_too_shallow_to_tell_ends_with_4_and_says_how_to_fetch_more(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.colour("rot")
    shallow = clone(fleet, "--depth=1")
    assert "git fetch --unshallow" in shallow.refused("prod-east", code=4)
    git(shallow.project.root, "fetch", "--quiet", "--unshallow")
    shallow.published("prod-east")


def test_a_shallow_history_that_can_tell_publishes(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.colour("rot")
    clone(fleet, "--depth=2").published("prod-east")


def test_hand_edits_are_named_and_overwritten_only_if_told(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.by_hand(BRANCH, {"queue/queue.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\n"})
    fleet.colour("rot")
    message = fleet.refused("prod-east")
    assert "queue/queue.yaml (changed)" in message
    assert "--overwrite-edits" in message
    fleet.published("prod-east", "--overwrite-edits")
    assert "name: queue" in fleet.files(BRANCH)["queue/queue.yaml"]
    fleet.colour("blau")
    fleet.published("prod-east")


@pytest.mark.parametrize("path", ["inventory.json", "queue/queue.yaml"])
def test_a_deleted_file_is_an_edit_too(tmp_path: Path, path: str) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.by_hand(BRANCH, {path: None})
    assert f"{path} (deleted)" in fleet.refused("prod-east")


def test_a_file_that_was_made_executable_is_an_edit_too(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.by_hand(BRANCH, {"README.md": "a file of theirs\n"})
    work = tmp_path / "by-hand"
    (work / "queue/queue.yaml").chmod(0o755)
    git(work, "commit", "--quiet", "--all", "--message", "executable")
    git(work, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
    fleet.colour("rot")
    assert "queue/queue.yaml (changed)" in fleet.refused("prod-east")


def test_files_of_others_are_no_edits(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.by_hand(BRANCH, {"README.md": "hello\n"})
    fleet.colour("rot")
    fleet.published("prod-east")
    assert fleet.files(BRANCH)["README.md"] == "hello"


def test_losing_more_than_half_of_the_objects_needs_to_be_allowed(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    disabled = "subcomponents: {queue: {disabled: true}, settings: {disabled: true}}\n"
    fleet.commit("two of four", {"config/prod-east.yaml": disabled})
    fleet.published("prod-east")
    fleet.commit("all", {"config/prod-east.yaml": "disabled: true\n"})
    assert "2 of 2 published objects would be deleted" in fleet.refused("prod-east")
    fleet.published("prod-east", "--allow-shrink")
    assert set(fleet.files(BRANCH)) == {
        ".gitattributes",
        "hydrator.metadata",
        "inventory.json",
        "kustomization.yaml",
    }


def test_renaming_most_objects_is_losing_them(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    both = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    fleet.commit("more", {"apps/queue/manifests/queue.yaml": "---\n".join(both % f"a{i}" for i in range(9))})
    fleet.published("prod-east")
    fleet.commit(
        "renamed", {"apps/queue/manifests/queue.yaml": "---\n".join(both % f"b{i}" for i in range(9))}
    )
    assert "9 of 12 published objects" in fleet.refused("prod-east")


def test_a_refused_output_is_not_published_and_the_others_are(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("--all")
    heads = {name: fleet.head(f"environment/{name}") for name in ("prod-east", "prod-west")}
    fleet.colour("rot")
    template = "{% if environment.name == 'prod-east' %}{{ values.nothing.here }}{% endif %}\n"
    fleet.commit("broken", {"apps/settings/chart/templates/more.yaml.j2": template})
    run = fleet.run("--all")
    assert run.code == 3
    assert fleet.head(BRANCH) == heads["prod-east"]
    assert fleet.head("environment/prod-west") != heads["prod-west"]
    assert "prod-east: not published" in run.err
    assert fleet.run("--all", "--require", "any").code == 0
    # Nothing that validation refuses is ever published, so there is no way around it either.
    assert fleet.run("--all", "--no-validate").code == 2


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: hunter2}\n"
PASSING = {
    "sops": "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n"
    "data: {password: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: 'ENC[AES256_GCM,data:y]'}\n",
    "external": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: login}\n"
    "spec: {data: [{secretKey: password}]}\n",
    "sealed": "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: login}\n"
    "spec: {encryptedData: {password: AgB}}\n",
    "empty": "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\n"
    "type: kubernetes.io/service-account-token\n",
}


def test_a_plain_secret_warns_and_is_refused_if_told_without_being_shown(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.commit("secret", {"apps/queue/manifests/secret.yaml": SECRET})
    message = fleet.refused("prod-east", "--no-plain-secrets")
    assert "Secret `login` in queue/queue.yaml" in message
    run = fleet.published("prod-east")
    assert "Secret `login`" in run.err
    fleet.commit("other", {"apps/queue/manifests/secret.yaml": SECRET.replace("hunter2", "hunter3")})
    run = fleet.published("prod-east", "-o", "json")
    assert "hunter" not in message + run.err + run.out + fleet.message(BRANCH)


def test_a_secret_of_which_sops_encrypted_only_a_part_is_a_plain_one(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    half = SECRET.replace("hunter2}", "hunter2, user: 'ENC[AES256_GCM,data:x]'}")
    fleet.commit("secret", {"apps/queue/manifests/secret.yaml": f"{half}sops: {{version: 3.9.0}}\n"})
    message = fleet.refused("prod-east", "--no-plain-secrets")
    assert "Secret `login` in queue/queue.yaml" in message
    assert "hunter2" not in message


@pytest.mark.parametrize("kind", sorted(PASSING))
def test_encrypted_and_external_secrets_pass(tmp_path: Path, kind: str) -> None:
    fleet = Fleet(tmp_path)
    fleet.commit("secret", {"apps/queue/manifests/secret.yaml": PASSING[kind]})
    run = fleet.published("prod-east", "--no-plain-secrets")
    assert "would be published for all to read" not in run.err
