"""Charts with all that real ones use, fetched and rendered by weft, beside what helm makes of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fetch import packages
from tests.fetch.servers import loopback, registry
from tests.fetch.servers.loopback import Loopback
from tests.fetch.servers.registry import Registry
from tests.project_tree import Project

MONITORING = "monitoring.coreos.com/v1"


@dataclass
class Servers:
    """A Helm repository and a registry that have the packages."""

    web: Loopback
    registry: Registry

    @property
    def oci(self) -> str:
        return f"oci://{self.registry.server.host}"

    @property
    def asked(self) -> list[str]:
        return [*self.web.paths, *self.registry.server.paths]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with serving(tmp_path) as both:
        yield both


@contextmanager
def serving(folder: Path, versions: Sequence[tuple[str, str]] = ()) -> Iterator[Servers]:
    kept = packages.repository(folder / "repository", versions)
    with loopback.serving(loopback.files(kept)) as web, registry.serving() as there:
        packages.fill(there)
        yield Servers(web, there)


def project(folder: Path, component: str, apis: Sequence[str] = ()) -> Project:
    versions = json.dumps(list(apis))
    return Project(folder / "project").write(
        {
            "component.yaml": component,
            "environments/prod.yaml": f'kubernetes: {{version: "1.30", apiVersions: {versions}}}\n',
        }
    )


def generated(made: Project) -> list[Any]:
    """The objects in the output, by kind and name."""
    objects: list[Any] = []
    for path, data in made.tree().items():
        if path.endswith(".yaml") and not path.endswith("kustomization.yaml"):
            objects.extend(yaml.safe_load_all(data))
    return by_name(objects)


def by_name(objects: Sequence[Any]) -> list[Any]:
    return sorted(objects, key=lambda item: (item["kind"], item["metadata"]["name"], json.dumps(item)))


def templated(
    chart: Path | str, release: str, values: Mapping[str, Any], folder: Path, *more: str
) -> list[Any]:
    """What `helm template` makes of a chart, without hooks and tests unless `more` has --keep."""
    file = folder / "values.json"
    file.write_text(json.dumps(values))
    options = [option for option in more if option != "--keep"]
    options += ["--include-crds", "--kube-version=1.30", f"--values={file}"]
    text = packages.helm("template", release, chart, *options)
    found = [item for item in yaml.safe_load_all(text) if item]
    if "--keep" not in more:
        found = [item for item in found if "helm.sh/hook" not in (item["metadata"].get("annotations") or {})]
    return by_name(found)


def whole(target: Path) -> Path:
    """The shop with all that it needs in charts/, as helm would have it."""
    shutil.copytree(packages.CHARTS / "shop", target)
    shutil.copytree(packages.packages(), target / "charts")
    return target


def shop(values: Mapping[str, Any], helm: Mapping[str, Any] | None = None) -> str:
    reference = {"name": "shop", "type": "helm", "path": "charts/shop", "config": values, "helm": helm or {}}
    return json.dumps({"subcomponents": [reference]})


VALUES: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], Sequence[str]]] = (
    ({}, {}, ()),
    ({}, {"hooks": True, "tests": True}, (MONITORING,)),
    ({"tags": {"caching": False, "platform": False}, "operatorLimits": {"memory": "1Gi"}}, {}, (MONITORING,)),
    ({"sessions": {"enabled": False}, "pages": {"enabled": True, "replicas": 2}}, {}, ()),
    (
        {
            "global": {"registry": "other.example.com", "labels": {"team": "web", "tier": "1"}},
            "operator": {"watchNamespaces": ["b", "a"]},
            "greeting": "{{ .Chart.Version }} at {{ .Release.Namespace }}",
            "ingress": {"enabled": True, "hosts": ["{{ .Release.Name }}.example.com"]},
            "sessions": {
                "extraDeploy": [
                    {
                        "apiVersion": "v1",
                        "kind": "ConfigMap",
                        "metadata": {"name": "{{ .Release.Name }}-more"},
                    }
                ]
            },
        },
        {},
        (),
    ),
)


@pytest.mark.parametrize(("values", "helm", "apis"), VALUES)
def test_a_chart_with_dependencies_renders_as_helm_renders_it(
    tmp_path: Path, servers: Servers, values: Any, helm: Any, apis: Sequence[str]
) -> None:
    made = project(tmp_path, shop(values, helm), apis)
    chart = packages.copy("shop", made.root / "charts/shop", servers.web.url, f"{servers.oci}")
    before = sorted(chart.rglob("*"))
    run = made.weft("install")
    assert run.code == 0, run.err
    assert made.generate("prod", "--no-validate").code == 0
    more = [*(["--keep"] if helm else []), *(f"--api-versions={version}" for version in apis)]
    assert generated(made) == templated(whole(tmp_path / "whole"), "shop", values, tmp_path, *more)
    assert sorted(chart.rglob("*")) == before, "nothing is written into the user's chart"


def test_nothing_is_fetched_twice_and_the_second_run_needs_no_network(
    tmp_path: Path, servers: Servers
) -> None:
    made = project(tmp_path, shop({}))
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    assert made.weft("install").code == 0
    # Two ranges of the cache come to one package, and the repository has one index.
    assert sorted(servers.web.paths) == ["/cache-2.1.0.tgz", "/common-1.4.2.tgz", "/index.yaml"]
    lock = (made.root / "weft.lock").read_bytes()
    servers.web.requests.clear()
    servers.registry.server.requests.clear()
    assert made.weft("install", "--locked").code == 0
    assert made.generate("prod", "--no-validate").code == 0
    first = made.tree()
    shutil.rmtree(made.generated)
    again = made.generate("prod", "--no-validate", "--no-cache")
    assert again.code == 0, again.err
    assert (made.tree(), (made.root / "weft.lock").read_bytes(), servers.asked) == (first, lock, [])


def test_a_second_machine_gets_the_same_from_the_lock(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, shop({}))
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    assert made.weft("install").code == 0
    assert made.generate("prod", "--no-validate").code == 0
    other = Project(tmp_path / "other")
    for name in ("component.yaml", "weft.lock", "environments", "charts"):
        source = made.root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, other.root / name)
    # A newer version is there by now; the lock has the old one.
    kept = tmp_path / "repository"
    packages.package(packages.CHARTS / "common", kept, "1.9.0")
    packages.helm("repo", "index", kept)
    assert other.weft("install", "--locked").code == 0
    assert other.generate("prod", "--no-validate").code == 0
    assert other.tree() == made.tree()


def test_a_dependency_that_is_not_installed_is_named_with_its_line(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, shop({}))
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    run = made.generate("prod")
    assert (run.code, run.out) == (3, "")
    assert f"charts/shop/Chart.yaml:8:5: helm {servers.web.url} common@1.x is not in weft.lock" in run.err
    assert "hint: run: weft install" in run.err
    assert not made.generated.exists()
    assert servers.asked == []


def test_charts_of_the_tree_are_dependencies_without_an_install(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        '{"subcomponents": [{"name": "web", "type": "helm", "path": "charts/cache",'
        ' "config": {"auth": {"password": "x"}}}]}',
    )
    for name in ("cache", "common"):
        packages.copy(name, made.root / "charts" / name)
    run = made.generate("prod", "--no-validate")
    assert run.code == 0, run.err
    package = packages.packages() / "cache-2.1.0.tgz"
    assert generated(made) == templated(package, "web", {"auth": {"password": "x"}}, tmp_path)
    assert not (made.root / "charts/cache/charts").exists()
    assert not (made.root / "weft.lock").exists()
    # Its own ignore rules hold, and what changes in it shows.
    names = made.root / "charts/common/templates/_names.tpl"
    names.write_text(names.read_text().replace("app.kubernetes.io/managed-by", "managed-by"))
    assert made.generate("prod", "--no-validate").code == 0
    assert any("managed-by" in item["metadata"]["labels"] for item in generated(made))


class TestCharts:
    """Whole charts from a repository and from a registry."""

    def test_each_renders_as_helm_renders_the_package(self, tmp_path: Path, servers: Servers) -> None:
        values = {"auth": {"password": "x"}}
        references = [
            {"name": "one", "type": "helm", "method": "helm", "source": servers.web.url, "path": "cache"},
            {"name": "two", "type": "helm", "source": f"{servers.oci}/charts/cache", "version": "2.x"},
            {"name": "three", "type": "helm", "method": "helm", "source": f"{servers.oci}/charts"},
        ]
        references[2] |= {"path": "operator", "version": "0.9.3", "helm": {"hooks": True}}
        for reference in references[:2]:
            reference["config"] = values
        made = project(tmp_path, json.dumps({"subcomponents": references}), [MONITORING])
        run = made.weft("install")
        assert run.code == 0, run.err
        assert f"added 2.1.0 helm {servers.web.url} cache" in run.out
        assert made.generate("prod", "--no-validate").code == 0
        expected = []
        for name, chart, given in (
            ("one", "cache", values),
            ("two", "cache", values),
            ("three", "operator", {}),
        ):
            (package,) = packages.packages().glob(f"{chart}-*.tgz")
            keep = ["--keep"] if chart == "operator" else []
            expected += templated(package, name, given, tmp_path, f"--api-versions={MONITORING}", *keep)
        assert generated(made) == by_name(expected)

    def test_a_chart_in_a_git_repository_gets_its_dependencies(
        self, tmp_path: Path, servers: Servers
    ) -> None:
        source = tmp_path / "source"
        packages.copy("shop", source / "deploy/shop", servers.web.url, servers.oci)
        git = ["git", "-C", source, "-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "init", "-q", "-b", "main", source], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "charts"], check=True)
        reference = {"name": "shop", "type": "helm", "method": "git", "source": source.as_uri()}
        made = project(tmp_path, json.dumps({"subcomponents": [{**reference, "path": "deploy/shop"}]}))
        run = made.weft("install")
        assert run.code == 0, run.err
        assert made.generate("prod", "--no-validate").code == 0
        assert generated(made) == templated(whole(tmp_path / "whole"), "shop", {}, tmp_path)

    def test_a_vendored_definition_needs_no_store(self, tmp_path: Path, servers: Servers) -> None:
        made = project(tmp_path, shop({}))
        packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
        assert made.weft("vendor", "third_party").code == 0
        shutil.rmtree(made.root / ".weft")
        assert made.generate("prod", "--no-validate").code == 0
        assert generated(made) == templated(whole(tmp_path / "whole"), "shop", {}, tmp_path)


def test_a_dependency_that_was_edited_in_the_store_is_refused(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, shop({}))
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    assert made.weft("install").code == 0
    assert made.generate("prod", "--no-validate").code == 0
    before = made.tree()
    for file in made.root.glob(".weft/*/templates/secret.yaml"):
        file.write_text(file.read_text() + "# more\n")
    run = made.generate("prod", "--no-validate")
    assert run.code == 3
    assert "charts/shop/Chart.yaml:11:5: .weft/" in run.err
    assert f"is not what weft.lock says of helm {servers.web.url} cache@~2.1.0" in run.err
    assert made.tree() == before
    assert made.weft("install").code == 0
    assert made.generate("prod", "--no-validate").code == 0


def test_two_revisions_of_a_chart_with_dependencies_are_compared(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, shop({})).write({".gitignore": ".weft\n"})
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    assert made.weft("install").code == 0
    git = ["git", "-C", made.root, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "-q", "-b", "main", made.root], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "charts"], check=True)
    made.write({"component.yaml": shop({"sessions": {"replicas": 5}})})
    run = made.weft("diff", "--from", "HEAD", "--no-validate")
    assert run.code == 1, run.err
    assert "spec.replicas: 3 -> 5" in run.out
    assert "prod: 2 objects changed" in run.out


def test_a_fabrikate_definition_fetches_its_charts(tmp_path: Path, servers: Servers) -> None:
    values = {"auth": {"password": "x"}}
    made = project(tmp_path, "")
    made.write(
        {
            "component.yaml": "dialect: fabrikate\nname: top\nsubcomponents:\n  - name: web\n"
            f"    generator: helm\n    method: helm\n    source: {servers.web.url}\n    path: cache\n"
            "    version: ~2.1\n    repositories: {stable: https://charts.example.com}\n",
            "config/prod.yaml": f"subcomponents: {{web: {{config: {json.dumps(values)}}}}}\n",
        }
    )
    run = made.weft("install")
    assert run.code == 0, run.err
    assert made.generate("prod", "--no-validate").code == 0
    (file,) = (data for path, data in made.tree().items() if path.endswith("web.yaml"))
    package = packages.packages() / "cache-2.1.0.tgz"
    assert by_name(list(yaml.safe_load_all(file))) == templated(package, "web", values, tmp_path)


class TestChartLock:
    """A chart's own Chart.lock, written by the real helm."""

    @pytest.fixture
    def locked(self, tmp_path: Path) -> Iterator[Project]:
        with serving(tmp_path, [("common", "1.4.9"), ("common", "1.5.0-rc.1")]) as both:
            made = project(tmp_path, shop({}))
            chart = packages.copy("shop", made.root / "charts/shop", both.web.url)
            # helm speaks to registries over HTTPS here.
            described = chart / "Chart.yaml"
            described.write_text(described.read_text().partition("  - name: operator")[0])
            packages.helm("dependency", "update", chart)
            shutil.rmtree(chart / "charts")
            # There is a newer one by now.
            packages.package(packages.CHARTS / "common", tmp_path / "repository", "1.6.0")
            packages.helm("repo", "index", tmp_path / "repository")
            yield made

    def test_its_versions_are_taken(self, locked: Project) -> None:
        run = locked.weft("install")
        assert run.code == 0, run.err
        assert re.findall(r"added (\S+) .* (\S+)", run.out) == [
            ("2.1.0", "cache@2.1.0"),
            ("1.4.9", "common@1.4.9"),
        ]

    def test_without_it_the_newest_is(self, locked: Project) -> None:
        (locked.root / "charts/shop/Chart.lock").unlink()
        run = locked.weft("install")
        assert re.search(r"added 1\.6\.0 .* common@1\.x", run.out)

    def test_one_for_other_dependencies_is_refused(self, locked: Project) -> None:
        described = locked.root / "charts/shop/Chart.yaml"
        described.write_text(described.read_text().replace("version: 1.x", "version: ^1.4"))
        run = locked.weft("install")
        assert run.code == 3
        assert "charts/shop/Chart.lock:11:1: Chart.lock was made for other dependencies" in run.err
        assert "helm dependency update charts/shop" in run.err
        assert not (locked.root / "weft.lock").exists()


@pytest.mark.parametrize(
    ("entry", "early", "texts"),
    [
        ({"repository": "@stable"}, True, ["by the name that one machine's helm knows it by: `@stable`"]),
        ({"repository": "alias:stable"}, True, ["write the repository's URL"]),
        ({"repository": "https://me:tok3n@example.com"}, True, ["holds credentials"]),
        ({"repository": "ftp://example.com"}, True, ["is nothing that `method: helm` fetches"]),
        (
            {"repository": "https://example.com", "version": "one"},
            5,
            ["dependency `sub`: `one` is no version"],
        ),
        ({"repository": "file:///etc"}, True, ["`file:///etc` leads out of the definition"]),
        ({"repository": "file://../../../x"}, True, ["`file://../../../x` leads out of the definition"]),
        ({"repository": "file://../none"}, True, ["there is no chart in charts/none"]),
        (
            {"repository": "file://../sub", "version": "^2"},
            True,
            ["charts/sub has version 1.0.0, and `^2` is"],
        ),
        ({"repository": "file://../other"}, True, ["the chart in charts/other is named `another`"]),
        ({"repository": "file://."}, True, ["the chart in charts/app is named `app`"]),
        ({"repository": ""}, False, ["the chart's dependencies are not there: sub"]),
    ],
)
def test_a_dependency_that_is_refused(
    tmp_path: Path, entry: dict[str, str], early: bool, texts: Sequence[str]
) -> None:
    row = {"name": "sub", "version": "^1", **entry}
    made = project(tmp_path, '{"subcomponents": [{"name": "app", "type": "helm", "path": "charts/app"}]}')
    made.write(
        {
            "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n"
            f"  - {json.dumps(row)}\n",
            "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
            "charts/other/Chart.yaml": "apiVersion: v2\nname: another\nversion: 1.0.0\n",
        }
    )
    commands = ("install", "generate") if early else ("generate",)
    for command in commands:
        run = made.weft(command, *(["prod"] if command == "generate" else []))
        assert run.code == 3, run.err
        for text in texts:
            assert text in run.err, run.err
        assert "tok3n" not in run.err
        if early:
            assert "charts/app/Chart.yaml:5:5: " in run.err
    assert not (made.root / "weft.lock").exists()
    assert not made.generated.exists()


def test_what_is_wrong_in_a_dependency_is_shown_where_it_is(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, shop({"sessions": {"auth": {"password": None}}}))
    packages.copy("shop", made.root / "charts/shop", servers.web.url, servers.oci)
    assert made.weft("install").code == 0
    run = made.generate("prod", "--no-validate")
    assert run.code == 3
    (cache,) = [path.parent for path in made.root.glob(".weft/*/values.schema.json")]
    assert f"{cache.relative_to(made.root).as_posix()}/templates/secret.yaml:14:" in run.err
    assert "auth.password or auth.existingSecret is needed" in run.err
    assert not made.generated.exists()

    # A chart of the tree that others need: its own file is named, and what is chance in it is found.
    local = project(
        tmp_path / "local", '{"subcomponents": [{"name": "a", "type": "helm", "path": "charts/a"}]}'
    )
    row = {"name": "lib", "alias": "other", "version": "*", "repository": "file://../lib"}
    local.write(
        {
            "charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n"
            f"dependencies: [{json.dumps(row)}]\n",
            "charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\n",
            "charts/lib/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
            "data: {now: {{ now | unixEpoch | quote }}}\n",
        }
    )
    run = local.generate("prod", "--no-validate")
    assert run.code == 3
    assert (
        "charts/lib/templates/a.yaml:4: ConfigMap a is different each time the chart is rendered" in run.err
    )
    local.write({"charts/lib/templates/a.yaml": "a: {{ .Values.none.at.all }}\n"})
    run = local.generate("prod", "--no-validate")
    assert "charts/lib/templates/a.yaml:1:" in run.err


def test_old_charts_say_what_they_need_in_a_file_of_its_own(tmp_path: Path, servers: Servers) -> None:
    made = project(tmp_path, '{"subcomponents": [{"name": "old", "type": "helm", "path": "charts/old"}]}')
    row = {"name": "common", "version": "^1.4", "repository": servers.web.url}
    made.write(
        {
            "charts/old/Chart.yaml": "apiVersion: v1\nname: old\nversion: 1.0.0\n",
            "charts/old/requirements.yaml": f"dependencies: [{json.dumps(row)}]\n",
            "charts/old/values.yaml": "global: {}\n",
            "charts/old/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
            '  name: {{ include "common.fullname" . }}\n',
        }
    )
    packages.helm("dependency", "update", made.root / "charts/old")
    assert (made.root / "charts/old/requirements.lock").is_file()
    shutil.rmtree(made.root / "charts/old/charts")
    run = made.weft("install")
    assert (run.code, run.out) == (0, f"added 1.4.2 helm {servers.web.url} common@1.4.2\n")
    assert made.generate("prod", "--no-validate").code == 0
    assert [item["metadata"]["name"] for item in generated(made)] == ["old"]


def test_charts_that_depend_on_each_other_are_refused(tmp_path: Path) -> None:
    made = project(tmp_path, '{"subcomponents": [{"name": "app", "type": "helm", "path": "charts/a"}]}')
    for one, other in (("a", "b"), ("b", "a")):
        row = {"name": other, "version": "*", "repository": f"file://../{other}"}
        head = f"apiVersion: v2\nname: {one}\nversion: 1.0.0\ndependencies:\n  - "
        made.write({f"charts/{one}/Chart.yaml": head + json.dumps(row) + "\n"})
    run = made.generate("prod")
    assert run.code == 3
    assert "charts/b/Chart.yaml:4:1: `a` depends on itself" in run.err


def test_what_is_in_charts_already_is_taken_from_there(tmp_path: Path) -> None:
    made = project(tmp_path, shop({}))
    chart = packages.copy("shop", made.root / "charts/shop")
    (chart / "charts").mkdir()
    for package in packages.packages().glob("*.tgz"):
        if package.name.startswith("operator"):
            shutil.unpack_archive(package, chart / "charts", "gztar")
        else:
            shutil.copy(package, chart / "charts")
    assert made.generate("prod", "--no-validate").code == 0
    assert generated(made) == templated(whole(tmp_path / "whole"), "shop", {}, tmp_path)
