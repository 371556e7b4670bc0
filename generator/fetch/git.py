"""Method `git`: the files of a commit; branch, tag or commit, with git's own credentials or a token."""

from __future__ import annotations

from pathlib import Path

from generator.errors import WeftError
from generator.fetch.base import Access, about
from generator.model.source import Locked, Remote


def fetch(remote: Remote, want: Locked | None, into: Path, access: Access) -> str:
    """The commit whose files are in `into` then. Raises as the Protocol says."""
    from generator import gitcmd

    try:
        address = gitcmd.address(remote.url, ".")
        token = access.token(remote.url) if remote.url.startswith(("http://", "https://")) else None
        if token is not None:
            address = gitcmd.with_token(address, token)
        done = gitcmd.checkout(
            address,
            gitcmd.Wanted(remote.version, remote.branch, want.resolved if want else None),
            into,
            timeout=access.timeout,
            files=not remote.foreign,
        )
    except WeftError as error:
        if error.hint and error.hint.startswith("give git the credentials"):
            also = f"{error.hint}; or name the variable that holds a token in access.yaml"
            error.hint = access.not_accepted(remote.url) or also
        elif "returned error: 403" in error.message:
            error.hint = access.not_accepted(remote.url) or error.hint
        raise about(error, remote) from None
    for text in done.notes:
        access.tell(f"{remote.shown}: {text}")
    return done.commit
