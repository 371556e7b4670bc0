"""`weft add` and `weft remove`: entries under `subcomponents` in a component file."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator import load
from generator.author import change
from generator.author.places import Tree, edited
from generator.errors import DefinitionError, UsageError, suggestion
from generator.load import configs, environments, files, remotes
from generator.load.sites import Site
from generator.model.definition import Component, ConfigSet, Environment
from generator.model.document import Position
from generator.model.filenames import RENDERED_FILES
from generator.model.formats import ConfigFile, FabrikateConfigFile
from generator.model.record import record


@record(frozen=True)
class Outcome:
    """What was done in which file, a sentence each; with `missing`, `weft install` has something to fetch."""

    done: Sequence[tuple[str, str]]
    missing: bool = False


def add(tree: Tree, parent: Component, name: str, keys: Mapping[str, str]) -> Outcome:
    """Brings a component in below `parent`. An entry that is there with the same keys is left as it is.

    Raises UsageError where a component of that name is there otherwise, and for keys that say nothing to
    render; WeftError where the definition would not load any more. Nothing is changed then.
    """
    site = tree.site(parent)
    entry = {"name": name, **keys}
    for index, there in enumerate(_entries(site)):
        if there.get("name") != name:
            continue
        if there == entry:
            return Outcome([])
        place = site.document.where(*site.keys, "subcomponents", index)
        raise UsageError(
            f"`{name}` is at {place} already, with other keys",
            hint=f"edit it there, or take it out first: weft remove {name}",
        )
    if any(child.name == name for child in parent.children):
        raise UsageError(f"`{name}` is there already: a glob brings it in", hint="choose another name")
    _check(tree, site, keys)
    edit = edited(tree.root, site.file)
    edit.append((*site.keys, "subcomponents"), entry)
    # What its chart needs to know is set in a next step.
    change.save(tree.root, tree.dialect, [edit], values=False)
    root = Path(tree.root)
    survey = load.survey(tree.root, tree.dialect, load.Sources(root, load.lock.read(root)))
    return Outcome([(site.file, f"added `{name}`")], missing=bool(survey.missing))


def remove(tree: Tree, parent: Component, names: Sequence[str], *, with_config: bool) -> Outcome:
    """Takes components out below `parent`, with `with_config` also what config files say for them.

    Raises UsageError for a name that is not there, WeftError where the definition would not load any
    more, as where config is left that speaks of them; nothing is changed then.
    """
    site = tree.site(parent)
    entries = _entries(site)
    wanted = {name: _index(name, entries, parent) for name in dict.fromkeys(names)}
    edit = edited(tree.root, site.file)
    listed = (*site.keys, "subcomponents")
    if len(wanted) == len(edit.get(listed)):
        edit.remove(listed)
    else:
        for index in sorted(wanted.values(), reverse=True):
            edit.remove((*listed, index), headed=True)
    done = [(site.file, f"removed `{name}`") for name in wanted]
    edits = {site.file: edit}
    for file, place, keys in _config(tree, parent, list(wanted)):
        if not with_config:
            raise DefinitionError.at(
                place,
                f"there is config for `{keys[-1]}` here, which would speak of nothing",
                "take it out, too: weft remove --with-config",
            )
        edits.setdefault(file, edited(tree.root, file)).remove(keys, prune=True)
        done.append((file, f"removed the config of `{keys[-1]}`"))
    change.save(tree.root, tree.dialect, list(edits.values()))
    return Outcome(done)


def _check(tree: Tree, site: Site, keys: Mapping[str, str]) -> None:
    """Refuses what loads, and would be refused by the next `weft install` or `weft generate`."""
    source, method = keys.get("source"), keys.get("method")
    if remotes.is_remote(method, source):
        if method == "helm" and not keys.get("path"):
            raise UsageError("a chart of a Helm repository needs its name", hint="give it as --path")
        if "version" in keys and "branch" in keys and tree.dialect != "fabrikate":
            raise UsageError("--branch says nothing beside --version", hint="give one of the two")
        return
    for key in ("version", "branch"):
        if key in keys:
            raise UsageError(f"--{key} says nothing of a local source", hint="give a URL as --source")
    below = files.join(source, keys.get("path"))
    if keys.get("type") in (None, "component") or below == "." or below.startswith("/") or "\0" in below:
        return
    folder = files.join(posixpath.dirname(site.file), below)
    _check_folder(Path(tree.root), folder, keys["type"], site.file)


def _check_folder(root: Path, folder: str, kind: str, file: str) -> None:
    if not (root / folder).is_dir():
        above = (root / folder).parent
        beside = [one.name for one in above.iterdir() if one.is_dir()] if above.is_dir() else []
        near = suggestion(folder.rpartition("/")[2], beside)
        raise UsageError(f"there is no folder {folder}", hint=near or f"it is relative to {file}")
    wanted = RENDERED_FILES.get(kind, ())
    if wanted and not any((root / folder / name).is_file() for name in wanted):
        raise UsageError(f"{folder} has no {wanted[0]}, which `type: {kind}` needs")


def _entries(site: Site) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in site.value.get("subcomponents") or () if isinstance(entry, dict)]


def _index(name: str, entries: Sequence[Mapping[str, Any]], parent: Component) -> int:
    for index, entry in enumerate(entries):
        if entry.get("name") == name:
            return index
    child = next((child for child in parent.children if child.name == name), None)
    if child is not None:
        raise UsageError(
            f"`{child.label}` is brought in by a glob, at {child.place}",
            hint=f"delete its folder, {child.folder}",
        )
    known = [child.name for child in parent.children]
    raise UsageError(f"`{parent.label}` has no subcomponent `{name}`", hint=suggestion(name, known))


def _config(tree: Tree, parent: Component, names: Sequence[str]) -> Sequence[tuple[str, Position, Any]]:
    """Every place in the user's config files that speaks of the components or of what is below them."""
    gone = {(*parent.path, name) for name in names}
    found = []
    for owner, config in _sets(tree):
        for path, node in config.nodes.items():
            if (*owner, *path) in gone and node.prefix:
                found.append((config.file, node.where(), node.prefix))
            elif (*owner, *path)[: len(parent.path) + 1] in gone and _by_path(node.prefix):
                # `subcomponents: {a/b: …}` has no entry for `a` itself.
                found.append((config.file, node.where(), node.prefix))
    return [one for one in found if not any(_within(one, other) for other in found)]


def _by_path(prefix: Sequence[Any]) -> bool:
    return bool(prefix) and "/" in str(prefix[-1])


def _within(one: tuple[str, Position, Any], other: tuple[str, Position, Any]) -> bool:
    return one is not other and one[0] == other[0] and one[2][: len(other[2])] == other[2]


def _sets(tree: Tree) -> Sequence[tuple[tuple[str, ...], ConfigSet]]:
    root = Path(tree.root)
    fabrikate = tree.dialect == "fabrikate"
    cls: Any = FabrikateConfigFile if fabrikate else ConfigFile
    found: list[tuple[tuple[str, ...], ConfigSet]] = []
    for component in tree.tree.walk():
        if not component.loaded or component.origin is not None:
            continue
        for _, file in files.stems(root, files.join(component.folder, "config")):
            document = files.read(root, file)
            keys = files.parse(cls, document)
            found.append((component.path, configs.flatten(keys, document, by_path=not fabrikate)))
    for environment in environments.load(root).values():
        if isinstance(environment, Environment):
            found.extend(((), item) for item in environment.configs)
    unique = {(path, item.file): (path, item) for path, item in found}
    return list(unique.values())
