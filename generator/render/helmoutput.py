"""What helm says, taken apart: rendered documents with the chart file of each, hooks, errors, differences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError
from generator.model.document import Document
from generator.model.record import record
from generator.model.secrets import shown_line
from generator.model.unit import Unit

_SOURCE = b"# Source: "
_AT = re.compile(r"(?:template: |error at \()([^\s:()]+/[^:()\n]+):(\d+)(?::(\d+))?\)?: ")
_EXECUTING = re.compile(r'executing "[^"\n]*" at <(.*?)>: (.*)', re.S)
_BROKEN = re.compile(r"YAML parse error on ([^:\n]+): ")
_LOADING = re.compile(r"cannot load ([\w./-]+): ")
# helm quotes what `tpl` was given, and what YAML it could not take, and both may be anything in the values.
_QUOTED = re.compile(
    r'(?:(?<=tpl function execution for )|(?<=cannot parse template ))"(?:\\.|[^"\\])*"'
    r"|(?<=!!str )`[^`]*`"
)
_UNKNOWN_HOOK = re.compile(r'skipping unknown hook: "([^"]*)"')
_SECRET_KIND = re.compile(r"\s*[\"']?kind[\"']?\s*:\s*[\"']?Secret\b")
_ABSENT = object()
_PLAIN = re.compile(r"^[A-Za-z_][\w-]*$")


@record(frozen=True)
class Part:
    """A part of helm's output that came from one chart file (relative to the definition's root)."""

    file: str
    data: bytes


def parts(out: bytes, folder: str) -> Iterator[Part]:
    """Helm's output in parts, each the text between two document separators; `folder` is the chart's."""
    file = folder
    lines: list[bytes] = []
    for line in out.split(b"\n"):
        if line.rstrip() == b"---" or line.startswith(b"--- "):
            if lines:
                # Without its last line break, a text at the end of the document would lose its own.
                yield Part(file, b"\n".join(lines) + b"\n")
            lines = []
        elif len(lines) == 1 and line.startswith(_SOURCE):
            # Later documents of a file in crds/ have no such line: they come from the file before.
            file = chart_file(line[len(_SOURCE) :].decode("utf-8", "replace").strip(), folder)
        lines.append(line)
    yield Part(file, b"\n".join(lines))


def chart_file(name: str, folder: str) -> str:
    """The path of a chart's file, which helm calls `<chart>/<path>`, relative to the definition's root."""
    return within(folder, name.partition("/")[2] or name)


def within(folder: str, file: str) -> str:
    """The path of `file` in the folder of a chart."""
    return file if folder == "." else f"{folder}/{file}"


def read(part: Part, unit: Unit) -> list[Document]:
    """The documents of a part. Raises DefinitionError that shows the broken line, but no secret."""
    try:
        return yamlio.read(part.data, part.file, marks=False)
    except DefinitionError as error:
        lines = part.data.decode("utf-8", "replace").split("\n")
        shown = lines[error.line - 1].strip() if error.line and error.line <= len(lines) else ""
        if any(map(_SECRET_KIND.match, lines)):
            shown = f"{shown.partition(':')[0]}: (not shown)"
        raise DefinitionError(
            f"renders to YAML that is refused: {error.message}; "
            f"the rendered line is `{shown_line(shown, '', unit.values)}`",
            file=part.file,
            hint=error.hint,
        ) from error


def skipped(said: str) -> list[str]:
    """Notes on what helm left out on its own account."""
    kinds = sorted(set(_UNKNOWN_HOOK.findall(said)))
    return [f"helm left out objects with the hook `{kind}`, which it does not know" for kind in kinds]


def broken_file(said: str) -> str | None:
    """The chart file that renders to what helm cannot read as YAML, as helm calls it."""
    found = _BROKEN.search(said)
    return found[1] if found else None


def error(said: str, folder: str, unit: Unit) -> DefinitionError:
    """What helm complained of, at the template that it names, else at the component."""
    said = _QUOTED.sub("a value", said[said.find("Error: ") + 7 :] if "Error: " in said else said)
    said = said.replace("Use --debug flag to render out invalid YAML", "").strip()
    named = list(_AT.finditer(said))
    if named:
        return _in_template(said, named, folder, unit)
    broken, loading = _BROKEN.search(said), _LOADING.search(said)
    place = unit.component.place
    file, line = place.file, place.line
    if broken or loading:
        file = chart_file(broken[1] if broken else f"chart/{loading[1]}" if loading else "", folder)
        line = None
    hint = None
    if "missing in charts/" in said:
        hint = "commit them into its charts/ folder, or give their `repository` and run: weft install"
        said = f"the chart's dependencies are not there: {said.rpartition(': ')[2]}"
    elif "meet the specifications of the schema" in said:
        hint = f"see values.schema.json in {folder}"
    return DefinitionError(f"helm: {_one_line(said)}", file=file, line=line, hint=hint)


def _in_template(said: str, named: list[re.Match[str]], folder: str, unit: Unit) -> DefinitionError:
    # The innermost place is where it went wrong; the others called it.
    inner, reason = named[-1], said[named[-1].end() :]
    executing = _EXECUTING.match(reason)
    if executing:
        expression = executing[1].removeprefix("{{").removesuffix("}}")
        reason = f"{executing[2]} in `{expression}`"
    callers = [f"{chart_file(at[1], folder)}:{at[2]}" for at in named[:-1]]
    called = f", called from {callers[0]}" if callers else ""
    return DefinitionError(
        f"helm: {_one_line(reason)}{called}",
        file=chart_file(inner[1], folder),
        line=int(inner[2]),
        column=int(inner[3]) if inner[3] else None,
    )


def hook_events(value: Any) -> frozenset[str]:
    """The events that an object is a hook for; none for an object of the release."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    hook = annotations.get("helm.sh/hook") if isinstance(annotations, dict) else None
    return frozenset(filter(None, (event.strip() for event in str(hook or "").split(","))))


def described(value: Any) -> str:
    """Kind and name of a rendered object."""
    if not isinstance(value, dict):
        return "a document"
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{value.get('kind') or 'an object'} {name or ''}".strip()


def differences(one: Any, other: Any) -> list[str]:
    """The paths of all fields in which two values differ."""
    found: list[str] = []
    pending = [("", one, other)]
    while pending:
        path, here, there = pending.pop()
        steps: list[tuple[str, Any, Any]] = []
        if isinstance(here, dict) and isinstance(there, dict):
            for key in {**here, **there}:
                step = f".{key}" if _PLAIN.match(str(key)) else f'["{key}"]'
                steps.append((path + step, here.get(key, _ABSENT), there.get(key, _ABSENT)))
        elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
            steps.extend((f"{path}[{index}]", here[index], there[index]) for index in range(len(here)))
        elif here.__class__ in (dict, list) or there.__class__ in (dict, list) or repr(here) != repr(there):
            # Scalars by their text, because 1 is not 1.0 or true in YAML, and .nan is .nan.
            found.append(path.removeprefix(".") or "the whole document")
        pending.extend(reversed(steps))
    return found


def _one_line(text: str) -> str:
    return "; ".join(line.strip().removeprefix("- ") for line in text.splitlines() if line.strip())
