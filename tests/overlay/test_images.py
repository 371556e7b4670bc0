"""`images`: containers of one environment get another name, tag or digest by the image's name."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.model.document import Position
from generator.model.layers import ImageRule
from generator.model.manifest import Manifest
from generator.overlay.images import Image, parsed, with_images
from tests.project_tree import Project, Run
from tests.shop import documents

A = "sha256:" + "a" * 64
B = "sha256:" + "b" * 64

# Images as manifests have them.
WRITTEN = (
    "nginx",
    "nginx:1.25",
    f"nginx@{A}",
    f"nginx:1.25@{A}",
    "nginx-extra:1",
    "library/nginx:1",
    "docker.io/nginx:1",
    "localhost:5000/nginx",
    "localhost:5000/nginx:1.2",
    f"localhost:5000/nginx:1.2@{A}",
    f"localhost:5000/nginx@{A}",
    "ghcr.io/acme/app:v1.0.0-rc.1_2",
    "registry.example.com:443/team/sub/app:1",
    "UPPER/Case:Tag",
)

# What may be said of them: the key, and what stands below it.
SAID: tuple[tuple[str, Any], ...] = (
    ("nginx", "1.27"),
    ("nginx", A),
    ("nginx", B),
    ("nginx", {"name": "ghcr.io/acme/nginx"}),
    ("nginx", {"name": "mirror:5000/nginx", "tag": "2"}),
    ("nginx", {"tag": "2", "digest": B}),
    ("nginx", {"digest": B}),
    ("nginx", {"name": "other", "digest": B}),
    ("localhost:5000/nginx", "9"),
    ("localhost:5000/nginx", B),
    ("localhost:5000/nginx", {"name": "nginx"}),
    ("ghcr.io/acme/app", "2.0"),
    ("registry.example.com:443/team/sub/app", "2.0"),
    ("library/nginx", "3"),
    ("UPPER/Case", "x"),
)


def _workloads(images: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Objects whose containers have the images, in every place where containers are."""
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    spec = {"containers": containers, "initContainers": [dict(one) for one in containers]}
    labels = {"app": "a"}
    workload = {"template": {"metadata": {"labels": labels}, "spec": spec}}
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        yield _object("apps/v1", kind, {"selector": {"matchLabels": labels}, **workload})
    yield _object("v1", "Pod", spec)
    yield _object("v1", "ReplicationController", workload)
    yield _object("batch/v1", "Job", workload)
    yield _object("batch/v1", "CronJob", {"schedule": "* * * * *", "jobTemplate": {"spec": workload}})
    yield _object("argoproj.io/v1alpha1", "Rollout", workload)
    yield _object("example.com/v1", "Database", {"pods": [{"main": spec}]})


def _object(version: str, kind: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": kind.lower()}, "spec": spec}


def _kustomized(folder: Path, objects: list[dict[str, Any]], name: str, said: Any) -> list[Any]:
    entry = {"name": name}
    if isinstance(said, dict):
        keys = {"name": "newName", "tag": "newTag", "digest": "digest"}
        entry |= {keys[key]: value for key, value in said.items()}
    else:
        entry |= {"digest" if ":" in said else "newTag": said}
    (folder / "all.yaml").write_text(yaml.safe_dump_all(objects))
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["all.yaml"], "images": [entry]}))
    run = subprocess.run(["kustomize", "build", str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return sorted(yaml.safe_load_all(run.stdout), key=lambda item: str(item["kind"]))


@pytest.mark.parametrize(
    ("name", "said"), SAID, ids=[f"{name}-{number}" for number, (name, _) in enumerate(SAID)]
)
def test_it_agrees_with_kustomize(tmp_path: Path, name: str, said: Any) -> None:
    objects = list(_workloads(WRITTEN))
    fields = said if isinstance(said, dict) else {"digest" if ":" in said else "tag": said}
    rule = ImageRule(name, Position("x"), fields.get("name"), fields.get("tag"), fields.get("digest"))

    laid, met = with_images([Manifest(data, Position("x"), "c") for data in objects], [rule])

    assert met == {name}
    theirs = _kustomized(tmp_path, objects, name, said)
    assert sorted((item.data for item in laid), key=lambda item: str(item["kind"])) == theirs


names = st.from_regex(
    r"([a-z0-9.-]{1,9}(:[0-9]{2,4})?/)?([a-z0-9]{1,6}/){0,2}[a-z0-9._-]{1,9}", fullmatch=True
)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True)


@given(names, st.none() | tags, st.none() | st.sampled_from((A, B)))
def test_an_image_is_taken_apart_and_put_together(name: str, tag: str | None, digest: str | None) -> None:
    image = Image(name, tag or "", digest or "")

    assert parsed(str(image)) == image


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(SAID[8:14]))
def test_the_order_of_different_images_does_not_matter(order: list[tuple[str, Any]]) -> None:
    rules = [
        ImageRule(name, Position("x"), name="nginx" if "5000" in name else None, tag="7") for name, _ in order
    ]
    rules += [ImageRule("nginx", Position("x"), name="localhost:5000/nginx", tag="8")]
    items = [Manifest(data, Position("x"), "c") for data in _workloads(WRITTEN)]

    laid, _ = with_images(items, rules)

    again, _ = with_images(items, list(reversed(rules)))
    assert [item.data for item in laid] == [item.data for item in again]
    # No rule looks at what another made: those two change places.
    first = laid[0].data["spec"]["template"]["spec"]["containers"]
    assert (first[1]["image"], first[8]["image"]) == ("localhost:5000/nginx:8", "nginx:7")


# Whole programs.

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
      - {name: web, image: "web:1.0", resources: {limits: {memory: 1Gi}}}
      - {name: proxy, image: "envoy:1.0", resources: {limits: {memory: 1Gi}}}
      volumes:
      - {name: model, image: {reference: "models/small:1"}}
"""

FILES = {
    "component.yaml": "name: fleet\nsubcomponents: [{name: apps, source: ./apps}]\n",
    "apps/component.yaml": "subcomponents:\n- {name: web, type: static, path: web}\n"
    "- {name: api, type: static, path: api}\n",
    "apps/web/web.yaml": DEPLOYMENT,
    "apps/api/api.yaml": DEPLOYMENT.replace("web", "api"),
    "environments/prod.yaml": "labels: {version: v7}\n",
    "environments/staging.yaml": "{}\n",
}


def _images(project: Project, environment: str, name: str) -> list[str]:
    (item,) = documents(project, f"{environment}/apps/{name}/{name}.yaml")
    spec = item["spec"]["template"]["spec"]
    return [*(one["image"] for one in spec["containers"]), spec["volumes"][0]["image"]["reference"]]


def _generated(tmp_path: Path, files: dict[str, str]) -> tuple[Project, Run]:
    project = Project(tmp_path).write({**FILES, **files})
    return project, project.generate("--all", "--no-validate")


def test_every_form_and_every_place_where_it_may_be_said(tmp_path: Path) -> None:
    project, run = _generated(
        tmp_path,
        {
            "environments/prod.yaml": "labels: {version: v7}\nimages:\n  envoy: {name: mirror:5000/envoy}\n"
            f"  models/small: {{name: models/large, digest: '{A}'}}\n"
            "subcomponents:\n  apps/web: {images: {web: '${environment.labels.version}'}}\n",
            "apps/config/common.yaml": "subcomponents: {api: {images: {api: '2.0'}}}\n",
            "apps/component.yaml": FILES["apps/component.yaml"].replace(
                "path: web}", "path: web, images: {web: '0.9', envoy: '1.1'}}"
            ),
        },
    )

    assert run.code == 0, run.err
    assert _images(project, "prod", "web") == ["web:v7", "mirror:5000/envoy:1.1", f"models/large@{A}"]
    assert _images(project, "prod", "api") == ["api:2.0", "mirror:5000/envoy:1.0", f"models/large@{A}"]
    assert _images(project, "staging", "web") == ["web:0.9", "envoy:1.1", "models/small:1"]
    assert _images(project, "staging", "api") == ["api:2.0", "envoy:1.0", "models/small:1"]


def test_a_stronger_tag_takes_the_place_of_a_digest_and_keeps_the_name(tmp_path: Path) -> None:
    project, run = _generated(
        tmp_path,
        {
            "apps/config/common.yaml": f"images: {{web: {{name: mirror/web, digest: '{A}'}}}}\n",
            "apps/config/prod.yaml": f"images: {{web: '1.1@{B}'}}\n",
            "apps/config/staging.yaml": "images: {web: '1.1'}\n",
        },
    )

    assert run.code == 0, run.err
    assert _images(project, "prod", "web")[0] == f"mirror/web:1.1@{B}"
    assert _images(project, "staging", "web")[0] == "mirror/web:1.1"
    told = project.weft("explain", "staging", "apps/web", "images.web").out
    assert "won     apps/config/staging.yaml:1:10" in told
    assert "merged  apps/config/common.yaml:1:10" in told


def test_null_takes_away_what_a_weaker_file_says(tmp_path: Path) -> None:
    project, run = _generated(
        tmp_path,
        {
            "apps/config/common.yaml": "images: {web: '2', envoy: '2'}\n",
            "apps/config/prod.yaml": "images: {web: null}\n",
            "apps/config/staging.yaml": "images: null\n",
        },
    )

    assert run.code == 0, run.err
    assert _images(project, "prod", "web")[:2] == ["web:1.0", "envoy:2"]
    assert _images(project, "staging", "web")[:2] == ["web:1.0", "envoy:1.0"]


def test_an_image_that_no_container_has_is_refused(tmp_path: Path) -> None:
    project, run = _generated(
        tmp_path, {"environments/prod.yaml": "subcomponents:\n  apps/web:\n    images: {wep: '2'}\n"}
    )

    assert run.code == 3
    assert (
        "environments/prod.yaml:3:14: no container has the image `wep` "
        "(component apps/web, environment prod)\n  hint: did you mean 'web'?" in run.err
    )
    assert not any(path.startswith("prod/") for path in project.tree())
    assert any(path.startswith("staging/") for path in project.tree())


def test_a_part_cannot_tell_what_the_rest_has(tmp_path: Path) -> None:
    project, run = _generated(tmp_path, {"environments/prod.yaml": "images: {web: '2'}\n"})
    assert run.code == 0, run.err

    part = project.generate("prod", "--component", "apps/api", "--no-validate")

    assert part.code == 0, part.err


def test_explain_names_the_line_and_what_it_was(tmp_path: Path) -> None:
    project, _ = _generated(tmp_path, {"environments/prod.yaml": "images:\n  web: '2'\n"})

    field = project.weft("explain", "prod", "Deployment/web", "spec.template.spec.containers[web].image")
    key = project.weft("explain", "prod", "apps/web", "images.web")
    whole = project.weft("explain", "prod", "apps/web")

    assert (field.code, key.code, whole.code) == (0, 0, 0), field.err + key.err + whole.err
    assert (
        "image of Deployment.apps/shop/web in prod: web:2\n  from environments/prod.yaml:2:3\n" in field.out
    )
    assert "environments/prod.yaml:2:3 lays the image `web` over what was rendered" in field.out
    assert "won  environments/prod.yaml:2:3" in key.out
    assert 'web: "2"  # environments/prod.yaml:2:3' in whole.out


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{web: 1.5}", "environments/prod.yaml:1:10: `images.web` is 1.5, expected a string or a map "
            "(environment prod)\n  hint: put it in quotes"),
        ("{web: ''}", "environments/prod.yaml:1:10: the tag of the image `web` is empty"),
        ("{web: {}}", "environments/prod.yaml:1:10: nothing is said of the image `web`"),
        ("{'web:1.0': '2'}", "1:10: `web:1.0` is no name of an image (environment prod)\n"
         "  hint: write the name alone: web"),
        (f"{{'web@{A}': '2'}}", "is no name of an image"),
        ("{web: mirror/web}", "1:10: `mirror/web` is no tag of an image (environment prod)\n"
         "  hint: to give it another name, write `web: {name: ...}`"),
        ("{web: 'mirror:2'}", "1:10: `mirror:2` is no digest of an image (environment prod)\n"
         "  hint: write `web: {name: mirror, tag: 2}`"),
        ("{web: 'sha256:22'}", "1:10: `sha256:22` is no digest of an image (environment prod)\n"
         "  hint: one is `sha256:` and 64 digits"),
        ("{web: {digest: abc}}", "`abc` is no digest of an image"),
        ("{web: {name: 'mirror/web:2'}}", "`mirror/web:2` is no name of an image"),
        ("{web: {newTag: '2'}}", "unknown key `newTag`"),
        ("{web: '${global.tag}'}", "1:10: `${global.tag}` is unknown"),
        ("[{name: web, newTag: '2'}]", "expected a map"),
    ],
)  # fmt: skip
def test_what_is_no_image_is_refused(tmp_path: Path, said: str, message: str) -> None:
    project, run = _generated(tmp_path, {"environments/prod.yaml": f"images: {said}\n"})

    assert (run.code, message in run.err) == (3, True), run.err
    assert not any(path.startswith("prod/") for path in project.tree())
