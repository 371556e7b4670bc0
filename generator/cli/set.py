"""`weft set`: changes config values in the user's own files."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from generator import yamlio
from generator.cli.messages import note, say
from generator.errors import DONE, DefinitionError, SurroundingsError, UsageError
from generator.model.document import Document, dotted
from generator.model.document import Path as Keys
from generator.model.secrets import NOT_SHOWN, names_secret


@click.command("set")
@click.argument("assignments", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--environment",
    metavar="NAME",
    default="common",
    show_default=True,
    help="The environment or layer whose config file is changed.",
)
@click.option("--component", metavar="PATH", help="The component; the root where it is left out.")
@click.option("-f", "--file", metavar="FILE", help="Set all that a map in a YAML file has; `-` is stdin.")
@click.option("--string", is_flag=True, help="Take every value as text: `8080` and `true`, too.")
@click.option("--no-new-keys", is_flag=True, help="Refuse keys that the component does not have yet.")
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
def command(**options: Any) -> int:
    """Set config values of a component in its config/ENVIRONMENT.yaml.

    A KEY is a path: env.LOG_LEVEL, hosts[0]; a dot that belongs to a key is written as \\. A VALUE is a
    decimal number, true, false, null, [...] or {...} as in YAML, else text: NO, 0644 and 1e3, too. All else
    in the file stays as it is. Nothing is changed where the definition would not load any more.
    """
    from generator import author

    if options["file"] and options["assignments"]:
        raise UsageError("--file and KEY=VALUE do not go together")
    if options["file"]:
        values = _leaves(options["file"])
    else:
        values = [author.assignment(text, string=options["string"]) for text in options["assignments"]]
    if not values:
        raise UsageError("there is nothing to set", hint="write key.path=value, or give --file")
    tree = author.tree(".", options["dialect"])
    component = tree.component(options["component"])
    outcome = author.set_values(
        tree, component, options["environment"], values, known_only=options["no_new_keys"]
    )
    for item in outcome.changes:
        old, new = _shown(item.keys, item.old), _shown(item.keys, item.new)
        say(f"{outcome.file}: {dotted(item.keys)}: {f'{old} -> {new}' if item.had else new}")
    if not outcome.changes:
        say(f"{outcome.file}: unchanged")
    for keys, place, names in outcome.beaten:
        note(f"`{dotted(keys)}` has no effect in {', '.join(names)}: {place} is stronger")
    for text in outcome.notes:
        note(text)
    return DONE


def _leaves(file: str) -> Sequence[tuple[Keys, Any]]:
    from generator import author

    document = _map(file)
    values = list(author.leaves(document.value))
    for keys, value in values:
        if fault := author.unfit(value):
            raise DefinitionError.at(document.where(*keys), f"cannot be set: {fault}")
    return values


def _map(file: str) -> Document:
    if file == "-":
        document = yamlio.read_text(sys.stdin.buffer.read(), "stdin")
    else:
        if not Path(file).exists():
            raise SurroundingsError("there is no such file", file=file)
        document = yamlio.read_file(Path(file), file)
    if not isinstance(document.value, dict):
        raise DefinitionError.at(document.where(), "found no map of keys and values")
    return document


def _shown(keys: Keys, value: Any) -> str:
    if value is not None and any(names_secret(str(key)) for key in keys):
        return NOT_SHOWN
    try:
        return yamlio.to_json(value).strip()
    except ValueError:
        # What is in the file already may be what no manifest can hold.
        return _endless(value)


def _endless(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_endless(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_endless, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return yamlio.to_json(value).strip()
