"""Downloads over HTTP: time-outs, sizes, redirects, and credentials that go nowhere else."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from generator import __version__
from generator.errors import DefinitionError, SurroundingsError, WeftError
from generator.fetch.base import TIMEOUT_SECONDS, Access
from generator.model.record import record
from generator.model.secrets import without_credentials

# More than any chart or archive of manifests has.
MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 256 * 1024
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


class HttpError(SurroundingsError):
    """A server's answer that is none; `status` and `headers` (lower case) are the answer's."""

    status: int = 0
    headers: Mapping[str, str]


@record(frozen=True)
class Request:
    """What to ask for. `token` is `TOKEN` or `USER:PASSWORD`; `authorization` beats it, as the header has it.

    A redirect to another host is refused, but where `elsewhere` says that the content is checked anyway: then
    it is followed without credentials.
    """

    url: str
    token: str | None = None
    authorization: str | None = None
    headers: Mapping[str, str] | None = None
    timeout: float = TIMEOUT_SECONDS
    most: int = MOST_BYTES
    elsewhere: bool = False


@record(frozen=True)
class Answer:
    """What came: the URL that it came from in the end, and its headers, in lower case."""

    url: str
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def told(error: WeftError, url: str, access: Access) -> WeftError:
    """`error`, saying whose token a server did not accept, where it did not and was given one."""
    if isinstance(error, HttpError) and error.status in (401, 403):
        error.hint = access.not_accepted(url) or error.hint
    return error


def read(request: Request) -> Answer:
    """What is at a URL, in memory. Raises as `download`."""
    with _opened(request) as (response, url):
        content = b"".join(_chunks(response, request))
        return Answer(url, _headers(response.headers), content)


def download(request: Request, file: Path) -> Answer:
    """Writes what is at a URL to `file`.

    Raises HttpError for a status that is no success, SurroundingsError where the connection fails, stalls or
    ends early, DefinitionError for what is too large and for a redirect to another host.
    """
    with _opened(request) as (response, url), open(file, "wb") as target:
        for chunk in _chunks(response, request):
            target.write(chunk)
        return Answer(url, _headers(response.headers))


class _opened:
    """The answer to a request, and the URL it came from; errors while it is read are told as ours."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._response: Any = None

    def __enter__(self) -> tuple[Any, str]:
        try:
            self._response, url = _follow(self._request)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _failure(self._request, error) from None
        return self._response, url

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._response.close()
        if isinstance(error, (ssl.SSLError, socket.timeout, ConnectionError, http.client.HTTPException)):
            raise _failure(self._request, error) from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing by itself."""

    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None


def _follow(request: Request) -> tuple[Any, str]:
    url = request.url
    header = request.authorization or authorization(request.token)
    opener = urllib.request.build_opener(_Stay())
    for _ in range(_MOST_REDIRECTS + 1):
        if urlsplit(url).scheme.lower() not in ("http", "https"):
            raise DefinitionError(f"`{without_credentials(url)}` is no http:// or https:// URL")
        asked = urllib.request.Request(url, headers=dict(request.headers or {}))
        asked.add_header("User-Agent", f"weft/{__version__}")
        asked.add_header("Accept-Encoding", "identity")
        if header:
            asked.add_unredirected_header("Authorization", header)
        try:
            return opener.open(asked, timeout=request.timeout), url
        except urllib.error.HTTPError as error:
            with error:
                target = error.headers.get("Location")
                if error.code not in _REDIRECTS or not target:
                    raise _status(url, error) from None
                url, header = _redirected(url, target, request, header)
    raise DefinitionError(f"{without_credentials(request.url)} redirects more than {_MOST_REDIRECTS} times")


def _redirected(url: str, target: str, request: Request, header: str | None) -> tuple[str, str | None]:
    new = urljoin(url, target)
    here, there = urlsplit(url), urlsplit(new)
    shown = without_credentials(new)
    if here.scheme == "https" and there.scheme != "https":
        raise DefinitionError(f"{without_credentials(url)} redirects to {shown}, which is not encrypted")
    if _origin(here) == _origin(there):
        return new, header
    same_host = here.hostname == there.hostname and (here.scheme, there.scheme) == ("http", "https")
    if not same_host and not request.elsewhere:
        raise DefinitionError(
            f"{without_credentials(url)} redirects to another host: {shown}",
            hint="if that is where it belongs, write that URL",
        )
    return new, header if same_host else None


def _origin(parts: Any) -> tuple[str, str, int]:
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or ""), parts.port or default


def authorization(token: str | None) -> str | None:
    """The Authorization header for `TOKEN` or `USER:PASSWORD`."""
    if token is None:
        return None
    if ":" in token:
        return f"Basic {base64.b64encode(token.encode()).decode()}"
    return f"Bearer {token}"


def _status(url: str, error: urllib.error.HTTPError) -> HttpError:
    hint = None
    if error.code in (401, 403):
        hint = "name the environment variable that holds a token for it in access.yaml"
    elif error.code == 404:
        hint = "look at the URL; some servers say so, too, where a token is needed"
    raised = HttpError(
        f"{without_credentials(url)}: the server answered {error.code} {error.reason}", hint=hint
    )
    raised.status = error.code
    raised.headers = _headers(error.headers)
    return raised


def _failure(request: Request, error: BaseException) -> SurroundingsError:
    shown = without_credentials(request.url)
    reason: object = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, (socket.timeout, TimeoutError)):
        return SurroundingsError(
            f"{shown}: the server said nothing for {request.timeout:g} seconds",
            hint="try again, or wait longer: --timeout",
        )
    if isinstance(reason, http.client.IncompleteRead):
        return SurroundingsError(f"{shown}: the connection ended before all was here", hint="try again")
    text = (reason.strerror if isinstance(reason, OSError) else None) or str(reason) or type(reason).__name__
    return SurroundingsError(f"{shown}: {without_credentials(text)}")


def _chunks(response: IO[bytes], request: Request) -> Iterator[bytes]:
    shown = without_credentials(request.url)
    declared = getattr(response, "headers", {}).get("Content-Length")
    expected = int(declared) if declared and declared.isdigit() else None
    if expected is not None and expected > request.most:
        raise _too_large(shown, request.most)
    got = 0
    while chunk := response.read(_CHUNK):
        got += len(chunk)
        if got > request.most:
            raise _too_large(shown, request.most)
        yield chunk
    if expected is not None and got != expected:
        raise SurroundingsError(
            f"{shown}: the connection ended after {got} of {expected} bytes", hint="try again"
        )


def _too_large(shown: str, most: int) -> DefinitionError:
    return DefinitionError(f"{shown} is larger than {most // (1024 * 1024)} MiB, the most that weft fetches")


def _headers(found: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in found.items()}
