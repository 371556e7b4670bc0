"""Charts from repositories and registries: versions, what moves, credentials, and all that is refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.origin import contents, link, lock, ok, project, tarball
from tests.fetch.servers import loopback, registry
from tests.fetch.servers.loopback import Answer, Loopback, Request
from tests.fetch.servers.registry import TOKEN, Registry, digest
from tests.project_tree import Project, Run

TEMPLATE = (
    b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {version: {{ .Chart.Version | quote }}}\n"
)
CONFIG = b"{}"


def chart(version: str = "1.0.0", name: str = "app", api: str = "v2", **more: Any) -> bytes:
    """The package of a chart with one ConfigMap."""
    described = f"apiVersion: {api}\nname: {name}\nversion: {version}\n".encode()
    return tarball({"app/Chart.yaml": described, "app/templates/a.yaml": TEMPLATE, **more})


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Repository:
    """A Helm repository that a test can do anything to; `index` is its index.yaml."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.index: bytes | None = None
        self.rows: list[Mapping[str, Any]] = []
        self.server: Loopback
        self.private = False

    def add(self, version: str, package: bytes | None = None, **row: Any) -> bytes:
        """Lists a version and has its package; `row` is what its entry says otherwise."""
        package = package if package is not None else chart(version)
        name = f"app-{version}.tgz"
        self.files[f"/{name}"] = package
        entry = {
            "apiVersion": "v2",
            "name": "app",
            "version": version,
            "digest": sha(package),
            "urls": [name],
        }
        entry |= row
        self.rows = [old for old in self.rows if old["version"] != version]
        self.rows.append({key: value for key, value in entry.items() if value is not None})
        return package

    def answer(self, request: Request) -> Answer:
        if self.private and request.headers.get("Authorization") != loopback.basic():
            return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="charts"'})
        path = request.path.partition("?")[0]
        if path == "/index.yaml" and self.rows and self.index is None:
            return Answer(200, json.dumps({"apiVersion": "v1", "entries": {"app": self.rows}}).encode())
        data = self.index if path == "/index.yaml" else self.files.get(path)
        return Answer(200, data) if data is not None else Answer(404, b"<html>no such page</html>")


@pytest.fixture
def repository() -> Iterator[Repository]:
    made = Repository()
    with loopback.serving(made.answer) as made.server:
        yield made


@pytest.fixture
def there() -> Iterator[Registry]:
    with registry.serving(page=2) as made:
        yield made


def pushed(
    there: Registry, tag: str, package: bytes | None = None, name: str = "charts/app", **row: Any
) -> str:
    """Puts a package under a tag, as helm would; `row` is what its manifest says otherwise."""
    package = package if package is not None else chart(tag.replace("_", "+"))
    layer = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": digest(package)}
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "config": {
            "mediaType": "application/vnd.cncf.helm.config.v1+json",
            "digest": digest(CONFIG),
            "size": len(CONFIG),
        },
        "layers": [{**layer, "size": len(package)}],
    }
    return there.put(name, tag, manifest | row, package, CONFIG)


def of(made: Repository | Registry, version: str | None = None) -> str:
    """The reference to the chart of a repository or registry."""
    if isinstance(made, Registry):
        row = {"source": f"oci://{made.server.host}/charts/app"}
    else:
        row = {"source": made.server.url, "method": "helm", "path": "app"}
    more = {"version": version} if version is not None else {}
    return json.dumps({"name": "app", "type": "helm", **row, **more})


def value(root: Project) -> str:
    """The chart's version, as the output has it."""
    ok(root.generate("--all", "--no-validate"))
    found = re.search(rb'version: "?([^"\n]+)', root.tree()["prod/app/app.yaml"])
    assert found is not None
    return found[1].decode()


def refused(root: Project, code: int, *texts: str) -> Run:
    """`weft install` ends so, says that at the reference, and leaves lock and store as they were."""
    before, kept = lock(root), contents(root)
    run = root.weft("install", "--timeout", "2")
    assert run.code == code, run.err
    assert "component.yaml:2:" in run.err
    for text in texts:
        assert text in run.err, run.err
    assert "Traceback" not in run.err
    assert (run.out, lock(root), contents(root)) == ("", before, kept)
    assert not list((root.root / ".weft" / ".state").glob("new-*"))
    return run


RANGES = [
    (None, "2.0.0"),
    ("1.2.3", "1.2.3"),
    ("^1.2", "1.10.0"),
    ("~1.2", "1.2.9+build.5"),
    (">=1 <1.10", "1.2.9+build.5"),
    ("1.0 - 1.2", "1.2.9+build.5"),
    ("1.x || 3.x", "1.10.0"),
    (">=2.0.0-0", "3.0.0-rc.1"),
    ("1.2.9+build.5", "1.2.9+build.5"),
]
THERE = ["1.2.3", "1.10.0", "2.0.0", "3.0.0-rc.1", "1.2.9+build.5"]


class TestVersions:
    @pytest.mark.parametrize(("wanted", "expected"), RANGES)
    def test_a_repository(
        self, tmp_path: Path, repository: Repository, wanted: str | None, expected: str
    ) -> None:
        for version in THERE:
            repository.add(version)
        root = project(tmp_path, of(repository, wanted))
        ok(root.weft("install"))
        assert value(root) == expected
        assert len(repository.server.requests) == 2

    @pytest.mark.parametrize(("wanted", "expected"), RANGES)
    def test_a_registry(self, tmp_path: Path, there: Registry, wanted: str | None, expected: str) -> None:
        for version in THERE:
            pushed(there, version.replace("+", "_"))
        pushed(there, "latest", chart("1.2.3"))
        root = project(tmp_path, of(there, wanted))
        ok(root.weft("install"))
        assert value(root) == expected

    def test_a_tag_and_a_digest(self, tmp_path: Path, there: Registry) -> None:
        found = pushed(there, "1.2.3")
        pushed(there, "stable", chart("1.5.0"))
        root = project(tmp_path / "tag", of(there, "stable"))
        ok(root.weft("install"))
        assert value(root) == "1.5.0"
        root = project(tmp_path / "digest", of(there, found))
        ok(root.weft("install"))
        assert value(root) == "1.2.3"
        assert f"resolved: 1.2.3@{found}" in (lock(root) or "").replace('"', "")

    def test_none_that_fits_names_those_that_are_there(
        self, tmp_path: Path, repository: Repository, there: Registry
    ) -> None:
        for version in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
            repository.add(version)
            pushed(there, version)
        for made, told in ((repository, "the repository has no version of `app`"), (there, "no version")):
            root = project(tmp_path / made.__class__.__name__, of(made, "^3"))
            refused(root, 3, told, "fits `^3`", "hint: there are 2.0.0-rc.1, 1.1.0, 1.0.0")
        root = project(tmp_path / "exact", of(there, "1.0.7"))
        refused(root, 3, "the registry has no version `1.0.7`", "there are 2.0.0-rc.1, 1.1.0, 1.0.0")
        root = project(tmp_path / "none", of(repository, "one"))
        refused(root, 3, "`one` is no version range; write it like `1.2.3`, `^1.2`")
        root = project(tmp_path / "tag", of(there, "1.O.0"))
        refused(root, 3, "`1.O.0` is no version range", "and there is no such tag", "did you mean '1.1.0'?")
        root = project(tmp_path / "digest", of(there, "sha256:abc"))
        refused(root, 3, "`sha256:abc` is no digest")

    def test_pre_releases_only_are_explained(self, tmp_path: Path, repository: Repository) -> None:
        repository.add("0.1.0-alpha.1")
        root = project(tmp_path, of(repository))
        refused(root, 3, "fits `*`", "it has pre-releases only, which a range such as `>=0-0` takes")

    def test_what_helm_passes_over_is_passed_over(self, tmp_path: Path, repository: Repository) -> None:
        repository.add("1.0.0")
        repository.add("2.0.0", urls=[])
        repository.add("nightly")
        repository.rows.append({"name": "app", "version": 3})
        root = project(tmp_path, of(repository))
        ok(root.weft("install"))
        assert value(root) == "1.0.0"


class TestMoving:
    def test_a_newer_version_counts_with_update_alone(
        self, tmp_path: Path, repository: Repository, there: Registry
    ) -> None:
        for made in (repository, there):
            (repository.add if made is repository else lambda v: pushed(there, v))("1.0.0")
            root = project(tmp_path / made.__class__.__name__, of(made, "^1"))
            ok(root.weft("install"))
            before = lock(root)
            (repository.add if made is repository else lambda v: pushed(there, v))("1.3.0")
            ok(root.weft("install"))
            assert (lock(root), value(root)) == (before, "1.0.0")
            run = ok(root.weft("install", "--update", "app"))
            assert re.search(r"^moved 1\.0\.0.* -> 1\.3\.0.* .*app@\^1", run.out)
            assert value(root) == "1.3.0"

    def test_a_lost_store_is_filled_with_what_the_lock_says(
        self, tmp_path: Path, repository: Repository, there: Registry
    ) -> None:
        repository.add("1.0.0")
        pushed(there, "1.0.0")
        root = project(
            tmp_path, of(repository, "^1"), of(there, "^1").replace('"name": "app"', '"name": "other"')
        )
        ok(root.weft("install"))
        repository.add("1.3.0")
        pushed(there, "1.3.0")
        shutil.rmtree(root.root / ".weft")
        before = lock(root)
        ok(root.weft("install", "--locked"))
        assert (lock(root), value(root)) == (before, "1.0.0")

    def test_another_content_under_the_same_version_is_refused(
        self, tmp_path: Path, repository: Repository
    ) -> None:
        repository.add("1.0.0")
        root = project(tmp_path, of(repository, "^1"))
        ok(root.weft("install"))
        shutil.rmtree(root.root / ".weft")
        repository.add("1.0.0", chart("1.0.0", **{"app/more.txt": b"x"}))
        refused(root, 3, "its content has changed under the same version", "weft install --update app")
        ok(root.weft("install", "--update"))

    def test_another_content_under_the_same_tag(self, tmp_path: Path, there: Registry) -> None:
        first = pushed(there, "1.0.0")
        root = project(tmp_path, of(there, "1.0.0"))
        ok(root.weft("install"))
        second = pushed(there, "1.0.0", chart("1.0.0", **{"app/more.txt": b"x"}))
        shutil.rmtree(root.root / ".weft")
        before = lock(root)
        # The digest leads to what was locked, as long as the registry has it.
        ok(root.weft("install"))
        assert lock(root) == before
        run = ok(root.weft("install", "--update"))
        assert f"1.0.0@{first} -> 1.0.0@{second}" in run.out
        shutil.rmtree(root.root / ".weft")
        del there.manifests["charts/app", second]
        refused(root, 3, f"the registry has no {second}")


class TestCredentials:
    SECRET = f"{loopback.USER}:{loopback.PASSWORD}"

    def kept_quiet(self, root: Project, *runs: Run) -> None:
        told = "".join(run.out + run.err for run in runs) + (lock(root) or "")
        for path in (root.root / ".weft").rglob("*"):
            told += path.read_bytes().decode("latin-1") if path.is_file() else path.name
        for secret in (loopback.PASSWORD, "s3cret", TOKEN, loopback.basic().split()[1]):
            assert secret not in told

    def test_a_repository_with_a_password(self, tmp_path: Path, repository: Repository) -> None:
        repository.add("1.0.0")
        repository.private = True
        root = project(tmp_path, of(repository, "^1"))
        refused(root, 4, "the server answered 401", "access.yaml")
        root.write({"access.yaml": f"{repository.server.url}: CHARTS_TOKEN\n"})
        run = root.weft("install", env={"CHARTS_TOKEN": ""})
        assert run.code == 3
        assert "access.yaml:1:1: the environment variable `CHARTS_TOKEN`" in run.err
        wrong = root.weft("install", env={"CHARTS_TOKEN": "bot:wr0ng"})
        assert (wrong.code, "401" in wrong.err, "wr0ng" in wrong.err) == (4, True, False)
        done = ok(root.weft("install", env={"CHARTS_TOKEN": self.SECRET}))
        assert value(root) == "1.0.0"
        self.kept_quiet(root, run, wrong, done)

    @pytest.mark.parametrize("private", ["bearer", "basic"])
    def test_a_registry_with_a_password(self, tmp_path: Path, private: str) -> None:
        with registry.serving(private, page=1) as there:
            for version in ("1.0.0", "1.1.0", "1.2.0"):
                pushed(there, version)
            root = project(tmp_path, of(there, "^1"))
            refused(root, 4, "wants to know who asks for `charts/app`", f"for oci://{there.server.host}")
            root.write({"access.yaml": f"oci://{there.server.host}/charts: CHARTS_TOKEN\n"})
            wrong = root.weft("install", env={"CHARTS_TOKEN": "bot:wr0ng"})
            assert (wrong.code, "401" in wrong.err, "wr0ng" in wrong.err) == (4, True, False)
            there.server.requests.clear()
            done = ok(root.weft("install", env={"CHARTS_TOKEN": self.SECRET}))
            assert value(root) == "1.2.0"
            # One token is enough for tags, manifest and package.
            tokens = [path for path in there.server.paths if path.startswith("/token")]
            assert len(tokens) == (1 if private == "bearer" else 0)
            self.kept_quiet(root, wrong, done)

    def test_a_bare_token_goes_to_the_registry_as_it_is(self, tmp_path: Path) -> None:
        with registry.serving("bearer") as there:
            pushed(there, "1.0.0")
            token = there.issue("repository:charts/app:pull")
            root = project(tmp_path, of(there, "^1"))
            root.write({"access.yaml": f"https://{there.server.host}: CHARTS_TOKEN\n"})
            done = ok(root.weft("install", env={"CHARTS_TOKEN": token}))
            assert not [path for path in there.server.paths if path.startswith("/token")]
            self.kept_quiet(root, done)

    def test_a_package_on_another_host_gets_no_credentials(
        self, tmp_path: Path, repository: Repository
    ) -> None:
        package = chart()
        with loopback.serving(lambda request: Answer(200, package)) as other:
            repository.add("1.0.0", package, urls=[f"{other.url}/app.tgz"])
            repository.private = True
            root = project(tmp_path, of(repository, "^1")).write(
                {"access.yaml": f"{repository.server.url}: CHARTS_TOKEN\n"}
            )
            done = ok(root.weft("install", env={"CHARTS_TOKEN": self.SECRET}))
            assert value(root) == "1.0.0"
            (asked,) = other.requests
            assert "Authorization" not in asked.headers
            self.kept_quiet(root, done)

    def test_a_blob_that_is_kept_elsewhere_is_fetched_without_them(self, tmp_path: Path) -> None:
        package = chart()
        with (
            loopback.serving(lambda request: Answer(200, package)) as other,
            registry.serving("basic") as there,
        ):
            pushed(there, "1.0.0", package)
            there.server.answers[f"/v2/charts/app/blobs/{digest(package)}"] = Answer(
                307, b"", {"Location": f"{other.url}/blob"}
            )
            root = project(tmp_path, of(there, "1.0.0")).write(
                {"access.yaml": f"oci://{there.server.host}: CHARTS_TOKEN\n"}
            )
            ok(root.weft("install", env={"CHARTS_TOKEN": self.SECRET}))
            (asked,) = other.requests
            assert "Authorization" not in asked.headers


def test_packages_that_an_index_has_in_a_registry(
    tmp_path: Path, repository: Repository, there: Registry
) -> None:
    package = chart("1.4.0")
    pushed(there, "1.4.0", package)
    # Where a repository has moved to a registry, its index says so.
    repository.add("1.4.0", package, urls=[f"oci://{there.server.host}/charts/app:1.4.0"])
    root = project(tmp_path / "one", of(repository, "^1"))
    ok(root.weft("install"))
    assert value(root) == "1.4.0"
    repository.add("1.4.0", package, urls=[f"oci://{there.server.host}/charts/app:1.4.0"], digest="0" * 64)
    root = project(tmp_path / "other", of(repository, "^1"))
    refused(root, 3, "the chart has another SHA-256 than the index of its repository says")


@pytest.mark.parametrize(
    ("below", "url", "asked"),
    [
        ("", "app.tgz", "/app.tgz"),
        ("/stable", "app.tgz", "/stable/app.tgz"),
        ("/stable/", "packages/app.tgz", "/stable/packages/app.tgz"),
        ("/stable", "../app.tgz", "/app.tgz"),
        ("/stable", "/files/app.tgz", "/files/app.tgz"),
        ("/stable", "{server}/files/app.tgz", "/files/app.tgz"),
        ("/stable?tenant=a", "app.tgz", "/stable/app.tgz?tenant=a"),
    ],
)
def test_where_an_index_says_that_a_package_is(
    tmp_path: Path, repository: Repository, below: str, url: str, asked: str
) -> None:
    server = repository.server
    package = repository.add("1.0.0", urls=[url.replace("{server}", server.url)])
    repository.files[asked.partition("?")[0]] = package
    server.answers["/stable/index.yaml"] = lambda request: repository.answer(
        Request(request.method, "/index.yaml", request.headers)
    )
    reference = of(repository).replace(server.url, server.url + below)
    root = project(tmp_path, reference).write({"access.yaml": f"{server.url}/stable: CHARTS_TOKEN\n"})
    repository.private = True
    server.answers[asked.partition("?")[0]] = lambda request: Answer(
        200 if request.headers.get("Authorization") == loopback.basic() else 401, package
    )
    if not below:
        root.write({"access.yaml": f"{server.url}: CHARTS_TOKEN\n"})
    ok(root.weft("install", env={"CHARTS_TOKEN": TestCredentials.SECRET}))
    assert value(root) == "1.0.0"
    assert server.paths[-1] == asked


def test_a_redirect_is_followed_where_the_index_has_a_digest(tmp_path: Path, repository: Repository) -> None:
    package = repository.add("1.0.0")
    with loopback.serving(lambda request: Answer(200, package)) as other:
        moved = Answer(302, b"", {"Location": f"{other.url}/app.tgz"})
        repository.server.answers["/app-1.0.0.tgz"] = moved
        repository.private = True
        root = project(tmp_path / "one", of(repository))
        root.write({"access.yaml": f"{repository.server.url}: CHARTS_TOKEN\n"})
        ok(root.weft("install", env={"CHARTS_TOKEN": TestCredentials.SECRET}))
        assert value(root) == "1.0.0"
        assert [request.headers.get("Authorization") for request in other.requests] == [None]
        repository.add("1.0.0", package, digest=None)
        repository.private = False
        refused(project(tmp_path / "other", of(repository)), 3, "redirects to another host", other.url)
        # What the lock says of it is as good as a digest.
        shutil.rmtree(root.root / ".weft")
        ok(root.weft("install", "--locked", env={"CHARTS_TOKEN": TestCredentials.SECRET}))


class TestRepository:
    """What a Helm repository may say that is refused."""

    @pytest.mark.parametrize(
        ("index", "texts"),
        [
            (b"", ["its index.yaml is no index of a Helm repository"]),
            (b"<html>hello</html>", ["its index.yaml is no index of a Helm repository"]),
            (b"a: [1", ["its index.yaml is refused: index.yaml:2:"]),
            (b"entries: {app: []}\n", ["is no index of a Helm repository", "`helm repo add`"]),
            (b"apiVersion: v1\nentries: {}\n", ["the repository has no chart `app`"]),
            (b"apiVersion: v1\nentries: {ap: []}\n", ["has no chart `app`", "did you mean 'ap'?"]),
            (b"apiVersion: v1\nentries:\n  ap:\n  - name: x\n", ["has no chart `app`", "did you mean 'ap'?"]),
            (b"apiVersion: v1\nentries: {app: {}}\n", ["index.yaml has no list of versions for `app`"]),
            (b"apiVersion: v1\nentries: {app: []}\n", ["it has no version at all"]),
            (b"\xff\xfe", ["its index.yaml is refused"]),
            (b"apiVersion: v1\nentries: &a {app: [*a, *a]}\n", ["its index.yaml is refused"]),
        ],
    )
    def test_an_index(self, tmp_path: Path, repository: Repository, index: bytes, texts: list[str]) -> None:
        repository.index = index
        refused(project(tmp_path, of(repository)), 3, *texts)

    def test_a_digest(self, tmp_path: Path, repository: Repository) -> None:
        repository.add("1.0.0", digest="0" * 64)
        refused(
            project(tmp_path, of(repository)),
            3,
            "app-1.0.0.tgz has the SHA-256",
            "the index says 000000000000",
        )
        repository.add("1.0.0", digest="md5:x")
        refused(project(tmp_path, of(repository)), 3, "index.yaml has the digest `md5:x` for 1.0.0")

    @pytest.mark.parametrize(
        ("path", "answer", "code", "texts"),
        [
            ("/index.yaml", Answer(404, b"<html>404</html>"), 4, ["/index.yaml: the server answered 404"]),
            ("/index.yaml", Answer(500), 4, ["/index.yaml: the server answered 500"]),
            ("/index.yaml", Answer(200, b"apiVersion: v1\n", cut=4), 4, ["the connection ended"]),
            ("/app-1.0.0.tgz", Answer(404), 4, ["app-1.0.0.tgz: the server answered 404"]),
            ("/app-1.0.0.tgz", Answer(503), 4, ["app-1.0.0.tgz: the server answered 503"]),
            ("/app-1.0.0.tgz", Answer(200, chart(), cut=100), 4, ["the connection ended"]),
            (
                "/index.yaml",
                Answer(302, b"", {"Location": "http://charts.invalid/index.yaml"}),
                3,
                ["redirects to another host: http://charts.invalid/index.yaml"],
            ),
            (
                "/app-1.0.0.tgz",
                Answer(302, b"", {"Location": "file:///etc/passwd"}),
                3,
                ["is no http:// or https:// URL"],
            ),
            (
                "/index.yaml",
                Answer(200, b"", {"Content-Length": str(2**40)}),
                3,
                ["is larger than 64 MiB"],
            ),
        ],
    )
    def test_an_answer(
        self,
        tmp_path: Path,
        repository: Repository,
        path: str,
        answer: Answer,
        code: int,
        texts: list[str],
    ) -> None:
        repository.add("1.0.0")
        repository.server.answers[path] = answer
        refused(project(tmp_path, of(repository)), code, *texts)

    def test_an_address_without_a_chart(self, tmp_path: Path, repository: Repository) -> None:
        repository.add("1.0.0")
        reference = of(repository).replace(', "path": "app"', "")
        refused(project(tmp_path, reference), 3, "`path` is missing", "give the chart's name")


def bomb() -> bytes:
    return gzip.compress(b"\0" * (64 * 1024 * 1024))


PACKAGES: list[tuple[bytes, list[str]]] = [
    (b"<html>", ["no .tar.gz archive"]),
    (chart()[:-20], ["the archive is damaged or cut off"]),
    (tarball({}), ["the archive is empty"]),
    (tarball({"app/values.yaml": b""}), ["the archive has no Chart.yaml, so it is no Helm chart"]),
    (tarball({"Chart.yaml": b"name: app\n"}), ["has no Chart.yaml, so it is no Helm chart"]),
    (chart(name="other"), ["the archive holds the chart `other`"]),
    (chart("1.0.1"), ["the archive holds version 1.0.1"]),
    (chart("one"), ["the version `one`, which is none"]),
    (chart(api="v3"), ["apiVersion `v3`; Helm 3 knows v1 and v2"]),
    (tarball({"app/Chart.yaml": b"name: app\nversion: 1.0.0\n"}), ["no apiVersion"]),
    (tarball({"app/Chart.yaml": b"[1"}), ["its Chart.yaml is refused: Chart.yaml:2:"]),
    (tarball({"app/Chart.yaml": b"[1]"}), ["its Chart.yaml is no map"]),
    (
        tarball({"app/Chart.yaml": link("app/Chart.yaml", "x"), "app/x": b"name: app\n"}),
        ["Chart.yaml is a link"],
    ),
    (chart(**{"beside/x": b""}), ["the archive holds `beside` beside the chart's folder"]),
    (chart(**{"../x": b""}), ["the archive holds `../x`, which leads out of it"]),
    (chart(**{"app/../../x": b""}), ["which leads out of it"]),
    (chart(**{"/etc/x": b""}), ["the archive holds `/etc/x`, which leads out of it"]),
    (chart(l=link("app/l", "../../../etc/passwd")), ["a link out of it: `app/l` to `../../../etc/passwd`"]),
    (chart(l=link("app/l", "/etc/passwd")), ["a link out of it: `app/l` to `/etc/passwd`"]),
    (chart(l=link("app/l", "/etc/passwd", tarfile.LNKTYPE)), ["which leads out of it"]),
    (chart(l=link("app/l", "", tarfile.FIFOTYPE)), ["neither a file, a folder nor a link"]),
    (bomb(), ["grows to more than 200 times its size"]),
]


@pytest.mark.parametrize(("package", "texts"), PACKAGES, ids=[texts[0][:40] for _, texts in PACKAGES])
def test_a_package_that_is_no_chart_or_another(
    tmp_path: Path, repository: Repository, there: Registry, package: bytes, texts: list[str]
) -> None:
    repository.add("1.0.0", package)
    refused(project(tmp_path / "repository", of(repository)), 3, *texts)
    pushed(there, "1.0.0", package)
    refused(project(tmp_path / "registry", of(there)), 3, *texts)


class TestRegistry:
    """What a registry may say that is refused."""

    @pytest.mark.parametrize(
        ("row", "text"),
        [
            (
                {"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}},
                "vnd.oci.image.config.v1+json",
            ),
            ({"config": None, "mediaType": "application/vnd.oci.image.index.v1+json"}, "image.index.v1+json"),
            ({"layers": []}, "its manifest has 0 chart packages"),
            ({"layers": "x"}, "this is no Helm chart"),
            (
                {"layers": [{"mediaType": "application/tar+gzip", "digest": "../x"}]},
                "expected one with a digest",
            ),
        ],
    )
    def test_a_manifest(self, tmp_path: Path, there: Registry, row: Any, text: str) -> None:
        pushed(there, "1.0.0", **row)
        refused(project(tmp_path, of(there, "1.0.0")), 3, text)

    def test_a_content_that_has_another_digest(self, tmp_path: Path, there: Registry) -> None:
        package = chart()
        found = pushed(there, "1.0.0", package)
        there.blobs[digest(package)] = chart("1.0.0", **{"app/more.txt": b"x"})
        refused(project(tmp_path / "blob", of(there)), 3, "the chart has the digest sha256:")
        there.manifests["charts/app", found] = ("", b"{}")
        refused(project(tmp_path / "tag", of(there, "1.0.0")), 3, "the manifest has the digest sha256:")
        refused(project(tmp_path / "digest", of(there, found)), 3, "the manifest has the digest sha256:")

    @pytest.mark.parametrize(
        ("path", "answer", "code", "text"),
        [
            ("tags/list", Answer(404), 3, "has no `charts/app`"),
            ("tags/list", Answer(500), 4, "tags/list: the server answered 500"),
            ("tags/list", Answer(200, b"<html>"), 3, "does not list tags as OCI registries do"),
            ("tags/list", Answer(200, b'{"tags": null}'), 3, "it has no version at all"),
            (
                "tags/list",
                Answer(200, b'{"tags": []}', {"Link": '<http://other.invalid/>; rel="next"'}),
                3,
                "continues its list of tags on another host",
            ),
            ("manifests/1.0.0", Answer(200, b"<html>"), 3, "its manifest is no JSON"),
            ("manifests/1.0.0", Answer(500), 4, "manifests/1.0.0: the server answered 500"),
            ("manifests/1.0.0", Answer(200, b"{}" * 9, cut=3), 4, "the connection ended"),
            (
                "manifests/1.0.0",
                Answer(307, b"", {"Location": "http://other.invalid/"}),
                3,
                "redirects to another host",
            ),
            ("manifests/1.0.0", Answer(401), 4, "the server answered 401"),
            (
                "manifests/1.0.0",
                Answer(401, b"", {"WWW-Authenticate": 'Bearer realm="http://other.invalid/token"'}),
                3,
                "sends clients to other.invalid for a token, without encryption",
            ),
            (
                "manifests/1.0.0",
                Answer(401, b"", {"WWW-Authenticate": "Negotiate"}),
                4,
                "asks for `Negotiate` authentication",
            ),
        ],
    )
    def test_an_answer(
        self, tmp_path: Path, there: Registry, path: str, answer: Answer, code: int, text: str
    ) -> None:
        pushed(there, "1.0.0")
        there.server.answers[f"/v2/charts/app/{path}"] = answer
        refused(project(tmp_path, of(there)), code, text)

    @pytest.mark.parametrize("url", ["oci://host", "oci://host/Charts/App", "oci://host/charts/app:1.0.0"])
    def test_an_address(self, tmp_path: Path, url: str) -> None:
        root = project(tmp_path, f"{{name: app, type: helm, source: '{url}'}}")
        refused(root, 3, f"`{url}` is no address of a chart in a registry", "and the tag as `version`")

    def test_a_registry_that_is_not_there(self, tmp_path: Path) -> None:
        with registry.serving() as there:
            reference = of(there)
        refused(project(tmp_path, reference), 4, "Connection refused")


def test_an_index_of_thousands_of_charts_is_read_for_the_one(tmp_path: Path, repository: Repository) -> None:
    package = repository.add("1.0.0")
    row = (
        '  - apiVersion: v2\n    created: "2024-01-01T00:00:00Z"\n    description: |-\n'
        "      one\n\n      two\n"
        "    digest: {digest}\n    name: {name}\n    urls:\n    - {url}\n    version: {version}\n"
    )
    many = "".join(
        f"  chart-{number}:\n"
        + "".join(
            row.format(digest="0" * 64, name=f"chart-{number}", url="x.tgz", version=f"1.0.{patch}")
            for patch in range(40)
        )
        for number in range(2500)
    )
    own = "".join(
        row.format(digest=sha(package), name="app", url="app-1.0.0.tgz", version=version)
        for version in ("1.0.0-rc.1", "1.0.0")
    )
    repository.index = f'apiVersion: v1\nentries:\n  app:\n{own}{many}generated: "x"\n'.encode()
    root = project(tmp_path, of(repository))
    ok(root.weft("install"))
    assert value(root) == "1.0.0"
    reference = of(repository).replace('"path": "app"', '"path": "chart-9999x"')
    refused(project(tmp_path / "other", reference), 3, "no chart `chart-9999x`", "did you mean 'chart-999'?")
