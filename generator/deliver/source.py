"""Where published manifests are, as a cluster reaches them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from generator.model.record import record

_SCP = re.compile(r"(?P<host>(?:[^/@\s]+@)?(?:\[[^]/]+\]|[^/:\s\[\]]+)):(?P<path>[^:].*)")
_SCHEMES = {"git+ssh": "ssh", "ssh+git": "ssh", "http": "http", "https": "https", "ssh": "ssh"}


@record(frozen=True)
class Source:
    """A folder in a branch of a repository; `path` is empty for the root."""

    url: str
    branch: str
    path: str = ""


def pull_url(repository: str) -> str | None:
    """The address of a remote repository in a form that Flux takes, or None where there is none.

    `git@host:team/repo.git` becomes `ssh://git@host/team/repo.git`. Passwords, tokens and queries are
    left out; the user of an ssh address is part of it and stays.
    """
    if "://" not in repository:
        found = _SCP.fullmatch(repository)
        return f"ssh://{found['host']}/{found['path'].lstrip('/')}" if found else None
    try:
        parts = urlsplit(repository)
    except ValueError:
        return None
    scheme = _SCHEMES.get(parts.scheme.lower())
    user, _, host = parts.netloc.rpartition("@")
    if scheme is None or not host:
        return None
    name = user.partition(":")[0] if scheme == "ssh" else ""
    return f"{scheme}://{f'{name}@' if name else ''}{host.lower()}{parts.path}"
