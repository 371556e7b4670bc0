"""Patches in a definition: what they make of the output, and what is said of those that cannot be laid."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.project_tree import Project

APP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: app, image: "registry.example.com/shop:1", env: [{name: A, value: "1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop, labels: {app: shop}}
data: {greeting: hello, theme: light}
---
apiVersion: v1
kind: Secret
metadata: {name: creds}
stringData: {password: hunter2}
"""


def _project(root: Path, prod: str, files: dict[str, str] | None = None) -> Project:
    return Project(root).write(
        {
            "component.yaml": "name: shop\nsubcomponents: [{name: app, type: static, path: ./app}]\n",
            "app/app.yaml": APP,
            "environments/prod.yaml": prod,
            "environments/test.yaml": "labels: {a: b}\n",
            **(files or {}),
        }
    )


def _objects(project: Project, environment: str) -> dict[str, dict[str, object]]:
    text = (project.generated / environment / "app/app.yaml").read_text(encoding="utf-8")
    return {item["kind"]: item for item in yaml.safe_load_all(text)}


def test_patches_of_every_kind_change_one_environment_and_no_other(tmp_path: Path) -> None:
    prod = """\
patches:
- patch:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop}
    spec:
      template:
        spec:
          containers:
          - {name: app, env: [{name: B, value: "2"}]}
- target: {kind: Deployment, name: "sh.*"}
  patch: |
    - op: test
      path: /spec/replicas
      value: 1
    - op: replace
      path: /spec/replicas
      value: 3
- target: {labelSelector: "app in (shop)", kind: ConfigMap}
  merge: {data: {theme: null, size: large}}
- path: ../patches/labels.yaml
  target: {name: "shop|creds"}
- path: ../patches/two.yaml
"""
    files = {
        "patches/labels.yaml": "metadata: {annotations: {team: eu}}\n",
        "patches/two.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata: {one: '1'}\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: creds}\n$patch: delete\n",
    }
    project = _project(tmp_path, prod, files)
    run = project.generate("prod", "test")
    assert run.code == 0, run.err
    made = _objects(project, "prod")
    assert sorted(made) == ["ConfigMap", "Deployment"]
    deployment, config = made["Deployment"], made["ConfigMap"]
    assert deployment["spec"]["replicas"] == 3
    assert deployment["metadata"]["annotations"] == config["metadata"]["annotations"] == {"team": "eu"}
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]
    assert config["data"] == {"greeting": "hello", "size": "large", "one": "1"}
    plain = Project(tmp_path / "plain").write(
        {path: (tmp_path / path).read_text(encoding="utf-8") for path in ("component.yaml", "app/app.yaml")}
        | {"environments/test.yaml": "labels: {a: b}\n"}
    )
    assert plain.generate("test").code == 0
    assert _objects(project, "test") == _objects(plain, "test")


def test_a_change_of_a_patch_file_is_seen_by_the_next_run(tmp_path: Path) -> None:
    files = {"patches/a.yaml": "data: {a: '1'}\n"}
    project = _project(tmp_path, "patches: [{path: ../patches/a.yaml, target: {kind: ConfigMap}}]\n", files)
    assert project.generate("prod").code == 0
    project.write({"patches/a.yaml": "data: {a: '2'}\n"})
    assert project.generate("prod").code == 0
    assert _objects(project, "prod")["ConfigMap"]["data"] == {"greeting": "hello", "theme": "light", "a": "2"}


TARGET = "target: {kind: Deployment}"
# What a user writes below `patches:` in environments/prod.yaml, and what he is told.
REFUSED = {
    "matches-nothing": (
        "- {target: {kind: Deployment, name: shpo}, merge: {a: b}}",
        "prod.yaml:2:3: the patch matches no object: it looks for kind `Deployment`, name `shpo`",
        "hint: did you mean 'shop'?",
    ),
    "matches-no-kind": (
        "- {target: {kind: Deploymnt, name: shop}, merge: {a: b}}",
        "environments/prod.yaml:2:3: the patch matches no object",
        "hint: did you mean kind 'Deployment', name 'shop'?",
    ),
    "anchored": (
        "- {target: {kind: Deploy, name: hop}, merge: {a: b}}",
        "environments/prod.yaml:2:3: the patch matches no object",
        "hint: did you mean kind 'Deployment'",
    ),
    "names-nothing": (
        "- patch: {apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: shop}}",
        "it looks for apiVersion `apps/v1beta1`, kind `Deployment`, name `shop`",
        "hint: nearest: Deployment.apps shop",
    ),
    "matches-no-label": (
        "- {target: {labelSelector: app=other}, merge: {a: b}}",
        "environments/prod.yaml:2:3: the patch matches no object: it looks for labelSelector `app=other`",
        "hint: nearest: ConfigMap shop, Deployment.apps shop, Secret creds",
    ),
    "no-target-and-no-name": (
        "- patch: {kind: Deployment, spec: {replicas: 2}}",
        "environments/prod.yaml:2:3: a patch without a `target` names its object, and this one has no "
        "`apiVersion` and `metadata.name`",
        "hint: add it, or say `target:",
    ),
    "operations-without-target": (
        "- patch: [{op: remove, path: /spec}]",
        "environments/prod.yaml:2:3: a patch of this kind needs a `target`",
        "hint: for example",
    ),
    "two-contents": (
        f"- {{{TARGET}, patch: {{}}, merge: {{a: b}}}}",
        "environments/prod.yaml:2:3: a patch needs one of `patch`, `merge` and `path`, and has `patch` and",
        "hint: ",
    ),
    "no-content": (
        f"- {{{TARGET}}}",
        "environments/prod.yaml:2:3: a patch needs one of `patch`, `merge` and `path`, and has none of them",
        "hint: ",
    ),
    "text-that-is-no-patch": (
        f"- {TARGET}\n  patch: |\n    just words",
        "environments/prod.yaml:4: a patch is a map (strategic merge) or a list (JSON 6902 operations)",
        "",
    ),
    "text-that-is-no-yaml": (
        f"- {TARGET}\n  patch: |\n    spec:\n      a: [1",
        "environments/prod.yaml:",
        "",
    ),
    "bad-pattern": (
        "- {target: {kind: 'Deploy(ment'}, merge: {a: b}}",
        "environments/prod.yaml:2:13: `Deploy(ment` is no regular expression",
        "hint: write it in Go's syntax",
    ),
    "bad-selector": (
        "- {target: {labelSelector: 'app in shop'}, merge: {a: b}}",
        "environments/prod.yaml:2:13: selector `app in shop`: found `shop`, expected `(`",
        "hint: write it as kubectl does",
    ),
    "unknown-key": (
        "- {target: {kin: Deployment}, merge: {a: b}}",
        "environments/prod.yaml:2:13: unknown key `kin`",
        "hint: did you mean 'kind'?",
    ),
    "missing-file": (
        f"- {{{TARGET}, path: ../app/ap.yaml}}",
        "environments/prod.yaml:2:32: app/ap.yaml cannot be read: No such file",
        "hint: did you mean '../app/app.yaml'?",
    ),
    "file-outside": (
        f"- {{{TARGET}, path: ../../other.yaml}}",
        "environments/prod.yaml:2:32: `../../other.yaml` leads out of the definition",
        "",
    ),
    "unknown-operation": (
        f"- {TARGET}\n  patch:\n  - {{op: replcae, path: /spec/replicas, value: 2}}",
        "environments/prod.yaml:4:6: unknown operation `replcae`",
        "hint: did you mean 'replace'?",
    ),
    "operation-without-value": (
        f"- {TARGET}\n  patch:\n  - {{op: replace, path: /spec/replicas}}",
        "environments/prod.yaml:4:5: `replace` needs `value`",
        "",
    ),
    "operation-without-slash": (
        f"- {TARGET}\n  patch:\n  - {{op: replace, path: spec.replicas, value: 2}}",
        "environments/prod.yaml:4:19: `spec.replicas` is no path: a path begins with `/`",
        "hint: did you mean '/spec/replicas'?",
    ),
    "operation-on-nothing": (
        f"- {TARGET}\n  patch:\n  - {{op: replace, path: /spec/replica, value: 2}}",
        "environments/prod.yaml:4:19: `/spec/replica` does not exist (patching Deployment.apps shop)",
        "hint: did you mean 'replicas'?",
    ),
    "operation-on-no-item": (
        f"- {TARGET}\n  patch: |\n    - op: remove\n      path: /spec/template/spec/containers/1",
        "environments/prod.yaml:5: `/spec/template/spec/containers/1` does not exist",
        "hint: `/spec/template/spec/containers` has 1 item, the first is 0",
    ),
    "operation-in-nothing": (
        f"- {TARGET}\n  patch: [{{op: add, path: /spec/strategy/type, value: Recreate}}]",
        "environments/prod.yaml:3:21: `/spec/strategy` does not exist",
        "",
    ),
    "operation-beyond-a-list": (
        f"- {TARGET}\n  patch: [{{op: add, path: /spec/template/spec/containers/7, value: {{}}}}]",
        "environments/prod.yaml:3:21: `add` at `/spec/template/spec/containers/7` cannot be done",
        "",
    ),
    "operation-from-nothing": (
        f"- {TARGET}\n  patch: [{{op: move, from: /spec/foo, path: /spec/bar}}]",
        "environments/prod.yaml:3:22: `/spec/foo` does not exist",
        "",
    ),
    "another-name": (
        f"- {TARGET}\n  patch: [{{op: replace, path: /metadata/name, value: other}}]",
        "environments/prod.yaml:2:3: the patch changes `metadata.name` of Deployment.apps shop to `other`",
        "hint: name the object in its template",
    ),
    "another-kind": (
        f"- {{{TARGET}, merge: {{kind: StatefulSet}}}}",
        "environments/prod.yaml:2:3: the patch changes `kind` of Deployment.apps shop to `StatefulSet`",
        "hint: ",
    ),
    "another-namespace": (
        f"- {{{TARGET}, merge: {{metadata: {{namespace: other}}}}}}",
        "prod.yaml:2:3: the patch changes `metadata.namespace` of Deployment.apps shop to `other`",
        "hint: set `namespace` of the component",
    ),
    "no-object-left": (
        f"- {TARGET}\n  patch: [{{op: replace, path: '', value: 1}}]",
        "environments/prod.yaml:2:3: the patch leaves no object of Deployment.apps shop",
        "",
    ),
    "map-over-a-scalar": (
        f"- {TARGET}\n  patch:\n    spec:\n      replicas: {{a: b}}",
        "environments/prod.yaml:5:7: expected a scalar, as the object has there, found a map",
        "",
    ),
    "item-without-its-key": (
        f"- {TARGET}\n  patch:\n    spec: {{template: {{spec: {{containers: [{{image: a}}]}}}}}}",
        "items of this list merge by `name`, and here is one without it",
        "",
    ),
    "empty-operations": (
        f"- {TARGET}\n  patch: []",
        "environments/prod.yaml:2:3: the patch is empty, and changes nothing",
        "hint: remove it",
    ),
    "empty-text": (
        f"- {TARGET}\n  patch: '{{}}'",
        "environments/prod.yaml:2:3: the patch is empty, and changes nothing",
        "",
    ),
    "empty-merge": (
        f"- {{{TARGET}, merge: {{}}}}",
        "environments/prod.yaml:2:3: the patch is empty, and changes nothing",
        "",
    ),
    "deletes-nothing": (
        f"- {TARGET}\n  patch:\n    spec:\n      template:\n        spec:\n"
        "          containers:\n          - {name: ap, $patch: delete}",
        "environments/prod.yaml:8:13: no item has the `name` ap, so there is nothing to remove (patching "
        "Deployment.apps shop)",
        "hint: did you mean 'app'?",
    ),
    "deletes-nothing-in-a-new-list": (
        f"- {TARGET}\n  patch:\n    spec:\n      template:\n        spec:\n"
        "          initContainers: [{name: a, $patch: delete}]",
        "environments/prod.yaml:7:28: no item has the `name` a, so there is nothing to remove",
        "hint: the list is empty, or not there",
    ),
    "deletes-no-value": (
        f"- {TARGET}\n  patch:\n    metadata: {{$deleteFromPrimitiveList/finalizers: [x]}}",
        "environments/prod.yaml:4:54: `x` is to be removed from `finalizers`, and is not in it",
        "",
    ),
    "unknown-word": (
        f"- {TARGET}\n  patch:\n    spec:\n      $patch: remplace",
        "environments/prod.yaml:5:7: `$patch: remplace` means nothing",
        "hint: did you mean 'replace'?",
    ),
    "set-element-order": (
        f"- {TARGET}\n  patch:\n    spec:\n      template:\n        spec:\n"
        "          $setElementOrder/containers: [{name: app}]",
        "environments/prod.yaml:7:11: `$setElementOrder` is what kubectl sends to a server",
        "hint: remove it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_patch_that_cannot_be_laid_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    patches, message, hint = REFUSED[name]
    project = _project(tmp_path, f"patches:\n{patches}\n")
    run = project.generate("prod")
    assert run.code == 3, run.err
    assert message in run.err
    assert hint in run.err
    assert "Traceback" not in run.err
    assert "prod" not in {path.partition("/")[0] for path in project.tree()}


def test_a_test_that_fails_says_so_and_shows_no_secret(tmp_path: Path) -> None:
    patch = "- target: {kind: Secret}\n  patch: [{op: test, path: /stringData/password, value: swordfish}]"
    project = _project(tmp_path, f"patches:\n{patch}\n")
    run = project.generate("prod")
    assert run.code == 3
    assert "environments/prod.yaml:3:11: the test of `/stringData/password` fails" in run.err
    assert "(patching Secret creds)" in run.err
    assert "hunter2" not in run.err
    assert "swordfish" not in run.err
    assert project.tree() == {}


SIDECAR = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: other, labels: {app: other}}
spec:
  selector: {matchLabels: {app: other}}
  template:
    metadata: {labels: {app: other}}
    spec: {containers: [{name: app, image: "shop:1"}, {name: debug, image: "debug:1"}]}
"""
WITHOUT = """\
patches:
- target: {kind: Deployment}
  patch: {spec: {template: {spec: {containers: [{name: debug, $patch: delete}]}}}}
"""


def _beside(root: Path, files: dict[str, str]) -> Project:
    both = "".join(f"- {{name: {name}, type: static, path: ./{name}}}\n" for name in ("app", "b"))
    return _project(
        root, "{}\n", {"component.yaml": f"name: shop\nsubcomponents:\n{both}", "b/b.yaml": SIDECAR, **files}
    )


@pytest.mark.parametrize("file", ["environments/prod.yaml", "config/common.yaml"])
def test_what_one_object_of_many_has_is_removed_from_it(tmp_path: Path, file: str) -> None:
    project = _beside(tmp_path, {file: WITHOUT})
    run = project.generate("prod")
    assert (run.code, "note" in run.err) == (0, False), run.err
    assert "debug" not in (project.generated / "prod/b/b.yaml").read_text(encoding="utf-8")


def test_what_only_a_component_elsewhere_has_is_told(tmp_path: Path) -> None:
    files = {
        "config/common.yaml": WITHOUT,
        "environments/prod.yaml": "subcomponents: {b: {disabled: true}}\n",
    }
    run = _beside(tmp_path, files).generate("prod")
    assert run.code == 0, run.err
    assert "note: prod: config/common.yaml:3:49: no item has the `name` debug" in run.err
    assert "b is not in this environment" in run.err
