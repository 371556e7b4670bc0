"""The text of a file that is read: decoding, what may not stand in it, and offsets as positions."""

from __future__ import annotations

import bisect
import re
from typing import NoReturn

from generator.errors import DefinitionError

MAX_LEVELS = 1000
MAX_NODES = 1_000_000

_BOM = "\ufeff"
_ALLOWED_BYTES = bytes({0x09, 0x0A, 0x0D, *range(0x20, 0x7F), *range(0x80, 0x100)})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_BEYOND_ASCII = re.compile("[\x80-\x84\x86-\x9f\ufffe\uffff]")


class Source:
    """Decoded text with the name of its file; `line` is added to every line number it reports."""

    def __init__(self, data: bytes | str, file: str, line: int = 0) -> None:
        self.file = file
        self.line = line
        self.text = ""
        self._starts: list[int] | None = None
        text = self._decode(data) if isinstance(data, bytes) else data
        self.text = text[1:] if text.startswith(_BOM) else text

    def _decode(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line_start = before.rfind(b"\n") + 1
            self.fail(
                f"byte 0x{data[error.start]:02x} is not UTF-8",
                before.count(b"\n") + 1,
                len(before[line_start:].decode("utf-8").removeprefix(_BOM)) + 1,
                "save the file as UTF-8",
            )

    def encoded(self) -> bytes:
        """The text as UTF-8 for the YAML parser; what no YAML file may contain is refused."""
        try:
            data = self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            code = ord(self.text[error.start])
            self.fail_at(error.start, f"an unpaired surrogate U+{code:04X} is no character")
        if data.translate(None, _ALLOWED_BYTES):
            self._refuse_control(_CONTROL)
        if len(data) != len(self.text):
            self._refuse_control(_CONTROL_BEYOND_ASCII)
        return data

    def _refuse_control(self, pattern: re.Pattern[str]) -> None:
        found = pattern.search(self.text)
        if found:
            code = ord(found[0])
            name = "a NUL character" if code == 0 else f"the control character U+{code:04X}"
            escape = f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"
            self.fail_at(found.start(), f"{name} may not stand in YAML", f'write "{escape}" in double quotes')

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset into the text, both from 1, without the offset of lines."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def fail_at(self, offset: int, message: str, hint: str | None = None) -> NoReturn:
        """Refuse what stands at an offset into the text."""
        self.fail(message, *self.position(offset), hint)

    def fail(self, message: str, line: int, column: int, hint: str | None = None) -> NoReturn:
        """Refuse what stands at a line and column."""
        raise DefinitionError(message, file=self.file, line=line + self.line, column=column, hint=hint)
