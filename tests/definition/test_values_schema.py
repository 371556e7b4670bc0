"""values.schema.json of a chart: refused values are told where they stand, and secrets are not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shop import generated, refused, shop

SCHEMA = """\
{"properties": {
  "port": {"type": "integer"},
  "env": {"items": {"required": ["name"]}},
  "password": {"type": "integer"},
  "auth": {"type": "object", "maxProperties": 1},
  "users": {"type": "string"},
  "size": {"enum": ["small", "large"]}},
 "required": ["name"]}
"""


@pytest.mark.parametrize(
    ("config", "messages"),
    [
        ("  port: http", ('app/config/prod.yaml:3:3: `port` is "http", expected a whole number',)),
        ("  env:\n    - value: 1", ("app/config/prod.yaml:4:7: `env[0]` is refused",)),
        ("  size: smal", ("app/config/prod.yaml:3:3: `size` is", "did you mean 'small'?")),
        ("  password: hunter2", ("app/config/prod.yaml:3:3: `password` is refused; its value is not shown",)),
        ("  auth: {user: a, token: hunter2}", ("app/config/prod.yaml:3:3: `auth` ",)),
        ("  users: [{name: a, password: hunter2}]", ("app/config/prod.yaml:3:3: `users` ",)),
    ],
)
def test_values_that_the_charts_schema_refuses_are_shown_where_they_stand(
    tmp_path: Path, config: str, messages: tuple[str, ...]
) -> None:
    error = refused(
        tmp_path,
        {"chart/values.schema.json": SCHEMA, "app/config/prod.yaml": f"config:\n  name: x\n{config}\n"},
        *messages,
        "says chart/values.schema.json (component app, environment prod)",
    )
    assert "hunter2" not in error


def test_a_value_that_is_missing_or_a_default_is_refused_at_the_nearest_place(tmp_path: Path) -> None:
    files = {"chart/values.schema.json": SCHEMA, "chart/values.yaml": "x: 1\nport: http\n"}
    refused(tmp_path, files, "chart/values.yaml:2:1: `port` is", "name")


def test_a_schema_sees_what_was_filled_in(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        {
            "chart/values.schema.json": SCHEMA,
            "app/config/prod.yaml": "config: {name: x, global: {port: 80}, port: '${global.port}'}\n",
        },
    )
    generated(project)


def test_a_schema_that_is_none_is_refused(tmp_path: Path) -> None:
    refused(
        tmp_path, {"chart/values.schema.json": '{"type": 5}'}, "chart/values.schema.json: is no JSON Schema"
    )


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/schema", "https://example.com/s", "file:///etc/passwd"])
def test_a_schema_reads_neither_the_network_nor_the_disk(tmp_path: Path, uri: str) -> None:
    refused(
        tmp_path,
        {"chart/values.schema.json": f'{{"$ref": "{uri}"}}'},
        "chart/values.schema.json: is no JSON Schema",
        "leaves the schema",
    )


def test_a_schema_may_refer_to_itself(tmp_path: Path) -> None:
    schema = '{"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "integer"}}}'
    files = {"chart/values.schema.json": schema, "chart/values.yaml": "a: x\n"}
    refused(tmp_path, files, "chart/values.yaml:1:1: `a` is")
