"""The CI pipelines that the docs show call weft as its commands can be called."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from generator import yamlio
from generator.cli import app
from tests.docs.pages import ROOT, blocks, name
from tests.project_tree import environment
from tests.publish.manifests import Fleet, git
from tests.publish.server import PASSWORD, USER, Server, serving

PAGE = ROOT / "docs/guide/publish-from-ci.md"


def texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def calls(text: str) -> Iterator[list[str]]:
    """The arguments of each line that calls weft, up to what is the shell's."""
    for line in text.splitlines():
        if line.split()[:1] == ["weft"]:
            words = list(shlex.shlex(line, posix=True, punctuation_chars=True))
            end = next((at for at, word in enumerate(words) if set(word) <= set("();<>|&")), len(words))
            yield words[1:end]


def pipelines() -> list[list[list[str]]]:
    """The calls of weft in each pipeline of the page."""
    found = [
        [call for text in texts(document.value) for call in calls(text)]
        for block in blocks(PAGE)
        if block.language == "yaml"
        for document in yamlio.read(block.text, name(PAGE), line=block.line)
    ]
    return [one for one in found if one]


def test_each_pipeline_plans_and_publishes() -> None:
    assert [[call[0] for call in one] for one in pipelines()] == [["plan", "publish"], ["plan", "publish"]]


@pytest.mark.parametrize("call", [call for one in pipelines() for call in one], ids=" ".join)
def test_a_pipeline_calls_weft_as_it_can_be_called(call: list[str]) -> None:
    found = app.group.get_command(click.Context(app.group), call[0])
    assert found is not None
    found.make_context(call[0], call[1:])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def fleet(folder: Path, server: Server) -> Fleet:
    """Definitions that publish to a repository that asks for a password."""
    made = Fleet(folder, f"{{repository: 'http://{server.host}/manifests.git'}}")
    git(made.manifests, "config", "http.receivepack", "true")
    return made


@pytest.mark.parametrize("host", ["github.com", "gitlab.com"])
def test_git_gets_the_token_from_the_helper_that_a_pipeline_configures(
    host: str, tmp_path: Path, server: Server
) -> None:
    found = re.search(rf"git config credential\.https://{host}.*\n.*", PAGE.read_text(encoding="utf-8"))
    assert found is not None
    command = re.sub(r"username=[\w-]+", f"username={USER}", found[0])
    command = command.replace(f"https://{host}", f"http://{server.host}")
    here = fleet(tmp_path, server)
    subprocess.run(["bash", "-ec", command], cwd=here.project.root, env=environment(), check=True)
    here.published("--all", env={"MANIFESTS_TOKEN": PASSWORD})
    assert here.head("environment/prod-east")


def test_git_gets_the_token_from_the_program_that_the_page_shows(tmp_path: Path, server: Server) -> None:
    text = next(block.text for block in blocks(PAGE) if block.text.startswith("#!"))
    program = tmp_path / "askpass"
    program.write_text(text.replace("echo weft", f"echo {USER}"), encoding="utf-8")
    program.chmod(0o755)
    here = fleet(tmp_path, server)
    here.published("--all", env={"MANIFESTS_TOKEN": PASSWORD, "GIT_ASKPASS": str(program)})
    assert here.head("environment/prod-east")
