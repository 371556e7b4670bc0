"""The program as a whole: help, version, start-up, wrong usage, and completion in the shell."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from generator import __version__
from tests.fixtures.fleet import fleet
from tests.project_tree import ROOT, Project, Run, environment

# What `weft --help` may not load: libraries that take long to import, and weft's own stages.
HEAVY = {"deepmerge", "git", "jinja2", "jsonschema_rs", "packaging", "rich", "ruamel", "_ruamel_yaml", "yaml"}
OWN = {"generator", "generator.__main__", "generator.cli", "generator.cli.app", "generator.cli.messages"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return fleet(tmp_path_factory.mktemp("fleet"))


def imported(*command: str) -> set[str]:
    """The modules that a run of Python imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, flags=re.MULTILINE))


class TestStart:
    """What the program says of itself, and what that costs."""

    def test_help_names_every_command_with_a_sentence(self, project: Project) -> None:
        run = project.weft("--help")
        assert (run.code, run.err) == (0, "")
        for name in ("completion", "generate"):
            assert re.search(rf"^  {name} +[A-Z].*\.$", run.out, flags=re.MULTILINE)
        assert project.weft("-h") == run

    def test_the_help_of_a_command_begins_with_its_sentence_in_the_list(self, project: Project) -> None:
        listed = dict(re.findall(r"^  (\w+) +(\S.*\.)$", project.weft("--help").out, flags=re.MULTILINE))
        for name in ("completion", "generate"):
            run = project.weft(name, "--help")
            assert run.code == 0
            assert f"\n  {listed[name]}\n" in run.out

    @pytest.mark.parametrize("command", ["generate --all", "validate", "init shop", "set a=1"])
    def test_a_working_folder_that_is_gone_is_said(self, tmp_path: Path, command: str) -> None:
        script = f'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m generator {command}'
        done = subprocess.run(
            ["sh", "-c", script, sys.executable],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr == (
            f"error: the folder that weft runs in is not there any more: {tmp_path}/gone\n"
            "  hint: go to one that is there, or name it: weft -C DIR ...\n"
        )

    def test_no_command_shows_the_help_and_is_wrong_usage(self, project: Project) -> None:
        run = project.weft()
        assert run.code == 2
        assert "generate" in run.err

    def test_version(self, project: Project) -> None:
        run = project.weft("--version")
        assert (run.code, run.out, run.err) == (0, f"weft {__version__}\n", "")
        assert project.weft("-V") == run

    def test_help_imports_no_module_that_only_a_command_needs(self) -> None:
        modules = imported("-m", "generator", "--help")
        assert {name.split(".")[0] for name in modules} & HEAVY == set()
        assert {name for name in modules if name.split(".")[0] == "generator"} - OWN <= {"generator.errors"}
        # click is the one library; beyond what it needs itself there is next to nothing.
        assert len(modules - imported("-c", "import click, click.shell_completion, importlib")) < 25

    def test_rendering_templates_alone_imports_neither_git_nor_rich(self, project: Project) -> None:
        modules = imported("-m", "generator", "-C", str(project.root), "generate", "edge-1", "--stdout")
        assert {name.split(".")[0] for name in modules} & {"git", "rich"} == set()
        assert "jinja2" in modules


class TestWrongUsage:
    """Exit code 2, and what was meant."""

    @pytest.mark.parametrize(
        ("args", "said"),
        [
            (["genrate"], ["there is no command `genrate`", "did you mean 'generate'?"]),
            (["generate", "--chekc", "edge-1"], ["--chekc", "--check"]),
            (["generate", "edge-1", "--jobs", "0"], ["--jobs"]),
            (["generate", "edge-1", "--jobs", "x"], ["--jobs"]),
            (["generate", "edge-1", "-o", "xml"], ["xml", "json"]),
            (["generate", "edge-1", "--dialect", "kapitan"], ["kapitan", "fabrikate"]),
            (["generate", "edge-1", "-l"], ["-l"]),
            (["completion", "tcsh"], ["tcsh", "bash"]),
            (["--wrong"], ["--wrong"]),
        ],
        ids=" ".join,
    )
    def test_it_names_what_was_found_and_what_was_meant(
        self, project: Project, args: list[str], said: list[str]
    ) -> None:
        run = project.weft(*args)
        assert (run.code, run.out) == (2, "")
        for text in said:
            assert text in run.err
        assert "Traceback" not in run.err
        assert not project.generated.exists()


class TestCompletion:
    """`weft completion SHELL`, and what a shell gets that uses it."""

    def complete(self, project: Project, *words: str) -> list[str]:
        """What click's protocol for bash answers where the last of `words` is being typed."""
        variables = {
            "_WEFT_COMPLETE": "bash_complete",
            "COMP_WORDS": shlex.join(words[:-1]) + " " + words[-1],
            "COMP_CWORD": str(len(words) - 1),
        }
        run = project.weft(env=variables)
        assert (run.code, run.err) == (0, "")
        return [line.partition(",")[2] for line in run.out.split("\n") if line]

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_there_is_a_script_for_each_shell(self, project: Project, shell: str) -> None:
        run = project.weft("completion", shell)
        assert (run.code, run.err) == (0, "")
        assert f"_WEFT_COMPLETE={shell}_complete" in run.out

    @pytest.mark.parametrize("shell", ["zsh", "fish"])
    def test_the_other_shells_get_the_same_names(self, project: Project, shell: str) -> None:
        variables = {
            "_WEFT_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": "weft generate prod-",
            "COMP_CWORD": "2" if shell == "zsh" else "prod-",
        }
        run = project.weft(env=variables)
        assert (run.code, run.err) == (0, "")
        for name in ("prod-east", "prod-west"):
            assert name in run.out
        assert "edge-1" not in run.out

    def test_commands(self, project: Project) -> None:
        assert self.complete(project, "weft", "gen") == ["generate"]

    def test_options(self, project: Project) -> None:
        assert self.complete(project, "weft", "generate", "--c") == ["--component", "--check"]

    @pytest.mark.parametrize(
        ("words", "names"),
        [
            ([""], ["edge-1", "prod-east", "prod-west"]),
            (["prod-"], ["prod-east", "prod-west"]),
            (["prod-east", ""], ["edge-1", "prod-west"]),
            (["--check", "prod-east", "prod-"], ["prod-west"]),
            (["common"], []),
            (["nothing"], []),
        ],
        ids=" ".join,
    )
    def test_environments(self, project: Project, words: list[str], names: list[str]) -> None:
        project.write({"environments/common.yaml": "labels: {}\n"})
        assert self.complete(project, "weft", "generate", *words) == names

    def test_environments_of_another_folder(self, project: Project, tmp_path: Path) -> None:
        words = ["weft", "-C", str(project.root), "generate", "prod-e"]
        assert self.complete(Project(tmp_path), *words) == ["prod-east"]

    def test_where_there_is_no_definition_there_are_no_names(self, tmp_path: Path) -> None:
        assert self.complete(Project(tmp_path), "weft", "generate", "") == []

    def test_bash_completes_an_environment(self, project: Project, tmp_path: Path) -> None:
        weft = tmp_path / "weft"
        weft.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m generator "$@"\n')
        weft.chmod(0o755)
        steps = """
            eval "$(weft completion bash)"
            COMP_WORDS=(weft generate prod-e) COMP_CWORD=2
            "$(complete -p weft | sed 's/.*-F \\([^ ]*\\).*/\\1/')" weft prod-e generate
            echo "${COMPREPLY[@]}"
        """
        variables = environment({"PATH": f"{tmp_path}:{environment()['PATH']}"})
        done = subprocess.run(
            ["bash", "-c", steps],
            cwd=project.root,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert Run(done.returncode, done.stdout, done.stderr) == Run(0, "prod-east\n", "")
