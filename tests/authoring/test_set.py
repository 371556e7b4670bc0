"""`weft set`: values in the user's own config files, with all else in them left as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.author.keys import parsed, typed
from generator.model.document import dotted
from tests.project_tree import Project, Run, read_tree
from tests.shop import shop, values

COMMON = """\
# the shop's app

config:
    replicas:   1   # one is enough
    image: 'app:1'
    env: {A: a, "B.c": b}
    hosts:
    - a.example.com   # first
    - b.example.com
subcomponents:
    inner:
        config: {x: 1}
"""


def made(tmp_path: Path, **more: str) -> Project:
    return shop(
        tmp_path,
        {
            "app/component.yaml": "type: jinja\npath: ../chart\n"
            "subcomponents:\n- {name: inner, type: jinja, path: ../chart}\n",
            "app/config/common.yaml": COMMON,
            "environments/east.yaml": "layers: [shared]\n",
            "app/config/shared.yaml": "config: {tier: shared}\n",
            **more,
        },
    )


def setting(project: Project, *args: str, stdin: str = "") -> Run:
    return project.weft("set", "--component", "app", *args, stdin=stdin)


def test_the_value_is_set_and_every_other_byte_stays(tmp_path: Path) -> None:
    project = made(tmp_path)
    run = setting(project, "replicas=3", "hosts[1]=c.example.com", r"env.B\.c=x", "env[d.e]=q")
    assert run.code == 0, run.err
    text = (tmp_path / "app/config/common.yaml").read_text()
    assert (
        text.replace("replicas: 3 ", "replicas:   1 ")
        .replace("c.example.com", "b.example.com")
        .startswith(COMMON.partition("    env:")[0])
    )
    assert "    - a.example.com   # first\n    - c.example.com\n" in text
    loaded = yaml.safe_load(text)["config"]
    assert loaded["env"] == {"A": "a", "B.c": "x", "d.e": "q"}
    assert "app/config/common.yaml: replicas: 1 -> 3" in run.err
    assert project.generate("prod").code == 0
    assert values(project)["replicas"] == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8080", 8080),
        ("1.5", 1.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", ""),
        ("text", "text"),
        ("-3", -3),
        ("0", 0),
        ("-0.5", -0.5),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("y", "y"),
        ("012", "012"),
        ("0644", "0644"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("1e3", "1e3"),
        ("+49170", "+49170"),
        (".5", ".5"),
        ("12:30:00", "12:30:00"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 5000, "9" * 5000),
        ("a: b", "a: b"),
        ("- a", "- a"),
        ("#fff", "#fff"),
        ("a # b", "a # b"),
        ("*x", "*x"),
        ("@x", "@x"),
        ("!x y", "!x y"),
        ("'8080'", "8080"),
        ('"a"b', '"a"b'),
        ("1.2.3", "1.2.3"),
        ("http://x/y?a=b", "http://x/y?a=b"),
        ("a\nb", "a\nb"),
        ("[1, a]", [1, "a"]),
        ("{a: 1}", {"a": 1}),
        ("---", "---"),
    ],
)
def test_values_have_the_type_that_they_look_like(text: str, value: Any) -> None:
    found = typed(text)
    assert (found, type(found)) == (value, type(value))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(min_size=1).filter(lambda text: "]" not in text), min_size=1, max_size=4))
def test_any_key_can_be_written(keys: list[str]) -> None:
    escaped = ".".join("".join(f"\\{char}" if char in ".\\[" else char for char in key) for key in keys)
    assert parsed(escaped) == tuple(keys)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "b-c", "x.y", "d/e", 0, 12]), min_size=1, max_size=4))
def test_a_key_as_weft_prints_it_is_that_key(keys: list[Any]) -> None:
    keys = ["first", *keys]
    assert parsed(dotted(tuple(keys))) == tuple(keys)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20))
def test_text_stays_text_or_is_what_yaml_makes_of_it(text: str) -> None:
    found = typed(text) if text[:1] not in ("[", "{") else text
    assert isinstance(found, (str, int, float, bool, type(None)))
    if isinstance(found, str) and text[:1] not in ("'", '"'):
        assert found == text


def test_text_that_other_readers_take_for_a_value_is_quoted_in_the_file(tmp_path: Path) -> None:
    project = made(tmp_path)
    texts = ["NO", "yes", "012", "1_000", "0x10", "1e3", ".inf", ".nan", "12:30:00", "+5"]
    run = setting(project, *(f"t{index}={text}" for index, text in enumerate(texts)))
    assert run.code == 0, run.err
    loaded = yaml.safe_load((tmp_path / "app/config/common.yaml").read_text())["config"]
    assert [loaded[f"t{index}"] for index in range(len(texts))] == texts
    assert project.generate("prod").code == 0
    assert [values(project)[f"t{index}"] for index in range(len(texts))] == texts


def test_a_value_that_no_manifest_can_hold_can_be_replaced(tmp_path: Path) -> None:
    project = made(tmp_path).write({"app/config/common.yaml": "config: {a: .nan, b: [.inf], c: .nan}\n"})
    run = setting(project, "a=1", "b=2")
    assert run.code == 0, run.err
    assert run.err.startswith(
        "app/config/common.yaml: a: .nan -> 1\napp/config/common.yaml: b: [.inf] -> 2\n"
    )
    assert (tmp_path / "app/config/common.yaml").read_text() == "config: {a: 1, b: 2, c: .nan}\n"


def test_string_keeps_text_as_it_is(tmp_path: Path) -> None:
    project = made(tmp_path)
    assert setting(project, "--string", "port=8080", "flag=true", "none=null").code == 0
    assert project.generate("prod").code == 0
    found = values(project)
    assert (found["port"], found["flag"], found["none"]) == ("8080", "true", "null")


def test_a_file_has_many_values_and_maps_merge(tmp_path: Path) -> None:
    project = made(tmp_path).write({"more.yaml": "env: {B: b}\nhosts: [z]\n"})
    assert setting(project, "-f", "more.yaml").code == 0
    assert setting(project, "-f", "-", stdin="image: app:2\n").code == 0
    loaded = yaml.safe_load((tmp_path / "app/config/common.yaml").read_text())["config"]
    assert loaded["env"] == {"A": "a", "B.c": "b", "B": "b"}
    assert (loaded["hosts"], loaded["image"]) == (["z"], "app:2")


@pytest.mark.parametrize(
    ("component", "environment", "file", "keys"),
    [
        ("app", "prod", "app/config/prod.yaml", ()),
        ("app", "shared", "app/config/shared.yaml", ()),
        ("app/inner", "prod", "app/config/prod.yaml", ("subcomponents", "inner")),
        ("/app/inner/", "common", "app/config/common.yaml", ("subcomponents", "inner")),
    ],
)
def test_it_is_the_file_nearest_to_the_component(
    tmp_path: Path, component: str, environment: str, file: str, keys: tuple[str, ...]
) -> None:
    project = made(tmp_path)
    run = project.weft("set", "--component", component, "--environment", environment, "new=1")
    assert run.code == 0, run.err
    loaded = yaml.safe_load((tmp_path / file).read_text())
    for key in keys:
        loaded = loaded[key]
    assert loaded["config"]["new"] == 1


def test_json_stays_json(tmp_path: Path) -> None:
    project = made(tmp_path).write({"app/config/prod.json": '{\n  "config": {"a": 1}\n}\n'})
    assert setting(project, "--environment", "prod", "a=2").code == 0
    assert (tmp_path / "app/config/prod.json").read_text() == '{\n  "config": {"a": 2}\n}\n'


def test_setting_what_is_so_changes_nothing(tmp_path: Path) -> None:
    project = made(tmp_path)
    before = read_tree(tmp_path)
    run = setting(project, "replicas=1", "image=app:1")
    assert (run.code, run.err) == (0, "app/config/common.yaml: unchanged\n")
    assert read_tree(tmp_path) == before


def test_a_value_that_does_not_count_is_told(tmp_path: Path) -> None:
    project = made(tmp_path).write({"config/common.yaml": "subcomponents: {app: {config: {replicas: 9}}}\n"})
    run = setting(project, "replicas=3")
    assert run.code == 0
    assert "note: `replicas` has no effect in east, prod: config/common.yaml:1:32 is stronger" in run.err


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    project = made(tmp_path)
    run = setting(project, "db.password=hunter2")
    assert run.code == 0
    assert "hunter2" not in run.err + run.out
    assert "db.password: (not shown)" in run.err


SCHEMA = '{"type": "object", "properties": {"replicas": {"type": "integer"}}}'


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("--environment", "prd", "a=1"), 2, "`prd` is no environment, no layer of one, and not `common`"),
        (("--no-new-keys", "replcas=1"), 2, "`app` has no key `replcas`"),
        (("--no-new-keys", "replicas=2", "env.C=1"), 2, "`app` has no key `env.C`"),
        (("a",), 2, "`a` says no value"),
        (("=1",), 2, "`=1` says no value"),
        (("a..b=1",), 2, "`a..b` is no key"),
        ((), 2, "there is nothing to set"),
        (("-f", "none.yaml"), 4, "none.yaml: there is no such file"),
        (("-f", "environments/prod.yaml", "a=1"), 2, "--file and KEY=VALUE do not go together"),
        (("a=[1",), 2, "`[1` is no YAML"),
        (("a=[1, -.inf]",), 2, "`[1, -.inf]` cannot be set: -inf is no JSON number"),
        (("a={b: {c: .nan}}",), 2, "`{b: {c: .nan}}` cannot be set: nan is no JSON number"),
        (("a={? " + "k" * 2000 + " : 1}",), 2, "cannot be set: "),
        (("-f", "endless.yaml"), 3, "endless.yaml:3:3: cannot be set: inf is no JSON number"),
        (("replicas=many",), 3, '`replicas` is "many", expected a whole number'),
        (("ok=1", "env=x"), 3, "app/config/east.yaml:1:10: `env` of `app` is a map here and a scalar at"),
        (("ok=1", "replicas.deep=1"), 3, "app/config/common.yaml:4:5: replicas.deep cannot be reached"),
        (("hosts[7]=x",), 3, "hosts[7] cannot be reached"),
        (("text=${nope}",), 3, "`${nope}` is unknown"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    tmp_path: Path, args: tuple[str, ...], code: int, message: str
) -> None:
    project = made(tmp_path).write(
        {
            "chart/values.schema.json": SCHEMA,
            "app/config/east.yaml": "config: {env: {Z: z}}\n",
            "endless.yaml": "x: 1\ny:\n  z: .inf\n",
        }
    )
    before = read_tree(tmp_path)
    run = setting(project, *args)
    assert run.code == code, run.err
    assert (
        message.replace("replicas.deep", "") in run.err.replace("config.replicas.deep", "")
        or message in run.err
    )
    assert "Traceback" not in run.err
    assert read_tree(tmp_path) == before


def test_a_file_that_does_not_parse_is_left_as_it_was(tmp_path: Path) -> None:
    project = made(tmp_path).write({"app/config/common.yaml": "config: [\n"})
    before = read_tree(tmp_path)
    run = setting(project, "a=1")
    assert run.code == 3
    assert "app/config/common.yaml:" in run.err
    assert read_tree(tmp_path) == before


def test_what_was_wrong_before_does_not_keep_anyone_from_mending_it(tmp_path: Path) -> None:
    project = made(tmp_path).write(
        {"chart/values.schema.json": SCHEMA, "app/config/prod.yaml": "config: {replicas: x}\n"}
    )
    assert project.generate("prod").code == 3
    assert setting(project, "image=app:2").code == 0
    assert setting(project, "--environment", "prod", "replicas=2").code == 0
    assert project.generate("prod").code == 0
    assert values(project)["replicas"] == 2


def test_no_new_keys_knows_the_keys_of_other_files_and_of_the_chart(tmp_path: Path) -> None:
    project = made(tmp_path).write({"chart/values.yaml": "size: 1\n"})
    run = setting(project, "--environment", "prod", "--no-new-keys", "size=2", "image=x", "env.A=1")
    assert run.code == 0, run.err


def test_a_definition_in_the_dialect_is_edited_by_its_rules(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "component.yaml": "name: a\ndialect: fabrikate\ntype: static\npath: m\n",
            "m/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "config/prod.yaml": "namespace: x\ninjectNamespace: true\n",
        }
    )
    run = project.weft("set", "--environment", "prod", "a.b=1")
    assert run.code == 0, run.err
    assert yaml.safe_load((tmp_path / "config/prod.yaml").read_text())["config"] == {"a": {"b": 1}}
