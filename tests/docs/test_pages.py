"""README and docs as a whole: generated parts are up to date, links lead somewhere, examples are valid."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import jsonschema_rs
import pytest

from docs import build
from generator import errors, yamlio
from generator.cli import app
from tests.docs.pages import ROOT, anchors, blocks, links, name, pages

ABSOLUTE = re.compile(r"(?<![\w.:~$}/-])/(?:Users|home|mnt|opt|private|root|srv|tmp|usr|var|work)(?:/|\b)")
EDITOR_LINE = re.compile(r"(?m)^# yaml-language-server: \$schema=(\S+)$")


def carriers() -> list[Path]:
    """The files of the example that tell editors their schema."""
    folders = ("environments", "infrastructure", "service-chart", "services")
    found = [ROOT / "component.yaml", *(file for top in folders for file in (ROOT / top).rglob("*.yaml"))]
    return sorted(file for file in found if EDITOR_LINE.search(file.read_text(encoding="utf-8")))


def test_generated_parts_are_up_to_date() -> None:
    stale = [
        path
        for path, text in build.files().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python -m docs.build"


def test_every_command_and_option_is_in_the_reference() -> None:
    text = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    context = click.Context(app.group)
    for command in app.COMMANDS:
        assert f"weft {command}\n" in text
        found = app.group.get_command(context, command)
        assert found is not None
        shown = [name for item in found.params if isinstance(item, click.Option) for name in item.opts]
        assert [name for name in shown if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert ROOT in target.parents, link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", [*pages(), *sorted((ROOT / "docs/schemas").glob("*.json"))], ids=name)
def test_no_page_names_an_absolute_path(page: Path) -> None:
    assert ABSOLUTE.findall(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_examples_are_what_they_say(page: Path) -> None:
    for block in blocks(page):
        if block.language in ("yaml", "json"):
            read = yamlio.read_json(block.text.encode(), name(page)) if block.language == "json" else None
            documents = [read] if read else yamlio.read(block.text, name(page), line=block.line)
            if "schema" in block.attributes:
                validator = jsonschema_rs.validator_for(
                    json.loads((ROOT / f"docs/schemas/{block.attributes['schema']}.schema.json").read_bytes())
                )
                assert [str(error) for error in validator.iter_errors(documents[0].value)] == []


def test_every_file_of_the_definition_tells_editors_its_schema() -> None:
    ours = re.compile(r"(?:^|/)(?:component|chart)\.yaml$|(?:^|/)config/[^/]+\.yaml$|^environments/")
    folders = ("environments", "infrastructure", "service-chart", "services")
    found = {name(file) for top in folders for file in (ROOT / top).rglob("*.yaml")} | {"component.yaml"}
    assert {path for path in found if ours.search(path)} == {name(file) for file in carriers()}


@pytest.mark.parametrize("file", carriers(), ids=name)
def test_a_file_meets_the_schema_that_it_tells_editors(file: Path) -> None:
    match = EDITOR_LINE.search(file.read_text(encoding="utf-8"))
    assert match is not None
    target = (file.parent / match[1]).resolve()
    assert target.parent == ROOT / "docs/schemas"
    schema = json.loads(target.read_bytes())
    value = yamlio.read_file(file, name(file)).value
    assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(value)] == []
    assert list(jsonschema_rs.validator_for(schema).iter_errors({**value, "nonsense": 1}))


def test_the_exit_codes_are_those_of_the_program() -> None:
    text = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    codes = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", text)}
    named = (
        errors.DONE,
        errors.DIFFERENT,
        errors.USAGE,
        errors.REFUSED,
        errors.SURROUNDINGS,
        errors.INTERRUPTED,
    )
    assert codes == set(named)


def test_every_variable_that_weft_reads_is_documented() -> None:
    text = (ROOT / "docs/reference/environment-variables.md").read_text(encoding="utf-8")
    read = {
        found
        for file in (ROOT / "generator").rglob("*.py")
        for found in re.findall(r"environ(?:\.get\(|\[)\s*\"(\w+)\"", file.read_text(encoding="utf-8"))
    }
    assert {variable for variable in read if f"`{variable}`" not in text} == set()


def test_the_architecture_names_what_is_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    package = ROOT / "generator"
    there = {
        f"{entry.name}/" if entry.is_dir() else entry.name
        for entry in package.iterdir()
        if entry.name not in ("__pycache__", "__init__.py", "py.typed")
    }
    named = set(re.findall(r"(?m)^\| `(\w+(?:/|\.py))` \|", text))
    assert named == there
    for module in re.findall(r"`generator/([\w/.]+)`", text):
        assert (package / module).exists(), module
