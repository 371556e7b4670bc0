"""Revisions as the definitions of a side: which names are taken, and that an export is like a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diff.history import History
from tests.fixtures.fleet import fleet
from tests.project_tree import read_tree
from tests.publish.manifests import GIT, git

RED = {"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"}
QUEUE = "apps/queue/manifests/queue.yaml"


def state(root: Path) -> dict[str, bytes]:
    """All that belongs to the user: work tree, index, refs."""
    kept = ("index", "HEAD", "refs", "packed-refs", "config")
    files = read_tree(root)
    return {
        path: text
        for path, text in files.items()
        if not path.startswith(".git/") or path.split("/")[1] in kept
    }


class TestNames:
    """What --from and --to take."""

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("mian", "did you mean 'main'?"),
            ("v1.1", "did you mean 'v1.0'?"),
            ("HEAD~9", "`HEAD~9` is no revision of this repository (git: Needed a single revision)"),
            ("f" * 40, f"`{'f' * 40}` is no revision"),
            ("main..HEAD", "name each side: --from A --to B"),
            ("HEAD^{tree}", "`HEAD^{tree}` is no commit"),
            ("", "`` is no revision"),
            ("--all", "`--all` is no revision"),
            ("-", "`-` is no revision"),
            ("a\nb", "`a?b` is no revision"),
            ("main:missing", "there is no folder `missing` at `main`"),
            ("main:component.yaml", "there is no folder `component.yaml` at `main`"),
            ("main:../..", "there is no folder `../..` at `main`"),
        ],
    )
    def test_what_is_no_revision_is_wrong_usage(self, tmp_path: Path, name: str, said: str) -> None:
        here = History(tmp_path)
        git(tmp_path, "tag", "v1.0")
        run = here.diff(f"--from={name}", "prod-east", code=2)
        assert said in run.err
        assert run.out == ""

    def test_each_side_is_checked_before_anything_is_generated(self, tmp_path: Path) -> None:
        here = History(tmp_path, {"component.yaml": "broken: [\n"})
        for sides in (("--to", "mian"), ("--from", "HEAD", "--to", "mian")):
            assert "did you mean 'main'?" in here.diff(*sides, code=2).err

    def test_every_way_to_name_a_commit(self, tmp_path: Path) -> None:
        here = History(tmp_path)
        git(tmp_path, "tag", "-a", "-m", "a tag", "v1.0")
        here.commit(RED)
        for name in (
            "v1.0",
            here.first[:9],
            "main^",
            "HEAD^{/change}~1",
            f"{here.first}:",
            f"{here.first}:.",
        ):
            here.diff("--from", name, "edge-1")
        here.diff("--from", ":/change", "edge-1", code=0)

    def test_without_a_repository_there_are_no_revisions(self, tmp_path: Path) -> None:
        project = fleet(tmp_path)
        for command in ("diff", "affected"):
            run = project.weft(
                command, "--from", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
            )
            assert run.code == 4
            assert "the definitions are in no git repository" in run.err

    def test_a_shallow_clone_says_how_to_get_more(self, tmp_path: Path) -> None:
        here = History(tmp_path / "origin")
        here.commit(RED)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{here.root}", "clone")
        for name in ("HEAD~1", here.first, "origin/other"):
            run = here.project.weft("diff", "--from", name, env=GIT, cwd=tmp_path / "clone")
            assert run.code == 4
            assert "git fetch --unshallow" in run.err
            assert "fetch-depth: 0" in run.err
        run = here.project.weft("affected", "--from", "HEAD", env=GIT, cwd=tmp_path / "clone")
        assert run.code == 0
        git(tmp_path / "clone", "fetch", "--quiet", "--unshallow")
        assert here.project.weft("diff", "--from", "HEAD~1", env=GIT, cwd=tmp_path / "clone").code == 1


class TestExport:
    """What a revision holds is what a checkout of it would hold."""

    def test_nothing_of_the_users_is_touched_and_no_hook_runs(self, tmp_path: Path) -> None:
        here = History(tmp_path)
        here.commit(RED)
        here.write({"notes.txt": "not committed\n"})
        for hook in ("post-index-change", "post-checkout", "reference-transaction"):
            file = tmp_path / ".git/hooks" / hook
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
            file.chmod(0o755)
        temporary = tmp_path.parent / f"{tmp_path.name}-temporary"
        temporary.mkdir()
        before = state(tmp_path)
        run = here.project.weft(
            "diff", "--from", "HEAD~1", "--to", "HEAD", env={**GIT, "TMPDIR": str(temporary)}
        )
        assert run.code == 1, run.err
        assert state(tmp_path) == before
        assert list(temporary.iterdir()) == []

    def test_links_and_line_endings_are_as_in_a_checkout(self, tmp_path: Path) -> None:
        here = History(tmp_path, folder="deploy")
        root = here.project.root
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared/extra.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"
        )
        (root / "apps/queue/manifests/extra.yaml").symlink_to("../../../../shared/extra.yaml")
        (tmp_path / ".gitattributes").write_text("*.j2 text eol=crlf\n")
        here.commit({"apps/space/component.yaml": "name: space\ntype: static\nsource: ../../../outside\n"})
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/space.yaml").write_text(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
        )
        here.commit()
        template = root / "apps/settings/chart/templates/settings.yaml.j2"
        template.unlink()
        git(root, "checkout", "--quiet", "--", ".")
        assert b"\r\n" in template.read_bytes()
        assert here.diff("--from", "HEAD", code=0).out.count("No changes\n") == 3
        assert here.affected("--from", "HEAD")["environments"] == []

    def test_a_linked_work_tree_and_one_inside_a_hook(self, tmp_path: Path) -> None:
        here = History(tmp_path / "main")
        git(here.root, "worktree", "add", "--quiet", str(tmp_path / "linked"), "HEAD")
        here.commit(RED)
        linked = {"cwd": tmp_path / "linked"}
        assert here.project.weft("diff", "--from", "HEAD", env=GIT, **linked).code == 0
        assert here.project.weft("diff", "--from", "main", env=GIT, **linked).code == 1
        inside = {**GIT, "GIT_DIR": str(here.root / ".git"), "GIT_INDEX_FILE": "elsewhere"}
        assert here.project.weft("diff", "--from", "HEAD", env=inside, **linked).code == 0

    def test_a_submodule_is_taken_from_its_repository(self, tmp_path: Path) -> None:
        charts = tmp_path / "charts"
        charts.mkdir()
        git(charts, "init", "--quiet", "--initial-branch=main")
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\n"
        for number in (1, 2):
            (charts / "queue.yaml").write_text(f"{text}data: {{version: '{number}'}}\n")
            git(charts, "add", "--all")
            git(charts, "commit", "--quiet", "--message", str(number))
        here = History(tmp_path / "definitions", {QUEUE: None})
        (here.root / "apps/queue/manifests").rmdir()
        add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
        git(here.root, *add, str(charts), "apps/queue/manifests")
        git(here.root / "apps/queue/manifests", "checkout", "--quiet", "HEAD~1")
        old = here.commit()
        git(here.root / "apps/queue/manifests", "checkout", "--quiet", "main")
        here.commit()
        assert 'data.version: "1" -> "2"' in here.diff("--from", old).out
        assert 'data.version: "2" -> "1"' in here.diff("--from", "HEAD", "--to", old).out
        assert here.diff("--from", "HEAD", code=0).err == ""
        git(tmp_path, "clone", "--quiet", str(here.root), "clone")
        run = here.project.weft("diff", "--from", old, "--to", "HEAD", env=GIT, cwd=tmp_path / "clone")
        assert run.code == 3
        assert f"note: at {old}: submodule apps/queue/manifests is empty: its commit" in run.err

    def test_helm_and_kustomize_render_in_it(self, tmp_path: Path) -> None:
        files = {
            "apps/web/component.yaml": "name: web\ntype: helm\nsource: ./chart\n",
            "apps/web/chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "apps/web/chart/templates/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
            "apps/base/component.yaml": "name: base\ntype: kustomize\nsource: ./overlay\n",
            "apps/base/overlay/kustomization.yaml": "namePrefix: my-\nresources: [../base]\n",
            "apps/base/base/kustomization.yaml": "resources: [base.yaml]\n",
            "apps/base/base/base.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\n",
        }
        here = History(tmp_path, files)
        assert here.diff("--from", "HEAD", "edge-1", code=0).out == "edge-1: No changes\n"
        here.write({"apps/base/overlay/kustomization.yaml": "namePrefix: your-\nresources: [../base]\n"})
        out = here.diff("--from", "HEAD", "edge-1").out
        assert "  + ConfigMap shop/your-base\n  - ConfigMap shop/my-base\n" in out
