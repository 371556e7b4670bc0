"""An HTTP server on loopback that serves files, may ask for a password, and breaks where a test says so."""

from __future__ import annotations

import base64
import contextlib
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.fixtures.git_http import body_of

USER = "bot"
PASSWORD = "p%40ss/w0rd s3cret"


@dataclass(frozen=True)
class Request:
    """What a client asked for, with the bytes that it sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What the server says; with `cut` the connection ends after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


class Loopback(http.server.ThreadingHTTPServer):
    """Answers what `answer` says, or what `answers` has for a path; `requests` is what was asked."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer: Callable[[Request], Answer], tls: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.answers: dict[str, Answer | Callable[[Request], Answer]] = {}
        self.requests: list[Request] = []
        self.scheme = "http"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """What addresses on this server begin with, without a slash at the end."""
        return f"{self.scheme}://{self.host}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of clients that are gone."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Loopback
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Says nothing: the tests look at what weft says."""

    def _answer(self) -> None:
        request = Request(self.command, self.path, dict(self.headers.items()), body_of(self))
        self.server.requests.append(request)
        found = self.server.answers.get(request.path.partition("?")[0], self.server.answer)
        answer = found(request) if callable(found) else found
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        if answer.cut is not None:
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut])

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer


def basic(user: str = USER, password: str = PASSWORD) -> str:
    """The Authorization header of a user."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def files(folder: Path, *, private: bool = False) -> Callable[[Request], Answer]:
    """Answers with the files below `folder`; where it is `private`, to USER with PASSWORD alone."""

    def answer(request: Request) -> Answer:
        if private and request.headers.get("Authorization") != basic():
            return Answer(401, b"who are you?", {"WWW-Authenticate": 'Basic realm="files"'})
        path = (folder / request.path.partition("?")[0].lstrip("/")).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            return Answer(404, b"<html>404: no such page</html>", {"Content-Type": "text/html"})
        return Answer(200, path.read_bytes())

    return answer


@contextlib.contextmanager
def serving(answer: Callable[[Request], Answer], tls: Path | None = None) -> Iterator[Loopback]:
    """A server; over HTTPS with the key and certificate in the file `tls`."""
    server = Loopback(answer, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
