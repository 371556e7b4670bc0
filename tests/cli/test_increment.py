"""One service changed: only what belongs to it is made again, and all is as if everything were."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import load, pipeline
from generator.model.request import Request
from tests.project_tree import Project, Run, read_tree

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ component.name }}-{{ values.name }}
  labels: {app: {{ component.name }}}
spec:
  replicas: {{ values.replicas }}
  selector: {matchLabels: {app: {{ values.selector or component.name }}}}
  template:
    metadata:
      labels: {app: {{ component.name }}, tier: "{{ values.tier }}"}
      annotations: {note: "{{ values.note }}"}
    spec:
      containers:
        - name: app
          image: {{ values.image }}
          resources: {limits: {memory: {{ values.memory }}}}
          ports: [{name: http, containerPort: {{ values.port }}}]
          env:
            - {name: LEVEL, value: "{{ values.level }}"}
            {% if values.secret %}
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: {{ values.secret }}, key: token}}}
            {% endif %}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ component.name }}}
data:
  level: "{{ values.level }}"
  {% if values.level == 'loud' %}
  region: {{ environment.labels.region }}
  {% endif %}
---
apiVersion: v1
kind: Service
metadata: {name: {{ component.name }}}
spec:
  selector: {app: {{ component.name }}}
  ports: [{name: http, port: 80, targetPort: {{ values.target }}}]
"""
VALUES = """\
name: main
replicas: 1
selector: ""
tier: back
note: none
image: app:1
memory: 64Mi
port: 8080
level: info
secret: ""
target: http
"""
CHART = "apiVersion: v2\nname: other\nversion: 1.0.0\n"
SERVICES = 8


def files() -> dict[str, str]:
    """Eight services of one Jinja2 chart, one of a Helm chart, in two environments."""
    made = {
        "component.yaml": "name: shop\nnamespace: shop\nexternal: [{kind: Namespace}]\n"
        "subcomponents: [{source: './services/*'}]\n",
        "chart/chart.yaml": "name: app\n",
        "chart/values.yaml": VALUES,
        "chart/templates/app.yaml.j2": WORKLOAD,
        "environments/east.yaml": "labels: {region: eu}\n",
        "environments/west.yaml": "labels: {region: us}\n",
        "other/Chart.yaml": CHART,
        "other/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
        "services/other/component.yaml": "name: other\ntype: helm\npath: ../../other\n",
    }
    for number in range(SERVICES):
        made[f"services/s{number}/component.yaml"] = f"name: s{number}\ntype: jinja\npath: ../../chart\n"
        made[f"services/s{number}/config/common.yaml"] = f"config: {{level: level-{number}}}\n"
        made[f"services/s{number}/config/west.yaml"] = "config: {replicas: 2}\n"
    return made


class Warm:
    """A project with a cache of its own, and a helm that writes down that it ran."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root / "project").write(files())
        self.log = root / "log"
        program = root / "bin/helm"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$1" >> {self.log}\nexec {shutil.which("helm")} "$@"\n')
        program.chmod(0o755)
        self.env = {
            "XDG_CACHE_HOME": str(root / "cache"),
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        }

    def generate(self, *options: str) -> Run:
        """A run, after the clock of the file system has moved past every change."""
        newest = max(path.lstat().st_ctime_ns for path in self.project.root.rglob("*"))
        while time.time_ns() < newest + 60_000_000:
            time.sleep(0.005)
        self.log.write_text("")
        # helm is to run wherever its chart is rendered.
        shutil.rmtree(self.log.parent / "cache/weft/programs", ignore_errors=True)
        return self.project.generate("--all", *options, env=self.env)

    def in_part(self) -> bool:
        """Whether the last run left out what did not change: the Helm chart is far from all else."""
        return "template" not in self.log.read_text()

    def cold(self) -> tuple[Run, Mapping[str, bytes]]:
        """What a run without the cache says and writes, in another folder."""
        shutil.rmtree(self.project.root.parent / "cold", ignore_errors=True)
        run = self.project.generate("--all", "--no-cache", "--output", "../cold", env=self.env)
        return run, read_tree(self.project.root.parent / "cold")


@pytest.fixture
def warm(tmp_path: Path) -> Warm:
    """See `Warm`; its last run is kept."""
    made = Warm(tmp_path)
    run = made.generate()
    assert run.code == 0, run.err
    return made


def config(**values: object) -> str:
    """A config file of one service."""
    return f"config: {values}\n"


# A change, and whether only what belongs to it renders: no other object can tell, or nothing renders at all.
EDITS: dict[str, tuple[dict[str, str], bool]] = {
    "a variable": ({"services/s3/config/common.yaml": config(level="debug")}, True),
    "a branch with a label": ({"services/s3/config/common.yaml": config(level="loud")}, False),
    "the image": ({"services/s3/config/common.yaml": config(image="app:2")}, True),
    "replicas": ({"services/s3/config/west.yaml": config(replicas=5)}, True),
    "memory": ({"services/s3/config/common.yaml": config(memory="1Gi")}, True),
    "an annotation": ({"services/s3/config/common.yaml": config(note="x")}, True),
    "a label of pods": ({"services/s3/config/common.yaml": config(tier="front")}, False),
    "another name": ({"services/s3/config/common.yaml": config(name="second")}, False),
    "a duplicate": ({"services/s3/component.yaml": "type: jinja\npath: ../../chart\n"}, True),
    "a port": ({"services/s3/config/common.yaml": config(port=9090)}, False),
    "a port that is not there": ({"services/s3/config/common.yaml": config(target="web")}, False),
    "a Secret that is not there": ({"services/s3/config/common.yaml": config(secret="none")}, False),
    "a selector that selects nothing": ({"services/s3/config/common.yaml": config(selector="x")}, False),
    "what no schema allows": ({"services/s3/config/common.yaml": config(replicas="many")}, False),
    "what no field allows": ({"services/s3/config/common.yaml": config(memory="[]")}, False),
    "no YAML": ({"services/s3/config/common.yaml": "config: {\n"}, True),
    "an unknown key": ({"services/s3/config/common.yaml": "confg: {}\n"}, True),
    "disabled": ({"services/s3/config/common.yaml": "disabled: true\n"}, False),
    "two services": (
        {
            "services/s3/config/common.yaml": config(level="a"),
            "services/s5/config/common.yaml": config(level="b"),
        },
        True,
    ),
    "the shared chart": ({"chart/values.yaml": VALUES.replace("app:1", "app:3")}, False),
    "an environment": ({"environments/east.yaml": "labels: {region: as}\n"}, False),
    "a new file": ({"services/s3/config/east.yaml": config(level="new")}, False),
    "another component": ({"services/s3/component.yaml": "name: s3\ntype: static\npath: .\n"}, False),
    "nothing": ({}, True),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_run_after_a_change_is_a_cold_run(warm: Warm, name: str) -> None:
    edit, alone = EDITS[name]
    warm.project.write(edit)
    run = warm.generate()
    in_part = warm.in_part()
    cold, files = warm.cold()
    assert run.code == cold.code
    if run.code == 0:
        assert warm.project.tree() == files
    assert in_part == (alone or (run.code == 3 and "confg" in run.err) or name == "no YAML")
    # What is told but for the changes: these are against another folder.
    for check in (("--check",), ("--check", "-o", "json")):
        known, rendered = warm.generate(*check), warm.generate(*check, "--no-cache")
        assert (known.code, known.out, known.err) == (rendered.code, rendered.out, rendered.err)


def test_a_part_is_told_as_the_whole(warm: Warm) -> None:
    warm.project.write(EDITS["a variable"][0])
    run = warm.generate()
    assert run.err == "east: 25 objects in 11 files: 1 changed\nwest: 25 objects in 11 files: 1 changed\n"
    warm.project.write({"services/s3/config/west.yaml": config(replicas=7)})
    changed = warm.generate("--check")
    assert changed.code == 1
    assert changed.out == "changed generated/west/s3/s3.yaml\n"
    assert warm.in_part()


def test_what_was_found_before_is_told_with_a_part(tmp_path: Path) -> None:
    warm = Warm(tmp_path)
    warm.project.write({"services/s6/config/common.yaml": config(secret="missing")})
    first = warm.generate()
    assert "refers to Secret `missing`" in first.err
    warm.project.write(EDITS["a variable"][0])
    run = warm.generate()
    assert warm.in_part()
    assert "refers to Secret `missing`" in run.err
    # In the service that has the finding it might be another by now.
    warm.project.write({"services/s6/config/common.yaml": config(secret="missing", level="x")})
    assert warm.generate().code == 0
    assert not warm.in_part()


def test_an_error_in_a_file_that_did_not_change_has_its_place(tmp_path: Path) -> None:
    warm = Warm(tmp_path)
    listed = "name: shop\nexternal: [{kind: Namespace}]\nnamespace: shop\nsubcomponents:\n"
    listed += "".join(f"- {{name: s{number}, source: ./services/s{number}}}\n" for number in range(SERVICES))
    for number in range(SERVICES):
        warm.project.write({f"services/s{number}/component.yaml": "type: jinja\npath: ../../chart\n"})
    warm.project.write({"component.yaml": listed})
    warm.project.write({"config/common.yaml": "# ours\nsubcomponents:\n  s1: {}\n  s3: {}\n"})
    run = warm.generate()
    assert run.code == 0, run.err
    warm.project.write({"component.yaml": listed.replace("name: s3", "name: x3")})
    run = warm.generate()
    cold, _ = warm.cold()
    assert (run.code, run.out, run.err) == (3, cold.out, cold.err)
    assert "config/common.yaml:4:3" in run.err


def test_what_was_kept_of_another_run_is_not_taken_for_this_one(warm: Warm) -> None:
    def contents() -> Path:
        return next((warm.log.parent / "cache/weft").glob("*.contents.json"))

    old = contents().read_bytes()
    warm.project.write(EDITS["a variable"][0])
    assert warm.generate().code == 0
    assert contents().read_bytes() != old
    # As where the run was killed between its two records.
    contents().write_bytes(old)
    warm.project.write({"services/s5/config/common.yaml": config(level="b")})
    assert warm.generate().code == 0
    assert warm.in_part()
    assert warm.project.tree() == warm.cold()[1]
    contents().write_bytes(old[:-9])
    warm.project.write({"services/s5/config/common.yaml": config(level="c")})
    assert warm.generate().code == 0
    assert warm.project.tree() == warm.cold()[1]


def test_what_did_not_change_is_not_read(tmp_path: Path) -> None:
    project = Project(tmp_path).write(files())
    request = Request(root=str(project.root), everything=True)
    first = load.files.Known({})
    with load.files.recalling(first):
        before = pipeline.define(request)
    assert set(first.read) >= {name for name in files() if name.endswith(("component.yaml", "common.yaml"))}
    assert json.loads(json.dumps(first.read)) == {name: list(item) for name, item in first.read.items()}
    for name in first.read:
        (project.root / name).write_text("{ this is no YAML\n")
    again = load.files.Known(json.loads(json.dumps(first.read)))
    with load.files.recalling(again):
        tree = pipeline.define(request).tree
    # Their places would be looked up in the files.
    assert [item.path for item in tree.walk()] == [item.path for item in before.tree.walk()]
    assert again.read.keys() == first.read.keys()


@settings(max_examples=10)
@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=2, max_size=5))
def test_runs_after_several_changes_write_what_cold_runs_write(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warm = Warm(Path(folder))
        warm.generate()
        for name in names:
            warm.project.write(EDITS[name][0])
            run = warm.generate()
            cold, files = warm.cold()
            assert run.code == cold.code
            if run.code == 0:
                assert warm.project.tree() == files, names
