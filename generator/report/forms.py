"""Results in the forms that other programs read: SARIF, JUnit and GitHub's workflow commands."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from generator import __version__
from generator.errors import WeftError
from generator.model.finding import Code, Finding
from generator.model.output import INVENTORY, KUSTOMIZATION
from generator.report import Result

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
# What SARIF calls an error of the definition, which has no code of its own.
_DEFINITION = "definition"


def sarif(results: Sequence[Result], codes: Mapping[str, Code]) -> str:
    """The run as SARIF 2.1.0; a finding of several environments is one result."""
    used = sorted({finding.code for result in results for finding in result.findings})
    rules = [_rule(codes[name]) for name in used if name in codes]
    entries = [_sarif_finding(found, names) for found, names in _shared_findings(results)]
    entries += [_sarif_error(error, names) for error, names in _shared_errors(results)]
    if any(result.errors for result in results):
        rules.append({"id": _DEFINITION, "shortDescription": {"text": "The definition is refused"}})
    driver = {"name": "weft", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": entries, "columnKind": "unicodeCodePoints"}
    return (
        json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.meaning.replace("\n", " ")},
        "help": {"text": code.mend.replace("\n", " ")},
        "defaultConfiguration": {"level": code.severity},
    }


def _sarif_finding(finding: Finding, environments: Sequence[str]) -> dict[str, Any]:
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    place = finding.source
    # What makes it the same finding tomorrow: neither its line nor its wording.
    identity = "\0".join(finding.known[1:])
    return {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": text},
        "locations": [_location(place.file, place.line, place.column, finding.object)],
        "partialFingerprints": {"finding/v1": hashlib.sha256(identity.encode()).hexdigest()},
        "properties": {"environments": list(environments), "output": finding.file, "field": finding.field},
        **_suppressed(finding),
    }


def _suppressed(finding: Finding) -> dict[str, Any]:
    if finding.accepted is None:
        return {}
    return {"suppressions": [{"kind": "external", "justification": finding.accepted}]}


def _sarif_error(error: WeftError, environments: Sequence[str]) -> dict[str, Any]:
    text = f"{error.message}. {error.hint}" if error.hint else error.message
    return {
        "ruleId": _DEFINITION,
        "level": "error",
        "message": {"text": text},
        "locations": [_location(error.file, error.line, error.column, None)] if error.file else [],
        "properties": {"environments": list(environments)},
    }


def _location(file: str, line: int | None, column: int | None, name: str | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(file)}}
    if line is not None:
        physical["region"] = {"startLine": line, **({"startColumn": column} if column is not None else {})}
    logical = {"logicalLocations": [{"name": name, "kind": "object"}]} if name else {}
    return {"physicalLocation": physical, **logical}


def _shared_findings(results: Sequence[Result]) -> Iterable[tuple[Finding, Sequence[str]]]:
    """Findings that differ in their environment alone, once, with their environments."""
    groups: dict[tuple[Any, ...], tuple[Finding, list[str]]] = {}
    for result in results:
        for finding in result.findings:
            key = (finding.order, finding.accepted)
            groups.setdefault(key, (finding, []))[1].append(result.environment)
    return groups.values()


def _shared_errors(results: Sequence[Result]) -> Iterable[tuple[WeftError, Sequence[str]]]:
    groups: dict[str, tuple[WeftError, list[str]]] = {}
    for result in results:
        for error in result.errors:
            groups.setdefault(error.told(""), (error, []))[1].append(result.environment)
    return groups.values()


def junit(results: Sequence[Result]) -> str:
    """The run as JUnit XML: a suite for each environment, a case for each output file."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", name="weft validate")
    for result in results:
        failing: dict[str, list[Finding]] = {}
        for finding in result.findings:
            if finding.accepted is None:
                failing.setdefault(finding.file or "", []).append(finding)
        own = (KUSTOMIZATION, INVENTORY)
        files = sorted({*(path for path in result.paths if path.rpartition("/")[2] not in own), *failing})
        failures = sum(1 for found in failing.values() if any(item.refuses for item in found))
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_xml(result.environment) or "manifests",
            tests=str(len(files) + len(result.errors)),
            failures=str(failures),
            errors=str(len(result.errors)),
        )
        for file in files:
            case = ElementTree.SubElement(
                suite, "testcase", classname=suite.attrib["name"], name=_xml(file or "definition")
            )
            _junit_case(case, failing.get(file, ()))
        for error in result.errors:
            case = ElementTree.SubElement(
                suite, "testcase", classname=suite.attrib["name"], name=_xml(error.component or "definition")
            )
            child = ElementTree.SubElement(case, "error", type=_DEFINITION, message=_xml(error.message))
            child.text = _xml(str(error))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _junit_case(case: Element, findings: Sequence[Finding]) -> None:
    """Adds one failure, since many readers take only the first, and what does not fail as output."""
    from xml.etree import ElementTree

    for name, group in (
        ("failure", [item for item in findings if item.refuses]),
        ("system-out", [item for item in findings if not item.refuses]),
    ):
        if group:
            child = ElementTree.SubElement(case, name)
            child.text = _xml("".join(f"{item.severity}: {item}\n" for item in group))
            if name == "failure":
                more = f" (and {len(group) - 1} more)" if len(group) > 1 else ""
                child.attrib.update(type=group[0].code, message=_xml(group[0].message + more))


def _xml(text: str) -> str:
    """`text` without the characters that no XML document can hold."""
    return "".join(
        character if character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff") else "?"
        for character in text
    )


def github(results: Sequence[Result]) -> str:
    """The run as workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(f"{line}\n" for line in _commands(results))


def _commands(results: Sequence[Result]) -> Iterator[str]:
    notes: dict[tuple[str, str], tuple[Finding, Counter[str]]] = {}
    for finding, environments in _shared_findings(results):
        if finding.accepted is None and finding.severity == "note":
            group = notes.setdefault((finding.code, finding.message), (finding, Counter()))
            group[1].update(environments)
        elif finding.accepted is None:
            place = (finding.source.file, finding.source.line, finding.source.column)
            text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
            yield _command(finding.severity, place, finding.code, text, environments)
    for finding, counts in notes.values():
        # One for all of its objects: beside many notices nobody sees an error.
        place = (finding.source.file, finding.source.line, finding.source.column)
        more = f" ({counts.total()} objects)" if counts.total() > 1 else ""
        text = f"{finding.message}{more}" + (f"\n{finding.hint}" if finding.hint else "")
        yield _command("notice", place, finding.code, text, sorted(counts))
    for error, environments in _shared_errors(results):
        text = f"{error.message}\n{error.hint}" if error.hint else error.message
        yield _command("error", (error.file, error.line, error.column), _DEFINITION, text, environments)


def _command(
    word: str,
    place: tuple[str | None, int | None, int | None],
    title: str,
    text: str,
    environments: Sequence[str],
) -> str:
    named = zip(("file", "line", "col"), place, strict=True)
    properties = [f"{name}={_property(str(value))}" for name, value in named if value is not None]
    about = f"\nenvironments: {', '.join(environments)}" if any(environments) else ""
    return f"::{word} {','.join([*properties, f'title={_property(title)}'])}::{_data(text + about)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
