"""Writes the converted definition: a copy of the folder, with the edits made, beside the original."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from generator import yamlio
from generator.convert.edits import TAKEN_OUT, Edits, Renaming
from generator.convert.environments import Passes
from generator.convert.fabrikate import Conversion
from generator.errors import DefinitionError, SurroundingsError, UsageError
from generator.model.document import Path as Keys
from generator.model.document import dotted
from generator.model.record import record
from generator.yamlio.edit import Edited

# What Fabrikate and weft make themselves; it is made anew.
_MADE = (".git", "generated")
# Where `fab install` puts what it fetches.
_FETCHED = ("components", "helm_repos")
_MANIFESTS = (".yaml", ".yml", ".json")
_IGNORED = ".weft/"


@record(frozen=True)
class Change:
    """What became of one file of the new definition; `whys` are sentences."""

    file: str
    new: bool
    whys: Sequence[str]


def written(root: str, conversion: Conversion, passes: Passes, output: str) -> Sequence[Change]:
    """Writes the new definition into the folder `output` and says what in it is new or changed.

    `output` appears whole or not at all. Raises UsageError where it is in use or within the original,
    WeftError for what cannot be edited, SurroundingsError for the disk.
    """
    source, target = Path(root), Path(output)
    _free(source, target, output)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as made:
            top = Path(made, "definition")
            shutil.copytree(source, top, symlinks=True, ignore=_passed_over(source, conversion))
            edited = {change.file: change.whys for change in _edited(top, conversion.edits)}
            changes = [
                Change(file, False, [f"was {old}: {why}", *edited.pop(old, ())])
                for old, file, why in _moved(top, conversion, passes)
            ]
            changes += [Change(file, False, whys) for file, whys in edited.items()]
            changes += [*_environments(top, passes), *_ignored(top)]
            os.rename(top, target)
    except (OSError, shutil.Error) as error:
        reason = error.strerror or error
        raise SurroundingsError(f"cannot be written: {reason}", file=output) from error
    return sorted(changes, key=lambda change: change.file)


def _free(source: Path, target: Path, output: str) -> None:
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise UsageError(f"{output} is there already and not empty", hint="name a new folder with --output")
    here, there = source.resolve(), target.resolve()
    if here == there or here in there.parents:
        raise UsageError(
            f"{output} is within the definition that is converted",
            hint="name a folder outside it with --output",
        )


def _passed_over(source: Path, conversion: Conversion) -> Callable[[str, list[str]], list[str]]:
    used = {
        part
        for component in conversion.components
        for folder in (component.folder, component.source or ".")
        for part in folder.split("/")
    }

    def ignore(directory: str, names: list[str]) -> list[str]:
        top = Path(directory) == source
        return [
            name
            for name in names
            if (top and name in _MADE) or (name in _FETCHED and name not in used) or name == ".git"
        ]

    return ignore


def _edited(top: Path, edits: Edits) -> Iterator[Change]:
    for file in edits.files():
        whys: list[str] = []
        names = [one for one in edits.names.values() if one.file == file]
        if names:
            _rename_keys(top / file, names)
            whys += [f"{dotted(one.keys)}: now {one.new}: {one.why}" for one in names]
        edited = Edited.read(top / file, file)
        for edit in edits.of(file):
            keys = _renamed(edit.keys, names)
            done = edited.remove(keys) if edit.value is TAKEN_OUT else edited.set(keys, edit.value)
            if done:
                what = "taken out" if edit.value is TAKEN_OUT else f"now {_shown(edit.value)}"
                whys.append(f"{dotted(keys)}: {what}: {edit.why}")
        edited.save()
        if whys:
            yield Change(file, False, whys)


def _shown(value: object) -> str:
    return yamlio.emit({"": value}).partition(":")[2].strip()


def _rename_keys(file: Path, names: Sequence[Renaming]) -> None:
    """Writes keys otherwise where they stand, so that all around them keeps its bytes."""
    # Not as text: that would turn the line breaks of Windows.
    data = file.read_bytes().decode("utf-8")
    mark = "\ufeff" if data.startswith("\ufeff") else ""
    lines = data.removeprefix(mark).split("\n")
    for one in sorted(names, key=lambda one: (one.place.line or 0, one.place.column or 0), reverse=True):
        line, column = (one.place.line or 1) - 1, (one.place.column or 1) - 1
        old, text = str(one.keys[-1]), lines[line]
        spelled = next(
            (form for form in (old, f'"{old}"', f"'{old}'") if text[column:].startswith(form)), None
        )
        if spelled is None:
            raise DefinitionError.at(
                one.place,
                f"the key `{old}` is written in a way that weft cannot change",
                f"rename it to {one.new}",
            )
        quote = spelled[0] if spelled != old else '"' if file.suffix == ".json" else ""
        lines[line] = f"{text[:column]}{quote}{one.new}{quote}{text[column + len(spelled) :]}"
    file.write_bytes((mark + "\n".join(lines)).encode("utf-8"))


def _renamed(keys: Keys, names: Sequence[Renaming]) -> Keys:
    new = {one.keys: one.new for one in names}
    return tuple(new.get(keys[: index + 1], key) for index, key in enumerate(keys))


def _moved(top: Path, conversion: Conversion, passes: Passes) -> Iterator[tuple[str, str, str]]:
    """Config files under the new names of their layers, and static manifests under names that weft reads."""
    folders = {component.folder for component in conversion.components if component.loaded}
    for folder in sorted(folders):
        for old, new in passes.renamed.items():
            for suffix in (".yaml", ".json"):
                file = top / folder / "config" / f"{old}{suffix}"
                if file.exists():
                    yield _move(top, file, file.with_name(f"{new}{suffix}"), "layers are DNS labels")
    for folder in sorted(
        {one.source for one in conversion.components if one.type == "static" and one.source}
    ):
        for file in sorted((top / folder).iterdir()) if (top / folder).is_dir() else ():
            name = file.name.lstrip(".")
            name = name if name.endswith(_MANIFESTS) else f"{name}.yaml"
            if name != file.name and file.is_file():
                yield _move(
                    top, file, file.with_name(name), "weft reads .yaml, .yml and .json, and no hidden files"
                )


def _move(top: Path, old: Path, new: Path, why: str) -> tuple[str, str, str]:
    shown, before = new.relative_to(top).as_posix(), old.relative_to(top).as_posix()
    if new.exists():
        raise DefinitionError(f"is in the way of {before}, which has to get this name: {why}", file=shown)
    old.rename(new)
    return before, shown, why


def _environments(top: Path, passes: Passes) -> Iterator[Change]:
    for name in passes.layers:
        if name in passes.there:
            continue
        file = f"environments/{name}.yaml"
        layers = list(passes.written(name))
        text = yamlio.emit({"layers": layers}).removeprefix("---\n") if layers else ""
        target = top / file
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            text or "# One cluster; its config is in the files of its name, and in common.yaml.\n"
        )
        yield Change(
            file,
            True,
            [f"layers {', '.join(layers)}, the strongest first" if layers else "no layers but common"],
        )


def _ignored(top: Path) -> Iterator[Change]:
    file = top / ".gitignore"
    old = file.read_text(encoding="utf-8", errors="surrogateescape") if file.exists() else ""
    if _IGNORED not in (line.strip() for line in old.splitlines()):
        with file.open("a", encoding="utf-8") as stream:
            stream.write(("" if not old or old.endswith("\n") else "\n") + f"{_IGNORED}\n")
        yield Change(".gitignore", not old, [f"{_IGNORED} is what `weft install` fetches"])
