"""Remote repositories: over HTTP with a password, with hooks, out of reach; no credential goes anywhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fixtures.fleet import ENVIRONMENTS, PATHS
from tests.project_tree import environment
from tests.publish.manifests import GIT, Fleet, bare, git
from tests.publish.server import PASSWORD, USER, Server, certificate, serving

PATH = "{repository: ../manifests.git, branch: main, path: 'clusters/{environment}'}"
SECRETS = (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def url(server: Server, user_info: str = "") -> str:
    return f"http://{user_info}{server.host}/manifests.git"


def with_password(server: Server) -> str:
    return url(server, f"{USER}:{quote(PASSWORD, safe='')}@")


def http_fleet(tmp_path: Path, publish: str = "{repository: ../manifests.git}") -> Fleet:
    fleet = Fleet(tmp_path, publish)
    git(fleet.manifests, "config", "http.receivepack", "true")
    return fleet


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def assert_no_secret_below(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "server.py":
            content = file.read_bytes()
            assert not [word for word in SECRETS if word.encode() in content], file


def test_publishing_over_http_with_a_password_in_the_url_leaks_it_nowhere(
    tmp_path: Path, server: Server
) -> None:
    fleet = http_fleet(tmp_path)
    kept = tmp_path / "kept"
    kept.mkdir()
    env = {"TMPDIR": str(kept), "HOME": str(kept)}
    run = fleet.published("--all", "--repository", with_password(server), env=env)
    fleet.colour("rot")
    second = fleet.published("--all", "--repository", with_password(server), "-o", "json", env=env)
    assert set(PATHS) < set(fleet.files("environment/prod-east"))
    assert json.loads(fleet.note("environment/prod-east"))
    for word in SECRETS:
        assert word not in run.out + run.err + second.out + second.err
        assert word not in git(fleet.manifests, "log", "--all", "-p")
    assert_no_secret_below(tmp_path)
    assert list(kept.iterdir()) == []
    fleet.sound()


def test_a_run_that_is_killed_while_it_pushes_leaves_no_password_behind(
    tmp_path: Path, server: Server
) -> None:
    fleet = http_fleet(tmp_path)
    fleet.published("prod-east", "--repository", with_password(server))
    fleet.colour("rot")
    head = fleet.head("environment/prod-east")
    kept = tmp_path / "kept"
    kept.mkdir()
    process = subprocess.Popen(
        fleet.project.command("publish", "prod-east", "--repository", with_password(server)),
        cwd=fleet.project.root,
        env=environment({**GIT, "TMPDIR": str(kept)}),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    server.drop_pushes = 1
    server.on_push = lambda: os.killpg(process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()
    server.on_push = lambda: None
    assert list(kept.iterdir())
    assert_no_secret_below(kept)
    assert fleet.head("environment/prod-east") == head
    fleet.published("prod-east", "--repository", with_password(server))


def test_over_https_the_certificate_is_checked_with_what_git_trusts(tmp_path: Path) -> None:
    fleet = http_fleet(tmp_path)
    tls = certificate(tmp_path)
    with serving(tmp_path, tls) as server:
        where = ("--repository", with_password(server).replace("http:", "https:"))
        assert "certificate" in fleet.refused("prod-east", *where, code=4)
        trusted = {"GIT_SSL_CAINFO": str(tls)}
        run = fleet.published("prod-east", *where, env=trusted)
        assert "prod-east: unchanged" in fleet.published("prod-east", *where, env=trusted).err
    assert f"environment/prod-east of https://{server.host}/manifests.git" in run.err
    assert PASSWORD not in run.err
    fleet.sound()


def test_a_wrong_password_is_a_clear_error_that_does_not_show_it(tmp_path: Path, server: Server) -> None:
    fleet = http_fleet(tmp_path)
    wrong = url(server, f"{USER}:letmein123@")
    message = fleet.refused("prod-east", "--repository", wrong, code=4)
    assert "Authentication failed" in message
    assert "letmein123" not in message


def test_without_a_password_nobody_is_asked(tmp_path: Path, server: Server) -> None:
    fleet = http_fleet(tmp_path)
    message = fleet.refused("prod-east", "--repository", url(server), code=4)
    assert "credential helper" in message


def test_credentials_come_from_askpass_and_from_the_definitions_configuration(
    tmp_path: Path, server: Server
) -> None:
    fleet = http_fleet(tmp_path)
    asked = f'case "$1" in Username*) echo {USER};; *) echo "{PASSWORD}";; esac'
    answer = script(tmp_path / "askpass", asked)
    fleet.published("prod-east", "--repository", url(server), env={"GIT_ASKPASS": str(answer)})
    answer.unlink()
    helper = script(tmp_path / "helper", f'echo username={USER}; echo "password={PASSWORD}"')
    git(fleet.project.root, "config", "credential.helper", str(helper))
    fleet.published("prod-west", "--repository", url(server, "bot@"))
    assert fleet.head("environment/prod-east")
    assert fleet.head("environment/prod-west")


def test_a_remote_is_read_without_its_files_and_deep_enough(tmp_path: Path, server: Server) -> None:
    fleet = http_fleet(tmp_path, PATH)
    fleet.published("--all", "--repository", with_password(server))
    stream = []
    for number in range(150):
        stream.append(
            "commit refs/heads/main\ncommitter E <e@e> 1 +0000\ndata 1\nx\n"
            + ("from refs/heads/main^0\n" if number == 0 else "")
            + f"M 100644 inline others/{number}\ndata 1\nx\n"
        )
    git(fleet.manifests, "fast-import", "--quiet", stdin="".join(stream))
    fleet.colour("rot")
    run = fleet.published("--all", "--repository", with_password(server))
    assert run.err.count("(objects: 1 changed)") == len(ENVIRONMENTS)
    files = git(fleet.manifests, "ls-tree", "-r", "--name-only", "main").splitlines()
    assert len([path for path in files if path.startswith("others/")]) == 150
    fleet.by_hand("main", {"clusters/prod-east/queue/queue.yaml": "edited: true\n"})
    fleet.colour("blau")
    assert "queue.yaml (changed)" in fleet.refused("prod-east", "--repository", with_password(server))
    fleet.sound()


@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_file_url_is_a_remote_too(tmp_path: Path, filters: str) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.manifests, "config", "uploadpack.allowFilter", filters)
    where = ("--repository", fleet.manifests.as_uri())
    fleet.published("--all", *where)
    before = fleet.refs()
    fleet.published("--all", *where)
    assert fleet.refs() == before
    fleet.colour("rot")
    fleet.published("--all", *where)
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    assert "prod-west: removed" in fleet.published("--all", "--prune-environments", *where).err
    fleet.sound()


def test_a_connection_that_drops_leaves_the_branch_and_the_next_run_completes(
    tmp_path: Path, server: Server
) -> None:
    fleet = http_fleet(tmp_path)
    server.drop_pushes = 1
    assert "git push failed" in fleet.refused("prod-east", "--repository", with_password(server), code=4)
    fleet.sound()
    fleet.published("prod-east", "--repository", with_password(server))


@pytest.mark.parametrize("remote", [False, True])
def test_a_hook_that_rejects_is_a_clear_error_with_its_words(tmp_path: Path, remote: bool) -> None:
    fleet = Fleet(tmp_path)
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    script(fleet.manifests / "hooks/pre-receive", "echo 'main is protected: ask Eve' >&2; exit 1")
    where = ("--repository", fleet.manifests.as_uri()) if remote else ()
    message = fleet.refused("prod-east", *where, code=4)
    assert "main is protected: ask Eve" in message
    assert "pre-receive hook declined" in message
    fleet.sound()


def test_one_repository_out_of_reach_does_not_stop_the_others(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.commit(
        "elsewhere",
        {"environments/prod-west.yaml": "publish: {repository: 'http://127.0.0.1:1/nowhere.git'}\n"},
    )
    run = fleet.run("--all")
    assert run.code == 4
    assert "prod-west: not published" in run.err
    assert fleet.head("environment/prod-east")
    assert fleet.head("environment/edge-1")
    assert [line for line in run.err.splitlines() if line.startswith(ENVIRONMENTS)]
    assert fleet.run("--all", "--require", "any").code == 0
    assert fleet.run("prod-west", "--require", "any").code == 4


def test_a_local_path_that_is_no_repository_is_told(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    (tmp_path / "definitions/inner").mkdir()
    assert "nowhere" in fleet.refused("prod-east", "--repository", "../nowhere", code=4)
    # A folder of a repository is not that repository.
    fleet.refused("prod-east", "--repository", "./inner", code=4)
    assert git(fleet.project.root, "branch", "--format=%(refname:short)") == "main"


def test_a_repository_with_another_object_format_is_published_to(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    other = tmp_path / "sha256.git"
    other.mkdir()
    git(other, "init", "--quiet", "--bare", "--object-format=sha256")
    for where in (str(other), other.as_uri()):
        fleet.published("prod-east", "--repository", where)
        fleet.colour("rot" if where == str(other) else "blau")
        fleet.published("prod-east", "--repository", where)
    fleet.sound(other)


@pytest.fixture
def gpg_home() -> Iterator[dict[str, str]]:
    """A key ring of its own with one key, without a passphrase; it is gone at the end, its agent too."""
    # The agent's socket is in it, and the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:
        env = {**os.environ, "GNUPGHOME": home}
        make = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key"]
        subprocess.run([*make, "Ada <ada@example.org>", "ed25519", "sign"], env=env, check=True)
        try:
            yield {"GNUPGHOME": home}
        finally:
            subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)


def verified(fleet: Fleet, env: Mapping[str, str], *settings: str) -> str:
    """What git says of the signature of the newest commit, which it must find good."""
    done = subprocess.run(
        ["git", *settings, "verify-commit", "environment/prod-east"],
        cwd=fleet.manifests,
        env={**os.environ, **GIT, **env, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


def test_commits_are_signed_with_gpg_and_git_finds_them_good(
    tmp_path: Path, gpg_home: dict[str, str]
) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.project.root, "config", "user.signingKey", "ada@example.org")
    fleet.published("prod-east", "--sign", env=gpg_home)
    assert 'Good signature from "Ada <ada@example.org>"' in verified(fleet, gpg_home)
    fleet.colour("rot")
    fleet.published("prod-east", env=gpg_home)
    assert "SIGNATURE" not in git(fleet.manifests, "cat-file", "commit", "environment/prod-east")


def test_commits_are_signed_with_ssh_and_git_finds_them_good(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    key = tmp_path / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", str(key)]
    subprocess.run(make, check=True)
    git(fleet.project.root, "config", "gpg.format", "ssh")
    git(fleet.project.root, "config", "user.signingKey", str(key))
    fleet.published("prod-east", "--sign")
    signers = tmp_path / "signers"
    signers.write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    setting = f"gpg.ssh.allowedSignersFile={signers}"
    assert 'Good "git" signature for ada@example.org' in verified(fleet, {}, "-c", setting)
    fleet.colour("rot")
    fleet.published("prod-east")
    assert "SIGNATURE" not in git(fleet.manifests, "cat-file", "commit", "environment/prod-east")


def test_without_a_gpg_key_nothing_is_published(tmp_path: Path, gpg_home: dict[str, str]) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.project.root, "config", "user.signingKey", "eve@example.org")
    assert "sign" in fleet.refused("prod-east", "--sign", code=4, env=gpg_home)


def test_a_key_that_is_not_there_is_told_and_nothing_is_published(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.project.root, "config", "gpg.format", "ssh")
    git(fleet.project.root, "config", "user.signingKey", str(tmp_path / "nowhere"))
    assert "nowhere" in fleet.refused("prod-east", "--sign", code=4)


def test_a_branch_named_as_the_folder_of_others_is_told_at_once(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.by_hand("environment", {"x": "x\n"})
    message = fleet.refused("prod-east", code=4)
    assert "refs/heads/environment" in message
    assert "cannot create" in message


def test_what_a_user_configured_for_people_does_not_confuse_weft(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    config = tmp_path / "gitconfig"
    for key, value in (
        ("log.showSignature", "true"),
        ("log.decorate", "full"),
        ("log.date", "relative"),
        ("i18n.logOutputEncoding", "latin1"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("core.autocrlf", "true"),
        ("push.default", "nothing"),
        ("push.followTags", "true"),
        ("fetch.prune", "true"),
        ("fetch.fsckObjects", "true"),
        ("transfer.fsckObjects", "true"),
        ("notes.displayRef", "refs/notes/*"),
        ("status.showUntrackedFiles", "no"),
        ("tag.gpgSign", "true"),
        ("commit.gpgSign", "true"),
    ):
        git(tmp_path, "config", "--file", str(config), key, value)
    env = {"GIT_CONFIG_GLOBAL": str(config)}
    for where in (str(fleet.manifests), fleet.manifests.as_uri()):
        fleet.colour("blau")
        fleet.published("--all", "--repository", where, env=env)
        fleet.colour("grün")
        fleet.published("--all", "--repository", where, env=env)
        before = fleet.refs()
        fleet.published("--all", "--repository", where, env=env)
        assert fleet.refs() == before
    assert fleet.message("environment/edge-1").startswith("edge-1: ConfigMap settings colour blau to grün\n")
    assert '"subject": "paint it grün"' in fleet.files("environment/edge-1")["hydrator.metadata"]


def test_gits_own_variables_of_a_surrounding_hook_do_not_lead_elsewhere(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    victim = bare(tmp_path / "victim.git")
    env = {"GIT_DIR": str(victim), "GIT_INDEX_FILE": str(tmp_path / "index"), "GIT_WORK_TREE": str(tmp_path)}
    fleet.published("prod-east", env=env)
    assert fleet.head("environment/prod-east")
    assert git(victim, "for-each-ref") == ""
