"""The message of a publication's commit: what changed, and trailers that say where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator import __version__
from generator.model.record import record

REVISION = "Source-Revision"
DIRTY = "Source-Dirty"
VERSION = "Weft-Version"
ENVIRONMENT = "Weft-Environment"
PATH = "Weft-Path"
DIGEST = "Tree-Digest"
OWN_TRAILERS = (REVISION, DIRTY, VERSION, ENVIRONMENT, PATH, DIGEST)

_MOST_LINES = 100
_TRAILER = re.compile(r"^([A-Za-z0-9-]+): (.*)$")


@record(frozen=True)
class Recorded:
    """What the trailers of a publication's commit say."""

    commit: str
    environment: str
    path: str
    digest: str
    revision: str | None = None
    dirty: bool = False


def path_line(path: str) -> str:
    """The trailer that names the path; the root of the branch is a dot."""
    return f"{PATH}: {path or '.'}"


def compose(text: str, body: Sequence[str], recorded: Recorded, trailers: Sequence[str]) -> str:
    """The whole message: `text`, a line for each change, and the trailers of `recorded` and the user's."""
    shown = list(body[:_MOST_LINES])
    if len(body) > _MOST_LINES:
        shown.append(f"and {len(body) - _MOST_LINES} more")
    own = [f"{REVISION}: {recorded.revision}"] if recorded.revision else []
    own += [f"{DIRTY}: true"] if recorded.dirty else []
    own += [
        f"{VERSION}: {__version__}",
        f"{ENVIRONMENT}: {recorded.environment}",
        path_line(recorded.path),
        f"{DIGEST}: {recorded.digest}",
    ]
    # A line that looks like a trailer must not pass for one: git reads the last paragraph only.
    parts = [text.strip(), *(["\n".join(shown)] if shown else []), "\n".join([*trailers, *own])]
    return "\n\n".join(parts) + "\n"


def recorded(commit: str, message: str) -> Recorded | None:
    """What the message of `commit` records, or None where weft did not write it."""
    found = _trailers(message)
    if not {ENVIRONMENT, PATH, DIGEST} <= found.keys():
        return None
    path = found[PATH]
    return Recorded(
        commit=commit,
        environment=found[ENVIRONMENT],
        path="" if path == "." else path,
        digest=found[DIGEST],
        revision=found.get(REVISION),
        dirty=found.get(DIRTY) == "true",
    )


def _trailers(message: str) -> Mapping[str, str]:
    last = message.strip().rpartition("\n\n")[2]
    rows = (_TRAILER.match(line) for line in last.splitlines())
    return {row[1]: row[2].strip() for row in rows if row}
