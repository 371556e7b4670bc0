"""The options of `weft generate`, as arguments and as environment variables, and the script `generate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.fixtures.fleet import ENVIRONMENTS, PATHS, chosen, fleet, generated_fleet, helm_units
from tests.project_tree import Project, Run, environment, read_tree


def script(project: Project, *args: str, cwd: Path | None = None) -> Run:
    """A run of the console script `generate`."""
    start = "import sys; from generator.cli import main_generate; sys.argv[0] = 'generate'; main_generate()"
    done = subprocess.run(
        [sys.executable, "-c", start, *args],
        cwd=cwd or project.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return fleet(tmp_path / "fleet")


class TestFolders:
    """Where a run starts and where it writes."""

    @pytest.mark.parametrize("option", [["-C", "fleet"], ["-Cfleet"]], ids=" ".join)
    def test_c_runs_as_if_started_there(self, project: Project, option: list[str]) -> None:
        run = project.weft(*option, "generate", "edge-1", cwd=project.root.parent)
        assert run.code == 0, run.err
        assert chosen(project) == {"edge-1"}
        assert not (project.root.parent / "generated").exists()

    def test_c_names_no_folder(self, project: Project) -> None:
        run = project.weft("-C", "nowhere", "generate", "edge-1")
        assert run.code == 2
        assert "-C nowhere: No such file or directory" in run.err

    @pytest.mark.parametrize("option", [["-C", "fleet"], ["-Cfleet"]], ids=" ".join)
    def test_the_script_generate_is_weft_generate(self, project: Project, option: list[str]) -> None:
        assert script(project, "edge-1").code == 0
        assert chosen(project) == {"edge-1"}
        run = script(project, *option, "--all", cwd=project.root.parent)
        assert run.code == 0, run.err
        assert chosen(project) == set(ENVIRONMENTS)
        assert script(project, "nowhere").code == 2

    def test_output_names_another_folder(self, project: Project, tmp_path: Path) -> None:
        run = project.generate("edge-1", "--output", str(tmp_path / "else" / "where"))
        assert run.code == 0, run.err
        assert sorted(read_tree(tmp_path / "else" / "where")) == [f"edge-1/{path}" for path in PATHS]
        assert not project.generated.exists()

    def test_output_names_nothing(self, project: Project) -> None:
        before = read_tree(project.root)
        run = project.generate("edge-1", "--output", "")
        assert run.code == 2
        assert "--output names no folder" in run.err
        assert read_tree(project.root) == before


class TestStdout:
    """`--stdout` prints the manifests and writes nothing."""

    def test_it_prints_what_would_be_written(self, project: Project) -> None:
        run = project.generate("edge-1", "--stdout")
        assert run.code == 0, run.err
        assert not project.generated.exists()
        kinds = [document["kind"] for document in yaml.safe_load_all(run.out)]
        assert sorted(kinds) == ["ConfigMap", "ConfigMap", "CustomResourceDefinition", "Namespace"]
        assert "# Source: edge-1/settings/settings.yaml\n" in run.out
        project.generate("edge-1")
        files = project.tree()
        for path in ("crds/crds.yaml", "queue/queue.yaml", "settings/settings.yaml", "space/space.yaml"):
            assert files[f"edge-1/{path}"].decode() in run.out

    def test_the_bytes_do_not_depend_on_the_terminals_encoding(self, project: Project) -> None:
        run = project.generate("edge-1", "--stdout", env={"PYTHONIOENCODING": "ascii"})
        assert run.code == 0, run.err
        assert run.out == project.generate("edge-1", "--stdout").out
        assert "grün" in run.out

    @pytest.mark.parametrize("other", [["--check"], ["-o", "json"]], ids=" ".join)
    def test_it_goes_with_no_report(self, project: Project, other: list[str]) -> None:
        run = project.generate("edge-1", "--stdout", *other)
        assert run.code == 2
        assert "--stdout" in run.err


class TestCheck:
    """`--check` writes nothing and exits 1 where a run would change something."""

    def test_it_lists_what_would_be_added_and_makes_no_folder(self, project: Project) -> None:
        run = project.generate("edge-1", "--check")
        assert run.code == 1
        assert run.out.splitlines() == [f"added   generated/edge-1/{path}" for path in PATHS]
        assert not project.generated.exists()

    def test_it_lists_what_would_change_and_be_removed(self, project: Project) -> None:
        project.generate("--all")
        before = project.tree()
        (project.root / "environments/prod-west.yaml").unlink()
        project.write(
            {
                "apps/queue/manifests/queue.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\n",
                "environments/edge-1.yaml": "subcomponents: {settings: {disabled: true}}\n",
            }
        )
        run = project.generate("--all", "--check")
        assert run.code == 1
        assert run.out.splitlines() == [
            "changed generated/edge-1/inventory.json",
            "changed generated/edge-1/kustomization.yaml",
            "changed generated/edge-1/queue/queue.yaml",
            "removed generated/edge-1/settings/settings.yaml",
            "changed generated/prod-east/queue/queue.yaml",
            *(f"removed generated/prod-west/{path}" for path in PATHS),
        ]
        assert project.tree() == before
        project.generate("--all")
        run = project.generate("--all", "--check")
        assert (run.code, run.out) == (0, "")

    def test_an_error_is_worth_more_than_a_difference(self, project: Project) -> None:
        project.write({"environments/prod-east.yaml": "labels: 1\n"})
        run = project.generate("--all", "--check")
        assert run.code == 3
        assert "added   generated/edge-1/queue/queue.yaml" in run.out
        assert "environments/prod-east.yaml:1:" in run.err


class TestJson:
    """`-o json`: the report, and nothing but the report, on stdout."""

    def test_the_report_of_a_run(self, project: Project) -> None:
        project.generate("edge-1")
        project.write({"environments/prod-east.yaml": "labels: 1\n"})
        run = project.generate("edge-1", "prod-east", "prod-west", "-o", "json")
        assert (run.code, run.err) == (3, "")
        report = json.loads(run.out)
        assert list(report) == ["environments", "exitCode"]
        assert report["exitCode"] == 3
        edge, east, west = report["environments"]
        assert edge == {
            "environment": "edge-1",
            "status": "unchanged",
            "objects": 4,
            "added": [],
            "changed": [],
            "removed": [],
            "unchanged": 6,
            "notes": [],
            "findings": [],
            "errors": [],
        }
        assert (east["environment"], east["status"]) == ("prod-east", "refused")
        (error,) = east["errors"]
        assert error.keys() >= {"message", "file", "line", "column", "hint", "exitCode"}
        assert (error["file"], error["line"], error["exitCode"]) == ("environments/prod-east.yaml", 1, 3)
        assert (west["status"], sorted(west["added"])) == ("changed", list(PATHS))
        assert chosen(project) == {"edge-1", "prod-west"}

    def test_the_report_of_a_check(self, project: Project) -> None:
        run = project.generate("edge-1", "--check", "-o", "json")
        assert (run.code, run.err) == (1, "")
        report = json.loads(run.out)
        assert report["exitCode"] == 1
        assert sorted(report["environments"][0]["added"]) == list(PATHS)
        assert not project.generated.exists()

    @pytest.mark.parametrize(
        ("files", "args", "code", "place"),
        [
            ({}, ["nowhere"], 2, (None, None)),
            ({}, ["-l", "=="], 2, (None, None)),
            ({"component.yaml": "name: fleet\nsubcomponent: []\n"}, ["edge-1"], 3, ("component.yaml", 2)),
        ],
        ids=["environment", "selector", "definition"],
    )
    def test_an_error_that_all_share(
        self,
        project: Project,
        files: dict[str, str],
        args: list[str],
        code: int,
        place: tuple[str | None, int | None],
    ) -> None:
        run = project.write(files).generate(*args, "-o", "json")
        assert (run.code, run.err) == (code, "")
        report = json.loads(run.out)
        assert (report["environments"], report["exitCode"]) == ([], code)
        (error,) = report["errors"]
        assert (error["file"], error["line"]) == place
        assert error["message"]
        assert error["exitCode"] == code

    def test_a_write_that_fails_claims_no_change(self, project: Project) -> None:
        (project.root / "generated").write_text("a file\n")
        run = project.generate("edge-1", "-o", "json")
        assert (run.code, run.err) == (4, "")
        report = json.loads(run.out)
        assert (report["environments"], report["exitCode"]) == ([], 4)
        assert report["errors"][0]["file"] == "generated"

    def test_it_is_utf_8_everywhere(self, project: Project) -> None:
        project.write({"environments/edge-1.yaml": "größe: 1\n"})
        run = project.generate("edge-1", "-o", "json", env={"PYTHONIOENCODING": "ascii"})
        assert (run.code, run.err) == (3, "")
        assert "größe" in json.loads(run.out)["environments"][0]["errors"][0]["message"]


class TestVariables:
    """Every option can be set as WEFT_GENERATE_<OPTION>; an argument beats it."""

    @pytest.mark.parametrize(
        ("variables", "environments"),
        [
            ({"WEFT_GENERATE_ALL": "1"}, list(ENVIRONMENTS)),
            ({"WEFT_GENERATE_SELECTOR": "region=us,!legacy"}, ["prod-east"]),
            ({"WEFT_GENERATE_SELECTOR": "region = eu;legacy"}, ["edge-1", "prod-west"]),
        ],
        ids=str,
    )
    def test_they_choose(self, project: Project, variables: dict[str, str], environments: list[str]) -> None:
        run = project.generate(env=variables)
        assert run.code == 0, run.err
        assert chosen(project) == set(environments)

    def test_they_say_where_and_what(self, project: Project) -> None:
        variables = {
            "WEFT_DIRECTORY": "fleet",
            "WEFT_GENERATE_OUTPUT": "out",
            "WEFT_GENERATE_COMPONENT": "queue",
            "WEFT_GENERATE_JOBS": "2",
            "WEFT_GENERATE_FORMAT": "json",
            "WEFT_GENERATE_DIALECT": "weft",
            "WEFT_GENERATE_NO_VALIDATE": "1",
        }
        run = project.weft("generate", "edge-1", cwd=project.root.parent, env=variables)
        assert run.code == 0, run.err
        assert json.loads(run.out)["exitCode"] == 0
        assert "edge-1/queue/queue.yaml" in read_tree(project.root / "out")
        assert "edge-1/space/space.yaml" not in read_tree(project.root / "out")

    @pytest.mark.parametrize("option", ["CHECK", "STDOUT"])
    def test_they_turn_writing_off(self, project: Project, option: str) -> None:
        run = project.generate("edge-1", env={f"WEFT_GENERATE_{option}": "true"})
        assert run.code == (1 if option == "CHECK" else 0)
        assert "settings/settings.yaml" in run.out
        assert not project.generated.exists()

    def test_adopt(self, project: Project) -> None:
        project.write({"generated/edge-1/queue/queue.yaml": "mine\n"})
        assert project.generate("edge-1").code == 3
        assert project.generate("edge-1", env={"WEFT_GENERATE_ADOPT": "1"}).code == 0

    def test_layers_of_the_dialect(self, project: Project) -> None:
        project.write({"config/us.yaml": "{}\n", "config/core.yaml": "{}\n"})
        (project.root / "component.yaml").write_text("name: fleet\nsubcomponents: []\n")
        variables = {"WEFT_GENERATE_DIALECT": "fabrikate", "WEFT_GENERATE_LAYER": "us core"}
        run = project.generate(env=variables)
        assert "us-core: " in run.err

    def test_an_argument_beats_a_variable(self, project: Project) -> None:
        project.generate("edge-1", "--output", "here", env={"WEFT_GENERATE_OUTPUT": "there"})
        assert (project.root / "here").is_dir()
        assert not (project.root / "there").exists()

    def test_a_wrong_value_is_wrong_usage(self, project: Project) -> None:
        run = project.generate("edge-1", env={"WEFT_GENERATE_JOBS": "many"})
        assert run.code == 2
        assert "--jobs" in run.err
        assert "many" in run.err


class TestSameBytes:
    """The output is a function of the inputs alone."""

    def test_whatever_the_hash_seed_and_the_folder(self, tmp_path: Path) -> None:
        outputs = []
        for index, seed in enumerate(("0", "1", "4711")):
            project = fleet(tmp_path / ("deeper/" * index) / "fleet")
            run = project.generate("--all", env={"PYTHONHASHSEED": seed, "TZ": f"UTC{index:+}"})
            outputs.append((run, project.tree()))
        assert outputs[0] == outputs[1] == outputs[2]
        assert len(outputs[0][1]) == len(ENVIRONMENTS) * len(PATHS)
        assert not any(str(tmp_path).encode() in content for content in outputs[0][1].values())

    def test_whatever_the_number_of_jobs(self, tmp_path: Path) -> None:
        outputs = []
        for jobs in ("1", "4"):
            project = helm_units(tmp_path / jobs, 8)
            outputs.append((project.generate("prod", "--jobs", jobs), project.tree()))
        assert outputs[0] == outputs[1]
        assert len(outputs[0][1]) == 10

    def test_a_part_of_the_environments_is_that_part_of_all(self, tmp_path: Path) -> None:
        every = generated_fleet(tmp_path / "all").tree()
        project = fleet(tmp_path / "one")
        project.generate("prod-west")
        assert project.tree().items() <= every.items()
