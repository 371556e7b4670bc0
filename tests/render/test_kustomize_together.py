"""Kustomizations that are built in one process: each is to the byte what it is when it is built alone."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.render import kustomization, together
from generator.render.base import Run
from tests.project_tree import Project
from tests.render.charts import config_map, write

KUSTOMIZE, KUBECTL = shutil.which("kustomize"), shutil.which("kubectl")
COMMANDS = [
    *([(KUSTOMIZE, "build")] if KUSTOMIZE else []),
    *([(KUBECTL, "kustomize")] if KUBECTL else []),
]


def alone(command: Sequence[str], root: Path, folder: str) -> bytes:
    """What the program prints for one folder."""
    return subprocess.run([*command, str(root / folder)], capture_output=True, check=True).stdout


def built(command: Sequence[str], root: Path, folders: Sequence[str]) -> dict[str, bytes | None]:
    """What a build together has for each folder that may be built so; each is checked against its own."""
    trees = {name: kustomization.read(root, name, f"{name}/kustomization.yaml") for name in folders}
    chosen = [(name, tree) for name, tree in trees.items() if not tree.alone]
    found = together.build(command, chosen, Run(str(root)))
    result = dict(zip((name for name, _ in chosen), found, strict=True))
    for name, out in result.items():
        if out is not None:
            assert out == alone(command, root, name), name
    return result


DEPLOYMENT = """\
# A comment.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name} # another
  labels: {labels}
spec:
  template:
    spec:
      containers:
      - {{name: app, image: app:1, args: ["a: b\\n---\\nc: d\\n"]}}
      volumes:
      - {{name: v, configMap: {{name: {name}-config}}}}
"""
LISTED = (
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: in-list}}\n"
)
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: json}\nspec: {replicas: 2}\n"


def overlay(name: str, kustomization: str, labels: str = "{app: x}", more: str = "") -> dict[str, str]:
    """A kustomization of one Deployment that mounts the ConfigMap `<name>-config`."""
    return {
        f"{name}/kustomization.yaml": f"resources: [d.yaml]\n{kustomization}",
        f"{name}/d.yaml": DEPLOYMENT.format(name=name, labels=labels) + more,
    }


GENERATED = "configMapGenerator: [{name: %s-config, literals: [a=b]}]\n"
# All of these are built together.
FILES = {
    **overlay("plain", ""),
    **overlay("empty-labels", "", "{}"),
    **overlay("no-labels", "", "null"),
    **overlay("listed", "", more="---\n" + LISTED),
    **overlay("prefixed", "namePrefix: one-\nnameSuffix: -two\n" + GENERATED % "prefixed"),
    **overlay("spaced", "namespace: there\n" + GENERATED % "spaced"),
    **overlay("plain-names", "generatorOptions: {disableNameSuffixHash: true}\n" + GENERATED % "plain-names"),
    **overlay(
        "labelled", "labels: [{pairs: {team: shop}}]\ncommonLabels: {tier: x}\ncommonAnnotations: {a: b}\n"
    ),
    **overlay("images", "images: [{name: app, newTag: '2'}]\nreplicas: [{name: images, count: 3}]\n"),
    **overlay(
        "merged", "configMapGenerator: [{name: base-config, behavior: merge, literals: [c=d]}]\n"
    ).copy(),
    "merged/kustomization.yaml": "resources: [../base]\nnamePrefix: merged-\n"
    "configMapGenerator: [{name: base-config, behavior: merge, literals: [c=d]}]\n",
    **overlay("base", GENERATED % "base"),
    **overlay(
        "json",
        "patches: [{path: p.yaml}, {target: {kind: Deployment}, path: j.json}]\n",
    ),
    "json/p.yaml": PATCH,
    "json/j.json": json.dumps([{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]),
    **overlay("copied", "replacements: [{path: r.yaml}]\n"),
    "copied/r.yaml": "source: {kind: Deployment, fieldPath: metadata.name}\n"
    "targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
    **overlay("composed", "components: [../part]\n"),
    "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    "resources: [c.yaml]\ncommonAnnotations: {part: here}\n",
    "part/c.yaml": config_map("of-part"),
}
TOGETHER = sorted({name.partition("/")[0] for name in FILES} - {"part", "base"})


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: Path(command[0]).name)
def test_overlays_of_many_kinds(tmp_path: Path, command: Sequence[str]) -> None:
    write(tmp_path, FILES)
    result = built(command, tmp_path, TOGETHER)
    assert [name for name, out in result.items() if out is None] == []
    assert list(result) == TOGETHER


@pytest.mark.parametrize(
    "text",
    [
        "vars: [{name: V, objref: {kind: Deployment, name: x, apiVersion: apps/v1}}]\n",
        "buildMetadata: [originAnnotations]\n",
        "sortOptions: {order: fifo}\n",
        "openapi: {path: s.json}\n",
        "crds: [s.json]\n",
        "configurations: [c.yaml]\n",
        "transformers: [t.yaml]\n",
        "validators: [t.yaml]\n",
        "generators: [t.yaml]\n",
        "helmCharts: [{name: x}]\n",
        "somethingNew: true\n",
        "commonAnnotations: {config.kubernetes.io/local-config: 'true'}\n",
        "patches: [{path: p.yaml, options: {allowNameChange: true}}]\n",
        "patches: [{path: n.yaml, target: {kind: Deployment}}]\n",
        "patchesJson6902: [{path: n.yaml, target: {kind: Deployment, name: x, version: v1}}]\n",
        "replacements: [{source: {kind: Deployment}, targets: [{select: {kind: Deployment}}]}]\n",
        "replacements: [{path: r.yaml}]\n",
        "kind: Component\nresources: []\n",
        "resources: [../deep]\n",
        "resources: [l.yaml]\n",
    ],
)
def test_what_speaks_of_more_than_itself_is_built_alone(tmp_path: Path, text: str) -> None:
    beside = {
        "s.json": "{}",
        "c.yaml": "nameReference: []\n",
        "t.yaml": "kind: X\n",
        "p.yaml": PATCH,
        "n.yaml": "- {op: replace, path: /metadata/name, value: y}\n",
        "r.yaml": "- {source: {kind: X}, targets: [{select: {kind: X}, fieldPaths: [metadata.name]}]}\n",
        "l.yaml": config_map("l").replace("name: l", "name: l\n  annotations: {config.kubernetes.io/x: y}"),
    }
    write(tmp_path, {f"x/{name}": content for name, content in beside.items()})
    write(tmp_path, {"x/kustomization.yaml": text, "deep/kustomization.yaml": "vars: []\n"})
    assert kustomization.read(tmp_path, "x", "x/kustomization.yaml").alone


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: Path(command[0]).name)
def test_a_reference_that_another_overlay_would_catch(tmp_path: Path, command: Sequence[str]) -> None:
    files = {
        **overlay("refers", ""),
        **overlay("other", GENERATED % "refers"),
        **overlay("third", GENERATED % "third"),
    }
    write(tmp_path, files)
    result = built(command, tmp_path, ["refers", "other", "third"])
    assert [name for name, out in result.items() if out is None] == ["refers"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: Path(command[0]).name)
def test_one_object_in_two_overlays(tmp_path: Path, command: Sequence[str]) -> None:
    write(tmp_path, {**overlay("one", ""), **overlay("two", "")})
    write(tmp_path, {"two/d.yaml": (tmp_path / "one/d.yaml").read_text()})
    assert built(command, tmp_path, ["one", "two"]) == {"one": None, "two": None}


NAMES = ("a", "b", "a-b", "b-a", "c", "d", "e", "f")
SPACES = ("one", "two", "three")


class Drawn:
    """A kustomization whose names and references are drawn out of few."""

    def __init__(self, root: Path, number: int, draw: random.Random) -> None:
        self._draw = draw
        own: dict[str, Any] = {"resources": ["o.yaml"], **self._changes(), **self._patch()}
        files = {f"o{number}/kustomization.yaml": own}
        if draw.random() < 0.3:
            files = {f"b{number}/kustomization.yaml": own}
            files[f"o{number}/kustomization.yaml"] = {"resources": [f"../b{number}"], **self._changes()}
        write(root, {name: json.dumps(value) for name, value in files.items()})
        objects = "---\n".join(f"{json.dumps(item)}\n" for item in self._objects(number))
        write(root, {f"{next(iter(files)).partition('/')[0]}/o.yaml": objects})

    def _objects(self, number: int) -> list[Mapping[str, Any]]:
        rbac = "rbac.authorization.k8s.io"
        volumes = [
            {"name": "v", "configMap": {"name": self._name()}},
            {"name": "s", "secret": {"secretName": self._name()}},
        ]
        pod = {"serviceAccountName": self._name(), "volumes": volumes}
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"d{number}"},
            "spec": {"template": {"spec": pod}},
        }
        subject = {"kind": "ServiceAccount", "name": self._name(), **self._maybe("namespace", SPACES)}
        binding = {
            "apiVersion": f"{rbac}/v1",
            "kind": self._draw.choice(("ClusterRoleBinding", "RoleBinding")),
            "metadata": {"name": f"r{number}"},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": self._name()},
            "subjects": [subject],
        }
        account = {"name": self._name(), **self._maybe("namespace", SPACES)}
        others = [
            binding,
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
            {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": self._name()}},
        ]
        return [deployment, *(item for item in others if self._draw.random() < 0.5)]

    def _changes(self) -> dict[str, Any]:
        changes = {
            **self._maybe("namePrefix", ("a-", "b-", "p-")),
            **self._maybe("nameSuffix", ("-a", "-b")),
            **self._maybe("namespace", SPACES),
        }
        for kind in ("configMapGenerator", "secretGenerator"):
            if self._draw.random() < 0.4:
                changes[kind] = [{"name": self._name(), "literals": ["a=b"]}]
        return changes

    def _patch(self) -> dict[str, Any]:
        if self._draw.random() < 0.8:
            return {}
        patch = [{"op": "add", "path": "/metadata/annotations", "value": {"x": self._name()}}]
        return {"patches": [{"target": {"kind": "ServiceAccount"}, "patch": json.dumps(patch)}]}

    def _name(self) -> str:
        return self._draw.choice(NAMES)

    def _maybe(self, key: str, values: Sequence[str]) -> dict[str, str]:
        return {key: self._draw.choice(values)} if self._draw.random() < 0.4 else {}


@given(seed=st.integers(0, 2**32), number=st.integers(2, 4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_built_together_is_what_is_built_alone(tmp_path: Path, seed: int, number: int) -> None:
    root = tmp_path / f"{seed}-{number}"
    draw = random.Random(seed)
    for each in range(number):
        Drawn(root, each, draw)
    built(COMMANDS[-1], root, [f"o{each}" for each in range(number)])


class Counted:
    """Kustomize components in several environments, and a kustomize that counts its runs."""

    def __init__(
        self,
        root: Path,
        overlays: Mapping[str, Mapping[str, str]],
        environments: int = 1,
        version: str = "none",
    ) -> None:
        self._log = root / "log"
        shim = root / "bin/kustomize"
        shim.parent.mkdir(parents=True)
        command = " ".join(COMMANDS[-1])
        shim.write_text(
            f'#!/bin/sh\necho "$1" >> {self._log}\n'
            f'case "$1" in version) echo {version} ;; *) exec {command} "$2" ;; esac\n'
        )
        shim.chmod(0o755)
        self._env = {"PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"}
        components = "".join(f"- {{name: {name}, type: kustomize, source: ./{name}}}\n" for name in overlays)
        self.project = Project(root / "project").write(
            {
                "component.yaml": f"name: fleet\nsubcomponents:\n{components}",
                **{f"environments/e{number}.yaml": "labels: {a: b}\n" for number in range(environments)},
                **{
                    f"{name}/{file}": text for name, files in overlays.items() for file, text in files.items()
                },
            }
        )

    def generate(self, *args: str) -> tuple[int, str, int]:
        """Exit code, what was said, and how many builds there were."""
        self._log.write_text("")
        run = self.project.generate("--all", *args, env=self._env)
        return run.code, run.err, self._log.read_text().splitlines().count("build")


def simple(number: int, kustomization: str = "patches: [{path: p.yaml}]\n") -> dict[str, dict[str, str]]:
    """Overlays of one ConfigMap each, with a patch."""
    return {
        f"o{each:03}": {
            "kustomization.yaml": f"resources: [a.yaml]\n{kustomization}",
            "a.yaml": config_map(f"m{each:03}"),
            "p.yaml": config_map(f"m{each:03}", "patched"),
        }
        for each in range(number)
    }


def test_few_processes_for_many_overlays_and_environments(tmp_path: Path) -> None:
    counted = Counted(tmp_path, simple(200), environments=2)
    trees = []
    for jobs, builds in (("1", 4), ("3", 6), ("8", 8)):
        assert counted.generate("--jobs", jobs)[::2] == (0, builds)
        trees.append(counted.project.tree())
        shutil.rmtree(counted.project.generated)
    assert trees[0] == trees[1] == trees[2]
    for environment in ("e0", "e1"):
        assert b"name: m007\n" in trees[0][f"{environment}/o007/o007.yaml"]
    assert not any(b"x-weft-origin" in content for content in trees[0].values())


@pytest.mark.parametrize(("version", "builds"), [("v4.5.4", 6), ("v5.0.0", 1), ("unknown", 6)])
def test_what_old_versions_build_faster_alone(tmp_path: Path, version: str, builds: int) -> None:
    code, err, found = Counted(tmp_path, simple(6, ""), version=version).generate("--jobs", "1")
    assert (code, found) == (0, builds), err


def test_an_error_in_one_is_as_if_it_were_alone(tmp_path: Path) -> None:
    overlays = simple(6)
    overlays["o003"]["kustomization.yaml"] += "namespace: [x]\n"
    counted = Counted(tmp_path, overlays)
    said = []
    for jobs in ("1", "8"):
        code, err, builds = counted.generate("--jobs", jobs)
        assert (code, builds) == (3, 7)
        assert err.count("error: ") == 1
        assert "error: o003/kustomization.yaml: kustomize: " in err
        assert "component o003, environment e0" in err
        assert "together" not in err
        assert "weft-" not in err
        said.append(err)
    assert said[0] == said[1]


def test_the_same_object_in_two_namespaces_of_weft(tmp_path: Path) -> None:
    overlays = simple(3)
    overlays["o001"] = overlays["o000"]
    counted = Counted(tmp_path, overlays)
    counted.project.write({"config/common.yaml": "subcomponents: {o001: {namespace: other}}\n"})
    code, err, builds = counted.generate()
    assert (code, builds) == (0, 4), err
    tree = counted.project.tree()
    assert b"namespace: other\n" in tree["e0/o001/o001.yaml"]
    assert b"namespace" not in tree["e0/o000/o000.yaml"]
