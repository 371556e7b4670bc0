"""Kustomizations through the real kustomize and kubectl: what they build, and what is refused."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.errors import DefinitionError, SurroundingsError
from generator.model.formats import Requires
from generator.model.manifest import Rendered
from generator.render.base import Run
from tests.render.charts import config_map, fresh, unit, write

KUBECTL = """\
#!/bin/sh
case "$1" in
version) echo '{{"kustomizeVersion": "v4.5.4"}}' ;;
kustomize) exec "{kustomize}" build "$2" ;;
esac
"""
CONTEXT = "component services/web, environment prod"


@pytest.fixture(params=["kustomize", "kubectl"])
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Has the test run with one of the programs alone on PATH."""
    name = str(request.param)
    folder = tmp_path_factory.mktemp("bin")
    found = shutil.which(name)
    if found is not None:
        (folder / name).symlink_to(os.path.realpath(found))
    else:
        # Not every machine has kubectl, whose kustomize is this one all the same.
        (folder / name).write_text(KUBECTL.format(kustomize=shutil.which("kustomize")))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return name


def render(root: Path, files: Mapping[str, str], folder: str = "web", run: Run | None = None) -> Rendered:
    write(root, files)
    return fresh(unit("kustomize", folder), run or Run(str(root)))


def refused(root: Path, files: Mapping[str, str], folder: str = "web") -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        render(root, files, folder)
    assert CONTEXT in str(caught.value)
    assert str(root) not in str(caught.value)
    return caught.value


RESOURCES = {"web/kustomization.yaml": "resources:\n- a.yaml\n", "web/a.yaml": config_map("a")}


class TestObjects:
    def test_they_name_the_kustomization_file(self, tmp_path: Path, program: str) -> None:
        rendered = render(
            tmp_path, {**RESOURCES, "web/kustomization.yaml": "namePrefix: x-\nresources: [a.yaml]\n"}
        )
        assert [(item.name, str(item.source)) for item in rendered.objects] == [
            ("x-a", "web/kustomization.yaml")
        ]
        assert rendered.objects[0].component == "services/web"
        assert rendered.notes == ()

    def test_a_base_elsewhere_in_the_repository(self, tmp_path: Path, program: str) -> None:
        files = {
            "base/Kustomization": "resources: [a.yaml]\n",
            "base/a.yaml": config_map("a"),
            "web/kustomization.yml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
            "web/p.yaml": config_map("a", "patched"),
        }
        (item,) = render(tmp_path, files).objects
        assert item.data["data"] == {"value": "patched"}
        assert item.source.file == "web/kustomization.yml"

    def test_local_files_of_every_kind(self, tmp_path: Path, program: str) -> None:
        kustomization = """\
            resources: [a.yaml]
            patchesStrategicMerge:
            - |
              {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {url: "https://example.com"}}
            configMapGenerator:
            - name: b
              files: [note.txt, other=note.txt]
              envs: [b.env]
              literals: ["url=https://example.com"]
            generatorOptions: {disableNameSuffixHash: true}
            """
        files = {
            **RESOURCES,
            "web/kustomization.yaml": kustomization,
            "web/note.txt": "n",
            "web/b.env": "x=1\n",
        }
        found = {item.name: item.data["data"] for item in render(tmp_path, files).objects}
        assert found == {
            "a": {"value": "x", "url": "https://example.com"},
            "b": {"note.txt": "n", "other": "n", "x": "1", "url": "https://example.com"},
        }

    def test_in_the_root_folder(self, tmp_path: Path, program: str) -> None:
        files = {name.removeprefix("web/"): text for name, text in RESOURCES.items()}
        (item,) = render(tmp_path, files, ".").objects
        assert item.source.file == "kustomization.yaml"


class TestErrors:
    @pytest.mark.parametrize(
        "entry",
        [
            "https://example.com/a.yaml",
            "https://user:hunter2@example.com/a.yaml",
            "http://127.0.0.1:1/a.yaml",
            "github.com/example/repository",
            "example/repository//base?ref=v1",
            "git@github.com:example/repository",
            "git::https://example.com/repository",
            "ssh://git@example.com/repository",
            "file:///srv/repository",
            "example.com/repository.git",
        ],
    )
    def test_remote_resources(self, tmp_path: Path, entry: str) -> None:
        files = {**RESOURCES, "web/kustomization.yaml": f"resources:\n- a.yaml\n- {entry}\n"}
        error = refused(tmp_path, files)
        assert (error.file, error.line, error.column) == ("web/kustomization.yaml", 3, 3)
        assert "is remote" in error.message
        assert "hunter2" not in str(error)

    @pytest.mark.parametrize(
        ("key", "line"),
        [
            ("bases:\n- https://example.com/b", 2),
            ("components:\n- github.com/example/b", 2),
            ("crds:\n- https://example.com/b", 2),
            ("transformers:\n- https://example.com/b", 2),
            ("patches:\n- path: https://example.com/b", 2),
            ("replacements:\n- path: https://example.com/b", 2),
            ("openapi:\n  path: https://example.com/b", 2),
            ("configMapGenerator:\n- name: x\n  files:\n  - k=https://example.com/b", 4),
            ("secretGenerator:\n- name: x\n  env: https://example.com/b", 3),
        ],
    )
    def test_remote_files_of_every_kind(self, tmp_path: Path, key: str, line: int) -> None:
        error = refused(tmp_path, {"web/kustomization.yaml": key})
        assert (error.file, error.line) == ("web/kustomization.yaml", line)
        assert "is remote" in error.message

    def test_a_remote_resource_of_a_base(self, tmp_path: Path) -> None:
        files = {
            "web/kustomization.yaml": "resources: [../base]\n",
            "base/kustomization.yaml": "resources:\n- https://example.com/a.yaml\n",
        }
        error = refused(tmp_path, files)
        assert (error.file, error.line) == ("base/kustomization.yaml", 2)

    @pytest.mark.parametrize("entry", ["missing.yaml", "../missing", "/missing.yaml"])
    def test_what_is_not_there(self, tmp_path: Path, entry: str) -> None:
        files = {**RESOURCES, "web/kustomization.yaml": f"resources:\n- a.yaml\n- {entry}\n"}
        error = refused(tmp_path, files)
        assert (error.file, error.line) == ("web/kustomization.yaml", 3)
        assert f"`{entry}`" in error.message

    def test_a_base_without_a_kustomization(self, tmp_path: Path) -> None:
        (tmp_path / "base").mkdir()
        error = refused(tmp_path, {"web/kustomization.yaml": "resources: [../base]\n"})
        assert (error.file, error.line) == ("web/kustomization.yaml", 1)
        assert "base has no kustomization.yaml" in error.message

    @pytest.mark.parametrize("text", ["", "# to be written\n", "kind: Kustomization\n", "resources:\n"])
    @pytest.mark.parametrize("folder", ["web", "base"])
    def test_a_kustomization_that_says_nothing(self, tmp_path: Path, folder: str, text: str) -> None:
        files = {
            "web/kustomization.yaml": "resources: [../base]\n",
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": config_map("a"),
            f"{folder}/kustomization.yaml": text,
        }
        error = refused(tmp_path, files)
        assert (error.file, error.line) == (f"{folder}/kustomization.yaml", 1)
        assert "says nothing" in error.message
        assert "`resources: []`" in str(error.hint)

    def test_one_that_says_to_render_nothing(self, tmp_path: Path, program: str) -> None:
        assert render(tmp_path, {"web/kustomization.yaml": "resources: []\n"}).objects == ()

    def test_bases_that_lead_to_each_other(self, tmp_path: Path, program: str) -> None:
        files = {
            "web/kustomization.yaml": "resources: [../base]\n",
            "base/kustomization.yaml": "resources: [../web]\n",
        }
        assert "cycle" in refused(tmp_path, files).message

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("resources: [a.yaml]\nresourses: []\n", 'unknown field "resourses"'),
            ("resources: [a.yaml, b.yaml]\n", "MalformedYAMLError"),
            ("resources: [a.yaml, a.yaml]\n", "a.yaml"),
            ("resources: [../outside.yaml]\n", "'../outside.yaml'"),
            ("helmCharts: [{name: x}]\n", "--enable-helm"),
        ],
    )
    def test_what_kustomize_refuses(self, tmp_path: Path, program: str, text: str, said: str) -> None:
        files = {
            **RESOURCES,
            "web/b.yaml": "a: b: c\n",
            "outside.yaml": config_map("o"),
            "web/kustomization.yaml": text,
        }
        error = refused(tmp_path, files)
        assert error.file == "web/kustomization.yaml"
        assert error.message.startswith("kustomize: ")
        assert said in error.message
        assert "\n" not in error.message
        assert "command failed" not in error.message

    def test_a_broken_kustomization(self, tmp_path: Path) -> None:
        with pytest.raises(DefinitionError) as caught:
            render(tmp_path, {"web/kustomization.yaml": "resources: [a.yaml]\nresources: [b.yaml]\n"})
        assert (caught.value.file, caught.value.line) == ("web/kustomization.yaml", 2)

    def test_no_folder_and_no_kustomization(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        for folder, said in (
            ("nowhere", "there is no folder nowhere"),
            ("empty", "empty has no kustomization"),
        ):
            error = refused(tmp_path, {}, folder)
            assert (error.file, error.line) == ("services/web/component.yaml", 3)
            assert said in error.message


class TestProgram:
    def test_the_version_that_is_required(self, tmp_path: Path, program: str) -> None:
        run = Run(str(tmp_path), requires=Requires(kustomize=">=4,<6"))
        assert len(render(tmp_path, RESOURCES, run=run).objects) == 1

    def test_another_version(self, tmp_path: Path, program: str) -> None:
        with pytest.raises(SurroundingsError) as caught:
            render(tmp_path, RESOURCES, run=Run(str(tmp_path), requires=Requires(kustomize="<3")))
        assert caught.value.exit_code == 4
        assert "found kustomize " in caught.value.message
        assert "the definition requires <3" in caught.value.message

    def test_it_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        with pytest.raises(SurroundingsError) as caught:
            render(tmp_path, RESOURCES)
        assert caught.value.exit_code == 4
        assert caught.value.message == "kustomize is not installed"
        assert caught.value.hint == "put kustomize, or kubectl with its `kubectl kustomize`, on PATH"
