"""Writes what the documentation takes from the code: tables of the file formats, commands, JSON Schemas.

`python -m docs.build` brings every page up to date; a test fails where one is not. A page asks for a
part with a comment, and everything up to the closing comment is replaced:

    <!-- generated: table EnvironmentFile without ConfigFile -->
    <!-- generated: end -->
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from generator import findings, pipeline, yamlio
from generator.cli import app
from generator.model import formats
from generator.model.finding import SEVERITIES, Code
from generator.model.manifest import Manifest
from generator.model.request import Progress, Request
from generator.schema.formats import json_schema, table
from generator.validate import CODES

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference"
FINDINGS = "docs/findings"
_MADE = "<!-- Made from the code by `python -m docs.build`; changes here are lost. -->"
SCHEMAS = {
    "component": formats.ComponentFile,
    "config": formats.ConfigFile,
    "environment": formats.EnvironmentFile,
    "chart": formats.ChartFile,
}


@dataclass(frozen=True)
class Place:
    """Where a format is described: page, heading, and the format below whose table it stands, if any."""

    page: str
    heading: str
    below: str | None = None


_PART = re.compile(r"<!-- generated: (?!end)(.*?) -->\n.*?<!-- generated: end -->", re.S)
_HEADING = re.compile(r"(?m)^#+ (.+)$")
_TYPE_LINK = re.compile(r"\[(\w+)\]\(#\w+\)")
_ANGLED = re.compile(r"[\w./-]*<\w+>[\w./-]*")
_BLANK_LINE = re.compile(r"\n\s*\n")


def files() -> Mapping[str, str]:
    """Every file that has generated parts, by its path below the root, as it should be."""
    pages = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / REFERENCE).glob("*.md"))
    }
    places = _places(pages)
    schemas = {f"docs/schemas/{name}.schema.json": _schema(cls) for name, cls in SCHEMAS.items()}
    return {**{path: _page(path, text, places) for path, text in pages.items()}, **schemas, **_findings()}


def slug(heading: str) -> str:
    """The anchor that a heading has in rendered Markdown."""
    plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
    return plain.strip().replace(" ", "-")


def _schema(cls: type) -> str:
    return json.dumps(json_schema(cls), indent=2, ensure_ascii=False) + "\n"


def _places(pages: Mapping[str, str]) -> Mapping[str, Place]:
    """Where each format is described: where a page asks for it, else below the first that leads to it."""
    asked = [
        (path, _HEADING.findall(text[: part.start()])[-1], part[1].split())
        for path, text in pages.items()
        for part in _PART.finditer(text)
        if part[1].startswith("table ")
    ]
    places = {words[1]: Place(path, heading) for path, heading, words in asked}
    for path, _, words in asked:
        pending = [words[1]]
        while pending:
            name = pending.pop(0)
            for inner in _TYPE_LINK.findall(" ".join(words for _, (words, _) in _rows(name))):
                if inner not in places:
                    places[inner] = Place(path, inner, below=words[1])
                    pending.append(inner)
    return places


def _page(path: str, text: str, places: Mapping[str, Place]) -> str:
    def part(match: re.Match[str]) -> str:
        words = match[1].split()
        if words == ["commands"]:
            blocks = list(_commands())
        elif words[0] == "table" and (len(words) == 2 or (len(words) == 4 and words[2] == "without")):
            blocks = list(_tables(words[1], words[3] if len(words) == 4 else None, path, places))
        else:
            raise ValueError(f"{path}: unknown part `{match[1]}`")
        return "\n\n".join((f"<!-- generated: {match[1]} -->", *blocks, "<!-- generated: end -->"))

    return _PART.sub(part, text)


# The file formats.


def _tables(name: str, without: str | None, path: str, places: Mapping[str, Place]) -> Iterator[str]:
    yield _table(name, without, path, places)
    for inner, place in places.items():
        if place.below == name:
            yield f"### {inner}"
            yield str(getattr(formats, inner).__doc__).strip()
            yield _table(inner, None, path, places)


def _table(name: str, without: str | None, path: str, places: Mapping[str, Place]) -> str:
    # A format that extends another may say a key anew; then it is not left out.
    left_out = dict(_rows(without)) if without else {}
    rows = [(key, words) for key, words in _rows(name) if left_out.get(key) != words]
    lines = ["| key | type | what it says |", "|---|---|---|"]
    for key, (words, sentence) in rows:
        linked = _TYPE_LINK.sub(lambda found: _link(places[found[1]], path), words)
        lines.append(f"| `{key}` | {_cell(linked)} | {_cell(sentence)} |")
    return "\n".join(lines)


def _rows(name: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for key, words, sentence in table(getattr(formats, name)):
        yield key, (words, sentence)


def _link(place: Place, path: str) -> str:
    file = "" if place.page == path else place.page.rpartition("/")[2]
    return f"[{place.heading}]({file}#{slug(place.heading)})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# The commands.


def _commands() -> Iterator[str]:
    context = click.Context(app.group, info_name="weft", **app.group.context_settings)
    yield from _command(app.group, context, 2)


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    yield f"{'#' * level} {context.command_path}"
    yield f"```\n{_usage(command, context)}\n```"
    yield from _paragraphs(command.help or "")
    rows = [row for item in command.params for row in _parameter(item, context)]
    if rows:
        yield "\n".join(["| option | variable | what it does |", "|---|---|---|", *rows])
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                below = click.Context(inner, info_name=name, parent=context, **inner.context_settings)
                yield from _command(inner, below, level + 1)


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in _BLANK_LINE.split(text.replace("\r", "").split("\f")[0].strip()):
        if paragraph.startswith("\b"):
            yield f"```\n{paragraph[1:].strip()}\n```"
        elif paragraph:
            yield _escaped(" ".join(paragraph.split()))


def _escaped(text: str) -> str:
    # `<ENVIRONMENT>` outside code would be taken for HTML.
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _ANGLED.sub(r"`\g<0>`", part) for part in parts)


def _parameter(item: click.Parameter, context: click.Context) -> Iterator[str]:
    if not isinstance(item, click.Option) or item.hidden:
        return
    names = ", ".join(f"`{name}`" for name in (*item.opts, *item.secondary_opts))
    sentence = _escaped(item.help or "")
    if item.multiple:
        sentence += " May be repeated."
    if item.show_default:
        sentence += f" Default: `{item.default}`."
    yield f"| {names}{_value(item)} | {_variable(item, context)} | {_cell(sentence)} |"


def _value(item: click.Option) -> str:
    kind: Any = item.type
    if item.is_flag or item.count:
        return ""
    if item.metavar:
        return f" `{item.metavar}`"
    if isinstance(kind, click.Choice):
        return " " + " or ".join(f"`{choice}`" for choice in kind.choices)
    return f" `{kind.name.upper()}`"


def _variable(item: click.Option, context: click.Context) -> str:
    prefix = context.auto_envvar_prefix
    if item.envvar:
        return f"`{item.envvar if isinstance(item.envvar, str) else ', '.join(item.envvar)}`"
    if prefix is None or not item.allow_from_autoenv or item.is_eager or item.name is None:
        return ""
    return f"`{prefix}_{item.name.upper()}`"


# The codes of findings.


def _findings() -> Mapping[str, str]:
    """A page for each code, and the list of them."""
    pages = {f"{FINDINGS}/{code.name}.md": _finding_page(code) for code in CODES.values()}
    rows = [
        f"| [`{code.name}`]({code.name}.md) | {code.severity}{' or error' if code.otherwise else ''} "
        f"| {code.title} |"
        for code in sorted(CODES.values(), key=lambda code: (SEVERITIES.index(code.severity), code.name))
    ]
    intro = """\
# Findings

What validation says has a code; each has a page. An `error` refuses the environment: nothing of it is
written or published. A `warning` does not, unless `--strict` makes it an error. A `note` is counted, no
more. How findings are accepted is in [Validate](../guide/validate.md).
"""
    table = "\n".join(["| code | severity | what it says |", "|---|---|---|", *rows])
    return {**pages, f"{FINDINGS}/README.md": f"{_MADE}\n{intro}\n{table}\n"}


def _finding_page(code: Code) -> str:
    blocks = [
        _MADE,
        f"# {code.title}",
        _severity(code),
        code.meaning,
        *_example(code),
        "## How to mend it",
        code.mend,
    ]
    if code.mended:
        blocks += ["Without the finding the example is:", f"```yaml\n{code.mended}```"]
    return "\n\n".join(blocks) + "\n"


def _example(code: Code) -> Iterator[str]:
    if not code.example:
        return
    yield "## For example"
    for path, text in code.beside.items():
        yield f"`{path}`:\n\n```yaml\n{text}```"
    if code.beside:
        yield "`manifests/example.yaml`, which a component of the type `static` has:"
    yield f"```yaml\n{code.example}```"
    said = _said(code)
    if said:
        yield f"Of this weft says:\n\n```\n{said}\n```"


def _said(code: Code) -> str:
    """What weft says of a code's example, in a file of that name."""
    if code.beside:
        return _said_in_definition(code)
    documents = yamlio.read(code.example, "example.yaml")
    files = {"example.yaml": [Manifest(d.value, d.where(), "", index) for index, d in enumerate(documents)]}
    found = findings.of_manifests(files, [(document, ()) for document in documents], None, strict=False)
    return "\n".join(str(item) for item in found if item.code == code.name)


def _said_in_definition(code: Code) -> str:
    """What weft says of an example that needs more of a definition than a manifest."""
    tree = {
        "component.yaml": "type: static\npath: ./manifests\n",
        "environments/prod.yaml": "",
        "manifests/example.yaml": code.example,
        **code.beside,
    }
    with tempfile.TemporaryDirectory() as folder:
        for path, text in tree.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        request = Request(root=folder, everything=True, thorough=True)
        made = pipeline.outputs(pipeline.define(request), request, None, Progress())
        found = [finding for output in made for finding in output.findings]
    return "\n".join(str(item) for item in found if item.code == code.name)


def _severity(code: Code) -> str:
    if code.otherwise:
        return f"`{code.name}` is a {code.severity}, or an error where {code.otherwise}."
    return f"`{code.name}` is {'an' if code.severity == 'error' else 'a'} {code.severity}."


def main() -> None:
    """Writes every file that is not as it should be, and says which."""
    for path, text in files().items():
        file = ROOT / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main()
