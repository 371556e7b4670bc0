"""weft.lock: what the remote sources of a definition were resolved to, and the digests of their content."""

from __future__ import annotations

from generator.model.formats.base import Method, key
from generator.model.record import record


@record(frozen=True, kw_only=True)
class LockEntry:
    """A source that was fetched"""

    method: Method | None = key("How it is fetched.", minLength=1)
    url: str | None = key("Where from, as the component file says.", minLength=1)
    path: str | None = key("The chart in a Helm repository or registry.")
    version: str | None = key("The commit, tag, chart version or range that is wanted, as written.")
    branch: str | None = key("The branch that is wanted, as written.")
    resolved: str | None = key("What that was: a commit, a chart's version; for `oci` with its digest.")
    sha256: str | None = key("SHA-256 of the content.", pattern="^[0-9a-f]{64}$")


@record(frozen=True, kw_only=True)
class LockFile:
    """weft.lock"""

    version: int | None = key("Version of this format: 1.")
    vendor: str | None = key("The folder with vendored copies, written by `weft vendor`.")
    sources: tuple[LockEntry, ...] | None = key(
        "One entry a source, sorted.",
        items={"$ref": "#/$defs/LockEntry", "required": ["method", "url", "sha256"]},
    )
