"""git over HTTP on loopback, with a password: Python's server in front of git-http-backend."""

from __future__ import annotations

import base64
import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fixtures.git_http import backend, body_of

USER = "bot"
PASSWORD = "p%40ss/w0rd s3cret"


class Server(http.server.ThreadingHTTPServer):
    """Serves the repositories below a folder; drops the connection of the next `drop_pushes` pushes."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.drop_pushes = 0
        self.on_push: Callable[[], None] = lambda: None
        self.requests: list[str] = []
        self._working = 0
        self._idle = threading.Condition()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of clients that were killed."""

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Marks a request that is being answered."""
        with self._idle:
            self._working += 1
        try:
            yield
        finally:
            with self._idle:
                self._working -= 1
                self._idle.notify_all()

    def wait_until_idle(self) -> None:
        """Returns when every request has been answered, also those whose client is gone."""
        with self._idle:
            self._idle.wait_for(lambda: not self._working)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: object) -> None:
        """Says nothing: the tests look at what weft says."""

    def do_GET(self) -> None:
        with self.server.work():
            self._answer(b"")

    def do_POST(self) -> None:
        with self.server.work():
            self._answer(body_of(self))

    def _answer(self, body: bytes) -> None:
        self.server.requests.append(self.path)
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.endswith("/git-receive-pack"):
            self.server.on_push()
            if self.server.drop_pushes:
                self.server.drop_pushes -= 1
                self.connection.close()
                return
        status, headers, content = backend(
            self.server.folder, self.command, self.path, self.headers, body, USER
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def certificate(folder: Path) -> Path:
    """A key and a certificate for the loopback address that nobody has signed, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextlib.contextmanager
def serving(folder: Path, tls: Path | None = None) -> Iterator[Server]:
    """A server over the repositories below `folder`; over HTTPS with the key and certificate in `tls`."""
    server = Server(folder)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
