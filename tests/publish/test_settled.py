"""Publishing where nothing changed: what a run that renders would say and do, and nothing is rendered."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fixtures.fleet import ENVIRONMENTS
from tests.project_tree import Run
from tests.publish.manifests import GIT, Fleet, git

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {a: b}\n"


class Kept:
    """A fleet whose last publication is kept in a cache of its own."""

    def __init__(self, root: Path) -> None:
        self.fleet = Fleet(root)
        # It has something to say in every run: a Secret for all to read, and a warning.
        self.fleet.commit("secret", {"apps/queue/manifests/secret.yaml": SECRET})
        self.env = {**GIT, "XDG_CACHE_HOME": str(root / "cache")}

    def publish(self, *options: str) -> Run:
        """A run, after the clock of the file system has moved past every change of the definitions."""
        root = self.fleet.project.root
        newest = max(path.lstat().st_ctime_ns for path in root.rglob("*") if ".git" not in path.parts)
        while time.time_ns() < newest + 60_000_000:
            time.sleep(0.005)
        return self.fleet.project.weft("publish", "--all", *options, env=self.env)

    def renders(self, *options: str) -> bool:
        """Whether a run renders: only then is jinja2 imported."""
        run = self.fleet.project.weft(
            "publish", "--all", *options, env={**self.env, "PYTHONPROFILEIMPORTTIME": "1"}
        )
        return "jinja2" in run.err


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """See `Kept`."""
    made = Kept(tmp_path)
    assert made.publish().code == 0
    assert made.publish().err.count(": unchanged") == len(ENVIRONMENTS)
    return made


def test_what_is_published_already_is_not_rendered_again(kept: Kept) -> None:
    refs = kept.fleet.refs()
    assert not kept.renders()
    assert kept.renders("--no-cache")
    assert kept.fleet.refs() == refs


@pytest.mark.parametrize("form", ["text", "json"])
def test_it_says_what_a_run_that_renders_says(kept: Kept, form: str) -> None:
    rendered = kept.publish("-o", form, "--no-cache")
    known = kept.publish("-o", form)
    assert (known.code, known.out, known.err) == (rendered.code, rendered.out, rendered.err)
    assert "plain" in rendered.out + rendered.err


def test_a_branch_that_was_moved_back_is_published_anew(kept: Kept) -> None:
    fleet = kept.fleet
    old = fleet.head("environment/prod-east")
    fleet.colour("rot")
    assert kept.publish().code == 0
    new = fleet.files("environment/prod-east")
    git(fleet.manifests, "update-ref", "refs/heads/environment/prod-east", old)
    assert kept.publish().code == 0
    assert fleet.files("environment/prod-east") == new
    assert fleet.head("environment/prod-east") != old


def test_what_was_edited_on_the_branch_is_found(kept: Kept) -> None:
    kept.fleet.by_hand("environment/prod-east", {"queue/queue.yaml": "edited: true\n"})
    run = kept.publish()
    assert run.code == 3
    assert "somebody edited what was published" in run.err


def test_a_branch_that_is_gone_is_published_anew(kept: Kept) -> None:
    git(kept.fleet.manifests, "update-ref", "-d", "refs/heads/environment/prod-west")
    assert kept.publish().code == 0
    assert kept.fleet.head("environment/prod-west")


def test_another_target_is_looked_at_for_itself(kept: Kept) -> None:
    assert kept.publish("--branch", "other/{environment}").code == 0
    assert kept.fleet.head("other/prod-east")


def test_the_note_moves_on_with_a_commit_that_changes_no_output(kept: Kept) -> None:
    readme = kept.fleet.project.root / "README.md"
    readme.write_text("x\n")
    assert kept.publish().code == 0
    before = kept.fleet.note("environment/prod-east")
    # The files are as they were, so nothing is rendered; the commit is another.
    revision = kept.fleet.commit("readme")
    assert kept.publish().code == 0
    assert kept.fleet.note("environment/prod-east") != before
    assert revision in kept.fleet.note("environment/prod-east")


def test_a_change_of_the_definitions_is_published(kept: Kept) -> None:
    kept.fleet.colour("rot")
    run = kept.publish()
    assert run.code == 0
    assert run.err.count(": published") == len(ENVIRONMENTS)


def test_more_than_was_published_is_not_answered_for(kept: Kept) -> None:
    assert kept.fleet.project.weft("publish", "--all", "--no-plain-secrets", env=kept.env).code == 3


def test_hooks_run_whatever_is_kept(kept: Kept) -> None:
    component = (
        "name: queue\ntype: static\nsource: ./manifests\nhooks:\n  before-generate: ['echo ran >&2']\n"
    )
    kept.fleet.commit("hooks", {"apps/queue/component.yaml": component})
    assert kept.publish().code == 0
    for _ in range(2):
        run = kept.publish("--allow-hooks")
        assert run.code == 0, run.err
        assert "ran" in run.err
