"""Tells findings and errors on stderr: each once with its environments, and how many are accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from generator import errors, report, validate
from generator.cli.messages import label, note, say
from generator.errors import WeftError
from generator.model.finding import Finding

Found = tuple[str, Sequence[Finding]]

# A fleet's old warnings must not bury what a run is about.
MOST_WARNINGS = 20


def say_errors(results: Iterable[tuple[str, Sequence[WeftError]]]) -> None:
    """The errors of environments; equal ones are told once."""
    found = list(results)
    for environment, problems in found:
        for error in problems:
            error.within(None, environment or None)
    for text in errors.grouped(error for _, problems in found for error in problems):
        say(f"{label('error', 'red')} {text}")


def say_findings(results: Sequence[Found], *, everything: bool = False) -> None:
    """The findings of environments, worst first; notes and accepted ones are counted.

    Of warnings, the first twenty are told unless `everything` is asked for.
    """
    for severity, colour, most in (("error", "red", None), ("warning", "yellow", MOST_WARNINGS)):
        texts = report.shared(
            (environment, str(finding))
            for environment, findings in results
            for finding in findings
            if finding.severity == severity and finding.accepted is None
        )
        shown = list(texts)
        for text, environments in shown if everything or most is None else shown[:most]:
            about = f"\n  environments: {', '.join(environments)}" if any(environments) else ""
            say(f"{label(severity, colour)} {text}{about}")
        if most is not None and not everything and len(shown) > most:
            note(f"{report.counted(len(shown) - most, 'more warning')}; `weft validate` shows all of them")
    for text in _counted(results):
        note(text)


def _counted(results: Sequence[Found]) -> Iterable[str]:
    notes: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    environments = set()
    for environment, findings in results:
        for finding in findings:
            if finding.accepted is not None:
                accepted["the baseline" if finding.accepted == validate.BASELINE else "`ignore`"] += 1
                environments.add(environment)
            elif finding.severity == "note":
                # What is about no object is the same in each environment.
                notes[finding.message] += 1 if finding.object else 0
    for message, number in sorted(notes.items()):
        yield message if number < 2 else f"{message} ({number} objects)"
    if accepted:
        said = [f"{number} by {how}" for how, number in sorted(accepted.items())]
        several = f", over {len(environments)} environments" if len(environments) > 1 else ""
        yield f"{report.counted(accepted.total(), 'finding')} accepted: {' and '.join(said)}{several}"
