"""The cache of runs: what it answers is what a run without it would write, whatever changed in between."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fetch.origin import Origin, static
from tests.project_tree import Project, Run, read_tree

FILES = {
    "component.yaml": "name: shop\nsubcomponents: [{source: './apps/*'}]\n",
    "config/common.yaml": "subcomponents: {one: {config: {colour: red}}}\n",
    "apps/one/component.yaml": "name: one\ntype: jinja\npath: ../../chart\n",
    "apps/two/component.yaml": "name: two\ntype: static\npath: ./manifests\n",
    "apps/two/manifests/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    "chart/chart.yaml": "name: app\n",
    "chart/values.yaml": "colour: blue\n",
    "chart/templates/app.yaml.j2": (
        "{% include '_part.j2' ignore missing %}\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\ndata:\n  colour: {{ values.colour }}\n"
        "{% if values.colour == 'green' %}\n  region: {{ environment.labels.region }}\n{% endif %}\n"
    ),
    "environments/east.yaml": "labels: {region: eu}\n",
    "environments/west.yaml": "labels: {region: us}\n",
}
UNCHANGED = "east: 2 objects in 4 files, unchanged\nwest: 2 objects in 4 files, unchanged\n"


class Cached:
    """A project with a cache of its own."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root / "project").write(FILES)
        self.folder = root / "cache"
        self.env = {"XDG_CACHE_HOME": str(self.folder)}

    def generate(self, *args: str) -> Run:
        """A run, after the clock of the file system has moved past every change."""
        newest = max(path.lstat().st_ctime_ns for path in self.project.root.rglob("*"))
        while time.time_ns() < newest + 60_000_000:
            time.sleep(0.005)
        return self.project.generate("--all", *args, env=self.env)

    def rendered(self, *args: str) -> bool:
        """Whether a run renders: only then is the pipeline imported."""
        self.generate("--check")
        run = self.project.generate("--all", *args, env={**self.env, "PYTHONPROFILEIMPORTTIME": "1"})
        assert run.code == 0, run.err
        assert run.err.endswith(UNCHANGED.replace("unchanged", "nothing to change" if args else "unchanged"))
        return "generator.pipeline" in run.err

    def records(self) -> list[Path]:
        return sorted(path for path in (self.folder / "weft").glob("*.json") if "." not in path.stem)


@pytest.fixture
def cached(tmp_path: Path) -> Cached:
    """A project whose last run is kept."""
    project = Cached(tmp_path)
    assert project.generate().code == 0
    assert project.generate().err == UNCHANGED
    return project


def test_where_nothing_changed_nothing_is_rendered(cached: Cached) -> None:
    before = cached.project.tree()
    assert not cached.rendered()
    assert not cached.rendered("--check")
    assert cached.project.tree() == before


def test_no_cache_renders_and_keeps_nothing(tmp_path: Path) -> None:
    project = Cached(tmp_path)
    for _ in range(2):
        assert project.generate("--no-cache").code == 0
    assert project.records() == []


def test_json_says_the_same_from_the_cache(cached: Cached) -> None:
    assert cached.generate("-o", "json").out == cached.generate("-o", "json", "--no-cache").out


def test_findings_are_told_from_the_cache(tmp_path: Path) -> None:
    project = Cached(tmp_path)
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n"
    project.project.write({"apps/two/manifests/s.yaml": secret})
    first = project.generate()
    assert "[plain-secret]" in first.err
    again, cold = project.generate(), project.generate("--no-cache")
    assert again.err == cold.err
    assert "apps/two/manifests/s.yaml:4:1" in again.err


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_text("{}"),
        lambda path: path.write_text(""),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"objects":2', b'"objects":3')),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
    ],
    ids=["another", "empty", "cut", "changed", "binary"],
)
def test_a_damaged_record_is_rebuilt_and_never_believed(
    cached: Cached, harm: Callable[[Path], object]
) -> None:
    for record in cached.records():
        harm(record)
    assert cached.generate().err == UNCHANGED
    assert not cached.rendered()


def test_what_somebody_changed_in_the_output_is_put_right(cached: Cached) -> None:
    target = cached.project.generated / "east/one/one.yaml"
    content = target.read_bytes()
    target.write_bytes(content + b"# mine\n")
    assert cached.generate("--check").code == 1
    assert cached.generate().code == 0
    assert target.read_bytes() == content
    target.unlink()
    assert cached.generate().code == 0
    assert target.read_bytes() == content


def test_an_old_environments_folder_that_comes_back_is_removed(cached: Cached) -> None:
    shutil.copytree(cached.project.generated / "east", cached.project.generated / "old")
    run = cached.generate()
    assert "old: no longer an environment" in run.err
    assert not (cached.project.generated / "old").exists()


def test_another_helm_on_path_is_another_run(cached: Cached, tmp_path: Path) -> None:
    program = tmp_path / "bin/helm"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    cached.env["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    records = len(cached.records())
    assert cached.generate().code == 0
    assert len(cached.records()) == records + 1


def test_a_copy_of_the_checkout_goes_by_content(cached: Cached, tmp_path: Path) -> None:
    # As a fresh clone does in the same place: all dates and inodes are new.
    root = cached.project.root
    shutil.copytree(root, tmp_path / "copy")
    shutil.rmtree(root)
    shutil.copytree(tmp_path / "copy", root, copy_function=shutil.copyfile)
    assert not cached.rendered()


def test_a_source_outside_is_never_answered_for(tmp_path: Path) -> None:
    project = Cached(tmp_path)
    project.project.write({"base/kustomization.yaml": "resources: [../../outside]\n"})
    project.project.write({"apps/three/component.yaml": "name: three\ntype: kustomize\npath: ../../base\n"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    for name in ("b", "c"):
        (outside / "a.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
        assert project.generate().code == 0
        assert f"name: {name}\n".encode() in project.project.tree()["east/three/three.yaml"]


def test_a_fetched_file_that_becomes_executable_is_told_as_without_the_cache(tmp_path: Path) -> None:
    # The digest of what was fetched says what is executable.
    project = Cached(tmp_path)
    origin = Origin(tmp_path / "origin", static("far"))
    project.project.write(
        {"component.yaml": f"subcomponents:\n- {{name: far, method: git, source: '{origin.url}'}}\n"}
    )
    shutil.rmtree(project.project.root / "config")
    assert project.project.weft("install").code == 0
    assert project.generate().code == 0
    assert "unchanged" in project.generate().err
    (file,) = (project.project.root / ".weft").glob("*/m/far.yaml")
    file.chmod(0o755)
    cold = project.generate("--no-cache")
    assert (cold.code, project.generate()) == (3, cold)
    file.chmod(0o644)
    assert project.generate().code == 0


@pytest.mark.parametrize("folder", ["node_modules/x", ".venv/x"])
def test_a_source_in_a_folder_that_is_left_out_is_never_answered_for(tmp_path: Path, folder: str) -> None:
    project = Cached(tmp_path)
    project.project.write({"apps/three/component.yaml": f"type: static\npath: ../../{folder}\n"})
    for name in ("b", "c"):
        manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"
        project.project.write({f"{folder}/a.yaml": manifest})
        assert project.generate().code == 0
        assert f"name: {name}\n".encode() in project.project.tree()["east/three/three.yaml"]


def test_runs_at_once_share_the_cache(tmp_path: Path) -> None:
    project = Cached(tmp_path)
    project.generate()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: project.project.generate("--all", env=project.env), range(16)))
    assert {
        (run.code, run.err.replace("waiting for another run to finish writing\n", "")) for run in runs
    } == {(0, UNCHANGED)}
    assert project.generate().err == UNCHANGED
    assert not project.rendered()


def test_cache_info_and_clear(cached: Cached) -> None:
    info = cached.project.weft("cache", "info", env=cached.env)
    assert (info.code, info.err) == (0, "")
    assert info.out.splitlines()[:2] == [f"folder: {cached.folder}/weft", "runs: 1"]
    cleared = cached.project.weft("cache", "clear", env=cached.env)
    assert (cleared.code, cleared.err) == (0, "removed 2 files\n")
    assert cached.records() == []
    assert cached.project.weft("cache", "info", env=cached.env).out.splitlines()[1] == "runs: 0"


def test_without_a_cache_folder_every_run_renders(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES)
    env = {"XDG_CACHE_HOME": "", "HOME": ""}
    for _ in range(2):
        assert project.generate("--all", env=env).code == 0
    assert project.weft("cache", "info", env=env).out.startswith("folder: none")


def same_size(path: Path) -> None:
    """Changes a file, and neither its size nor its date."""
    state, content = path.stat(), path.read_bytes()
    path.write_bytes(content.replace(b"red", b"tan").replace(b"blue", b"grey").replace(b"eu", b"as"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _edits(root: Path) -> dict[str, Callable[[], object]]:
    def write(path: str, text: str) -> Callable[[], object]:
        return lambda: Project(root).write({path: text})

    config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    return {
        "a value": write("config/common.yaml", "subcomponents: {one: {config: {colour: pink}}}\n"),
        "a value that takes the other branch": write(
            "config/common.yaml", "subcomponents: {one: {config: {colour: green}}}\n"
        ),
        "the same size and date": lambda: same_size(root / "config/common.yaml"),
        "the same size and date of a default": lambda: same_size(root / "chart/values.yaml"),
        "a label read in one branch only": write("environments/east.yaml", "labels: {region: asia}\n"),
        "a new template": write("chart/templates/b.yaml.j2", config_map % "b"),
        "an include that was missing": write("chart/templates/_part.j2", "# there\n---\n" + config_map % "p"),
        "the include goes": lambda: (root / "chart/templates/_part.j2").unlink(missing_ok=True),
        "a new config file": write("apps/one/config/east.yaml", "config: {colour: gold}\n"),
        "a new component": write("apps/three/component.yaml", "type: static\npath: ../two/manifests\n"),
        "a new manifest": write("apps/two/manifests/b.yaml", config_map % "second"),
        "a manifest goes": lambda: (root / "apps/two/manifests/b.yaml").unlink(missing_ok=True),
        "a new environment": write("environments/north.yaml", "labels: {region: no}\n"),
        "an environment goes": lambda: (root / "environments/west.yaml").unlink(missing_ok=True),
        "a schema": write("chart/values.schema.json", '{"properties": {"colour": {"type": "string"}}}'),
        "nothing": lambda: None,
    }


@settings(max_examples=12)
@given(st.lists(st.sampled_from(sorted(_edits(Path()))), min_size=1, max_size=4))
def test_warm_runs_write_what_cold_runs_write(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warm = Cached(Path(folder))
        warm.generate()
        for name in names:
            _edits(warm.project.root)[name]()
            run = warm.generate()
            cold = warm.project.generate("--all", "--no-cache", "--output", "../cold")
            assert run.code == cold.code
            if run.code == 0:
                assert warm.project.tree() == read_tree(Path(folder) / "cold"), name
            again = warm.generate("--check")
            assert again.code == run.code
