"""Credentials: tokens of access.yaml and git's own helpers reach the server; nothing else shows them."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from tests.fetch.origin import Origin, config_map, git_over_http, lock, ok, project, static
from tests.fetch.servers.loopback import PASSWORD, USER, Answer, Request, basic, serving
from tests.project_tree import Project, environment, read_tree

TOKEN = "s3cr3t-t0ken-of-the-tests"


def bare(root: Path) -> dict[str, str]:
    """An environment without the user's git configuration."""
    return {"GIT_CONFIG_GLOBAL": str(root / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(root)}


def nowhere(root: Project, *texts: str) -> None:
    """No token is in a text or in a file of the definition, in any form."""
    forms = [TOKEN, PASSWORD, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode(), basic()]
    everything = [*texts, *(content.decode(errors="replace") for content in read_tree(root.root).values())]
    assert not [form for form in forms for text in everything if form in text]


def test_a_token_of_access_yaml_opens_a_repository_and_shows_nowhere(tmp_path: Path) -> None:
    Origin(tmp_path / "repos" / "app", static())
    expected = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    with serving(git_over_http(tmp_path / "repos", expected)) as server:
        root = project(tmp_path / "root", f"{{name: app, source: '{server.url}/app/.git'}}")
        root.write({"access.yaml": f"{server.url}/app: APP_TOKEN\n"})
        env = bare(tmp_path)
        unset = root.weft("install", env=env)
        assert unset.code == 3
        assert "access.yaml:1:1: the environment variable `APP_TOKEN`, which holds the token for" in unset.err
        wrong = root.weft("install", env={**env, "APP_TOKEN": "wrong-t0ken"})
        assert wrong.code == 4
        assert "component.yaml:2:" in wrong.err
        assert "wrong-t0ken" not in wrong.err
        assert f"of `APP_TOKEN` was not accepted: is it valid, and for {server.url}/app?" in wrong.err
        assert "name the variable" not in wrong.err
        assert lock(root) is None
        done = ok(root.weft("install", env={**env, "APP_TOKEN": TOKEN, "GIT_TRACE": "1"}))
        nowhere(root, done.out, done.err, wrong.err)
    ok(root.generate("--all"))


def test_git_is_given_no_token_in_its_arguments(tmp_path: Path) -> None:
    Origin(tmp_path / "repos" / "app", static())
    log, shim = tmp_path / "log", tmp_path / "bin" / "git"
    shim.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    shim.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    shim.chmod(0o755)
    with serving(git_over_http(tmp_path / "repos", basic("me", TOKEN))) as server:
        root = project(tmp_path / "root", f"{{name: app, source: '{server.url}/app/.git'}}")
        root.write({"access.yaml": f"{server.url}: ALL\n"})
        path = f"{shim.parent}:{os.environ['PATH']}"
        ok(root.weft("install", env={**bare(tmp_path), "ALL": f"me:{TOKEN}", "PATH": path}))
    assert "fetch" in log.read_text()
    assert TOKEN not in log.read_text()


def test_gits_own_credential_helper_is_asked(tmp_path: Path) -> None:
    Origin(tmp_path / "repos" / "app", static())
    (tmp_path / "gitconfig").write_text(
        f"[credential]\n\thelper = \"!f() {{ echo username={USER}; echo 'password={PASSWORD}'; }}; f\"\n"
    )
    with serving(git_over_http(tmp_path / "repos", basic())) as server:
        root = project(tmp_path / "root", f"{{name: app, source: '{server.url}/app/.git'}}")
        without = root.weft("install", env={**bare(tmp_path), "GIT_CONFIG_GLOBAL": "/dev/null"})
        assert without.code == 4
        assert "give git the credentials" in without.err
        assert "access.yaml" in without.err
        done = ok(root.weft("install", env=bare(tmp_path)))
        nowhere(root, done.out, done.err)


def test_git_ssh_command_is_what_reaches_an_ssh_address(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", static())
    script = tmp_path / "ssh"
    script.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$@" > {tmp_path}/asked\nexec sh -c "$last"\n')
    script.chmod(0o755)
    root = project(tmp_path / "root", f"{{name: app, source: 'git@example.com:{origin.folder}'}}")
    ok(root.weft("install", env={"GIT_SSH_COMMAND": str(script)}))
    assert "git@example.com" in (tmp_path / "asked").read_text()
    ok(root.generate("--all"))


def test_a_download_gets_the_token_and_a_redirect_does_not(tmp_path: Path) -> None:
    manifest = config_map("app").encode()
    with (
        serving(lambda request: Answer(200, manifest)) as other,
        serving(lambda request: Answer(404)) as server,
    ):

        def private(request: Request) -> Answer:
            right = request.headers.get("Authorization") == f"Bearer {TOKEN}"
            return Answer(200, manifest) if right else Answer(401)

        server.answers["/a.yaml"] = private
        server.answers["/b.yaml"] = Answer(307, headers={"Location": f"{other.url}/b.yaml"})
        root = project(tmp_path / "root", f"{{name: app, type: static, source: '{server.url}/a.yaml'}}")
        assert "name the environment variable that holds a token" in root.weft("install").err
        root.write({"access.yaml": f"{server.url}: TOKEN\nhttps://example.com/other: OTHER\n"})
        wrong = root.weft("install", env={"TOKEN": "another-one"})
        assert wrong.code == 4
        assert f"the token of `TOKEN` was not accepted: is it valid, and for {server.url}?" in wrong.err
        assert "name the environment variable" not in wrong.err
        done = ok(root.weft("install", env={"TOKEN": TOKEN}))
        nowhere(root, done.out, done.err)
        project(root.root, f"{{name: app, type: static, source: '{server.url}/b.yaml'}}")
        refused = root.weft("install", env={"TOKEN": TOKEN})
        assert refused.code == 3
        assert other.requests == []
        nowhere(root, refused.out, refused.err)


def test_a_token_goes_to_its_own_url_and_below_alone(tmp_path: Path) -> None:
    with serving(lambda request: Answer(200, config_map("app").encode())) as server:
        root = project(
            tmp_path,
            f"{{name: in, type: static, source: '{server.url}/team/a.yaml'}}",
            f"{{name: out, type: static, source: '{server.url}/team-b/a.yaml'}}",
            f"{{name: deep, type: static, source: '{server.url}/team/deep/a.yaml'}}",
        )
        root.write({"access.yaml": f"{server.url}/team: TEAM\n{server.url}/team/deep: DEEP\n"})
        ok(root.weft("install", env={"TEAM": "t", "DEEP": "d"}))
        got = {request.path: request.headers.get("Authorization") for request in server.requests}
    assert got == {"/team/a.yaml": "Bearer t", "/team-b/a.yaml": None, "/team/deep/a.yaml": "Bearer d"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"https://example.com: {TOKEN}\n",
            "access.yaml:1:1: found something that is no name of an environment",
        ),
        (
            "https://example.com: {a: b}\n",
            "access.yaml:1:1: found something that is no name of an environment",
        ),
        ("example.com: TOKEN\n", "access.yaml:1:1: a key of access.yaml is no URL"),
        ("https://[x/: TOKEN\n", "access.yaml:1:1: a key of access.yaml is no URL"),
        ("- a\n", "access.yaml:1:1"),
    ],
)
def test_an_access_file_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    root = project(tmp_path, "{name: app, source: ./app}").write({"access.yaml": text})
    run = root.weft("install")
    assert run.code == 3
    assert message in run.err
    assert TOKEN not in run.err


@pytest.mark.parametrize(
    "name", ["ghp_abcdefSECRET", "glpat_abcdefSECRET", "xoxbabcdefSECRET", "AKIAIOSFODNN7EXAMPLE"]
)
def test_a_token_in_the_place_of_its_variables_name_shows_nowhere(tmp_path: Path, name: str) -> None:
    with serving(lambda request: Answer(200, config_map("app").encode())) as server:
        root = project(tmp_path, f"{{name: app, type: static, source: '{server.url}/a.yaml'}}")
        root.write({"access.yaml": f"{server.url}: {name}\n"})
        run = root.weft("install")
    assert run.code == 3
    assert name not in run.err
    assert "access.yaml:1:1: the environment variable that is named for http://127.0.0.1" in run.err
    assert "if the token itself stands there" in run.err
    assert lock(root) is None


@pytest.mark.parametrize("keys", ["", ", method: git", ", type: static"])
def test_a_password_before_a_host_and_a_path_is_refused_and_not_shown(tmp_path: Path, keys: str) -> None:
    root = project(tmp_path, f"{{name: app, source: 'bot:{TOKEN}@example.com:team/app.git'{keys}}}")
    for command in (("install",), ("generate", "--all")):
        run = root.weft(*command)
        assert run.code == 3
        assert "component.yaml:2:" in run.err
        assert "`example.com:team/app.git` holds credentials" in run.err
        nowhere_in = [text for text in (run.out, run.err) if TOKEN in text or "bot" in text]
        assert nowhere_in == []
    assert lock(root) is None


def test_a_fetched_components_access_file_counts_for_nothing(tmp_path: Path) -> None:
    with serving(lambda request: Answer(200, config_map("x").encode())) as server:
        files = {
            "component.yaml": f"subcomponents: [{{name: x, type: static, source: '{server.url}/x.yaml'}}]\n",
            "access.yaml": f"{server.url}: HOME\n",
        }
        origin = Origin(tmp_path / "origin", files)
        ok(project(tmp_path / "root", f"{{name: app, source: '{origin.url}'}}").weft("install"))
        assert [request.headers.get("Authorization") for request in server.requests] == [None]
    assert "HOME" in environment()
