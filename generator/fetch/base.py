"""What a method of fetching has to offer, and what it gets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from generator.errors import DefinitionError, WeftError
from generator.fetch.shared import Shared
from generator.model.document import Position
from generator.model.record import record
from generator.model.source import Locked, Remote

# Without a byte for so long, a server is taken for dead.
TIMEOUT_SECONDS = 60.0
# What is written like a variable, and not like a token; anything else may be one, and is not shown.
_VARIABLE = re.compile(r"(?![A-Z0-9]{16})[A-Z_][A-Z0-9_]*")


@record(frozen=True)
class Access:
    """access.yaml: which environment variable holds the token for which URL; and how long to wait.

    A token counts for its URL and for all below it. It is `TOKEN`, or `USER:PASSWORD`. `tell` takes what the
    user has to know of a source that was fetched.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Position] = field(default_factory=dict)
    timeout: float = TIMEOUT_SECONDS
    tell: Callable[[str], None] = lambda text: None
    shared: Shared = field(default_factory=Shared, compare=False, repr=False)

    def token(self, url: str) -> str | None:
        """The token for `url`, of the longest URL that fits; None where there is none.

        Raises DefinitionError where the variable is not set.
        """
        known = self._known(url)
        if known is None:
            return None
        name = self.variables[known]
        value = os.environ.get(name, "")
        if not value:
            raise self._unset(known, name)
        return value

    def not_accepted(self, url: str) -> str | None:
        """What to say of a server that wants another token for `url`; None where it was given none."""
        known = self._known(url) or self._known(url.replace("oci://", "https://", 1))
        if known is None:
            return None
        return f"the token of `{self.variables[known]}` was not accepted: is it valid, and for {known}?"

    def _known(self, url: str) -> str | None:
        """The key of access.yaml that counts for `url`."""
        return max((known for known in self.variables if _covers(known, url)), key=len, default=None)

    def _unset(self, known: str, name: str) -> DefinitionError:
        place = self.places.get(known)
        if _VARIABLE.fullmatch(name):
            return DefinitionError.at(
                place,
                f"the environment variable `{name}`, which holds the token for {known}, is not set",
                "set it, for example from the secrets of the CI system",
            )
        return DefinitionError.at(
            place,
            f"the environment variable that is named for {known} is not set",
            "set it; if the token itself stands there, it is in the repository now: revoke it, and write"
            " the name of a variable",
        )


class Fetcher(Protocol):
    """A module in this package: one method."""

    def fetch(self, remote: Remote, want: Locked | None, into: Path, access: Access) -> str:
        """Puts the content into the empty folder `into`, and returns what `remote` was resolved to.

        Where `want` is given it is exactly what that says. Raises DefinitionError for what has to be
        refused, SurroundingsError where the network or a server fails; both at `remote.place`.
        """
        ...


def refused(remote: Remote, message: str, hint: str | None = None) -> DefinitionError:
    """The error of a source whose content or address is not accepted."""
    return DefinitionError.at(remote.place, f"{remote.shown}: {message}", hint)


def about(error: WeftError, remote: Remote) -> WeftError:
    """`error`, saying at which reference and for which source it came up, where it does not say so yet."""
    if error.file is None:
        error.file, error.line, error.column = remote.place.file, remote.place.line, remote.place.column
        error.message = f"{remote.shown}: {error.message}"
    return error


def _covers(known: str, url: str) -> bool:
    one, other = _plain(known), _plain(url)
    return other == one or other.startswith(f"{one}/")


def _plain(url: str) -> str:
    parts = urlsplit(url)
    if not parts.netloc:
        return url.rstrip("/")
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/').removesuffix('.git')}"
