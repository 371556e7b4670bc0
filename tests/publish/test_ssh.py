"""Remotes over SSH: the system's ssh against a real server; nobody is ever asked anything."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.fleet import PATHS
from tests.project_tree import environment
from tests.publish.manifests import GIT, Fleet, git
from tests.publish.ssh_server import SshServer, ssh_serving

BRANCH = "environment/prod-east"
PATH = "{repository: 'git@manifests:manifests.git', branch: main, path: '{environment}'}"
# Starts a program with a terminal of its own, as a person does, and shows what appears on it.
TERMINAL = (
    "import os, pty, sys\n"
    "read = lambda fd: os.read(fd, 1024)\n"
    "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))\n"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with ssh_serving(tmp_path) as running:
        yield running


def addresses(server: SshServer) -> dict[str, str]:
    return {
        "url": f"ssh://git@127.0.0.1:{server.port}{server.folder}/manifests.git",
        "scp": f"git@manifests:{server.folder}/manifests.git",
        "scp-home": "git@manifests:manifests.git",
        "no-user": f"manifests:{server.folder}/manifests.git",
    }


@pytest.mark.parametrize("form", ["url", "scp", "scp-home", "no-user"])
def test_publish_plan_and_an_unchanged_publish_over_ssh(tmp_path: Path, server: SshServer, form: str) -> None:
    fleet = Fleet(tmp_path)
    where, env = ("--repository", addresses(server)[form]), server.environment()
    planned = fleet.project.weft("plan", "prod-east", *where, env={**GIT, **env})
    assert (planned.code, planned.out.splitlines()[0].split(",")[0]) == (1, "prod-east: 4 objects added")
    run = fleet.published("prod-east", *where, env=env)
    assert f"published {fleet.head(BRANCH)[:10]} to {BRANCH} of " in run.err
    assert set(PATHS) < set(fleet.files(BRANCH))
    assert json.loads(fleet.note(BRANCH))
    before = fleet.refs()
    assert "prod-east: unchanged" in fleet.published("prod-east", *where, env=env).err
    assert fleet.refs() == before
    planned = fleet.project.weft("plan", "prod-east", *where, env={**GIT, **env})
    assert (planned.code, planned.out) == (0, "prod-east: No changes\n")
    fleet.colour("rot")
    assert "(objects: 1 changed)" in fleet.published("prod-east", *where, env=env).err
    assert {command.split()[0] for command in server.commands()} == {"git-receive-pack", "git-upload-pack"}
    fleet.sound()


def test_a_removed_environment_goes_over_ssh(tmp_path: Path, server: SshServer) -> None:
    fleet = Fleet(tmp_path, PATH)
    fleet.published("--all", env=server.environment())
    fleet.commit("gone", {"environments/prod-west.yaml": None})
    run = fleet.published("--all", "--prune-environments", env=server.environment())
    assert "prod-west: removed" in run.err
    assert {path.split("/")[0] for path in fleet.files("main")} == {"edge-1", "prod-east"}


def test_the_ssh_command_of_the_definitions_repository_is_used(tmp_path: Path, server: SshServer) -> None:
    fleet = Fleet(tmp_path)
    git(fleet.project.root, "config", "core.sshCommand", server.command())
    fleet.published("prod-east", "--repository", addresses(server)["url"])
    assert fleet.head(BRANCH)


def test_a_hook_that_rejects_is_told_over_ssh(tmp_path: Path, server: SshServer) -> None:
    fleet = Fleet(tmp_path)
    (fleet.manifests / "hooks").mkdir(exist_ok=True)
    hook = fleet.manifests / "hooks/update"
    hook.write_text("#!/bin/sh\necho 'protected: ask Eve' >&2\nexit 1\n")
    hook.chmod(0o755)
    where = ("--repository", addresses(server)["url"])
    assert "protected: ask Eve" in fleet.refused("prod-east", *where, code=4, env=server.environment())


@pytest.mark.parametrize(
    ("key", "known", "told", "hint"),
    [
        ("other", "known_hosts", "Permission denied", "ssh-agent"),
        ("key", "no_hosts", "Host key verification failed", "known_hosts"),
    ],
    ids=["wrong-key", "unknown-host"],
)
@pytest.mark.parametrize("terminal", [False, True], ids=["ci", "terminal"])
def test_a_wrong_key_and_an_unknown_host_end_with_4_and_nobody_is_asked(
    tmp_path: Path, server: SshServer, key: str, known: str, told: str, hint: str, terminal: bool
) -> None:
    fleet = Fleet(tmp_path)
    where = ("--repository", addresses(server)["url"])
    for name in ("publish", "plan"):
        command = fleet.project.command(name, "prod-east", *where)
        if terminal:
            command = [sys.executable, "-c", TERMINAL, *command]
        done = subprocess.run(
            command,
            cwd=fleet.project.root,
            env=environment({**GIT, **server.environment(key, known), "TERM": "dumb"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            # Only somebody who waits for an answer would come near it.
            timeout=120,
        )
        text = done.stdout.decode()
        assert done.returncode == 4, text
        assert told in text
        assert hint in text
        assert "password:" not in text
        assert "yes/no" not in text
        assert "Traceback" not in text
    assert fleet.refs() == ""


def test_nobody_listening_and_no_repository_end_with_4(tmp_path: Path, server: SshServer) -> None:
    fleet = Fleet(tmp_path)
    where = ("--repository", "ssh://git@127.0.0.1:1/manifests.git")
    assert "Connection refused" in fleet.refused("prod-east", *where, code=4, env=server.environment())
    where = ("--repository", "git@manifests:nowhere.git")
    message = fleet.refused("prod-east", *where, code=4, env=server.environment())
    assert "does not appear to be a git repository" in message


def test_the_password_of_an_ssh_url_is_shown_nowhere_and_the_hydrator_url_is_normalised(
    tmp_path: Path, server: SshServer
) -> None:
    fleet = Fleet(tmp_path, publish="{}")
    url = f"ssh://git:s3cret@127.0.0.1:{server.port}{server.folder}/manifests.git"
    git(fleet.project.root, "remote", "add", "origin", url)
    run = fleet.published("prod-east", env=server.environment())
    data = json.loads(fleet.files(BRANCH)["hydrator.metadata"])
    assert data["repoURL"] == f"ssh://git@127.0.0.1:{server.port}{server.folder}/manifests"
    assert "s3cret" not in run.out + run.err + git(fleet.manifests, "log", "--all", "-p")
    assert not [command for command in server.commands() if "s3cret" in command]
