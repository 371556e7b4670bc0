"""The hooks of `weft install`: which run before and after sources are fetched, and which do not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import hooks, load
from generator.cli.messages import note, say
from generator.hooks import Moment
from generator.model.definition import Component
from generator.model.source import Lock, Remote


def before(options: Mapping[str, Any]) -> None:
    """Runs the `before-install` commands of what is known before anything is fetched. Raises WeftError."""
    root = Path(".")
    lock = load.lock.read(root)
    found = load.survey(".", options["dialect"], load.Sources(root, lock))
    here = list(found.tree.walk()) if found.tree else []
    # What is not fetched yet is no component, but the file that asks for it may have hooks for it.
    coming = [_coming(remote) for remote in found.missing if not remote.foreign and remote.hooks]
    _run([*here, *coming], "before-install", lock, options)


def after(tree: Component, lock: Lock, options: Mapping[str, Any]) -> None:
    """Runs the `after-install` commands; `lock` is the one from before the run. Raises WeftError."""
    _run(list(tree.walk()), "after-install", lock, options)


def _coming(remote: Remote) -> Component:
    return Component(
        name=remote.name,
        path=(remote.name,) if remote.name else (),
        type="component",
        folder=remote.folder,
        source=None,
        place=remote.place,
        hooks=remote.hooks,
    )


def _run(components: Sequence[Component], moment: Moment, lock: Lock, options: Mapping[str, Any]) -> None:
    found = [component for component in components if hooks.commands(component, moment)]
    if not options["allow_hooks"]:
        for component in found:
            note(f"{component.place}: {moment} of `{component.label}` is not run; --allow-hooks runs it")
        return
    known = [component for component in found if _known(component, lock)]
    for component in found:
        if component.hooks_origin is not None and component not in known:
            note(
                f"{component.place}: {moment} of `{component.label}` is not run: weft.lock did not have "
                f"{component.hooks_origin.shown} with this content before; review it, commit the lock and "
                "install again"
            )
    hooks.Hooks(".", say, options["hook_timeout"]).around_install(known, moment)


def _known(component: Component, lock: Lock) -> bool:
    """Whether the user has had a chance to see the commands."""
    origin = component.hooks_origin
    return origin is None or lock.find(origin.key) == origin
