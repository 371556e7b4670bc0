"""The documentation as the tests see it: its pages, their code blocks, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docs.build import slug

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"(?ms)^( *)```(.*?)\n(.*?)^\1```$")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(?m)^#+ (.+)$")


def pages() -> Sequence[Path]:
    """README and everything below docs/, sorted."""
    return (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))


def name(page: Path) -> str:
    """The page's path below the root."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its attributes (`file=…`), its text, and the line where it begins."""

    language: str
    attributes: dict[str, str]
    text: str
    line: int
    before: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page; `before` is the paragraph in front of each."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        language, *attributes = found[2].split() or [""]
        yield Block(
            language=language,
            attributes=dict(part.split("=", 1) for part in attributes),
            text=re.sub(rf"(?m)^{found[1]}", "", found[3]),
            line=text.count("\n", 0, found.start()) + 1,
            before=text[: found.start()].rstrip().rpartition("\n\n")[2],
        )


def links(page: Path) -> Iterator[str]:
    """The targets of all links of a page."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from (found[1] for found in _LINK.finditer(text))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(found[1]) for found in _HEADING.finditer(text)}
