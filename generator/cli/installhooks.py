"""The hooks of `weft install`: which run before and after sources are fetched, and which do not, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import hooks, load
from generator.cli.messages import note, say
from generator.hooks import Moment
from generator.model.definition import Component
from generator.model.source import Lock, Remote
from generator.store import Store

if TYPE_CHECKING:
    from generator.install import Outcome


def before(options: Mapping[str, Any]) -> None:
    """Runs the `before-install` commands of what is known before anything is fetched. Raises WeftError."""
    root = Path(".")
    lock = load.lock.read(root)
    found = load.survey(".", options["dialect"], load.Sources(root, lock))
    here = list(found.tree.walk()) if found.tree else []
    # What is not fetched yet is no component, but the file that asks for it may have hooks for it.
    coming = [_coming(remote) for remote in found.missing if not remote.foreign and remote.hooks]
    _run([*here, *coming], "before-install", lock, options, lambda: None)


def after(outcome: Outcome, options: Mapping[str, Any]) -> None:
    """Runs the `after-install` commands. Raises WeftError, also where one changes what was fetched."""
    # What was not in order before is no hook's doing.
    store, lock = Store(Path(".")), outcome.after
    copies = [(entry, Path(lock.vendor, entry.vendored)) for entry in lock.sources if lock.vendor]
    kept = [*((entry, store.path(entry)) for entry in lock.sources), *copies]
    good = [(entry, folder) for entry, folder in kept if store.verified(folder, entry.sha256)]

    def changed() -> str | None:
        return next((entry.shown for entry, at in good if not store.verified(at, entry.sha256)), None)

    _run(list(outcome.tree.walk()), "after-install", outcome.before, options, changed)


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


def _run(
    components: Sequence[Component],
    moment: Moment,
    lock: Lock,
    options: Mapping[str, Any],
    changed: Callable[[], str | None],
) -> None:
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
    hidden = load.access.load(Path("."))[0].values()
    hooks.Hooks(".", say, options["hook_timeout"], tuple(hidden)).around_install(known, moment, changed)


def _known(component: Component, lock: Lock) -> bool:
    """Whether the user has had a chance to see the commands."""
    origin = component.hooks_origin
    return origin is None or lock.find(origin.key) == origin
