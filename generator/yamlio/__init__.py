"""The only place that knows YAML: a reader with positions, and the canonical emitter."""

from __future__ import annotations

import pathlib
from typing import Any

from generator.errors import DefinitionError, SurroundingsError
from generator.model.document import Document
from generator.yamlio.emitter import emit, emit_all
from generator.yamlio.jsonreader import read_json
from generator.yamlio.jsontext import to_json
from generator.yamlio.marks import LazyMarks
from generator.yamlio.reader import read

__all__ = ["emit", "emit_all", "read", "read_file", "read_json", "read_text", "recalled", "to_json"]


def read_file(path: pathlib.Path, file: str) -> Document:
    """The one document of a config file that errors call `file`; an empty file holds an empty mapping.

    A `.json` file is read as JSON. Raises DefinitionError for what is refused, a second document
    among it, and SurroundingsError where the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise DefinitionError("expected a file, found a folder", file=file) from None
    except OSError as error:
        raise SurroundingsError(f"cannot be read: {error.strerror or error}", file=file) from error
    return read_text(data, file)


def recalled(path: pathlib.Path, file: str, begins: tuple[int, int], value: Any) -> Document:
    """The document of a file of which is known where it begins and what it holds; as `read_file` reads it.

    The file is read where somebody asks for more places: then it raises what `read_file` raises.
    """
    return Document(file, value, LazyMarks(begins, lambda: read_file(path, file).marks))


def read_text(data: bytes, file: str) -> Document:
    """The one document in `data`, as `read_file` reads it from a file. Raises DefinitionError."""
    if file.endswith(".json"):
        empty = not data.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")
        documents = [] if empty else [read_json(data, file)]
    else:
        documents = read(data, file, lazy=True)
    documents = [document for document in documents if document.value is not None]
    if len(documents) > 1:
        line, column = documents[1].marks[()]
        raise DefinitionError(
            "a second document in a file that holds one",
            file=file,
            line=line,
            column=column,
            hint=f"the first begins on line {documents[0].marks[()][0]}; remove the '---' or split the file",
        )
    return documents[0] if documents else Document(file, {}, {(): (1, 1)})
