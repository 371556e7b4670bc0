"""A difference as Markdown for a pull request's comment: within its limit, and nothing breaks out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from generator.compare.groups import Group
from generator.compare.review import group_lines
from generator.compare.words import KINDS, SIGNS, one_line
from generator.model.record import record

# By it, whoever posts the comment finds the last one again.
MARK = "<!-- weft diff -->"
# GitHub takes 65,536 characters; what is missing leaves room for a line or two around it.
LIMIT = 65_000
_MOST_NAMES = 3_000
_MOST_ROWS = 15_000
_MOST_PROBLEMS = 8_000
_LONGEST_NAME = 100
_CUT = "**Cut off: {} of {} groups of changes are not shown, or not whole.**"
_PLAIN = re.compile(r"[^A-Za-z0-9 /-]")


@record(frozen=True)
class Row:
    """What there is to say of one environment at the end."""

    environment: str
    status: str
    counts: Mapping[str, int] = field(default_factory=dict)


@record(frozen=True)
class Report:
    """The parts of a comment. `again` is the command that shows all of it; `problems` are error messages."""

    title: str
    summary: str
    groups: Sequence[Group]
    rows: Sequence[Row]
    problems: Sequence[str]
    again: str


def markdown(report: Report, limit: int = LIMIT) -> str:
    """The report in at most `limit` characters; where it is cut off, its end says what is missing."""
    head = [MARK, "", f"### {_name(report.title)}", "", _escaped(report.summary), ""]
    head += _problems(report.problems)
    tail = list(_table(report.rows)) if report.rows else []
    cut = f"All of it: <code>{_name(report.again)}</code>"
    room = limit - _length([*head, *tail, cut]) - len(_CUT)
    body: list[str] = []
    left = len(report.groups)
    environments: Sequence[str] = ()
    for group in report.groups:
        lines = _group(group, environments, len(report.rows))
        if _length(lines) > room:
            body += _part(group, environments, len(report.rows), room)
            break
        body += lines
        room -= _length(lines)
        left -= 1
        environments = group.environments
    if left:
        tail += ["", f"{_CUT.format(left, len(report.groups))} {cut}"]
    return "\n".join([*head, *body, *tail]) + "\n"


def _group(group: Group, told: Sequence[str], total: int) -> Sequence[str]:
    return _with_heading(group, told, total, list(group_lines(group)))


def _part(group: Group, told: Sequence[str], total: int, room: int) -> Iterator[str]:
    """As many lines of a group as there is room for, or nothing."""
    lines = list(group_lines(group))
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        made = _with_heading(group, told, total, [*lines[:middle], _more(len(lines) - middle)])
        low, high = (middle, high) if _length(made) <= room else (low, middle - 1)
    if low:
        yield from _with_heading(group, told, total, [*lines[:low], _more(len(lines) - low)])


def _with_heading(group: Group, told: Sequence[str], total: int, lines: Sequence[str]) -> list[str]:
    heading = [] if group.environments == told else [_environments(group, total), ""]
    return [*heading, *_details(group, lines)]


def _more(number: int) -> str:
    return f"... and {number} more lines"


def _details(group: Group, lines: Sequence[str]) -> Iterator[str]:
    first = _name(str(group.objects[0].identity))
    number = len(group.objects)
    others = f" and {number - 1} more" if number > 1 else ""
    what = f"{SIGNS[group.kind]} {group.kind}: "
    # Within the HTML block of a summary there is no Markdown; code keeps mentions from being sent.
    yield f"<details><summary>{_escaped(what)}<code>{first}</code>{others}</summary>"
    yield ""
    yield from _fenced(lines, "diff")
    yield ""
    yield "</details>"
    yield ""


def _fenced(lines: Sequence[str], language: str) -> Iterator[str]:
    """A block of code that no line in it can end: its fence is longer than any in it."""
    runs = (len(run) for line in lines for run in re.findall("`+", line))
    fence = "`" * max(3, 1 + max(runs, default=0))
    yield f"{fence}{language}"
    yield from lines
    yield fence


def _environments(group: Group, total: int) -> str:
    names = [f"<code>{_name(name)}</code>" for name in group.environments]
    if len(names) == 1:
        return f"**In** {names[0]}:"
    shown = list(_fitting(names, _MOST_NAMES))
    more = f" and {len(names) - len(shown)} more" if len(shown) < len(names) else ""
    every = "all " if len(names) == total else ""
    return f"**In {every}{len(names)} environments**: {', '.join(shown)}{more}"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield f"<details><summary>{len(rows)} environment{'' if len(rows) == 1 else 's'}</summary>"
    yield ""
    yield f"| environment | | {' | '.join(KINDS)} |"
    yield f"|---|---|{'---:|' * len(KINDS)}"
    made = [_row(row) for row in rows]
    shown = list(_fitting(made, _MOST_ROWS))
    yield from shown
    if len(shown) < len(made):
        yield f"| and {len(made) - len(shown)} more | | {' | ' * (len(KINDS) - 1)} |"
    yield ""
    yield "</details>"


def _row(row: Row) -> str:
    counts = " | ".join(str(row.counts.get(kind) or "") for kind in KINDS)
    return f"| <code>{_name(row.environment)}</code> | {_name(row.status)} | {counts} |"


def _fitting(texts: Iterable[str], room: int) -> Iterator[str]:
    """As many of the texts as there is room for."""
    for text in texts:
        room -= _length([text])
        if room < 0:
            return
        yield text


def _problems(problems: Iterable[str]) -> Iterator[str]:
    lines: list[str] = []
    room = _MOST_PROBLEMS
    texts = list(problems)
    for index, text in enumerate(texts):
        told = [one_line(line) for line in text.splitlines()]
        if _length(told) > room:
            lines.append(f"... and {len(texts) - index} more")
            break
        room -= _length(told)
        lines += told
    if lines:
        yield from _fenced(lines, "text")
        yield ""


def _name(text: str) -> str:
    """`text` escaped, and cut to what a name may take."""
    text = one_line(text)
    return _escaped(text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 3]}...")


def _escaped(text: str) -> str:
    """`text` that is nothing but text: neither HTML nor Markdown, and no mention, link or reference."""
    return _PLAIN.sub(lambda found: f"&#{ord(found[0])};", text)


def _length(lines: Iterable[str]) -> int:
    """How long lines are for GitHub, newlines included; it may count a character as two."""
    return sum(len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1 for line in lines)
