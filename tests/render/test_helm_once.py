"""Environments that give helm the same share one run of it, and nothing of it shows in the output."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.errors import DefinitionError
from generator.render.once import Once
from generator.render.programs import Finished
from tests.project_tree import Project, Run, read_tree
from tests.render.charts import CHART, config_map

ENVIRONMENTS = 12
TIERS = ("edge", "core", "lab")
WEB = "subcomponents: {web: {%s}}\n"
TEMPLATE = config_map("web", "{{ .Values.tier }}")


class Counted:
    """Twelve environments of three tiers with one Helm chart, and a helm that counts its runs."""

    def __init__(self, root: Path, template: str = TEMPLATE) -> None:
        self._log = root / "log"
        helm = root / "bin/helm"
        helm.parent.mkdir(parents=True)
        helm.write_text(f'#!/bin/sh\necho "$1" >> {self._log}\nexec {shutil.which("helm")} "$@"\n')
        helm.chmod(0o755)
        self._env = {"PATH": f"{helm.parent}{os.pathsep}{os.environ['PATH']}"}
        self.project = Project(root / "project").write(
            {
                "component.yaml": "name: fleet\nsubcomponents: [{name: web, source: ./web}]\n",
                "web/component.yaml": "name: web\ntype: helm\nsource: ../chart\n",
                "chart/Chart.yaml": CHART,
                "chart/templates/a.yaml": template,
                **{f"environments/{name}.yaml": WEB % f"config: {{tier: {tier}}}" for name, tier in tiers()},
            }
        )

    def generate(self, *args: str) -> tuple[Run, int]:
        """The run, and how many charts helm rendered in it."""
        self._log.write_text("")
        run = self.project.generate("--all", *args, env=self._env)
        return run, self._log.read_text().splitlines().count("template")


def tiers() -> list[tuple[str, str]]:
    return [(f"e{number:02}", TIERS[number % 3]) for number in range(ENVIRONMENTS)]


def test_one_run_for_each_set_of_values(tmp_path: Path) -> None:
    counted = Counted(tmp_path)
    trees = []
    for jobs in ("1", "8"):
        run, runs = counted.generate("--no-cache", "--jobs", jobs)
        assert (run.code, runs) == (0, 3), run.err
        trees.append(counted.project.tree())
        shutil.rmtree(counted.project.generated)
    assert trees[0] == trees[1]
    for name, tier in tiers():
        assert f"value: {tier}\n".encode() in trees[0][f"{name}/web/web.yaml"]


@pytest.mark.parametrize(
    "change",
    [
        WEB % "config: {tier: edge}" + "kubernetes: {version: '1.29'}\n",
        WEB % "config: {tier: edge}" + "kubernetes: {apiVersions: [example.com/v1/Foo]}\n",
        WEB % "namespace: shop, config: {tier: edge}",
        WEB % "config: {tier: edge, more: 1}",
    ],
)
def test_what_helm_is_given_makes_a_difference(tmp_path: Path, change: str) -> None:
    counted = Counted(tmp_path)
    counted.project.write({"environments/e00.yaml": change})
    run, runs = counted.generate()
    assert (run.code, runs) == (0, 4), run.err


def test_two_components_of_one_chart_and_namespaces(tmp_path: Path) -> None:
    text = config_map("{{ .Release.Name }}", "{{ .Release.Name }}-{{ .Release.Namespace }}")
    counted = Counted(tmp_path, text)
    counted.project.write(
        {
            "component.yaml": "name: fleet\nsubcomponents:\n"
            "- {name: web, source: ./web}\n- {name: api, source: ./api}\n"
        }
    )
    counted.project.write({"api/component.yaml": "name: api\ntype: helm\nsource: ../chart\n"})
    run, runs = counted.generate()
    assert (run.code, runs) == (0, 4), run.err
    assert b"value: api-default\n" in counted.project.tree()["e00/api/api.yaml"]


def test_charts_of_chance_are_rendered_again_once_as_well(tmp_path: Path) -> None:
    shown = '{{ .Values.tier }}{{ if lookup "v1" "Secret" "x" "y" }}x{{ end }}'
    counted = Counted(tmp_path, config_map("web", shown))
    run, runs = counted.generate()
    assert (run.code, runs) == (0, 6), run.err
    assert run.err.count("the chart mentions `lookup`") >= 1


def test_what_one_environment_lays_over_it_is_not_in_another(tmp_path: Path) -> None:
    labels = "{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1'}]}}"
    template = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: one}\n"
        f"spec: {{replicas: 1, selector: {{matchLabels: {{app: web}}}}, template: {labels}}}\n"
    )
    counted = Counted(tmp_path, template)
    overlays = [
        "labels: {region: eu}\nannotations: {a: b}\n",
        WEB % "images: {web: '2'}",
        WEB % "replicas: {web: 5}",
        "patches: [{patch: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, "
        "spec: {minReadySeconds: 9}}}]\n",
        "namespaces: {one: {mapping: selected, name: two}}\n",
        "",
    ]
    names = [f"x{number}" for number in range(len(overlays))]
    for name, text in zip(names, overlays, strict=True):
        counted.project.write({f"environments/{name}.yaml": text})
    for name, _ in tiers():
        (counted.project.root / f"environments/{name}.yaml").unlink()
    run, runs = counted.generate("--no-cache", "--no-validate", "--jobs", "1")
    assert (run.code, runs) == (0, 1), run.err
    together = counted.project.tree()
    for name in names:
        run = counted.project.generate(name, "--no-cache", "--no-validate", "--output", "alone")
        assert run.code == 0, run.err
    alone = read_tree(counted.project.root / "alone")
    assert together == alone
    assert len({text for path, text in alone.items() if path.endswith("web/web.yaml")}) == len(overlays)


def test_a_difference_is_found_in_every_environment(tmp_path: Path) -> None:
    counted = Counted(tmp_path, config_map("web", "{{ uuidv4 }}"))
    run, _ = counted.generate()
    assert run.code == 3
    assert "ConfigMap web is different each time the chart is rendered" in run.err
    assert not counted.project.generated.exists()


def test_an_error_says_its_own_environment(tmp_path: Path) -> None:
    counted = Counted(tmp_path, config_map("web", '{{ required "give a tier" .Values.tier }}'))
    counted.project.write({"environments/e04.yaml": "labels: {a: b}\n"})
    said = []
    for jobs in ("1", "8"):
        run, runs = counted.generate("--no-cache", "--jobs", jobs)
        assert (run.code, runs) == (3, 4)
        assert "give a tier" in run.err
        assert "chart/templates/a.yaml:6" in run.err
        assert "component web, environment e04" in run.err
        assert "environment e05" not in run.err
        said.append(run.err)
        assert set(os.listdir(counted.project.generated)) >= {name for name, _ in tiers()} - {"e04"}
        shutil.rmtree(counted.project.generated)
    assert said[0] == said[1]


class TestOnce:
    """What is kept of programs that ran."""

    @staticmethod
    def starting(log: list[str], name: str, size: int = 0, code: int = 0) -> Callable[[], Finished]:
        def start() -> Finished:
            log.append(name)
            return Finished(code, name.encode() + bytes(size), "")

        return start

    def test_threads_wait_for_the_first(self) -> None:
        once, log, begun, go = Once(), list[str](), threading.Event(), threading.Event()

        def slow() -> Finished:
            begun.set()
            go.wait()
            return self.starting(log, "a")()

        with ThreadPoolExecutor(4) as pool:
            first = pool.submit(once.get, "key", slow)
            begun.wait()
            others = [pool.submit(once.get, "key", self.starting(log, "b")) for _ in range(3)]
            go.set()
            assert {found.result().out for found in (first, *others)} == {b"a"}
        assert log == ["a"]

    @pytest.mark.parametrize("raises", [True, False])
    def test_a_failure_is_nobody_elses(self, raises: bool) -> None:
        once, log, begun, go = Once(), list[str](), threading.Event(), threading.Event()

        def fails() -> Finished:
            begun.set()
            go.wait()
            if raises:
                raise DefinitionError("no")
            return Finished(1, b"", "no")

        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(once.get, "key", fails)
            begun.wait()
            second = pool.submit(once.get, "key", self.starting(log, "b"))
            go.set()
            assert second.result().out == b"b"
            if raises:
                with pytest.raises(DefinitionError):
                    first.result()
            else:
                assert first.result().code == 1
        assert once.get("key", self.starting(log, "c")).out == b"c"

    def test_the_least_recently_used_goes_first(self) -> None:
        once, log = Once(most=10_000), list[str]()
        for name in ("a", "b", "a", "c", "a", "b"):
            once.get(name, self.starting(log, name, 3000))
        assert log == ["a", "b", "c", "b"]
        once.get("big", self.starting(log, "big", 20_000))
        assert "big" not in once
