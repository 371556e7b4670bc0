"""What a reference says of a remote source, checked: methods, addresses, and what must not be in them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from generator.errors import DefinitionError
from generator.model.definition import Config
from generator.model.document import Position
from generator.model.secrets import names_secret, without_credentials
from generator.model.source import Remote

_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"^(?:[^/@:\s]+@)(?:\[[^\]\s]+\]|[^/@:\s]+):\S")
_HELPER = re.compile(r"^[A-Za-z0-9+.-]+::")
_SCHEMES = {
    "git": ("https", "http", "ssh", "git", "file"),
    "http": ("https", "http"),
    "helm": ("https", "http", "oci"),
    "oci": ("oci",),
}
_FILES = (".yaml", ".yml", ".json", ".tar.gz", ".tgz")


def remote(keys: Any, config: Config, kind: str, *, name: str, folder: str, foreign: bool) -> Remote | None:
    """The remote source that `keys` in `folder` ask for; None where they speak of a folder.

    `name` is the component's; `foreign` says that a fetched component asks for it. Raises DefinitionError for
    what weft does not fetch.
    """
    url = keys.source
    at = config.where("source" if url is not None else "method")
    if url is not None and not _URL.match(url) and without_credentials(url) != url:
        raise _credentials(url, at)
    if not is_remote(keys.method, url):
        return None
    if url is None:
        raise DefinitionError.at(at, f"`method: {keys.method}` needs a `source`, the URL to fetch from")
    if keys.method == "local":
        raise DefinitionError.at(
            at, f"`{without_credentials(url)}` is not local", "leave `method` out, or say which"
        )
    _check_text(url, at)
    method = keys.method or _guessed(url, kind, at)
    _check_address(method, url, at, foreign=foreign)
    helm = kind == "helm" and method in ("git", "http")
    found = Remote(
        method, url, at, keys.path, keys.version, keys.branch, foreign, name, folder, keys.hooks, helm
    )
    _check_keys(found, config, kind)
    return found


def chart(repository: str, name: str, version: str, at: Position, *, foreign: bool) -> Remote:
    """The chart `name` of a Helm repository or registry, which another chart depends on.

    Raises DefinitionError for what weft does not fetch.
    """
    _check_text(repository, at)
    method = "oci" if repository.startswith("oci://") else "helm"
    _check_address(method, repository, at, foreign=True)
    if method == "oci":
        return Remote(
            "oci", f"{repository.rstrip('/')}/{name}", at, version=version, foreign=foreign, name=name
        )
    return Remote("helm", repository, at, path=name, version=version, foreign=foreign, name=name)


def is_remote(method: str | None, url: str | None) -> bool:
    """Whether a reference speaks of something to fetch, and of no folder."""
    if method not in (None, "local"):
        return True
    return url is not None and bool(_URL.match(url) or _SCP.match(url) or _HELPER.match(url))


def _guessed(url: str, kind: str, at: Any) -> str:
    scheme = urlsplit(url).scheme.lower() if _URL.match(url) else "ssh"
    path = urlsplit(url).path
    if scheme == "oci":
        return "oci"
    if scheme in ("ssh", "git", "file") or path.endswith(".git"):
        return "git"
    if path.endswith(_FILES):
        return "http"
    if scheme in ("http", "https"):
        raise DefinitionError.at(
            at,
            f"`{without_credentials(url)}` does not say how it is fetched",
            "add `method`: git, http" + (", or helm" if kind == "helm" else ""),
        )
    return "git"


def _check_text(url: str, at: Any) -> None:
    shown = without_credentials(url)
    if url.startswith("-") or not url.isprintable() or re.search(r"[\0-\x20\x7f]", unquote(url)):
        raise DefinitionError.at(at, f"`{''.join(c if c.isprintable() else '?' for c in shown)}` is no URL")
    if _HELPER.match(url):
        raise DefinitionError.at(at, f"`{shown}` would make git run a program, and weft does not")
    try:
        parts = urlsplit(url)
        _ = parts.port if _URL.match(url) else None
    except ValueError:
        raise DefinitionError.at(at, f"`{shown}` is no URL") from None
    web = parts.scheme.lower() in ("http", "https", "oci")
    secret = any(names_secret(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    if (web and "@" in parts.netloc) or (_URL.match(url) and parts.password) or secret:
        raise _credentials(url, at)


def _credentials(url: str, at: Any) -> DefinitionError:
    return DefinitionError.at(
        at,
        f"`{without_credentials(url)}` holds credentials, which would be in everybody's clone",
        "take them out; name the environment variable that holds the token in access.yaml,"
        " or let git's credential helper have it",
    )


def _check_address(method: str, url: str, at: Any, *, foreign: bool) -> None:
    shown = without_credentials(url)
    scheme = urlsplit(url).scheme.lower() if _URL.match(url) else ""
    if method == "git" and not scheme and _SCP.match(url):
        return
    if scheme not in _SCHEMES[method]:
        wanted = ", ".join(f"{name}://" for name in _SCHEMES[method])
        raise DefinitionError.at(
            at,
            f"`{shown}` is nothing that `method: {method}` fetches",
            f"it takes {wanted}{' and user@host:path' if method == 'git' else ''}",
        )
    if scheme == "file" and foreign:
        raise DefinitionError.at(
            at, f"`{shown}` is on this machine, and a fetched component may not ask for that"
        )
    if scheme != "file" and not urlsplit(url).hostname:
        raise DefinitionError.at(at, f"`{shown}` names no host")


def _check_keys(found: Remote, config: Config, kind: str) -> None:
    if found.branch is not None and found.method != "git":
        raise DefinitionError.at(
            config.where("branch"), f"`branch` says nothing with `method: {found.method}`"
        )
    if found.version is not None and found.method == "http":
        raise DefinitionError.at(
            config.where("version"), "`version` says nothing with `method: http`", "the URL names the version"
        )
    if found.method in ("helm", "oci") and kind != "helm":
        raise DefinitionError.at(
            config.where("method"), f"`method: {found.method}` brings a Helm chart", "set `type: helm`"
        )
    path = found.path or ""
    if path.startswith(("/", "\\")) or "\0" in path or ".." in path.split("/"):
        raise DefinitionError.at(config.where("path"), f"`{path}` leads out of what is fetched")
