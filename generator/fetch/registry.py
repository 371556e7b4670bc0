"""Speaks to one repository of an OCI registry: addresses, tokens, pages of tags."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from generator.errors import DefinitionError, SurroundingsError
from generator.fetch import transfer
from generator.fetch.base import Access
from generator.fetch.transfer import Answer, HttpError, Request
from generator.model.secrets import without_credentials
from generator.model.source import Remote

_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
_MOST_PAGES = 200
_MOST_JSON = 16 * 1024 * 1024


class Registry:
    """The repository `name` of the registry on `host`; over HTTP where that is this machine."""

    def __init__(self, remote: Remote, access: Access) -> None:
        """Raises DefinitionError for what is no address of a repository."""
        whole = (
            f"{remote.url.rstrip('/')}/{remote.path.strip('/')}" if remote.path else remote.url.rstrip("/")
        )
        parts = urlsplit(whole)
        self.name = parts.path.strip("/")
        if parts.scheme != "oci" or not parts.hostname or not _NAME.fullmatch(self.name):
            raise DefinitionError(
                f"`{without_credentials(whole)}` is no address of a chart in a registry",
                hint="write it like `oci://registry.example.com/charts/name`, and the tag as `version`",
            )
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise DefinitionError(
                "the address has a user, a query or a fragment",
                hint="write `oci://registry.example.com/charts/name`; access.yaml names the token's variable",
            )
        # Docker's own registry answers to another name than the one that is written.
        self.host = "registry-1.docker.io" if parts.netloc == "docker.io" else parts.netloc
        self._local = _is_local(parts.hostname)
        self._base = f"{'http' if self._local else 'https'}://{self.host}/v2/{self.name}/"
        self._access = access
        self._token = access.token(whole) or access.token(f"https://{parts.netloc}/{self.name}")

    def read(self, path: str, most: int = _MOST_JSON, accept: str = "application/json") -> Answer:
        """What is at a path below the repository. Raises HttpError for a status that is no success."""
        request = Request(
            urljoin(self._base, path), headers={"Accept": accept}, most=most, timeout=self._access.timeout
        )
        return self._authorized(request, None)

    def download(self, path: str, file: Path) -> None:
        """Writes what is at a path to `file`; a redirect is followed, since the caller checks the content."""
        url = urljoin(self._base, path)
        self._authorized(Request(url, timeout=self._access.timeout, elsewhere=True), file)

    def tags(self) -> Sequence[str]:
        """All tags. Raises WeftError, also where there is no such repository."""
        return self._access.shared.get(("tags", self._base), self._tags)

    def _tags(self) -> Sequence[str]:
        tags: list[str] = []
        path: str | None = "tags/list"
        for _ in range(_MOST_PAGES):
            try:
                answer = self.read(path or "")
            except HttpError as error:
                if error.status != 404:
                    raise
                raise DefinitionError(f"{self.host} has no `{self.name}`", hint=error.hint) from None
            try:
                found = json.loads(answer.content)["tags"] or []
            except (ValueError, KeyError, TypeError, RecursionError):
                raise DefinitionError(f"{self.host} does not list tags as OCI registries do") from None
            tags.extend(tag for tag in found if isinstance(tag, str))
            following = _NEXT.search(answer.headers.get("link", ""))
            path = urljoin(answer.url, following[1]) if following else None
            if path is None:
                return tags
            if urlsplit(path)[:2] != urlsplit(self._base)[:2]:
                raise DefinitionError(f"{self.host} continues its list of tags on another host")
        raise DefinitionError(f"{self.host} lists more tags than weft reads")

    def _authorized(self, request: Request, file: Path | None) -> Answer:
        """Asks with what is known of the registry's wishes, and after it said more once again."""
        shared, key = self._access.shared, ("authorization", self._base)
        known = shared.find(key)
        try:
            return _ask(replace(request, authorization=known), file)
        except HttpError as error:
            challenge = error.headers.get("www-authenticate", "") if error.status == 401 else ""
            if known is not None or not challenge:
                raise
        return _ask(replace(request, authorization=shared.get(key, lambda: self._met(challenge))), file)

    def _met(self, challenge: str) -> str:
        """The Authorization header that a `WWW-Authenticate` header asks for."""
        scheme, _, rest = challenge.partition(" ")
        parameters = dict(_PARAMETER.findall(rest))
        if scheme.lower() == "basic" or (self._token and ":" not in self._token):
            if self._token is None:
                raise self._needs_token()
            return transfer.authorization(self._token) or ""
        if scheme.lower() != "bearer" or "realm" not in parameters:
            raise SurroundingsError(
                f"{self.host} asks for `{scheme[:40]}` authentication, which weft has not"
            )
        realm = urlsplit(parameters["realm"])
        if realm.scheme != "https" and not (self._local and _is_local(realm.hostname or "")):
            raise DefinitionError(
                f"{self.host} sends clients to {realm.hostname} for a token, without encryption"
            )
        scope = parameters.get("scope") or f"repository:{self.name}:pull"
        asked = {"scope": scope} | ({"service": parameters["service"]} if "service" in parameters else {})
        url = f"{parameters['realm']}{'&' if realm.query else '?'}{urlencode(asked)}"
        try:
            answer = transfer.read(
                Request(url, token=self._token, timeout=self._access.timeout, most=_MOST_JSON)
            )
        except HttpError as error:
            if error.status in (401, 403) and self._token is None:
                raise self._needs_token() from None
            raise
        return f"Bearer {self._issued(answer)}"

    def _issued(self, answer: Answer) -> str:
        try:
            found = json.loads(answer.content)
            token = found.get("token") or found.get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token.isprintable():
            raise SurroundingsError(f"{self.host} issues no token that could be read")
        return token

    def _needs_token(self) -> SurroundingsError:
        return SurroundingsError(
            f"{self.host} wants to know who asks for `{self.name}`",
            hint=f"name the environment variable with `USER:PASSWORD` for oci://{self.host} in access.yaml",
        )


def _ask(request: Request, file: Path | None) -> Answer:
    return transfer.read(request) if file is None else transfer.download(request, file)


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
