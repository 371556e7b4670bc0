"""Hooks around generate: off unless allowed, seen in the output, told where they fail."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.project_tree import Project, environment

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: old}\n"
ROOT = "name: root\nsubcomponents:\n- name: top\n  subcomponents:\n  - name: app\n    source: ./app\n"


def project(tmp_path: Path, **moments: str | list[str]) -> Project:
    """A static component `top/app` with hooks; the name of a moment is written with `_`."""
    hooks = {
        moment.replace("_", "-"): [given] if isinstance(given, str) else given
        for moment, given in moments.items()
    }
    return Project(tmp_path).write(
        {
            "component.yaml": ROOT,
            "app/component.yaml": yaml.safe_dump(
                {"name": "app", "type": "static", "path": "./m", "hooks": hooks}, sort_keys=False
            ),
            "app/m/a.yaml": MANIFEST,
            "environments/prod.yaml": "namespace: shop\n",
            "environments/stage.yaml": "namespace: shop\n",
        }
    )


def key(project: Project, environment: str = "prod") -> str:
    data = yaml.safe_load(project.tree()[f"{environment}/top/app/app.yaml"])["data"]
    return str(data["key"])


def test_without_leave_nothing_runs_and_a_note_says_so(tmp_path: Path) -> None:
    given = project(tmp_path, before_generate="touch ran", after_generate="touch ran")
    run = given.generate("--all")
    assert run.code == 0
    assert "component.yaml:5:5: hooks of `top/app` are not run; --allow-hooks runs them" in run.err
    assert not list(tmp_path.rglob("ran"))


def test_before_generate_changes_what_is_rendered_in_each_environment(tmp_path: Path) -> None:
    given = project(tmp_path, before_generate='sed -i "s/key: .*/key: $WEFT_HOOK_ENVIRONMENT}/" m/a.yaml')
    run = given.generate("--all", "--allow-hooks")
    assert run.code == 0, run.err
    assert (key(given, "prod"), key(given, "stage")) == ("prod", "stage")


def test_a_chart_is_rendered_anew_after_each_hook(tmp_path: Path) -> None:
    given = project(tmp_path, before_generate='printf "$WEFT_HOOK_ENVIRONMENT" > chart/text')
    given.write(
        {
            "app/chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
            "app/chart/templates/a.yaml": MANIFEST.replace("old", '{{ .Files.Get "text" }}'),
        }
    )
    text = (tmp_path / "app/component.yaml").read_text()
    (tmp_path / "app/component.yaml").write_text(text.replace("static", "helm").replace("./m", "./chart"))
    run = given.generate("--all", "--allow-hooks")
    assert run.code == 0, run.err
    assert (key(given, "prod"), key(given, "stage")) == ("prod", "stage")


def test_after_generate_replaces_what_it_is_given_and_the_rest_of_the_run_sees_that(tmp_path: Path) -> None:
    given = project(tmp_path, after_generate=["sed s/old/first/", "sed s/first/second/", "cat > /dev/null"])
    run = given.generate("prod", "--allow-hooks")
    assert run.code == 0, run.err
    assert key(given) == "second"
    # The namespace is laid over what came of it.
    assert yaml.safe_load(given.tree()["prod/top/app/app.yaml"])["metadata"]["namespace"] == "shop"


def test_printing_nothing_changes_nothing_and_an_empty_document_takes_all_away(tmp_path: Path) -> None:
    given = project(tmp_path, after_generate="echo '  '")
    assert given.generate("prod", "--allow-hooks").code == 0
    assert key(given) == "old"
    given = project(tmp_path, after_generate="echo '# nothing'")
    assert given.generate("prod", "--allow-hooks").code == 0
    assert "prod/top/app/app.yaml" not in given.tree()


def test_a_hook_knows_where_it_is_and_what_it_says_is_shown(tmp_path: Path) -> None:
    say = 'echo "$WEFT_HOOK_ENVIRONMENT $WEFT_HOOK_COMPONENT $WEFT_HOOK_OUTPUT $(basename $PWD)"'
    given = project(tmp_path, before_generate=say, after_generate=f"{say} >&2")
    run = given.generate("prod", "--allow-hooks")
    assert run.code == 0, run.err
    for moment in ("before-generate", "after-generate"):
        assert f"top/app {moment}: prod top/app prod/top/app/app.yaml app\n" in run.err
    assert run.out == ""


def test_the_secrets_of_the_environment_are_not_shown(tmp_path: Path) -> None:
    given = project(tmp_path, before_generate="echo $MY_TOKEN; echo $MY_TOKEN >&2; exit 1")
    run = given.generate("prod", "--allow-hooks", env={"MY_TOKEN": "hunter22"})
    assert run.code == 3
    assert "hunter22" not in run.err
    assert "***" in run.err


def test_a_run_with_hooks_is_never_answered_from_the_cache(tmp_path: Path) -> None:
    given = project(tmp_path, after_generate=f"sed s/old/$(cat {tmp_path}/out/side)/")
    given.write({"out/side": "one"})
    for value in ("one", "two"):
        given.write({"out/side": value})
        for _ in range(2):
            # Files settle, so that nothing but the hook keeps the run from being remembered.
            assert given.generate("prod", "--allow-hooks").code == 0
        assert key(given) == value


@pytest.mark.parametrize("command", ["validate", "plan", "diff", "publish"])
def test_the_other_commands_that_render_run_them_when_allowed(tmp_path: Path, command: str) -> None:
    given = project(tmp_path, before_generate="touch ../ran")
    for git in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm a"):
        subprocess.run(["git", *git.split()], cwd=tmp_path, check=True)
    extra = {"validate": (), "diff": ("--from", "HEAD")}.get(command, ("--branch", "{environment}"))
    given.weft(command, "--all", *extra)
    assert not (tmp_path / "ran").exists()
    given.weft(command, "--all", *extra, "--allow-hooks")
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("moment", "command", "code", "message"),
    [
        (
            "before_generate",
            "echo why >&2; exit 7",
            3,
            "component.yaml:5:5: before-generate `echo why >&2; exit 7` failed with exit code 7: why "
            "(component top/app, environment prod)",
        ),
        (
            "after_generate",
            "no-such-program",
            3,
            "after-generate `no-such-program` failed with exit code 127: ",
        ),
        ("after_generate", "kill -9 $$", 4, "after-generate `kill -9 $$` was killed by signal 9"),
        (
            "after_generate",
            "echo done",
            3,
            "what `after-generate` printed is no manifest: found a str, expected a Kubernetes object",
        ),
        ("after_generate", "echo 'a: [1'", 3, "what `after-generate` printed is no manifest: "),
        ("after_generate", "echo 'a: 1'", 3, "this document has no `kind`"),
    ],
)
def test_a_hook_that_fails_refuses_the_environment(
    tmp_path: Path, moment: str, command: str, code: int, message: str
) -> None:
    given = project(tmp_path, **{moment: command}).write({"generated/prod/inventory.json": '["x"]\n'})
    before = given.tree()
    run = given.generate("prod", "--allow-hooks")
    assert run.code == code, run.err
    assert message in run.err
    assert given.tree() == before


def test_what_a_hook_makes_is_validated_and_named_by_its_component(tmp_path: Path) -> None:
    pod = "---\\napiVersion: v1\\nkind: Pod\\nmetadata: {name: p}\\nspec: {}\\n"
    given = project(tmp_path, after_generate=f"cat; printf -- '{pod}'")
    run = given.generate("prod", "--allow-hooks")
    assert run.code == 3
    assert "error: component.yaml:5:5: " in run.err
    assert "containers" in run.err
    assert "Pod shop/p" in run.err or "Pod p" in run.err


def test_large_manifests_go_through_a_hook(tmp_path: Path) -> None:
    given = project(tmp_path, after_generate="cat")
    lines = "".join(f"  k{number}: {'x' * 200}\n" for number in range(4000))
    given.write({"app/m/a.yaml": MANIFEST.replace("data: {key: old}\n", f"data:\n  key: old\n{lines}")})
    run = given.generate("prod", "--allow-hooks")
    assert run.code == 0, run.err
    assert len(given.tree()["prod/top/app/app.yaml"]) > 800_000


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    given = project(tmp_path, before_generate=f"sleep 600 & echo $! > {tmp_path}/pid; wait")
    run = given.generate("prod", "--allow-hooks", "--hook-timeout", "0.5")
    assert run.code == 4
    assert "was not done after 0.5 seconds and was ended" in run.err
    assert "--hook-timeout" in run.err
    assert _gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_run_that_is_ended_ends_its_hook(tmp_path: Path, number: signal.Signals, code: int) -> None:
    given = project(tmp_path, before_generate=f"echo $$ > {tmp_path}/pid; sleep 600")
    run = subprocess.Popen(
        given.command("generate", "prod", "--allow-hooks"),
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
    )
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    run.send_signal(number)
    _, said = run.communicate(timeout=60)
    assert run.returncode == code, said
    assert _gone(int((tmp_path / "pid").read_text()))


def _gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False
