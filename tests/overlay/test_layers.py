"""What files lay over rendered objects accumulates, weakest first, up to the environment file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.project_tree import Project, Run
from tests.shop import documents

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1.0", env: [{name: A, value: a}], resources: {limits: {memory: 1Gi}}}
"""

FILES = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: apps, source: ./apps}]\n",
    "apps/component.yaml": "subcomponents:\n- {name: web, source: ./web}\n"
    "- {name: api, type: static, path: api}\n",
    "apps/web/component.yaml": "type: static\npath: manifests\n",
    "apps/web/manifests/web.yaml": DEPLOYMENT,
    "apps/api/api.yaml": DEPLOYMENT.replace("web", "api"),
    "environments/prod.yaml": "{}\n",
    "environments/staging.yaml": "{}\n",
}

# Where something can be said of `apps/web`, the weakest first: the file, and the keys above it.
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("apps/web/component.yaml", ()),
    ("apps/component.yaml", ("subcomponents", "0")),
    ("apps/web/config/common.yaml", ()),
    ("apps/web/config/eu.yaml", ()),
    ("apps/web/config/prod.yaml", ()),
    ("apps/config/common.yaml", ("subcomponents", "web")),
    ("apps/config/prod.yaml", ("subcomponents", "web")),
    ("config/common.yaml", ("subcomponents", "apps", "subcomponents", "web")),
    ("config/eu.yaml", ("subcomponents", "apps", "subcomponents", "web")),
    ("environments/common.yaml", ("subcomponents", "apps/web")),
    ("environments/prod.yaml", ("subcomponents", "apps/web")),
    ("apps/config/eu.yaml", ()),
    ("apps/config/prod.yaml", ()),
    ("config/eu.yaml", ("subcomponents", "apps")),
    ("environments/prod.yaml", ("subcomponents", "apps")),
    ("config/common.yaml", ()),
    ("config/prod.yaml", ()),
    ("environments/common.yaml", ()),
)

BARE: dict[str, Any] = {
    "apps/component.yaml": {
        "subcomponents": [
            {"name": "web", "source": "./web"},
            {"name": "api", "type": "static", "path": "api"},
        ]
    },
    "apps/web/component.yaml": {"type": "static", "path": "manifests"},
    "environments/prod.yaml": {"layers": ["eu"]},
    "config/eu.yaml": {},
}


def _said(numbers: list[int], words: dict[int, dict[str, Any]]) -> dict[str, str]:
    """The files in which the places with those numbers say what `words` has for them."""
    files: dict[str, Any] = json.loads(json.dumps(BARE))
    for number in numbers:
        file, keys = PLACES[number]
        node: Any = files.setdefault(file, {})
        for key in keys:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        node.update(words[number])
    return {file: json.dumps(value) for file, value in files.items()}


def _web(project: Project, environment: str = "prod") -> Any:
    (item,) = documents(project, f"{environment}/apps/web/web.yaml")
    return item


def _generated(project: Project, *args: str) -> Run:
    run = project.generate(*(args or ("prod",)), "--no-validate")
    assert run.code == 0, run.err
    return run


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(range(len(PLACES))), unique=True, min_size=2, max_size=7))
def test_the_strongest_place_wins_and_patches_are_laid_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    words: dict[int, dict[str, Any]] = {}
    for number in numbers:
        text = f"v{number}"
        words[number] = {
            "labels": {"who": text, f"own-{number}": text},
            "annotations": {"who": text, f"own-{number}": text},
            "images": {"web": text},
            "replicas": {"web": number},
            "patches": [
                {"target": {"name": "web"}, "patch": {"spec": {"paused": text, f"own{number}": text}}},
                {
                    "target": {"kind": "Deployment", "name": "web"},
                    "patch": [
                        {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": number}
                    ],
                },
            ],
        }
        if PLACES[number] in (("environments/prod.yaml", ()), ("environments/common.yaml", ())):
            # Labels of an environment file select it.
            del words[number]["labels"]
    project = Project(tmp_path_factory.mktemp("layers")).write(FILES | _said(numbers, words))

    _generated(project)

    web = _web(project)
    order = sorted(numbers)
    labelled = [number for number in order if "labels" in words[number]]
    expected = {f"own-{number}": f"v{number}" for number in order}
    assert web["metadata"]["annotations"] == {**expected, "who": f"v{order[-1]}"}
    if labelled:
        assert web["metadata"]["labels"]["who"] == f"v{labelled[-1]}"
    assert web["spec"]["replicas"] == order[-1]
    assert web["spec"]["paused"] == f"v{order[-1]}"
    assert {key: value for key, value in web["spec"].items() if key.startswith("own")} == {
        f"own{number}": f"v{number}" for number in order
    }
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"web:v{order[-1]}"
    assert container["env"][1:] == order


def test_a_patch_above_sees_all_objects_below_with_what_weaker_ones_made(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES
        | {
            "environments/prod.yaml": "patches:\n- target: {kind: Deployment}\n  patch:\n"
            "    - {op: test, path: /spec/replicas, value: 2}\n"
            "    - {op: add, path: /metadata/annotations/zone, value: '${environment.name}'}\n",
            "config/common.yaml": "annotations: {a: b}\nreplicas: {web: 2, api: 2}\n",
        }
    )

    _generated(project)

    (api,) = documents(project, "prod/apps/api/api.yaml")
    assert [item["metadata"]["annotations"] for item in (_web(project), api)] == [
        {"a": "b", "zone": "prod"}
    ] * 2


def test_patches_are_read_from_files_beside_the_one_that_names_them(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES
        | {
            "apps/config/prod.yaml": "patches: [{path: ../patches/web.yaml}]\n",
            "apps/patches/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
            "spec:\n  strategy: {type: '${environment.name}'}\n",
        }
    )
    _generated(project)
    assert _web(project)["spec"]["strategy"] == {"type": "prod"}

    # The next run sees that the file is another, and explain its line.
    text = (tmp_path / "apps/patches/web.yaml").read_text()
    project.write(
        {"apps/patches/web.yaml": text.replace("strategy", "# here\n  strategy").replace("type", "kind")}
    )
    _generated(project)

    assert _web(project)["spec"]["strategy"] == {"kind": "prod"}
    run = project.weft("explain", "prod", "Deployment/web", "spec.strategy.kind")
    assert "from apps/patches/web.yaml:6:14\n" in run.out


def test_a_broken_patch_file_fails_the_environments_that_reach_it(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES | {"apps/config/prod.yaml": "patches: [{path: ../no.yaml}]\n"})

    run = project.generate("--all", "--no-validate")

    assert run.code == 3
    assert "apps/config/prod.yaml:1:12: apps/no.yaml cannot be read" in run.err
    assert {path.partition("/")[0] for path in project.tree()} == {"staging"}


def test_a_patch_that_meets_nothing_is_refused_where_all_of_its_component_is_known(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES
        | {
            "environments/prod.yaml": "subcomponents:\n  apps:\n    patches:\n"
            "    - {target: {kind: Deployment, name: api}, patch: {spec: {paused: true}}}\n"
        }
    )
    _generated(project)
    # What is not rendered may be what it is for.
    _generated(project, "prod", "--component", "apps/web")

    project.write({"apps/api/api.yaml": DEPLOYMENT.replace("web", "apt")})
    run = project.generate("--all", "--no-validate")

    assert run.code == 3
    assert "environments/prod.yaml:4:7: " in run.err
    assert "component apps, environment prod" in run.err
    assert "apt" in run.err
    assert any(path.startswith("staging/") for path in project.tree())


def test_a_deleted_object_leaves_no_file(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES
        | {
            "environments/prod.yaml": "subcomponents:\n  apps/api:\n"
            "    patches: [{target: {kind: Deployment}, patch: {$patch: delete}}]\n"
        }
    )
    _generated(project, "--all")

    assert "staging/apps/api/api.yaml" in project.tree()
    assert "prod/apps/api/api.yaml" not in project.tree()


def test_null_takes_away_the_weaker_patches_of_the_component_alone(tmp_path: Path) -> None:
    patch = "patches: [{{target: {{name: web}}, patch: {{spec: {{{key}: 1}}}}}}]\n"
    project = Project(tmp_path).write(
        FILES
        | {
            "config/common.yaml": patch.format(key="root"),
            "apps/web/config/common.yaml": patch.format(key="own"),
            "apps/web/config/prod.yaml": "patches: null\n",
        }
    )

    _generated(project, "--all")

    assert [
        ("own" in (spec := _web(project, name)["spec"]), spec["root"]) for name in ("prod", "staging")
    ] == [
        (False, 1),
        (True, 1),
    ]


def test_explain_shows_nothing_of_what_a_patch_lays_over_a_secret(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES
        | {
            "apps/api/secret.yaml": "apiVersion: v1\nkind: Secret\n"
            "metadata: {name: s}\nstringData: {k: old}\n",
            "environments/prod.yaml": "patches:\n"
            "- {target: {kind: Secret}, patch: {stringData: {k: hunter22}}}\n"
            "- target: {kind: Secret}\n  patch: [{op: add, path: /stringData/x, value: hunter23}]\n"
            "- patch: |\n    {apiVersion: v1, kind: Secret, "
            "metadata: {name: s}, stringData: {z: hunter24}}\n",
        }
    )
    _generated(project)

    runs = [
        project.weft("explain", "prod", *args)
        for args in (
            ("apps/api",),
            ("apps/api", "patches"),
            ("apps/api", "-o", "json"),
            ("Secret/s",),
            ("Secret/s", "stringData.k"),
            ("Secret/s", "stringData.k", "-o", "json"),
        )
    ]

    assert [run.code for run in runs] == [0] * len(runs)
    assert not any("hunter" in run.out + run.err for run in runs)
    assert "environments/prod.yaml:2" in runs[4].out
    shown = project.weft("explain", "prod", "apps/api", "patches", "--show-secrets")
    assert "hunter23" in shown.out


def test_a_reference_may_say_what_holds_everywhere_and_diff_shows_what_it_does(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES)
    _generated(project, "--all")

    project.write(
        {
            "apps/component.yaml": FILES["apps/component.yaml"].replace(
                "source: ./web", "source: ./web, images: {web: '2'}, replicas: {web: 2}"
            )
        }
    )
    run = project.generate("--all", "--check", "--no-validate")

    assert run.code == 1
    assert "1 changed" in run.err


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (
            "images:\n  web: '2'\npatches:\n- target: {name: web}\n  patch:\n"
            "    spec:\n      replicas: three\n",
            "7:7",
        ),
        (
            "patches:\n- target: {name: web}\n  patch:\n  - {op: add, path: /spec/replicas, value: three}\n",
            "4:5",
        ),
        ("patches:\n- target: {name: web}\n  merge: {spec: {replicas: three}}\n", "3:18"),
    ],
)
def test_a_finding_on_what_a_patch_says_names_the_line_of_the_patch(
    tmp_path: Path, said: str, place: str
) -> None:
    project = Project(tmp_path).write(FILES | {"environments/prod.yaml": said})

    run = project.generate("prod")

    assert run.code == 3
    assert f"environments/prod.yaml:{place}: `spec.replicas` is" in run.err
    assert project.tree() == {}


def test_the_dialect_refuses_what_it_would_pass_over(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: fleet\ndialect: fabrikate\nsubcomponents: []\n",
            "environments/prod.yaml": "subcomponents: {}\nimages: {web: '2'}\n",
        }
    )

    run = project.generate("prod")

    assert run.code == 3
    assert "environments/prod.yaml:2:1: `images` is weft's own" in run.err


def test_one_error_of_several_environments_names_them_all(tmp_path: Path) -> None:
    project = Project(tmp_path).write(FILES | {"config/common.yaml": "patches: [{path: no.yaml}]\n"})

    run = project.generate("--all")

    assert run.code == 3
    assert run.err.count("config/no.yaml cannot be read") == 1
    assert "(component" not in run.err
    assert "(environments prod, staging)" in run.err


def test_a_route_is_no_object_that_a_patch_meets(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        FILES | {"environments/prod.yaml": "patches: [{target: {kind: VirtualService}, patch: {spec: {}}}]\n"}
    )

    run = project.generate("prod", "--no-validate")

    assert run.code == 3
    assert "hint: what weft makes for routing is laid after patches" in run.err
