"""What `weft install` refuses: addresses, answers, archives; store and lock stay as they were."""

from __future__ import annotations

import gzip
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fetch.origin import (
    Origin,
    config_map,
    contents,
    git_over_http,
    link,
    lock,
    ok,
    project,
    static,
    tarball,
)
from tests.fetch.servers.loopback import Answer, Loopback, Request, serving
from tests.project_tree import Project, environment
from tests.publish.server import certificate

PLAIN = config_map("app").encode()


def missing(request: Request) -> Answer:
    return Answer(404, b"<html>404: no such page</html>", {"Content-Type": "text/html"})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving(missing) as found:
        yield found


def refused(root: Project, code: int, *texts: str) -> None:
    """`weft install` ends so, says that at the reference, and leaves lock and store as they were."""
    before, kept = lock(root), contents(root)
    run = root.weft("install", "--timeout", "0.5")
    assert run.code == code, run.err
    for text in texts:
        assert text in run.err, run.err
    assert "Traceback" not in run.err
    assert (run.out, lock(root), contents(root)) == ("", before, kept)
    assert not list((root.root / ".weft" / ".state").glob("new-*"))


def http(root: Path, url: str, more: str = "type: static") -> Project:
    return project(root, f"{{name: app, source: '{url}', method: http, {more}}}")


# Addresses.


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("'--upload-pack=touch x', method: git", "`--upload-pack=touch x` is no URL"),
        ("'-u', method: git", "`-u` is no URL"),
        ("'ext::sh -c touch% x', method: git", "is no URL"),
        ("'ext::sh', method: git", "`ext::sh` would make git run a program"),
        ("'ext::sh'", "`ext::sh` would make git run a program"),
        ("'../other', method: git", "`../other` is nothing that `method: git` fetches"),
        ("'ftp://example.com/x', method: http", "is nothing that `method: http` fetches"),
        ("'file:///etc/passwd', method: http", "is nothing that `method: http` fetches"),
        ("'https:///x.git', method: git", "names no host"),
        ("'https://example.com/x'", "does not say how it is fetched"),
        ("'https://example.com/x', method: local", "is not local"),
        ("'https://me:tok3n@example.com/x.git'", "holds credentials"),
        ("'https://tok3n@example.com/x.git'", "holds credentials"),
        ("'ssh://me:tok3n@example.com/x.git'", "holds credentials"),
        ("'https://example.com/x.yaml?access_token=tok3n'", "holds credentials"),
        ("'https://example.com/x.git', path: ../y", "`../y` leads out of what is fetched"),
        ("'https://example.com/x.git', path: /y", "`/y` leads out of what is fetched"),
        ("'https://example.com/x.yaml', branch: main", "`branch` says nothing with `method: http`"),
        ("'https://example.com/x.yaml', version: 1.0.0", "`version` says nothing with `method: http`"),
        ("'https://example.com/charts', method: helm", "set `type: helm`"),
    ],
)
def test_an_address_is_refused_before_anything_is_fetched(tmp_path: Path, source: str, text: str) -> None:
    root = project(tmp_path, f"{{name: app, source: {source}}}")
    for command in (("install",), ("generate", "--all")):
        run = root.weft(*command)
        assert run.code == 3, run.err
        assert text in run.err
        assert "component.yaml:2:" in run.err
        assert "tok3n" not in run.err
    assert not (root.root / "x").exists()
    assert (lock(root), contents(root), root.tree()) == (None, [], {})


@pytest.mark.parametrize("name", ["-main", "a..b", "a b", "x@{1}", "x.lock", "a:b"])
def test_names_that_git_would_take_for_something_else_are_refused(tmp_path: Path, name: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', branch: '{name}'}}")
    refused(root, 3, f"`{name}` is no name of a branch, a tag or a commit", "component.yaml:2:")


@pytest.mark.parametrize(
    ("keys", "text", "hint"),
    [
        ("branch: mian", "the repository has no branch `mian`", "did you mean 'main'?"),
        ("branch: v1", "the repository has no branch `v1`", "give it as `version`"),
        ("version: main", "the repository has no tag `main`", "give it as `branch`"),
        (f"version: {'a' * 40}", "leads to the commit", "weft install --update"),
        ("path: aps", "there is no `aps` in git", ""),
    ],
)
def test_what_a_repository_does_not_have_is_said(tmp_path: Path, keys: str, text: str, hint: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    origin.git("tag", "v1")
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', {keys}}}")
    run = root.weft("install")
    assert (run.code, lock(root)) == (3, None), run.err
    assert text in run.err
    assert hint in run.err
    assert "component.yaml:2:" in run.err


def test_a_component_of_another_name_is_refused(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static("theirs"))
    root = project(tmp_path / "root", f"{{name: ours, source: '{origin.url}'}}")
    run = root.weft("install")
    assert (run.code, lock(root)) == (3, None)
    assert "component.yaml:1:1: this component is named `theirs`, but its reference is `ours`" in run.err
    assert "name the reference `theirs`" in run.err


def test_there_is_no_such_repository(tmp_path: Path) -> None:
    root = project(tmp_path, f"{{name: app, source: '{(tmp_path / 'nothing').as_uri()}'}}")
    refused(root, 4, "component.yaml:2:", "does not appear to be a git repository")


# What a fetched component may not.


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("source: 'file:///tmp/x', method: git", "a fetched component may not ask for that"),
        ("source: 'ext::sh', method: git", "would make git run a program"),
        ("source: '-x', method: git", "is no URL"),
        ("source: ../../../..", "leads out of git file://"),
        ("type: static, path: ../../../environments", "leads out of git file://"),
        ("source: '../*'", "leads out of git file://"),
    ],
)
def test_a_fetched_component_reaches_nothing_of_this_machine(
    tmp_path: Path, reference: str, text: str
) -> None:
    origin = Origin(
        tmp_path / "origin", {"component.yaml": f"name: app\nsubcomponents:\n  - {{name: in, {reference}}}\n"}
    )
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    run = root.weft("install")
    assert (run.code, lock(root)) == (3, None), run.err
    assert text in run.err
    assert "component.yaml:3:" in run.err


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "m/../../x"])
def test_links_that_lead_out_of_a_repository_are_refused(tmp_path: Path, target: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    (origin.folder / "link").symlink_to(target)
    origin.commit({})
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    refused(root, 3, "the link `link`", "leads out of", "component.yaml:2:")


# Answers.


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_an_answer_that_is_none_is_never_kept(tmp_path: Path, server: Loopback, status: int) -> None:
    server.answers["/a.yaml"] = Answer(status, PLAIN)
    url = f"{server.url}/a.yaml"
    refused(http(tmp_path, url), 4, "component.yaml:2:", f"{url}: the server answered {status}")


@pytest.mark.parametrize("status", [403, 404, 500])
def test_git_tells_what_its_server_answers(tmp_path: Path, server: Loopback, status: int) -> None:
    server.answer = lambda request: Answer(status)
    root = project(tmp_path, f"{{name: app, source: '{server.url}/a.git'}}")
    refused(root, 4, "component.yaml:2:", f"git {server.url}/a.git: git fetch failed")


def test_what_is_too_large_is_not_even_begun(tmp_path: Path, server: Loopback) -> None:
    server.answers["/a.yaml"] = Answer(200, PLAIN, {"Content-Length": str(300 << 20)})
    refused(http(tmp_path, f"{server.url}/a.yaml"), 3, "component.yaml:2:", "is larger than 256 MiB")


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    with serving(lambda request: Answer(200, PLAIN), tls) as secure:
        root = http(tmp_path / "root", f"{secure.url}/a.yaml")
        refused(root, 4, "component.yaml:2:", "certificate verify failed")
        ok(root.weft("install", env={"SSL_CERT_FILE": str(tls)}))


HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("body", "headers", "word"),
    [
        (b"<!DOCTYPE html><html></html>", {}, "HTML page"),
        (b"<html><body>404: not here</body></html>", HTML, "HTML page"),
        (b"<html><body>404: not here</body></html>", {}, "HTML page"),
        (b"sorry: not here\n", HTML, "HTML page"),
        (PLAIN, HTML, "HTML page"),
        (b"Not found", {}, "no YAML"),
        (b"", {}, "no YAML"),
        (b"404: Not Found", {}, "no Kubernetes manifest: it has no `kind`"),
        (b'{"message": "Not Found"}', {}, "no Kubernetes manifest: it has no `kind`"),
        (PLAIN + b"---\nmessage: cut\n", {}, "no Kubernetes manifest: document 2 has no `kind`"),
    ],
)
def test_a_page_where_a_manifest_is_expected_is_refused(
    tmp_path: Path, server: Loopback, body: bytes, headers: dict[str, str], word: str
) -> None:
    server.answers["/a.yaml"] = Answer(200, body, headers)
    refused(http(tmp_path, f"{server.url}/a.yaml"), 3, word, "component.yaml:2:")
    refused(http(tmp_path, f"{server.url}/a.yaml", "type: kustomize"), 3, word, "component.yaml:2:")


def test_a_component_file_that_is_fetched_alone_needs_no_kind(tmp_path: Path, server: Loopback) -> None:
    server.answers["/component.yaml"] = Answer(200, b"subcomponents: []\n")
    ok(http(tmp_path, f"{server.url}/component.yaml", "type: component").weft("install"))


def test_what_is_no_chart_is_refused_before_it_is_kept(tmp_path: Path, server: Loopback) -> None:
    origin = Origin(tmp_path / "origin", {"charts/app/values.yaml": "a: 1\n", "j/chart.yaml": "name: j\n"})
    git = f"{{name: app, type: helm, source: '{origin.url}', path: %s}}"
    root = project(tmp_path / "git", git % "charts/app")
    refused(root, 3, "component.yaml:2:", f"charts/app in git {origin.url} has no Chart.yaml")
    root = project(tmp_path / "jinja", git % "j")
    refused(root, 3, "component.yaml:2:", "it is a Jinja2 chart: set `type: jinja`")
    # The same commit is a source of another component already.
    ok(project(root.root, git.replace("type: helm", "type: static") % "charts").weft("install"))
    project(root.root, git.replace("type: helm", "type: static") % "charts", git.replace("app", "b") % "j")
    refused(root, 3, "component.yaml:3:", f"j in git {origin.url} has no Chart.yaml")
    server.answers["/a.tar.gz"] = Answer(200, tarball({"app/values.yaml": b"a: 1\n"}))
    web = http(tmp_path / "http", f"{server.url}/a.tar.gz", "type: helm, path: app")
    refused(web, 3, "component.yaml:2:", f"app in http {server.url}/a.tar.gz has no Chart.yaml")


def test_a_redirect_to_another_host_is_refused_and_on_the_same_host_followed(
    tmp_path: Path, server: Loopback
) -> None:
    with serving(lambda request: Answer(200, PLAIN)) as other:
        server.answers["/a.yaml"] = Answer(302, headers={"Location": f"{other.url}/b.yaml?sig=x"})
        server.answers["/loop.yaml"] = Answer(302, headers={"Location": "/loop.yaml"})
        server.answers["/file.yaml"] = Answer(302, headers={"Location": "file:///etc/passwd"})
        refused(http(tmp_path / "1", f"{server.url}/a.yaml"), 3, "redirects to another host", other.host)
        refused(http(tmp_path / "2", f"{server.url}/loop.yaml"), 3, "redirects more than 5 times")
        refused(http(tmp_path / "3", f"{server.url}/file.yaml"), 3, "redirects to")
        assert other.requests == []
    server.answers["/here.yaml"] = Answer(301, headers={"Location": "/there.yaml"})
    server.answers["/there.yaml"] = Answer(200, PLAIN)
    ok(http(tmp_path / "4", f"{server.url}/here.yaml").weft("install"))


def test_git_is_not_led_to_another_host_either(tmp_path: Path, server: Loopback) -> None:
    origin = Origin(tmp_path / "origin", static())
    there = git_over_http(tmp_path)

    def elsewhere(request: Request) -> Answer:
        if request.headers["Host"].startswith("localhost"):
            return there(request)
        return Answer(302, headers={"Location": f"http://localhost:{server.server_address[1]}{request.path}"})

    server.answer = elsewhere
    root = project(tmp_path / "root", f"{{name: app, source: '{server.url}/origin/.git'}}")
    refused(root, 3, "component.yaml:2:", "redirects to another host: http://localhost")
    server.answer = there
    ok(root.weft("install"))
    assert origin.git("rev-parse", "HEAD") in (lock(root) or "")


def test_what_ends_too_early_is_refused(tmp_path: Path, server: Loopback) -> None:
    server.answers["/a.yaml"] = Answer(200, PLAIN, cut=20)
    whole = tarball({f"{name}.yaml": PLAIN for name in "abc"})
    server.answers["/a.tar.gz"] = Answer(200, whole[:-20])
    refused(http(tmp_path / "1", f"{server.url}/a.yaml"), 4, "component.yaml:2:", "the connection ended")
    refused(http(tmp_path / "2", f"{server.url}/a.tar.gz"), 3, "component.yaml:2:", "damaged or cut off")


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path, server: Loopback) -> None:
    going = threading.Event()

    def silent(request: Request) -> Answer:
        going.wait()
        return Answer(200, PLAIN)

    server.answer = silent
    try:
        refused(
            http(tmp_path / "http", f"{server.url}/a.yaml"), 4, "said nothing for 0.5 seconds", "--timeout"
        )
        git = project(tmp_path / "git", f"{{name: app, source: '{server.url}/a.git'}}")
        refused(git, 4, "component.yaml:2:", "git")
    finally:
        going.set()


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_git_server_that_says_nothing_is_given_up(tmp_path: Path, mute: int) -> None:
    root = project(tmp_path, f"{{name: app, source: 'git://127.0.0.1:{mute}/a.git'}}")
    refused(root, 4, "component.yaml:2:", "the server said nothing for 0.5 seconds", "--timeout")


def slow_ssh(folder: Path) -> dict[str, str]:
    """An ssh that notes its own id, and sleeps."""
    script = folder / "ssh"
    script.write_text(f"#!/bin/sh\necho $$ > {folder}/new\nmv {folder}/new {folder}/pid\nexec sleep 600\n")
    script.chmod(0o755)
    return {"GIT_SSH_COMMAND": str(script), "GIT_SSH_VARIANT": "ssh"}


def test_an_ssh_that_says_nothing_is_ended(tmp_path: Path) -> None:
    root = project(tmp_path / "root", "{name: app, source: 'git@example.com:a/b'}")
    run = root.weft("install", "--timeout", "2", env=slow_ssh(tmp_path))
    assert run.code == 4, run.err
    assert "component.yaml:2:" in run.err
    assert "the server said nothing for 2 seconds" in run.err
    assert gone(int((tmp_path / "pid").read_text()))


def test_an_ssh_ends_with_the_weft_that_started_it(tmp_path: Path) -> None:
    root = project(tmp_path / "root", "{name: app, source: 'git@example.com:a/b'}")
    weft = subprocess.Popen(
        [sys.executable, "-m", "generator", "install"],
        cwd=root.root,
        env=environment() | slow_ssh(tmp_path),
        stderr=subprocess.DEVNULL,
    )
    with weft:
        while not (tmp_path / "pid").exists():
            assert weft.poll() is None
            time.sleep(0.05)
        weft.send_signal(signal.SIGTERM)
    assert weft.returncode == -signal.SIGTERM
    assert gone(int((tmp_path / "pid").read_text()))


def gone(process: int) -> bool:
    """Whether a process ends: it was killed, so it needs a moment at most."""
    for _ in range(200):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_an_unreachable_server_is_said_so(tmp_path: Path, server: Loopback) -> None:
    with serving(missing) as gone:
        url = gone.url
    refused(http(tmp_path / "http", f"{url}/a.yaml"), 4, "component.yaml:2:", "refused")
    refused(project(tmp_path / "git", f"{{name: app, source: '{url}/a.git'}}"), 4, "component.yaml:2:")


# Archives.


def device(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.CHRTYPE
    return info


def sparse() -> bytes:
    """A file of a gigabyte that is one hole."""
    info = tarfile.TarInfo("a.yaml")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (1 << 30, 0)
    header[483:495] = b"%011o\0" % (1 << 30)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return gzip.compress(bytes(header) + bytes(1024))


def bomb() -> bytes:
    return tarball({"a.yaml": b"\0" * (40 * 1024 * 1024)})


@pytest.mark.parametrize(
    ("archive", "text"),
    [
        (lambda: tarball({"../a.yaml": PLAIN}), "`../a.yaml`, which leads out of it"),
        (lambda: tarball({"a/../../b.yaml": PLAIN}), "which leads out of it"),
        (lambda: tarball({"/tmp/a.yaml": PLAIN}), "`/tmp/a.yaml`, which leads out of it"),
        (lambda: tarball({"a": link("a", "/etc/passwd")}), "a link out of it: `a` to `/etc/passwd`"),
        (lambda: tarball({"a": link("a", "../x"), "a/b": PLAIN}), "a link out of it"),
        (lambda: tarball({"a": link("a", "../x", tarfile.LNKTYPE)}), "`../x`, which leads out of it"),
        (lambda: tarball({"d/f": PLAIN, "x": link("x", "d"), "x/y": link("x/y", "f")}), "below a link"),
        (lambda: tarball({"d": device("d")}), "neither a file, a folder nor a link"),
        (lambda: tarball({"a": PLAIN, "a/b": PLAIN}), "as a file and as a folder"),
        (lambda: tarball({"a.yaml": PLAIN, "./a.yaml": b"other"}), "the archive has `a.yaml` twice"),
        (lambda: tarball({"a.yaml": PLAIN, "./a.yaml": link("a.yaml", "b")}), "has `a.yaml` twice"),
        (sparse, "`a.yaml`, which is neither a file, a folder nor a link"),
        (lambda: tarball({"a\n.yaml": PLAIN}), "`a?.yaml`, a name that cannot be shown"),
        (bomb, "grows to more than 200 times its size"),
        (lambda: gzip.compress(b"no archive at all"), "no .tar.gz archive"),
        (lambda: tarball({}), "the archive is empty"),
        (lambda: b"\x1f\x8b" + b"x" * 64, "the archive is damaged or cut off"),
    ],
)
def test_a_bad_archive_is_refused(
    tmp_path: Path, server: Loopback, archive: Callable[[], bytes], text: str
) -> None:
    server.answers["/a.tar.gz"] = Answer(200, archive())
    root = http(tmp_path / "root", f"{server.url}/a.tar.gz")
    refused(root, 3, "component.yaml:2:", text)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root"]


# What changes under the same name.


def test_content_that_changed_under_a_url_is_refused_until_it_is_updated(
    tmp_path: Path, server: Loopback
) -> None:
    server.answers["/a.yaml"] = Answer(200, PLAIN)
    root = http(tmp_path, f"{server.url}/a.yaml")
    ok(root.weft("install"))
    (old,) = contents(root)
    server.answers["/a.yaml"] = Answer(200, config_map("app", other="1").encode())
    ok(root.weft("install"))
    assert contents(root) == [old]
    (root.root / ".weft" / old / "a.yaml").unlink()
    refused(
        root,
        3,
        "component.yaml:2:",
        "its content has changed under the same URL: SHA-256",
        f"but weft.lock says {old[:12]}",
        "weft install --update app",
    )
    assert f"moved sha256:{old[:12]} -> sha256:" in ok(root.weft("install", "--update", "app")).out
    ok(root.generate("--all"))


def test_one_that_fails_leaves_the_lock_of_all(tmp_path: Path, server: Loopback) -> None:
    server.answers["/a.yaml"] = Answer(200, PLAIN)
    root = http(tmp_path, f"{server.url}/a.yaml")
    ok(root.weft("install"))
    before = lock(root)
    project(
        root.root,
        f"{{name: app, source: '{server.url}/a.yaml', type: static}}",
        f"{{name: one, source: '{server.url}/b.yaml', type: static}}",
        f"{{name: two, source: '{server.url}/c.yaml', type: static}}",
    )
    run = root.weft("install")
    assert (run.code, lock(root)) == (4, before)
    assert "component.yaml:3:" in run.err
    assert "component.yaml:4:" in run.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2\nsources: []\n", "weft.lock:1:1: this lock has format 2"),
        ("version: 1\nsources:\n- {method: git}\n", "weft.lock:3:3"),
        ("version: 1\nsources: [", "weft.lock:3:1"),
        ("version: 1\nvendor: /x\nsources: []\n", "weft.lock:2:1: `vendor` is absolute"),
        (
            "version: 1\nsources:\n<<<<<<< HEAD\n- {method: git}\n=======\n- {method: http}\n>>>>>>> b\n",
            "weft.lock:3: git's marks of a merge conflict are here",
        ),
        (
            f"version: 1\nsources:\n{2 * ('- {method: http, url: u, sha256: ' + 64 * 'a' + '}' + chr(10))}",
            "second time",
        ),
    ],
)
def test_a_lock_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}").write({"weft.lock": text})
    for command in (("install",), ("generate", "--all")):
        run = root.weft(*command)
        assert run.code == 3, run.err
        assert message in run.err
    assert lock(root) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(("app",), "add --update"), (("--locked", "--update"), "contradict each other"), (("-j", "0"), "-j")],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    run = project(tmp_path, "{name: app, source: ./app}").weft("install", *arguments)
    assert run.code == 2
    assert text in run.err


@pytest.mark.parametrize(
    "keys",
    [
        "resources: [../../../../environments]",
        "resources: [../base, ../../../manifests]",
        "configMapGenerator: [{name: a, files: [x=../../../../component.yaml]}]",
    ],
)
def test_a_fetched_kustomization_reads_nothing_of_the_definition(tmp_path: Path, keys: str) -> None:
    files = {
        "over/kustomization.yaml": f"{keys}\n",
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": PLAIN.decode(),
    }
    origin = Origin(tmp_path / "origin", files)
    root = project(tmp_path / "root", f"{{name: app, type: kustomize, source: '{origin.url}', path: over}}")
    root.write({"manifests/kustomization.yaml": "resources: [a.yaml]\n", "manifests/a.yaml": PLAIN})
    ok(root.weft("install"))
    run = root.generate("--all")
    assert run.code == 3
    assert "over/kustomization.yaml:1:" in run.err
    assert "leads out of the fetched source" in run.err
    assert root.tree() == {}
    origin.commit({"over/kustomization.yaml": "resources: [../base]\n"})
    ok(root.weft("install", "--update"))
    ok(root.generate("--all"))


def test_an_error_in_fetched_content_names_its_source(tmp_path: Path) -> None:
    files = {"a/component.yaml": "tpye: static\n", "m/a.yaml": "kind: [\n", "c/chart.yaml": "name: [\n"}
    origin = Origin(tmp_path / "origin", files)
    for command, more in (
        (("install",), "path: a"),
        (("generate", "--all"), "path: m, type: static"),
        (("generate", "--all"), "path: c, type: jinja"),
    ):
        root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}', {more}}}")
        if command != ("install",):
            ok(root.weft("install"))
        run = root.weft(*command)
        assert run.code == 3, run.err
        assert "error: .weft/" in run.err
        assert f"(in git {origin.url})" in run.err
