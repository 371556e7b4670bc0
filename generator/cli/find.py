"""`weft find`: searches the components and charts of the tree and of what was fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from generator.author import Found
from generator.cli.messages import say
from generator.errors import DIFFERENT, DONE

_COLUMNS = ("NAME", "COMPONENT", "TYPE", "VERSION", "PATH", "SOURCE", "DESCRIPTION")
_LONGEST = 60


@click.command("find")
@click.argument("text")
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the list."
)
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
def command(text: str, dialect: str | None, **options: str) -> int:
    """Search components and charts by name, path, source and description.

    It looks at the tree, at folders that nothing brings in yet, and at what `weft install` fetched. Exits
    with 1 where nothing is found.
    """
    from generator import author

    found = author.search(author.tree(".", dialect), text)
    if options["format"] == "json":
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
    elif found:
        for line in _table(found):
            click.echo(line)
    if not found:
        say(f"nothing is like `{text}`")
    return DONE if found else DIFFERENT


def _table(found: Sequence[Found]) -> Sequence[str]:
    rows = [
        _COLUMNS,
        *(
            (one.name, one.component, one.type, one.version, one.path, one.source, _short(one.description))
            for one in found
        ),
    ]
    used = [index for index in range(len(_COLUMNS)) if any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in used}
    return ["  ".join(f"{row[index] or '-':<{widths[index]}}" for index in used).rstrip() for row in rows]


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
