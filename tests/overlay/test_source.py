"""`source` in config: a component that comes from another folder in some environments."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.project_tree import Project
from tests.shop import documents

GIT = ("-c", "user.name=weft", "-c", "user.email=weft@example.com", "-c", "init.defaultBranch=main")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: microservice-a, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: microservice-a}}
  template:
    metadata: {labels: {app: microservice-a}}
    spec: {containers: [{name: app, image: "app:1.0", resources: {limits: {memory: 1Gi}}}]}
"""

# The tree of PipeCD's RFC: a base, and a folder for each cluster.
PIPECD = {
    "component.yaml": "name: fleet\nsubcomponents:\n"
    "  - {name: microservice-a, type: kustomize, path: microservice-a/base}\n",
    "microservice-a/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "microservice-a/base/deployment.yaml": DEPLOYMENT,
    "microservice-a/cluster-hoge/kustomization.yaml": "resources: [../base]\n"
    "replicas: [{name: microservice-a, count: 2}]\n",
    "microservice-a/cluster-fuga/kustomization.yaml": "resources: [../base]\nnameSuffix: -fuga\n",
    "environments/common.yaml": "subcomponents:\n  microservice-a:\n"
    "    source: ../microservice-a/${environment.name}\n",
    "environments/cluster-hoge.yaml": "{}\n",
    "environments/cluster-fuga.yaml": "{}\n",
}

# A group whose folder is another in `east`, with another config, another child and a child less.
GROUPS = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: shop, source: ./shop}]\n",
    "shop/component.yaml": "subcomponents:\n  - {name: web, type: static, path: web}\n"
    "  - {name: old, type: static, path: old}\n",
    "shop/config/common.yaml": "namespace: plain\n",
    "shop/web/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
    "shop/old/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n",
    "east/component.yaml": "subcomponents:\n  - {name: web, type: static, path: ../shop/web}\n"
    "  - {name: new, type: static, path: new}\n",
    "east/config/common.yaml": "namespace: eastern\nsubcomponents: {new: {labels: {a: b}}}\n",
    "east/new/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n",
    "environments/east.yaml": "subcomponents:\n  shop: {source: ../east}\n  shop/new: {labels: {c: d}}\n",
    "environments/west.yaml": "{}\n",
}


def _one(project: Project, path: str) -> dict[str, object]:
    (item,) = documents(project, path)
    return item  # type: ignore[no-any-return]


def test_each_environment_builds_its_own_overlay_of_one_base(tmp_path: Path) -> None:
    project = Project(tmp_path).write(PIPECD)

    run = project.generate("--all")

    assert run.code == 0, run.err
    hoge = _one(project, "cluster-hoge/microservice-a/microservice-a.yaml")
    fuga = _one(project, "cluster-fuga/microservice-a/microservice-a.yaml")
    assert hoge["spec"]["replicas"] == 2  # type: ignore[index]
    assert fuga["metadata"]["name"] == "microservice-a-fuga"  # type: ignore[index]


def test_a_missing_folder_fails_its_environment_alone(tmp_path: Path) -> None:
    project = Project(tmp_path).write(PIPECD)
    assert project.generate("--all").code == 0
    before = project.tree()
    project.write(
        {
            "environments/cluster-fuga.yaml": "subcomponents:\n  microservice-a:\n"
            "    source: ../microservice-a/cluster-fugu\n",
            "microservice-a/base/deployment.yaml": DEPLOYMENT.replace("1.0", "2.0"),
        }
    )

    run = project.generate("--all")

    assert run.code == 3
    assert (
        "environments/cluster-fuga.yaml:3:5: there is no folder microservice-a/cluster-fugu "
        "for `microservice-a` (environment cluster-fuga)\n  hint: did you mean 'cluster-fuga'?" in run.err
    )
    after = project.tree()
    assert {path for path in before if before[path] != after[path]} == {
        "cluster-hoge/microservice-a/microservice-a.yaml"
    }
    # A selector that does not mean the broken environment is not kept from its own.
    project.write({"environments/cluster-hoge.yaml": "labels: {ready: yes-it-is}\n"})
    assert project.generate("-l", "ready=yes-it-is").code == 0


def test_a_component_file_from_another_folder_brings_its_config_and_its_children(tmp_path: Path) -> None:
    project = Project(tmp_path).write(GROUPS)

    run = project.generate("--all")

    assert run.code == 0, run.err
    made = {path for path in project.tree() if path.endswith(".yaml") and "kustom" not in path}
    assert made == {
        "east/shop/new/new.yaml",
        "east/shop/web/web.yaml",
        "west/shop/old/old.yaml",
        "west/shop/web/web.yaml",
    }
    new = _one(project, "east/shop/new/new.yaml")
    assert new["metadata"] == {"name": "new", "namespace": "eastern", "labels": {"a": "b", "c": "d"}}
    assert _one(project, "west/shop/web/web.yaml")["metadata"] == {"name": "web", "namespace": "plain"}


def test_a_part_is_that_of_the_environments_own_tree(tmp_path: Path) -> None:
    project = Project(tmp_path).write(GROUPS)
    assert project.generate("--all").code == 0
    before = project.tree()
    project.write(
        {
            path: GROUPS[path].replace("}", ", labels: {x: z}}", 1)
            for path in ("east/new/map.yaml", "shop/web/map.yaml")
        }
    )

    run = project.generate("--all", "--component", "shop/new")

    assert run.code == 0, run.err
    after = project.tree()
    assert {path for path in after if after[path] != before.get(path)} == {"east/shop/new/new.yaml"}
    assert after.keys() == before.keys()
    unknown = project.generate("--all", "--component", "shop/neu")
    assert (unknown.code, "did you mean 'shop/new'?" in unknown.err) == (2, True)


def test_explain_sees_the_environments_own_tree(tmp_path: Path) -> None:
    project = Project(tmp_path).write(GROUPS)

    run = project.weft("explain", "east", "shop/new", "namespace")
    field = project.weft("explain", "east", "ConfigMap/new", "metadata.labels.c")

    assert (run.code, field.code) == (0, 0), run.err + field.err
    assert "eastern" in run.out
    assert "east/config/common.yaml:1" in run.out
    assert "environments/east.yaml:3" in field.out
    assert project.weft("explain", "west", "shop/new").code == 2


def test_explain_names_the_place_of_a_source(tmp_path: Path) -> None:
    project = Project(tmp_path).write(GROUPS)

    run = project.weft("explain", "east", "shop", "source", "-o", "json")

    assert run.code == 0, run.err
    (found,) = json.loads(run.out)["explanations"]
    assert (found["value"], found["candidates"][0]["file"]) == ("../east", "environments/east.yaml")


def test_null_gives_the_component_its_own_source_back(tmp_path: Path) -> None:
    project = Project(tmp_path).write(PIPECD)
    project.write({"environments/cluster-hoge.yaml": "subcomponents: {microservice-a: {source: null}}\n"})

    assert project.generate("--all").code == 0

    hoge = _one(project, "cluster-hoge/microservice-a/microservice-a.yaml")
    assert hoge["spec"]["replicas"] == 1  # type: ignore[index]


def test_a_components_own_config_gives_another_folder_to_what_its_file_renders(tmp_path: Path) -> None:
    files = {
        path: text
        for path, text in PIPECD.items()
        if path not in ("component.yaml", "environments/common.yaml")
    }
    project = Project(tmp_path).write(
        {
            **files,
            "component.yaml": "name: fleet\n"
            "subcomponents: [{name: microservice-a, source: ./microservice-a}]\n",
            "microservice-a/component.yaml": "type: kustomize\npath: base\n",
            "microservice-a/config/cluster-fuga.yaml": "source: ../cluster-fuga\n",
        }
    )

    run = project.generate("--all")

    assert run.code == 0, run.err
    fuga = _one(project, "cluster-fuga/microservice-a/microservice-a.yaml")
    assert fuga["metadata"]["name"] == "microservice-a-fuga"  # type: ignore[index]


def test_the_chart_of_a_jinja_component_may_be_another(tmp_path: Path) -> None:
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {size: '{{ values.size }}'}\n"
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: fleet\nsubcomponents: [{name: app, type: jinja, path: chart}]\n",
            "config/big.yaml": "subcomponents: {app: {source: ../big}}\n",
            "chart/chart.yaml": "name: chart\n",
            "chart/values.yaml": "size: s\n",
            "chart/templates/m.yaml.j2": template,
            "big/chart.yaml": "name: big\n",
            "big/values.yaml": "size: l\n",
            "big/templates/m.yaml.j2": template,
            "environments/small.yaml": "{}\n",
            "environments/large.yaml": "layers: [big]\n",
        }
    )

    assert project.generate("--all").code == 0

    assert _one(project, "large/app/app.yaml")["data"] == {"size": "l"}
    assert _one(project, "small/app/app.yaml")["data"] == {"size": "s"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"environments/east.yaml": "subcomponents: {shop: {source: east}}\n"},
            "east.yaml:1:24: there is no folder environments/east for `shop` (environment east)\n"
            "  hint: it is relative to this file: write ../east\n",
        ),
        (
            {"environments/east.yaml": "subcomponents: {shop: {source: ../shop/web}}\n"},
            "environments/east.yaml:1:24: shop/web has no component.yaml (environment east)",
        ),
        (
            {"environments/east.yaml": "subcomponents: {shop: {source: ..}}\n"},
            "environments/east.yaml:1:24: . brings itself in: . -> . (environment east)",
        ),
        (
            {
                "shop/component.yaml": "type: kustomize\npath: web\n",
                "shop/web/kustomization.yaml": "resources: [map.yaml]\n",
                "shop/config/east.yaml": "\nsource: ../old\n",
                "shop/old/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n",
                "environments/east.yaml": "",
            },
            "shop/config/east.yaml:2:1: shop/old has no kustomization.yaml (environment east)",
        ),
        (
            {
                "component.yaml": "name: fleet\nsubcomponents: [{name: shop, type: jinja, path: chart}]\n",
                "chart/chart.yaml": "name: chart\n",
                "chart/templates/a.yaml.j2": "",
                "far/Chart.yaml": "name: far\n",
                "environments/east.yaml": "subcomponents: {shop: {source: ../far}}\n",
            },
            "environments/east.yaml:1:24: far has no chart.yaml, so it is no Jinja2 chart (environment east)",
        ),
        (
            {
                "component.yaml": "name: fleet\nsubcomponents: [{name: shop, type: helm, path: chart}]\n",
                "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
                "environments/east.yaml": "subcomponents: {shop: {source: ../east}}\n",
            },
            "environments/east.yaml:1:24: east has no Chart.yaml, so it is no Helm chart (environment east)",
        ),
        (
            {"environments/east.yaml": "source: ../east\n"},
            "environments/east.yaml:1:1: the root is where it is (environment east)",
        ),
        (
            {"east/config/east.yaml": "source: ../new\n"},
            "east/config/east.yaml:1:1: `shop` renders nothing",
        ),
        (
            {"environments/east.yaml": "subcomponents: {shop: {source: /tmp}}\n"},
            "environments/east.yaml:1:24: `/tmp` is no folder (environment east)",
        ),
        (
            {"environments/east.yaml": "subcomponents: {shop: {source: '../${environment.nam}'}}\n"},
            "environments/east.yaml:1:24: `${environment.nam}` is unknown (environment east)",
        ),
        (
            {"east/component.yaml": "name: east\n"},
            "east/component.yaml:1:1: this component is named `east`, but its reference is `shop`",
        ),
        (
            {"east/config/common.yaml": "subcomponents: {old: {labels: {a: b}}}\n"},
            "east/config/common.yaml:1:17: config for `old`, but `shop` has no subcomponent `old`",
        ),
        (
            {
                "environments/east.yaml": "subcomponents: {shop: {source: ../east}, "
                "shop/old: {namespace: x}}\n"
            },
            "environments/east.yaml:1:42: config for `shop/old`, but `shop` has no subcomponent `old`",
        ),
    ],
)
def test_what_is_wrong_with_a_source_refuses_the_environments_that_say_it(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    project = Project(tmp_path).write({**GROUPS, **files})

    run = project.generate("--all")

    assert run.code == 3
    assert message in run.err
    assert {path.partition("/")[0] for path in project.tree()} == {"west"}


def test_kustomize_components_are_built_as_they_are(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            **PIPECD,
            "microservice-a/features/quota/kustomization.yaml": "kind: Component\n"
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nimages: [{name: app, newTag: '9'}]\n",
            "microservice-a/cluster-hoge/kustomization.yaml": "resources: [../base]\n"
            "components: [../features/quota]\n",
            "environments/cluster-hoge.yaml": "images: {app: {name: mirror/app}}\n",
        }
    )

    run = project.generate("--all")

    assert run.code == 0, run.err
    text = (project.generated / "cluster-hoge/microservice-a/microservice-a.yaml").read_text()
    assert "image: mirror/app:9\n" in text


def test_a_difference_is_that_of_the_environments_own_tree(tmp_path: Path) -> None:
    project = Project(tmp_path).write(GROUPS)
    for command in ("init -q", "add .", "commit -q -m one"):
        subprocess.run(["git", *GIT, *command.split()], cwd=tmp_path, check=True)
    project.write({"east/new/map.yaml": GROUPS["east/new/map.yaml"].replace("}", ", labels: {x: z}}")})

    run = project.weft("diff", "--all", "--from", "HEAD", "--component", "shop/new")
    affected = project.weft("affected", "--from", "HEAD")

    assert run.code == 1, run.err
    assert "ConfigMap eastern/new" in run.out
    assert json.loads(affected.out)["include"] == [{"environment": "east", "components": ["shop/new"]}]


def test_a_share_counts_the_environments_whose_tree_has_the_component(tmp_path: Path) -> None:
    workload = DEPLOYMENT.replace("microservice-a", "new")
    project = Project(tmp_path).write(
        {
            **GROUPS,
            "component.yaml": "name: fleet\nsubcomponents:\n"
            "- {name: shop, source: ./shop, placement: {replicas: {split: 4}}}\n",
            "east/new/map.yaml": workload,
            "environments/far-east.yaml": "subcomponents: {shop: {source: ../east}}\n",
        }
    )

    run = project.generate("--all", "--no-validate")
    told = project.weft("explain", "east", "Deployment/new", "spec.replicas")

    assert run.code == 0, run.err
    counts = [
        documents(project, f"{name}/shop/new/new.yaml")[0]["spec"]["replicas"]
        for name in ("east", "far-east")
    ]
    assert counts == [2, 2]
    assert "in east: 2\n" in told.out, told.err
