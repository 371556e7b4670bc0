"""`weft cluster`: clusters join, are listed, labelled and detached; each is a file in environments/."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from generator.cli import names
from generator.cli.choices import Selectors
from generator.cli.messages import note, say, show_error
from generator.errors import DONE, SurroundingsError, UsageError

if TYPE_CHECKING:
    from generator.clusters.fleet import Row

_HEADINGS = ("CLUSTER", "TYPE", "ENDPOINT", "LABELS")
_TYPE = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]{0,62}")


@click.group("cluster")
def command() -> None:
    """Join, list, label and detach clusters.

    A cluster is an environment: a file in environments/ with its labels and the address of its API
    server. weft talks to no cluster, and keeps no credential of one.
    """


@command.command("join")
@click.argument("kubeconfig")
@click.option("--name", metavar="NAME", help="Name of the environment; by default the cluster's own.")
@click.option("--context", metavar="CONTEXT", help="Context to take; by default the current one.")
@click.option("--type", metavar="TYPE", help="Kind of cluster to note; `kubernetes` by default.")
@click.option("--label", "labels", multiple=True, metavar="KEY=VALUE", help="Label it; may be repeated.")
@click.option("--update", is_flag=True, help="Change the type, endpoint or labels of one that is there.")
def join(**options: Any) -> int:
    """Write environments/<name>.yaml for the cluster of a kubeconfig; - reads it from standard input.

    Only the address of its API server is taken over, never a key, a token, a certificate or a password.
    """
    from generator.clusters.fleet import Fleet, parsed
    from generator.clusters.join import join as joining

    labels = {key: value or "" for key, value in parsed(options["labels"], removing=False).items()}
    if options["type"] is not None and not _TYPE.fullmatch(options["type"]):
        raise UsageError(
            f"`{options['type']}` is no type of cluster", hint="write one word, such as kubernetes"
        )
    fleet = Fleet(".")
    server = _kubeconfig(options["kubeconfig"]).server(options["context"])
    joined = joining(
        fleet,
        server,
        name=options["name"],
        kind=options["type"],
        labels=labels,
        update=options["update"],
    )
    for text in (*server.notes, *joined.notes):
        note(text)
    if not joined.file.save():
        say(f"{joined.name}: joined already, nothing to change")
    else:
        say(f"{joined.name}: {'wrote' if joined.fresh else 'changed'} {joined.file.file}")
    return DONE


def _kubeconfig(file: str) -> Any:
    from generator.clusters.kubeconfig import LARGEST_BYTES, Kubeconfig

    shown = "standard input" if file == "-" else file
    try:
        with click.open_file(file, "rb") as stream:
            data: bytes = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror or error}", file=shown) from error
    return Kubeconfig(data, shown)


@command.command("list")
@click.option(
    "-l",
    "--selector",
    multiple=True,
    type=Selectors(),
    metavar="SELECTOR",
    help="Clusters whose labels match; a comma is AND, repeating the option is OR.",
)
@click.option(
    "-o",
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Format of the list.",
)
def list_(selector: Sequence[str], form: str) -> int:
    """Print the clusters: name, type, endpoint and labels."""
    from generator.clusters.fleet import Fleet

    rows, errors = Fleet(".").rows(selector)
    if form == "json":
        data = [
            {"name": row.name, "type": row.type, "endpoint": row.endpoint, "labels": row.labels}
            for row in rows
        ]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    elif rows:
        _table(rows)
    else:
        say("no cluster matches" if selector else "there is no cluster yet; weft cluster join adds one")
    for error in errors:
        show_error(error)
    return max((error.exit_code for error in errors), default=DONE)


def _table(rows: Sequence[Row]) -> None:
    cells = [_HEADINGS]
    for row in rows:
        labels = ",".join(f"{key}={value}" for key, value in row.labels.items())
        cells.append((row.name, row.type or "-", row.endpoint or "-", labels or "-"))
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    for line in cells:
        padded = "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(padded.rstrip())


@command.command("label")
@click.argument("name", shell_complete=names.environments)
@click.argument("labels", nargs=-1, metavar="KEY=VALUE|KEY-...")
def label(name: str, labels: Sequence[str]) -> int:
    """Set labels of a cluster, or remove one with KEY- (its file in environments/ is edited)."""
    from generator.clusters.fleet import Fleet, parsed

    if not labels:
        raise UsageError("no label is given", hint="write key=value, or key- to remove it")
    changes = parsed(labels, removing=True)
    file, said = Fleet(".").label(name, changes)
    file.save()
    say(f"{name}: {', '.join(said)}" if said else f"{name}: labelled so already, nothing to change")
    return DONE


@command.command("detach")
@click.argument("name", shell_complete=names.environments)
def detach(name: str) -> int:
    """Remove a cluster's file from environments/.

    Refused while a component is placed on it or published to it: withdraw, publish, then detach. One that
    is not there is detached already.
    """
    from generator import pipeline
    from generator.clusters import detach as detaching
    from generator.clusters.fleet import Fleet
    from generator.errors import nearest
    from generator.model.request import Request

    fleet = Fleet(".")
    file = fleet.file(name) if name in fleet.clusters else None
    if file is None:
        near = nearest(name, fleet.clusters)
        say(f"{name}: there is no such cluster, so nothing to detach")
        if near is not None:
            note(f"there is one called `{near}`")
        return DONE
    environment = fleet.cluster(name)
    definition = pipeline.define(Request(environments=[name]), policies=False)
    detaching.detach(definition, environment)
    detaching.remove(fleet.root, file)
    say(f"{name}: removed {file}")
    note(
        f"`weft generate --all` removes generated/{name}/, and `weft publish --all --prune-environments`"
        " what is left of it in the manifest repository"
    )
    return DONE
