"""`weft install` from git: what is fetched, locked, moved on, and generated from without network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.fetch.origin import Origin, config_map, contents, lock, ok, project, static, store
from tests.project_tree import Project, read_tree


def entries(root: Project) -> list[dict[str, str]]:
    sources: list[dict[str, str]] = yaml.safe_load(lock(root) or "")["sources"]
    return sources


def test_a_component_is_fetched_once_and_generates_the_same_without_its_repository(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", {f"apps/{k}": v for k, v in static("web", level="1").items()})
    root = project(
        tmp_path / "root", f"{{name: web, source: '{origin.url}', method: git, path: apps, branch: main}}"
    )
    refused = root.generate("--all")
    assert refused.code == 3
    assert f"component.yaml:2:17: git {origin.url}@main is not in weft.lock" in refused.err
    assert "run: weft install" in refused.err
    assert root.tree() == {}

    done = ok(root.weft("install"))
    commit = origin.git("rev-parse", "HEAD")
    assert done.out == f"added {commit[:12]} git {origin.url}@main\n"
    assert "1 source: 1 fetched, 0 here already" in done.err
    assert entries(root) == [
        {
            "method": "git",
            "url": origin.url,
            "branch": "main",
            "resolved": commit,
            "sha256": contents(root)[0],
        }
    ]
    ok(root.generate("--all"))
    first = root.tree()
    assert b"level" in first["prod/web/web.yaml"]

    shutil.rmtree(origin.folder)
    shutil.rmtree(root.generated)
    locked = lock(root)
    again = ok(root.weft("install", "--locked"))
    assert (again.out, lock(root)) == ("", locked)
    assert "0 fetched, 1 here already" in again.err
    ok(root.generate("--all", "--no-cache"))
    assert root.tree() == first


def test_branch_tag_commit_and_the_default_branch_each_lead_to_their_commit(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static(at="first"))
    first = origin.git("rev-parse", "HEAD")
    origin.git("tag", "-a", "v1", "-m", "one")
    second = origin.commit(static(at="second"))
    origin.git("branch", "next")
    third = origin.commit(static(at="third"))
    url = origin.url
    root = project(
        tmp_path / "root",
        f"{{name: tag, type: static, source: '{url}', path: m, version: v1, method: git}}",
        f"{{name: branch, type: static, source: '{url}', path: m, branch: next, method: git}}",
        f"{{name: commit, type: static, source: '{url}', path: m, version: {second}, method: git}}",
        f"{{name: short, type: static, source: '{url}', path: m, version: {first[:8]}, method: git}}",
        f"{{name: head, type: static, source: '{url}', path: m}}",
    )
    ok(root.weft("install"))
    resolved = {entry.get("version") or entry.get("branch"): entry["resolved"] for entry in entries(root)}
    assert resolved == {"v1": first, "next": second, second: second, first[:8]: first, None: third}
    assert len(contents(root)) == 3
    ok(root.generate("--all", "--no-validate"))
    found = {name: root.tree()[f"prod/{name}/{name}.yaml"] for name in ("tag", "branch", "commit", "head")}
    assert [b"first" in found["tag"], b"second" in found["branch"], b"second" in found["commit"]] == [
        True
    ] * 3
    assert b"third" in found["head"]


def test_every_type_may_be_remote_and_a_root_component_too(tmp_path: Path) -> None:
    origin = Origin(
        tmp_path / "origin",
        {
            ".static/a.yaml": config_map("static"),
            "jinja/chart.yaml": "name: j\n",
            "jinja/values.yaml": "word: jinja\n",
            "jinja/templates/a.yaml.j2": config_map("{{ values.word }}"),
            "helm/Chart.yaml": "apiVersion: v2\nname: h\nversion: 1.0.0\n",
            "helm/templates/a.yaml": config_map("{{ .Release.Name }}"),
            "kustomize/kustomization.yaml": "resources: [a.yaml]\n",
            "kustomize/a.yaml": config_map("kustomize"),
        },
    )
    types = ("static", "jinja", "helm", "kustomize")
    paths = {name: name for name in types} | {"static": ".static"}
    root = project(
        tmp_path / "root",
        *(
            f"{{name: {name}, type: {name}, source: '{origin.url}', path: {paths[name]}, method: git}}"
            for name in types
        ),
    )
    ok(root.weft("install"))
    assert len(entries(root)) == len(contents(root)) == 1
    ok(root.generate("--all"))
    for name in types:
        assert yaml.safe_load(root.tree()[f"prod/{name}/{name}.yaml"])["metadata"]["name"] == name

    alone = Project(tmp_path / "alone").write(
        {
            "component.yaml": f"type: static\nsource: '{origin.url}'\nmethod: git\npath: .static\n",
            "environments/prod.yaml": "",
        }
    )
    ok(alone.weft("install"))
    ok(alone.generate("--all"))
    assert "prod/root.yaml" in alone.tree()


def test_a_whole_tree_may_be_remote(tmp_path: Path) -> None:
    origin = Origin(
        tmp_path / "origin",
        {
            "fleet/component.yaml": "name: shop\nnamespace: theirs\n"
            "subcomponents: [{source: './services/*'}]\n",
            "fleet/config/common.yaml": "subcomponents: {a: {labels: {said: common}}}\n",
            "fleet/services/a/component.yaml": "type: static\nsource: ./m\n",
            "fleet/services/a/m/a.yaml": config_map("a").replace(", namespace: default", ""),
        },
    )
    root = Project(tmp_path / "root").write(
        {
            "component.yaml": f"name: shop\nsource: '{origin.url}'\npath: fleet\nmethod: git\n",
            "environments/prod.yaml": "",
        }
    )
    before = root.generate("--all")
    assert before.code == 3
    assert "weft install" in before.err
    ok(root.weft("install"))
    ok(root.generate("--all", "--no-validate"))
    made = yaml.safe_load(root.tree()["prod/a/a.yaml"])["metadata"]
    assert (made["namespace"], made["labels"]) == ("theirs", {"said": "common"})
    # What is said here beats what was fetched.
    text = (root.root / "component.yaml").read_text()
    root.write({"component.yaml": f"{text}namespace: ours\n"})
    ok(root.generate("--all", "--no-validate"))
    assert yaml.safe_load(root.tree()["prod/a/a.yaml"])["metadata"]["namespace"] == "ours"
    root.write({"config/common.yaml": "namespace: lost\n"})
    refused = root.generate("--all")
    assert refused.code == 3
    assert "config/ beside this file would not be read" in refused.err
    (root.root / "config/common.yaml").unlink()
    (root.root / "config").rmdir()
    root.write({"component.yaml": text.replace("path: fleet", "path: fleet/services")})
    assert "has no component.yaml" in root.generate("--all").err


def test_a_fetched_root_says_nothing_that_only_a_root_may(tmp_path: Path) -> None:
    theirs = "name: shop\nexternal: [{kind: Secret}]\nsubcomponents: [{name: a, type: static, source: ./m}]\n"
    origin = Origin(tmp_path / "origin", {"component.yaml": theirs, "m/a.yaml": config_map("a")})
    root = Project(tmp_path / "root").write(
        {"component.yaml": f"name: shop\nsource: '{origin.url}'\n", "environments/prod.yaml": ""}
    )
    run = root.weft("install")
    assert run.code == 3
    assert "`external` belongs into the root component file only" in run.err


def test_remote_components_bring_further_ones_and_config_reaches_them(tmp_path: Path) -> None:
    deep = Origin(
        tmp_path / "deep",
        {
            "component.yaml": "name: deep\ntype: jinja\nsource: ./chart\n",
            "chart/chart.yaml": "name: c\n",
            "chart/values.yaml": "word: default\n",
            "chart/templates/a.yaml.j2": config_map("deep", word="{{ values.word }}"),
            "config/common.yaml": "config: {word: theirs}\n",
            "config/elsewhere.yaml": "config: {word: of-an-environment-that-is-not-here}\n",
        },
    )
    server = tmp_path / "www"
    server.mkdir()
    near = Origin(
        tmp_path / "near",
        {
            "component.yaml": "name: near\nsubcomponents:\n  - {name: local, source: ./local}\n",
            **{f"local/{name}": text for name, text in static("local").items()},
        },
    )
    root = project(
        tmp_path / "root",
        f"{{name: near, source: '{near.url}', method: git}}",
        f"{{name: deep, source: '{deep.url}', method: git}}",
    )
    ok(root.weft("install"))
    ok(root.generate("--all"))
    assert "prod/near/local/local.yaml" in root.tree()
    assert b"theirs" in root.tree()["prod/deep/deep.yaml"]
    root.write({"config/prod.yaml": "subcomponents: {deep: {config: {word: ours}}}\n"})
    ok(root.generate("--all"))
    assert b"ours" in root.tree()["prod/deep/deep.yaml"]


def test_only_update_moves_the_lock_and_says_what_moved(tmp_path: Path) -> None:
    origins = [Origin(tmp_path / name, static(name, at="first")) for name in ("one", "two")]
    root = project(
        tmp_path / "root",
        *(f"{{name: {o.folder.name}, source: '{o.url}', branch: main, method: git}}" for o in origins),
    )
    ok(root.weft("install"))
    before, old = lock(root), [origin.git("rev-parse", "HEAD") for origin in origins]
    new = [origin.commit(static(origin.folder.name, at="second")) for origin in origins]
    assert ok(root.weft("install")).out == ""
    assert lock(root) == before
    ok(root.generate("--all"))
    assert b"first" in root.tree()["prod/one/one.yaml"]

    wrong = root.weft("install", "--update", "onw")
    assert (wrong.code, lock(root)) == (2, before)
    assert "no remote source is named `onw`" in wrong.err
    assert "did you mean 'one'?" in wrong.err

    moved = ok(root.weft("install", "--update", "one"))
    assert moved.out == f"moved {old[0][:12]} -> {new[0][:12]} git {origins[0].url}@main\n"
    moved = ok(root.weft("install", "--update"))
    assert moved.out == f"moved {old[1][:12]} -> {new[1][:12]} git {origins[1].url}@main\n"
    ok(root.generate("--all"))
    assert b"second" in root.tree()["prod/one/one.yaml"]
    assert b"second" in root.tree()["prod/two/two.yaml"]


def test_the_lock_forgets_what_nothing_asks_for_and_locked_refuses_every_change(tmp_path: Path) -> None:
    origins = [Origin(tmp_path / name, static(name)) for name in ("one", "two")]
    references = [f"{{name: {o.folder.name}, source: '{o.url}', method: git}}" for o in origins]
    root = project(tmp_path / "root", *references)
    fresh = root.weft("install", "--locked")
    assert fresh.code == 3
    assert "component.yaml:2:17" in fresh.err
    assert f"git {origins[0].url} is not in weft.lock, and --locked changes nothing there" in fresh.err
    assert (lock(root), store(root)) == (None, {})
    ok(root.weft("install"))
    before = lock(root)
    project(root.root, references[1])
    stale = root.weft("install", "--locked")
    assert stale.code == 3
    assert f"weft.lock: nothing in the tree asks for git {origins[0].url} any more" in stale.err
    assert lock(root) == before
    assert (
        ok(root.weft("install")).out
        == f"removed {origins[0].git('rev-parse', 'HEAD')[:12]} git {origins[0].url}\n"
    )
    assert [entry["url"] for entry in entries(root)] == [origins[1].url]


def test_a_changed_file_in_the_store_is_found_and_mended(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', method: git}}")
    ok(root.weft("install"))
    ok(root.generate("--all"))
    whole, output = store(root), root.tree()
    file = root.root / ".weft" / contents(root)[0] / "m" / "app.yaml"
    file.write_text(config_map("app", more="evil"))
    for command in (
        ("generate", "--all"),
        ("validate", "--all"),
        ("publish", "--all"),
        ("explain", "prod", "app"),
    ):
        refused = root.weft(*command)
        assert refused.code == 3, command
        assert "is not what weft.lock says" in refused.err
        assert "run: weft install" in refused.err
    assert root.tree() == output
    ok(root.weft("install"))
    assert store(root) == whole
    ok(root.generate("--all"))
    assert root.tree() == output


def test_vendored_sources_need_neither_network_nor_store(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    # Of a component's own repository, these must not act on the copy.
    Project(origin.folder).write({".gitignore": "*.yaml\n", "m/.gitattributes": "* text eol=crlf\n"})
    origin.commit({})
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', method: git}}")
    ok(root.weft("install"))
    ok(root.generate("--all"))
    expected = root.tree()
    assert "third_party: 1 source" in ok(root.weft("vendor", "third_party")).err
    assert "vendor: third_party\n" in (lock(root) or "")
    clone = Origin(tmp_path / "definitions", {})
    shutil.copytree(root.root, clone.folder, dirs_exist_ok=True)
    shutil.rmtree(origin.folder)
    clone.commit({})
    clone.git("clone", "-q", ".", str(tmp_path / "clone"))
    there = Project(tmp_path / "clone")
    assert contents(there) == []
    shutil.rmtree(there.generated)
    ok(there.weft("install", "--locked"))
    ok(there.generate("--all"))
    assert there.tree() == expected

    copy = next((there.root / "third_party").glob("*/m/app.yaml"))
    copy.write_text(config_map("app", more="evil"))
    refused = there.generate("--all")
    assert refused.code == 3
    assert "third_party/" in refused.err
    assert "run: weft vendor third_party" in refused.err


def test_vendoring_again_leaves_only_what_is_needed(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static(at="first"))
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', branch: main, method: git}}")
    ok(root.weft("vendor", "vendor"))
    (first,) = (path.name for path in (root.root / "vendor").glob("*-*"))
    origin.commit(static(at="second"))
    moved = ok(root.weft("install", "--update"))
    assert "vendor does not have what is new: run weft vendor vendor" in moved.err
    ok(root.generate("--all"))
    assert b"second" in root.tree()["prod/app/app.yaml"]
    shutil.rmtree(root.root / ".weft")
    stale = root.generate("--all")
    assert stale.code == 3
    assert "is locked, but it is not here" in stale.err
    assert "run: weft vendor vendor, and commit vendor" in stale.err
    ok(root.weft("vendor", "vendor"))
    (second,) = (path.name for path in (root.root / "vendor").glob("*-*"))
    assert first != second


@pytest.mark.parametrize(
    "folder",
    [
        "environments",
        "environments/x",
        "own/../environments",
        "config",
        "own/config",
        "generated",
        "generated/prod",
        "own",
        "own/m",
        "own/m/copies",
        "notes.txt",
    ],
)
def test_a_folder_that_is_not_for_copies_alone_is_wrong_usage(tmp_path: Path, folder: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}", "{name: own, source: ./own}")
    root.write({f"own/{name}": text for name, text in static("own").items()} | {"notes.txt": "x\n"})
    ok(root.weft("install"))
    before = read_tree(root.root)
    run = root.weft("vendor", folder)
    assert run.code == 2, run.err
    assert f"`{folder}` is no folder to keep copies in" in run.err
    assert "weft vendor third_party" in run.err
    changed = before.keys() ^ read_tree(root.root).keys()
    assert not [name for name in changed if ".state" not in name]


@pytest.mark.parametrize(("old", "new"), [("one", "two"), ("one", "one/two"), ("a/one", "a/two")])
def test_vendoring_elsewhere_moves_the_copies(tmp_path: Path, old: str, new: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    ok(root.weft("vendor", old))
    shutil.rmtree(root.root / ".weft")
    ok(root.weft("vendor", new))
    kept = sorted(path.relative_to(root.root).as_posix() for path in root.root.rglob("inventory.json"))
    assert kept == [f"{new}/inventory.json"]
    assert len(list(root.root.rglob("app.yaml"))) == 1
    assert (root.root / old).exists() == new.startswith(f"{old}/")
    ok(root.generate("--all"))


@pytest.mark.parametrize("folder", [".", "..", "../elsewhere", "/tmp/vendor", ".weft/x"])
def test_vendoring_elsewhere_is_wrong_usage(tmp_path: Path, folder: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', method: git}}")
    run = root.weft("vendor", folder)
    assert run.code == 2
    assert "is no folder to keep copies in" in run.err


def test_diff_between_revisions_reads_the_same_store(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static(at="first"))
    definitions = Origin(tmp_path / "root", {})
    root = project(definitions.folder, f"{{name: app, source: '{origin.url}', branch: main, method: git}}")
    ok(root.weft("install"))
    definitions.commit({})
    assert ".weft" not in definitions.git("ls-files")
    origin.commit(static(at="second"))
    ok(root.weft("install", "--update"))
    run = root.weft("diff", "--all", "--from", "HEAD")
    assert run.code == 1, run.err
    assert "first" in run.out
    assert "second" in run.out
    assert '"environments": ["prod"]' in ok(root.weft("affected", "--from", "HEAD")).out

    # A fresh clone, as CI has it, knows neither side's contents yet.
    locked = lock(root)
    shutil.rmtree(root.root / ".weft")
    ok(root.weft("install", "--locked"))
    refused = root.weft("diff", "--all", "--from", "HEAD")
    assert refused.code == 3
    assert "at HEAD: git" in refused.err
    assert "run: weft install --at HEAD" in refused.err
    assert "at HEAD: 1 source: 1 fetched, 0 here already" in ok(root.weft("install", "--at", "HEAD")).err
    assert root.weft("diff", "--all", "--from", "HEAD").out == run.out
    assert lock(root) == locked


def test_the_run_cache_sees_lock_and_store(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static(at="first"))
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', branch: main, method: git}}")
    ok(root.weft("install"))
    for _ in range(2):
        ok(root.generate("--all"))
    origin.commit(static(at="second"))
    ok(root.weft("install", "--update"))
    ok(root.generate("--all"))
    assert b"second" in root.tree()["prod/app/app.yaml"]


def test_globs_do_not_see_what_is_fetched(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(
        tmp_path / "root", f"{{name: app, source: '{origin.url}', method: git}}", "{source: './**'}"
    )
    root.write({f"local/{name}": text for name, text in static("local").items()})
    ok(root.weft("install"))
    ok(root.weft("vendor", "vendor"))
    ok(root.generate("--all"))
    assert {path for path in root.tree() if path.endswith("p.yaml") or "local/" in path} == {
        "prod/app/app.yaml",
        "prod/local/local.yaml",
    }


def test_submodules_are_left_out_and_told(tmp_path: Path) -> None:
    inner = Origin(tmp_path / "inner", static())
    origin = Origin(tmp_path / "origin", static())
    origin.git("submodule", "--quiet", "add", inner.url, "inner")
    origin.commit({})
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', method: git}}")
    assert "submodule inner is left out" in ok(root.weft("install")).err
    ok(root.generate("--all"))


def test_without_remote_sources_there_is_nothing_to_do(tmp_path: Path) -> None:
    root = project(tmp_path, "{name: app, source: ./app}")
    root.write({f"app/{name}": text for name, text in static().items()})
    run = ok(root.weft("install"))
    assert (run.out, lock(root)) == ("", None)
    assert not (root.root / ".weft").exists()


def test_servers_that_give_only_tips_are_searched_for_a_locked_commit(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static(at="first"))
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', branch: main}}")
    ok(root.weft("install"))
    whole, locked = store(root), lock(root)
    origin.commit(static(at="second"))
    shutil.rmtree(root.root / ".weft")
    config = tmp_path / "gitconfig"
    config.write_text("[protocol]\n\tversion = 0\n")
    ok(root.weft("install", "--locked", env={"GIT_CONFIG_GLOBAL": str(config)}))
    assert (store(root), lock(root)) == (whole, locked)


def test_the_users_git_settings_do_not_reach_the_content(tmp_path: Path) -> None:
    files = {**static(), "m/.gitattributes": "*.yaml filter=evil text eol=crlf ident export-ignore\n"}
    origin = Origin(tmp_path / "origin", files)
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[core]\n\tautocrlf = true\n\thooksPath = {tmp_path}\n[filter "evil"]\n'
        f"\tsmudge = touch {tmp_path}/ran\n\trequired = true\n"
    )
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    ok(root.weft("install", env={"GIT_CONFIG_GLOBAL": str(config)}))
    found = store(root)[f"{contents(root)[0]}/m/app.yaml"]
    assert found == (origin.folder / "m/app.yaml").read_bytes()
    assert not (tmp_path / "ran").exists()


def test_files_of_git_lfs_are_told(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    origin = Origin(tmp_path / "origin", {**static(), "big.bin": pointer})
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    assert "big.bin is a pointer to Git LFS, whose files are left out" in ok(root.weft("install")).err
