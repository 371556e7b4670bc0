"""`weft add` and `weft remove`: which components a component brings in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import click

from generator.cli.messages import say
from generator.errors import DONE
from generator.model.formats import ComponentType, Method

_KEYS = ("type", "source", "method", "path", "version", "branch")


def _parent(command: Any) -> Any:
    component = click.option(
        "--component", metavar="PATH", help="The component that it is below; the root where it is left out."
    )
    dialect = click.option(
        "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
    )
    return component(dialect(command))


@click.command("add")
@click.argument("name")
@click.option("--source", metavar="SOURCE", help="Folder or URL, relative to the component file.")
@click.option("--type", "type", type=click.Choice(get_args(ComponentType)), help="What renders it.")
@click.option("--method", type=click.Choice(get_args(Method)), help="How the source is fetched.")
@click.option("--path", metavar="PATH", help="Folder below the source; the chart of a Helm repository.")
@click.option("--version", metavar="VERSION", help="Commit, or version of a chart.")
@click.option("--branch", metavar="BRANCH", help="Branch of a git repository.")
@_parent
def add(**options: Any) -> int:
    """Bring a component in: an entry under `subcomponents` of component.yaml.

    All else in the file stays as it is. Nothing is changed where the definition would not load any more, or
    where there is nothing to render: no such folder, no chart in it, no name of a chart.
    """
    from generator import author

    tree = author.tree(".", options["dialect"])
    parent = tree.component(options["component"])
    keys = {key: options[key] for key in _KEYS if options[key] is not None}
    outcome = author.add(tree, parent, options["name"], keys)
    _tell(outcome.done)
    if outcome.missing:
        say("next: weft install")
    return DONE


@click.command("remove")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--with-config", is_flag=True, help="Take out what config files say for it, too.")
@_parent
def remove(**options: Any) -> int:
    """Take components out of `subcomponents` in component.yaml; their folders stay.

    The comment right above an entry goes with it, all else in the file stays as it is. Nothing is changed
    where a name is unknown, or where the definition would not load any more.
    """
    from generator import author

    tree = author.tree(".", options["dialect"])
    parent = tree.component(options["component"])
    _tell(author.remove(tree, parent, options["names"], with_config=options["with_config"]).done)
    return DONE


def _tell(done: Sequence[tuple[str, str]]) -> None:
    for file, what in done:
        say(f"{file}: {what}")
    if not done:
        say("unchanged")
