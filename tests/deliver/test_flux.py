"""`weft deliver flux`: objects that validate against Flux's own CRDs, and paths that build to everything."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.project_tree import Project, Run, read_tree

CRDS = Path(__file__).parent / "crds"

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  namespace: {}\n"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
WIDGET = "apiVersion: example.org/v1\nkind: Widget\nmetadata:\n  name: w\n  namespace: default\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
"""

PUBLISH = "publish:\n  repository: https://example.org/team/manifests.git\n  branch: env/{environment}\n"


def project(
    root: Path, components: Mapping[str, str], flux: str = "", extra: Mapping[str, str] | None = None
) -> Project:
    """A definition with static components by path, and `deliver.flux` of the only environment as YAML."""
    files: dict[str, str] = {
        "component.yaml": "name: root\nsubcomponents: [{source: ./c/*}]\n",
        "environments/common.yaml": PUBLISH,
        "environments/east.yaml": f"deliver:\n  flux: {{{flux}}}\n",
    }
    for path, text in components.items():
        folder = "c/" + path.replace("/", "/sub/")
        files[f"{folder}/manifests/all.yaml"] = text
        # A component that has no children finds nothing to take in.
        children = any(other.startswith(f"{path}/") for other in components)
        files[f"{folder}/component.yaml"] = "type: static\npath: ./manifests\n" + (
            "subcomponents: [{source: ./sub/*}]\n" if children else ""
        )
    return Project(root).write({**files, **(extra or {})})


def strict(schema: Any) -> Any:
    """The schema as an API server has it that validates strictly: an unknown field is an error."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    known = {name: strict(value) for name, value in schema.items()}
    closed = "properties" in known and isinstance(known.get("type"), str)
    return {**known, "additionalProperties": False} if closed else known


def validated(run: Run) -> list[dict[str, Any]]:
    """The objects that a run printed, each checked against Flux's CRD."""
    assert run.code == 0, run.err
    found = list(yaml.safe_load_all(run.out))
    check(found)
    return found


def check(objects: list[dict[str, Any]]) -> None:
    for item in objects:
        schema = json.loads((CRDS / f"{item['kind'].lower()}.json").read_text())
        jsonschema_rs.validator_for(strict(schema)).validate(item)


def kustomizations(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item["spec"] for item in objects if item["kind"] == "Kustomization"}


def waits(objects: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The component of each Kustomization with those that it waits for."""
    return {
        name.removeprefix("east."): [
            other["name"].removeprefix("east.") for other in spec.get("dependsOn", ())
        ]
        for name, spec in kustomizations(objects).items()
    }


def test_the_crds_are_those_of_flux_and_strict() -> None:
    for kind in ("gitrepository", "kustomization"):
        validator = jsonschema_rs.validator_for(strict(json.loads((CRDS / f"{kind}.json").read_text())))
        spec = {
            "interval": "1m",
            "url": "https://x",
            "prune": True,
            "sourceRef": {"kind": "Bucket", "name": "b"},
        }
        assert not validator.is_valid({"spec": {**spec, "noSuchField": 1}})
        assert not validator.is_valid({"spec": {}})


def test_one_kustomization_for_all_by_default(tmp_path: Path) -> None:
    git, kustomization = validated(
        project(tmp_path, {"a": NAMESPACE.format("ns")}).weft("deliver", "flux", "east")
    )
    assert git == {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "east", "namespace": "flux-system"},
        "spec": {
            "interval": "1m",
            "url": "https://example.org/team/manifests.git",
            "ref": {"branch": "env/east"},
        },
    }
    assert kustomization == {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "east", "namespace": "flux-system"},
        "spec": {
            "interval": "10m",
            "timeout": "5m",
            "path": "./",
            "prune": True,
            "wait": True,
            "sourceRef": {"kind": "GitRepository", "name": "east"},
        },
    }


EVERYTHING = """\
deliver:
  flux:
    name: shop
    namespace: gitops
    url: ssh://git@mirror.example.org/manifests
    interval: 1h
    sourceInterval: 5m30s
    retryInterval: 2m
    timeout: 3m
    secretRef: {name: git-token}
    serviceAccountName: applier
    decryption: {provider: sops, secretRef: {name: age}}
    postBuild:
      substitute: {cluster: east}
      substituteFrom: [{kind: ConfigMap, name: vars, optional: true}]
      substituteStrategy: Always
"""


def test_every_key_passes_through(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, extra={"environments/east.yaml": EVERYTHING})
    git, kustomization = validated(shop.weft("deliver", "flux", "east"))
    assert git["metadata"] == kustomization["metadata"] == {"name": "shop", "namespace": "gitops"}
    assert git["spec"] == {
        "interval": "5m30s",
        "url": "ssh://git@mirror.example.org/manifests",
        "ref": {"branch": "env/east"},
        "secretRef": {"name": "git-token"},
    }
    assert kustomization["spec"] == {
        "interval": "1h",
        "retryInterval": "2m",
        "timeout": "3m",
        "path": "./",
        "prune": True,
        "wait": True,
        "sourceRef": {"kind": "GitRepository", "name": "shop"},
        "serviceAccountName": "applier",
        "decryption": {"provider": "sops", "secretRef": {"name": "age"}},
        "postBuild": {
            "substitute": {"cluster": "east"},
            "substituteFrom": [{"kind": "ConfigMap", "name": "vars", "optional": True}],
            "substituteStrategy": "Always",
        },
    }


def test_the_provider_of_decryption_is_sops_unless_it_is_written(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, "decryption: {secretRef: {name: age}}")
    _, kustomization = validated(shop.weft("deliver", "flux", "east"))
    assert kustomization["spec"]["decryption"] == {"provider": "sops", "secretRef": {"name": "age"}}


def test_environments_are_chosen_by_label(tmp_path: Path) -> None:
    labels = {f"environments/{name}.yaml": f"labels: {{region: {name}}}\n" for name in ("east", "west")}
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, extra=labels)

    def names(*arguments: str) -> list[str]:
        objects = validated(shop.weft("deliver", "flux", *arguments))
        return [item["metadata"]["name"] for item in objects if item["kind"] == "GitRepository"]

    assert names("-l", "region=west") == ["west"]
    assert names("-l", "region!=west") == ["east"]
    assert names("-l", "region=east", "-l", "region=west") == names("--all") == ["east", "west"]
    run = shop.weft("deliver", "flux", "-l", "region in (west)", "--output", "clusters")
    assert run.code == 0, run.err
    assert list(read_tree(shop.root / "clusters")) == ["west/flux.yaml"]


def test_an_environment_lays_its_keys_over_those_of_all(tmp_path: Path) -> None:
    common = (
        f"{PUBLISH}deliver:\n  flux:\n    interval: 1h\n    timeout: 1m\n"
        "    postBuild: {substitute: {region: eu, tier: prod, gone: x}}\n"
    )
    shop = project(
        tmp_path,
        {"a": NAMESPACE.format("ns")},
        "timeout: 2m, postBuild: {substitute: {region: us, gone: null}}",
        {"environments/common.yaml": common},
    )
    spec = kustomizations(validated(shop.weft("deliver", "flux", "east")))["east"]
    assert (spec["interval"], spec["timeout"]) == ("1h", "2m")
    assert spec["postBuild"] == {"substitute": {"region": "us", "tier": "prod"}}


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://bob:hunter2@example.org/team/repo.git", "https://example.org/team/repo.git"),
        ("https://hunter2@Example.org:8443/repo?token=hunter2", "https://example.org:8443/repo"),
        ("git@example.org:team/repo.git", "ssh://git@example.org/team/repo.git"),
        ("example.org:team/repo.git", "ssh://example.org/team/repo.git"),
        ("ssh://git:hunter2@example.org:2222/team/repo.git", "ssh://git@example.org:2222/team/repo.git"),
        ("git+ssh://git@example.org/repo", "ssh://git@example.org/repo"),
    ],
)
def test_the_address_is_one_flux_knows_and_has_no_credential(
    tmp_path: Path, repository: str, url: str
) -> None:
    shop = project(
        tmp_path,
        {"a": NAMESPACE.format("ns")},
        extra={
            "environments/common.yaml": PUBLISH.replace("https://example.org/team/manifests.git", repository)
        },
    )
    run = shop.weft("deliver", "flux", "east")
    assert validated(run)[0]["spec"]["url"] == url
    assert "hunter2" not in run.out + run.err


@pytest.mark.parametrize(
    "repository", ["../manifests.git", "/srv/git/m.git", "file:///srv/git/m.git", "git://h/m"]
)
def test_a_repository_that_a_cluster_cannot_reach_is_refused(tmp_path: Path, repository: str) -> None:
    common = PUBLISH.replace("https://example.org/team/manifests.git", repository)
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, extra={"environments/common.yaml": common})
    run = shop.weft("deliver", "flux", "east")
    assert (run.code, run.out) == (3, "")
    assert "environments/east.yaml:1" in run.err
    assert 'deliver: {flux: {url: "https://..."}}' in run.err
    reachable = shop.write({"environments/east.yaml": 'deliver: {flux: {url: "https://example.org/m"}}\n'})
    assert validated(reachable.weft("deliver", "flux", "east"))[0]["spec"]["url"] == "https://example.org/m"


def test_the_repository_is_origin_where_none_is_named(tmp_path: Path) -> None:
    shop = project(
        tmp_path, {"a": NAMESPACE.format("ns")}, extra={"environments/common.yaml": "publish: {branch: b}\n"}
    )
    assert shop.weft("deliver", "flux", "east").code == 3
    for command in ("init --quiet", "remote add origin https://bob:hunter2@example.org/team/defs.git"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    run = shop.weft("deliver", "flux", "east")
    assert validated(run)[0]["spec"]["url"] == "https://example.org/team/defs.git"
    assert "hunter2" not in run.out + run.err


def test_a_path_inside_the_branch(tmp_path: Path) -> None:
    common = f"{PUBLISH}  path: clusters/{{environment}}/\n"
    shop = project(
        tmp_path,
        {"a/b": NAMESPACE.format("ns"), "a": CONFIG_MAP.format("m", "default")},
        "split: component",
        {"environments/common.yaml": common},
    )
    specs = kustomizations(validated(shop.weft("deliver", "flux", "east")))
    assert {name: spec["path"] for name, spec in specs.items()} == {
        "east.a": "./clusters/east/a",
        "east.a.b": "./clusters/east/a/b",
    }


def test_health_checks_name_the_workloads_where_flux_does_not_wait_for_all(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": f"{DEPLOYMENT}---\n{CONFIG_MAP.format('m', 'default')}"}, "wait: false")
    spec = kustomizations(validated(shop.weft("deliver", "flux", "east")))["east"]
    assert spec["wait"] is False
    assert spec["healthChecks"] == [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "default"}
    ]


def test_health_checks_of_the_user_go_to_the_component_that_has_the_object(tmp_path: Path) -> None:
    check = "{kind: ConfigMap, name: m, namespace: default}"
    components = {"a": DEPLOYMENT, "b": CONFIG_MAP.format("m", "default")}
    shop = project(tmp_path, components, f"wait: false, split: component, healthChecks: [{check}]")
    specs = kustomizations(validated(shop.weft("deliver", "flux", "east")))
    assert "healthChecks" not in specs["east.a"]
    assert specs["east.b"]["healthChecks"] == [{"kind": "ConfigMap", "name": "m", "namespace": "default"}]
    shop.write(
        {
            "environments/east.yaml": "deliver: {flux: {split: component, wait: false, "
            "healthChecks: [{kind: Job, name: x}]}}\n"
        }
    )
    run = shop.weft("deliver", "flux", "east")
    assert run.code == 3
    assert "`healthChecks` names Job x" in run.err


def test_health_checks_that_flux_would_ignore_are_refused(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": DEPLOYMENT}, "healthChecks: [{kind: Job, name: x}]")
    run = shop.weft("deliver", "flux", "east")
    assert run.code == 3
    assert "environments/east.yaml:1:1: `healthChecks` without `wait: false`" in run.err


NESTED = {
    "base": NAMESPACE.format("shop") + "---\n" + CRD,
    "apps": CONFIG_MAP.format("apps", "shop"),
    "apps/web": CONFIG_MAP.format("web", "shop"),
    "apps/web/canary": CONFIG_MAP.format("canary", "shop"),
    "other": WIDGET,
    "lone": CONFIG_MAP.format("lone", "default"),
}


def test_a_component_waits_for_its_parent_its_namespace_and_its_crd(tmp_path: Path) -> None:
    shop = project(tmp_path, NESTED, "split: component")
    assert waits(validated(shop.weft("deliver", "flux", "east"))) == {
        "apps": ["base"],
        "apps.web": ["apps", "base"],
        "apps.web.canary": ["apps.web", "base"],
        "base": [],
        "lone": [],
        "other": ["base"],
    }


def test_a_component_waits_for_what_the_environment_says(tmp_path: Path) -> None:
    flux = "split: component, dependsOn: {apps: [lone], lone: [other]}"
    found = waits(validated(project(tmp_path, NESTED, flux).weft("deliver", "flux", "east")))
    assert found["apps"] == ["base", "lone"]
    assert found["apps.web.canary"] == ["apps.web", "base", "lone"]
    assert found["lone"] == ["other"]


def test_what_an_object_needs_weighs_more_than_the_tree(tmp_path: Path) -> None:
    components = {"apps": CONFIG_MAP.format("m", "shop"), "apps/namespaces": NAMESPACE.format("shop")}
    shop = project(tmp_path, components, "split: component")
    assert waits(validated(shop.weft("deliver", "flux", "east"))) == {
        "apps": ["apps.namespaces"],
        "apps.namespaces": [],
    }


def test_a_component_that_is_disabled_here_is_waited_for_by_nobody(tmp_path: Path) -> None:
    environment = (
        "deliver: {flux: {split: component, dependsOn: {apps: [lone]}}}\n"
        "subcomponents: {lone: {disabled: true}}\n"
    )
    shop = project(tmp_path, NESTED, extra={"environments/east.yaml": environment})
    assert waits(validated(shop.weft("deliver", "flux", "east")))["apps"] == ["base"]


@pytest.mark.parametrize(
    ("flux", "message"),
    [
        ("dependsOn: {apps: [lone], lone: [other], other: [apps]}", "ever: apps -> lone -> other -> apps"),
        ("dependsOn: {base: [apps]}", "wait for each other for ever: apps -> base -> apps"),
        ("dependsOn: {aps: [lone]}", "names `aps`, which is no component\n  hint: did you mean 'apps'?"),
        ("dependsOn: {apps: [lon]}", "environments/east.yaml:2:47: `dependsOn` names `lon`"),
    ],
)  # fmt: skip
def test_dependencies_that_cannot_be_are_refused(tmp_path: Path, flux: str, message: str) -> None:
    run = project(tmp_path, NESTED, f"split: component, {flux}").weft("deliver", "flux", "east")
    assert (run.code, run.out) == (3, "")
    assert "environments/east.yaml:" in run.err
    assert message in run.err


def test_a_root_that_renders_has_no_folder_to_be_split(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, "split: component")
    shop.write(
        {
            "component.yaml": "name: root\ntype: static\npath: ./m\nsubcomponents: [{source: ./c/*}]\n",
            "m/m.yaml": CONFIG_MAP.format("m", "default"),
        }
    )
    run = shop.weft("deliver", "flux", "east")
    assert run.code == 3
    assert "root.yaml has none: the root component renders it" in run.err


def built(folder: Path) -> list[str]:
    """What Flux gets of a folder: `kustomize build`, each object as text, in a total order."""
    done = subprocess.run(["kustomize", "build", str(folder)], capture_output=True, check=True)
    return sorted(json.dumps(item, sort_keys=True) for item in yaml.safe_load_all(done.stdout) if item)


def test_the_parts_build_to_exactly_the_environment(tmp_path: Path) -> None:
    shop = project(tmp_path / "source", NESTED, "split: component")
    assert shop.generate("east").code == 0
    specs = kustomizations(validated(shop.weft("deliver", "flux", "east")))
    # What Flux pulls has nothing around it.
    pulled = tmp_path / "pulled"
    shutil.copytree(shop.generated / "east", pulled)
    shutil.rmtree(tmp_path / "source")
    parts = [built(pulled / spec["path"]) for spec in specs.values()]
    assert all(parts)
    assert sorted(text for part in parts for text in part) == built(pulled)


@pytest.mark.parametrize("split", ["environment", "component"])
@pytest.mark.parametrize(
    "where", ["branch: env/{environment}", "branch: main\n  path: clusters/{environment}"]
)
def test_a_clone_has_what_the_objects_select_and_it_builds(tmp_path: Path, split: str, where: str) -> None:
    shop = project(
        tmp_path / "source",
        NESTED,
        f"split: {split}, url: 'https://example.org/m.git'",
        {"environments/common.yaml": f"publish:\n  repository: ../m.git\n  {where}\n"},
    )
    subprocess.run(["git", "init", "--quiet", "--bare", "m.git"], cwd=tmp_path, check=True)
    identity = {f"GIT_{who}_{what}": "t@t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    assert shop.weft("publish", "east", env=identity).code == 0
    assert shop.generate("east").code == 0
    everything = built(shop.generated / "east")
    git, *found = validated(shop.weft("deliver", "flux", "east"))
    shutil.rmtree(tmp_path / "source")
    branch = git["spec"]["ref"]["branch"]
    subprocess.run(["git", "clone", "--quiet", "--branch", branch, "m.git", "site"], cwd=tmp_path, check=True)
    shutil.rmtree(tmp_path / "m.git")
    parts = [text for item in found for text in built(tmp_path / "site" / item["spec"]["path"])]
    assert sorted(parts) == everything


def test_folders_have_kustomizations_of_their_own_only_where_the_environment_is_split(tmp_path: Path) -> None:
    shop = project(tmp_path, NESTED, "split: component")
    assert shop.generate("east").code == 0
    split = shop.tree()
    inner = {path for path in split if path.endswith("/kustomization.yaml")} - {"east/kustomization.yaml"}
    assert inner == {f"east/{path}/kustomization.yaml" for path in NESTED}
    assert set(json.loads(split["east/inventory.json"])) == {path.removeprefix("east/") for path in split}
    assert shop.generate("east", "--component", "apps/web").code == 0
    assert shop.tree() == split
    printed = shop.generate("east", "--stdout").out
    assert "kind: Kustomization" not in printed
    shop.write({"environments/east.yaml": ""})
    assert shop.generate("east", "--component", "apps/web").code == 0
    assert {path for path in shop.tree() if path not in inner} == set(shop.tree())
    assert shop.tree()["east/kustomization.yaml"] == split["east/kustomization.yaml"]


def test_a_long_path_still_makes_a_name_that_fits_a_label(tmp_path: Path) -> None:
    long = "/".join(["a" * 30, "b" * 30, "c" * 30])
    shop = project(
        tmp_path,
        {
            "a" * 30: NAMESPACE.format("ns"),
            "a" * 30 + "/" + "b" * 30: CONFIG_MAP.format("x", "default"),
            long: CONFIG_MAP.format("m", "default"),
        },
        "split: component",
    )
    found = validated(shop.weft("deliver", "flux", "east"))
    names = list(kustomizations(found))
    assert len(set(names)) == 3
    assert all(len(name) <= 63 for name in names)
    known = set(names)
    for spec in kustomizations(found).values():
        assert {other["name"] for other in spec.get("dependsOn", ())} <= known


@pytest.mark.parametrize(
    ("flux", "message"),
    [
        ("interval: soon", "is refused"),
        ("url: 'file:///srv'", "is refused"),
        ("secretRef: {}", "is refused"),
        ("decryption: {provider: pgp}", '"sops"'),
        ("postBuild: {substituteFrom: [{name: x}]}", "is refused"),
        ("split: components", "did you mean 'component'?"),
        ("prune: false", "unknown key `prune`"),
    ],
)
def test_a_key_that_flux_would_refuse_is_refused_with_its_line(
    tmp_path: Path, flux: str, message: str
) -> None:
    run = project(tmp_path, {"a": NAMESPACE.format("ns")}, flux).weft("deliver", "flux", "east")
    assert run.code == 3
    assert "environments/east.yaml:2:" in run.err
    assert message in run.err


def test_output_has_a_file_for_each_environment(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, extra={"environments/west.yaml": ""})
    run = shop.weft("deliver", "flux", "--all", "--output", "clusters")
    assert (run.code, run.out) == (0, "")
    assert run.err == "east: 2 objects, written\nwest: 2 objects, written\n"
    found = read_tree(tmp_path / "clusters")
    assert sorted(found) == ["east/flux.yaml", "west/flux.yaml"]
    for text in found.values():
        check(list(yaml.safe_load_all(text)))
    again = shop.weft("deliver", "flux", "--all", "--output", "clusters")
    assert again.err == "east: 2 objects, unchanged\nwest: 2 objects, unchanged\n"
    assert (
        shop.weft("deliver", "flux", "--all", "--output", "-").out
        == shop.weft("deliver", "flux", "--all").out
    )


def test_a_file_that_weft_did_not_write_stays_unless_it_is_adopted(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")}, extra={"clusters/east/flux.yaml": "mine\n"})
    run = shop.weft("deliver", "flux", "east", "--output", "clusters")
    assert run.code == 3
    assert "clusters/east/flux.yaml: is in the way" in run.err
    assert (tmp_path / "clusters/east/flux.yaml").read_text() == "mine\n"
    assert shop.weft("deliver", "flux", "east", "--output", "clusters", "--adopt").code == 0
    assert read_tree(tmp_path / "clusters").keys() == {"east/flux.yaml"}


def test_the_folder_of_the_manifests_is_refused(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")})
    assert shop.generate("east").code == 0
    before = shop.tree()
    run = shop.weft("deliver", "flux", "east", "--output", "generated")
    assert run.code == 3
    assert "among the manifests" in run.err
    assert shop.tree() == before


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    shop = project(tmp_path / "source", {"a": NAMESPACE.format("ns")})
    outside = tmp_path / "outside"
    outside.mkdir()
    (shop.root / "clusters").mkdir()
    (shop.root / "clusters/east").symlink_to(outside)
    run = shop.weft("deliver", "flux", "east", "--output", "clusters")
    assert run.code == 3
    assert "symbolic link" in run.err
    assert list(outside.iterdir()) == []


def test_an_environment_that_is_not_published_is_skipped_with_a_line(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        {"a": NAMESPACE.format("ns")},
        extra={"environments/common.yaml": "", "environments/west.yaml": PUBLISH},
    )
    run = shop.weft("deliver", "flux", "--all")
    assert [item["metadata"]["name"] for item in validated(run)] == ["west", "west"]
    assert "east: skipped" in run.err


def test_an_environment_that_is_refused_does_not_stop_the_others(tmp_path: Path) -> None:
    twice = "deliver: {flux: {split: component}}\nsubcomponents: {b: {disabled: false}}\n"
    shop = project(
        tmp_path,
        {"a": CONFIG_MAP.format("m", "default"), "b": CONFIG_MAP.format("m", "default")},
        extra={"environments/east.yaml": twice, "environments/west.yaml": ""},
    )
    run = shop.weft("deliver", "flux", "--all")
    assert run.code == 3
    assert [item["metadata"]["name"] for item in yaml.safe_load_all(run.out)] == ["west", "west"]
    assert "ConfigMap default/m is there twice" in run.err


def test_the_usual_mistakes_are_wrong_usage(tmp_path: Path) -> None:
    shop = project(tmp_path, {"a": NAMESPACE.format("ns")})
    for arguments in (("argo",), ("flux",), ("flux", "eest"), ("flux", "-l", "a=b")):
        assert shop.weft("deliver", *arguments).code == 2
