"""One YAML or JSON file that a user wrote, edited so that all but the changed value keeps its bytes."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Document, Position, dotted
from generator.yamlio.jsonreader import read_json
from generator.yamlio.reader import read
from generator.yamlio.splice import Blocked, Splice

_BOM = "\ufeff"


class Edited:
    """A file, its values as weft reads them, and the text that the edits so far make of it.

    After each edit the new text is read again, and refused unless exactly the asked value changed.
    Nothing is written before `save`.
    """

    def __init__(self, path: Path, shown: str, data: bytes | None) -> None:
        self._path = path
        self.file = shown
        self._data = data
        self._json = path.suffix == ".json"
        text = "" if data is None else data.decode("utf-8")
        self._bom = _BOM if text.startswith(_BOM) else ""
        text = text.removeprefix(_BOM)
        self._returns = "\r\n" in text
        # A file of mixed line breaks cannot be given back as it was by turning all of them.
        self._mixed = self._returns and text.count("\r\n") != text.count("\n")
        self._text = self._first = text if self._mixed else text.replace("\r\n", "\n")
        self._document = self._read(self._text)

    @classmethod
    def read(cls, path: Path, shown: str) -> Edited:
        """The file at `path`, which errors call `shown`.

        Raises DefinitionError for what weft's reader refuses, more than one document, and symbolic
        links; SurroundingsError where it cannot be read.
        """
        _no_link(path, shown)
        try:
            data = path.read_bytes()
        except IsADirectoryError:
            raise DefinitionError("expected a file, found a folder", file=shown) from None
        except OSError as error:
            raise SurroundingsError(f"cannot be read: {error.strerror or error}", file=shown) from error
        # Refuses what is not UTF-8, with its place, before the text is decoded here.
        _parsed(data, shown, path.suffix == ".json")
        return cls(path, shown, data)

    @classmethod
    def new(cls, path: Path, shown: str) -> Edited:
        """An empty mapping for a file that is not there yet."""
        return cls(path, shown, None)

    @property
    def document(self) -> Document:
        """What the text says as it is now, with positions in it."""
        return self._document

    def get(self, keys: Sequence[str | int]) -> Any:
        """The value at `keys` as plain data, merge keys and aliases followed, or None."""
        return _at(self._document.value, keys)

    def set(self, keys: Sequence[str | int], value: Any) -> bool:
        """Put `value` at `keys`, making maps on the way; False where it was so already.

        Raises DefinitionError where the path leads through a scalar or an alias, or the edit would
        change anything else.
        """
        with self._blocked(keys):
            expected = _with(self._document.value, keys, value, 0)
            if _same(self._document.value, expected):
                return False
            splice = self._splice()
            there = self._has(keys) or not keys
            steps = _steps(tuple(keys), self.get(keys), value) if there else [(tuple(keys), value)]
            for step in steps:
                text = splice.remove(step[0], prune=False) if len(step) == 1 else splice.set(*step)
                splice = self._splice(text)
            self._accept(splice.text, (expected,), keys)
        return True

    def remove(self, keys: Sequence[str | int], *, prune: bool = False, headed: bool = False) -> bool:
        """Take out what is at `keys`; False where there is nothing. Raises DefinitionError as `set` does.

        With `prune` the maps and lists that it leaves empty go, with `headed` the comment right above it.
        """
        if not self._has(keys):
            return False
        with self._blocked(keys):
            text = self._splice().remove(keys, prune=prune, headed=headed)
        if text == self._text:
            raise self._error(keys, f"{dotted(tuple(keys))} comes from a merge key", "remove it there")
        expected = [_without(self._document.value, keys, prune)]
        with contextlib.suppress(DefinitionError):
            # Below a key that overrides a merged one, that one appears.
            merged = _at(self._read(text).value, keys)
            expected += [_with(self._document.value, keys, merged, 0)] if merged is not None else []
        self._accept(text, expected, keys)
        return True

    def append(self, keys: Sequence[str | int], value: Any) -> bool:
        """Put `value` at the end of the list at `keys`; False where the list holds it already.

        The list is made where it is missing. Raises DefinitionError as `set` does.
        """
        items = self.get(keys)
        if items is None:
            return self.set(keys, [value])
        if not isinstance(items, list):
            raise self._error(keys, f"{dotted(tuple(keys))} is no list")
        if any(_same(item, value) for item in items):
            return False
        return self.set([*keys, len(items)], value)

    def where(self, keys: Sequence[str | int]) -> Position:
        """The position of `keys` in the text as it is now, or of what is nearest around it."""
        return self._document.where(*keys)

    def text(self) -> str:
        """The whole file as it would be saved."""
        text = self._text.replace("\n", "\r\n") if self._returns and not self._mixed else self._text
        return self._bom + text

    def changed(self) -> bool:
        """Whether `save` would write."""
        return self._data != self.text().encode("utf-8")

    def save(self) -> bool:
        """Replace the file by rename, keeping its mode; False where it is as it was already.

        Raises SurroundingsError where it cannot be written, or was changed by another since it was read.
        """
        if not self.changed():
            return False
        _no_link(self._path, self.file)
        try:
            self._write(self.text().encode("utf-8"))
        except OSError as error:
            raise SurroundingsError(
                f"cannot be written: {error.strerror or error}", file=self.file
            ) from error
        return True

    def _write(self, data: bytes) -> None:
        path = self._path
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = None if self._data is None else stat.S_IMODE(path.stat().st_mode)
        if self._data is not None and path.read_bytes() != self._data:
            raise SurroundingsError("was changed while weft edited it", file=self.file, hint="run it again")
        if mode is not None and not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied")
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o666 & ~_umask() if mode is None else mode)
            if mode is None:
                # A link, unlike a rename, never replaces what another has put there.
                try:
                    os.link(name, path)
                except FileExistsError:
                    message = "appeared while weft was about to write it"
                    raise SurroundingsError(message, file=self.file) from None
                os.unlink(name)
            else:
                os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        self._data = data

    def _read(self, text: str) -> Document:
        return _parsed((self._bom + text).encode("utf-8"), self.file, self._json)

    def _splice(self, text: str | None = None) -> Splice:
        if self._mixed:
            raise DefinitionError(
                "has line breaks of two kinds; weft edits no such file",
                file=self.file,
                hint="save it with one kind of line break",
            )
        return Splice(self._text if text is None else text, self.file, json=self._json)

    def _accept(self, text: str, expected: Sequence[Any], keys: Sequence[str | int]) -> None:
        """Take the new text over if it says one of what is expected; else the file stays as it was."""
        try:
            document = self._read(text)
        except DefinitionError:
            document = None
        if document is None or not any(_same(document.value, value) for value in expected):
            raise self._error(
                keys,
                f"weft cannot change {dotted(tuple(keys))} here without changing something else",
                "an anchor, a merge key or an unusual notation is in the way: edit the file by hand",
            )
        # What is back at its beginning gets its spelling and its comments back.
        first = None if self._data is None else self._read(self._first)
        back = first is not None and _same(first.value, document.value)
        self._text = self._first if back else text
        self._document = first if back and first is not None else document

    def _has(self, keys: Sequence[str | int]) -> bool:
        value: Any = self._document.value
        for key in keys:
            inside = isinstance(key, int) and isinstance(value, list) and 0 <= key < len(value)
            if not inside and not (isinstance(value, dict) and key in value):
                return False
            value = value[key]
        return bool(keys)

    @contextlib.contextmanager
    def _blocked(self, keys: Sequence[str | int]) -> Any:
        try:
            yield
        except Blocked as blocked:
            around = tuple(keys[: blocked.depth])
            what = dotted(around) or "the file"
            raise self._error(
                around, f"{dotted(tuple(keys))} cannot be reached: {what} is {blocked.found}"
            ) from None

    def _error(self, keys: Sequence[str | int], message: str, hint: str | None = None) -> DefinitionError:
        return DefinitionError.at(self._document.where(*keys), message, hint)


def _parsed(data: bytes, shown: str, json: bool) -> Document:
    """The one document of a file; an empty file holds an empty mapping."""
    if json:
        empty = not data.removeprefix(_BOM.encode()).strip(b" \t\r\n")
        documents = [] if empty else [read_json(data, shown)]
    else:
        documents = read(data, shown)
    if len(documents) > 1:
        line, column = documents[1].marks[()]
        raise DefinitionError(
            "a second document in a file that holds one",
            file=shown,
            line=line,
            column=column,
            hint=f"the first begins on line {documents[0].marks[()][0]}; remove the '---' or split the file",
        )
    return documents[0] if documents and documents[0].value is not None else Document(shown, {}, {(): (1, 1)})


def _steps(keys: tuple[str | int, ...], old: Any, new: Any) -> Iterator[tuple[Any, ...]]:
    """What turns `old` into `new`: keys with their new value, or keys alone for what is taken out."""
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, value in new.items():
            if key in old:
                yield from _steps((*keys, key), old[key], value)
            else:
                yield (*keys, key), value
        # Last, so that no mapping is empty in between.
        yield from (((*keys, key),) for key in old if key not in new)
    elif isinstance(old, list) and isinstance(new, list) and 0 < len(old) <= len(new):
        for index, value in enumerate(new):
            if index < len(old):
                yield from _steps((*keys, index), old[index], value)
            else:
                yield (*keys, index), value
    elif not _same(old, new):
        yield keys, new


def _at(value: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def _with(value: Any, keys: Sequence[str | int], new: Any, depth: int) -> Any:
    """A copy of `value` with `new` at `keys`; raises Blocked where a scalar is in the way."""
    if not keys:
        return new
    key = keys[0]
    if value is None:
        value = {} if isinstance(key, str) else []
    if isinstance(value, dict) and isinstance(key, str):
        return {**value, key: _with(value.get(key), keys[1:], new, depth + 1)}
    if isinstance(value, list) and isinstance(key, int) and 0 <= key <= len(value):
        old = value[key] if key < len(value) else None
        return [*value[:key], _with(old, keys[1:], new, depth + 1), *value[key + 1 :]]
    if isinstance(value, list):
        raise Blocked(depth, f"a list of {len(value)}")
    raise Blocked(depth, "a mapping" if isinstance(value, dict) else "a single value")


def _without(value: Any, keys: Sequence[str | int], prune: bool) -> Any:
    key = keys[0]
    copied = value.copy()
    if len(keys) > 1:
        copied[key] = _without(value[key], keys[1:], prune)
        if copied[key] or not prune:
            return copied
    del copied[key]
    return copied


def _same(one: Any, other: Any) -> bool:
    """Equal in values and types: to weft, 1, 1.0 and true are three."""
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(item, other[key]) for key, item in one.items()]
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif one != other and not (one != one and other != other):
            return False
    return True


def _no_link(path: Path, shown: str) -> None:
    if path.is_symlink():
        raise DefinitionError(
            "is a symbolic link; weft edits the file itself only",
            file=shown,
            hint=f"it leads to {os.readlink(path)}",
        )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
