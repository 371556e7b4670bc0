"""Addresses of repositories: where they are, how they are shown, and how git gets their credentials."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import replace
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from generator.errors import DefinitionError
from generator.gitcmd.process import Git, Settings
from generator.model.record import record

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")
_HELPER = re.compile(r"^[a-zA-Z0-9]+::")
_SCP = re.compile(r"^(?:(?P<user>[^/:@]+)@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?P<path>.*)$")
_PORTS = {"http": 80, "https": 443, "ssh": 22, "git": 9418}
# git asks the helper, so the password is on no command line and in no message of git's.
_ANSWER = (
    '!f() { test "$1" = get && '
    'printf "username=%s\\npassword=%s\\n" "$WEFT_GIT_USERNAME" "$WEFT_GIT_PASSWORD"; }; f'
)


@record(frozen=True)
class Address:
    """A repository. `url` and `shown` hold no credential; `key` is the same for the same repository.

    `local` is the git folder of one on this machine, or its path, where it is no repository;
    `settings` and `variables` are what git needs to reach it, `secrets` what must never be shown.
    """

    url: str
    shown: str
    key: str
    local: str | None = None
    settings: Settings = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()


@functools.cache
def address(text: str, folder: str) -> Address:
    """The address that `text` stands for: a URL, `user@host:path`, or a path relative to `folder`.

    Raises DefinitionError for what is none, and for what would make git run a program.
    """
    if (
        not text.strip()
        or text.startswith("-")
        or _HELPER.match(text)
        or re.search(r"[\0-\x1f]", unquote(text))
    ):
        raise DefinitionError(
            f"`{without_credentials(text)}` is no repository that weft publishes to",
            hint="write a path, an https:// or ssh:// URL, or git@host:path",
        )
    if _SCHEME.match(text):
        return _remote(text)
    if _SCP.match(text) and not os.path.exists(os.path.join(folder, text)):
        return Address(url=text, shown=text, key=normalised(text) or text)
    path = os.path.realpath(os.path.join(folder, os.path.expanduser(text)))
    found = _git_folder(path, upwards=os.path.normpath(text) == ".")
    return Address(url=found, shown=text, key=found, local=found)


def with_token(known: Address, token: str) -> Address:
    """`known` with a token, or `USER:PASSWORD`, that git is given when the server asks for credentials."""
    parts = urlsplit(known.url)
    user, colon, password = token.partition(":")
    if not colon:
        # Servers look at the password alone; GitHub's apps want this name with it.
        user, password = "x-access-token", token
    scope = f"credential.{parts.scheme}://{parts.netloc}"
    return replace(
        known,
        settings=((f"{scope}.helper", ""), (f"{scope}.helper", _ANSWER)),
        variables=(("WEFT_GIT_USERNAME", user), ("WEFT_GIT_PASSWORD", password)),
        secrets=(*known.secrets, token, password, quote(password, safe="")),
    )


def without_credentials(url: str) -> str:
    """`url` as it may be shown: user, password and query gone."""
    if not _SCHEME.match(url):
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def normalised(url: str) -> str | None:
    """The one spelling of a remote's URL: no credential, no port that goes without saying, no `.git`.

    None for a repository on this machine.
    """
    if not _SCHEME.match(url):
        found = _SCP.match(url)
        if not found or os.path.exists(url):
            return None
        user = f"{found['user']}@" if found["user"] else ""
        url = f"ssh://{user}{found['host']}/{found['path'].lstrip('/')}"
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme == "file":
        return None
    user = parts.netloc.rpartition("@")[0].partition(":")[0] if scheme == "ssh" else ""
    path = parts.path.rstrip("/").removesuffix(".git").rstrip("/")
    return f"{scheme}://{user + '@' if user else ''}{_host(parts)}{path}"


def _remote(text: str) -> Address:
    parts = urlsplit(text)
    shown = without_credentials(text)
    if parts.scheme.lower() == "file":
        return Address(url=text, shown=shown, key=_git_folder(os.path.realpath(unquote(parts.path))))
    key = normalised(text) or text
    info, _, host = parts.netloc.rpartition("@")
    user, colon, password = (unquote(part) for part in info.partition(":"))
    if parts.scheme.lower() not in ("http", "https"):
        # ssh reads no password from a URL; the user is part of the address.
        netloc = f"{info.partition(':')[0]}@{host}" if info else host
        secrets = tuple({password, info.partition(":")[2]} - {""})
        return Address(url=urlunsplit(parts._replace(netloc=netloc)), shown=shown, key=key, secrets=secrets)
    url = urlunsplit(parts._replace(netloc=host))
    secrets = tuple({password, info.partition(":")[2], *_query(parts)} - {""})
    scope = f"credential.{parts.scheme}://{host}"
    if colon:
        # The empty helper takes the user's away: git would hand them this password to keep.
        settings: Settings = ((f"{scope}.helper", ""), (f"{scope}.helper", _ANSWER))
        variables = (("WEFT_GIT_USERNAME", user), ("WEFT_GIT_PASSWORD", password))
        return Address(url, shown, key, settings=settings, variables=variables, secrets=(*secrets, info))
    if user:
        # It may be a token; git asks the user's own helper for the password that belongs to it.
        settings = ((f"{scope}.username", user),)
        return Address(url, shown, key, settings=settings, secrets=(*secrets, user))
    return Address(url, shown, key, secrets=secrets)


def _query(parts: SplitResult) -> tuple[str, ...]:
    return (parts.query,) if parts.query else ()


def _host(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2].lower()
    port = _PORTS.get(parts.scheme.lower())
    return host.removesuffix(f":{port}") if port else host


def _git_folder(path: str, *, upwards: bool = False) -> str:
    """The folder with the branches of the repository at `path`, or `path` where there is none.

    A path that is only somewhere inside a repository does not mean that repository, but for `.`.
    """
    if not os.path.isdir(path):
        return path
    ceiling = {} if upwards else {"GIT_CEILING_DIRECTORIES": os.path.dirname(path)}
    done = Git(folder=path).run(
        "rev-parse", "--path-format=absolute", "--git-common-dir", check=False, variables=ceiling
    )
    return (
        os.path.realpath(done.out.decode(errors="surrogateescape").rstrip("\n")) if done.code == 0 else path
    )
