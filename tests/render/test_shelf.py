"""What helm printed, kept for later runs and for the other processes of one: fewer runs, the same bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cache import store
from generator.render.programs import Finished
from generator.render.shelf import Shelf
from tests.project_tree import Project, Run, read_tree
from tests.render.charts import CHART, config_map

TEMPLATE = "templates/a.yaml"
SERVICES = 14
ENVIRONMENTS = 30


class Fleet:
    """Services that are Helm charts, in some environments, and a helm that counts its runs."""

    def __init__(self, root: Path, services: int = 2, environments: int = 3) -> None:
        self.root = root
        self.log = root / "log"
        self.helm = root / "bin/helm"
        self.helm.parent.mkdir(parents=True)
        self.exchange_helm("")
        self.names = [f"s{number}" for number in range(services)]
        self.project = Project(root / "definition").write(
            {"component.yaml": "name: fleet\nsubcomponents: [{source: ./services/*}]\n"}
        )
        self.project.write({f"environments/e{number:02}.yaml": "" for number in range(environments)})
        for name in self.names:
            self.project.write(
                {
                    f"services/{name}/component.yaml": "type: helm\npath: ./chart\n",
                    f"services/{name}/config/common.yaml": "config: {size: small}\n",
                    f"services/{name}/chart/Chart.yaml": CHART,
                    f"services/{name}/chart/{TEMPLATE}": config_map(name, "{{ .Values.size }}"),
                }
            )

    def exchange_helm(self, comment: str) -> None:
        """Another program under the name of helm, which does what helm does."""
        text = f'#!/bin/sh\n# {comment}\necho "$1" >> {self.log}\nexec {shutil.which("helm")} "$@"\n'
        self.helm.write_text(text)
        self.helm.chmod(0o755)

    def generate(self, *args: str) -> tuple[Run, int]:
        """A run, and how many charts helm rendered in it."""
        self.log.write_text("")
        run = self.project.generate("--all", *args, env=self.env)
        return run, self.log.read_text().splitlines().count("template")

    @property
    def env(self) -> dict[str, str]:
        """With the helm that counts, and a cache of its own."""
        path = f"{self.helm.parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "XDG_CACHE_HOME": str(self.root / "cache")}

    @property
    def printed(self) -> list[Path]:
        """The files of the cache."""
        return sorted((self.root / "cache/weft/programs").glob("*"))

    def cold(self) -> dict[str, bytes]:
        """What a run without a cache writes."""
        run, _ = self.generate("--no-cache", "--jobs", "1", "--output", "cold")
        assert run.code == 0, run.err
        return read_tree(self.project.root / "cold")


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Two services in three environments, generated once."""
    found = Fleet(tmp_path)
    run, runs = found.generate()
    assert (run.code, runs) == (0, 2), run.err
    return found


def same_size_and_date(path: Path, old: str, new: str) -> None:
    """An edit that leaves the file's size and its date as they were."""
    state, text = path.stat(), path.read_text()
    assert len(old) == len(new) and old in text  # noqa: PT018
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def chart_file(fleet: Fleet) -> None:
    """A file of a chart, where neither size nor date tells."""
    same_size_and_date(fleet.project.root / f"services/s0/chart/{TEMPLATE}", "value", "valve")


def new_file(fleet: Fleet) -> None:
    """A file more in a chart."""
    fleet.project.write({"services/s0/chart/templates/b.yaml": config_map("more")})


def values(fleet: Fleet) -> None:
    """A value of one service in all environments."""
    fleet.project.write({"services/s0/config/common.yaml": "config: {size: large}\n"})


def one_environment(fleet: Fleet) -> None:
    """A value of one service in one environment."""
    fleet.project.write({"environments/e01.yaml": "subcomponents: {s0: {config: {size: large}}}\n"})


def namespace(fleet: Fleet) -> None:
    """The namespace of all in one environment."""
    fleet.project.write({"environments/e01.yaml": "namespace: other\n"})


def nothing_for_helm(fleet: Fleet) -> None:
    """What weft alone looks at."""
    fleet.project.write({"environments/e01.yaml": "labels: {a: b}\n"})


def helm(fleet: Fleet) -> None:
    """Another helm."""
    fleet.exchange_helm("another")


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        (chart_file, 1),
        (new_file, 1),
        (values, 1),
        (one_environment, 1),
        (namespace, 2),
        (nothing_for_helm, 0),
        (helm, 2),
    ],
)
def test_helm_runs_again_for_what_it_would_print_otherwise(
    fleet: Fleet, change: Callable[[Fleet], None], runs: int
) -> None:
    change(fleet)
    run, found = fleet.generate()
    assert (run.code, found) == (0, runs), run.err
    warm = fleet.project.tree()
    assert warm == fleet.cold()


def test_other_commands_use_it_too(fleet: Fleet) -> None:
    fleet.project.write({"environments/e01.yaml": "labels: {a: b}\n"})
    fleet.log.write_text("")
    run = fleet.project.weft("validate", "--all", env=fleet.env)
    assert (run.code, fleet.log.read_text().count("template")) == (0, 0), run.err


def test_without_the_cache_helm_runs(fleet: Fleet) -> None:
    before = [(path, path.stat().st_mtime_ns) for path in fleet.printed]
    assert len(before) == 2
    run, runs = fleet.generate("--no-cache")
    assert (run.code, runs) == (0, 2), run.err
    assert [(path, path.stat().st_mtime_ns) for path in fleet.printed] == before


@pytest.mark.parametrize(
    "text", ['{{ keys .Values | join "," }}', '{{ if lookup "v1" "Secret" "x" "y" }}x{{ end }}']
)
def test_charts_of_chance_are_kept_for_nobody(tmp_path: Path, text: str) -> None:
    fleet = Fleet(tmp_path, services=1)
    fleet.project.write({f"services/s0/chart/{TEMPLATE}": config_map("a", f"x{text}")})
    assert fleet.generate()[0].code == 0
    assert fleet.printed == []


def test_a_chart_with_a_link_out_of_it_is_not_kept(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, services=1)
    outside = fleet.project.root / "outside.yaml"
    outside.write_text(config_map("outside", "one"))
    (fleet.project.root / "services/s0/chart/templates/link.yaml").symlink_to(outside)
    assert fleet.generate()[0].code == 0
    outside.write_text(config_map("outside", "two"))
    assert fleet.generate()[0].code == 0
    assert "value: two" in fleet.project.tree()["e00/s0/s0.yaml"].decode()


def test_a_chart_that_another_depends_on_counts_with_it(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, services=1)
    fleet.project.write(
        {
            "services/s0/chart/Chart.yaml": CHART
            + "dependencies: [{name: below, version: 0.1.0, repository: file://../../../below}]\n",
            "below/Chart.yaml": CHART.replace("app", "below"),
            "below/templates/b.yaml": config_map("below", "one"),
        }
    )
    for text in ("one", "two"):
        same_size_and_date(fleet.project.root / "below/templates/b.yaml", "one", text)
        run, _ = fleet.generate()
        assert run.code == 0, run.err
        assert f"value: {text}" in fleet.project.tree()["e00/s0/s0.yaml"].decode()


def test_the_processes_of_a_run_divide_helms_runs(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, SERVICES, ENVIRONMENTS)
    assert SERVICES * ENVIRONMENTS >= 400
    run, runs = fleet.generate("--jobs", "2")
    assert (run.code, runs) == (0, SERVICES), run.err
    assert fleet.project.tree() == fleet.cold()
    assert len(fleet.printed) == SERVICES
    shutil.rmtree(fleet.project.generated)
    run, runs = fleet.generate("--jobs", "2", "--no-cache")
    assert (run.code, runs) == (0, SERVICES), run.err
    assert fleet.project.tree() == read_tree(fleet.project.root / "cold")


def test_the_processes_of_a_run_say_what_one_would_of_a_broken_chart(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, SERVICES, ENVIRONMENTS)
    fleet.project.write({f"services/s3/chart/{TEMPLATE}": config_map("s3", '{{ required "no" .Values.x }}')})
    said = []
    for jobs in ("1", "2"):
        run, _ = fleet.generate("--no-cache", "--jobs", jobs)
        assert run.code == 3
        said.append(run.err)
    assert said[0] == said[1]
    assert "services/s3/chart/templates/a.yaml:6" in said[0]


def test_it_is_shown_and_cleared(fleet: Fleet) -> None:
    info = fleet.project.weft("cache", "info", env=fleet.env)
    assert "outputs of programs: 2" in info.out.splitlines()
    assert fleet.project.weft("cache", "clear", env=fleet.env).code == 0
    assert fleet.printed == []


def test_what_was_not_used_for_longest_goes_first(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (fleet.root / "cache/weft").rglob("*"):
        os.utime(path, (0, 0))
    old = set(fleet.printed)
    values(fleet)
    assert fleet.generate()[1] == 1
    # One of the old is for nobody any more.
    used = {path for path in fleet.printed if path.stat().st_mtime}
    assert (len(used), len(old - used)) == (2, 1)
    monkeypatch.setenv("XDG_CACHE_HOME", fleet.env["XDG_CACHE_HOME"])
    for record in (fleet.root / "cache/weft").glob("*.json"):
        record.unlink()
    monkeypatch.setattr(store, "MOST_BYTES", sum(path.stat().st_size for path in used))
    assert store.programs() == str(fleet.root / "cache/weft/programs")
    assert set(fleet.printed) == used


class TestShelf:
    """The files themselves."""

    @staticmethod
    def starting(
        log: list[str], out: bytes = b"a\nb", err: str = "é\n", code: int = 0
    ) -> Callable[[], Finished]:
        def start() -> Finished:
            log.append("ran")
            return Finished(code, out, err)

        return start

    def test_what_was_said_comes_back_whole(self, tmp_path: Path) -> None:
        log: list[str] = []
        start = self.starting(log)
        assert Shelf(str(tmp_path / "x")).get("k", start) == Shelf(str(tmp_path / "x")).get("k", start)
        assert log == ["ran"]

    def test_a_failure_is_not_kept(self, tmp_path: Path) -> None:
        log: list[str] = []
        for _ in range(2):
            assert Shelf(str(tmp_path)).get("k", self.starting(log, code=1)).code == 1
        assert log == ["ran", "ran"]

    def test_a_damaged_file_is_never_believed(self, tmp_path: Path) -> None:
        log: list[str] = []
        shelf = Shelf(str(tmp_path))
        good = shelf.get("k", self.starting(log))
        path = next(tmp_path.iterdir())
        whole = path.read_bytes()
        damaged = [whole[:end] for end in range(len(whole))]
        damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
        for number, text in enumerate(damaged, 2):
            path.write_bytes(text)
            assert shelf.get("k", self.starting(log)) == good
            assert len(log) == number
            assert path.read_bytes() == whole

    def test_a_folder_that_cannot_be_written_keeps_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        log: list[str] = []
        shelf = Shelf(str(tmp_path / "file"))
        for _ in range(2):
            assert shelf.get("k", self.starting(log)).out == b"a\nb"
        assert log == ["ran", "ran"]

    def test_what_another_is_at_is_not_begun(self, tmp_path: Path) -> None:
        log: list[str] = []
        shelf = Shelf()
        with shelf.shared():

            def at_it() -> Finished:
                shelf.begin("k", self.starting(log))
                return Finished(0, b"first", "")

            assert shelf.get("k", at_it).out == b"first"
            assert log == []
            shelf.begin("other", self.starting(log))
            assert shelf.get("other", self.starting(log)).out == b"a\nb"
            assert log == ["ran"]
        assert not shelf.keeps
