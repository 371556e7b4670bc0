"""`weft explain`: where a value, or a field of an output object, comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from generator import explain, pipeline, resolve
from generator.cli import names
from generator.cli.messages import note
from generator.errors import DONE, UsageError
from generator.explain import text
from generator.model.definition import Definition
from generator.model.request import Request


@click.command("explain")
@click.argument("environment", shell_complete=names.environments)
@click.argument("target")
@click.argument("key", required=False)
@click.option(
    "-o", "--format", type=click.Choice(["text", "json"]), default="text", help="Format of the explanation."
)
@click.option("--show-secrets", is_flag=True, help="Show what names such as `password` hold.")
@click.option("--layer", multiple=True, metavar="LAYER", help="In the dialect: a layer, the strongest first.")
@click.option(
    "--dialect", type=click.Choice(["weft", "fabrikate"]), help="Read the definition by these rules."
)
def command(**options: Any) -> int:
    """Show where a value comes from, and what it won over.

    TARGET is a component, such as services/simple-service (`.` is the root): KEY is then a key of its config,
    such as env.LOG_LEVEL, or one of weft's own, such as namespace, labels.team or routing.split; without KEY
    all of its config is shown, each value with its place. KEY placement shows every environment.
    Or TARGET is an object of the output as KIND/NAMESPACE/NAME or KIND/NAME, and KEY a field of it, such as
    spec.template.spec.containers[app].image.
    """
    request = Request(
        environments=() if options["layer"] else (options["environment"],),
        layers=options["layer"],
        dialect=options["dialect"],
    )
    definition = pipeline.define(request)
    (name,) = resolve.chosen(definition, request)
    if name != options["environment"]:
        raise UsageError(f"these layers make `{name}`, not `{options['environment']}`")
    scene = explain.scene(definition, request, name, secrets=options["show_secrets"])
    _show(scene, options["target"], options["key"], as_json=options["format"] == "json")
    return DONE


def _show(scene: explain.Scene, target: str, key: str | None, *, as_json: bool) -> None:
    try:
        path = _component(scene.definition, target)
    except UsageError as error:
        # `deployment/api` is an object too, as kubectl has it; what is neither is taken for a component.
        if "/" not in target or not explain.is_object(scene, target):
            raise error
        path = None
    if path is None:
        _show_object(scene, target, key, as_json=as_json)
    elif key is None:
        _annotated(scene, explain.explain_component(scene, path), as_json=as_json)
    elif key == "placement" and not scene.fabrikate:
        placement = explain.explain_placement(scene, path)
        if as_json:
            _print(scene, placement.as_json())
        else:
            _lines(placement.lines())
    else:
        found = explain.explain_key(scene, path, key)
        if as_json:
            _print(scene, {"explanations": [item.as_json() for item in found]})
        else:
            for index, item in enumerate(found):
                _lines((*([""] if index else []), *text.key_lines(item)))


def _show_object(scene: explain.Scene, target: str, field: str | None, *, as_json: bool) -> None:
    if field is None:
        _annotated(scene, explain.explain_object(scene, target), as_json=as_json)
        return
    found = explain.explain_field(scene, target, field)
    if as_json:
        _print(scene, found.as_json())
    else:
        _lines(text.field_lines(found))


def _component(definition: Definition, target: str) -> tuple[str, ...] | None:
    """The path of the component that TARGET is, or None for an object's: that begins with a capital."""
    if target in (".", definition.tree.name):
        return ()
    path = tuple(target.strip("/").split("/"))
    if definition.tree.find(path) is None and "/" in target and target[:1].isupper():
        return None
    return resolve.component_path(definition, target)


def _annotated(scene: explain.Scene, found: Any, *, as_json: bool) -> None:
    if as_json:
        _print(scene, found.as_json())
        return
    _lines(found.lines())
    for said in found.notes:
        note(said)


def _print(scene: explain.Scene, data: Mapping[str, Any]) -> None:
    whole = {"environment": scene.environment.name, **data}
    click.echo(json.dumps(whole, indent=2, ensure_ascii=False))


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
