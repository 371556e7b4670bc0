"""What a user allows and asks of a publication."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.errors import UsageError
from generator.gitcmd import Identity
from generator.model.record import record
from generator.publish.message import OWN_TRAILERS

_AUTHOR = re.compile(r"^(?P<name>[^<>\n]*[^<>\s])\s*<(?P<email>[^<>\n]*)>$")
_TRAILER = re.compile(r"^(?P<key>[A-Za-z0-9-]+)\s*[:=]\s*(?P<value>[^\n]+)$")


@record(frozen=True)
class Options:
    """The options of `weft publish`. `details` asks for every object that changes, however many there are."""

    adopt: bool = False
    allow_shrink: bool = False
    overwrite_edits: bool = False
    force_older: bool = False
    no_plain_secrets: bool = False
    proposed: bool = False
    message: str | None = None
    trailers: Sequence[str] = ()
    author: str | None = None
    sign: bool = False
    details: bool = False

    def identity(self) -> Identity:
        """Who commits. Raises UsageError where the author is not `Name <mail>`."""
        if self.author is None:
            return Identity(sign=self.sign)
        found = _AUTHOR.match(self.author.strip())
        if not found:
            raise UsageError(f"--author: `{self.author}` is not of the form 'Name <mail@example.com>'")
        return Identity(found["name"], found["email"], sign=self.sign)

    def own_trailers(self) -> Sequence[str]:
        """The trailers as lines. Raises UsageError for what is none, and for those that weft writes."""
        lines = []
        for text in self.trailers:
            found = _TRAILER.match(text.strip())
            if not found:
                raise UsageError(f"--trailer: `{text}` is not of the form 'Key: value'")
            if found["key"].lower() in {key.lower() for key in OWN_TRAILERS}:
                raise UsageError(f"--trailer: `{found['key']}` is a trailer that weft writes")
            lines.append(f"{found['key']}: {found['value'].strip()}")
        return lines
