"""Method `http`: files and archives, what of them is a component, and an install that is interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.fetch.origin import config_map, contents, lock, ok, project, static, store, tarball
from tests.fetch.servers.loopback import Answer, Loopback, Request, serving
from tests.project_tree import environment


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving(lambda request: Answer(404)) as found:
        yield found


def test_files_and_archives_generate_the_same_without_their_server(tmp_path: Path) -> None:
    component = {f"pack-1.0/{name}": text.encode() for name, text in static("packed").items()}
    chart = {
        "chart/Chart.yaml": b"apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "chart/templates/a.yaml": config_map("from-helm").encode(),
    }
    with serving(lambda request: Answer(404)) as server:
        server.answers |= {
            "/one.yaml": Answer(200, config_map("one").encode()),
            "/two.json": Answer(200, json.dumps(yaml.safe_load(config_map("two"))).encode()),
            "/pack.tar.gz": Answer(200, tarball(component), {"Content-Type": "application/gzip"}),
            "/chart.tgz": Answer(200, tarball(chart)),
            "/bare": Answer(200, config_map("bare").encode()),
        }
        root = project(
            tmp_path,
            f"{{name: one, type: static, source: '{server.url}/one.yaml?raw=1'}}",
            f"{{name: two, type: static, source: '{server.url}/two.json'}}",
            f"{{name: packed, source: '{server.url}/pack.tar.gz', path: pack-1.0}}",
            f"{{name: chart, type: helm, source: '{server.url}/chart.tgz', path: chart}}",
            f"{{name: bare, type: static, method: http, source: '{server.url}/bare'}}",
        )
        done = ok(root.weft("install"))
        assert "5 sources: 5 fetched, 0 here already" in done.err
    ok(root.generate("--all"))
    first = root.tree()
    names = {path.split("/")[1] for path in first if path.count("/") > 1}
    assert names == {"one", "two", "packed", "chart", "bare"}
    assert all("resolved" not in entry for entry in yaml.safe_load(lock(root) or "")["sources"])
    ok(root.weft("install", "--locked"))
    ok(root.generate("--all", "--no-cache"))
    assert root.tree() == first


def test_a_lock_and_no_store_bring_the_same_store(tmp_path: Path, server: Loopback) -> None:
    server.answers["/a.tar.gz"] = Answer(200, tarball({"a.yaml": config_map("a").encode()}))
    reference = f"{{name: app, type: static, source: '{server.url}/a.tar.gz'}}"
    first = project(tmp_path / "first", reference)
    ok(first.weft("install"))
    second = project(tmp_path / "second", reference).write({"weft.lock": lock(first) or ""})
    ok(second.weft("install", "--locked"))
    assert (store(second), lock(second)) == (store(first), lock(first))
    # Packed anew, with other dates, it is the same content.
    server.answers["/a.tar.gz"] = Answer(200, tarball({"./a.yaml": config_map("a").encode()}))
    third = project(tmp_path / "third", reference).write({"weft.lock": lock(first) or ""})
    ok(third.weft("install", "--locked"))
    assert store(third) == store(first)


@pytest.mark.parametrize("source", ["a.yaml", "a.git"])
def test_an_interrupted_install_waits_for_no_server(tmp_path: Path, server: Loopback, source: str) -> None:
    asked, going = threading.Event(), threading.Event()

    def silent(request: Request) -> Answer:
        asked.set()
        going.wait()
        return Answer(404)

    server.answer = silent
    root = project(tmp_path, f"{{name: app, type: static, source: '{server.url}/{source}'}}")
    process = subprocess.Popen(
        root.command("install", "--timeout", "600"),
        cwd=root.root,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    finally:
        going.set()
    assert (process.returncode, said.strip()) == (130, "interrupted")
    assert (lock(root), contents(root)) == (None, [])
    server.answer = lambda request: Answer(200, config_map("app").encode())
    if source == "a.yaml":
        ok(root.weft("install"))
        assert not list((root.root / ".weft" / ".state").glob("new-*"))
