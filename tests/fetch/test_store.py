"""The store: ten installs at once, killed ones, what is fetched side by side, what unpacking lets by."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import load
from generator.errors import DefinitionError
from generator.fetch import archive
from generator.install import lockfile
from generator.model.source import Lock, Locked
from generator.store import digest
from tests.fetch.origin import Origin, config_map, contents, link, lock, ok, project, static, store, tarball
from tests.fetch.servers.loopback import Answer, Loopback, Request, serving
from tests.project_tree import ROOT, Project, environment, read_tree

ARCHIVE = tarball({f"deep/{name}.yaml": config_map(name).encode() for name in ("one", "two", "three")})


def archives(number: int) -> Mapping[str, bytes]:
    """Archives by path, each another."""
    return {
        f"/{index}.tar.gz": tarball({"a.yaml": config_map(f"map-{index}").encode()})
        for index in range(number)
    }


def served(server: Loopback, found: Mapping[str, bytes]) -> None:
    server.answers.update({path: Answer(200, content) for path, content in found.items()})


def definition(root: Path, server: Loopback, paths: Mapping[str, bytes]) -> Project:
    names = [(path[1:].partition(".")[0], path) for path in paths]
    return project(
        root, *(f"{{name: app-{name}, type: static, source: '{server.url}{path}'}}" for name, path in names)
    )


def test_ten_installs_at_once_share_one_store(tmp_path: Path) -> None:
    found = archives(6)
    origin = Origin(tmp_path / "origin", static())
    gate = threading.Barrier(10)

    def together(request: Request) -> Answer:
        # Nobody gets the first file before all ten have asked for it.
        gate.wait(timeout=60)
        return Answer(200, found["/0.tar.gz"])

    with serving(lambda request: Answer(404)) as server:
        served(server, found)
        alone = definition(tmp_path / "alone", server, found)
        reference = f"  - {{name: app, source: '{origin.url}'}}\n"
        text = (alone.root / "component.yaml").read_text() + reference
        alone.write({"component.yaml": text})
        ok(alone.weft("install"))
        shared = Project(tmp_path / "shared").write(
            {"component.yaml": text, "environments/prod.yaml": "labels: {tier: prod}\n"}
        )
        server.answers["/0.tar.gz"] = together
        runs = [
            subprocess.Popen(
                shared.command("install"), cwd=shared.root, env=environment(), stderr=subprocess.PIPE
            )
            for _ in range(10)
        ]
        ended = [(process.communicate()[1], process.returncode) for process in runs]
    assert [(err, code) for err, code in ended if code] == []
    assert store(shared) == store(alone)
    assert lock(shared) == lock(alone)
    assert not list((shared.root / ".weft" / ".state").glob("new-*"))
    ok(shared.generate("--all"))


def killed(folders: list[Path], steps: list[int]) -> list[tuple[int, int]]:
    """Runs `weft install` in each folder, killed at its step; exit codes and numbers of steps."""
    runs = [
        {"folder": str(folder), "arguments": ["install", "-j", "1"], "step": step}
        for folder, step in zip(folders, steps, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.write.killed"],
        cwd=ROOT,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        input=json.dumps(runs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(code, count) for code, count in json.loads(done.stdout)]


def test_an_install_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    found = {"/deep.tar.gz": ARCHIVE, **archives(1)}
    with serving(lambda request: Answer(404)) as server:
        served(server, found)
        template = definition(tmp_path / "template", server, found)
        whole = Project(tmp_path / "whole")
        shutil.copytree(template.root, whole.root, dirs_exist_ok=True)
        ((code, steps),) = killed([whole.root], [0])
        assert code == 0
        assert steps > 20
        folders = [tmp_path / f"killed-{step}" for step in range(1, steps + 1)]
        for folder in folders:
            shutil.copytree(template.root, folder)
        ended = killed(folders, list(range(1, steps + 1)))
        assert {code for code, _ in ended} == {-signal.SIGKILL}
        for folder in folders:
            root = Project(folder)
            # What is in the store or in the lock is whole at any time.
            assert set(contents(root)) <= set(contents(whole))
            assert lock(root) in (None, lock(whole))
        again = killed(folders, [0] * len(folders))
    assert {code for code, _ in again} == {0}
    for folder in folders:
        root = Project(folder)
        assert store(root) == store(whole)
        assert lock(root) == lock(whole)
        assert not list((folder / ".weft" / ".state").glob("new-*"))


def test_fetches_run_side_by_side_and_each_source_once(tmp_path: Path) -> None:
    found = archives(4)
    gate = threading.Barrier(4)
    with serving(lambda request: Answer(404)) as server:
        for path, content in found.items():

            def together(request: Request, content: bytes = content) -> Answer:
                gate.wait(timeout=60)
                return Answer(200, content)

            server.answers[path] = together
        root = definition(tmp_path, server, found)
        text = (root.root / "component.yaml").read_text()
        more = "".join(
            f"  - {{name: again-{path[1]}, type: static, source: '{server.url}{path}'}}\n" for path in found
        )
        root.write({"component.yaml": text + more})
        ok(root.weft("install", "-j", "4"))
        assert sorted(server.paths) == sorted(found)


def test_a_store_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}").write({".weft": "a file"})
    run = root.weft("install")
    assert run.code == 4
    assert ".weft: the store cannot be written" in run.err
    assert lock(root) is None


def test_a_store_may_be_read_only_for_those_who_generate(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    root = project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}")
    ok(root.weft("install"))
    shutil.rmtree(root.root / ".weft" / ".state")
    # A file in its place: nobody, root neither, can note there what was verified.
    (root.root / ".weft" / ".state").write_text("")
    ok(root.generate("--all"))
    assert "prod/app/app.yaml" in root.tree()


# The digest, and archives.

NAMES = st.text("ab.-é ", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=20), min_size=1, max_size=5)


def apart(files: Mapping[str, bytes]) -> bool:
    """Whether no path is both a file and a folder."""
    return not any(other.startswith(f"{path}/") for path in files for other in files)


@settings(max_examples=60, deadline=None)
@given(TREES.filter(apart), TREES.filter(apart))
def test_folders_have_one_digest_if_and_only_if_they_hold_the_same(
    tmp_path_factory: object, one: Mapping[str, bytes], other: Mapping[str, bytes]
) -> None:
    top = tmp_path_factory.mktemp("digest")  # type: ignore[attr-defined]
    digests = []
    for name, files in (("one", one), ("other", other), ("again", dict(reversed(one.items())))):
        Project(top / name).write(files)
        digests.append(digest(top / name))
    assert digests[0] == digests[2]
    assert (digests[0] == digests[1]) == (one == other)


@settings(max_examples=60, deadline=None)
@given(TREES.filter(apart))
def test_an_archive_comes_out_as_it_went_in(tmp_path_factory: object, files: Mapping[str, bytes]) -> None:
    top = tmp_path_factory.mktemp("archive")  # type: ignore[attr-defined]
    (top / "a.tar.gz").write_bytes(tarball(files))
    (top / "out").mkdir()
    archive.unpack(top / "a.tar.gz", top / "out")
    assert read_tree(top / "out") == files


TARGETS = st.lists(st.sampled_from(["..", ".", "a", "b", ""]), min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join),
        st.one_of(st.none(), TARGETS),
        st.sampled_from([tarfile.SYMTYPE, tarfile.LNKTYPE]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(ENTRIES)
def test_no_archive_of_links_writes_outside(
    tmp_path_factory: object, entries: list[tuple[str, str | None, bytes]]
) -> None:
    top = tmp_path_factory.mktemp("links")  # type: ignore[attr-defined]
    (top / "in" / "out").mkdir(parents=True)
    (top / "in" / "beside").write_text("mine")
    made: dict[str, bytes | tarfile.TarInfo] = {}
    for name, target, kind in entries:
        made[name] = b"x" if target is None else link(name, target, kind)
    (top / "a.tar.gz").write_bytes(tarball(made))
    try:
        archive.unpack(top / "a.tar.gz", top / "in" / "out")
        digest(top / "in" / "out")
    except DefinitionError:
        pass
    assert sorted(path.name for path in (top / "in").iterdir()) == ["beside", "out"]
    assert (top / "in" / "beside").read_text() == "mine"
    assert sorted(path.name for path in top.iterdir()) == ["a.tar.gz", "in"]


@given(st.text(min_size=1), st.none() | st.text(min_size=1))
def test_vendored_copies_have_names_that_are_plain_folders(url: str, path: str | None) -> None:
    name = Locked("git", url, "0123456789ab" + "0" * 52, path=path).vendored
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{13,140}", name)
    assert name.endswith("-0123456789ab")


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team/app.git",
        "git@git.example.com:team/app",
        "ssh://me@git.example.com/team/app",
    ],
)
def test_vendored_copies_have_names_that_a_reviewer_knows(url: str) -> None:
    name = Locked("git", url, "0123456789ab" + "0" * 52).vendored
    assert name == "git.example.com-team-app-0123456789ab"


WORDS = st.text(min_size=1, max_size=12)
ENTRIES_OF_A_LOCK = st.builds(
    Locked,
    method=st.sampled_from(["git", "http", "helm", "oci"]),
    url=WORDS,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    resolved=st.just("") | WORDS,
    path=st.none() | WORDS,
    version=st.none() | WORDS | st.sampled_from(["1.0", "1e3", "on", "0x1f", "~", "2020-01-01"]),
    branch=st.none() | WORDS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES_OF_A_LOCK, max_size=4, unique_by=lambda entry: entry.key), st.none() | st.just("v"))
def test_a_lock_is_read_as_it_was_written(
    tmp_path_factory: object, entries: list[Locked], vendor: str | None
) -> None:
    root = tmp_path_factory.mktemp("lock")  # type: ignore[attr-defined]
    lockfile.write(root, Lock(tuple(entries), vendor))
    text = (root / "weft.lock").read_bytes()
    found = load.lock.read(root)
    assert found == Lock(tuple(sorted(entries, key=lambda entry: entry.key)), vendor)
    lockfile.write(root, found)
    assert (root / "weft.lock").read_bytes() == text
