"""What GitOps Promoter and Argo CD read: hydrator.metadata, the note, and proposed branches."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fixtures.fleet import PATHS
from tests.publish.manifests import GIT, Fleet, git

BRANCH = "environment/prod-east"


def metadata(fleet: Fleet, branch: str = BRANCH, path: str = "") -> dict[str, object]:
    data: dict[str, object] = json.loads(fleet.files(branch, path)["hydrator.metadata"])
    return data


def test_metadata_and_note_tell_the_commit_of_the_definitions(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    revision = fleet.commit("paint it\n\nA body.\n", {"README.md": "x\n"})
    git(fleet.project.root, "remote", "add", "origin", "https://github.com/acme/definitions.git")
    fleet.published("prod-east")
    date = git(fleet.project.root, "log", "-1", "--format=%aI")
    assert metadata(fleet) == {
        "drySha": revision,
        "repoURL": "https://github.com/acme/definitions",
        "author": "Ada <ada@example.org>",
        "date": date,
        "subject": "paint it",
        "body": "A body.",
        "references": [],
        "treeDigest": fleet.trailer(BRANCH, "Tree-Digest"),
    }
    assert json.loads(fleet.note(BRANCH)) == {"drySha": revision}


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://bob:s3cret@GitHub.com:443/acme/d.git/", "https://github.com/acme/d"),
        ("https://ghp_token@github.com/acme/d", "https://github.com/acme/d"),
        ("git@github.com:acme/d.git", "ssh://git@github.com/acme/d"),
        ("ssh://git:pw@git.example.org:2222/acme/d.git", "ssh://git@git.example.org:2222/acme/d"),
        ("../elsewhere.git", None),
        ("file:///srv/git/d.git", None),
    ],
)
def test_the_url_is_normalised_without_credentials_and_absent_for_a_local_one(
    tmp_path: Path, origin: str, shown: str | None
) -> None:
    fleet = Fleet(tmp_path)
    (tmp_path / "elsewhere.git").mkdir()
    git(fleet.project.root, "remote", "add", "origin", origin)
    fleet.published("prod-east")
    assert metadata(fleet).get("repoURL") == shown
    everything = git(fleet.manifests, "log", "--all", "-p")
    assert not [word for word in ("s3cret", "ghp_token", "pw@") if word in everything]


def test_metadata_alone_makes_no_commit(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    head = fleet.head(BRANCH)
    git(fleet.project.root, "remote", "add", "origin", "https://github.com/acme/definitions")
    fleet.commit("another subject", {"README.md": "x\n"})
    fleet.published("prod-east")
    assert fleet.head(BRANCH) == head


def test_a_proposal_begins_at_the_active_branch_and_leaves_it_alone(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    active = fleet.head(BRANCH)
    fleet.colour("rot")
    fleet.published("prod-east", "--proposed")
    assert fleet.head(BRANCH) == active
    assert git(fleet.manifests, "rev-parse", f"{BRANCH}-next^") == active
    assert "rot" in fleet.files(f"{BRANCH}-next")["settings/settings.yaml"]
    assert fleet.note(f"{BRANCH}-next")
    before = fleet.refs()
    fleet.published("prod-east", "--proposed")
    assert fleet.refs() == before


def test_nothing_to_propose_makes_no_branch(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.published("prod-east", "--proposed")
    assert fleet.head(f"{BRANCH}-next") == ""


def test_a_proposal_without_an_active_branch_begins_a_history(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east", "--proposed")
    assert fleet.head(BRANCH) == ""
    assert set(PATHS) < set(fleet.files(f"{BRANCH}-next"))


def test_in_a_monorepo_the_path_comes_after_the_suffix_and_other_folders_stay(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, "{repository: ../manifests.git, branch: env/prod, path: 'apps/{environment}'}")
    fleet.by_hand("env/prod", {"apps/other/x.yaml": "x\n"})
    fleet.published("prod-east", "prod-west", "--proposed")
    for name in ("prod-east", "prod-west"):
        files = fleet.files(f"env/prod-next/apps/{name}")
        assert files["apps/other/x.yaml"] == "x"
        assert f"apps/{name}/kustomization.yaml" in files
    assert set(fleet.files("env/prod")) == {"apps/other/x.yaml"}


def test_after_a_promotion_by_merge_the_active_branch_has_what_was_proposed(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east")
    fleet.colour("rot")
    fleet.published("prod-east", "--proposed")
    work = tmp_path / "promoter"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(fleet.manifests), str(work))
    git(work, "merge", "--quiet", "--no-ff", "-m", "Promote", f"origin/{BRANCH}-next")
    git(work, "push", "--quiet", "origin", BRANCH)
    before = fleet.refs()
    fleet.published("prod-east")
    assert fleet.refs() == before
    fleet.colour("blau")
    fleet.published("prod-east")
    fleet.published("prod-east", "--proposed")


def test_the_last_publication_is_found_though_all_commits_are_of_one_second(tmp_path: Path) -> None:
    """git lists commits of equal dates in the order of a merge's parents: the older one first."""
    second = {"GIT_COMMITTER_DATE": "1700000000 +0000", "GIT_AUTHOR_DATE": "1700000000 +0000"}
    fleet = Fleet(tmp_path)
    fleet.published("prod-east", env=second)
    fleet.colour("rot")
    fleet.published("prod-east", "--proposed", env=second)
    work = tmp_path / "promoter"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(fleet.manifests), str(work))
    git(work, "merge", "--quiet", "--no-ff", "-m", "Promote", f"origin/{BRANCH}-next", env=second)
    git(work, "push", "--quiet", "origin", BRANCH)
    before = fleet.refs()
    fleet.published("prod-east", env=second)
    assert fleet.refs() == before


def test_a_promotion_by_squash_is_no_hand_edit(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east", "--proposed")
    work = tmp_path / "promoter"
    git(tmp_path, "clone", "--quiet", "--branch", f"{BRANCH}-next", str(fleet.manifests), str(work))
    git(work, "checkout", "--quiet", "--orphan", "squashed")
    git(work, "commit", "--quiet", "--message", "Promote (#1)")
    git(work, "push", "--quiet", "origin", f"squashed:{BRANCH}")
    fleet.colour("rot")
    fleet.published("prod-east", "--proposed")


def squashed(fleet: Fleet, files: Mapping[str, str] | None = None) -> None:
    """The proposal becomes the active branch in one commit that tells nothing of publications."""
    work = fleet.root / "squashed"
    shutil.rmtree(work, ignore_errors=True)
    git(fleet.root, "clone", "--quiet", "--branch", f"{BRANCH}-next", str(fleet.manifests), str(work))
    git(work, "checkout", "--quiet", "--orphan", "squashed")
    for path, text in (files or {}).items():
        (work / path).write_text(text)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "Promote (#1)")
    git(work, "push", "--quiet", "--force", "origin", f"squashed:{BRANCH}")
    git(fleet.manifests, "branch", "-D", f"{BRANCH}-next")


def test_a_hand_edit_of_a_squashed_branch_is_found(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east", "--proposed")
    squashed(fleet, {"queue/queue.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\n"})
    fleet.colour("rot")
    message = fleet.refused("prod-east")
    assert "somebody edited what was published" in message
    assert "hydrator.metadata" in message
    fleet.published("prod-east", "--overwrite-edits")
    assert "name: queue" in fleet.files(BRANCH)["queue/queue.yaml"]


def test_definitions_older_than_a_squashed_branch_are_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    first = git(fleet.project.root, "rev-parse", "HEAD")
    fleet.colour("rot")
    fleet.published("prod-east", "--proposed")
    squashed(fleet)
    newest = git(fleet.project.root, "rev-parse", "HEAD")
    git(fleet.project.root, "checkout", "--quiet", first)
    assert "is older than" in fleet.refused("prod-east")
    git(fleet.project.root, "checkout", "--quiet", newest)
    fleet.published("prod-east")


def test_where_nothing_is_recorded_publish_and_plan_say_that_edits_cannot_be_told(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.published("prod-east", "--proposed")
    squashed(fleet, {"hydrator.metadata": '{"drySha": "1"}\n'})
    fleet.colour("rot")
    told = "nobody can tell whether it was edited since"
    planned = fleet.project.weft("plan", "prod-east", env=GIT)
    assert planned.code == 1
    assert told in planned.err
    assert told in fleet.published("prod-east").err
    fleet.colour("blau")
    assert told not in fleet.published("prod-east").err


REFERENCES = """\
paint it

Why not.

Signed-off-by: Ada <ada@example.org>
Argocd-reference-commit-author: Eve <eve@example.org>
Argocd-reference-commit-sha: 0123abc
Argocd-reference-commit-subject: feat: paint
Argocd-reference-commit-body: "One.\\n\\nTwo."
Argocd-reference-commit-repourl: https://bot:s3cret@git.example.org/shop/app
Argocd-reference-commit-date: 2025-06-09T13:50:18-04:00
"""


def test_the_commit_that_the_definitions_came_from_is_the_reference(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.commit(REFERENCES, {"README.md": "x\n"})
    fleet.published("prod-east")
    data = metadata(fleet)
    assert data["references"] == [
        {
            "commit": {
                "author": "Eve <eve@example.org>",
                "date": "2025-06-09T13:50:18-04:00",
                "subject": "feat: paint",
                "body": "One.\n\nTwo.",
                "sha": "0123abc",
                "repoURL": "https://git.example.org/shop/app",
            }
        }
    ]
    assert data["body"] == "Why not.\n\nSigned-off-by: Ada <ada@example.org>"
    assert "s3cret" not in fleet.files(BRANCH)["hydrator.metadata"]


def test_a_reference_that_argo_cd_would_not_take_is_left_out(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    lines = (
        "Argocd-reference-commit-sha: HEAD",
        "Argocd-reference-commit-author: nobody",
        "Argocd-reference-commit-date: yesterday",
        "Argocd-reference-commit-body: no JSON",
        "Argocd-reference-commit-subject: kept",
    )
    fleet.commit("paint it\n\n" + "\n".join(lines), {"README.md": "x\n"})
    fleet.published("prod-east")
    assert metadata(fleet)["references"] == [{"commit": {"subject": "kept"}}]
