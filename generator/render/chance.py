"""Finds what a Helm chart mentions of chance, time and the cluster, and copies it with the clock moved."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.model.record import record

RANDOM = frozenset(
    (
        *("randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "shuffle"),
        *("uuidv4", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"),
        *("genSignedCert", "genSignedCertWithKey", "genPrivateKey", "htpasswd", "bcrypt", "encryptAES"),
    )
)
CLUSTER = frozenset(("lookup", "getHostByName"))
CLOCK = frozenset(("now", "ago"))
# These print the current time where they are given something that is no time.
DATES = frozenset(("date", "dateInZone", "date_in_zone", "htmlDate", "htmlDateInZone"))
# These read a time in the local zone, so that in another zone it rightly is another one.
LOCAL = frozenset(("toDate", "mustToDate"))
INTEGER = frozenset(("int64", "int", "atoi"))
# Their order is that of a Go map, so it changes from run to run unless it is sorted.
UNORDERED = frozenset(("keys", "values"))
SORTING = frozenset(("sortAlpha", "len", "has", "without"))
# Two draws out of few are equal by luck too often to be compared once.
LUCKY = frozenset(("randInt", "shuffle", "randNumeric", "randAlpha", *UNORDERED))

# What reading a chart raises where a file or an archive is broken.
UNREADABLE = (OSError, EOFError, ValueError, tarfile.TarError, zlib.error)

_WORD = re.compile(r"(?<![\w.$])[A-Za-z_]\w*")
_COMMENT = re.compile(r"\{\{(?:-\s+)?/\*.*?\*/(?:\s+-)?\}\}", re.S)
_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])*\'|\}\}', re.S)
_SUBCHART = re.compile(r"(?:^|/)charts/[^/]+\.tgz$")
_SILENT = re.compile(
    r"(?:^|/)(?:templates/NOTES\.txt|crds/.*|Chart\.(?:yaml|lock)|README[^/]*|LICENSE[^/]*)$"
)
_MOVED = {"now": '(dateModify "+9601h1m1s" now)', "ago": 'printf "moved %v"'}


@record(frozen=True)
class Mention:
    """A function that is called, and where: `file` is relative to the chart, empty for config."""

    function: str
    file: str = ""
    line: int = 0


@record(frozen=True)
class Scan:
    """What a chart mentions in its templates, and in what its `tpl` may evaluate; `local`: local times."""

    templates: tuple[Mention, ...] = ()
    others: tuple[Mention, ...] = ()
    evaluates: bool = False
    local: bool = False


def scan(chart: Path) -> Scan:
    """What the templates of the chart in folder `chart`, and its sub charts, mention. Raises UNREADABLE."""
    templates: list[Mention] = []
    others: list[Mention] = []
    called: set[str] = set()
    for file, data in _files(chart):
        if _SILENT.search(file) or b"{{" not in data:
            continue
        text = data.decode("utf-8", "replace")
        if _is_template(file):
            templates.extend(_mentions(text, file))
            called.update(*(_words(code) for _, code in _actions(text)))
        else:
            text = re.sub(r"(?m)^\s*#.*$", "", text) if file.endswith((".yaml", ".yml")) else text
            others.extend(_mentions(text, file))
    evaluates = "tpl" in called
    return Scan(tuple(templates), tuple(others) if evaluates else (), evaluates, bool(called & LOCAL))


def scan_values(values: Any) -> tuple[Mention, ...]:
    """What the strings of `values` would call if a chart's `tpl` evaluated them."""
    found: list[Mention] = []
    pending = [values]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending.extend(value.values())
        elif isinstance(value, (list, tuple)):
            pending.extend(value)
        elif isinstance(value, str) and "{{" in value:
            found.extend(Mention(mention.function) for mention in _mentions(value, ""))
    return tuple(found)


def moved(chart: Path, target: Path) -> None:
    """Copies the chart to `target`, where its templates see a clock 400 days ahead. Raises UNREADABLE."""
    shutil.copytree(chart, target, ignore_dangling_symlinks=True)
    for path in sorted(target.rglob("*")):
        file = path.relative_to(target).as_posix()
        if path.is_file() and (_is_template(file) or _SUBCHART.search(file)):
            path.chmod(0o600)
            path.write_bytes(_moved_file(file, path.read_bytes()))


def _mentions(text: str, file: str) -> Iterator[Mention]:
    known = RANDOM | CLUSTER | CLOCK
    for start, code in _actions(text):
        words = _words(code)
        line = text.count("\n", 0, start) + 1
        yield from (Mention(word, file, line) for word in sorted(words & known))
        if not words & (CLOCK | LOCAL | INTEGER):
            yield from (Mention(word, file, line) for word in sorted(words & DATES))
        if not words & SORTING:
            yield from (Mention(word, file, line) for word in sorted(words & UNORDERED))


def _words(code: str) -> set[str]:
    return set(_WORD.findall(code))


def _actions(text: str) -> Iterator[tuple[int, str]]:
    """Each action's offset and text; strings in it are blank, so that offsets hold. Comments are left out."""
    position = text.find("{{")
    while position >= 0:
        comment = _COMMENT.match(text, position)
        if comment:
            position = text.find("{{", comment.end())
            continue
        code, end = ["  "], position + 2
        for token in _TOKEN.finditer(text, end):
            code.append(text[end : token.start()])
            end = token.end()
            if token[0] == "}}":
                break
            code.append(" " * len(token[0]))
        yield position, "".join(code)
        position = text.find("{{", end)


def _is_template(file: str) -> bool:
    return "templates" in file.split("/")[:-1] and not _SILENT.search(file)


def _files(chart: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(chart.rglob("*")):
        file = path.relative_to(chart).as_posix()
        if path.is_file():
            yield from _unpacked(file, path.read_bytes())


def _unpacked(file: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if not _SUBCHART.search(file):
        yield file, data
        return
    folder = file.rpartition("/")[0]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield from _unpacked(f"{folder}/{member.name}", stream.read())


def _moved_file(file: str, data: bytes) -> bytes:
    if not _SUBCHART.search(file):
        return _moved_text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive, tarfile.open(fileobj=packed, mode="w:gz") as copy:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            content = stream.read() if stream is not None else b""
            if _is_template(member.name) or _SUBCHART.search(member.name):
                content = _moved_file(member.name, content)
            member.size = len(content)
            copy.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _moved_text(text: str) -> str:
    parts, end = [], 0
    for start, code in _actions(text):
        for word in _WORD.finditer(code):
            if word[0] in _MOVED:
                parts.append(text[end : start + word.start()] + _MOVED[word[0]])
                end = start + word.end()
    return "".join(parts) + text[end:]
